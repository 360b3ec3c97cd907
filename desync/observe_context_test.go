package desync_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"weak"

	"github.com/go-desync/go-desync/desync"
)

type nameKey struct{}

// A namer gives the jobs a context with a name.
type namer struct {
	listener
	name string
	fail func()
}

func (n *namer) JobContext(ctx context.Context, j desync.JobInfo) context.Context {
	n.tell("context", j)
	if n.fail != nil {
		n.fail()
	}
	before, _ := ctx.Value(nameKey{}).(string)
	return context.WithValue(ctx, nameKey{}, before+n.name)
}

func callsWithContext(report func(context.Context)) map[string]func(ctx context.Context, d *desync.Desync[int]) {
	return map[string]func(ctx context.Context, d *desync.Desync[int]){
		"DoContext": func(ctx context.Context, d *desync.Desync[int]) {
			d.DoContext(ctx, func(ctx context.Context, _ *int) error { report(ctx); return nil })
		},
		"SyncContext": func(ctx context.Context, d *desync.Desync[int]) {
			d.SyncContext(ctx, func(ctx context.Context, _ *int) (int, error) { report(ctx); return 0, nil })
		},
		"FutureContext": func(ctx context.Context, d *desync.Desync[int]) {
			d.FutureContext(ctx, func(ctx context.Context, _ *int) (int, error) { report(ctx); return 0, nil })
		},
		"Sync2Context": func(ctx context.Context, d *desync.Desync[int]) {
			desync.Sync2Context(ctx, desync.New(0), d, func(ctx context.Context, _, _ *int) (int, error) { report(ctx); return 0, nil })
		},
		"DoAllContext": func(ctx context.Context, d *desync.Desync[int]) {
			desync.DoAllContext(ctx, []*desync.Desync[int]{d}, func(ctx context.Context, _ []*int) error { report(ctx); return nil })
		},
	}
}

func TestContextObserverGivesTheJobItsContext(t *testing.T) {
	var got string
	var ring error
	d := (*desync.Desync[int])(nil)
	for name, call := range callsWithContext(func(ctx context.Context) {
		got, _ = ctx.Value(nameKey{}).(string)
		ring = d.DoContext(ctx, func(context.Context, *int) error { return nil })
	}) {
		synctest.Test(t, func(t *testing.T) {
			a, b := &namer{name: "a"}, &namer{name: "b"}
			d = desync.New(0, desync.WithObserver(a), desync.WithObserver(b))
			call(context.WithValue(t.Context(), nameKey{}, "caller "), d)
			synctest.Wait()
			if got != "caller ab" {
				t.Errorf("%s: the job's context has the name %q; want that of the call and of both observers", name, got)
			}
			// FutureContext's does not record the object, unless the job holds it.
			if ring == nil {
				t.Errorf("%s: the job's context does not record that the job holds the object", name)
			}
			var first []told
			for _, e := range a.taken() {
				if e.Within == 0 {
					first = append(first, e)
				}
			}
			if got := fmt.Sprint(names(first)); got != "[queued started context finished]" {
				t.Errorf("%s: the observer was told %v", name, got)
			}
		})
	}
	a := &namer{name: "a"}
	desync.New(0, desync.WithObserver(a)).Do(func(*int) {})
	if got := fmt.Sprint(names(a.taken())); got != "[queued started finished]" {
		t.Errorf("a Do has no context; the observer was told %v", got)
	}
}

func TestPAN6_AContextObserverThatDoesNotReturn(t *testing.T) {
	nothing := map[string]func(){"nil": nil}
	for how, fail := range failings {
		nothing[how] = fail
	}
	for how, fail := range nothing {
		ran := false
		for name, call := range callsWithContext(func(context.Context) { ran = true }) {
			synctest.Test(t, func(t *testing.T) {
				o := &namer{fail: fail}
				opts := []desync.Option{desync.WithObserver(o), desync.WithPanicHandler(func(*desync.PanicError) {})}
				if fail == nil {
					opts[0] = desync.WithObserver(noContext{})
				}
				d := desync.New(0, opts...)
				ran = false
				var v any
				go func() {
					defer func() { v = recover() }()
					call(t.Context(), d)
				}()
				synctest.Wait()
				if background := name == "FutureContext"; ran != background {
					t.Errorf("%s, %s: the job has run: %t; want %t", name, how, ran, background)
				}
				if fail == nil && name != "FutureContext" && !strings.Contains(fmt.Sprint(v), "has returned a nil context") {
					t.Errorf("%s: a nil context: %v", name, v)
				}
				d.Do(func(*int) {})
				if n := d.Pending(); n != 0 {
					t.Errorf("%s, %s: %d jobs are left", name, how, n)
				}
			})
		}
	}
}

type noContext struct{ desync.NopObserver }

func (noContext) JobContext(context.Context, desync.JobInfo) context.Context { return nil }

func TestSeveralObservers(t *testing.T) {
	for how, fail := range failings {
		for _, at := range []string{"queued", "held", "started", "finished"} {
			synctest.Test(t, func(t *testing.T) {
				a, b, c := &listener{suspensions: true}, &listener{suspensions: true}, &listener{suspensions: true}
				var fired atomic.Bool
				b.also = func(e told) {
					if e.what == at && !fired.Swap(true) {
						fail()
					}
				}
				d := desync.New(0, desync.WithObserver(a), desync.WithObserver(b), desync.WithObserver(c), desync.WithPanicHandler(func(*desync.PanicError) {}))
				go func() {
					defer func() { recover() }()
					d.Do(func(*int) {})
				}()
				go func() {
					defer func() { recover() }()
					d.Suspend()()
				}()
				synctest.Wait()
				for i, l := range []*listener{a, b, c} {
					open := map[uint64]bool{}
					heard := l.taken()
					for _, e := range heard {
						switch e.what {
						case "queued":
							open[e.ID] = true
						case "finished":
							delete(open, e.ID)
						}
					}
					if i == 1 && at == "queued" {
						continue // it has not returned from Queued, and is not told of the end
					}
					if len(open) > 0 {
						t.Errorf("%s in %s of the second: observer %d knows of jobs without an end: %s", how, at, i, tale(heard))
					}
				}
				d.Do(func(*int) {})
				if n := d.Pending(); n != 0 {
					t.Errorf("%s in %s: %d jobs are left", how, at, n)
				}
			})
		}
	}
	var order []string
	all := make([]desync.Option, 3)
	for i := range all {
		l := new(listener)
		l.also = func(e told) { order = append(order, fmt.Sprint(e.what, i)) }
		all[i] = desync.WithObserver(l)
	}
	desync.New(0, all...).Do(func(*int) {})
	if got := strings.Join(order, " "); got != "queued0 queued1 queued2 started0 started1 started2 finished0 finished1 finished2" {
		t.Errorf("three observers are told: %s", got)
	}
}

// A call for several objects that was given up keeps nothing of its context, although its
// place at an object that is stuck stays.
func TestCAN4_AnObservedCallForSeveralObjectsLetsGoOfItsContext(t *testing.T) {
	a := desync.New(0, desync.WithObserver(desync.NopObserver{}))
	b := desync.New(0)
	defer a.Suspend()()
	kept := func() weak.Pointer[[64]byte] {
		v := new([64]byte)
		ctx, cancel := context.WithCancel(context.WithValue(t.Context(), nameKey{}, v))
		go func() {
			for a.Pending() < 2 { // until it has its place
				runtime.Gosched()
			}
			cancel()
		}()
		if _, err := desync.Sync2Context(ctx, a, b, func(context.Context, *int, *int) (int, error) { return 0, nil }); err == nil {
			t.Error("the call has not given up")
		}
		return weak.Make(v)
	}()
	for i := 0; kept.Value() != nil; i++ {
		if i == 10 {
			t.Fatal("the value in the context of a call that was given up is still reachable")
		}
		runtime.GC()
	}
}
