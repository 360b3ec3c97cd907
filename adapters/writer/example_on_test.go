package writer_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/go-desync/go-desync/adapters/writer"
	"github.com/go-desync/go-desync/desync"
)

// A log for each customer, which is a key of a map.
func ExampleOn() {
	logs := desync.NewMap(func(string) *bytes.Buffer { return new(bytes.Buffer) })
	noTime := func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}
	w := writer.On(logs.At("ann"), 1<<20, func(b **bytes.Buffer) io.Writer { return *b })
	log := slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{ReplaceAttr: noTime}))
	log.Info("paid", "amount", 7)
	fmt.Println(w.Flush(context.Background()))
	fmt.Print(logs.At("ann").Sync(func(b **bytes.Buffer) string { return (*b).String() }))
	// Output:
	// <nil>
	// level=INFO msg=paid amount=7
}

func ExampleWriter_WriteString() {
	w := writer.New(os.Stdout, 1<<20)
	fmt.Println(io.WriteString(w, "hello\n"))
	w.Close()
	// Unordered output:
	// 6 <nil>
	// hello
}

func ExampleWriter_Sync() {
	var file bytes.Buffer // a file has a method Sync, which is called too
	w := writer.New(&file, 1<<20)
	fmt.Fprintln(w, "hello")
	fmt.Println(w.Sync(), file.Len())
	// Output: <nil> 6
}
