package desync_test

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-desync/go-desync/desync"
)

// ways are how a value goes with a hook that may keep it, after what time at the earliest.
var ways = map[string]struct {
	idle time.Duration
	use  func(m *desync.Map[string, int])
}{
	"Delete":   {0, func(m *desync.Map[string, int]) { m.Delete("a") }},
	"eviction": {time.Second, func(m *desync.Map[string, int]) { m.EvictIdle(time.Second) }},
}

var errDisk = errors.New("the disk is full")

// hookFailings are the ways in which a hook may fail.
var hookFailings = map[string]func() error{
	"error":     func() error { return errDisk },
	"panic":     func() error { panic("a boom") },
	"panic nil": func() error { panic(nil) },
	"Goexit":    func() error { runtime.Goexit(); return nil },
}

func TestKEY4_WhatTheHookKeepsIsTriedAgain(t *testing.T) {
	for way, w := range ways {
		for name, fail := range hookFailings {
			t.Run(way+", "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var tries []time.Time
					var saved []int
					var told, panics atomic.Int64
					m := zeros[string](desync.WithPanicHandler(func(*desync.PanicError) { panics.Add(1) }))
					m.OnRemove(func(key string, n *int) error {
						if tries = append(tries, time.Now()); len(tries) <= 12 {
							return fail()
						}
						saved = append(saved, *n)
						return nil
					}, func(key string, err error) {
						if err != errDisk || key != "a" {
							t.Errorf("KEY-4: the handler is told of %v for %q", err, key)
						}
						m.At(key).Pending() // nothing is held
						told.Add(1)
					})
					m.At("a").Do(func(n *int) { *n = 7 })
					w.use(m)
					time.Sleep(w.idle * 3 / 2)
					synctest.Wait()
					if len(tries) != 1 || m.Len() != 1 {
						t.Fatalf("KEY-4: %d calls of the hook, %d keys; want one call, and the key still there", len(tries), m.Len())
					}
					m.At("a").DoIfPresent(func(n *int) { *n++ }) // which is no use
					time.Sleep(time.Hour)
					synctest.Wait()
					var pauses []time.Duration
					for i := range tries[1:] {
						pauses = append(pauses, tries[i+1].Sub(tries[i])/time.Second)
					}
					if want := []time.Duration{1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300}; !slices.Equal(pauses, want) {
						t.Errorf("KEY-4: the pauses in seconds are %d; want %d", pauses, want)
					}
					if !slices.Equal(saved, []int{8}) || m.Len() != 0 {
						t.Errorf("KEY-4: %d was saved, and %d keys are left; want 8 once, and none", saved, m.Len())
					}
					wantTold, wantPanics := int64(0), int64(0)
					switch name {
					case "error":
						wantTold = 12
					case "Goexit": // nobody is told; see PAN-5
					default:
						wantPanics = 12
					}
					if told.Load() != wantTold || panics.Load() != wantPanics {
						t.Errorf("KEY-4, PAN-3: the handlers were told of %d errors and %d panics; want %d and %d", told.Load(), panics.Load(), wantTold, wantPanics)
					}
				})
			})
		}
	}
}

// A use in between puts an eviction off until the key is idle again, but not a Delete.
func TestKEY4_AUseBetweenTheTries(t *testing.T) {
	for way, w := range ways {
		synctest.Test(t, func(t *testing.T) {
			var full atomic.Bool
			full.Store(true)
			var saved []int
			m := zeros[string]()
			m.OnRemove(func(_ string, n *int) error {
				if full.Load() {
					return errDisk
				}
				saved = append(saved, *n)
				return nil
			}, func(string, error) {})
			m.At("a").Do(func(n *int) { *n = 1 })
			w.use(m)
			time.Sleep(w.idle*3/2 + time.Millisecond)
			full.Store(false)
			for range 10 { // always in use, or used a moment ago
				m.At("a").Do(func(n *int) { *n++ })
				time.Sleep(w.idle / 4)
				m.At("a").Do(func(n *int) { time.Sleep(500 * time.Millisecond); *n++ })
			}
			want := []int{21}
			if way == "Delete" {
				want = []int{5} // with the job that runs when it is due
			} else if len(saved) != 0 {
				t.Errorf("%s: KEY-4: %d was saved of a key in use", way, saved)
			}
			m.EvictIdle(0)
			if way == "eviction" {
				m.EvictIdle(time.Second)
			}
			time.Sleep(2 * time.Second)
			synctest.Wait()
			if !slices.Equal(saved, want) {
				t.Errorf("%s: KEY-4: %d was saved; want %d", way, saved, want)
			}
		})
	}
}

// The value that a retry is for has gone: another must not go in its place.
func TestKEY4_ARetryIsForOneValue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var saved []int
		m := zeros[string]()
		m.OnRemove(func(_ string, n *int) error { saved = append(saved, *n); return errDisk }, func(string, error) {})
		k := m.At("a")
		k.Do(func(n *int) { *n = 1 })
		m.Delete("a")
		synctest.Wait()
		gate := make(chan struct{})
		k.Async(func(*int) { <-gate })
		go k.DeleteIf(func(*int) bool { return true })
		synctest.Wait()
		k.Async(func(n *int) { *n = 2 })
		time.Sleep(time.Minute) // the retry is queued behind
		close(gate)
		time.Sleep(time.Hour)
		synctest.Wait()
		if got := k.Sync(func(n *int) int { return *n }); got != 2 || !slices.Equal(saved, []int{1, 1}) {
			t.Errorf("KEY-4: the new value is %d, and the hook was given %d; want 2, and the old value twice", got, saved)
		}
	})
}

func TestKEY6_TheHookIsToldAndCannotRefuse(t *testing.T) {
	for name, fail := range hookFailings {
		synctest.Test(t, func(t *testing.T) {
			calls := 0
			var told []error
			m := zeros[string]()
			m.OnRemove(func(key string, n *int) error {
				if calls++; *n != 8 {
					t.Errorf("KEY-6: the hook is given %d; want what the job has left, 8", *n)
				}
				return fail()
			}, func(_ string, err error) { told = append(told, err) })
			m.At("a").Do(func(n *int) { *n = 7 })
			var panicked any
			deleted := false
			go func() {
				defer func() { panicked = recover() }()
				deleted = m.At("a").DeleteIf(func(n *int) bool { *n++; return true })
			}()
			time.Sleep(time.Hour)
			synctest.Wait()
			wantLen(t, m, 0, "KEY-6: after "+name+" of the hook")
			if calls != 1 || deleted != (name == "error") {
				t.Errorf("%s: KEY-6: %d calls of the hook, DeleteIf returned %v; want one", name, calls, deleted)
			}
			if (name == "error") != slices.Equal(told, []error{errDisk}) {
				t.Errorf("%s: KEY-6: the handler was told of %v", name, told)
			}
			if want := name == "panic" || name == "panic nil"; want != (panicked != nil) {
				t.Errorf("%s: PAN-6: the caller's panic is %v", name, panicked)
			}
		})
	}
}

// The hook uses the map, its own key included, and the functions that set it up.
func TestKEY4_TheHookMayUseTheMap(t *testing.T) {
	for way, w := range ways {
		synctest.Test(t, func(t *testing.T) {
			m := zeros[string]()
			var seen []int
			hooked := 0
			m.OnRemove(func(key string, n *int) error {
				if hooked++; hooked > 1 {
					return nil
				}
				m.At("b").Do(func(n *int) { *n++ })
				m.Delete("b")
				m.Delete(key)
				m.At(key).Async(func(n *int) { seen = append(seen, *n) })
				m.EvictIdle(0)
				m.OnRemove(func(string, *int) error { return nil }, func(string, error) {})
				return nil
			}, func(string, error) {})
			m.At("a").Do(func(n *int) { *n = 7 })
			w.use(m)
			time.Sleep(time.Minute)
			synctest.Wait()
			if !slices.Equal(seen, []int{0}) || slices.Contains(slices.Collect(m.Keys()), "b") {
				t.Errorf("%s: KEY-4: the job that the hook handed over saw %d, and the keys are %q; want a new value, and no b",
					way, seen, slices.Collect(m.Keys()))
			}
		})
	}
}

// A job deletes its own key: the value goes behind it.
func TestKEY4_DeleteInTheKeysOwnJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var saved []int
		m := zeros[string]()
		m.OnRemove(func(_ string, n *int) error { saved = append(saved, *n); return nil }, func(string, error) {})
		m.At("a").Do(func(n *int) { m.Delete("a"); *n = 5 })
		synctest.Wait()
		if !slices.Equal(saved, []int{5}) || m.Len() != 0 {
			t.Errorf("KEY-4: %d was saved and %d keys are left; want 5, and none", saved, m.Len())
		}
	})
}

// Hooks that fail for many keys: each value is saved once at last, and until then nothing
// of the map but a timer is left.
func TestKEY4_ManyValuesAreKept(t *testing.T) {
	keys := scaled(5_000)
	synctest.Test(t, func(t *testing.T) {
		m := desync.NewMap(func(key int) int { return key })
		var full atomic.Bool
		full.Store(true)
		var tries, sum atomic.Int64
		m.OnRemove(func(_ int, n *int) error {
			tries.Add(1)
			if full.Load() {
				return errDisk
			}
			sum.Add(int64(*n))
			return nil
		}, func(int, error) {})
		m.EvictIdle(time.Minute)
		for key := range keys {
			m.At(key).Do(func(*int) {})
			if key%2 == 0 {
				m.Delete(key)
			}
		}
		time.Sleep(10 * time.Minute)
		wantNoDrainer(t)
		wantLen(t, m, keys, "KEY-4: with a hook that fails")
		full.Store(false)
		time.Sleep(10 * time.Minute)
		wantLen(t, m, 0, "KEY-4: with a hook that does not")
		if got, want := sum.Load(), int64(keys)*int64(keys-1)/2; got != want || tries.Load() > int64(keys)*20 {
			t.Errorf("KEY-4: the sum of what was saved is %d after %d calls; want %d", got, tries.Load(), want)
		}
	})
}

// In bubbles one after the other, and outside, a value that is kept is tried again where
// the map is used.
func TestSYN3_WhatTheHookKeepsIsTriedAgainInTheNextBubble(t *testing.T) {
	const in, out = true, false
	for _, order := range [][]bool{{in, in, in}, {out, in}, {in, out}} {
		var tries atomic.Int64
		m := zeros[string]()
		m.OnRemove(func(string, *int) error { tries.Add(1); return errDisk }, func(string, error) {})
		m.At("a").Do(func(*int) {})
		m.Delete("a")
		m.At("a").Do(func(*int) {}) // behind the first try
		for i, inside := range order {
			before := tries.Load()
			use := func(t *testing.T) {
				m.At("b").Do(func(*int) {})
				if inside {
					time.Sleep(time.Second<<i + time.Second/2) // the pause that is due, and not the next
				}
				eventually(t, func() bool { return tries.Load() > before }, fmt.Sprintf("SYN-3: a try in place %d of %v", i, order))
				m.At("a").Do(func(*int) {})
			}
			if inside {
				synctest.Test(t, use)
			} else {
				use(t)
			}
		}
		m.At("a").DeleteIf(func(*int) bool { return true })
	}
}

// An observer keeps a retry of a Delete from being queued: it is made later.
func TestKEY4_AnObserverPreventsARetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &queuedPanics{at: 3}
		panics, tries := 0, 0
		m := zeros[string](desync.WithObserver(o), desync.WithPanicHandler(func(*desync.PanicError) { panics++ }))
		m.OnRemove(func(string, *int) error {
			if tries++; tries == 1 {
				return errDisk
			}
			return nil
		}, func(string, error) {})
		m.At("a").Do(func(*int) {})
		m.Delete("a")
		time.Sleep(time.Minute)
		synctest.Wait()
		if panics != 1 || tries != 2 || m.Len() != 0 {
			t.Errorf("KEY-4: %d panics, %d tries, %d keys left; want 1, 2 and none", panics, tries, m.Len())
		}
	})
}

// queuedPanics panics at one call of Queued.
type queuedPanics struct {
	desync.NopObserver
	n  atomic.Int64
	at int64
}

func (o *queuedPanics) Queued(desync.JobInfo) {
	if o.n.Add(1) == o.at {
		panic("a boom of Queued")
	}
}

// A hook that waits for its own key is found where waits are watched; its value stays.
func TestNST3_AHookThatWaitsForItsOwnKey(t *testing.T) {
	if !watched {
		t.Skip("only builds that watch all waits find it; others wait forever, as documented")
	}
	told := make(chan *desync.PanicError, 1)
	m := zeros[string](desync.WithPanicHandler(func(p *desync.PanicError) { told <- p }))
	again := false
	m.OnRemove(func(key string, _ *int) error {
		if !again {
			again = true
			m.At(key).Do(func(*int) {})
		}
		return nil
	}, func(string, error) {})
	m.At("a").Do(func(*int) {})
	m.Delete("a")
	if _, ok := receive(t, told, "the handler").Value.(*desync.DeadlockError); !ok {
		t.Error("NST-3: the hook has panicked with something else than a DeadlockError")
	}
	m.At("a").DeleteIf(func(*int) bool { return true })
	wantLen(t, m, 0, "afterwards")
}

// Turning eviction off, and on again, takes effect at once, in a sweep too.
func TestEvictIdleOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := zeros[int]()
		var evicted []int
		m.OnRemove(func(key int, _ *int) error { evicted = append(evicted, key); m.EvictIdle(0); return nil }, func(int, error) {})
		use := func() {
			for key := range 10 {
				m.At(key).Do(func(*int) {})
			}
		}
		use()
		m.EvictIdle(time.Second)
		time.Sleep(time.Second) // at the instant of the sweep that would be the last but one
		m.EvictIdle(0)
		time.Sleep(time.Hour)
		wantLen(t, m, 10, "with eviction turned off")
		m.EvictIdle(time.Second)
		time.Sleep(time.Hour) // the hook turns it off
		synctest.Wait()
		if len(evicted) != 1 {
			t.Errorf("the keys %d are evicted; want only the one in whose hook eviction is turned off", evicted)
		}
		m.OnRemove(func(int, *int) error { return nil }, func(int, error) {})
		m.EvictIdle(time.Second)
		time.Sleep(2 * time.Second)
		wantLen(t, m, 0, "with eviction turned on again")
	})
}
