package writer_test

import (
	"errors"
	"io"
	"runtime"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-desync/go-desync/adapters/internal/bubbles"
	"github.com/go-desync/go-desync/adapters/writer"
	"github.com/go-desync/go-desync/futures"
)

func TestFailures(t *testing.T) {
	diskFull := errors.New("disk full")
	for _, c := range []struct {
		name  string
		write func(p []byte) (int, error)
		check func(t *testing.T, err error)
	}{
		{"error", func([]byte) (int, error) { return 0, diskFull }, func(t *testing.T, err error) {
			assert.ErrorIs(t, err, diskFull)
			assert.ErrorContains(t, err, "writing 3 bytes")
		}},
		{"error after all bytes", func(p []byte) (int, error) { return len(p), diskFull }, func(t *testing.T, err error) {
			assert.ErrorIs(t, err, diskFull)
		}},
		{"short write", func(p []byte) (int, error) { return len(p) - 1, nil }, func(t *testing.T, err error) {
			assert.ErrorIs(t, err, io.ErrShortWrite)
		}},
		{"too many bytes", func(p []byte) (int, error) { return len(p) + 1, nil }, func(t *testing.T, err error) {
			assert.ErrorIs(t, err, io.ErrShortWrite)
		}},
		{"negative count", func([]byte) (int, error) { return -1, nil }, func(t *testing.T, err error) {
			assert.ErrorIs(t, err, io.ErrShortWrite)
		}},
		{"panic", func([]byte) (int, error) { panic("no disk") }, func(t *testing.T, err error) {
			var p *futures.PanicError
			if assert.ErrorAs(t, err, &p) {
				assert.Equal(t, "no disk", p.Value)
			}
		}},
		{"Goexit", func([]byte) (int, error) { runtime.Goexit(); return 0, nil }, func(t *testing.T, err error) {
			assert.ErrorIs(t, err, futures.ErrGoexit)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubbles.Run(t, func(t *testing.T) {
				gate := make(chan struct{})
				to := &target{hook: func(p []byte) (int, error) {
					<-gate
					if string(p) == "bad" {
						return c.write(p)
					}
					return len(p), nil
				}}
				w := writer.New(to, 10+3*writer.Overhead)
				put(t, w, "one")
				put(t, w, "bad")
				put(t, w, "two") // accepted before the failure, not written after it
				waiting := make(chan error, 1)
				go func() {
					_, err := w.Write([]byte("three"))
					waiting <- err
				}()
				synctest.Wait()
				gate <- struct{}{}
				gate <- struct{}{}
				synctest.Wait()

				select {
				case err := <-waiting:
					c.check(t, err)
				default:
					t.Error("a Write that waits for room still waits after the failure")
				}
				for range 2 {
					n, err := w.Write([]byte("four"))
					assert.Zero(t, n)
					c.check(t, err)
					_, err = w.Write(nil)
					c.check(t, err)
					c.check(t, w.Flush(t.Context()))
				}
				c.check(t, w.Close())
				c.check(t, w.Close())
				c.check(t, w.Flush(t.Context()))
				assert.Equal(t, "one", to.text(), "what is written: nothing behind the failure")
			})
		})
	}
}

func TestFailureWhileClosing(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		diskFull := errors.New("disk full")
		gate := make(chan struct{})
		w := writer.New(&target{hook: func([]byte) (int, error) { <-gate; return 0, diskFull }}, 10)
		put(t, w, "bad")
		closed := make(chan error)
		go func() { closed <- w.Close() }()
		synctest.Wait()
		close(gate)
		require.ErrorIs(t, <-closed, diskFull)
		assert.ErrorIs(t, w.Close(), diskFull, "a second Close")
	})
}
