package kubelet

import (
	"bytes"
	"context"
	"io"
	"sync"
	"time"
)

type streamName int

const (
	stdout streamName = iota
	stderr
)

// piece is a line that a container wrote, or the part of one that it wrote at once.
type piece struct {
	at   time.Time
	from streamName
	text []byte
}

// transcript is what a container has written. Readers follow it from where they like.
type transcript struct {
	mutex  sync.Mutex
	pieces []piece
	ended  bool
	grown  chan struct{} // closed, and made anew, whenever there is more
}

func newTranscript() *transcript {
	return &transcript{grown: make(chan struct{})}
}

// stream is where one of the container's outputs goes.
func (t *transcript) stream(name streamName) io.Writer {
	return writerFunc(func(text []byte) (int, error) {
		now := time.Now()
		t.mutex.Lock()
		defer t.mutex.Unlock()
		for _, line := range bytes.SplitAfter(text, []byte("\n")) {
			if len(line) > 0 {
				t.pieces = append(t.pieces, piece{now, name, bytes.Clone(line)})
			}
		}
		t.wake()
		return len(text), nil
	})
}

func (t *transcript) end() {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.ended = true
	t.wake()
}

func (t *transcript) wake() {
	close(t.grown)
	t.grown = make(chan struct{})
}

// length is how many pieces there are now.
func (t *transcript) length() int {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return len(t.pieces)
}

// tail is where the last so many lines begin.
func (t *transcript) tail(lines int) int {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	for at := len(t.pieces); at > 0; at-- {
		if lines == 0 {
			return at
		}
		if at == 1 || isWhole(t.pieces[at-2]) {
			lines--
		}
	}
	return 0
}

func isWhole(p piece) bool { return bytes.HasSuffix(p.text, []byte("\n")) }

// read gives each piece from one on. It returns at the end of what there is, or where it is to follow, when the container
// or the context ends.
func (t *transcript) read(ctx context.Context, from int, follow bool, take func(piece) error) error {
	for {
		t.mutex.Lock()
		fresh, ended, grown := t.pieces[from:], t.ended, t.grown
		t.mutex.Unlock()
		for _, each := range fresh {
			if err := take(each); err != nil {
				return err
			}
		}
		from += len(fresh)
		if !follow || ended && len(fresh) == 0 {
			return nil
		}
		if ended {
			continue
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-grown:
		}
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(text []byte) (int, error) { return f(text) }
