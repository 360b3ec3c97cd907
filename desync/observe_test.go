package desync_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-desync/go-desync/desync"
)

func TestObserverIsToldOfEveryKindOfCall(t *testing.T) {
	for _, k := range observedKinds() {
		t.Run(k.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := new(listener)
				d := desync.New(0, desync.WithName("observed"), desync.WithObserver(l))
				wait := time.Duration(0)
				if !k.idle {
					wait = time.Minute
					time.AfterFunc(wait, d.Suspend())
				}
				start := time.Now()
				k.call(t.Context(), d, func(*int) { time.Sleep(time.Hour) })
				time.Sleep(24 * time.Hour)
				synctest.Wait()
				all := l.taken()
				want := desync.JobInfo{Object: "observed", Queued: start}
				if k.idle { // it is told in its turn
					want.Started, want.InTurn = start, true
				}
				if len(all) != 3 {
					t.Fatalf("the observer was told %v; want queued, started, finished", names(all))
				}
				if got := all[0]; got.what != "queued" || times(got.JobInfo) != want {
					t.Errorf("told first: %+v; want queued with %+v", got, want)
				}
				want.Started = start.Add(wait)
				if got := all[1]; got.what != "started" || times(got.JobInfo) != want {
					t.Errorf("told second: %+v; want started with %+v", got, want)
				}
				want.Finished, want.Outcome = want.Started.Add(time.Hour), desync.OutcomeReturned
				if got := all[2]; got.what != "finished" || times(got.JobInfo) != want {
					t.Errorf("told third: %+v; want finished with %+v", got, want)
				}
			})
		})
	}
}

func TestObserverIsToldOfJobsThatDoNotReturn(t *testing.T) {
	for name, fail := range failings {
		for _, k := range observedKinds() {
			if name == "Goexit" && k.name == "Async" {
				continue // not allowed; see HLP-3
			}
			t.Run(k.name+", "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					l := new(listener)
					d := desync.New(0, desync.WithObserver(l), desync.WithPanicHandler(func(*desync.PanicError) {}))
					go func() {
						defer func() { recover() }()
						k.call(t.Context(), d, func(*int) { time.Sleep(time.Second); fail() })
					}()
					time.Sleep(time.Minute)
					synctest.Wait()
					all := l.taken()
					if got := fmt.Sprint(names(all)); got != "[queued started finished]" {
						t.Fatalf("the observer was told %v; want queued, started, finished", got)
					}
					if j := all[2].JobInfo; j.Outcome != desync.OutcomeUnwound || j.Finished.Sub(j.Started) != time.Second {
						t.Errorf("the outcome is %v after %v; want %v after a second", j.Outcome, j.Finished.Sub(j.Started), desync.OutcomeUnwound)
					}
				})
			})
		}
	}
}

func TestObserverIsToldOfJobsThatDoNotRun(t *testing.T) {
	for _, k := range observedKinds() {
		if !strings.HasSuffix(k.name, "Context") {
			continue
		}
		t.Run(k.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := new(listener)
				d := desync.New(0, desync.WithObserver(l))
				never := func(*int) { t.Error("CAN-1: a canceled job ran") }
				check := func(when string, after time.Duration) {
					t.Helper()
					synctest.Wait()
					all := l.taken()
					if got := fmt.Sprint(names(all)); got != "[queued finished]" {
						t.Fatalf("%s: the observer was told %v; want queued and finished", when, got)
					}
					j := all[1].JobInfo
					if j.Outcome != desync.OutcomeNotRun || !j.Started.IsZero() || j.Finished.Sub(j.Queued) != after {
						t.Errorf("%s: told %+v; want %v, no start and an end after %v", when, j, desync.OutcomeNotRun, after)
					}
				}
				ended, cancel := context.WithCancel(t.Context())
				cancel()
				k.call(ended, d, never)
				check("the context had ended before", 0)

				resume := d.Suspend()
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				go k.call(ctx, d, never)
				time.Sleep(time.Minute)
				check("the object was held", time.Minute)
				resume()
				synctest.Wait()
				if all := l.taken(); len(all) > 0 {
					t.Errorf("when the object goes on the observer is told %v; want nothing", names(all))
				}
			})
		})
	}
	l := new(listener)
	d := desync.New(0, desync.WithObserver(l))
	err := d.DoContext(t.Context(), func(ctx context.Context, _ *int) error {
		l.taken()
		return d.DoContext(ctx, func(context.Context, *int) error { return nil })
	})
	all := l.taken()
	if !errors.Is(err, desync.ErrNotRun) || len(all) != 3 || all[1].what != "finished" || all[1].Outcome != desync.OutcomeNotRun {
		t.Errorf("a call that would close a ring: %v, and the observer is told %v; want %v for the inner job", err, all, desync.OutcomeNotRun)
	}
}

// LOCK-1: whatever the observer does with the object, except to wait for it, works;
// and in Finished of a job on the caller's goroutine the object is free.
func TestLOCK1_AnObserverMayUseTheObject(t *testing.T) {
	for _, k := range observedKinds() {
		t.Run(k.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := new(listener)
				d := desync.New(0, desync.WithObserver(l))
				used := false
				l.also = func(e told) {
					switch {
					case used || e.what == "queued":
					case e.what == "started":
						d.Pending()
						if d.TryDo(func(*int) {}) {
							t.Error("EXC-1: a Try in the turn of a job ran")
						}
					default:
						used = true // not for the jobs that follow
						if k.direct && !d.TryDo(func(n *int) { *n += 10 }) {
							t.Error("in Finished the object has not been passed on")
						}
						d.Async(func(n *int) { *n += 100 })
					}
				}
				k.call(t.Context(), d, func(n *int) { *n++ })
				synctest.Wait()
				want := 101
				if k.direct {
					want = 111
				}
				if got := d.Sync(func(n *int) int { return *n }); got != want {
					t.Errorf("the value is %d; want %d", got, want)
				}
			})
		})
	}
}

// An observer of many objects, and of a map.
func TestObserverOfManyAtOnce(t *testing.T) {
	l := new(listener)
	m := zeros[int](desync.WithName("map"), desync.WithObserver(l))
	d := desync.New(0, desync.WithName("object"), desync.WithObserver(l))
	const goroutines = 4
	each := scaled(1000)
	ks := observedKinds()
	ks = slices.DeleteFunc(ks, func(k observedKind) bool { return k.idle })
	var all sync.WaitGroup
	for range goroutines {
		all.Go(func() {
			for i := range each {
				ks[i%len(ks)].call(context.Background(), d, func(*int) {})
				m.At(i % 10).Do(func(*int) {})
			}
		})
	}
	all.Wait()
	count := make(map[string]int)
	want := 2 * 3 * goroutines * each
	eventually(t, func() bool {
		for _, e := range l.taken() {
			count[e.Object+" "+e.what]++
			want--
		}
		return want <= 0
	}, "every job is queued, started and finished")
	for what, n := range count {
		if n != goroutines*each {
			t.Errorf("%s: %d times; want %d", what, n, goroutines*each)
		}
	}
}

// An observer need not have all methods.
type onlyFinished struct {
	desync.NopObserver
	n *int
}

func (o onlyFinished) Finished(desync.JobInfo) { *o.n++ }

func TestObserverWithOneMethod(t *testing.T) {
	n := 0
	d := desync.New(0, desync.WithObserver(onlyFinished{n: &n}))
	d.Do(func(*int) {})
	d.Do(func(*int) {})
	if n != 2 {
		t.Errorf("told of %d ends; want 2", n)
	}
	if v := caught(func() { desync.WithObserver(nil) }); v == nil {
		t.Error("WithObserver(nil) does not panic")
	}
}

func TestOutcomeString(t *testing.T) {
	for o, want := range map[desync.Outcome]string{
		desync.OutcomeUnfinished: "unfinished",
		desync.OutcomeReturned:   "returned",
		desync.OutcomeUnwound:    "unwound",
		desync.OutcomeNotRun:     "not run",
		99:                       "unknown outcome",
	} {
		if got := o.String(); got != want {
			t.Errorf("Outcome(%d).String() = %q; want %q", int(o), got, want)
		}
	}
}
