package asyncslog_test

import (
	"context"
	"log"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-desync/go-desync/adapters/asyncslog"
	"github.com/go-desync/go-desync/adapters/internal/bubbles"
)

// took returns for how long f kept its caller.
func took(f func()) time.Duration {
	began := time.Now()
	f()
	return time.Since(began)
}

func TestWaitIsLimited(t *testing.T) {
	for _, c := range []struct {
		opts []asyncslog.Option
		want time.Duration
	}{
		{nil, asyncslog.DefaultMaxWait},
		{[]asyncslog.Option{asyncslog.MaxWait(3 * time.Minute)}, 3 * time.Minute},
	} {
		bubbles.Run(t, func(t *testing.T) {
			next, gate := gated()
			h := asyncslog.New(next, 2, asyncslog.Wait, c.opts...)
			slog.New(h).Info("1")
			slog.New(h).Info("2")
			var err error
			d := took(func() {
				err = h.Handle(t.Context(), slog.NewRecord(time.Now(), slog.LevelError, "3", 0))
			})
			assert.Equal(t, c.want, d, "the time until the record is dropped")
			assert.ErrorIs(t, err, asyncslog.ErrDropped)
			close(gate)
			require.NoError(t, h.Flush(t.Context()))
			assert.Equal(t, []string{"1", "2", "ERROR dropped=1"}, next.lines())
		})
	}
}

// After a wait in vain the limit is a tenth of the time since.
func TestAStuckHandlerCostsATenthOfTheTime(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		next, gate := gated()
		h := asyncslog.New(next, 1, asyncslog.Wait)
		log := func() { slog.New(h).Info("line") }
		log()
		assert.Equal(t, time.Second, took(log))
		assert.Zero(t, took(log), "straight after the first wait in vain")
		time.Sleep(5 * time.Second)
		assert.Equal(t, time.Second/2, took(log), "5 seconds later")
		assert.Zero(t, took(log))
		time.Sleep(time.Hour)
		assert.Equal(t, time.Second, took(log), "an hour later")
		close(gate)
		require.NoError(t, h.Flush(t.Context()))
	})
}

// A handler that is slow, and not stuck, is waited for each time.
func TestASlowHandlerIsWaitedFor(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		next := &recorder{hook: func(context.Context, slog.Record) error { time.Sleep(600 * time.Millisecond); return nil }}
		h := asyncslog.New(next, 1, asyncslog.Wait)
		log := slog.New(h)
		log.Info("1")
		var all sync.WaitGroup
		all.Go(func() { log.Info("2") }) // waits for 600 ms
		synctest.Wait()
		assert.Equal(t, time.Second, took(func() { log.Info("3") }), "a wait in which another got the room")
		assert.Equal(t, 200*time.Millisecond, took(func() { log.Info("4") }), "the wait after it")
		all.Wait()
		require.NoError(t, h.Flush(t.Context()))
		assert.Equal(t, []string{"1", "2", "WARN dropped=1", "4"}, next.lines())
	})
}

// A wrapped handler that logs while it writes the count of dropped records, and finds
// no room: it must not wait for itself.
func TestWrappedHandlerThatLogsWhenItCounts(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		var log *slog.Logger
		next, gate := gated()
		hook := next.hook
		next.hook = func(ctx context.Context, r slog.Record) error {
			if r.Message != "inner" {
				log.Warn("inner")
			}
			return hook(ctx, r)
		}
		h := asyncslog.New(next, 1, asyncslog.Wait)
		log = slog.New(h)
		began := time.Now()
		log.Info("1")
		synctest.Wait() // inner of 1 is dropped
		go log.Info("2")
		synctest.Wait()
		gate <- struct{}{} // 2 takes the room when the count is about to be written
		synctest.Wait()
		close(gate)
		synctest.Wait()
		require.NoError(t, h.Flush(t.Context()))
		assert.Zero(t, time.Since(began), "the wrapped handler was kept waiting")
		assert.Subset(t, next.lines(), []string{"1", "WARN dropped=1", "2"})
	})
}

// A wrapped handler that waits for a goroutine of its own, which logs.
func TestWrappedHandlerThatWaitsForOneWhoLogs(t *testing.T) {
	for _, opts := range [][]asyncslog.Option{nil, {asyncslog.FlushFrom(slog.LevelInfo)}} {
		bubbles.Run(t, func(t *testing.T) {
			var log *slog.Logger
			next := &recorder{hook: func(_ context.Context, r slog.Record) error {
				if r.Message == "outer" {
					sent := make(chan struct{})
					go func() { defer close(sent); log.Info("client") }()
					<-sent
				}
				return nil
			}}
			h := asyncslog.New(next, 1, asyncslog.Wait, opts...)
			log = slog.New(h)
			const records = 100
			d := took(func() {
				for range records {
					log.Info("outer")
				}
				require.NoError(t, h.Flush(t.Context()))
			})
			assert.Less(t, d, 3*asyncslog.DefaultMaxWait, "the time of %d records", records)
		})
	}
}

// Package log holds a lock while it logs, and a handler that logs through package log
// needs this lock. The test does not run in a bubble, whose clock stands still while a
// goroutine waits for a lock.
func TestWrappedHandlerThatUsesPackageLog(t *testing.T) {
	before, out, flags := slog.Default(), log.Writer(), log.Flags()
	defer func() {
		slog.SetDefault(before)
		log.SetOutput(out)
		log.SetFlags(flags)
	}()
	next := &recorder{hook: func(_ context.Context, r slog.Record) error {
		if r.Message == "a line" {
			log.Print("retrying")
		}
		return nil
	}}
	h := asyncslog.New(next, 1, asyncslog.Wait, asyncslog.MaxWait(10*time.Millisecond))
	slog.SetDefault(slog.New(h))
	for range 1000 {
		log.Print("a line")
	}
	require.NoError(t, h.Flush(t.Context()))
	assert.Contains(t, next.lines(), "a line")
}

func TestWhatIsKeptWaitsToo(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		next, gate := gated()
		h := asyncslog.New(next, 1, asyncslog.Wait, asyncslog.KeepFrom(slog.LevelError))
		log := slog.New(h)
		log.Info("1")
		assert.Equal(t, time.Second, took(func() { log.Error("2") }), "then it goes past the bound")
		assert.Zero(t, took(func() { log.Info("3") }))
		close(gate)
		require.NoError(t, h.Flush(t.Context()))
		assert.Equal(t, []string{"1", "2", "WARN dropped=1"}, next.lines())
	})
}
