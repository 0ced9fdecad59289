package kubelet

import (
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/creack/pty"
	"k8s.io/cri-streaming/pkg/streaming/remotecommand"
	utilexec "k8s.io/utils/exec"
)

// serveExec answers /exec/NAMESPACE/POD/CONTAINER?command=...: a process beside the container's own.
func (p *pods) serveExec(writer http.ResponseWriter, request *http.Request) {
	found, options, ok := p.streamed(writer, request)
	if !ok {
		return
	}
	remotecommand.ServeExec(writer, request, found, "", "", found.spec.Name, request.URL.Query()["command"], options,
		idleTimeout, streamCreationTimeout, remotecommand.SupportedStreamingProtocols)
}

// streamed is the container and the streams that a request asks for; it answers the request where there are none.
func (p *pods) streamed(writer http.ResponseWriter, request *http.Request) (*container, *remotecommand.Options, bool) {
	found, err := p.find(request.PathValue("namespace"), request.PathValue("pod"), request.PathValue("container"))
	if err != nil {
		http.Error(writer, err.Error(), http.StatusNotFound)
		return nil, nil, false
	}
	if !found.isRunning() {
		http.Error(writer, "the container has ended", http.StatusConflict)
		return nil, nil, false
	}
	options, err := remotecommand.NewOptions(request)
	if err != nil {
		http.Error(writer, err.Error(), http.StatusBadRequest)
		return nil, nil, false
	}
	return found, options, true
}

// ExecInContainer runs a command until it ends; an exit code other than 0 is an error of utilexec's.
func (c *container) ExecInContainer(
	ctx context.Context, _, _, _ string, argv []string, in io.Reader, out, errs io.WriteCloser, tty bool,
	resize <-chan remotecommand.TerminalSize, _ time.Duration,
) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	defer context.AfterFunc(c.ctx, stop)()
	command := c.command(ctx, argv)
	var err error
	if tty {
		err = onTerminal(command, in, out, resize)
	} else {
		err = onPipes(command, in, out, errs)
	}
	if command.ProcessState == nil {
		return err
	}
	if code := exitCode(command); code != 0 {
		return utilexec.CodeExitError{Err: err, Code: int(code)}
	}
	return nil
}

// onPipes does not wait for the end of input, which comes only once the client has seen the command end.
func onPipes(command *exec.Cmd, in io.Reader, out, errs io.WriteCloser) error {
	if out != nil {
		command.Stdout = out
	}
	if errs != nil {
		command.Stderr = errs
	}
	if in != nil {
		stdin, err := command.StdinPipe()
		if err != nil {
			return err
		}
		go func() {
			_, _ = io.Copy(stdin, in)
			_ = stdin.Close()
		}()
	}
	return command.Run()
}

// onTerminal hangs up when the client's input ends, as a terminal that is closed does.
func onTerminal(command *exec.Cmd, in io.Reader, out io.Writer, resize <-chan remotecommand.TerminalSize) error {
	terminal, err := startOnTerminal(command, nil)
	if err != nil {
		return err
	}
	defer terminal.Close()
	go resizeTerminal(terminal, resize)
	if in != nil {
		go func() {
			_, _ = io.Copy(terminal, in)
			_ = syscall.Kill(-command.Process.Pid, syscall.SIGHUP)
		}()
	}
	copied := make(chan struct{})
	go func() {
		defer close(copied)
		_, _ = io.Copy(out, terminal)
	}()
	err = command.Wait()
	<-copied
	return err
}

func resizeTerminal(terminal *os.File, sizes <-chan remotecommand.TerminalSize) {
	for size := range sizes {
		_ = pty.Setsize(terminal, &pty.Winsize{Rows: size.Height, Cols: size.Width})
	}
}
