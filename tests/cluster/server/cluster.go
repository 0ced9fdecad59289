package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
	genericapiserver "k8s.io/apiserver/pkg/server"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"narrows.test/cluster/kubelet"
)

const readyDeadline = 60 * time.Second

// serve runs the cluster in a folder until a signal comes or standard input ends. It prints `ready ADDRESS` once every
// part serves. The folder holds `tokens.csv` beforehand (the API server's token file), and `ca.pem`, `kubeconfig`,
// `admin.pem`, `admin.key` and `audit.log` afterwards.
func serve(directory string) error {
	ctx, stop := context.WithCancel(genericapiserver.SetupSignalContext())
	defer stop()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()

	authority, err := newAuthority(directory)
	if err != nil {
		return err
	}
	storage, err := startEtcd(filepath.Join(directory, "etcd"))
	if err != nil {
		return err
	}
	defer storage.Close()

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server, err := newAPIServer(ctx, listener, authority, storage.Clients[0].Addr().String())
	if err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Run(ctx) }()

	admin, err := authority.writeKubeconfig(listener.Addr().String())
	if err != nil {
		return err
	}
	if err := startNode(ctx, admin, authority); err != nil {
		return err
	}
	fmt.Println("ready", listener.Addr())
	return <-ended
}

// startNode waits until the API server is ready, then starts what works on its objects.
func startNode(ctx context.Context, kubeconfig string, authority *authority) error {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	config.QPS = -1
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	err = wait.PollUntilContextTimeout(ctx, 50*time.Millisecond, readyDeadline, true, func(ctx context.Context) (bool, error) {
		return client.Discovery().RESTClient().Get().AbsPath("/readyz").Do(ctx).Error() == nil, nil
	})
	if err != nil {
		return fmt.Errorf("the API server is not ready: %w", err)
	}
	if err := startControllers(ctx, client, rest.CopyConfig(config)); err != nil {
		return err
	}
	certificate, err := authority.issueServer("kubelet")
	if err != nil {
		return err
	}
	return kubelet.Start(ctx, client, kubelet.Identity{
		Certificate: certificate,
		Clients:     authority.pool(),
		Directory:   filepath.Join(authority.directory, "pods"),
	})
}
