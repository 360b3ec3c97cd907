package asyncslog_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/go-desync/go-desync/adapters/asyncslog"
	"github.com/go-desync/go-desync/adapters/internal/bubbles"
	"github.com/go-desync/go-desync/futures"
)

// A Handler that lives as long as the process is used in one bubble, in another, and
// outside, with calls that wait each time.
func TestSYN3LivesLongerThanABubble(t *testing.T) {
	next := new(recorder)
	h := asyncslog.New(next, 1, asyncslog.Wait, asyncslog.FlushFrom(slog.LevelError), asyncslog.MaxWait(time.Minute))
	use := func(t *testing.T) {
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() { assert.NoError(t, handle(t, h, slog.LevelInfo, "line")) })
			all.Go(func() { assert.NoError(t, handle(t, h, slog.LevelError, "line")) })
		}
		all.Wait()
		require.NoError(t, h.Flush(t.Context()))
	}
	bubbles.Run(t, use)
	bubbles.Run(t, use)
	use(t)
	assert.Len(t, next.lines(), 24)
}

// A Handler that is full outside of a bubble and logged to inside: the wait ends by
// the clock of the bubble.
func TestSYN3FullOutsideABubble(t *testing.T) {
	defer goleak.VerifyNone(t)
	const limit = 10 * time.Millisecond
	next, gate := gated()
	h := asyncslog.New(next, 1, asyncslog.Wait, asyncslog.FlushFrom(slog.LevelError), asyncslog.MaxWait(limit))
	slog.New(h).Info("outside")
	// In vain, which counts for nothing in the bubble: its clock is another one.
	require.ErrorIs(t, handle(t, h, slog.LevelInfo, "outside"), asyncslog.ErrDropped)
	synctest.Test(t, func(t *testing.T) {
		assert.Equal(t, limit, took(func() {
			assert.ErrorIs(t, handle(t, h, slog.LevelInfo, "inside"), asyncslog.ErrDropped)
		}))
		time.Sleep(time.Hour)
		assert.Equal(t, limit, took(func() {
			assert.ErrorIs(t, handle(t, h, slog.LevelError, "last words"), asyncslog.ErrNotWritten)
		}))
	})
	close(gate)
	require.NoError(t, h.Flush(t.Context()))
	assert.Equal(t, []string{"outside", "WARN dropped=2", "last words"}, next.lines())
}

// Records are written outside of the bubble while others wait inside. They cannot be
// told; they find it out when their time is up.
func TestSYN3WrittenOutsideABubble(t *testing.T) {
	defer goleak.VerifyNone(t)
	waits, written := make(chan struct{}), make(chan struct{})
	next, gate := gated()
	h := asyncslog.New(next, 1, asyncslog.Wait, asyncslog.FlushFrom(slog.LevelError))
	slog.New(h).Info("outside")
	go func() {
		<-waits
		close(gate)
		assert.NoError(t, h.Flush(context.Background()))
		close(written)
	}()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() { _ = handle(t, h, slog.LevelInfo, "inside") })
			all.Go(func() { assert.NoError(t, handle(t, h, slog.LevelError, "last words")) })
		}
		synctest.Wait()
		close(waits)
		<-written // the clock of the bubble stands still
		all.Wait()
		assert.Equal(t, time.Second, time.Since(began))
	})
	require.NoError(t, h.Flush(t.Context()))
	assert.Contains(t, next.lines(), "inside")
}

// A badError is one that panics, or ends its goroutine, when it is asked for its text.
type badError struct{ bad func() }

func (e badError) Error() string { e.bad(); return "" }

// A badLeveler is a level of an option that does.
type badLeveler struct{ bad *func() }

func (l badLeveler) Level() slog.Level {
	(*l.bad)()
	return slog.LevelError
}

// PAN-6: each place where a function of others is called. That record may be lost;
// no other is, nor any room, and nobody is left waiting.
func TestPAN6FunctionsOfOthersPanicOrExit(t *testing.T) {
	for how, bad := range map[string]func(){"panic": func() { panic("bad") }, "Goexit": runtime.Goexit} {
		none := func() {}
		level, take := none, none
		for _, c := range []struct {
			name   string
			hook   func(r slog.Record) error // of the wrapped handler
			valuer func()
			set    *func()
		}{
			{name: "Handle", hook: func(r slog.Record) error {
				if r.Message == "bad" {
					bad()
				}
				return nil
			}},
			{name: "Handle of the count", hook: func(r slog.Record) error {
				if r.Message == asyncslog.DroppedMessage {
					bad()
				}
				return nil
			}},
			{name: "the error of Handle", hook: func(r slog.Record) error {
				if r.Message == "bad" {
					return badError{bad}
				}
				return nil
			}},
			{name: "the error of Handle of the count", hook: func(r slog.Record) error {
				if r.Message == asyncslog.DroppedMessage {
					return errors.Join(badError{bad})
				}
				return nil
			}},
			{name: "LogValue", valuer: bad},
			{name: "Level", set: &level},
			{name: "the function of TakeContext", set: &take},
		} {
			for _, policy := range policies {
				t.Run(fmt.Sprintf("%s in %s, policy %d", how, c.name, policy), func(t *testing.T) {
					bubbles.Run(t, func(t *testing.T) {
						level, take = none, none
						gate := make(chan struct{})
						next := &recorder{hook: func(_ context.Context, r slog.Record) error {
							<-gate
							if c.hook != nil {
								return c.hook(r)
							}
							return nil
						}}
						h := asyncslog.New(next, 2, policy, asyncslog.KeepFrom(badLeveler{&level}),
							asyncslog.TakeContext(func(ctx context.Context) context.Context { take(); return ctx }))
						log := slog.New(h)
						if c.set != nil {
							*c.set = bad
						}
						called := make(chan struct{})
						go func() {
							defer close(called)
							defer func() { _ = recover() }()
							log.Info("bad", "v", valuer(func() slog.Value {
								if c.valuer != nil {
									c.valuer()
								}
								return slog.IntValue(1)
							}))
						}()
						<-called
						synctest.Wait() // it is being written, or has never come to be queued
						level, take = none, none
						log.Info("1")
						log.Info("2")
						for range 4 {
							go log.Info("more")
						}
						synctest.Wait()
						time.Sleep(2 * time.Second) // those that wait have given up
						close(gate)
						flushed := make(chan error, 1)
						go func() { // whose text may end the goroutine
							defer close(flushed)
							defer func() { _ = recover() }()
							flushed <- h.Flush(t.Context())
						}()
						err, returned := <-flushed
						var p *futures.PanicError
						switch {
						case c.hook == nil:
							assert.NoError(t, err)
						case c.name == "Handle" && how == "panic":
							assert.ErrorAs(t, err, &p)
						default:
							assert.False(t, returned && err == nil, "Flush reports nothing")
						}
						// All the room is there again: two more find some at once.
						next.hook = nil
						for range 2 {
							assert.Zero(t, took(func() { assert.NoError(t, handle(t, h, slog.LevelInfo, "after")) }))
						}
						require.NoError(t, h.Flush(t.Context()))
						lines := next.lines()
						assert.Equal(t, []string{"after", "after"}, lines[len(lines)-2:])
					})
				})
			}
		}
	}
}
