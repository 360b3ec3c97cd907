package desync_test

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
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
		"Async":  func() { m.At("a").Async(nil) },
		"Do":     func() { m.At("a").Do(nil) },
		"Sync":   func() { m.At("a").Sync[int](nil) },
		"Future": func() { m.At("a").Future[int](nil) },

		"DoContext":     func() { m.At("a").DoContext(ctx, nil) },
		"SyncContext":   func() { m.At("a").SyncContext[int](ctx, nil) },
		"FutureContext": func() { m.At("a").FutureContext[int](ctx, nil) },
		"EvictIdle":     func() { m.EvictIdle(-1) },
		"OnRemove":      func() { m.OnRemove(nil, func(string, error) {}) },
		"TryRange":      func() { m.TryRange(nil) },
		"RangeContext":  func() { m.RangeContext(ctx, nil) },
		"Broadcast":     func() { m.Broadcast(ctx, nil) },
	} {
		if v, ok := caught(call).(string); !ok || !strings.HasPrefix(v, "desync: ") || !strings.Contains(v, name+":") {
			t.Errorf("%s: the panic is %v; want a message of the package that names the call", name, v)
		}
	}
	if v, ok := caught(func() { m.OnRemove(func(string, *int) error { return nil }, nil) }).(string); !ok || !strings.Contains(v, "OnRemove: the function that is told of errors is nil") {
		t.Errorf("OnRemove without a handler: the panic is %v", v)
	}
	job := func(context.Context, *int) (int, error) { return 0, nil }
	for name, call := range map[string]func(){
		"RangeContext":  func() { m.RangeContext(nil, func(context.Context, string, *int) error { return nil }) },
		"Broadcast":     func() { m.Broadcast(nil, func(context.Context, string, *int) error { return nil }) },
		"DoContext":     func() { m.At("a").DoContext(nil, func(context.Context, *int) error { return nil }) },
		"SyncContext":   func() { m.At("a").SyncContext(nil, job) },
		"FutureContext": func() { m.At("a").FutureContext(nil, job) },
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
		"Len":      func() { m.Len() },
		"Range":    func() { m.Range(func(string, *int) bool { return true }) },
		"TryRange": func() { m.TryRange(func(string, *int) bool { return true }) },
		"RangeContext": func() {
			m.RangeContext(t.Context(), func(context.Context, string, *int) error { return nil })
		},
		"Broadcast": func() { m.Broadcast(t.Context(), func(context.Context, string, *int) error { return nil }) },
		"Wait":      func() { m.Wait(t.Context()) },
		"EvictIdle": func() { m.EvictIdle(1) },
		"OnRemove":  func() { m.OnRemove(func(string, *int) error { return nil }, func(string, error) {}) },
		"Delete":    func() { m.Delete("a") },
		"Keys":      func() { m.Keys() },
	}
	of := reflect.TypeFor[*desync.Map[string, int]]()
	for method := range of.Methods() {
		switch method.Name {
		case "String", "Format", "LogValue":
			continue // see TestPrintingAMapOfNobody
		case "At":
			continue // what it returns panics
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

func TestKeyOfNobodyPanics(t *testing.T) {
	var none desync.Map[string, int]
	for name, k := range map[string]desync.Key[string, int]{"a zero Map": none.At("a"), "no Map": {}} {
		calls := map[string]func(){
			"Pending": func() { k.Pending() },
			//desyncvet:ignore dropped it panics
			"Suspend": func() { k.Suspend() },
			"Submit":  func() { k.Submit(submitted{}) },

			"After":   func() { k.After(futures.Resolved(0), func(*int, int, error) int { return 0 }) },
			"TryDo":   func() { k.TryDo(func(*int) {}) },
			"TrySync": func() { k.TrySync(func(*int) int { return 0 }) },
			"Async":   func() { k.Async(func(*int) {}) },
			"Do":      func() { k.Do(func(*int) {}) },
			"Sync":    func() { k.Sync(func(*int) int { return 0 }) },
			"Future":  func() { k.Future(func(*int) int { return 0 }) },

			"DoContext":     func() { k.DoContext(t.Context(), func(context.Context, *int) error { return nil }) },
			"SyncContext":   func() { k.SyncContext(t.Context(), func(context.Context, *int) (int, error) { return 0, nil }) },
			"FutureContext": func() { k.FutureContext(t.Context(), func(context.Context, *int) (int, error) { return 0, nil }) },
		}
		for method := range reflect.TypeFor[*desync.Desync[int]]().Methods() {
			if !reflect.ValueOf(k).MethodByName(method.Name).IsValid() {
				t.Errorf("a Key has no %s, which a Desync has", method.Name)
			}
			switch method.Name {
			case "String", "Format", "LogValue":
				continue // see TestPrintingAKey
			}
			if calls[method.Name] == nil {
				t.Errorf("%s of a key of %s is not tried", method.Name, name)
			}
		}
		calls["Sync1"] = func() { desync.Sync1(k, func(*int) int { return 0 }) }
		calls["Sync2"] = func() { desync.Sync2(desync.New(0), k, func(*int, *int) int { return 0 }) }
		calls["DoAll"] = func() { desync.DoAll([]desync.Key[string, int]{k}, func([]*int) {}) }
		for call, f := range calls {
			if v, ok := caught(f).(string); !ok || !strings.HasPrefix(v, "desync: ") || !strings.Contains(v, "NewMap") {
				t.Errorf("%s of a key of %s: the panic is %v; want a message of the package that says NewMap", call, name, v)
			}
		}
	}
}
