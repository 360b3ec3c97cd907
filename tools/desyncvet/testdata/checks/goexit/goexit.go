package goexit

import (
	"context"
	"errors"
	"runtime"
	"testing"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"

	"example.com/checks/helper"
)

func wrong(t *testing.T, d, other *desync.Desync[int], err error) {
	d.Async(func(n *int) {
		if *n != 1 {
			t.Fatalf("got %d", *n) // want `t.Fatalf in a job of Async ends the goroutine that happens to run the job`
		}
		*n++
	})
	d.Async(func(n *int) {
		t.Fatal(*n) // want `t.Fatal in a job of Async`
	})
	_ = d.Future(func(n *int) int {
		t.Skip() // want `t.Skip in a job of Future`
		return *n
	})
	d.Async(func(*int) {
		runtime.Goexit()                     // want `runtime.Goexit in a job of Async`
		helper.Must(t, err)                  // want `helper.Must, which calls t.Fatal, in a job of Async`
		other.Do(func(*int) { t.FailNow() }) // want `t.FailNow in a job of Async`
		func() { defer t.SkipNow() }()       // want `t.SkipNow in a job of Async`
	})
	d.Async(fail) // want `fail, which calls runtime.Goexit, as a job of Async`
	var tb testing.TB = t
	d.Async(func(*int) { tb.FailNow() }) // want `tb.FailNow in a job of Async`
}

func fail(*int) { runtime.Goexit() }

func right(t *testing.T, d *desync.Desync[int], err error) {
	d.Do(func(n *int) { t.Fatal(*n) })
	_ = d.Sync(func(n *int) int { helper.Must(t, err); return *n })
	d.Async(func(n *int) { t.Error(*n) })
	d.Async(func(*int) { t.Run("sub", func(t *testing.T) { t.Fatal() }) })
	d.Async(func(*int) { go func() { t.Fatal() }() }) // vet's testinggoroutine sees it
}

func onPurpose(ctx context.Context, d *desync.Desync[int]) bool {
	_, err := d.Future(func(*int) int { runtime.Goexit(); return 0 }).Await(ctx)
	return errors.Is(err, futures.ErrGoexit)
}
