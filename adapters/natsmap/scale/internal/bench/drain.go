package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/go-desync/go-desync/adapters/natsmap/embedded"
	"github.com/go-desync/go-desync/adapters/natsmap/scale/internal/tally"
)

// drains measures how fast a log is taken. Each round fills one, which all three take: the
// consumers that leave it as it is first.
func (s Size) drains(ctx context.Context, keys int, progress io.Writer) ([]*row, error) {
	count := &row{what: fmt.Sprintf("drain, %d keys", keys), beside: "a consumer that only counts", unit: "a second", goal: 0.5}
	hand := &row{what: count.what, beside: "by hand, MaxAckPending 1, saves", unit: "a second", goal: 20}
	if keys > 1000 {
		count.goal, hand.goal = 0.15, 10
	}
	for n := range s.Rounds {
		counted, byHand, ours, err := s.round(ctx, keys, n)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(progress, "%s, round %d of %d: %.0f a second; a consumer that counts %.0f, by hand %.0f\n", count.what, n+1, s.Rounds, ours, counted, byHand)
		count.ours, count.theirs = append(count.ours, ours), append(count.theirs, counted)
		hand.ours, hand.theirs, hand.bound = append(hand.ours, ours), append(hand.theirs, byHand), append(hand.bound, counted)
	}
	return []*row{count, hand}, nil
}

func (s Size) round(ctx context.Context, keys, n int) (counted, byHand, ours float64, err error) {
	at, err := open(ctx, embedded.WithoutSync())
	if err != nil {
		return 0, 0, 0, err
	}
	defer at.close()
	if err := at.fill(ctx, s.Drain, keys); err != nil {
		return 0, 0, 0, err
	}
	first, second := func() error { counted, err = at.count(ctx, s.Drain); return err }, func() error { byHand, err = at.byHand(ctx, s.ByHand); return err }
	if n%2 == 1 {
		first, second = second, first
	}
	if err := errors.Join(first(), second()); err != nil {
		return 0, 0, 0, err
	}
	begun := time.Now()
	err = at.served(ctx, func() error { err := at.saved(ctx, s.Drain); ours = rate(s.Drain, begun); return err })
	return counted, byHand, ours, err
}

func rate(n int, begun time.Time) float64 { return float64(n) / time.Since(begun).Seconds() }

// fill hands over n commands.
func (at *site) fill(ctx context.Context, n, keys int) error {
	errs := make([]error, min(keys, 500))
	var all sync.WaitGroup
	for c := range errs {
		all.Go(func() {
			for i := c; i < n && errs[c] == nil; i += len(errs) {
				errs[c] = at.m.Async(ctx, fmt.Sprint("key", i%keys), at.f.Count, i)
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

// count takes n messages and does nothing with them.
func (at *site) count(ctx context.Context, n int) (float64, error) {
	c, err := at.js.OrderedConsumer(ctx, "bench-log", jetstream.OrderedConsumerConfig{})
	if err != nil {
		return 0, err
	}
	return take(ctx, c, n, func(jetstream.Msg) error { return nil })
}

// take calls f with n messages, one after the other, and returns how many a second there were.
func take(ctx context.Context, c jetstream.Consumer, n int, f func(jetstream.Msg) error) (float64, error) {
	begun, taken := time.Now(), 0
	ended := make(chan error, 1)
	feed, err := c.Consume(func(msg jetstream.Msg) {
		if taken == n {
			return
		}
		err := f(msg)
		if taken++; taken == n || err != nil {
			taken = n
			ended <- err
		}
	})
	if err != nil {
		return 0, err
	}
	defer feed.Stop()
	select {
	case err = <-ended:
		return rate(n, begun), err
	case <-ctx.Done():
		return 0, context.Cause(ctx)
	}
}

// byHand takes n messages one at a time, so that their order holds, and saves the state of each
// key before the message is acknowledged.
func (at *site) byHand(ctx context.Context, n int) (float64, error) {
	if _, err := at.js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{Name: "hand", Subjects: []string{"hand.>"}, MaxMsgsPerSubject: 1}); err != nil {
		return 0, err
	}
	c, err := at.js.CreateConsumer(ctx, "bench-log", jetstream.ConsumerConfig{AckPolicy: jetstream.AckExplicitPolicy, MaxAckPending: 1})
	if err != nil {
		return 0, err
	}
	states := map[string]*tally.Tally{}
	revs := map[string]uint64{}
	return take(ctx, c, n, func(msg jetstream.Msg) error {
		subject := "hand." + msg.Subject()
		y := states[subject]
		if y == nil {
			y = &tally.Tally{}
			states[subject] = y
		}
		var in int
		if err := json.Unmarshal(msg.Data(), &in); err != nil {
			return err
		}
		y.Add(in)
		data, err := json.Marshal(y)
		if err != nil {
			return err
		}
		ack, err := at.js.Publish(ctx, subject, data, jetstream.WithExpectLastSequencePerSubject(revs[subject]))
		if err != nil {
			return err
		}
		revs[subject] = ack.Sequence
		return msg.Ack()
	})
}
