package desync_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-desync/go-desync/desync"
)

var rounds = flag.Int("rounds", 20_000, "how often each hand-over is made by the tests of the edges")

// An edge is a set of functions that goroutines call at the same time, with an object
// that goes between idle and busy all the time. Each returns how many of the jobs that it
// has handed over will run.
type edge struct {
	name  string
	calls []func(d, other *desync.Desync[int], i int) (jobs int)
}

func increment(n *int) { *n++ }

func edges() []edge {
	do := func(d, _ *desync.Desync[int], _ int) int { d.Do(increment); return 1 }
	async := func(d, _ *desync.Desync[int], _ int) int { d.Async(increment); return 1 }
	try := func(d, _ *desync.Desync[int], _ int) int {
		if d.TryDo(increment) {
			return 1
		}
		return 0
	}
	suspend := func(d, _ *desync.Desync[int], i int) int {
		resume := d.Suspend()
		if i%4 == 0 {
			runtime.Gosched()
		}
		resume()
		return 0
	}
	both := func(d, other *desync.Desync[int], i int) int {
		if i%2 == 0 {
			d, other = other, d
			desync.Sync2(d, other, func(_, n *int) int { *n++; return 0 })
		} else {
			desync.Sync2(d, other, func(n, _ *int) int { *n++; return 0 })
		}
		return 1
	}
	run := func(_ context.Context, n *int) error { *n++; return nil }
	waits := func(d, _ *desync.Desync[int], _ int) int {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		if d.DoContext(ctx, run) == nil {
			return 1
		}
		return 0
	}
	// The context ends while the call waits, or is woken, or has the turn.
	givesUp := func(d, _ *desync.Desync[int], i int) int {
		ctx, cancel := context.WithCancel(context.Background())
		go func() {
			for range i % 4 {
				runtime.Gosched()
			}
			cancel()
		}()
		err := d.DoContext(ctx, run)
		if err == nil {
			return 1
		}
		if !errors.Is(err, desync.ErrNotRun) {
			panic(err)
		}
		return 0
	}
	return []edge{
		{"Do, Do", []func(d, other *desync.Desync[int], i int) int{do, do}},
		{"Do, Do, Do, Do", []func(d, other *desync.Desync[int], i int) int{do, do, do, do}},
		{"Do, Async", []func(d, other *desync.Desync[int], i int) int{do, async}},
		{"Do, Do, Async", []func(d, other *desync.Desync[int], i int) int{do, do, async}},
		{"Do, TryDo", []func(d, other *desync.Desync[int], i int) int{do, do, try}},
		{"Do, DoContext", []func(d, other *desync.Desync[int], i int) int{do, waits, waits}},
		{"Do, DoContext given up", []func(d, other *desync.Desync[int], i int) int{do, do, givesUp, givesUp}},
		{"DoContext given up, Async", []func(d, other *desync.Desync[int], i int) int{do, givesUp, givesUp, async}},
		{"Do, Suspend", []func(d, other *desync.Desync[int], i int) int{do, do, suspend}},
		{"Do, Sync2", []func(d, other *desync.Desync[int], i int) int{do, do, both, both}},
		{"everything", []func(d, other *desync.Desync[int], i int) int{do, async, try, waits, givesUp, suspend, both}},
	}
}

// No hand-over loses a wake-up or a job, or runs one twice.
func TestORD4_EXE1_EXE2_Edges(t *testing.T) {
	for _, e := range edges() {
		t.Run(e.name, func(t *testing.T) {
			d, other := desync.New(0), desync.New(0)
			var accepted atomic.Int64
			var wg sync.WaitGroup
			for g, call := range e.calls {
				wg.Go(func() {
					n := 0
					for i := range scaled(*rounds) {
						n += call(d, other, i)
						if (i+g)%64 == 0 {
							runtime.Gosched() // the others catch up
						}
					}
					accepted.Add(int64(n))
				})
			}
			ended := make(chan struct{})
			go func() { wg.Wait(); close(ended) }()
			select {
			case <-ended:
			case <-time.After(patience + time.Duration(*rounds)*100*time.Microsecond):
				buf := make([]byte, 1<<20)
				t.Fatalf("ORD-4: somebody waits forever: %v\n%s", d, buf[:runtime.Stack(buf, true)])
			}
			if got, want := int64(d.Sync(func(n *int) int { return *n })), accepted.Load(); got != want {
				t.Errorf("EXE-1, EXE-2: %d jobs ran; want %d", got, want)
			}
			if got := fmt.Sprint(d.Pending(), other.Pending()); got != "0 0" {
				t.Errorf("%s jobs are pending at the end", got)
			}
		})
	}
}
