//go:build race || desyncdebug

package desync_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-desync/go-desync/desync"
)

// Two jobs wait for each other's objects, one of them until its context ends. Then the
// other goes on, so it gets no error, even if it comes last.
func TestNST3_ARingThatAContextEnds(t *testing.T) {
	nothing := func(context.Context, *int) (int, error) { return 0, nil }
	for name, wait := range map[string]func(ctx context.Context, m *desync.Map[string, int]) error{
		"DoContext": func(ctx context.Context, m *desync.Map[string, int]) error {
			_, err := m.At("b").SyncContext(ctx, nothing)
			return err
		},
		"the context of the job of a future": func(ctx context.Context, m *desync.Map[string, int]) error {
			_, err := m.At("b").FutureContext(ctx, nothing).Await(context.Background())
			return err
		},
		"Await": func(ctx context.Context, m *desync.Map[string, int]) error {
			_, err := m.At("b").Future(func(*int) int { return 0 }).Await(ctx)
			return err
		},
		"Map.Wait": func(ctx context.Context, m *desync.Map[string, int]) error { return m.Wait(ctx) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var a desync.Desync[int]
				m := zeros[string]()
				gaveUp, patient := make(chan error, 1), make(chan any, 1)
				gate := make(chan struct{})
				go m.At("b").Do(func(*int) {
					<-gate
					patient <- caught(func() { a.Do(func(*int) {}) })
				})
				synctest.Wait()
				go a.Do(func(*int) {
					ctx, cancel := context.WithTimeout(context.Background(), time.Second)
					defer cancel()
					gaveUp <- wait(ctx, m)
				})
				synctest.Wait()
				close(gate)
				if err := <-gaveUp; !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("NST-3: the wait with a deadline ended with %v; want context.DeadlineExceeded", err)
				}
				if v := <-patient; v != nil {
					t.Errorf("NST-3: a Do was told of a ring that a deadline ends: %v", v)
				}
			})
		})
	}
}

// A ring of plain calls on one goroutine is listed whole.
func TestNST3_ARingOnOneGoroutine(t *testing.T) {
	for _, outer := range kinds[int]() {
		t.Run(outer.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := desync.New(0, desync.WithName("a")), desync.New(0, desync.WithName("b"))
				c, d := desync.New(0, desync.WithName("c")), desync.New(0, desync.WithName("d"))
				told := make(chan any, 2)
				onB := here(3)
				onC, again, onItself := here(3), here(5), here(8)
				outer.call(a, func(*int) {
					b.Do(func(*int) {
						desync.Sync2(c, d, func(*int, *int) int {
							told <- caught(func() {
								a.Do(func(*int) {})
							})
							told <- caught(func() {
								c.Do(func(*int) {})
							})
							return 0
						})
					})
				})
				v := <-told
				if ring, ok := v.(*desync.DeadlockError); !ok || len(ring.Ring) != 3 {
					t.Fatalf("NST-3: a Do on an object held further up ended with %v; want a ring of three", v)
				} else if object := ring.Ring[2].Object; object != `"c"` && object != `"d"` {
					t.Errorf("NST-3: the last wait is for %s; want c or d", object)
				} else {
					ring.Ring[2].Object = "c/d"
				}
				wantRing(t, v, "a "+again, "b "+onB, "c/d "+onC)
				wantRing(t, <-told, "c "+onItself)
				wantWorking(t, a, b, c, d)
			})
		})
	}
}

// The jobs that are nested between two of a ring over goroutines are listed, too.
func TestNST3_ARingOverNestedJobs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b, c := desync.New(0, desync.WithName("a")), desync.New(0, desync.WithName("b")), desync.New(0, desync.WithName("c"))
		told, gate := make(chan any, 1), make(chan struct{})
		onB, onC := here(3), here(5)
		go func() {
			a.Do(func(*int) {
				b.Do(func(*int) {
					<-gate
					c.Do(func(*int) {})
				})
			})
		}()
		onA := here(5)
		synctest.Wait()
		go c.Do(func(*int) {
			close(gate)
			synctest.Wait()
			told <- caught(func() { a.Do(func(*int) {}) })
		})
		wantRing(t, <-told, "a "+onA, "b "+onB, "c "+onC)
		wantWorking(t, a, b, c)
	})
}

func TestMapNST3_PlainCallsNameTheKeys(t *testing.T) {
	m := zeros[string]()
	var told any
	m.At("a").Do(func(*int) {
		m.At("b").Do(func(*int) {
			told = caught(func() { m.At("a").Do(func(*int) {}) })
		})
	})
	wantRing(t, told, `"a" `, `"b" `)
}

// In builds that watch all waits, Wait returns the error whatever its context is.
func TestMapNST3_WaitIsWatched(t *testing.T) {
	for _, outer := range kinds[int]() {
		t.Run(outer.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := zeros[string](desync.WithName("keys"))
				var d desync.Desync[int]
				inRing, own := make(chan error, 1), make(chan error, 1)
				m.At("a").Do(func(*int) { own <- m.Wait(context.Background()) })
				ring, ok := errors.AsType[*desync.DeadlockError](<-own)
				if !ok || len(ring.Ring) != 1 || ring.Ring[0].Object != `"keys", key "a"` || !strings.Contains(ring.Ring[0].Call, "nested_test.go:") {
					t.Errorf("NST-3: a Wait in a job of the map gave %v; want a ring over its key", ring)
				}
				gate := make(chan struct{})
				go m.At("a").Do(func(*int) {
					<-gate
					d.Do(func(*int) {})
				})
				synctest.Wait()
				go outer.call(&d, func(*int) {
					close(gate)
					synctest.Wait()
					inRing <- m.Wait(t.Context())
				})
				if ring, ok := errors.AsType[*desync.DeadlockError](<-inRing); !ok || len(ring.Ring) != 2 {
					t.Errorf("NST-3: a Wait that closes a ring gave %v; want a ring of two", ring)
				}
				if err := m.Wait(t.Context()); err != nil {
					t.Errorf("NST-3: a Wait outside of jobs gave %v", err)
				}
			})
		})
	}
}

// A chatty is a context and a key whose methods use objects.
type chatty struct {
	context.Context
	talk func()
}

func (c chatty) Done() <-chan struct{} { c.talk(); return c.Context.Done() }
func (c chatty) Err() error            { c.talk(); return c.Context.Err() }
func (c chatty) Value(key any) any     { c.talk(); return c.Context.Value(key) }

var talkOfKeys = func() {}

type chattyKey int

func (chattyKey) String() string { talkOfKeys(); return "chatty" }

// No method of a user is called under a lock: neither the one of the graph nor that of
// the object.
func TestNST3_MethodsOfUsersMayUseObjects(t *testing.T) {
	finishes(t, "NST-3: calls with contexts and keys that use objects", func() {
		m := zeros[chattyKey]()
		a, other := newInt(), newInt()
		talk := func() {
			other.Do(func(n *int) { *n++ })
			a.Pending()
			a.TryDo(func(*int) {})
			m.At(1).Async(func(*int) {})
		}
		talkOfKeys = talk
		defer func() { talkOfKeys = func() {} }()
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		noisy := chatty{ctx, talk}
		job := func(context.Context, *int) error { return nil }

		// Rings of one, by each kind of call, and one that is none as the context ends.
		a.Do(func(*int) {
			for name, err := range map[string]error{
				"DoContext": a.DoContext(noisy, job),
				"Await":     func() error { _, err := a.Future(func(*int) int { return 0 }).Await(noisy); return err }(),
				"FutureContext": func() error {
					_, err := a.FutureContext(noisy, func(context.Context, *int) (int, error) { return 0, nil }).Await(noisy)
					return err
				}(),
			} {
				if _, ok := errors.AsType[*desync.DeadlockError](err); !ok {
					t.Errorf("NST-3: %s on the own object gave %v; want a DeadlockError", name, err)
				}
			}
		})
		m.At(1).Do(func(*int) {
			wantRing(t, caught(func() { m.At(1).Do(func(*int) {}) }), "chatty ")
			if err := m.Wait(noisy); err == nil || !strings.Contains(err.Error(), "key chatty") {
				t.Errorf("NST-3: a Wait in a job of the map gave %v; want the key named", err)
			}
		})

		// Waits that others look at.
		held, inA, over := make(chan struct{}), make(chan struct{}), make(chan error)
		go a.Do(func(*int) {
			close(held)
			<-inA
		})
		<-held
		go func() { over <- a.DoContext(noisy, job) }()
		go func() {
			_, err := a.Future(func(*int) int { return 0 }).Await(noisy)
			over <- err
		}()
		for range 100 {
			caught(func() { a.TryDo(func(*int) {}) })
			a.Future(func(*int) int { return 0 })
		}
		close(inA)
		for range 2 {
			if err := <-over; err != nil {
				t.Errorf("NST-3: a call with a context that uses objects gave %v", err)
			}
		}
	})
}
