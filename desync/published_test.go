package desync_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

func TestPublishedIsWhatTheJobHasLeftWhenTheCallerKnowsOfItsEnd(t *testing.T) {
	for _, k := range publishingKinds() {
		for _, busy := range []bool{false, true} {
			if busy && k.idle {
				continue
			}
			synctest.Test(t, func(t *testing.T) {
				d, p := desync.NewPublished(1, double)
				if got := p.Load(); got != (twice{1, 1}) {
					t.Fatalf("before the first job %v is published; want what view makes of the data", got)
				}
				resume := func() {}
				if busy {
					resume = d.Suspend()
				}
				var known, next twice
				go func() {
					if err := k.call(d, func(v *int) { *v = 7 }); err != nil {
						t.Errorf("%s fails with %v", k.name, err)
					}
					known = p.Load()
				}()
				synctest.Wait()
				if busy {
					d.Async(func(*int) { next = p.Load() })
				}
				resume()
				synctest.Wait()
				if want := (twice{7, 7}); known != want {
					t.Errorf("%s, busy %t: %v is published when its caller knows that the job has ended; want %v", k.name, busy, known, want)
				} else if busy && next != want {
					t.Errorf("%s: %v is published when the next job begins; want %v", k.name, next, want)
				}
			})
		}
	}
}

// The job of an Async is known to have ended by the next one alone.
func TestPublishedBeforeTheNextJobBegins(t *testing.T) {
	d, p := desync.NewPublished(0, double)
	const jobs = 1000
	wrong := 0
	for i := range jobs {
		d.Async(func(v *int) {
			if p.Load() != (twice{i, i}) {
				wrong++
			}
			*v++
		})
	}
	if wrong := d.Sync(func(*int) int { return wrong }); wrong > 0 {
		t.Errorf("%d of %d jobs did not find published what the job before them has left", wrong, jobs)
	}
}

func TestPublishedIsReadBesideARunningJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, k := range publishingKinds() {
			d, p := desync.NewPublished(1, double)
			gate := make(chan struct{})
			go k.call(d, func(v *int) { *v = 2; <-gate })
			synctest.Wait()
			if got := p.Load(); got != (twice{1, 1}) { // on a goroutine that would deadlock if it waited
				t.Errorf("%s: %v is read beside the job; want what was there before it", k.name, got)
			}
			close(gate)
			synctest.Wait()
			if got := p.Load(); got != (twice{2, 2}) {
				t.Errorf("%s: %v is read after the job; want what it has left", k.name, got)
			}
		}
	})
}

func TestPublishedAfterAJobThatDoesNotReturn(t *testing.T) {
	for name, unwind := range map[string]func(){"panic": func() { panic("boom") }, "Goexit": runtime.Goexit} {
		for _, k := range publishingKinds() {
			synctest.Test(t, func(t *testing.T) {
				d, p := desync.NewPublished(1, double, desync.WithPanicHandler(func(*desync.PanicError) {}))
				var observed atomic.Value
				go func() {
					defer func() { recover(); observed.Store(p.Load()) }()
					k.call(d, func(v *int) { *v = 7; unwind() })
				}()
				synctest.Wait()
				if got, want := p.Load(), (twice{7, 7}); got != want || observed.Load() != want {
					t.Errorf("%s after a %s in the job: the caller finds %v published, others %v; want %v", k.name, name, observed.Load(), got, want)
				}
				d.Do(func(v *int) { *v++ })
				if got := p.Load(); got != (twice{8, 8}) {
					t.Errorf("%s after a %s in the job: the next job publishes %v", k.name, name, got)
				}
			})
		}
	}
}

// A panic of view is that of the job, and all of the job's kind, so the future fails.
func TestPublishedWhenViewDoesNotReturn(t *testing.T) {
	for name, unwind := range map[string]func(){"panic": func() { panic("no view") }, "Goexit": runtime.Goexit} {
		for _, k := range publishingKinds() {
			synctest.Test(t, func(t *testing.T) {
				var handled, recovered any
				var err error
				returned := false
				calls := 0
				d, p := desync.NewPublished(1, func(v *int) twice {
					if calls++; *v == 7 {
						unwind()
					}
					return double(v)
				}, desync.WithPanicHandler(func(p *desync.PanicError) { handled = p.Value }))
				calls = 0
				go func() {
					defer func() { recovered = recover() }()
					err = k.call(d, func(v *int) { *v = 7 })
					returned = true
				}()
				synctest.Wait()
				if k.name == "Async" {
					// The Do behind the job meets the same view, unless it has helped and a
					// Goexit has ended it.
					calls = min(calls, 1)
				}
				if calls != 1 {
					t.Errorf("%s: view was called %d times for one job", k.name, calls)
				}
				if got := p.Load(); got != (twice{1, 1}) {
					t.Errorf("%s: %v is published after a %s of view; want the old value", k.name, got, name)
				}
				pe, _ := errors.AsType[*desync.PanicError](err)
				switch panics := name == "panic"; {
				case panics && k.name == "Async":
					if handled != "no view" || recovered != "no view" {
						t.Errorf("Async: the handler got %v, the Do behind it %v; want the panic of view for both", handled, recovered)
					}
				case panics && (recovered != "no view" && (pe == nil || pe.Value != "no view")):
					t.Errorf("%s: the caller got the panic %v and the error %v; want the panic of view", k.name, recovered, err)
				case !panics && returned && !errors.Is(err, futures.ErrGoexit):
					t.Errorf("%s: the call returned with the error %v after a Goexit in view", k.name, err)
				}
				d.Do(func(v *int) { *v = 8 })
				if got := p.Load(); got != (twice{8, 8}) {
					t.Errorf("%s: %v is published after the next job; want what it has left", k.name, got)
				}
			})
		}
	}
}

func TestNothingIsPublishedForWhatDoesNotRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		d, _ := desync.NewPublished(0, func(v *int) int { calls++; return *v })
		job := func(*int) { t.Error("a job has run that must not") }
		with := func(_ context.Context, v *int) (int, error) { job(v); return 0, nil }
		resume := d.Suspend()
		if d.TryDo(job) {
			t.Error("TRY-1: a TryDo on a busy object was not refused")
		}
		ctx, cancel := context.WithCancel(t.Context())
		f := d.FutureContext(ctx, with)
		go d.SyncContext(ctx, with)
		stop := d.Submit(telling{job, func(error) {}})
		synctest.Wait()
		cancel()
		stop()
		synctest.Wait()
		if _, err := f.Await(t.Context()); !errors.Is(err, desync.ErrNotRun) {
			t.Errorf("CAN-1: the future of a job that was canceled fails with %v", err)
		}
		resume()
		synctest.Wait()
		d.SyncContext(ctx, with)
		if calls != 1 {
			t.Errorf("view was called %d times without a job; want once, for NewPublished", calls-1)
		}
	})
}

// Writers of all kinds and readers, under load. Each job adds one. A reader finds a value
// that is complete, does not go back, and is not older than the jobs that it has waited
// for or has learned of from others.
func TestPublishedUnderLoad(t *testing.T) {
	perWriter := 2000
	if testing.Short() || watched {
		perWriter = 200
	}
	for _, procs := range []int{1, 2, 8} {
		t.Run(fmt.Sprintf("GOMAXPROCS=%d", procs), func(t *testing.T) {
			setProcs(t, procs)
			d, p := desync.NewPublished(0, double)
			var ended atomic.Int64 // the greatest of what writers know to have ended
			var stop atomic.Bool
			var readers, writers sync.WaitGroup
			look := func(who string, last, known int) int {
				got := p.Load()
				if got.n != got.again || got.n < last || got.n < known {
					t.Errorf("%s finds %v; it has found %d before, and knows of %d", who, got, last, known)
				}
				return max(got.n, last, known) // no report of the same twice
			}
			for range 2 {
				readers.Go(func() {
					for last := 0; !stop.Load() && !t.Failed(); {
						last = look("a reader", last, int(ended.Load()))
						runtime.Gosched()
					}
				})
			}
			for w := range 4 {
				writers.Go(func() {
					all := publishingKinds()
					draw := rand.New(rand.NewPCG(uint64(procs), uint64(w)))
					last := 0
					for i := 0; i < perWriter && !t.Failed(); i++ {
						k := all[draw.IntN(len(all))]
						mine := 0
						if err := k.call(d, func(v *int) { *v++; mine = *v }); err != nil {
							t.Errorf("%s fails with %v", k.name, err)
						}
						last = look("the caller of "+k.name, last, mine)
						for known := ended.Load(); known < int64(mine) && !ended.CompareAndSwap(known, int64(mine)); {
							known = ended.Load()
						}
					}
				})
			}
			writers.Wait()
			stop.Store(true)
			readers.Wait()
			if got, want := p.Load(), d.Sync(double); got != want {
				t.Errorf("%v is published in the end; want %v", got, want)
			}
		})
	}
}

// view is part of the job for the observer too.
func TestPublishedBeforeTheObserverIsToldOfTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, k := range publishingKinds() {
			l := new(listener)
			fails := false
			d, p := desync.NewPublished(1, func(v *int) twice {
				if fails {
					fails = false
					panic("no view")
				}
				return double(v)
			}, desync.WithObserver(l), desync.WithPanicHandler(func(*desync.PanicError) {}))
			var found twice
			first := true
			l.also = func(e told) {
				if e.what == "finished" && first {
					first = false
					found = p.Load()
				}
			}
			go k.call(d, func(v *int) { *v = 7 })
			synctest.Wait()
			if found != (twice{7, 7}) {
				t.Errorf("%s: %v was published when the observer was told of the end", k.name, found)
			}
			l.taken()
			go func() {
				defer func() { recover() }()
				k.call(d, func(*int) { fails = true })
			}()
			synctest.Wait()
			all := l.taken()
			if len(all) < 3 {
				t.Fatalf("%s: the observer was told %v of a job whose view panics", k.name, names(all))
			}
			for _, e := range all {
				if e.what == "finished" {
					if e.Outcome != desync.OutcomeUnwound {
						t.Errorf("%s: a job whose view panics is told of as %v", k.name, e.Outcome)
					}
					break
				}
			}
		}
	})
}

func TestPublishedAgainOnlyIfItHasChanged(t *testing.T) {
	type big struct{ lines []string }
	made := 0
	d, p := desync.NewPublished(new(big), func(b **big) *big { made++; return *b })
	was := p.Load()
	d.Do(func(**big) {})
	if p.Load() != was || made != 2 {
		t.Errorf("after a job that changes nothing %p is published, and view was called %d times; want %p and 2", p.Load(), made, was)
	}
	d.Do(func(b **big) { *b = &big{[]string{"a line"}} })
	if got := p.Load(); got == was || len(got.lines) != 1 {
		t.Errorf("after a job that has put another value there %+v is published", got)
	}
}

func TestPublishedWithBadInput(t *testing.T) {
	for want, call := range map[string]func(){
		"desync: NewPublished: the function that makes the value to be published is nil": func() {
			desync.NewPublished[int, int](0, nil)
		},
		"desync: Published.Load: a zero Published has no object; NewPublished makes both": func() {
			new(desync.Published[int]).Load()
		},
	} {
		func() {
			defer func() {
				if got := recover(); got != want {
					t.Errorf("the panic is %v; want %s", got, want)
				}
			}()
			call()
		}()
	}
}

func TestPrintingAPublishedReadsWhatIsPublished(t *testing.T) {
	_, p := desync.NewPublished(3, double)
	var none *desync.Published[twice]
	if got, want := fmt.Sprintf("%v %+v %#v %v", p, p, p, none), fmt.Sprintf("%v %+[1]v %#[1]v <nil>", double(new(3))); got != want {
		t.Errorf("it prints as %s; want %s", got, want)
	}
}
