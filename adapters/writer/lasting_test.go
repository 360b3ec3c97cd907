package writer_test

import (
	"errors"
	"io"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-desync/go-desync/adapters/internal/bubbles"
	"github.com/go-desync/go-desync/adapters/writer"
	"github.com/go-desync/go-desync/futures"
)

// A Writer that lives as long as the process is used in one bubble, in another, and
// outside: with calls that wait for room each time, and with a failure in the end.
func TestLivesLongerThanABubble(t *testing.T) {
	to := new(target)
	w := writer.New(to, 1)
	use := func(t *testing.T) {
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() { put(t, w, "x") })
		}
		all.Wait()
		require.NoError(t, w.Flush(t.Context()))
	}
	bubbles.Run(t, use)
	bubbles.Run(t, use)
	use(t)
	assert.Len(t, to.writes(), 24)

	diskFull := errors.New("disk full")
	to.hook = func([]byte) (int, error) { return 0, diskFull }
	bubbles.Run(t, func(t *testing.T) {
		put(t, w, "lost")
		require.ErrorIs(t, w.Flush(t.Context()), diskFull)
	})
	bubbles.Run(t, func(t *testing.T) {
		_, err := w.Write([]byte("x"))
		require.ErrorIs(t, err, diskFull)
		require.ErrorIs(t, w.Close(), diskFull)
	})
	_, err := w.Write([]byte("x"))
	assert.ErrorIs(t, err, diskFull)
}

// Small writes take memory beside their bytes, which counts.
func TestBoundIsOfMemory(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		const bound = 1 << 20
		gate := make(chan struct{})
		w := writer.New(&target{hook: func([]byte) (int, error) { <-gate; return 0, io.ErrClosedPipe }}, bound)
		before := heap()
		go func() {
			for {
				if _, err := w.Write([]byte("x")); err != nil {
					return
				}
			}
		}()
		synctest.Wait() // all that finds room is queued, and one more waits
		grown := int64(heap()) - int64(before)
		assert.Less(t, grown, int64(bound*5/4), "bytes held, the bound is %d", bound)
		assert.Greater(t, grown, int64(bound*3/4), "bytes held: the bound of %d is not used", bound)
		close(gate)
		assert.ErrorIs(t, w.Close(), io.ErrClosedPipe)
	})
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// A badError is one that panics, or ends its goroutine, when it is asked for its text.
type badError struct{ bad func() }

func (e badError) Error() string { e.bad(); return "" }

// PAN-6: whatever the other writer does, its own write is lost and no room, and
// nobody is left waiting.
func TestPAN6OtherWriterPanicsOrExits(t *testing.T) {
	bad := map[string]func(){
		"panic":  func() { panic("no disk") },
		"Goexit": runtime.Goexit,
	}
	points := map[string]func(bad func()) error{
		"in Write":          func(bad func()) error { bad(); return nil },
		"in Error":          func(bad func()) error { return badError{bad} },
		"in a nested Error": func(bad func()) error { return errors.Join(io.ErrClosedPipe, badError{bad}) },
	}
	for how, bad := range bad {
		for where, point := range points {
			t.Run(how+" "+where, func(t *testing.T) {
				bubbles.Run(t, func(t *testing.T) {
					gate := make(chan struct{})
					to := &target{hook: func(p []byte) (int, error) {
						<-gate
						if string(p) == "bad" {
							return 0, point(bad)
						}
						return len(p), nil
					}}
					w := writer.New(to, 1)
					put(t, w, "bad")
					var all sync.WaitGroup
					for range 4 {
						all.Go(func() {
							_, err := w.Write([]byte("waits"))
							assert.NotNil(t, err, "the error of a Write that waited for room")
						})
					}
					synctest.Wait()
					close(gate)
					all.Wait()
					for _, err := range []error{w.Flush(t.Context()), w.Close()} {
						var p *futures.PanicError
						switch {
						case where != "in Write":
							assert.NotNil(t, err)
						case how == "panic":
							assert.ErrorAs(t, err, &p)
						default:
							assert.ErrorIs(t, err, futures.ErrGoexit)
						}
					}
					assert.Empty(t, to.writes(), "nothing is written behind a failure")
				})
			})
		}
	}
}
