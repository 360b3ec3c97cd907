package asyncslog_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-desync/go-desync/adapters/asyncslog"
	"github.com/go-desync/go-desync/adapters/internal/misuse"
	"github.com/go-desync/go-desync/conformance/bridge"
	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

func TestRecordsAreWrittenInTurnsOfAnObject(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := desync.NewMap(func(string) int { return 0 })
		for name, d := range map[string]desync.Object[int]{"plain": desync.New(0), "key": m.At("a")} {
			var out bytes.Buffer
			h := asyncslog.New(slog.NewTextHandler(&out, nil), 10, asyncslog.Wait, asyncslog.On(d))
			log := slog.New(h)
			resume := d.Suspend()
			log.Info("one")
			log.With("k", 1).Info("two")
			synctest.Wait()
			assert.Zero(t, out.Len(), "%s: written while the object is held", name)
			resume()
			require.NoError(t, h.Flush(t.Context()))
			assert.Contains(t, out.String(), "msg=one\n")
			assert.Contains(t, out.String(), "msg=two k=1\n")
			d.Do(func(*int) { log.Info("in a job of the object") })
			require.NoError(t, h.Flush(t.Context()))
			assert.Contains(t, out.String(), "in a job")
		}
	})
}

// A full queue does not hang a job of the object that logs.
func TestAJobOfTheObjectLogsToAFullQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		d := desync.New(0)
		h := asyncslog.New(slog.NewTextHandler(&out, nil), 1, asyncslog.Wait, asyncslog.On(d), asyncslog.MaxWait(time.Second))
		began := time.Now()
		d.Do(func(*int) {
			for range 3 {
				slog.New(h).Info("x")
			}
		})
		assert.Less(t, time.Since(began), 3*time.Second)
		require.NoError(t, h.Flush(t.Context()))
		assert.Contains(t, out.String(), "dropped=2")
	})
}

func TestRecordsThatAreLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		noValue := errors.New("no such file")
		m := desync.NewMapContext(func(context.Context, string) (int, error) { return 0, noValue }, func(string, error) {})
		h := asyncslog.New(slog.DiscardHandler, 2, asyncslog.Wait, asyncslog.On(m.At("a")))
		r := slog.NewRecord(time.Now(), slog.LevelInfo, "x", 0)
		for range 5 {
			require.NoError(t, h.Handle(t.Context(), r))
		}
		assert.ErrorIs(t, h.Flush(t.Context()), noValue)

		d := desync.New(0)
		h = asyncslog.New(panicking{slog.DiscardHandler}, 2, asyncslog.Wait, asyncslog.On(d))
		require.NoError(t, h.Handle(t.Context(), r))
		_, ok := errors.AsType[*futures.PanicError](h.Flush(t.Context()))
		assert.True(t, ok)
		d.Do(func(*int) {})
	})
	misuse.Check(t, "asyncslog", map[string]func(){
		"object":               func() { asyncslog.On[int](nil) },
		"nil object":           func() { asyncslog.On((*desync.Desync[int])(nil)) },
		"a key without a hash": func() { asyncslog.On(desync.NewMap(func(any) int { return 0 }).At([]int{})) },
	})
}

type panicking struct{ slog.Handler }

func (panicking) Enabled(context.Context, slog.Level) bool  { return true }
func (panicking) Handle(context.Context, slog.Record) error { panic("no") }

func TestOrderOnAnObject(t *testing.T) {
	err := bridge.Check(t.Context(), func(observe func(item int)) (push func(item int) error, finish func() error) {
		h := asyncslog.New(observing{slog.DiscardHandler, observe}, 100, asyncslog.Wait, asyncslog.On(desync.New(0)))
		return func(item int) error {
			r := slog.NewRecord(time.Now(), slog.LevelInfo, "x", 0)
			r.AddAttrs(slog.Int("item", item))
			return h.Handle(t.Context(), r)
		}, func() error { return h.Flush(t.Context()) }
	})
	if err != nil {
		t.Error(err)
	}
}

type observing struct {
	slog.Handler
	observe func(item int)
}

func (observing) Enabled(context.Context, slog.Level) bool { return true }

func (o observing) Handle(_ context.Context, r slog.Record) error {
	r.Attrs(func(a slog.Attr) bool { o.observe(int(a.Value.Int64())); return true })
	return nil
}

// The log of a customer is written between the other jobs of that customer.
func ExampleOn() {
	customers := desync.NewMap(func(string) *bytes.Buffer { return new(bytes.Buffer) })
	ann := customers.At("ann")
	file := ann.Sync(func(file **bytes.Buffer) *bytes.Buffer { return *file })
	noTime := func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}
	h := asyncslog.New(slog.NewTextHandler(file, &slog.HandlerOptions{ReplaceAttr: noTime}), 100, asyncslog.Wait, asyncslog.On(ann))
	slog.New(h).Info("paid", "amount", 7)
	fmt.Println(h.Flush(context.Background()))
	ann.Do(func(file **bytes.Buffer) { fmt.Print((*file).String()) })
	// Output:
	// <nil>
	// level=INFO msg=paid amount=7
}
