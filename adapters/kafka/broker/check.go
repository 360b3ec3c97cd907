package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/go-desync/go-desync/adapters/kafka"
)

// A check is one thing that must hold on a broker. It returns a line of what it has seen.
type check struct {
	name string
	run  func(ctx context.Context, w *world) (string, error)
}

// checks are those of make kafka: a minute in all.
var checks = []check{
	{"cooperative", func(ctx context.Context, w *world) (string, error) { return comeAndGo(ctx, w, "cooperative") }},
	{"eager", func(ctx context.Context, w *world) (string, error) {
		return comeAndGo(ctx, w, "eager", kgo.Balancers(kgo.RangeBalancer()))
	}},
	{"KIP-848", func(ctx context.Context, w *world) (string, error) {
		return comeAndGo(ctx, w, "kip848", kgo.ServerSideBalancer(), kgo.Balancers(kgo.StickyBalancer()))
	}},
	{"metadata", fullMetadata},
	{"missing topic", missingTopic},
}

func busy(d time.Duration) func(context.Context, *kgo.Record) error {
	return func(ctx context.Context, _ *kgo.Record) error {
		select {
		case <-time.After(d):
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// comeAndGo lets members come and go politely: no record is lost, none is done twice, and those
// of a key are in order.
func comeAndGo(ctx context.Context, w *world, name string, options ...kgo.Opt) (string, error) {
	topic, err := w.topic(ctx, name, partitions, nil)
	if err != nil {
		return "", err
	}
	s := stream{n: 20_000, keys: 200}
	l := newLedger()
	want, err := w.produce(ctx, w.client, topic, s)
	if err != nil {
		return "", err
	}
	start := func() *member {
		return w.member(ctx, topic, &kafka.Consumer{Handle: l.handle(busy(50 * time.Millisecond))}, options...)
	}
	reached := func(part int) error {
		return until(ctx, fmt.Sprintf("%d of 4 parts are not done", part), time.Minute, func() bool {
			done, _ := l.count()
			return done >= s.n*part/4
		})
	}
	members := []*member{start()}
	for part := 1; part <= 4; part++ {
		if err := reached(part); err != nil {
			return "", err
		}
		switch part {
		case 1, 2:
			members = append(members, start())
		case 3:
			if err := members[0].stop(); err != nil {
				return "", err
			}
		}
	}
	for _, m := range members[1:] {
		if err := m.stop(); err != nil {
			return "", err
		}
	}
	if err := l.verify(want); err != nil {
		return "", err
	}
	sum, _, err := w.committed(ctx, topic)
	if err != nil {
		return "", err
	}
	done, again := l.count()
	if again > 0 || sum != int64(s.n) {
		return "", fmt.Errorf("%d records were done again, and %d of %d are committed", again, sum, s.n)
	}
	return fmt.Sprintf("%d records, none again, 3 members", done), nil
}

// fullMetadata leaves so many records open that the metadata of a commit is as long as the
// broker takes, and shows that the next owner knows what is done.
func fullMetadata(ctx context.Context, w *world) (string, error) {
	topic, err := w.topic(ctx, "metadata", partitions, nil)
	if err != nil {
		return "", err
	}
	s := stream{n: 80_000, keys: 16_000} // of each partition, 2,000 keys with 5 records
	want, err := w.produce(ctx, w.client, topic, s)
	if err != nil {
		return "", err
	}
	odd := func(r *kgo.Record) bool { return r.Offset%2000 < 1500 && r.Offset%2 == 1 }
	first := newLedger()
	m := w.member(ctx, topic, &kafka.Consumer{
		Drain: time.Second, Buffer: 40_000, Backoff: func(int) time.Duration { return time.Hour },
		Handle: first.handle(func(_ context.Context, r *kgo.Record) error {
			if odd(r) {
				return kerr.UnknownServerError
			}
			return nil
		}),
	})
	open := s.n * 3 / 8 // the odd ones of the first 1,500 of 2,000
	longest := 0
	err = until(ctx, "what is even is not committed", time.Minute, func() bool {
		done, _ := first.count()
		_, longest, _ = w.committed(ctx, topic) // the group may not be there yet
		return done == s.n-open && longest > 4000
	})
	if err != nil {
		return "", err
	}
	if err := m.stop(); err != nil {
		return "", err
	}
	second := newLedger()
	m = w.member(ctx, topic, &kafka.Consumer{Handle: second.handle(busy(0))})
	err = until(ctx, "the rest is not committed", time.Minute, func() bool {
		sum, _, _ := w.committed(ctx, topic)
		return sum == int64(s.n)
	})
	if err != nil {
		return "", err
	}
	if err := m.stop(); err != nil {
		return "", err
	}
	again, _ := second.count()
	again -= open
	for p, n := range first.done {
		second.done[p] += n
	}
	if err := second.verify(want); err != nil {
		return "", err
	}
	done, _ := first.count()
	if again >= done {
		return "", fmt.Errorf("all %d records that were done ran again", done)
	}
	return fmt.Sprintf("%d characters; of %d records that were done, %d ran again", longest, done, again), nil
}

func missingTopic(ctx context.Context, w *world) (string, error) {
	err := w.member(ctx, "missing", &kafka.Consumer{Handle: busy(0)}).stopWithin(30 * time.Second)
	if err == nil || !strings.Contains(err.Error(), `the topic "missing" does not exist`) {
		return "", fmt.Errorf("Run has returned %v", err)
	}
	return err.Error(), nil
}

// stopWithin returns what Run returns by itself, or what it does when its time is up.
func (m *member) stopWithin(limit time.Duration) error {
	select {
	case err := <-m.ended:
		return err
	case <-time.After(limit):
		return m.stop()
	}
}
