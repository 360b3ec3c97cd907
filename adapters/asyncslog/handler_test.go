package asyncslog_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"sync"
	"testing"
	"testing/slogtest"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/go-desync/go-desync/adapters/asyncslog"
	"github.com/go-desync/go-desync/adapters/internal/bubbles"
	"github.com/go-desync/go-desync/futures"
)

func TestSlogtest(t *testing.T) {
	for _, policy := range policies {
		t.Run(fmt.Sprint("policy ", policy), func(t *testing.T) {
			defer goleak.VerifyNone(t)
			var out bytes.Buffer
			var h *asyncslog.Handler
			slogtest.Run(t, func(*testing.T) slog.Handler {
				out.Reset()
				h = asyncslog.New(slog.NewJSONHandler(&out, nil), 8, policy)
				return h
			}, func(t *testing.T) map[string]any {
				require.NoError(t, h.Flush(t.Context()))
				var m map[string]any
				require.NoError(t, json.Unmarshal(out.Bytes(), &m))
				return m
			})
		})
	}
}

func TestRecordsAreWrittenInOrder(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		const writers, each = 8, 500
		next := new(recorder)
		log := asyncslog.New(next, 16, asyncslog.Wait)
		var all sync.WaitGroup
		for w := range writers {
			all.Go(func() {
				for i := range each {
					slog.New(log).Info("line", "w", w, "i", i)
				}
			})
		}
		all.Wait()
		require.NoError(t, log.Flush(t.Context()))
		lines := next.lines()
		require.Len(t, lines, writers*each)
		var seen [writers]int
		for _, line := range lines {
			var w, i int
			_, err := fmt.Sscanf(line, "line w=%d i=%d", &w, &i)
			require.NoError(t, err)
			require.Equal(t, seen[w], i, "ORD-1: the next line of goroutine %d", w)
			seen[w]++
		}
	})
}

func TestAttrsAndGroupsShareTheOrder(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		var out, want bytes.Buffer
		noTime := &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		}}
		talk := func(log *slog.Logger) {
			a := log.With("a", 1)
			b := a.WithGroup("g").With("b", 2)
			log.Info("one")
			b.Info("two", "c", 3)
			a.WithGroup("").With().Warn("three")
			b.WithGroup("h").Info("four", "d", 4)
			log.Info("five")
		}
		h := asyncslog.New(slog.NewTextHandler(&out, noTime), 2, asyncslog.Wait)
		talk(slog.New(h))
		require.NoError(t, h.Flush(t.Context()))
		talk(slog.New(slog.NewTextHandler(&want, noTime)))
		if diff := cmp.Diff(want.String(), out.String()); diff != "" {
			t.Errorf("expected the same as from the wrapped handler (-), got (+):\n%s", diff)
		}
	})
}

func TestEnabledIsThatOfTheWrappedHandler(t *testing.T) {
	level := new(slog.LevelVar)
	h := asyncslog.New(slog.NewTextHandler(io.Discard, &slog.HandlerOptions{Level: level}), 1, asyncslog.Wait)
	assert.True(t, h.Enabled(t.Context(), slog.LevelInfo))
	level.Set(slog.LevelError)
	assert.False(t, h.Enabled(t.Context(), slog.LevelInfo))
}

// The clock of a bubble says how long the caller was kept: with the wrapped handler
// for as long as the writes take, through the queue not at all.
func TestCallerDoesNotWaitForTheWriter(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		const records, write = 100, time.Millisecond
		next := &recorder{hook: func(context.Context, slog.Record) error { time.Sleep(write); return nil }}
		log := asyncslog.New(next, records, asyncslog.Wait)
		began := time.Now()
		for range records {
			slog.New(log).Info("line")
		}
		assert.Zero(t, time.Since(began), "the caller's time for %d records, each of which takes %v to write", records, write)
		require.NoError(t, log.Flush(t.Context()))
		assert.Equal(t, records*write, time.Since(began), "the time until all are written")
	})
}

func TestLogValuersAreResolvedByTheCall(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		next, gate := gated()
		h := asyncslog.New(next, 10, asyncslog.Wait)
		n := counter(1)
		group := []slog.Attr{slog.Any("n", &n), slog.Int("m", 7)}
		slog.New(h).Info("plain", "n", &n)
		n++
		slog.New(h).Info("group", "g", slog.GroupValue(group...))
		n++
		slog.New(h).Info("valuer of a group", "g", valuer(func() slog.Value { return slog.GroupValue(group...) }))
		n++
		slog.New(h).Info("bad", "n", valuer(func() slog.Value { panic("no value") }))
		n = 100
		close(gate)
		require.NoError(t, h.Flush(t.Context()))
		lines := next.lines()
		require.Len(t, lines, 4)
		assert.Equal(t, []string{"plain n=1", "group g=[n=2 m=7]", "valuer of a group g=[n=3 m=7]"}, lines[:3])
		assert.Contains(t, lines[3], "LogValue panicked")
		assert.Equal(t, slog.KindLogValuer, group[0].Value.Kind(), "the caller's group was changed")
	})
}

type counter int

func (c *counter) LogValue() slog.Value { return slog.IntValue(int(*c)) }

type valuer func() slog.Value

func (v valuer) LogValue() slog.Value { return v() }

// A handler further up may go on adding to the record that it has passed on, and the
// wrapped one adds to its own.
func TestRecordIsCloned(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		next, gate := gated()
		h := asyncslog.New(adder{next}, 10, asyncslog.Wait)
		r := slog.NewRecord(time.Time{}, slog.LevelInfo, "line", 0)
		for i := range 8 { // more than have a place in the record itself, and room for one more
			r.AddAttrs(slog.Int("a", i))
		}
		require.NoError(t, h.Handle(t.Context(), r))
		r.AddAttrs(slog.Int("b", 1))
		require.NoError(t, h.Handle(t.Context(), r))
		r.AddAttrs(slog.Int("c", 2))
		close(gate)
		require.NoError(t, h.Flush(t.Context()))
		const eight = "line a=0 a=1 a=2 a=3 a=4 a=5 a=6 a=7"
		assert.Equal(t, []string{eight + " added=1", eight + " b=1 added=1"}, next.lines())
	})
}

// An adder adds an attribute to each record.
type adder struct{ *recorder }

func (h adder) Handle(ctx context.Context, r slog.Record) error {
	r.AddAttrs(slog.Int("added", 1))
	return h.recorder.Handle(ctx, r)
}

type ctxKey struct{}

func TestContextHasItsValuesAndNoEnd(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		gate := make(chan struct{})
		next := &recorder{hook: func(ctx context.Context, _ slog.Record) error {
			<-gate
			assert.NoError(t, ctx.Err())
			assert.Equal(t, "v", ctx.Value(ctxKey{}))
			return nil
		}}
		h := asyncslog.New(next, 10, asyncslog.Wait)
		ctx, cancel := context.WithCancel(context.WithValue(t.Context(), ctxKey{}, "v"))
		slog.New(h).InfoContext(ctx, "before")
		cancel()
		slog.New(h).InfoContext(ctx, "after")
		close(gate)
		require.NoError(t, h.Flush(t.Context()))
		assert.Equal(t, []string{"before", "after"}, next.lines())
	})
}

func TestFlushReportsWhatFailed(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		full := errors.New("disk full")
		next := &recorder{hook: func(_ context.Context, r slog.Record) error {
			switch r.Message {
			case "error":
				return full
			case "panic":
				panic("no disk")
			case "goexit":
				runtime.Goexit()
			}
			return nil
		}}
		h := asyncslog.New(next, 1, asyncslog.Wait)
		log := slog.New(h)

		log.Info("1")
		log.Info("error")
		log.Info("2")
		log.Info("panic")
		log.Info("3")
		err := h.Flush(t.Context())
		assert.ErrorIs(t, err, full)
		assert.ErrorContains(t, err, "2 records were not written")
		assert.NoError(t, h.Flush(t.Context()), "a second Flush")

		log.Info("panic")
		err = h.Flush(t.Context())
		var p *futures.PanicError
		if assert.ErrorAs(t, err, &p) {
			assert.Equal(t, "no disk", p.Value)
		}

		log.Info("goexit")
		log.Info("4")
		assert.ErrorIs(t, h.Flush(t.Context()), futures.ErrGoexit)

		assert.Equal(t, []string{"1", "2", "3", "4"}, next.lines(), "the neighbours go on")
	})
}

func TestFlushGivesUpWithItsContext(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		next, gate := gated()
		h := asyncslog.New(next, 10, asyncslog.Wait)
		slog.New(h).Info("1")
		cause := errors.New("shutdown takes too long")
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, cause)
		defer cancel()
		err := h.Flush(ctx)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.ErrorIs(t, err, cause)
		close(gate)
		synctest.Wait()
		assert.Equal(t, []string{"1"}, next.lines(), "records written after all")
		assert.ErrorIs(t, h.Flush(ctx), context.DeadlineExceeded, "a context that had ended")
	})
}

func TestMisusePanics(t *testing.T) {
	next := new(recorder)
	for name, call := range map[string]func(){
		"nil handler":    func() { asyncslog.New(nil, 1, asyncslog.Wait) },
		"bound 0":        func() { asyncslog.New(next, 0, asyncslog.Wait) },
		"bound -1":       func() { asyncslog.New(next, -1, asyncslog.Drop) },
		"policy 3":       func() { asyncslog.New(next, 1, 3) },
		"policy -1":      func() { asyncslog.New(next, 1, -1) },
		"Flush, nil ctx": func() { _ = asyncslog.New(next, 1, asyncslog.Wait).Flush(nil) },
	} {
		v := func() (v any) {
			defer func() { v = recover() }()
			call()
			return nil
		}()
		s, _ := v.(string)
		assert.Contains(t, s, "asyncslog: ", "%s: the panic", name)
	}
}
