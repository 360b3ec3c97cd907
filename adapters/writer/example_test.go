package writer_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/go-desync/go-desync/adapters/writer"
)

func Example() {
	w := writer.New(os.Stdout, 1<<20)
	defer w.Close() // waits until all is written

	for i := range 3 {
		fmt.Fprintln(w, "line", i)
	}
	// Output:
	// line 0
	// line 1
	// line 2
}

// The caller formats the records, so the values of the attributes are those at that
// moment. They are written in the background.
func ExampleNew() {
	w := writer.New(os.Stdout, 1<<20)
	defer w.Close()
	noTime := func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}
	log := slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{ReplaceAttr: noTime}))

	header := map[string]int{"hops": 1}
	log.Info("received", "header", header)
	header["hops"] = 2
	log.Info("forwarded", "header", header)
	// Output:
	// level=INFO msg=received header=map[hops:1]
	// level=INFO msg=forwarded header=map[hops:2]
}

// A fullDisk takes one write.
type fullDisk struct{ bytes.Buffer }

func (d *fullDisk) Write(p []byte) (int, error) {
	if d.Len() > 0 {
		return 0, errors.New("disk full")
	}
	return d.Buffer.Write(p)
}

func ExampleWriter_Write() {
	w := writer.New(new(fullDisk), 1<<20)
	fmt.Fprintln(w, "one")
	_, err := fmt.Fprintln(w, "two") // queued, so far without an error
	fmt.Println(err)
	fmt.Println(w.Flush(context.Background()))
	_, err = fmt.Fprintln(w, "three")
	fmt.Println(err)
	fmt.Println(w.Close())
	// Output:
	// <nil>
	// writer: writing 4 bytes: disk full
	// writer: writing 4 bytes: disk full
	// writer: writing 4 bytes: disk full
}

func ExampleWriter_Flush() {
	var file bytes.Buffer
	w := writer.New(&file, 1<<20)
	fmt.Fprint(w, "saved")
	err := w.Flush(context.Background())
	fmt.Println(file.String(), err)
	// Output: saved <nil>
}

func ExampleWriter_Close() {
	var file bytes.Buffer
	w := writer.New(&file, 1<<20)
	fmt.Fprint(w, "saved")
	err := w.Close()
	fmt.Println(file.String(), err)

	_, err = fmt.Fprint(w, "too late")
	fmt.Println(errors.Is(err, writer.ErrClosed))
	// Output:
	// saved <nil>
	// true
}
