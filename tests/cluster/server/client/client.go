// Package client is a program as others write them with client-go: the clients of its types, the one of any type, an
// informer, and commands in a pod. Each part prints what it saw, so that two ways to a cluster can be compared.
package client

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

const deadline = 30 * time.Second

// program is one part at work in one namespace.
type program struct {
	ctx       context.Context
	config    *rest.Config
	namespace string
	pod       string // where commands run
}

var parts = map[string]func(*program) error{
	"typed":          (*program).typed,
	"dynamic":        (*program).dynamic,
	"informer":       (*program).informer,
	"exec-websocket": (*program).execWebSocket,
	"exec-spdy":      (*program).execSPDY,
}

// Run runs one part through what a kubeconfig names, in a namespace that has a pod. Objects are sent as the content type.
func Run(part, kubeconfig, namespace, pod, contentType string) error {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	config.ContentType = contentType
	run, known := parts[part]
	if !known {
		return fmt.Errorf("there is no part %q: %s", part, strings.Join(slices.Sorted(maps.Keys(parts)), ", "))
	}
	ctx, stop := context.WithTimeout(context.Background(), deadline)
	defer stop()
	return run(&program{ctx, config, namespace, pod})
}
