package asyncslog_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/go-desync/go-desync/adapters/asyncslog"
)

// text returns a handler that writes to the standard output, without the time.
func text() slog.Handler {
	return slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}})
}

func Example() {
	h := asyncslog.New(text(), 1000, asyncslog.Wait)
	defer h.Flush(context.Background())

	log := slog.New(h)
	log.Info("listening", "port", 8080)
	log.With("user", "ann").WithGroup("order").Warn("out of stock", "item", 7)
	log.Info("stopping")
	// Output:
	// level=INFO msg=listening port=8080
	// level=WARN msg="out of stock" user=ann order.item=7
	// level=INFO msg=stopping
}

// A slowHandler waits for a gate before each record.
type slowHandler struct {
	slog.Handler
	gate chan struct{}
}

func (h slowHandler) Handle(ctx context.Context, r slog.Record) error {
	<-h.gate
	return h.Handler.Handle(ctx, r)
}

func ExamplePolicy() {
	gate := make(chan struct{})
	h := asyncslog.New(slowHandler{text(), gate}, 2, asyncslog.Drop)
	log := slog.New(h)
	for i := range 5 {
		log.Info("line", "i", i)
	}
	close(gate)
	h.Flush(context.Background())
	log.Info("line", "i", 5)
	h.Flush(context.Background())
	// Output:
	// level=INFO msg=line i=0
	// level=INFO msg=line i=1
	// level=WARN msg="log records dropped, the queue was full" dropped=3
	// level=INFO msg=line i=5
}

func ExampleNew() {
	// At most 100 records wait to be written. Then callers that log wait too.
	h := asyncslog.New(text(), 100, asyncslog.Wait)
	slog.New(h).Info("in the background")
	h.Flush(context.Background())
	// Output: level=INFO msg="in the background"
}

// A failingHandler stands for a handler whose disk is full.
type failingHandler struct{ slog.Handler }

func (failingHandler) Handle(context.Context, slog.Record) error { return errors.New("disk full") }

func ExampleHandler_Flush() {
	h := asyncslog.New(failingHandler{text()}, 100, asyncslog.Wait)
	slog.New(h).Info("one")
	slog.New(h).Info("two")
	fmt.Println(h.Flush(context.Background()))
	fmt.Println(h.Flush(context.Background()))
	// Output:
	// asyncslog: 2 records were not written, the first one: disk full
	// <nil>
}

// Handle is for handlers further up: it tells them of a record that was dropped.
func ExampleHandler_Handle() {
	gate := make(chan struct{})
	h := asyncslog.New(slowHandler{text(), gate}, 1, asyncslog.Drop)
	ctx := context.Background()
	fmt.Println(h.Handle(ctx, slog.Record{Message: "one"}))
	err := h.Handle(ctx, slog.Record{Message: "two"})
	fmt.Println(errors.Is(err, asyncslog.ErrDropped))
	close(gate)
	h.Flush(ctx)
	// Output:
	// <nil>
	// true
	// level=INFO msg=one
	// level=WARN msg="log records dropped, the queue was full" dropped=1
}

func ExampleHandler_Enabled() {
	h := asyncslog.New(text(), 100, asyncslog.Wait)
	fmt.Println(h.Enabled(context.Background(), slog.LevelDebug))
	// Output: false
}

func ExampleHandler_WithAttrs() {
	h := asyncslog.New(text(), 100, asyncslog.Wait)
	defer h.Flush(context.Background())
	log := slog.New(h.WithAttrs([]slog.Attr{slog.String("service", "shop")}))
	log.Info("started")
	// Output: level=INFO msg=started service=shop
}

func ExampleHandler_WithGroup() {
	h := asyncslog.New(text(), 100, asyncslog.Wait)
	defer h.Flush(context.Background())
	log := slog.New(h.WithGroup("request"))
	log.Info("done", "status", 200)
	// Output: level=INFO msg=done request.status=200
}
