package asyncslog_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/go-desync/go-desync/adapters/asyncslog"
)

// The log ends with the last records, and no error is missing from it.
func ExampleOption() {
	gate := make(chan struct{})
	h := asyncslog.New(slowHandler{text(), gate}, 2, asyncslog.DropOldest, asyncslog.KeepFrom(slog.LevelError))
	log := slog.New(h)
	log.Error("disk full")
	for i := range 5 {
		log.Info("line", "i", i)
	}
	close(gate)
	h.Flush(context.Background())
	// Output:
	// level=ERROR msg="disk full"
	// level=WARN msg="log records dropped, the queue was full" dropped=4
	// level=INFO msg=line i=4
}

func ExampleMaxWait() {
	gate := make(chan struct{})
	h := asyncslog.New(slowHandler{text(), gate}, 1, asyncslog.Wait, asyncslog.MaxWait(10*time.Millisecond))
	log := slog.New(h)
	log.Info("one")
	log.Info("two") // waits for 10 ms
	close(gate)
	h.Flush(context.Background())
	// Output:
	// level=INFO msg=one
	// level=WARN msg="log records dropped, the queue was full" dropped=1
}

func ExampleKeepFrom() {
	gate := make(chan struct{})
	h := asyncslog.New(slowHandler{text(), gate}, 1, asyncslog.Drop, asyncslog.KeepFrom(slog.LevelError))
	log := slog.New(h)
	log.Info("one")
	log.Info("two")
	log.Error("three") // past the bound
	close(gate)
	h.Flush(context.Background())
	// Output:
	// level=INFO msg=one
	// level=WARN msg="log records dropped, the queue was full" dropped=1
	// level=ERROR msg=three
}

func ExampleFlushFrom() {
	h := asyncslog.New(text(), 100, asyncslog.Wait, asyncslog.FlushFrom(slog.LevelError))
	log := slog.New(h)
	log.Info("starting")
	log.Error("no configuration")
	// Both are written: os.Exit(1) loses nothing now.

	// Output:
	// level=INFO msg=starting
	// level=ERROR msg="no configuration"
}

// A handler that adds the number of the request, which it finds in the context.
type withNumber struct{ slog.Handler }

type numberKey struct{}

func (h withNumber) Handle(ctx context.Context, r slog.Record) error {
	r.AddAttrs(slog.Any("request", ctx.Value(numberKey{})))
	return h.Handler.Handle(ctx, r)
}

// A pooledContext is used for one request after the other.
type pooledContext struct {
	context.Context
	number int
}

func (c *pooledContext) Value(any) any { return c.number }

func ExampleTakeContext() {
	take := func(ctx context.Context) context.Context {
		return context.WithValue(context.Background(), numberKey{}, ctx.Value(numberKey{}))
	}
	h := asyncslog.New(withNumber{text()}, 100, asyncslog.Wait, asyncslog.TakeContext(take))
	ctx := &pooledContext{Context: context.Background()}
	for i := range 3 {
		ctx.number = i
		slog.New(h).InfoContext(ctx, "served")
	}
	h.Flush(context.Background())
	// Output:
	// level=INFO msg=served request=0
	// level=INFO msg=served request=1
	// level=INFO msg=served request=2
}

func ExampleHandler_Handle_flushFrom() {
	h := asyncslog.New(failingHandler{text()}, 100, asyncslog.Wait, asyncslog.FlushFrom(slog.LevelError))
	err := h.Handle(context.Background(), slog.Record{Level: slog.LevelError})
	fmt.Println(err, errors.Is(err, asyncslog.ErrNotWritten))
	// Output: disk full false
}
