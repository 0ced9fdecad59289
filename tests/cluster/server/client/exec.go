package client

import (
	"errors"
	"fmt"
	"os"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/remotecommand"
	utilexec "k8s.io/client-go/util/exec"
)

func (p *program) execWebSocket() error {
	return p.exec(func(config *rest.Config, request *rest.Request) (remotecommand.Executor, error) {
		return remotecommand.NewWebSocketExecutor(config, "GET", request.URL().String())
	})
}

func (p *program) execSPDY() error {
	return p.exec(func(config *rest.Config, request *rest.Request) (remotecommand.Executor, error) {
		return remotecommand.NewSPDYExecutor(config, "POST", request.URL())
	})
}

// exec feeds a command, and tells how it and one that fails have ended.
func (p *program) exec(over func(*rest.Config, *rest.Request) (remotecommand.Executor, error)) error {
	for _, command := range [][]string{{"tr", "a-z", "A-Z"}, {"ls", "nothing"}} {
		client, err := kubernetes.NewForConfig(p.config)
		if err != nil {
			return err
		}
		options := &corev1.PodExecOptions{Command: command, Stdin: true, Stdout: true, Stderr: true}
		request := client.CoreV1().RESTClient().Post().Resource("pods").Namespace(p.namespace).Name(p.pod).
			SubResource("exec").VersionedParams(options, scheme.ParameterCodec)
		executor, err := over(p.config, request)
		if err != nil {
			return err
		}
		err = executor.StreamWithContext(p.ctx, remotecommand.StreamOptions{
			Stdin: strings.NewReader("to and fro\n"), Stdout: os.Stdout, Stderr: os.Stdout,
		})
		var ended utilexec.CodeExitError
		if err != nil && !errors.As(err, &ended) {
			return err
		}
		fmt.Println("ended with", ended.Code)
	}
	return nil
}
