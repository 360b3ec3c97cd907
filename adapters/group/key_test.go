package group_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/go-desync/go-desync/adapters/group"
	"github.com/go-desync/go-desync/desync"
)

func TestGoOnKeysAndObjects(t *testing.T) {
	for _, limit := range []int{-1, 1, 2} {
		synctest.Test(t, func(t *testing.T) {
			m, plain := desync.NewMap(func(string) int { return 0 }), desync.New(0)
			g, _ := group.WithContext(t.Context())
			g.SetLimit(limit)
			add := func(_ context.Context, n *int) error { *n++; return nil }
			for range 10 {
				g.Go(m.At("a"), add)
				g.Go(desync.Object[int](m.At("b")), add)
				g.Go(plain, add)
			}
			if err := g.Wait(); err != nil {
				t.Error(err)
			}
			desync.DoAll([]desync.Object[int]{m.At("a"), m.At("b"), plain}, func(ns []*int) {
				if *ns[0] != 10 || *ns[1] != 10 || *ns[2] != 10 {
					t.Errorf("limit %d: the jobs counted %d, %d and %d; want 10 each", limit, *ns[0], *ns[1], *ns[2])
				}
			})
		})
	}
}

// A key that cannot be used is no job of the group, which does not wait for it.
func TestGoOnKeysThatCannotBe(t *testing.T) {
	for _, limit := range []int{-1, 1} {
		for _, key := range []any{math.NaN(), []int{1}} {
			synctest.Test(t, func(t *testing.T) {
				m := desync.NewMap(func(any) int { return 0 })
				g := new(group.Group)
				g.SetLimit(limit)
				func() {
					defer func() {
						v := fmt.Sprint(recover())
						if !strings.Contains(v, "NaN does not equal itself") && !strings.Contains(v, "uncomparable type []int") &&
							!strings.Contains(v, "unhashable type []int") {
							t.Errorf("limit %d, key %v: the panic is %s", limit, key, v)
						}
					}()
					g.Go(m.At(key), func(context.Context, *int) error { return nil })
				}()
				if err := g.Wait(); err != nil || m.Len() != 0 {
					t.Errorf("limit %d: Wait returns %v, with %d keys; want no error and no keys", limit, err, m.Len())
				}
			})
		}
	}
}

func TestGoOnNilObjects(t *testing.T) {
	for _, o := range []desync.Object[int]{nil, (*desync.Desync[int])(nil)} {
		func() {
			defer func() {
				if v := fmt.Sprint(recover()); !strings.HasPrefix(v, "group: Go: ") {
					t.Errorf("the panic is %s; want a message of the package", v)
				}
			}()
			new(group.Group).Go(o, func(context.Context, *int) error { return nil })
		}()
	}
}

// The value of a key cannot be made: the job has not run, and is one that has failed.
func TestGoOnAKeyWithoutAValue(t *testing.T) {
	noValue := errors.New("no such file")
	for name, make := range map[string]func() (int, error){
		"error": func() (int, error) { return 0, noValue },
		"panic": func() (int, error) { panic(noValue) },
	} {
		for _, limit := range []int{-1, 1, 2} {
			synctest.Test(t, func(t *testing.T) {
				m := desync.NewMapContext(func(context.Context, string) (int, error) { return make() }, func(string, error) {})
				g := new(group.Group)
				g.SetLimit(limit)
				for range 5 {
					for _, key := range []string{"a", "b"} {
						g.Go(m.At(key), func(context.Context, *int) error { t.Error("a job has run without a value"); return nil })
					}
				}
				if err := g.Wait(); !errors.Is(err, noValue) {
					t.Errorf("%s, limit %d: Wait returns %v; want why the value could not be made", name, limit, err)
				}
				synctest.Wait()
				if n := m.Len(); n != 0 {
					t.Errorf("%s, limit %d: %d keys are left", name, limit, n)
				}
			})
		}
	}
}
