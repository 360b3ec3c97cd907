package bench

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/go-desync/go-desync/adapters/natsmap/embedded"
)

// syncs measures how long a call waits for its result, beside what it needs at least: a message
// that is confirmed and a request that is answered.
func (s Size) syncs(ctx context.Context, progress io.Writer) (*row, error) {
	r := &row{what: "Sync, p50", beside: "publish, ack, request and reply", unit: "µs", goal: 2, atMost: true}
	at, err := open(ctx, embedded.WithoutSync())
	if err != nil {
		return nil, err
	}
	defer at.close()
	sub, err := at.nc.Subscribe("reply", func(msg *nats.Msg) { _ = msg.Respond(nil) })
	if err != nil {
		return nil, err
	}
	defer sub.Unsubscribe()
	ours := func() error { _, err := at.m.Sync(ctx, "key", at.f.Count, 1); return err }
	theirs := func() error {
		if _, err := at.js.Publish(ctx, "bench.c.0.other", []byte("1")); err != nil {
			return err
		}
		_, err := at.nc.RequestWithContext(ctx, "reply", []byte("1"))
		return err
	}
	return r, at.served(ctx, func() error {
		for n := range s.Rounds {
			sides := []func() error{ours, theirs}
			waits := []*[]float64{&r.ours, &r.theirs}
			if n%2 == 1 {
				slices.Reverse(sides)
				slices.Reverse(waits)
			}
			for i, side := range sides {
				p50, err := half(s.Calls, side)
				if err != nil {
					return err
				}
				*waits[i] = append(*waits[i], p50)
			}
			fmt.Fprintf(progress, "%s, round %d of %d: %.0f µs; %s %.0f µs\n", r.what, n+1, s.Rounds, r.ours[n], r.beside, r.theirs[n])
		}
		return nil
	})
}

// half returns the median of how long calls take, in microseconds.
func half(calls int, f func() error) (float64, error) {
	took := make([]float64, calls)
	for i := range took {
		begun := time.Now()
		if err := f(); err != nil {
			return 0, err
		}
		took[i] = float64(time.Since(begun).Nanoseconds()) / 1000
	}
	return median(took), nil
}

// durable measures the default, in which nothing is confirmed that is not on the disk.
func (s Size) durable(ctx context.Context, progress io.Writer) ([]*row, error) {
	drain := &row{what: "drain, 100 keys, with fsync", unit: "a second"}
	call := &row{what: "Sync, p50, with fsync", unit: "µs"}
	for n := range s.Rounds {
		at, err := open(ctx)
		if err != nil {
			return nil, err
		}
		err = s.durably(ctx, at, drain, call)
		at.close()
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(progress, "with fsync, round %d of %d: drain %.0f a second, Sync %.0f µs\n", n+1, s.Rounds, drain.ours[n], call.ours[n])
	}
	return []*row{drain, call}, nil
}

func (s Size) durably(ctx context.Context, at *site, drain, call *row) error {
	if err := at.fill(ctx, s.Durable, 100); err != nil {
		return err
	}
	begun := time.Now()
	return at.served(ctx, func() error {
		if err := at.saved(ctx, s.Durable); err != nil {
			return err
		}
		drain.ours = append(drain.ours, rate(s.Durable, begun))
		p50, err := half(max(s.Durable/50, 10), func() error { _, err := at.m.Sync(ctx, "key", at.f.Count, 1); return err })
		call.ours = append(call.ours, p50)
		return err
	})
}
