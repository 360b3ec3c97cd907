package desync_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

// Of all that is queued behind a gate, every second call gives up.
func TestCAN3_NeighboursKeepTheirOrder(t *testing.T) {
	for _, c := range contextCalls[[]string]() {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d, gate := closedGate[[]string]()
				ctx, cancel := context.WithCancel(t.Context())
				var want []string
				told, cancelledCalls := make(chan error, 100), 0
				giveUp := func() {
					cancelledCalls++
					go func() { told <- c.call(d, ctx, mustNotRun[[]string](t, c.name)) }()
					synctest.Wait()
				}
				giveUp()
				for range 3 {
					for _, k := range kinds[[]string]() {
						want = append(want, k.name)
						go k.call(d, func(log *[]string) { *log = append(*log, k.name) })
						synctest.Wait()
						giveUp()
					}
					for _, k := range contextCalls[[]string]() {
						want = append(want, k.name)
						go k.call(d, t.Context(), func(_ context.Context, log *[]string) error {
							*log = append(*log, k.name)
							return nil
						})
						synctest.Wait()
						giveUp()
					}
				}
				cancel()
				for range cancelledCalls {
					if err := <-told; !errors.Is(err, desync.ErrNotRun) {
						t.Errorf("CAN-1: a call that gave up got %v; want ErrNotRun", err)
					}
				}
				close(gate)
				synctest.Wait()
				if n := d.Pending(); n != 0 {
					t.Fatalf("CAN-3: %d jobs are stranded", n)
				}
				if got := d.Sync(func(log *[]string) []string { return *log }); !slices.Equal(got, want) {
					t.Errorf("CAN-3: the neighbours ran as %q; want %q", got, want)
				}
			})
		})
	}
}

// Many callers, of whose calls some give up at any moment: each one's calls that
// run do so in its order, and as many as were not given up.
func TestCAN3_ORD1_UnderTraffic(t *testing.T) {
	const callers = 6
	calls := scaled(6_000)
	var d desync.Desync[int]
	var stamps [callers]int // used in jobs only
	var total atomic.Int64
	finishes(t, "CAN-3: the callers", func() {
		var wg sync.WaitGroup
		for caller := range callers {
			wg.Go(func() {
				var futuresOfCaller []*futures.Future[int]
				for i := range calls {
					job := func(_ context.Context, n *int) error {
						if stamps[caller] > i {
							t.Errorf("ORD-1: call %d of caller %d ran after call %d", i, caller, stamps[caller])
						}
						stamps[caller] = i
						*n++
						return nil
					}
					ctx, cancel := context.WithCancel(context.Background())
					switch (i + caller) % 5 {
					case 0, 1:
						go func() { spin(i % 3); cancel() }()
						if err := d.DoContext(ctx, job); err == nil {
							total.Add(1)
						}
					case 2, 3:
						f := d.FutureContext(ctx, func(ctx context.Context, n *int) (int, error) { return 0, job(ctx, n) })
						go func() { spin(i % 3); cancel() }()
						futuresOfCaller = append(futuresOfCaller, f)
					default:
						d.Async(func(n *int) { job(nil, n) })
						total.Add(1)
						cancel()
					}
				}
				for _, f := range futuresOfCaller {
					if _, err := f.Await(context.Background()); err == nil {
						total.Add(1)
					}
				}
			})
		}
		wg.Wait()
	})
	if got := d.Sync(func(n *int) int { return *n }); int64(got) != total.Load() {
		t.Errorf("CAN-3, EXE-2: %d jobs ran; want the %d that were not given up", got, total.Load())
	}
}

// On one processor a Do behind a job that nobody has begun helps almost always.
func TestHLP1_ContextCallsDoNotHelp(t *testing.T) {
	setProcs(t, 1)
	for _, c := range contextCalls[int]()[:2] {
		var d desync.Desync[int]
		for range 1_000 {
			var where string
			d.Async(func(*int) { where = goid() })
			d.Future(func(*int) int { return 0 })
			if err := c.call(&d, context.Background(), func(context.Context, *int) error { return nil }); err != nil {
				t.Fatal(err)
			}
			if where == goid() {
				t.Fatalf("HLP-1: a background job ran on the goroutine of %s", c.name)
			}
		}
	}
}

// If the call had begun with the job before its own it could not give up.
func TestHLP1_CAN1_GivesUpBehindAJobThatNobodyHasBegun(t *testing.T) {
	setProcs(t, 1)
	for _, c := range contextCalls[int]() {
		synctest.Test(t, func(t *testing.T) {
			var d desync.Desync[int]
			gate := make(chan struct{})
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Hour, cancel)
			d.Async(func(*int) { <-gate })
			wantNotRun(t, c.name, c.call(&d, ctx, mustNotRun[int](t, c.name)), ctx, context.Canceled)
			close(gate)
		})
	}
}
