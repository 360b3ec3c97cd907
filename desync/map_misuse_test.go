package desync_test

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/go-desync/go-desync/desync"
)

func TestMapKeysThatDoNotEqualThemselves(t *testing.T) {
	type pair struct {
		name string
		x    float64
	}
	check := func(name, want string, call func(), length func() int) {
		t.Helper()
		got := fmt.Sprint(caught(call))
		if !strings.Contains(got, want) {
			t.Errorf("%s: the panic is %q; want one with %q", name, got, want)
		}
		if n := length(); n != 0 {
			t.Errorf("%s: %d keys are left in the map; want none", name, n)
		}
	}
	const nan = "the key NaN does not equal itself"
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, ctx := range []context.Context{t.Context(), ended} {
		for _, k := range mapKinds[float64, int]() {
			m := zeros[float64]()
			check(k.name, nan, func() { k.call(m, ctx, math.NaN(), func(*int) {}) }, m.Len)
		}
		for _, k := range mapKinds[pair, int]() {
			m := zeros[pair]()
			check(k.name, "the key {a NaN} does not", func() { k.call(m, ctx, pair{"a", math.NaN()}, func(*int) {}) }, m.Len)
		}
		for _, k := range mapKinds[any, int]() {
			m := zeros[any]()
			check(k.name, nan, func() { k.call(m, ctx, math.NaN(), func(*int) {}) }, m.Len)
			check(k.name, "uncomparable type []int", func() { k.call(m, ctx, []int{1}, func(*int) {}) }, m.Len)
		}
	}
	m := zeros[float64]()
	check("Delete", nan, func() { m.Delete(math.NaN()) }, m.Len)
}

func TestMapMisusePanics(t *testing.T) {
	m := zeros[string]()
	ctx := t.Context()
	for name, call := range map[string]func(){
		"NewMap": func() { desync.NewMap[string, int](nil) },
		"Range":  func() { m.Range(nil) },
		"Wait":   func() { m.Wait(nil) },
		"Async":  func() { m.Async("a", nil) },
		"Do":     func() { m.Do("a", nil) },
		"Sync":   func() { m.Sync[int]("a", nil) },
		"Future": func() { m.Future[int]("a", nil) },

		"DoContext":     func() { m.DoContext(ctx, "a", nil) },
		"SyncContext":   func() { m.SyncContext[int](ctx, "a", nil) },
		"FutureContext": func() { m.FutureContext[int](ctx, "a", nil) },
		"EvictIdle":     func() { m.EvictIdle(0, nil) },
	} {
		if v, ok := caught(call).(string); !ok || !strings.HasPrefix(v, "desync: ") || !strings.Contains(v, name+":") {
			t.Errorf("%s: the panic is %v; want a message of the package that names the call", name, v)
		}
	}
	job := func(context.Context, *int) (int, error) { return 0, nil }
	for name, call := range map[string]func(){
		"DoContext":     func() { m.DoContext(nil, "a", func(context.Context, *int) error { return nil }) },
		"SyncContext":   func() { m.SyncContext(nil, "a", job) },
		"FutureContext": func() { m.FutureContext(nil, "a", job) },
	} {
		if v, ok := caught(call).(string); !ok || !strings.Contains(v, name+": the context") {
			t.Errorf("%s: the panic is %v; want one that names the context", name, v)
		}
	}
	wantLen(t, m, 0, "after calls that panicked")
}

func TestMapOfNobodyPanics(t *testing.T) {
	var m desync.Map[string, int]
	calls := map[string]func(){
		"Len":       func() { m.Len() },
		"Range":     func() { m.Range(func(string, *int) bool { return true }) },
		"Wait":      func() { m.Wait(t.Context()) },
		"EvictIdle": func() { m.EvictIdle(1, nil) },
		"Delete":    func() { m.Delete("a") },
		"Submit":    func() { m.Submit("a", submitted{}) },
	}
	for _, k := range mapKinds[string, int]() {
		calls[k.name] = func() { k.call(&m, t.Context(), "a", func(*int) {}) }
	}
	of := reflect.TypeFor[*desync.Map[string, int]]()
	for method := range of.Methods() {
		switch method.Name {
		case "String", "Format", "LogValue":
			continue // see TestPrintingAMapOfNobody
		}
		if calls[method.Name] == nil {
			t.Errorf("%s of a zero Map is not tried", method.Name)
		}
	}
	for name, call := range calls {
		if v, ok := caught(call).(string); !ok || !strings.HasPrefix(v, "desync: ") || !strings.Contains(v, "NewMap") {
			t.Errorf("%s of a zero Map: the panic is %v; want a message of the package that says NewMap", name, v)
		}
	}
}
