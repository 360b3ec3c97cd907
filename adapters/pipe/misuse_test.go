package pipe_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/go-desync/go-desync/adapters/pipe"
	"github.com/go-desync/go-desync/desync"
)

func TestBadInput(t *testing.T) {
	var d desync.Desync[int]
	m := desync.NewMap(func(string) int { return 0 })
	c := make(chan int)
	sink := func(context.Context, *int, int) error { return nil }
	stage := func(context.Context, *int, int) (int, error) { return 0, nil }
	key := func(int) string { return "" }
	var noContext context.Context
	for want, call := range map[string]func(){
		"pipe: In: the context is nil":                                            func() { pipe.In(noContext, &d, c, 1, sink) },
		"pipe: In: the object is nil":                                             func() { pipe.In[int](t.Context(), nil, c, 1, sink) },
		"pipe: In: the source is nil":                                             func() { pipe.In(t.Context(), &d, (chan int)(nil), 1, sink) },
		"pipe: In: the function is nil":                                           func() { pipe.In[int, int](t.Context(), &d, c, 1, nil) },
		"pipe: In: the depth is 0; it must be at least 1":                         func() { pipe.In(t.Context(), &d, c, 0, sink) },
		"pipe: Through: the context is nil":                                       func() { pipe.Through(noContext, &d, c, 1, stage) },
		"pipe: Through: the object is nil":                                        func() { pipe.Through[int](t.Context(), nil, c, 1, stage) },
		"pipe: Through: the source is nil":                                        func() { pipe.Through(t.Context(), &d, (func(func(int) bool))(nil), 1, stage) },
		"pipe: Through: the function is nil":                                      func() { pipe.Through[int, int, int](t.Context(), &d, c, 1, nil) },
		"pipe: Through: the depth is -1; it must be at least 1":                   func() { pipe.Through(t.Context(), &d, c, -1, stage) },
		"pipe: ByKey: the context is nil":                                         func() { pipe.ByKey(noContext, m, c, key, 1, stage) },
		"pipe: ByKey: the object is nil":                                          func() { pipe.ByKey[string, int](t.Context(), nil, c, key, 1, stage) },
		"pipe: ByKey: the source is nil":                                          func() { pipe.ByKey(t.Context(), m, (*pipe.Stage[int])(nil), key, 1, stage) },
		"pipe: ByKey: the function is nil":                                        func() { pipe.ByKey[string, int, int, int](t.Context(), m, c, key, 1, nil) },
		"pipe: ByKey: the function is nil ":                                       func() { pipe.ByKey[string](t.Context(), m, c, nil, 1, stage) },
		"pipe: ByKey: the depth is 0; it must be at least 1":                      func() { pipe.ByKey(t.Context(), m, c, key, 0, stage) },
		"pipe: Values: the sequence and the pointer to the error must not be nil": func() { pipe.Values[int](nil, new(error)) },
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); got != want && got+" " != want {
					t.Errorf("the panic is %q, want %q", got, want)
				}
			}()
			call()
		}()
	}
}
