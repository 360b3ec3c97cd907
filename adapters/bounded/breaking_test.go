package bounded_test

import (
	"context"
	"runtime"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"

	"github.com/go-desync/go-desync/adapters/bounded"
	"github.com/go-desync/go-desync/adapters/internal/bubbles"
	"github.com/go-desync/go-desync/desync"
)

// A breaking observer does not return from the call that is named.
type breaking struct {
	desync.NopObserver
	broken string
	fail   func()
}

func (b *breaking) call(name string) {
	if b.broken == name {
		b.fail()
	}
}

func (b *breaking) Queued(desync.JobInfo)   { b.call("Queued") }
func (b *breaking) Started(desync.JobInfo)  { b.call("Started") }
func (b *breaking) Finished(desync.JobInfo) { b.call("Finished") }

func TestPAN6_AnObserverThatDoesNotReturnKeepsNoRoom(t *testing.T) {
	for how, fail := range map[string]func(){"panic": func() { panic("metrics") }, "Goexit": runtime.Goexit} {
		for _, hook := range []string{"Queued", "Started", "Finished"} {
			for name, call := range map[string]func(b *bounded.Bound, d *desync.Desync[int]) error{
				"Async": func(b *bounded.Bound, d *desync.Desync[int]) error {
					return b.Async(t.Context(), d, 2, func(n *int) { *n++ })
				},
				"TryAsync": func(b *bounded.Bound, d *desync.Desync[int]) error { return b.TryAsync(d, 2, func(n *int) { *n++ }) },
			} {
				bubbles.Run(t, func(t *testing.T) {
					told := 0
					o := &breaking{broken: hook, fail: fail}
					d := desync.New(0, desync.WithObserver(o), desync.WithPanicHandler(func(*desync.PanicError) { told++ }))
					b := bounded.New(2)
					returned := false
					go func() {
						defer func() {
							if recover() != nil {
								told++
							}
						}()
						assert.NoError(t, call(b, d))
						returned = true
					}()
					synctest.Wait()
					o.broken = ""
					assert.Equal(t, hook != "Queued", returned, "%s in %s: %s returned", how, hook, name)
					want := 1
					if hook == "Queued" {
						want = 0
					}
					assert.Equal(t, want, d.Sync(func(n *int) int { return *n }), "%s in %s: runs of the job of %s", how, hook, name)
					if how == "panic" {
						assert.Equal(t, 1, told, "%s in %s of %s: how many were told", how, hook, name)
					}
					checkRoom(t, b, 2)
				})
			}
		}
	}
}

// A context whose methods do not return takes no room.
type breakingContext struct {
	context.Context
	broken string
	n      *int // calls that go well
	fail   func()
}

func (c breakingContext) call(name string) {
	if c.broken == name {
		if *c.n--; *c.n < 0 {
			c.fail()
		}
	}
}

func (c breakingContext) Err() error            { c.call("Err"); return c.Context.Err() }
func (c breakingContext) Done() <-chan struct{} { c.call("Done"); return c.Context.Done() }
func (c breakingContext) Value(key any) any     { c.call("Value"); return c.Context.Value(key) }

func TestPAN6_AContextThatDoesNotReturnKeepsNoRoom(t *testing.T) {
	for how, fail := range map[string]func(){"panic": func() { panic("a context") }, "Goexit": runtime.Goexit} {
		for _, method := range []string{"Err", "Done", "Value"} {
			for n, struck := 0, true; struck; n++ {
				struck = false
				bubbles.Run(t, func(t *testing.T) {
					b, d := bounded.New(2), desync.New(0)
					empty := fill(t, b, 2, d)
					ctx, cancel := context.WithCancel(t.Context())
					left := n
					go func() {
						defer func() { recover() }()
						b.Async(breakingContext{ctx, method, &left, func() { struck = true; fail() }}, d, 2, func(*int) {
							t.Errorf("%s in call %d of %s: the job ran", how, n, method)
						})
					}()
					synctest.Wait()
					cancel()
					synctest.Wait()
					empty()
					d.Do(func(*int) {})
					checkRoom(t, b, 2)
				})
			}
		}
	}
}
