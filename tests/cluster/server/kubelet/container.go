package kubelet

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"github.com/creack/pty"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	restartDelay     = time.Second
	terminationGrace = time.Second
	exitNotStarted   = 128 // what container runtimes say of a command that could not be started
)

// container is one container of a pod: a process, started again when it ends and the pod's policy says so.
type container struct {
	spec        corev1.Container
	policy      corev1.RestartPolicy
	environment []string
	directory   string
	changed     func() // its state did

	ctx  context.Context
	stop context.CancelFunc

	mutex    sync.Mutex
	state    corev1.ContainerState
	last     corev1.ContainerState
	restarts int32
	log      *transcript
	previous *transcript
	stdin    io.Writer
	terminal *os.File
	drained  <-chan struct{} // all that was written to the terminal is in the log
}

// start starts the container and returns at once; what becomes of it is in its state.
func (c *container) start(ctx context.Context) error {
	if err := os.MkdirAll(c.directory, 0o755); err != nil {
		return err
	}
	c.ctx, c.stop = context.WithCancel(ctx)
	c.log = newTranscript()
	go c.live()
	return nil
}

// live runs the process until it is to run no more.
func (c *container) live() {
	for {
		outcome := c.runOnce()
		c.log.end()
		if c.ctx.Err() != nil {
			return
		}
		ended := corev1.ContainerState{Terminated: outcome}
		if !c.isToRestart(outcome.ExitCode) {
			c.set(ended)
			return
		}
		c.mutex.Lock()
		c.last = ended
		c.restarts++
		c.mutex.Unlock()
		c.set(corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "CrashLoopBackOff"}})
		select {
		case <-c.ctx.Done():
			return
		case <-time.After(restartDelay):
		}
		c.mutex.Lock()
		c.previous, c.log = c.log, newTranscript()
		c.mutex.Unlock()
	}
}

func (c *container) isToRestart(code int32) bool {
	return c.policy == corev1.RestartPolicyAlways || c.policy == corev1.RestartPolicyOnFailure && code != 0
}

func (c *container) runOnce() *corev1.ContainerStateTerminated {
	outcome := &corev1.ContainerStateTerminated{StartedAt: metav1.Now()}
	command := c.command(c.ctx, c.argv())
	if err := c.launch(command); err != nil {
		outcome.ExitCode, outcome.Reason, outcome.Message = exitNotStarted, "StartError", err.Error()
	} else {
		c.set(corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: outcome.StartedAt}})
		_ = command.Wait()
		if c.drained != nil {
			<-c.drained
		}
		outcome.ExitCode, outcome.Reason = exitCode(command), "Completed"
		if outcome.ExitCode != 0 {
			outcome.Reason = "Error"
		}
	}
	outcome.FinishedAt = metav1.Now()
	return outcome
}

// argv is what the container runs. An image is a name alone here: one without a command sleeps.
func (c *container) argv() []string {
	argv := append(append([]string{}, c.spec.Command...), c.spec.Args...)
	if len(argv) == 0 {
		return []string{"sleep", "infinity"}
	}
	return argv
}

// command is a process in the container: its environment, its directory, ended with all its children by the context.
func (c *container) command(ctx context.Context, argv []string) *exec.Cmd {
	command := exec.CommandContext(ctx, argv[0], argv[1:]...)
	command.Env, command.Dir = c.environment, c.directory
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGTERM) }
	command.WaitDelay = terminationGrace
	return command
}

// launch starts the container's own process, with its output in the log and its input where attach finds it.
func (c *container) launch(command *exec.Cmd) error {
	log := c.log // this run's: another begins with the next
	if c.spec.TTY {
		terminal, err := startOnTerminal(command, nil)
		if err != nil {
			return err
		}
		drained := make(chan struct{})
		go func() {
			defer close(drained)
			_, _ = io.Copy(log.stream(stdout), terminal) // ends with EIO when the last process on the terminal does
			_ = terminal.Close()
		}()
		c.mutex.Lock()
		c.stdin, c.terminal, c.drained = terminal, terminal, drained
		c.mutex.Unlock()
		return nil
	}
	command.Stdout, command.Stderr = log.stream(stdout), log.stream(stderr)
	if c.spec.Stdin {
		stdin, err := command.StdinPipe()
		if err != nil {
			return err
		}
		c.mutex.Lock()
		c.stdin = stdin
		c.mutex.Unlock()
	}
	return command.Start()
}

// startOnTerminal starts a command as the leader of a session with a terminal of its own.
func startOnTerminal(command *exec.Cmd, size *pty.Winsize) (*os.File, error) {
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	return pty.StartWithAttrs(command, size, command.SysProcAttr)
}

func (c *container) set(state corev1.ContainerState) {
	c.mutex.Lock()
	c.state = state
	c.mutex.Unlock()
	c.changed()
}

// exitCode is a shell's account of how a process ended: its own code, or 128 and the signal.
func exitCode(command *exec.Cmd) int32 {
	status, ok := command.ProcessState.Sys().(syscall.WaitStatus)
	if ok && status.Signaled() {
		return int32(128 + status.Signal())
	}
	return int32(command.ProcessState.ExitCode())
}

func (c *container) isRunning() bool {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.state.Running != nil
}

var errNoInput = errors.New("the container has no standard input: its specification says no stdin")
