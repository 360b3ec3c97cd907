package desync_test

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-desync/go-desync/desync"
)

// A ledger keeps account of the lives of a map's keys.
type ledger struct {
	keys []account
	made atomic.Int64 // lives begun
	gone atomic.Int64 // lives ended by an eviction
	sum  atomic.Int64 // what they have carried away
}

// An account is that of one key.
type account struct {
	inside atomic.Int32 // constructors, jobs and evictions that run now
}

// A life is one value of a key.
type life struct {
	key, jobs int
	gone      bool
}

// enter is called first in everything that must be alone with a key.
func (l *ledger) enter(t *testing.T, key int) (leave func()) {
	a := &l.keys[key]
	if n := a.inside.Add(1); n != 1 {
		t.Errorf("KEY-1, EXC-1: %d owners of key %d at once", n, key)
	}
	return func() { a.inside.Add(-1) }
}

func (l *ledger) newMap(t *testing.T, keys int) *desync.Map[int, life] {
	l.keys = make([]account, keys)
	return desync.NewMap(func(key int) life {
		defer l.enter(t, key)()
		l.made.Add(1)
		return life{key: key}
	})
}

func (l *ledger) evicted(t *testing.T) func(key int, v *life) {
	return func(key int, v *life) {
		defer l.enter(t, key)()
		if v.key != key || v.gone {
			t.Errorf("KEY-1: the eviction of key %d gets %+v", key, *v)
		}
		v.gone = true
		l.gone.Add(1)
		l.sum.Add(int64(v.jobs))
	}
}

func (l *ledger) job(t *testing.T, key int, ran *atomic.Int64) func(v *life) {
	return func(v *life) {
		defer l.enter(t, key)()
		if v.key != key || v.gone {
			t.Errorf("KEY-1: a job for key %d gets %+v", key, *v)
		}
		v.jobs++
		ran.Add(1)
	}
}

// balance compares the jobs that ran with those handed over, and with what the
// values have carried away. Every value must be gone.
func (l *ledger) balance(t *testing.T, ran, handed int64) {
	t.Helper()
	if ran != handed {
		t.Errorf("EXE-1, EXE-2: %d jobs ran; want each of %d once", ran, handed)
	}
	if made, gone := l.made.Load(), l.gone.Load(); made != gone {
		t.Errorf("KEY-1: %d values were made, %d evicted; want none lost and none twice", made, gone)
	}
	if sum := l.sum.Load(); sum != ran {
		t.Errorf("KEY-1: evicted values carry %d jobs; want the %d that ran", sum, ran)
	}
}

// Calls of every kind race the eviction of their keys in real time.
func TestKEY1_EvictionsRacingArrivals(t *testing.T) {
	kinds := mapKinds[int, life]()
	for _, procs := range []int{2, 8} {
		setProcs(t, procs)
		const keys, goroutines = 3, 8
		var l ledger
		m := l.newMap(t, keys)
		evictIdle(m, 1, l.evicted(t))
		each := scaled(40_000)
		var ran atomic.Int64
		var all sync.WaitGroup
		for g := range goroutines {
			all.Go(func() {
				for i := range each {
					key := (g + i) % keys
					kinds[(g+i/7)%len(kinds)].call(m, context.Background(), key, l.job(t, key, &ran))
					if i%50 == 0 {
						runtime.Gosched()
					}
				}
			})
		}
		all.Wait()
		if err := m.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		eventually(t, func() bool { return m.Len() == 0 }, "KEY-3: all keys are evicted")
		l.balance(t, ran.Load(), int64(goroutines*each))
	}
}

// The shortest jobs, so that as many arrivals as possible meet an entry at the
// instant of its removal; and more processors than there are, so that goroutines
// are stopped at any place.
func TestKEY1_NoValueIsLost(t *testing.T) {
	setProcs(t, 8)
	const keys, goroutines = 16, 8
	each := scaled(400_000)
	var carried, evictions [keys]int // written in the turn of the key
	m := zeros[int]()
	evictIdle(m, 1, func(key int, n *int) { carried[key] += *n; evictions[key]++ })
	var all sync.WaitGroup
	for g := range goroutines {
		all.Go(func() {
			for i := range each {
				m.At((g + i) % keys).Do(func(n *int) { *n++ })
				if i%64 == 0 {
					runtime.Gosched() // to the evictor
				}
			}
		})
	}
	all.Wait()
	eventually(t, func() bool { return m.Len() == 0 }, "KEY-3: all keys are evicted")
	sum, times := 0, 0
	for key := range keys {
		sum += carried[key]
		times += evictions[key]
	}
	if want := goroutines * each; sum != want {
		t.Errorf("KEY-1: the values of %d evictions carry %d jobs; want all %d", times, sum, want)
	}
}

func TestKEY1_DeletesAndEvictionsRacingArrivals(t *testing.T) {
	kinds := mapKinds[int, life]()
	setProcs(t, 8)
	const keys, goroutines = 3, 8
	var l ledger
	m := l.newMap(t, keys)
	evictIdle(m, time.Microsecond, l.evicted(t))
	each := scaled(20_000)
	var ran atomic.Int64
	var all sync.WaitGroup
	for g := range goroutines {
		all.Go(func() {
			for i := range each {
				key := (g + i) % keys
				kinds[(g+i/7)%len(kinds)].call(m, context.Background(), key, l.job(t, key, &ran))
				if i%3 == 0 {
					m.Delete(key)
				}
				if i%100 == 0 {
					m.Range(func(key int, v *life) bool {
						defer l.enter(t, key)()
						return v.key == key
					})
				}
			}
		})
	}
	all.Wait()
	if err := m.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() bool { return m.Len() == 0 }, "KEY-3: all keys are evicted")
	l.balance(t, ran.Load(), int64(goroutines*each))
}

// In a bubble the arrivals fall on the instants of the evictions, and before and
// behind them.
func TestKEY1_ArrivalsAtTheInstantOfAnEviction(t *testing.T) {
	const after, quarter = 40 * time.Millisecond, 10 * time.Millisecond
	kinds := mapKinds[int, life]()
	for _, slow := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			const keys, goroutines = 2, 7
			var l ledger
			m := l.newMap(t, keys)
			evictIdle(m, after, func(key int, v *life) {
				l.evicted(t)(key, v)
				if slow {
					leave := l.enter(t, key)
					time.Sleep(quarter)
					leave()
				}
			})
			each := scaled(2000)
			var ran atomic.Int64
			var all sync.WaitGroup
			for g := range goroutines {
				all.Go(func() {
					for i := range each {
						key := (g + i) % keys
						kinds[(g+i)%len(kinds)].call(m, t.Context(), key, l.job(t, key, &ran))
						// Long pauses, most of them the same for all.
						pause := []time.Duration{0, quarter, after, after + quarter, 2 * after, after + quarter + 1, after + quarter - 1}[i%7]
						time.Sleep(pause)
					}
				})
			}
			all.Wait()
			if err := m.Wait(t.Context()); err != nil {
				t.Fatal(err)
			}
			if l.gone.Load() < int64(each)/10 {
				t.Errorf("only %d evictions; the test shows nothing", l.gone.Load())
			}
			time.Sleep(10 * after)
			wantLen(t, m, 0, "KEY-3: after the limit")
			l.balance(t, ran.Load(), int64(goroutines*each))
		})
	}
}
