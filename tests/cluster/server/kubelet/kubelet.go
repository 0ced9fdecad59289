// Package kubelet is a node of its own: it runs the containers of the pods bound to it as processes of this machine,
// and serves the API server's exec, attach, logs and port-forward requests with the streaming code of Kubernetes' own
// container runtimes. A container's root is its working directory, so commands and copies use relative paths.
package kubelet

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/klog/v2"
)

// NodeName is what pods are bound to.
const NodeName = "node-1"

const (
	idleTimeout           = 4 * time.Hour
	streamCreationTimeout = 30 * time.Second
)

// Identity is what the kubelet is and whom it serves.
type Identity struct {
	Certificate tls.Certificate
	Clients     *x509.CertPool // the API server's certificate chains to it
	Directory   string         // holds each container's working directory
}

// Start registers the node, serves it, and follows the pods until the context ends.
func Start(ctx context.Context, client kubernetes.Interface, identity Identity) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	pods := newPods(ctx, client, identity.Directory)
	server := &http.Server{
		Handler:           routes(pods),
		ReadHeaderTimeout: streamCreationTimeout,
		TLSConfig: &tls.Config{
			Certificates: []tls.Certificate{identity.Certificate},
			ClientCAs:    identity.Clients,
			ClientAuth:   tls.RequireAndVerifyClientCert,
			NextProtos:   []string{"http/1.1"}, // upgrades need it
		},
	}
	go func() {
		if err := server.ServeTLS(listener, "", ""); !errors.Is(err, http.ErrServerClosed) {
			klog.ErrorS(err, "The kubelet ended")
		}
	}()
	context.AfterFunc(ctx, func() { _ = server.Close() })
	if err := register(ctx, client, listener.Addr().(*net.TCPAddr).Port); err != nil {
		return err
	}
	return pods.follow()
}

func routes(pods *pods) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/exec/{namespace}/{pod}/{container}", pods.serveExec)
	mux.HandleFunc("/attach/{namespace}/{pod}/{container}", pods.serveAttach)
	mux.HandleFunc("/portForward/{namespace}/{pod}", pods.servePortForward)
	mux.HandleFunc("GET /containerLogs/{namespace}/{pod}/{container}", pods.serveLogs)
	return mux
}

func register(ctx context.Context, client kubernetes.Interface, port int) error {
	node := &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: NodeName, Labels: map[string]string{corev1.LabelHostname: NodeName}},
	}
	made, err := client.CoreV1().Nodes().Create(ctx, node, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	made.Status = corev1.NodeStatus{
		Addresses:       []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: "127.0.0.1"}},
		DaemonEndpoints: corev1.NodeDaemonEndpoints{KubeletEndpoint: corev1.DaemonEndpoint{Port: int32(port)}},
		Conditions:      []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue, Reason: "KubeletReady"}},
	}
	_, err = client.CoreV1().Nodes().UpdateStatus(ctx, made, metav1.UpdateOptions{})
	return err
}
