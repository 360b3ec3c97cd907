//go:build race || desyncdebug

package group_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-desync/go-desync/adapters/group"
	"github.com/go-desync/go-desync/desync"
)

// wantRing fails unless err is a DeadlockError over the objects with these names, the
// first of them waited for in this file.
func wantRing(t *testing.T, err any, names ...string) {
	t.Helper()
	e, _ := err.(error)
	ring, ok := errors.AsType[*desync.DeadlockError](e)
	require.Truef(t, ok, "NST-3: the error is %v; want a DeadlockError", err)
	var got []string
	for _, w := range ring.Ring {
		got = append(got, strings.Trim(w.Object, `"`))
	}
	assert.Equal(t, names, got, "NST-3: the objects of the ring")
	assert.Contains(t, ring.Ring[0].Call, "watch_test.go:", "NST-3: the place of the wait")
}

// Wait in a job of an object that has jobs of the group, with and without a limit; and
// whether they come before the wait begins or after.
func TestNST3_WaitInAJobOfTheObject(t *testing.T) {
	for name, limit := range map[string]int{"no limit": -1, "limit": 1} {
		for _, later := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					d := desync.New(0, desync.WithName("d"))
					g, ctx := group.WithContext(t.Context())
					g.SetLimit(limit)
					hand := func() {
						assert.True(t, g.Go(d, func(context.Context, *int) error {
							t.Error("NST-3: a job ran in a group whose Wait had returned")
							return nil
						}))
					}
					var busy desync.Desync[int]
					gate := make(chan struct{})
					g.Go(&busy, func(context.Context, *int) error { <-gate; return nil })
					err := d.Sync(func(*int) error {
						if later {
							go func() {
								synctest.Wait()
								hand()
							}()
						} else {
							hand()
						}
						return g.Wait()
					})
					wantRing(t, err, "d")
					assert.ErrorIs(t, context.Cause(ctx), err)
					close(gate)
					synctest.Wait()
				})
			})
		}
	}
}

func TestNST3_WaitOfTheZeroGroupPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := desync.New(0, desync.WithName("d"))
		var g group.Group
		ran := false
		g.Go(desync.New(0), func(context.Context, *int) error { return nil })
		var told any
		d.Do(func(*int) {
			g.Go(d, func(context.Context, *int) error { ran = true; return nil })
			func() {
				defer func() { told = recover() }()
				_ = g.Wait()
			}()
		})
		wantRing(t, told, "d")
		assert.NoError(t, g.Wait(), "of a Wait outside of jobs")
		assert.True(t, ran)
	})
}

// A job of the group waits for the group, alone or beside others that have not begun.
func TestNST3_WaitInAJobOfTheGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := desync.New(0, desync.WithName("d"))
		g, _ := group.WithContext(t.Context())
		inJob := make(chan error, 1)
		g.Go(d, func(context.Context, *int) error {
			inJob <- g.Wait()
			return nil
		})
		wantRing(t, <-inJob, "d")
		wantRing(t, g.Wait(), "d")
	})
}

// Wait waits for a job that waits for the object of the caller of Wait. The one that
// comes last gets the error.
func TestNST3_WaitInARing(t *testing.T) {
	for _, waitLast := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			a, b := desync.New(0, desync.WithName("a")), desync.New(0, desync.WithName("b"))
			g, _ := group.WithContext(context.Background())
			gate := make(chan struct{})
			told := make(chan any, 2)
			g.Go(b, func(context.Context, *int) error {
				<-gate
				defer func() { told <- recover() }()
				a.Do(func(*int) {})
				return nil
			})
			var waited error
			var wg sync.WaitGroup
			wg.Go(func() {
				a.Do(func(*int) {
					if waitLast {
						close(gate)
						synctest.Wait()
					}
					waited = g.Wait()
				})
			})
			if !waitLast {
				synctest.Wait()
				close(gate)
				wantRing(t, <-told, "a", "b")
				wg.Wait()
				assert.NoError(t, waited)
			} else {
				wg.Wait()
				wantRing(t, waited, "b", "a")
				assert.Nil(t, <-told)
			}
		})
	}
}

// A wait for a group whose context can end is in no ring that another call closes.
func TestNST3_WaitThatAContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b, busy := desync.New(0), desync.New(0), desync.New(0)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		g, _ := group.WithContext(ctx)
		gate := make(chan struct{})
		busy.Async(func(*int) { <-gate })
		told := make(chan any, 1)
		g.Go(busy, func(context.Context, *int) error { return nil })
		go b.Do(func(*int) {
			g.Go(b, func(context.Context, *int) error { return nil })
			time.Sleep(time.Millisecond)
			defer func() { told <- recover() }()
			a.Do(func(*int) {})
		})
		var err error
		a.Do(func(*int) { err = g.Wait() })
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Nil(t, <-told, "NST-3: a Do was told of a ring that a deadline ends")
		close(gate)
		synctest.Wait()
	})
}

// Waits that close no ring.
func TestNST3_NoFalseAlarmOfWait(t *testing.T) {
	const objects, rounds = 5, 200
	ds := make([]*desync.Desync[int], objects)
	for i := range ds {
		ds[i] = desync.New(0)
	}
	var wg sync.WaitGroup
	for n := range 4 {
		wg.Go(func() {
			for r := range rounds {
				from := (n + r) % (objects - 1)
				err := ds[from].Sync(func(*int) error {
					g, _ := group.WithContext(context.Background())
					if r%2 == 0 {
						g.SetLimit(1 + r%3)
					}
					for _, d := range ds[from+1:] {
						g.Go(d, func(context.Context, *int) error { return nil })
					}
					return g.Wait()
				})
				if err != nil {
					t.Errorf("NST-3: a Wait that closes no ring returned %v", err)
					return
				}
			}
		})
	}
	wg.Wait()
}
