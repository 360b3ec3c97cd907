package bounded_test

import (
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
