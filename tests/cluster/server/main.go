// Command narrows-cluster is a Kubernetes cluster in one process, for tests: etcd, kube-apiserver, the controllers
// that kubectl's users notice, and a kubelet whose containers are processes of this machine. Everything listens on
// loopback. The same binary is kubectl, so that no test depends on the one that a machine happens to have.
//
//	narrows-cluster serve DIRECTORY   (ends when its standard input does)
//	narrows-cluster kubectl ...
package main

import (
	"fmt"
	"os"

	_ "k8s.io/client-go/plugin/pkg/client/auth"
	"k8s.io/component-base/cli"
	kubectl "k8s.io/kubectl/pkg/cmd"
)

func main() {
	switch {
	case len(os.Args) > 1 && os.Args[1] == "kubectl":
		os.Args = os.Args[1:]
		os.Exit(cli.Run(kubectl.NewDefaultKubectlCommand()))
	case len(os.Args) == 3 && os.Args[1] == "serve":
		if err := serve(os.Args[2]); err != nil {
			fmt.Fprintln(os.Stderr, "narrows-cluster:", err)
			os.Exit(1)
		}
	default:
		fmt.Fprintln(os.Stderr, "usage: narrows-cluster serve DIRECTORY | kubectl ...")
		os.Exit(2)
	}
}
