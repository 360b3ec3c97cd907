package bounded_test

import (
	"context"
	"testing"

	"github.com/go-desync/go-desync/adapters/bounded"
	"github.com/go-desync/go-desync/conformance/bridge"
	"github.com/go-desync/go-desync/desync"
)

func TestOrder(t *testing.T) {
	for name, submit := range map[string]func(b *bounded.Bound, d *desync.Desync[int], weight int64, job func(*int)) error{
		"Async": func(b *bounded.Bound, d *desync.Desync[int], weight int64, job func(*int)) error {
			return b.Async(t.Context(), d, weight, job)
		},
		"Submit": func(b *bounded.Bound, d *desync.Desync[int], weight int64, job func(*int)) error {
			return b.Submit(t.Context(), d, weight, submitted(job))
		},
		"Future": func(b *bounded.Bound, d *desync.Desync[int], weight int64, job func(*int)) error {
			b.Future(t.Context(), d, weight, func(_ context.Context, n *int) (int, error) { job(n); return 0, nil })
			return nil
		},
		"TryAsync": func(b *bounded.Bound, d *desync.Desync[int], weight int64, job func(*int)) error {
			return b.TryAsync(d, weight, job)
		},
	} {
		t.Run(name, func(t *testing.T) {
			err := bridge.Check(t.Context(), func(observe func(item int)) (push func(item int) error, finish func() error) {
				b, d := bounded.New(16), desync.New(0)
				push = func(item int) error {
					return submit(b, d, int64(item%3+1), func(*int) { observe(item) })
				}
				finish = func() error {
					d.Do(func(*int) {})
					return nil
				}
				return push, finish
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
}

func TestOrderOfALimit(t *testing.T) {
	for _, calls := range []string{"Async", "Do", "both"} {
		t.Run(calls, func(t *testing.T) {
			err := bridge.Check(t.Context(), func(observe func(item int)) (push func(item int) error, finish func() error) {
				l, d := bounded.NewLimit(2), desync.New(0)
				push = func(item int) error {
					if calls == "Do" || calls == "both" && item%2 == 0 {
						return l.Do(t.Context(), d, func(context.Context, *int) error { observe(item); return nil })
					}
					return l.Async(t.Context(), d, func(context.Context, *int) { observe(item) })
				}
				return push, func() error { return l.Wait(t.Context()) }
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
}

type submitted func(*int)

func (f submitted) Run(n *int) { f(n) }
func (submitted) Ended(error)  {}
