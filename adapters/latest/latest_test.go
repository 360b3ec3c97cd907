package latest_test

import (
	"context"
	"errors"
	"math"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-desync/go-desync/adapters/internal/bubbles"
	"github.com/go-desync/go-desync/adapters/internal/misuse"
	"github.com/go-desync/go-desync/adapters/internal/showtest"
	"github.com/go-desync/go-desync/adapters/latest"
	"github.com/go-desync/go-desync/conformance/bridge"
	"github.com/go-desync/go-desync/desync"
)

func keep(got *[]int, v int) { *got = append(*got, v) }

func TestTheLatestValueWins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := desync.NewMap(func(int) []int { return nil })
		for name, d := range map[string]desync.Object[[]int]{"plain": desync.New([]int(nil)), "key": m.At(1)} {
			l := latest.On(d, keep)
			resume := d.Suspend()
			showtest.Check(t, l, "idle")
			assert.False(t, l.Set(1), name)
			d.Async(func(got *[]int) { *got = append(*got, -1) })
			assert.True(t, l.Set(2), name)
			assert.True(t, l.Set(3), name)
			showtest.Check(t, l, "busy, 1 waiting")
			assert.Equal(t, 3, d.Pending(), "%s: the suspension and two jobs", name)
			resume()
			synctest.Wait()
			assert.False(t, l.Set(4), name)
			synctest.Wait()
			d.Do(func(got *[]int) { assert.Equal(t, []int{3, -1, 4}, *got, name) })
		}
	})
}

// A value that comes while the job runs is not lost.
func TestAValueThatComesDuringTheJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := desync.New([]int(nil))
		started, gate := make(chan struct{}, 2), make(chan struct{})
		l := latest.On(d, func(got *[]int, v int) { started <- struct{}{}; <-gate; keep(got, v) })
		l.Set(1)
		<-started
		assert.False(t, l.Set(2))
		assert.True(t, l.Set(3))
		close(gate)
		d.Do(func(got *[]int) { assert.Equal(t, []int{1, 3}, *got) })
	})
}

func TestKeysDoNotReplaceEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := desync.NewMap(func(string) []int { return nil })
		l := latest.ByKey(m, keep)
		resume := m.At("a").Suspend()
		l.Set("a", 1)
		l.Set("b", 2)
		synctest.Wait()
		assert.Equal(t, []int{2}, m.At("b").Sync(func(got *[]int) []int { return *got }), "KEY-2")
		l.Set("a", 3)
		showtest.Check(t, l, "busy, 1 waiting")
		resume()
		assert.NoError(t, m.Wait(t.Context()))
		assert.Equal(t, []int{3}, m.At("a").Sync(func(got *[]int) []int { return *got }))
		showtest.Check(t, l, "idle")
	})
}

func TestJobsThatDoNotReturn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		told := 0
		for _, fail := range []func(){func() { panic("no") }, runtime.Goexit} {
			d := desync.New([]int(nil), desync.WithPanicHandler(func(*desync.PanicError) { told++ }))
			l := latest.On(d, func(got *[]int, v int) {
				if v == 1 {
					fail()
				}
				keep(got, v)
			})
			l.Set(1)
			synctest.Wait()
			assert.False(t, l.Set(2))
			d.Do(func(got *[]int) { assert.Equal(t, []int{2}, *got) })
		}
		synctest.Wait()
		assert.Equal(t, 1, told)
	})
}

func TestKeysWithoutAValue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		told, panics, broken := 0, 0, true
		m := desync.NewMapContext(func(_ context.Context, key string) ([]int, error) {
			switch {
			case broken && key == "panic":
				panic("no")
			case broken:
				return nil, errors.New("no such file")
			}
			return nil, nil
		}, func(string, error) { told++ }, desync.WithPanicHandler(func(*desync.PanicError) { panics++ }))
		l := latest.ByKey(m, keep)
		for _, key := range []string{"error", "panic"} {
			l.Set(key, 1)
		}
		synctest.Wait()
		assert.Equal(t, []int{1, 1}, []int{told, panics})
		showtest.Check(t, l, "idle")
		broken = false
		assert.False(t, l.Set("error", 2), "later values still come")
		assert.Equal(t, []int{2}, m.At("error").Sync(func(got *[]int) []int { return *got }))
	})
}

type breaking struct {
	desync.NopObserver
	broken bool
}

func (b *breaking) Queued(desync.JobInfo) {
	if b.broken {
		panic("metrics")
	}
}

func TestPAN6_AnObserverThatPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &breaking{broken: true}
		d := desync.New([]int(nil), desync.WithObserver(o))
		l := latest.On(d, keep)
		assert.PanicsWithValue(t, "metrics", func() { l.Set(1) })
		o.broken = false
		assert.False(t, l.Set(2))
		d.Do(func(got *[]int) { assert.Equal(t, []int{2}, *got) })
	})
}

// An observer panics when another goroutine has replaced the value: that one is not lost.
type replacing struct {
	desync.NopObserver
	first func()
}

func (r *replacing) Queued(desync.JobInfo) {
	if first := r.first; first != nil {
		r.first = nil
		first()
		panic("metrics")
	}
}

func TestPAN6_AValueThatHasReplacedOneThatWasNotHandedOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := new(replacing)
		d := desync.New([]int(nil), desync.WithObserver(o))
		l := latest.On(d, keep)
		o.first = func() { assert.True(t, l.Set(2)) }
		assert.PanicsWithValue(t, "metrics", func() { l.Set(1) })
		synctest.Wait()
		d.Do(func(got *[]int) { assert.Equal(t, []int{2}, *got) })
	})
}

func TestBadArguments(t *testing.T) {
	d := desync.New([]int(nil))
	m := desync.NewMap(func(any) []int { return nil })
	l := latest.ByKey(m, keep)
	misuse.Check(t, "latest", map[string]func(){
		"On object":        func() { latest.On(nil, keep) },
		"On nil object":    func() { latest.On((*desync.Desync[[]int])(nil), keep) },
		"On job":           func() { latest.On[[]int, int](d, nil) },
		"On key":           func() { latest.On(m.At([]int{}), keep) },
		"ByKey map":        func() { latest.ByKey((*desync.Map[int, []int])(nil), keep) },
		"ByKey job":        func() { latest.ByKey[any, []int, int](m, nil) },
		"Set without hash": func() { l.Set([]int{}, 1) },
		"Set of a NaN":     func() { l.Set(math.NaN(), 1) },
	})
	showtest.Check(t, l, "idle")
	showtest.Nil(t, (*latest.Value[int])(nil))
	showtest.Nil(t, (*latest.Values[int, int])(nil))
}

func TestSYN3_InBubblesAndOutside(t *testing.T) {
	d := desync.New([]int(nil))
	l := latest.On(d, keep)
	bubbles.Try(t, func(t *testing.T) {
		l.Set(1)
		l.Set(2)
		d.Do(func(got *[]int) { require.Equal(t, 2, (*got)[len(*got)-1]) })
	})
}

// Many producers: the values of each come in order, and the last is there at the end.
func TestUnderLoad(t *testing.T) {
	const producers, each = 4, 3000
	m := desync.NewMap(func(int) [producers]int { return [producers]int{} })
	type value struct{ producer, n int }
	l := latest.ByKey(m, func(last *[producers]int, v value) {
		assert.Less(t, last[v.producer], v.n, "ORD-1")
		last[v.producer] = v.n
	})
	var all sync.WaitGroup
	for p := range producers {
		all.Go(func() {
			for n := range each {
				l.Set(p%2, value{p, n + 1})
			}
		})
	}
	all.Wait()
	require.NoError(t, m.Wait(t.Context()))
	for key := range 2 {
		last := m.At(key).Sync(func(last *[producers]int) [producers]int { return *last })
		assert.True(t, last[key] == each || last[key+2] == each, "the last value of key %d: %v", key, last)
	}
	showtest.Check(t, l, "idle")
}

func TestOrder(t *testing.T) {
	err := bridge.Check(t.Context(), func(observe func(item int)) (push func(item int) error, finish func() error) {
		m := desync.NewMap(func(int) int { return 0 })
		l := latest.ByKey(m, func(_ *int, item int) { observe(item) })
		var one sync.Mutex // no value replaces one that would be missing
		push = func(item int) error {
			one.Lock()
			defer one.Unlock()
			l.Set(0, item)
			return m.Wait(t.Context())
		}
		return push, func() error { return m.Wait(t.Context()) }
	})
	if err != nil {
		t.Error(err)
	}
}
