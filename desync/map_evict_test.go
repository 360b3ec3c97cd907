package desync_test

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/go-desync/go-desync/desync"
)

// Not before the limit has passed since the end of the last use, and no later than
// a quarter more, wherever the use falls between two looks of the evictor.
func TestMapEvictIdleInTime(t *testing.T) {
	const after = 100 * time.Second
	for name, use := range map[string]func(m *desync.Map[string, time.Time], used func(*time.Time)){
		"Do":    func(m *desync.Map[string, time.Time], used func(*time.Time)) { m.At("a").Do(used) },
		"Async": func(m *desync.Map[string, time.Time], used func(*time.Time)) { m.At("a").Async(used) },
		"two uses": func(m *desync.Map[string, time.Time], used func(*time.Time)) {
			m.At("a").Do(used)
			time.Sleep(99 * time.Second)
			m.At("a").Do(used)
		},
		"long job": func(m *desync.Map[string, time.Time], used func(*time.Time)) {
			m.At("a").Do(func(last *time.Time) { time.Sleep(1000 * time.Second); used(last) })
		},
		"long background job": func(m *desync.Map[string, time.Time], used func(*time.Time)) {
			m.At("a").Async(func(last *time.Time) { time.Sleep(1000 * time.Second); used(last) })
		},
		"a Range": func(m *desync.Map[string, time.Time], used func(*time.Time)) {
			m.At("a").Do(used)
			time.Sleep(99 * time.Second)
			m.Range(func(key string, last *time.Time) bool {
				if key == "a" {
					used(last)
				}
				return true
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := desync.NewMap(func(string) time.Time { return time.Now() })
				evictions := 0
				evictIdle(m, after, func(key string, last *time.Time) {
					if key != "a" {
						return
					}
					evictions++
					if idle := time.Since(*last); idle < after || idle > after*5/4 {
						t.Errorf("evicted when idle for %v; want %v to %v", idle, after, after*5/4)
					}
				})
				// Another key keeps the evictor awake, so that its looks stand still.
				stop := make(chan struct{})
				go func() {
					for {
						select {
						case <-stop:
							return
						case <-time.After(50 * time.Second):
							m.At("another").Do(func(*time.Time) {})
						}
					}
				}()
				m.At("another").Do(func(*time.Time) {})
				const rounds = 60
				for range rounds {
					time.Sleep(time.Second)
					use(m, func(last *time.Time) { *last = time.Now() })
					m.At("a").Do(func(*time.Time) {})
					m.At("a").Do(func(last *time.Time) { *last = time.Now() })
					time.Sleep(after * 2)
				}
				synctest.Wait()
				if evictions != rounds {
					t.Errorf("%d evictions; want one for each of %d lives", evictions, rounds)
				}
				wantLen(t, m, 1, "with one key in use")
				close(stop)
				time.Sleep(after * 2)
				wantLen(t, m, 0, "with no key in use")
			})
		})
	}
}

// A key that is used more often than the limit says, or is busy, stays.
func TestMapEvictIdleSparesWhatIsInUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := zeros[string]()
		evictIdle(m, time.Second, func(key string, n *int) { t.Errorf("%s was evicted with %d", key, *n) })
		gate := make(chan struct{})
		m.At("busy").Do(func(*int) {})
		m.At("busy").Async(func(*int) { <-gate })
		for range 100 {
			m.At("often").Do(func(n *int) { *n++ })
			time.Sleep(999 * time.Millisecond)
		}
		wantLen(t, m, 2, "while both keys are in use")
		evictIdle(m, time.Second, func(string, *int) {})
		close(gate)
		time.Sleep(2 * time.Second)
		wantLen(t, m, 0, "when both are idle")
	})
}

// The function of EvictIdle is a job: it sees what the jobs before it have left,
// and those that come while it runs find a new value.
func TestMapEvictedIsOrderedLikeAJob(t *testing.T) {
	for _, k := range mapKinds[string, int]() {
		t.Run(k.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := zeros[string]()
				var log []string
				evictIdle(m, time.Second, func(key string, n *int) {
					if log = append(log, fmt.Sprint("evicted ", key, *n)); *n != 3 {
						return
					}
					m.At(key).Async(func(n *int) { log = append(log, fmt.Sprint("job of the function ", *n)) })
					m.At("b").Async(func(n *int) { *n = 8 }) // another key
					time.Sleep(time.Minute)                  // others come, at this very instant too
					//desyncvet:ignore race this is a job of the same key
					log = append(log, "end")
				})
				m.At("a").Do(func(n *int) { *n = 3 })
				time.Sleep(30 * time.Second)
				go k.call(m, t.Context(), "a", func(n *int) { log = append(log, fmt.Sprint("later job ", *n)); *n = 4 })
				synctest.Wait()
				wantLen(t, m, 2, "while a value is being evicted")
				time.Sleep(time.Hour)
				synctest.Wait()
				want := "[evicted a3 end job of the function 0 later job 0 evicted a4 evicted b8]"
				other := "[evicted a3 end job of the function 0 later job 0 evicted b8 evicted a4]"
				if got := fmt.Sprint(log); got != want && got != other {
					t.Errorf("ORD-3: the order was %s; want %s", got, want)
				}
				wantLen(t, m, 0, "after all")
			})
		})
	}
}

// Wait sees the jobs of a key that is being evicted, and the eviction itself.
func TestMapWaitDuringAnEviction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := zeros[string]()
		gate, evicting := make(chan struct{}), make(chan struct{})
		evictIdle(m, time.Second, func(string, *int) { close(evicting); <-gate })
		m.At("a").Do(func(*int) {})
		<-evicting
		m.EvictIdle(time.Second)
		ran, over := false, make(chan error, 1)
		m.At("a").Async(func(*int) { ran = true })
		go func() { over <- m.Wait(t.Context()) }()
		synctest.Wait()
		select {
		case err := <-over:
			t.Fatalf("Wait has returned %v with a job behind an eviction", err)
		default:
		}
		close(gate)
		if err := <-over; err != nil || !ran {
			t.Errorf("Wait: %v, the job ran: %v; want it to have run", err, ran)
		}
	})
}

func TestMapEvictIdleLaterAndAgain(t *testing.T) {
	const short, long = 10 * time.Second, 10 * time.Hour
	type change struct{ before, then time.Duration }
	for name, c := range map[string]change{
		"first call with keys there": {0, short},
		"a shorter limit":            {long, short},
		"a longer limit":             {short, long},
		"the same limit":             {short, short},
	} {
		for _, idle := range []time.Duration{0, 4 * time.Second, 9 * time.Second} {
			t.Run(fmt.Sprintf("%s, idle for %v", name, idle), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					m := zeros[string]()
					if c.before > 0 {
						evictIdle(m, c.before, func(string, *int) { t.Error("the function that was replaced is called") })
					}
					m.At("a").Do(func(*int) {})
					used := time.Now()
					time.Sleep(idle)
					set, evicted := time.Now(), time.Time{}
					evictIdle(m, c.then, func(string, *int) { evicted = time.Now() })
					time.Sleep(2 * c.then)
					synctest.Wait()
					if evicted.Before(used.Add(c.then)) || evicted.After(set.Add(c.then*5/4)) {
						t.Errorf("evicted %v after the last use and %v after the call that set the limit to %v; want not before the limit has passed since the use, and no later than a quarter more after the call",
							evicted.Sub(used), evicted.Sub(set), c.then)
					}
					wantLen(t, m, 0, "afterwards")
				})
			})
		}
	}
}

// What is evicted need not have a function that is told.
func TestMapEvictIdleWithoutAFunction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := zeros[int]()
		m.EvictIdle(1) // the smallest limit that there is
		for i := range 100 {
			m.At(i).Do(func(n *int) { *n = i })
		}
		time.Sleep(time.Second)
		wantLen(t, m, 0, "after a second with the smallest limit")
		if n := m.At(7).Sync(func(n *int) int { return *n }); n != 0 {
			t.Errorf("the value after an eviction is %d; want a new one", n)
		}
	})
}

// A function that ends its goroutine, or panics, must not end the evictions, and what it has
// not taken is not lost.
func TestMapPAN3_AFailureOfTheEvictedFunctionIsTold(t *testing.T) {
	for name, fail := range failings {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var told, saved atomic.Int64
				const keys = 3
				var calls [keys]int // written in the turn of the key
				m := zeros[int](desync.WithPanicHandler(func(*desync.PanicError) { told.Add(1) }))
				evictIdle(m, time.Second, func(key int, n *int) {
					if calls[key]++; calls[key] == 1 {
						fail()
					}
					saved.Add(int64(*n))
				})
				for key := range keys {
					m.At(key).Do(func(n *int) { *n = 1 })
				}
				time.Sleep(time.Minute)
				wantLen(t, m, 0, "LEAK: after evictions that failed once")
				if n := saved.Load(); n != keys {
					t.Errorf("KEY-4: %d values were saved after a failure; want %d", n, keys)
				}
				want := int64(keys)
				if name == "Goexit" {
					want = 0
				}
				if n := told.Load(); n != want {
					t.Errorf("PAN-3: the handler was told %d times; want %d", n, want)
				}
				if n := m.At(0).Sync(func(n *int) int { return *n }); n != 0 {
					t.Errorf("PAN-4: the value after an eviction is %d; want a new one", n)
				}
				time.Sleep(time.Minute)
				wantLen(t, m, 0, "after the next life")
			})
		})
	}
}

func TestMapPAN3_WithoutHandlerAPanicOfTheEvictedFunctionEndsTheProcess(t *testing.T) {
	if os.Getenv(crashEnv) != "" {
		m := zeros[int]()
		evictIdle(m, 1, func(int, *int) { say("evicted"); panic(errors.New("a boom")) })
		m.At(1).Do(func(*int) {})
		select {}
	}
	code, output := child(t, "evicted")
	if code != 2 || strings.Count(output, "said: evicted") != 1 || !strings.Contains(output, "a boom") || !strings.Contains(output, "map_evict_test.go:") {
		t.Errorf("PAN-3: exit code %d; want 2, one call, the value and the stack of the panic in:\n%s", code, output)
	}
}

func TestKEY3_AMillionKeysUsedOnceLeaveNothing(t *testing.T) {
	const most = 16 << 20
	keys := scaled(1_000_000)
	synctest.Test(t, func(t *testing.T) {
		m := desync.NewMap(func(int) [2]int { return [2]int{} })
		evicted, sum := 0, int64(0)
		evictIdle(m, time.Hour, func(_ int, v *[2]int) { evicted++; sum += int64(v[0]) })
		before, goroutines := heap(), len(stacks())
		wantGoroutines := func(when string) {
			t.Helper()
			synctest.Wait()
			all := stacks()
			for range 10_000 { // those of earlier tests may be about to end
				if len(all) <= goroutines {
					return
				}
				runtime.Gosched()
				all = stacks()
			}
			t.Errorf("KEY-3: %d goroutines %s; want at most %d, as before:\n%s", len(all), when, goroutines, strings.Join(all, "\n\n"))
		}
		for i := range keys {
			m.At(i).Do(func(v *[2]int) { v[0] = i })
		}
		wantLen(t, m, keys, "with each key used once")
		wantGoroutines("with idle keys")
		if held := heap() - before; held < int64(keys)*16 {
			t.Fatalf("%d keys take %d bytes; the test measures nothing", keys, held)
		}
		time.Sleep(2 * time.Hour)
		wantLen(t, m, 0, "KEY-3: after the limit")
		if want := int64(keys) * int64(keys-1) / 2; evicted != keys || sum != want {
			t.Errorf("%d values were evicted, with the sum %d; want %d and %d", evicted, sum, keys, want)
		}
		wantGoroutines("with none")
		if kept := heap() - before; kept > most {
			t.Errorf("KEY-3: %d bytes are kept; want at most %d", kept, most)
		}
		runtime.KeepAlive(m)
	})
}

// One timer for the map, not one for each key, and none without keys: a timer
// would keep the map alive.
func TestMapLEAK_AMapIsCollected(t *testing.T) {
	make := func() []weak.Pointer[desync.Map[int, int]] {
		unused, evicted, deleted, never := zeros[int](), zeros[int](), zeros[int](), zeros[int]()
		unused.EvictIdle(time.Hour)
		evicted.EvictIdle(1)
		for i := range 100 {
			evicted.At(i).Do(func(*int) {})
			deleted.At(i).Do(func(*int) {})
			never.At(i).Do(func(*int) {})
			deleted.Delete(i)
		}
		eventually(t, func() bool { return evicted.Len() == 0 && deleted.Len() == 0 }, "the maps are empty")
		return []weak.Pointer[desync.Map[int, int]]{weak.Make(unused), weak.Make(evicted), weak.Make(deleted), weak.Make(never)}
	}
	wantCollected(t, "LEAK: maps with no key that could expire", make()...)
}

// stacks returns the stack of each goroutine. runtime.NumGoroutine counts one more
// now and then, which has no stack: the runtime's own.
func stacks() []string {
	buf := make([]byte, 1<<20)
	return strings.Split(strings.TrimSpace(string(buf[:runtime.Stack(buf, true)])), "\n\n")
}
