package desync_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

// looks are the ways to look at a key.
func looks(k desync.Key[string, int]) map[string]func() {
	return map[string]func(){
		"Pending":  func() { k.Pending() },
		"String":   func() { _ = k.String() },
		"Format":   func() { _ = fmt.Sprintf("%v %+v %#v %d", k, k, k, k) },
		"LogValue": func() { k.LogValue() },
		"At":       func() {},
	}
}

func TestKEY5_LookingMakesNothing(t *testing.T) {
	m := desync.NewMap(func(string) int { t.Error("KEY-5: a value was made"); return 0 })
	for name, look := range looks(m.At("a")) {
		look()
		wantLen(t, m, 0, "KEY-5: after "+name)
	}
	if n := m.At("a").Pending(); n != 0 {
		t.Errorf("KEY-5: %d jobs of a key that nobody uses are pending; want none", n)
	}
}

func TestKEY5_LookingIsNoUse(t *testing.T) {
	for name := range looks(desync.Key[string, int]{}) {
		synctest.Test(t, func(t *testing.T) {
			m := zeros[string]()
			m.EvictIdle(4*time.Second, nil)
			m.At("a").Do(func(*int) {})
			for range 6 {
				time.Sleep(time.Second)
				looks(m.At("a"))[name]()
			}
			wantLen(t, m, 0, "KEY-5: after a while with nothing but "+name)
		})
	}
}

func TestKEY5_PendingDoesNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := zeros[string](desync.WithName("keys"))
		gate := make(chan struct{})
		m.At("a").Async(func(*int) { <-gate })
		m.At("a").Async(func(*int) {})
		synctest.Wait()
		if n := m.At("a").Pending(); n != 2 {
			t.Errorf("%d jobs are pending; want 2", n)
		}
		if got, want := fmt.Sprint(m.At("a")), `"keys", key "a": busy, 2 pending`; got != want {
			t.Errorf("a busy key prints as %s; want %s", got, want)
		}
		close(gate)
		synctest.Wait()
		if n := m.At("a").Pending(); n != 0 {
			t.Errorf("%d jobs are pending; want none", n)
		}
	})
}

// A Try makes the object, since it is idle, and a refusal has no effect.
func TestKeyTRY1_TRY2(t *testing.T) {
	m := desync.NewMap(func(key string) int { return len(key) })
	if v, ok := m.At("abc").TrySync(func(v *int) int { return *v }); v != 3 || !ok {
		t.Errorf("TRY-2: TrySync of a key that is absent returns %d, %v; want 3, true", v, ok)
	}
	resume := m.At("ab").Suspend()
	if m.At("ab").TryDo(func(*int) {}) {
		t.Error("TRY-1: a TryDo of a key that is held has run its job")
	}
	resume()
	wantLen(t, m, 1, "TRY-1: after a refused TryDo")
	m.At("ab").Do(func(*int) {})
	if !m.At("ab").TryDo(func(v *int) { *v++ }) {
		t.Error("TRY-2: a TryDo right after a Do was refused")
	}
}

// What waits without a goroutine keeps the key all the same, and no longer than that.
func TestKEY1_SuspendAndAfterKeepTheKey(t *testing.T) {
	for name, hold := range map[string]func(k desync.Key[string, int]) (end func()){
		"Suspend": func(k desync.Key[string, int]) func() {
			resume := k.Suspend()
			return func() { resume(); resume() } // the second does nothing
		},
		"Suspend behind a Suspend": func(k desync.Key[string, int]) func() {
			first := k.Suspend()
			second := k.Suspend()
			return func() { second(); first() }
		},
		"After": func(k desync.Key[string, int]) func() {
			var p futures.Promise[int]
			k.After(p.Future(), func(v *int, n int, _ error) int { return *v })
			return func() { p.Resolve(1) }
		},
	} {
		for _, live := range []bool{true, false} {
			synctest.Test(t, func(t *testing.T) {
				m := zeros[string]()
				m.EvictIdle(time.Second, func(key string, n *int) {
					if *n != 7 && live {
						t.Errorf("%s: KEY-1: evicted with %d; want 7", name, *n)
					}
				})
				if live {
					m.At("a").Do(func(n *int) { *n = 7 })
				}
				end := hold(m.At("a"))
				time.Sleep(time.Minute)
				wantLen(t, m, 1, name+": KEY-1: while it is held")
				end()
				time.Sleep(time.Minute)
				wantLen(t, m, 0, name+": KEY-3: after it has ended")
				if n := m.At("a").Sync(func(n *int) int { return *n }); n != 0 {
					t.Errorf("%s: the new value is %d; want 0", name, n)
				}
			})
		}
	}
}

// Sync2 and DoAll take keys and plain objects alike, in one order with all other jobs, and
// infer every type.
func TestKeySeveralORD(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := desync.NewMap(func(key string) []string { return []string{key} })
		plain := desync.New(0)
		gate := make(chan struct{})
		add := func(s string) func(*[]string) { return func(v *[]string) { *v = append(*v, s) } }
		m.At("a").Async(func(*[]string) { <-gate })
		m.At("a").Async(add("before"))
		var all sync.WaitGroup
		all.Go(func() {
			desync.Sync2(m.At("a"), plain, func(v *[]string, n *int) bool { add("Sync2")(v); *n++; return true })
		})
		synctest.Wait()
		all.Go(func() {
			desync.DoAll([]desync.Key[string, []string]{m.At("b"), m.At("a")}, func(vs []*[]string) {
				add("DoAll of " + (*vs[0])[0])(vs[1])
			})
		})
		synctest.Wait()
		m.At("a").Async(add("after"))
		close(gate)
		all.Wait()
		got := desync.Sync1(m.At("a"), func(v *[]string) []string { return *v })
		if want := []string{"a", "before", "Sync2", "DoAll of b", "after"}; !slices.Equal(got, want) {
			t.Errorf("ORD-3: the jobs of a key left %q; want %q", got, want)
		}
		objects := []desync.Object[int]{plain, zeros[int]().At(5)}
		desync.DoAll(objects, func(ns []*int) { *ns[0] += 10; *ns[1] += 10 })
		if n := desync.Sync1(objects[0], func(n *int) int { return *n }); n != 11 {
			t.Errorf("the plain object has %d; want 11", n)
		}
	})
}

func TestKeySeveralMisuse(t *testing.T) {
	m, plain := zeros[string](desync.WithName("accounts")), desync.New(0)
	nan := zeros[float64]().At(math.NaN())
	job := func(*int, *int) int { t.Error("the job ran"); return 0 }
	for name, misuse := range map[string]struct {
		call func()
		says string
	}{
		"Sync2 of a key twice": {func() { desync.Sync2(m.At("ann"), m.At("ann"), job) }, `objects 0 and 1 are the same, "accounts", key "ann"`},
		"DoAll of a key twice": {func() {
			desync.DoAll([]desync.Object[int]{m.At("ann"), plain, m.At("ann")}, func([]*int) { job(nil, nil) })
		}, `objects 0 and 2 are the same, "accounts", key "ann"`},
		"Sync2 of a nil Object":     {func() { desync.Sync2(m.At("ann"), desync.Object[int](nil), job) }, "Sync2: the objects and the job must not be nil"},
		"Sync1 of a nil Object":     {func() { desync.Sync1(desync.Object[int](nil), func(*int) int { return 0 }) }, "Sync1: the object and the job must not be nil"},
		"Sync1 of a nil job":        {func() { desync.Sync1(m.At("ann"), (func(*int) int)(nil)) }, "Sync1: the object and the job must not be nil"},
		"DoAll of a nil Object":     {func() { desync.DoAll([]desync.Object[int]{m.At("ann"), nil}, func([]*int) {}) }, "object 1 is nil"},
		"DoAll of a nil *Desync":    {func() { desync.DoAll([]desync.Object[int]{m.At("ann"), (*desync.Desync[int])(nil)}, func([]*int) {}) }, "object 1 is nil"},
		"Sync2 of a NaN":            {func() { desync.Sync2(m.At("ann"), nan, job) }, "NaN does not equal itself"},
		"DoAll of a key and a NaN":  {func() { desync.DoAll([]desync.Object[int]{m.At("ann"), nan}, func([]*int) {}) }, "NaN does not equal itself"},
		"At of a key that is a NaN": {func() { nan.Pending() }, "NaN does not equal itself"},
	} {
		if got := fmt.Sprint(caught(misuse.call)); !strings.Contains(got, misuse.says) {
			t.Errorf("%s: the panic is %q; want one with %q", name, got, misuse.says)
		}
		wantLen(t, m, 0, name)
		if !plain.TryDo(func(*int) {}) {
			t.Errorf("%s: the plain object is held", name)
		}
	}
}

// If a value cannot be made, the call's panic is that of the constructor, and all objects
// go on.
func TestKeySeveralPAN1_AConstructorThatPanics(t *testing.T) {
	for _, opts := range [][]desync.Option{nil, {desync.WithObserver(desync.NopObserver{})}} {
		m := desync.NewMap(func(key string) int {
			if key == "bad" {
				panic("no value")
			}
			return 0
		}, opts...)
		plain := desync.New(0)
		for name, call := range map[string]func(){
			"Sync1": func() { desync.Sync1(m.At("bad"), func(*int) int { return 0 }) },
			"Sync2": func() { desync.Sync2(plain, m.At("bad"), func(_, _ *int) int { return 0 }) },
			"DoAll": func() { desync.DoAll([]desync.Object[int]{m.At("bad"), plain}, func([]*int) {}) },
		} {
			if v := caught(call); v != "no value" {
				t.Errorf("PAN-1: %s: the panic is %v; want that of the constructor", name, v)
			}
			wantLen(t, m, 0, "PAN-6: "+name)
			if !plain.TryDo(func(*int) {}) {
				t.Errorf("PAN-4: %s: the plain object is held", name)
			}
		}
	}
}

// A keeper keeps what it is told.
type keeper struct {
	desync.NopObserver
	mu   sync.Mutex
	seen []desync.JobInfo
}

func (k *keeper) Finished(j desync.JobInfo) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.seen = append(k.seen, j)
}

func TestKeyObserversAreToldTheKey(t *testing.T) {
	for _, kind := range mapKinds[string, int]() {
		if !kind.waits {
			continue
		}
		k := new(keeper)
		m := zeros[string](desync.WithName("rooms"), desync.WithObserver(k))
		kind.call(m, t.Context(), "hall", func(*int) {})
		if len(k.seen) != 1 || k.seen[0].Key != "hall" || k.seen[0].Object != "rooms" || k.seen[0].Outcome != desync.OutcomeReturned {
			t.Errorf("%s: the observer was told %+v; want one job of the key hall of rooms", kind.name, k.seen)
		}
	}
	k := new(keeper)
	desync.New(0, desync.WithObserver(k)).Do(func(*int) {})
	if len(k.seen) != 1 || k.seen[0].Key != nil {
		t.Errorf("the observer of a plain object was told %+v; want one job without a key", k.seen)
	}
}

// In builds that watch, a ring through a Sync2 of keys is told, with the keys.
func TestKeyNST3_ARingThroughSync2(t *testing.T) {
	if !watched {
		t.Skip("only builds that watch all waits find rings without a context")
	}
	m := zeros[string](desync.WithName("accounts"))
	v := caught(func() {
		m.At("ann").Do(func(*int) {
			desync.Sync2(m.At("bob"), m.At("ann"), func(_, _ *int) int { return 0 })
		})
	})
	err, _ := v.(error)
	ring, ok := errors.AsType[*desync.DeadlockError](err)
	if !ok || !strings.Contains(ring.Error(), `"accounts", key "ann"`) {
		t.Fatalf("NST-3: the panic is %v; want a DeadlockError that names the key", v)
	}
	wantLen(t, m, 1, "NST-3: after a call that has not run")
}

func TestKeysCompare(t *testing.T) {
	m, other := zeros[string](), zeros[string]()
	if m.At("a") != m.At("a") || m.At("a") == m.At("b") || m.At("a") == other.At("a") {
		t.Error("two Keys must be equal if and only if map and key are")
	}
}

func TestPrintingAKey(t *testing.T) {
	m := zeros[string](desync.WithName("keys"))
	var none desync.Key[string, int]
	if got, want := fmt.Sprintf("%v %d", m.At("a"), none), `"keys", key "a": idle desync.Map[string,int], key "": idle`; got != want {
		t.Errorf("got %s; want %s", got, want)
	}
	var out bytes.Buffer
	slog.New(slog.NewTextHandler(&out, nil)).Info("state", "k", m.At("a"))
	if got, want := out.String(), `k.object="\"keys\", key \"a\"" k.state=idle k.pending=0`; !strings.Contains(got, want) {
		t.Errorf("a key is logged as %s; want %s", got, want)
	}
}
