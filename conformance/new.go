package conformance

import (
	"fmt"
	"reflect"
	"runtime"
	"runtime/debug"
	"strings"
)

// object makes an object.
func (t *trial) object() Object {
	t.expect(newReturns)
	o, fault, stack := t.construct()
	if fault == "" {
		fault = t.keep(o)
	}
	if fault != "" {
		t.failAt(stack, "New returns an object", "%s", fault)
		runtime.Goexit()
	}
	return o
}

// newReturns is what a case expects that makes an object.
const newReturns = "New returns"

// keyed makes a table.
func (t *trial) keyed() Keyed {
	t.expect("NewKeyed returns")
	k, err := t.f.NewKeyed(Setup{Name: t.id, Seed: t.o.seed, Logf: t.logf})
	switch {
	case err != nil:
		t.fatal("NewKeyed returns a table", "it returned the error: %v", err)
	case k == nil:
		t.fatal("NewKeyed returns a table", "it returned nil")
	}
	return k
}

// construct calls New, on a goroutine of its own since New may end it. It returns what
// was wrong, if something was.
func (t *trial) construct() (o Object, fault, stack string) {
	fault = "it ended its goroutine by runtime.Goexit"
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if v := recover(); v != nil {
				fault, stack = "it panicked with "+show(v), string(debug.Stack())
			}
		}()
		made, err := t.f.New(Setup{Name: t.id, Seed: t.o.seed, Logf: t.logf})
		switch {
		case err != nil:
			fault = fmt.Sprintf("it returned the error: %v", err)
		case made == nil:
			fault = "it returned nil"
		case isNil(made):
			fault = fmt.Sprintf("it returned a nil pointer, of type %T", made)
		default:
			o, fault = made, ""
		}
	}()
	select {
	case <-done:
		select {
		case <-t.lost(): // of which the case has heard
			runtime.Goexit()
		default:
		}
		return o, fault, stack
	case <-t.ctx.Done():
		runtime.Goexit()
		return nil, "", ""
	}
}

// keep notes an object of the trial. It returns what is wrong if it was made before.
func (t *trial) keep(o Object) (fault string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.objects = append(t.objects, o)
	return t.twice(o)
}

// twice returns what is wrong if o was made before, as far as objects can be told apart.
// With mu held.
func (t *trial) twice(o Object) (fault string) {
	if typ := reflect.TypeOf(o); typ.Kind() != reflect.Pointer || typ.Elem().Size() == 0 {
		return ""
	}
	if t.made[o] {
		return "it returned an object that it had returned before: see META-2"
	}
	if t.made == nil {
		t.made = map[Object]bool{}
	}
	t.made[o] = true
	return ""
}

// isNil reports whether o is nil or holds a nil pointer.
func isNil(o Object) bool {
	if o == nil {
		return true
	}
	switch v := reflect.ValueOf(o); v.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Func, reflect.Chan, reflect.Slice:
		return v.IsNil()
	}
	return false
}

// show is a value with its type, in one line.
func show(v any) string {
	text, _, _ := strings.Cut(fmt.Sprint(v), "\n")
	return fmt.Sprintf("%q, of type %T", text, v)
}
