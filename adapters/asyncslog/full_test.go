package asyncslog_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-desync/go-desync/adapters/asyncslog"
	"github.com/go-desync/go-desync/adapters/internal/bubbles"
	"github.com/go-desync/go-desync/desync"
)

func TestWaitWaitsForRoom(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		next, gate := gated()
		h := asyncslog.New(next, 2, asyncslog.Wait)
		log := slog.New(h)
		log.Info("1")
		log.Info("2")
		accepted := false
		go func() {
			// A record is not lost because its context has ended.
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			log.InfoContext(ctx, "3")
			accepted = true
		}()
		synctest.Wait()
		assert.False(t, accepted, "the call returned although the queue was full")
		gate <- struct{}{}
		synctest.Wait()
		assert.True(t, accepted, "the call did not return when there was room")
		close(gate)
		require.NoError(t, h.Flush(t.Context()))
		assert.Equal(t, []string{"1", "2", "3"}, next.lines())
	})
}

// A job of an object that logs must not be taken for the wrapped handler.
func TestWaitInAJob(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		next, gate := gated()
		h := asyncslog.New(next, 1, asyncslog.Wait)
		slog.New(h).Info("1")
		d := desync.New(0)
		d.Async(func(*int) { slog.New(h).Info("2") })
		synctest.Wait()
		close(gate)
		d.Do(func(*int) {})
		require.NoError(t, h.Flush(t.Context()))
		assert.Equal(t, []string{"1", "2"}, next.lines())
	})
}

func TestDropCountsInTheLog(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		next, gate := gated()
		h := asyncslog.New(next, 4, asyncslog.Drop)
		log := slog.New(h)
		for i := range 10 {
			log.Info(fmt.Sprint(i)) // 4 to 9 are dropped
		}
		r := slog.NewRecord(time.Now(), slog.LevelInfo, "10", 0)
		assert.ErrorIs(t, h.Handle(t.Context(), r), asyncslog.ErrDropped)
		gate <- struct{}{}
		synctest.Wait()
		log.Info("11") // still dropped: less than half is free
		gate <- struct{}{}
		synctest.Wait()
		log.Info("12")
		close(gate)
		synctest.Wait()
		require.Equal(t, []string{"0", "1", "2", "3", "WARN dropped=8", "12"}, next.lines())

		log.Info("13")
		synctest.Wait()
		require.NoError(t, h.Flush(t.Context()))
		assert.Equal(t, []string{"13"}, next.lines()[6:], "the count starts anew")
	})
}

func TestDropsAreCountedThoughNothingFollows(t *testing.T) {
	for bound := 1; bound <= 3; bound++ {
		bubbles.Run(t, func(t *testing.T) {
			next, gate := gated()
			log := slog.New(asyncslog.New(next, bound, asyncslog.Drop))
			for range bound + 5 {
				log.Info("line")
			}
			close(gate)
			synctest.Wait()
			lines := next.lines()
			require.Len(t, lines, bound+1)
			assert.Equal(t, "WARN dropped=5", lines[bound])
		})
	}
}

func TestFlushCoversTheCountOfDrops(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		next, gate := gated()
		h := asyncslog.New(next, 4, asyncslog.Drop)
		for range 6 {
			slog.New(h).Info("line")
		}
		flushed := make(chan int)
		go func() {
			assert.NoError(t, h.Flush(t.Context()))
			flushed <- len(next.lines())
		}()
		synctest.Wait()
		close(gate)
		require.Equal(t, 5, <-flushed, "lines when Flush returned: 4 and the count")
		assert.Equal(t, "WARN dropped=2", next.lines()[4])
	})
}

func TestCountHasTheHighestLevelDropped(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		next, gate := gated()
		log := slog.New(asyncslog.New(next, 1, asyncslog.Drop))
		log.Info("1")
		log.Error("2")
		log.Debug("3")
		gate <- struct{}{}
		gate <- struct{}{}
		synctest.Wait()
		log.Info("4")
		log.Debug("5")
		close(gate)
		synctest.Wait()
		assert.Equal(t, []string{"1", "ERROR dropped=2", "4", "WARN dropped=1"}, next.lines())
	})
}

func TestFlushReportsACountThatWasNotWritten(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		next, gate := gated()
		hook, lost := next.hook, errors.New("no disk")
		next.hook = func(ctx context.Context, r slog.Record) error {
			if r.Message == asyncslog.DroppedMessage {
				return lost
			}
			return hook(ctx, r)
		}
		h := asyncslog.New(next, 1, asyncslog.Drop)
		for range 4 {
			slog.New(h).Info("line")
		}
		close(gate)
		err := h.Flush(t.Context())
		assert.ErrorIs(t, err, lost)
		assert.ErrorContains(t, err, "3 records that were dropped")
	})
}

// No record is lost without being counted, with several goroutines that log and
// flush.
func TestDropsUnderLoad(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		const writers, each = 8, 2000
		var written, counted int
		next := &recorder{hook: func(_ context.Context, r slog.Record) error {
			if r.Message != asyncslog.DroppedMessage {
				written++
				return nil
			}
			r.Attrs(func(a slog.Attr) bool { counted += int(a.Value.Int64()); return true })
			return nil
		}}
		h := asyncslog.New(next, 5, asyncslog.Drop)
		var all sync.WaitGroup
		for range writers {
			all.Go(func() {
				for i := range each {
					slog.New(h).Info("line")
					if i%100 == 0 {
						assert.NoError(t, h.Flush(t.Context()))
					}
				}
			})
		}
		all.Wait()
		require.NoError(t, h.Flush(t.Context()))
		assert.Equal(t, writers*each, written+counted, "records written (%d) and counted as dropped (%d)", written, counted)
	})
}

// A wrapped handler that logs to the same queue must not wait for its own record.
func TestWrappedHandlerThatLogsHere(t *testing.T) {
	for _, policy := range []asyncslog.Policy{asyncslog.Wait, asyncslog.Drop} {
		bubbles.Run(t, func(t *testing.T) {
			var log *slog.Logger
			next, gate := gated()
			hook := next.hook
			next.hook = func(ctx context.Context, r slog.Record) error {
				if r.Message == "1" {
					log.Info("inner, with room")
					log.Error("inner, without")
				}
				return hook(ctx, r)
			}
			h := asyncslog.New(next, 2, policy)
			log = slog.New(h)
			log.Info("1")
			synctest.Wait()
			close(gate)
			require.NoError(t, h.Flush(t.Context()))
			assert.Equal(t, []string{"1", "inner, with room", "ERROR dropped=1"}, next.lines(), "policy %d", policy)
		})
	}
}
