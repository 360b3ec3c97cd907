package group_test

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/go-desync/go-desync/adapters/group"
	"github.com/go-desync/go-desync/desync"
)

// starts are the kinds of group, each with its Wait.
func starts() map[string]func(t *testing.T) (*group.Group, func() error) {
	return map[string]func(t *testing.T) (*group.Group, func() error){
		"without a limit": func(t *testing.T) (*group.Group, func() error) {
			g, _ := group.WithContext(t.Context())
			return g, g.Wait
		},
		"with a limit": func(t *testing.T) (*group.Group, func() error) {
			g, _ := group.WithContext(t.Context())
			g.SetLimit(1)
			return g, g.Wait
		},
		"the zero Group": func(t *testing.T) (*group.Group, func() error) {
			g := new(group.Group)
			return g, g.Wait
		},
		"in an errgroup": func(t *testing.T) (*group.Group, func() error) {
			eg, ctx := errgroup.WithContext(t.Context())
			return group.Under(ctx, eg), eg.Wait
		},
		"in an errgroup with a limit": func(t *testing.T) (*group.Group, func() error) {
			eg, ctx := errgroup.WithContext(t.Context())
			g := group.Under(ctx, eg)
			g.SetLimit(1)
			return g, eg.Wait
		},
	}
}

// aborts are the ways in which a job ends without a return.
var aborts = map[string]func(){
	"panic": func() { panic("boom") },
	//desyncvet:ignore goexit the tests are about it
	"Goexit": runtime.Goexit,
}

// After a job that has not returned, Wait does not wait for what others have queued
// behind it.
func TestWaitAfterAnAbortedJobWaitsForNobodyElse(t *testing.T) {
	for name, start := range starts() {
		for how, abort := range aborts {
			t.Run(name+", "+how, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					d := desync.New(0, desync.WithPanicHandler(func(*desync.PanicError) {}))
					g, wait := start(t)
					gate := make(chan struct{})
					g.Go(d, func(context.Context, *int) error {
						<-gate
						abort()
						return nil
					})
					resume := d.Suspend() // somebody else's
					close(gate)
					require.ErrorIs(t, wait(), group.ErrAborted) // or all goroutines are asleep
					resume()
					require.Equal(t, 0, value(d), "the object goes on")
				})
			})
		}
	}
}

// failing is an observer that fails once, at the nth call of one method.
type failing struct {
	desync.NopObserver
	at    string
	nth   int64
	calls atomic.Int64
	over  atomic.Bool // it does not fail any more
	fail  func()
}

func (f *failing) call(name string) {
	if name == f.at && f.calls.Add(1) == f.nth && !f.over.Load() {
		f.fail()
	}
}

func (f *failing) Queued(desync.JobInfo)   { f.call("Queued") }
func (f *failing) Started(desync.JobInfo)  { f.call("Started") }
func (f *failing) Finished(desync.JobInfo) { f.call("Finished") }

// Whatever an observer does, Wait returns, and the object and the group go on as if the
// call had completed or had not been made.
func TestPAN6_ObserversThatFail(t *testing.T) {
	for name, start := range starts() {
		for how, abort := range aborts {
			for _, at := range []string{"Queued", "Started", "Finished"} {
				for nth := range int64(4) {
					t.Run(name+", "+how+" in "+at, func(t *testing.T) {
						synctest.Test(t, func(t *testing.T) {
							o := &failing{at: at, nth: 1 + nth, fail: abort}
							d := desync.New(0, desync.WithObserver(o), desync.WithPanicHandler(func(*desync.PanicError) {}))
							g, wait := start(t)
							accepted := 0
							for range 3 {
								done := make(chan struct{})
								go func() {
									defer close(done)
									defer func() { recover() }()
									if g.Go(d, count) {
										accepted++
									}
								}()
								<-done
							}
							err := wait()
							synctest.Wait()
							o.over.Store(true)
							require.NoError(t, err)
							require.Equal(t, accepted, value(d), "jobs run, of those accepted")
							require.True(t, d.TryDo(func(*int) {}), "the object is free")
						})
					})
				}
			}
		}
	}
}

// An observer fails when a job that has stepped aside is queued again: the next has its
// turn all the same.
func TestPAN6_ObserverFailsWhereAJobStepsAside(t *testing.T) {
	for how, abort := range aborts {
		t.Run(how, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := &failing{at: "Queued", nth: 2, fail: abort}
				handler := desync.WithPanicHandler(func(*desync.PanicError) {})
				a, b, c := desync.New(0, handler), desync.New(0, desync.WithObserver(o), handler), desync.New(0, handler)
				var g group.Group
				g.SetLimit(1)
				gate := make(chan struct{})
				g.Go(a, func(context.Context, *int) error {
					<-gate
					return nil
				})
				synctest.Wait()
				g.Go(b, count)
				synctest.Wait() // it has stepped aside
				g.Go(c, count)
				synctest.Wait()
				close(gate)
				require.NoError(t, g.Wait())
				require.Equal(t, []int{0, 1}, []int{value(b), value(c)}, "jobs run")
			})
		})
	}
}
