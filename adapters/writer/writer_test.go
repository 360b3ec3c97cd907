package writer_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-desync/go-desync/adapters/internal/bubbles"
	"github.com/go-desync/go-desync/adapters/writer"
)

var _ io.WriteCloser = (*writer.Writer)(nil)

func put(t *testing.T, w io.Writer, s string) {
	t.Helper()
	n, err := io.WriteString(w, s)
	assert.NoError(t, err)
	assert.Equal(t, len(s), n, "bytes that Write reports for %q", s)
}

func TestWritesAreInOrderAndWhole(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		const goroutines, each = 8, 500
		to := new(target)
		w := writer.New(to, 100+4*writer.Overhead)
		var all sync.WaitGroup
		for g := range goroutines {
			all.Go(func() {
				for i := range each {
					put(t, w, fmt.Sprintf("%d %d", g, i))
				}
			})
		}
		all.Wait()
		require.NoError(t, w.Close())
		require.Len(t, to.writes(), goroutines*each)
		var seen [goroutines]int
		for _, line := range to.writes() {
			var g, i int
			_, err := fmt.Sscanf(line, "%d %d", &g, &i)
			require.NoError(t, err)
			require.Equal(t, seen[g], i, "ORD-1: the next write of goroutine %d", g)
			seen[g]++
		}
	})
}

func TestCallerMayUseTheBufferAgain(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		to, gate := gated()
		w := writer.New(to, 1000)
		p := []byte("one")
		_, err := w.Write(p)
		require.NoError(t, err)
		copy(p, "two")
		_, err = w.Write(p)
		require.NoError(t, err)
		clear(p)
		close(gate)
		require.NoError(t, w.Close())
		assert.Equal(t, []string{"one", "two"}, to.writes())
	})
}

// The clock of a bubble says how long the caller was kept.
func TestCallerDoesNotWaitForTheWrite(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		to := &target{hook: func(p []byte) (int, error) { time.Sleep(time.Second); return len(p), nil }}
		w := writer.New(to, 50*(2+writer.Overhead))
		began := time.Now()
		for range 50 {
			put(t, w, "xy")
		}
		assert.Zero(t, time.Since(began), "the caller's time for 50 writes of a second")
		require.NoError(t, w.Flush(t.Context()))
		assert.Equal(t, 50*time.Second, time.Since(began), "the time until all is written")
		require.NoError(t, w.Close())
	})
}

func TestWriteWaitsForRoom(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		to, gate := gated()
		w := writer.New(to, 10+3*writer.Overhead)
		put(t, w, "123456")
		put(t, w, "7890")
		accepted := false
		go func() {
			put(t, w, "abcd")
			accepted = true
		}()
		synctest.Wait()
		assert.False(t, accepted, "Write returned with 14 bytes queued, there was room for 10")
		gate <- struct{}{}
		synctest.Wait()
		assert.True(t, accepted, "Write did not return when there was room")
		close(gate)
		require.NoError(t, w.Close())
		assert.Equal(t, []string{"123456", "7890", "abcd"}, to.writes())
	})
}

func TestWriteAboveTheBoundWaitsUntilItIsAlone(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		to, gate := gated()
		w := writer.New(to, 4)
		put(t, w, "a")
		big := strings.Repeat("b", 1000)
		accepted := false
		go func() {
			put(t, w, big)
			accepted = true
		}()
		synctest.Wait()
		assert.False(t, accepted, "a large write was accepted beside another")
		gate <- struct{}{}
		synctest.Wait()
		assert.True(t, accepted, "a large write was not accepted when nothing was queued")
		close(gate)
		put(t, w, "c")
		require.NoError(t, w.Close())
		assert.Equal(t, []string{"a", big, "c"}, to.writes())
	})
}

func TestEmptyWriteIsNotPassedOn(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		to, gate := gated()
		w := writer.New(to, 1)
		put(t, w, "a")
		put(t, w, "") // does not wait for room either
		close(gate)
		require.NoError(t, w.Close())
		assert.Equal(t, []string{"a"}, to.writes())
		n, err := w.Write(nil)
		assert.Zero(t, n)
		assert.ErrorIs(t, err, writer.ErrClosed)
	})
}

func TestFlushWaitsForWhatWasWritten(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		to, gate := gated()
		w := writer.New(to, 1000)
		require.NoError(t, w.Flush(t.Context()), "with nothing written")
		put(t, w, "one")
		flushed := make(chan string)
		go func() {
			assert.NoError(t, w.Flush(t.Context()))
			flushed <- to.text()
		}()
		synctest.Wait()
		put(t, w, "two") // Flush does not wait for it
		gate <- struct{}{}
		assert.Equal(t, "one", <-flushed, "what is written when Flush returns")
		close(gate)
		require.NoError(t, w.Close())
		assert.Equal(t, "onetwo", to.text())
	})
}

func TestFlushGivesUpWithItsContext(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		to, gate := gated()
		w := writer.New(to, 100)
		put(t, w, "one")
		cause := errors.New("shutdown takes too long")
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, cause)
		defer cancel()
		err := w.Flush(ctx)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.ErrorIs(t, err, cause)
		close(gate)
		require.NoError(t, w.Close())
		assert.Equal(t, "one", to.text(), "what was queued is written after all")
	})
}

func TestCloseFlushesAndRefuses(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		to, gate := gated()
		w := writer.New(to, 6+2*writer.Overhead)
		put(t, w, "one")
		put(t, w, "two")
		waiting := make(chan error, 1)
		go func() {
			_, err := w.Write([]byte("three"))
			waiting <- err
		}()
		synctest.Wait()
		closed := make(chan error)
		go func() { closed <- w.Close() }()
		synctest.Wait()
		select {
		case err := <-waiting:
			assert.ErrorIs(t, err, writer.ErrClosed, "a Write that waits for room when Close is called")
		default:
			t.Error("a Write that waits for room still waits after Close was called")
		}
		assert.Empty(t, closed, "Close returned before all was written")
		close(gate)
		assert.NoError(t, <-closed)
		assert.Equal(t, "onetwo", to.text())

		n, err := w.Write([]byte("four"))
		assert.Zero(t, n)
		assert.ErrorIs(t, err, writer.ErrClosed)
		assert.NoError(t, w.Close(), "a second Close")
		assert.NoError(t, w.Flush(t.Context()), "Flush after Close")
		assert.Equal(t, "onetwo", to.text())
	})
}

// What Write has accepted beside a Close is written when Close returns.
func TestCloseBesideWrites(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		for range 200 {
			to := new(target)
			w := writer.New(to, 3*writer.Overhead)
			var all sync.WaitGroup
			var mu sync.Mutex
			accepted := 0
			for range 4 {
				all.Go(func() {
					for {
						if _, err := w.Write([]byte("x")); err != nil {
							assert.ErrorIs(t, err, writer.ErrClosed)
							return
						}
						mu.Lock()
						accepted++
						mu.Unlock()
					}
				})
			}
			put(t, w, "x")
			require.NoError(t, w.Close())
			written := len(to.text())
			all.Wait()
			require.Equal(t, accepted+1, written, "bytes accepted, and those written when Close returned")
		}
	})
}

func TestMisusePanics(t *testing.T) {
	for name, call := range map[string]func(){
		"nil writer":     func() { writer.New(nil, 1) },
		"bound 0":        func() { writer.New(io.Discard, 0) },
		"bound -1":       func() { writer.New(io.Discard, -1) },
		"Flush, nil ctx": func() { _ = writer.New(io.Discard, 1).Flush(nil) },
	} {
		v := func() (v any) {
			defer func() { v = recover() }()
			call()
			return nil
		}()
		s, _ := v.(string)
		assert.Contains(t, s, "writer: ", "%s: the panic", name)
	}
}
