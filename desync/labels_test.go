package desync_test

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"runtime/debug"
	"runtime/pprof"
	"testing"
	"time"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

var labelsOfProbe = regexp.MustCompile(`# labels: (.*)\n(?:#.*\n)*#.*desync_test\.labels\+`)

// labels returns the profile labels of the calling goroutine, which only a profile of all
// goroutines tells. No two calls may go on at the same time.
func labels() string {
	var b bytes.Buffer
	pprof.Lookup("goroutine").WriteTo(&b, 1)
	if m := labelsOfProbe.FindSubmatch(b.Bytes()); m != nil {
		return string(m[1])
	}
	return "none"
}

// as calls fn with the profile label user=name.
func as(name string, fn func()) {
	pprof.Do(context.Background(), pprof.Labels("user", name), func(context.Context) { fn() })
}

// bobs is a context of bob's, on a goroutine of alice's.
var bobs = pprof.WithLabels(context.Background(), pprof.Labels("user", "bob"))

const (
	alice      = `{"user":"alice"}`
	bob        = `{"user":"bob"}`
	named      = `{"desync":"ledger"}`
	bobOfNamed = `{"desync":"ledger", "user":"bob"}`
)

func TestLBL1_ProbeSeesTheLabels(t *testing.T) {
	if got := labels(); got != "none" {
		t.Errorf("without labels the probe sees %s", got)
	}
	as("alice", func() {
		if got := labels(); got != alice {
			t.Errorf("the probe sees %s; want %s", got, alice)
		}
	})
}

// Alice's calls wake the object and hand over all jobs.
func TestLBL1_AGoroutineOfAnObjectHasNotTheLabelsOfItsCaller(t *testing.T) {
	for _, c := range []struct {
		name         string
		opts         []desync.Option
		own, context string
	}{
		{"an object without a name", nil, "none", bob},
		{"an object with a name", []desync.Option{desync.WithName("ledger")}, named, bobOfNamed},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := desync.New(0, append(c.opts, desync.WithPanicHandler(func(p *desync.PanicError) {
				p.Value.(chan string) <- labels()
			}))...)
			m := desync.NewMap(func(string) int { return 0 }, c.opts...)
			got := make(map[string]string)
			note := func(what string) func(*int) { return func(*int) { got[what] = labels() } }
			var source futures.Promise[int]
			told := make(chan string, 1)
			as("alice", func() {
				gate := make(chan struct{})
				d.Async(func(*int) { <-gate; note("the first Async")(nil) })
				d.Async(note("a second Async"))
				d.Future(func(n *int) int { note("a Future")(n); return 0 })
				d.FutureContext(bobs, func(_ context.Context, n *int) (int, error) {
					note("a FutureContext of bob's")(n)
					return 0, nil
				})
				d.Async(note("an Async behind bob's"))
				f := d.FutureContext(context.Background(), func(_ context.Context, n *int) (int, error) {
					note("a FutureContext of nobody's")(n)
					return 0, nil
				})
				close(gate)
				f.Await(context.Background())
				after := d.After(source.Future(), func(n *int, _ int, _ error) int { note("an After")(n); return 0 })
				source.Resolve(1)
				after.Await(context.Background())
				d.Async(func(*int) { panic(told) })
				got["a panic handler"] = receive(t, told, "the handler")
				m.At("a").Future(func(n *int) int { note("a Future of a Map")(n); return 0 }).Await(context.Background())
			})
			for what, is := range got {
				want := c.own
				if what == "a FutureContext of bob's" {
					want = c.context
				}
				if is != want {
					t.Errorf("LBL-1: %s has the labels %s; want %s", what, is, want)
				}
			}
			if len(got) != 9 {
				t.Errorf("the test looked at %d jobs; want 9", len(got))
			}
		})
	}
}

func TestLBL1_TheHookOfAnEvictionHasNotTheLabelsOfItsCaller(t *testing.T) {
	m := desync.NewMap(func(string) int { return 0 }, desync.WithName("ledger"))
	told := make(chan string, 1)
	evictIdle(m, time.Nanosecond, func(string, *int) { told <- labels() })
	as("alice", func() { m.At("a").Do(func(*int) {}) })
	if got := receive(t, told, "the hook"); got != named {
		t.Errorf("LBL-1: the hook has the labels %s; want %s", got, named)
	}
}

// A Do that helps keeps its caller's labels, and runs others' jobs with them.
func TestLBL1_HelpingSetsNoLabels(t *testing.T) {
	d := desync.New(0, desync.WithName("ledger"))
	inJob, inContextJob, own, after := "", "", "", ""
	helped(t, func(ran func()) {
		as("alice", func() {
			d.FutureContext(bobs, func(context.Context, *int) (int, error) { inContextJob = labels(); return 0, nil })
			d.Async(func(*int) { ran(); inJob = labels() })
			d.Do(func(*int) { own = labels() })
			after = labels()
		})
	})
	for what, got := range map[string]string{
		"an Async": inJob, "a FutureContext": inContextJob, "the caller's own job": own, "the caller": after,
	} {
		if got != alice {
			t.Errorf("LBL-1: %s had the labels %s; want those of the caller, %s", what, got, alice)
		}
	}
}

// What can be read is put back, whatever a job sets, and jobs do not begin with it.
func TestLBL1_HelpingPutsBackPanicOnFault(t *testing.T) {
	for _, before := range []bool{false, true} {
		t.Run(fmt.Sprint(before), func(t *testing.T) {
			var d desync.Desync[int]
			inJob, own, after := true, false, false
			helped(t, func(ran func()) { // on a goroutine that ends
				debug.SetPanicOnFault(before)
				d.Async(func(*int) { ran(); inJob = debug.SetPanicOnFault(!before) })
				d.Do(func(*int) { own = debug.SetPanicOnFault(before) })
				after = debug.SetPanicOnFault(false)
			})
			if inJob {
				t.Error("LBL-1: a background job began with the setting of the caller that helped")
			}
			if own != before || after != before {
				t.Errorf("LBL-1: a caller that set %v and helped found %v in its own job and %v after it", before, own, after)
			}
		})
	}
}

// The goroutine that a context starts to cancel a job tells the observer.
func TestLBL1_CancellingHasTheObjectsLabels(t *testing.T) {
	told := make(chan string, 1)
	d := desync.New(0, desync.WithName("ledger"), desync.WithObserver(labelObserver{told: told}))
	resume := d.Suspend()
	ctx, cancel := context.WithCancel(context.Background())
	f := d.FutureContext(ctx, func(context.Context, *int) (int, error) { return 0, nil })
	as("alice", func() { cancel() })
	_, err := f.Await(context.Background())
	wantNotRun(t, "FutureContext", err, ctx, context.Canceled)
	if got := receive(t, told, "the observer"); got != named {
		t.Errorf("LBL-1: the observer is told with the labels %s; want %s", got, named)
	}
	resume()
}

type labelObserver struct {
	desync.NopObserver
	told chan string
}

func (o labelObserver) Finished(desync.JobInfo) { o.told <- labels() }
