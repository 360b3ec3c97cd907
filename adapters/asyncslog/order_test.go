package asyncslog_test

import (
	"context"
	"log/slog"
	"strconv"
	"testing"
	"time"

	"github.com/go-desync/go-desync/adapters/asyncslog"
	"github.com/go-desync/go-desync/conformance/bridge"
)

func TestOrder(t *testing.T) {
	for name, full := range map[string]asyncslog.Policy{"waits": asyncslog.Wait, "drops records": asyncslog.Drop} {
		t.Run("of records when a full queue "+name, func(t *testing.T) {
			ctx := t.Context()
			err := bridge.Check(ctx, func(observe func(item int)) (push func(item int) error, finish func() error) {
				h := asyncslog.New(&recorder{hook: func(_ context.Context, r slog.Record) error {
					if r.Message == asyncslog.DroppedMessage {
						return nil
					}
					item, err := strconv.Atoi(r.Message)
					observe(item)
					return err
				}}, 16, full)
				push = func(item int) error {
					return h.Handle(ctx, slog.NewRecord(time.Now(), slog.LevelInfo, strconv.Itoa(item), 0))
				}
				finish = func() error { return h.Flush(ctx) }
				return push, finish
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
}
