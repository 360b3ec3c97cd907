package pipe_test

import (
	"context"
	"runtime"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/go-desync/go-desync/adapters/pipe"
	"github.com/go-desync/go-desync/desync"
)

// failing is an observer that fails once, at the nth call of one method.
type failing struct {
	desync.NopObserver
	at   string
	fail func()
	left chan int // the calls until it fails
}

func (f *failing) call(name string) {
	if name != f.at {
		return
	}
	n := <-f.left
	f.left <- n - 1
	if n == 1 {
		f.fail()
	}
}

func (f *failing) Queued(desync.JobInfo)   { f.call("Queued") }
func (f *failing) Started(desync.JobInfo)  { f.call("Started") }
func (f *failing) Finished(desync.JobInfo) { f.call("Finished") }

// Whatever an observer does, a pipe ends, and each item has its job, or the error that
// says why it has none.
func TestPAN6_ObserversThatFail(t *testing.T) {
	for name, run := range pipes[int]() {
		for how, fail := range map[string]func(){"panic": func() { panic("boom") }, "Goexit": runtime.Goexit} {
			for _, at := range []string{"Queued", "Started", "Finished"} {
				for nth := 1; nth <= 3; nth++ {
					t.Run(name+", "+how+" in "+at, func(t *testing.T) {
						synctest.Test(t, func(t *testing.T) {
							o := &failing{at: at, fail: fail, left: make(chan int, 1)}
							o.left <- nth
							options := []desync.Option{desync.WithObserver(o), desync.WithPanicHandler(func(*desync.PanicError) {})}
							d, m := desync.New(0, options...), desync.NewMap(zero[int], options...)
							ran := 0
							err := run(t.Context(), d, m, filled[int](3), 2, func() error { ran++; return nil })
							synctest.Wait()
							switch {
							case at != "Queued":
								require.NoError(t, err)
								require.Equal(t, 3, ran, "jobs run")
							case at == "Queued" && how == "Goexit": // ends the goroutine that takes the items
								require.Error(t, err)
								require.Equal(t, nth-1, ran, "jobs run")
							default:
								require.Error(t, err)
								require.Equal(t, 2, ran, "jobs run")
							}
							require.True(t, d.TryDo(func(*int) {}), "the object is free")
							require.NoError(t, m.Wait(t.Context()))
						})
					})
				}
			}
		}
	}
}

// An observer that fails for one of the items that are given up keeps no other in its place.
func TestPAN6_AnObserverThatFailsAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &failing{at: "Finished", fail: runtime.Goexit, left: make(chan int, 1)}
		o.left <- 1
		d := desync.New(0, desync.WithObserver(o))
		resume := d.Suspend()
		ctx, cancel := context.WithCancel(t.Context())
		f := pipe.In(ctx, d, filled[int](100), 100, func(context.Context, *int, int) error { return nil })
		synctest.Wait()
		cancel()
		require.Len(t, report(t, f).Left, 100)
		synctest.Wait()
		require.Less(t, d.Pending(), 20, "places of items that were given up")
		resume()
		d.Do(func(*int) {})
	})
}

// failingContext is a context with a method that fails from some moment on.
type failingContext struct {
	context.Context
	at    string
	fail  func()
	fails chan struct{} // closed when it does
}

func (c failingContext) call(name string) {
	select {
	case <-c.fails:
		if name == c.at {
			c.fail()
		}
	default:
	}
}

func (c failingContext) Err() error            { c.call("Err"); return c.Context.Err() }
func (c failingContext) Done() <-chan struct{} { c.call("Done"); return c.Context.Done() }
func (c failingContext) Value(key any) any     { c.call("Value"); return c.Context.Value(key) }

// A context whose methods fail while a pipe runs or before it does not make it hang, and
// all jobs run that could begin.
func TestPAN6_ContextsThatFail(t *testing.T) {
	for name, run := range pipes[int]() {
		for how, fail := range map[string]func(){"panic": func() { panic("boom") }, "Goexit": runtime.Goexit} {
			for _, at := range []string{"Err", "Done", "Value"} {
				if how == "panic" && at != "Err" && (name == "In" || name == "Chan") {
					continue // it ends the process, as on every goroutine that nobody waits for
				}
				t.Run(name+", "+how+" in "+at, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						d, m := desync.New(0), desync.NewMap(zero[int])
						inner, cancel := context.WithCancel(t.Context())
						defer cancel()
						c := failingContext{inner, at, fail, make(chan struct{})}
						src := make(chan int)
						go func() {
							defer close(src)
							src <- 1
							synctest.Wait()
							close(c.fails)
							src <- 2
						}()
						ran := 0
						for _, from := range []chan int{src, filled[int](1)} { // while it runs, and before
							over := make(chan struct{})
							go func() {
								defer close(over)
								defer func() { recover() }()
								run(c, d, m, from, 2, func() error { ran++; return nil })
							}()
							<-over
						}
						synctest.Wait()
						require.GreaterOrEqual(t, ran, 2, "jobs run")
						require.True(t, d.TryDo(func(*int) {}), "the object is free")
						require.NoError(t, m.Wait(t.Context()))
					})
				})
			}
		}
	}
}
