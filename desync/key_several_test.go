package desync_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/go-desync/go-desync/desync"
)

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
