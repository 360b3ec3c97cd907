//go:build race || desyncdebug

package writer_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"

	"github.com/go-desync/go-desync/adapters/writer"
	"github.com/go-desync/go-desync/desync"
)

type writeFunc func(p []byte) (int, error)

func (f writeFunc) Write(p []byte) (int, error) { return f(p) }

// The other writer waits for the writer that calls it.
func TestNST3_FlushAndCloseInAWrite(t *testing.T) {
	for name, wait := range map[string]func(w *writer.Writer) error{
		"Flush": func(w *writer.Writer) error { return w.Flush(context.Background()) },
		"Close": (*writer.Writer).Close,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var w *writer.Writer
				var err error
				w = writer.New(writeFunc(func(p []byte) (int, error) {
					err = wait(w)
					return len(p), nil
				}), 10)
				_, _ = w.Write([]byte("text"))
				assert.NoError(t, w.Flush(t.Context()))
				_, ok := errors.AsType[*desync.DeadlockError](err)
				assert.Truef(t, ok, "NST-3: a %s by the other writer gave %v; want a DeadlockError", name, err)
				assert.ErrorContains(t, err, `for "writer",`, "NST-3: the error names the writer")
			})
		})
	}
}

// The other writer writes to the writer that calls it, which is full.
func TestNST3_WriteInAWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w *writer.Writer
		var err error
		w = writer.New(writeFunc(func(p []byte) (int, error) {
			_, err = w.Write([]byte("more"))
			return len(p), nil
		}), 10)
		_, _ = w.Write([]byte("text"))
		assert.NoError(t, w.Flush(t.Context()))
		wantRing(t, err, 1)
		assert.NoError(t, w.Close(), "after a ring")
	})
}

// A job writes to a writer that is full, and whose other writer waits for the object of
// that job. The one that comes last gets the error, and the other goes on.
func TestNST3_WriteInARing(t *testing.T) {
	for _, writeLast := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			d := desync.New(0, desync.WithName("d"))
			begun, gate := make(chan struct{}), make(chan struct{})
			var told any
			first := true
			w := writer.New(writeFunc(func(p []byte) (int, error) {
				if first {
					first = false
					close(begun)
					<-gate
					func() {
						defer func() { told = recover() }()
						d.Do(func(*int) {})
					}()
				}
				return len(p), nil
			}), 10)
			_, err := w.Write([]byte("text"))
			assert.NoError(t, err)
			<-begun
			d.Do(func(*int) {
				if writeLast {
					close(gate)
					synctest.Wait()
				} else {
					go func() {
						synctest.Wait()
						close(gate)
					}()
				}
				_, err = w.Write([]byte("more"))
			})
			assert.NoError(t, w.Close())
			if writeLast {
				wantRing(t, err, 2)
				assert.Nil(t, told)
			} else {
				wantRing(t, told, 2)
				assert.NoError(t, err)
			}
		})
	}
}

// Writes that wait, in jobs for which the other writer waits only when they are over.
func TestNST3_NoFalseAlarmOfWrites(t *testing.T) {
	d := desync.New(0)
	w := writer.New(writeFunc(func(p []byte) (int, error) {
		d.TryDo(func(*int) {})
		return len(p), nil
	}), 100)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 200 {
				d.Do(func(*int) {
					_, err := w.Write([]byte("text"))
					assert.NoError(t, err)
				})
				_, err := w.Write([]byte("text"))
				assert.NoError(t, err)
			}
		})
	}
	all.Wait()
	assert.NoError(t, w.Close())
}

func wantRing(t *testing.T, err any, n int) {
	t.Helper()
	ring, ok := err.(*desync.DeadlockError)
	if !ok || len(ring.Ring) != n {
		t.Fatalf("NST-3: got %v; want a DeadlockError of %d waits", err, n)
	}
	for _, w := range ring.Ring {
		if !strings.Contains(w.Call, "watch_test.go:") {
			t.Errorf("NST-3: the place of a wait is %q", w.Call)
		}
	}
}

// A Write that has got its room is in no ring, even if its goroutine does not know yet.
func TestNST3_WriteThatHasItsRoom(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1)) // so that the other writer is ahead
	for range 50 {
		synctest.Test(t, func(t *testing.T) {
			d := desync.New(0)
			gate := make(chan struct{})
			n := 0
			w := writer.New(writeFunc(func(p []byte) (int, error) {
				if n++; n == 1 {
					<-gate
				} else {
					d.Do(func(*int) {})
				}
				return len(p), nil
			}), 2*(writer.Overhead+4))
			for range 2 {
				_, err := w.Write([]byte("text"))
				assert.NoError(t, err)
			}
			go d.Do(func(*int) {
				_, err := w.Write([]byte("text"))
				assert.NoError(t, err)
			})
			synctest.Wait()
			close(gate)
			synctest.Wait()
			assert.NoError(t, w.Close(), "NST-3: of a writer whose other writer waits for no ring")
		})
	}
}
