package examples_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"

	"github.com/go-desync/go-desync/adapters/asyncslog"
	"github.com/go-desync/go-desync/desync"
)

// A disk hangs until it is freed.
type disk struct {
	file  io.Writer
	freed <-chan struct{}
}

func (d disk) Write(p []byte) (int, error) {
	<-d.freed
	return d.file.Write(p)
}

// A shop logs what it does, in the middle of its jobs.
type shop struct {
	stock *desync.Desync[int]
	log   *slog.Logger
}

func (s *shop) sell(order int) {
	s.stock.Do(func(stock *int) {
		if *stock == 0 {
			s.log.Error("sold out", "order", order)
			return
		}
		*stock--
		s.log.Info("sold", "order", order, "left", *stock)
	})
}

// withoutTime removes the time, so that the output of the example is always the same.
func withoutTime(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}

// Log: the disk hangs, and the shop goes on selling. Meanwhile the log keeps a bounded
// number of records, and then says how many were dropped.
func Example_log() {
	var file bytes.Buffer // only the handler uses it until the flush
	freed := make(chan struct{})
	text := slog.NewTextHandler(disk{&file, freed}, &slog.HandlerOptions{ReplaceAttr: withoutTime})
	background := asyncslog.New(text, 4, asyncslog.Drop)
	log := slog.New(background)
	shop := &shop{desync.New(6), log.With("shop", "corner")}

	for order := range 10 {
		shop.sell(order + 1)
	}
	left := shop.stock.Sync(func(stock *int) int { return *stock })
	fmt.Println("all orders done, left:", left)

	close(freed)
	fmt.Println("flushed:", background.Flush(context.Background()))
	log.Info("closed")
	fmt.Println("flushed:", background.Flush(context.Background()))
	fmt.Print(file.String())
	// Output:
	// all orders done, left: 0
	// flushed: <nil>
	// flushed: <nil>
	// level=INFO msg=sold shop=corner order=1 left=5
	// level=INFO msg=sold shop=corner order=2 left=4
	// level=INFO msg=sold shop=corner order=3 left=3
	// level=INFO msg=sold shop=corner order=4 left=2
	// level=ERROR msg="log records dropped, the queue was full" dropped=6
	// level=INFO msg=closed
}
