// Command narrows-cluster is a Kubernetes cluster in one process, for tests: etcd, kube-apiserver, the controllers
// that kubectl's users notice, and a kubelet whose containers are processes of this machine. Everything listens on
// loopback. The same binary is kubectl, so that no test depends on the one that a machine happens to have, and a
// program written with client-go.
//
//	narrows-cluster serve DIRECTORY   (ends when its standard input does)
//	narrows-cluster kubectl ...
//	narrows-cluster client PART KUBECONFIG NAMESPACE POD CONTENT-TYPE
package main

import (
	"fmt"
	"os"

	_ "k8s.io/client-go/plugin/pkg/client/auth"
	"k8s.io/component-base/cli"
	kubectl "k8s.io/kubectl/pkg/cmd"

	"narrows.test/cluster/client"
)

func main() {
	switch {
	case len(os.Args) > 1 && os.Args[1] == "kubectl":
		os.Args = os.Args[1:]
		os.Exit(cli.Run(kubectl.NewDefaultKubectlCommand()))
	case len(os.Args) == 3 && os.Args[1] == "serve":
		exit(serve(os.Args[2]))
	case len(os.Args) == 7 && os.Args[1] == "client":
		exit(client.Run(os.Args[2], os.Args[3], os.Args[4], os.Args[5], os.Args[6]))
	default:
		fmt.Fprintln(os.Stderr, "usage: narrows-cluster serve DIRECTORY\n"+
			"       narrows-cluster kubectl ...\n"+
			"       narrows-cluster client PART KUBECONFIG NAMESPACE POD CONTENT-TYPE")
		os.Exit(2)
	}
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "narrows-cluster:", err)
		os.Exit(1)
	}
}
