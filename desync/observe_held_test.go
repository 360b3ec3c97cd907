package desync_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

// tale returns what was told as a text, each with the kind of call.
func tale(all []told) string {
	var s []string
	for _, e := range all {
		s = append(s, e.Call.String()+" "+e.what)
	}
	return strings.Join(s, ", ")
}

func wantTale(t *testing.T, l *listener, want string) []told {
	t.Helper()
	synctest.Wait()
	all := l.taken()
	if got := tale(all); got != want {
		t.Errorf("the observer was told: %s\nwant: %s", got, want)
	}
	return all
}

func TestObserverIsToldOfASuspension(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &listener{suspensions: true}
		d := desync.New(0, desync.WithObserver(l))
		resume := d.Suspend()
		wantTale(t, l, "suspend queued, suspend held")
		d.Async(func(*int) {})
		next := d.Suspend()
		over := d.Suspend()
		wantTale(t, l, "async queued, suspend queued, suspend queued")
		over()
		if all := wantTale(t, l, "suspend finished"); all[0].Outcome != desync.OutcomeNotRun {
			t.Errorf("a suspension that ended before its turn: %v; want %v", all[0].Outcome, desync.OutcomeNotRun)
		}
		time.Sleep(time.Second)
		resume()
		resume()
		synctest.Wait()
		all := l.taken()
		// Finished is called when the object has gone on, so it may come later.
		i := slices.IndexFunc(all, func(e told) bool { return e.Call == desync.CallSuspend && e.what == "finished" })
		if i < 0 {
			t.Fatalf("the observer was told: %s; want the end of a suspension", tale(all))
		}
		if rest := tale(slices.Delete(slices.Clone(all), i, i+1)); rest != "async started, async finished, suspend held" {
			t.Errorf("behind the suspension: %s", rest)
		}
		if j := all[i]; j.Outcome != desync.OutcomeReturned || j.Finished.Sub(j.Queued) != time.Second || !j.Started.IsZero() {
			t.Errorf("a suspension of a second: %+v", j)
		}
		next()
		wantTale(t, l, "suspend finished")
		if n := d.Pending(); n != 0 {
			t.Errorf("%d jobs are left", n)
		}
	})
}

func TestObserverIsToldWhatAnAfterHolds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &listener{suspensions: true}
		d := desync.New(0, desync.WithObserver(l))
		p := new(futures.Promise[int])
		d.After(p.Future(), func(*int, int, error) int { return 0 })
		wantTale(t, l, "after queued, after held")
		p.Resolve(1)
		wantTale(t, l, "after started, after finished")
		d.After(p.Future(), func(*int, int, error) int { return 0 })
		wantTale(t, l, "after queued, after started, after finished")
	})
}

// heldCalls are the calls for two objects; b is busy or not.
var heldCalls = map[string]func(ctx context.Context, a, b *desync.Desync[int]){
	"Sync2": func(_ context.Context, a, b *desync.Desync[int]) {
		desync.Sync2(a, b, func(_, _ *int) int { return 0 })
	},
	"Sync2Context": func(ctx context.Context, a, b *desync.Desync[int]) {
		desync.Sync2Context(ctx, a, b, func(context.Context, *int, *int) (int, error) { return 0, nil })
	},
	"Future2": func(_ context.Context, a, b *desync.Desync[int]) {
		desync.Future2(a, b, func(_, _ *int) int { return 0 })
	},
}

func TestObserverIsToldWhatAShareHolds(t *testing.T) {
	for _, call := range heldCalls {
		for _, idle := range []bool{true, false} {
			synctest.Test(t, func(t *testing.T) {
				l := &listener{suspensions: true}
				a, b := desync.New(0, desync.WithObserver(l)), desync.New(0)
				other := b.Suspend()
				gate := make(chan struct{})
				if !idle {
					a.Async(func(*int) { <-gate })
				}
				synctest.Wait()
				l.taken()
				go call(t.Context(), a, b)
				if idle {
					wantTale(t, l, "several queued, several held")
				} else {
					wantTale(t, l, "several queued")
					close(gate)
					wantTale(t, l, "async finished, several held")
				}
				other()
				wantTale(t, l, "several started, several finished")
				// The last of the objects is not held without a job.
				gate = make(chan struct{})
				a.Async(func(*int) { <-gate })
				synctest.Wait()
				l.taken()
				go call(t.Context(), a, b)
				synctest.Wait()
				close(gate)
				wantTale(t, l, "several queued, async finished, several started, several finished")
			})
		}
	}
}

// Held of a call that has ended meanwhile comes first all the same.
func TestObserverIsToldOfTheEndAfterHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &listener{suspensions: true}
		gate := make(chan struct{})
		l.also = func(e told) {
			if e.what == "held" {
				<-gate
			}
		}
		d := desync.New(0, desync.WithObserver(l))
		first := make(chan struct{})
		d.Async(func(*int) { <-first })
		synctest.Wait()
		resume := d.Suspend()
		close(first)
		synctest.Wait() // it stands in Held
		resume()
		resume()
		ran := d.Future(func(*int) int { return 1 })
		synctest.Wait()
		if _, ok := ran.Try(); ok {
			t.Error("the object went on before Held had returned")
		}
		time.Sleep(time.Second)
		close(gate)
		if v, err := ran.Await(t.Context()); v != 1 || err != nil {
			t.Errorf("the next job: %v, %v", v, err)
		}
		all := wantTale(t, l, "async queued, async started, suspend queued, async finished, suspend held, future queued, suspend finished, future started, future finished")
		if j := all[len(all)-1]; j.Started.Sub(j.Queued) != time.Second {
			t.Errorf("the next job has waited %v for Held; want a second", j.Started.Sub(j.Queued))
		}

		// The same for a share that is given up.
		gate = make(chan struct{})
		other := desync.New(0)
		defer other.Suspend()()
		first = make(chan struct{})
		d.Async(func(*int) { <-first })
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() {
			_, err := desync.Sync2Context(ctx, d, other, func(context.Context, *int, *int) (int, error) { return 0, nil })
			done <- err
		}()
		synctest.Wait()
		close(first)
		synctest.Wait()
		cancel()
		if err := <-done; err == nil {
			t.Error("the call has not given up")
		}
		wantTale(t, l, "async queued, async started, several queued, async finished, several held")
		close(gate)
		wantTale(t, l, "several finished")
		d.Do(func(*int) {})
		wantTale(t, l, "do queued, do started, do finished")
		if n := d.Pending(); n != 0 {
			t.Errorf("%d jobs are left", n)
		}
	})
}

func TestPAN6_AnObserverWhoseHeldDoesNotReturn(t *testing.T) {
	for how, fail := range failings {
		for name, hold := range map[string]func(d, other *desync.Desync[int]) (end func()){
			"Suspend": func(d, _ *desync.Desync[int]) func() { return d.Suspend() },
			"After": func(d, _ *desync.Desync[int]) func() {
				p := new(futures.Promise[int])
				d.After(p.Future(), func(*int, int, error) int { return 0 })
				return func() { p.Resolve(0) }
			},
			"Future2": func(d, other *desync.Desync[int]) func() {
				resume := other.Suspend()
				desync.Future2(d, other, func(_, _ *int) int { return 0 })
				return resume
			},
			"Sync2": func(d, other *desync.Desync[int]) func() {
				resume := other.Suspend()
				go func() {
					defer func() { recover() }()
					desync.Sync2(d, other, func(_, _ *int) int { return 0 })
				}()
				return resume
			},
		} {
			for _, idle := range []bool{true, false} {
				t.Run(fmt.Sprint(name, ", ", how, ", idle: ", idle), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						l := &listener{suspensions: true}
						l.also = func(e told) {
							if e.what == "held" {
								fail()
							}
						}
						d := desync.New(0, desync.WithObserver(l), desync.WithPanicHandler(func(*desync.PanicError) {}))
						other := desync.New(0)
						gate := make(chan struct{})
						if !idle {
							d.Async(func(*int) { <-gate })
						}
						end := func() {}
						go func() { // Held may end the goroutine of the call
							defer func() { recover() }()
							end = hold(d, other)
						}()
						synctest.Wait()
						close(gate)
						synctest.Wait()
						end()
						synctest.Wait()
						d.Do(func(*int) {})
						if n := d.Pending(); n != 0 {
							t.Errorf("%d jobs are left", n)
						}
						heard := l.taken()
						if !strings.Contains(tale(heard), "held") {
							t.Errorf("Held was not called: %s", tale(heard))
						}
						queued := 0
						for _, e := range heard {
							switch e.what {
							case "queued":
								queued++
							case "finished":
								queued--
							}
						}
						if queued != 0 {
							t.Errorf("%d jobs have not been finished: %s", queued, tale(heard))
						}
					})
				})
			}
		}
	}
}
