package asyncslog_test

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-desync/go-desync/adapters/asyncslog"
	"github.com/go-desync/go-desync/adapters/internal/bubbles"
)

func TestDropOldest(t *testing.T) {
	for _, c := range []struct {
		name  string
		bound int
		log   string // the first is being written; a capital is of a level that is kept
		want  string
	}{
		{"none dropped", 3, "abc", "a b c"},
		{"one", 3, "abcd", "a WARN dropped=1 c d"},
		{"many", 3, "abcdefghi", "a WARN dropped=6 h i"},
		{"nothing but the one that is being written", 1, "abc", "a WARN dropped=2"},
		{"kept ones stay where they are", 4, "aBcDef", "a B WARN dropped=1 D WARN dropped=1 f"},
		{"between kept ones", 4, "abCdefgh", "a WARN dropped=1 C WARN dropped=3 g h"},
		{"only kept ones are queued", 3, "aBCdeF", "a B C WARN dropped=2 F"},
		{"kept ones past the bound", 2, "aBCDe", "a B C D WARN dropped=1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubbles.Run(t, func(t *testing.T) {
				next, gate := gated()
				h := asyncslog.New(next, c.bound, asyncslog.DropOldest, asyncslog.KeepFrom(slog.LevelWarn))
				for _, r := range c.log {
					level := slog.LevelInfo
					if r < 'a' {
						level = slog.LevelWarn
					}
					_ = handle(t, h, level, string(r))
					synctest.Wait()
				}
				flushed := make(chan int)
				go func() {
					assert.NoError(t, h.Flush(t.Context()))
					flushed <- len(next.lines())
				}()
				synctest.Wait()
				close(gate)
				n := <-flushed
				assert.Equal(t, c.want, strings.Join(next.lines(), " "))
				assert.Len(t, next.lines(), n, "lines when Flush returned")
			})
		})
	}
}

func TestDropOldestCountHasTheHighestLevel(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		next, gate := gated()
		log := slog.New(asyncslog.New(next, 2, asyncslog.DropOldest))
		log.Info("1")
		synctest.Wait()
		log.Debug("2")
		log.Error("3")
		log.Info("4")
		log.Info("5")
		close(gate)
		synctest.Wait()
		assert.Equal(t, []string{"1", "ERROR dropped=3", "5"}, next.lines())
	})
}

// Nothing is lost without being counted, nothing that is kept is lost, and the order
// holds, whatever the policy.
func TestPoliciesUnderLoad(t *testing.T) {
	for _, policy := range policies {
		bubbles.Run(t, func(t *testing.T) {
			const writers, each = 8, 1000
			var written, kept, counted int
			var last [writers]int
			next := &recorder{hook: func(_ context.Context, r slog.Record) error {
				if r.Message == asyncslog.DroppedMessage {
					r.Attrs(func(a slog.Attr) bool { counted += int(a.Value.Int64()); return true })
					return nil
				}
				written++
				if r.Level >= slog.LevelWarn {
					kept++
				}
				var w, i int
				_, err := fmt.Sscan(r.Message, &w, &i)
				if i <= last[w] {
					t.Errorf("ORD-1: %d after %d", i, last[w])
				}
				last[w] = i
				if i%50 == 0 {
					runtime.Gosched()
				}
				return err
			}}
			h := asyncslog.New(next, 5, policy, asyncslog.KeepFrom(slog.LevelWarn), asyncslog.FlushFrom(slog.LevelError),
				asyncslog.MaxWait(time.Microsecond))
			levels := []slog.Level{slog.LevelInfo, slog.LevelInfo, slog.LevelInfo, slog.LevelWarn, slog.LevelInfo, slog.LevelError}
			want := 0
			var all sync.WaitGroup
			for w := range writers {
				all.Go(func() {
					for i := range each {
						_ = handle(t, h, levels[i%len(levels)], fmt.Sprint(w, " ", i+1))
					}
				})
			}
			for i := range each {
				if levels[i%len(levels)] >= slog.LevelWarn {
					want += writers
				}
			}
			all.Wait()
			require.NoError(t, h.Flush(t.Context()))
			assert.Equal(t, writers*each, written+counted, "policy %d: written (%d) and counted (%d)", policy, written, counted)
			assert.Equal(t, want, kept, "policy %d: records of the level that is kept", policy)
		})
	}
}

// CAN-4: a queue that is stuck holds no more for those who drop and flush in vain.
func TestCAN4StuckQueueStaysBounded(t *testing.T) {
	for _, policy := range policies {
		bubbles.Run(t, func(t *testing.T) {
			next, gate := gated()
			h := asyncslog.New(next, 2, policy, asyncslog.MaxWait(time.Nanosecond))
			ended, cancel := context.WithCancel(t.Context())
			cancel()
			for range 1000 {
				_ = handle(t, h, slog.LevelInfo, "line")
				synctest.Wait()
				assert.Error(t, h.Flush(ended))
			}
			close(gate)
			require.NoError(t, h.Flush(t.Context()))
			assert.LessOrEqual(t, len(next.lines()), 3, "policy %d: lines: the bound, and one count", policy)
		})
	}
}
