package kubelet

import (
	"context"
	"io"
	"net/http"

	"k8s.io/cri-streaming/pkg/streaming/remotecommand"
)

// serveAttach answers /attach/NAMESPACE/POD/CONTAINER: the streams of the container's own process.
func (p *pods) serveAttach(writer http.ResponseWriter, request *http.Request) {
	found, options, ok := p.streamed(writer, request)
	if !ok {
		return
	}
	remotecommand.ServeAttach(writer, request, found, "", "", found.spec.Name, options,
		idleTimeout, streamCreationTimeout, remotecommand.SupportedStreamingProtocols)
}

// AttachContainer gives what the process writes from now on, and writes what the client sends, until it ends.
func (c *container) AttachContainer(
	ctx context.Context, _, _, _ string, in io.Reader, out, errs io.WriteCloser, _ bool,
	resize <-chan remotecommand.TerminalSize,
) error {
	c.mutex.Lock()
	log, stdin, terminal := c.log, c.stdin, c.terminal
	c.mutex.Unlock()
	if in != nil && stdin == nil {
		return errNoInput
	}
	if terminal != nil {
		go resizeTerminal(terminal, resize)
	}
	if in != nil {
		go c.input(stdin, in)
	}
	return log.read(ctx, log.length(), true, func(p piece) error {
		to := out
		if p.from == stderr {
			to = errs
		}
		if to == nil {
			return nil
		}
		_, err := to.Write(p.text)
		return err
	})
}

// input ends the process's own input with the first client's where the container says stdinOnce.
func (c *container) input(stdin io.Writer, in io.Reader) {
	_, _ = io.Copy(stdin, in)
	if pipe, ok := stdin.(io.Closer); ok && c.spec.StdinOnce && !c.spec.TTY {
		_ = pipe.Close()
	}
}
