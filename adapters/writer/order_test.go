package writer_test

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/go-desync/go-desync/adapters/writer"
	"github.com/go-desync/go-desync/conformance/bridge"
)

func TestOrder(t *testing.T) {
	for name, bound := range map[string]int{"waits": 16, "has room": 1 << 20} {
		t.Run("of writes when Write "+name, func(t *testing.T) {
			err := bridge.Check(t.Context(), func(observe func(item int)) (push func(item int) error, finish func() error) {
				w := writer.New(&target{hook: func(p []byte) (int, error) {
					item, err := strconv.Atoi(string(p))
					observe(item)
					return len(p), err
				}}, bound)
				push = func(item int) error {
					_, err := fmt.Fprint(w, item)
					return err
				}
				return push, w.Close
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
}
