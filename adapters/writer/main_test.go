package writer_test

import (
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A target is what a Writer writes to. It notes each write, after calling hook.
type target struct {
	hook func(p []byte) (int, error)

	mu  sync.Mutex
	got []string
}

func (w *target) Write(p []byte) (int, error) {
	if w.hook != nil {
		if n, err := w.hook(p); n != len(p) || err != nil {
			return n, err
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.got = append(w.got, string(p))
	return len(p), nil
}

func (w *target) writes() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.got
}

func (w *target) text() string { return strings.Join(w.writes(), "") }

// gated returns a target that writes once for each value sent, or always when the
// channel is closed.
func gated() (w *target, gate chan struct{}) {
	gate = make(chan struct{})
	return &target{hook: func(p []byte) (int, error) { <-gate; return len(p), nil }}, gate
}
