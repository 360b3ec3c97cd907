package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/go-desync/go-desync/adapters/kafka"
)

// compaction consumes a topic that the broker compacts, so that there are gaps between the
// offsets: also when the consumer goes on after a commit.
func compaction(ctx context.Context, w *world) (string, error) {
	setting := kadm.StringPtr
	topic, err := w.topic(ctx, "compacted", partitions, map[string]*string{
		"cleanup.policy": setting("compact"), "segment.ms": setting("1000"), "segment.bytes": setting("1048576"),
		"min.cleanable.dirty.ratio": setting("0.01"), "max.compaction.lag.ms": setting("1000"), "delete.retention.ms": setting("0"),
	})
	if err != nil {
		return "", err
	}
	for range 3 { // the segments of the first two are closed by then
		if _, err := w.produce(ctx, w.client, topic, stream{n: 8000, keys: 400}); err != nil {
			return "", err
		}
		if err := wait(ctx, 1500*time.Millisecond); err != nil {
			return "", err
		}
	}
	var left []place
	gaps := 0
	err = until(ctx, "nothing is compacted", time.Minute, func() bool {
		left, gaps, err = w.read(ctx, topic, kgo.ReadUncommitted())
		return err != nil || len(left) < 20_000 && gaps > 0
	})
	if err != nil {
		return "", err
	}
	l := newLedger()
	// The first one crashes, as far as the group knows: it stops while a record of each partition is open.
	m := w.member(ctx, topic, &kafka.Consumer{Drain: time.Second, Handle: l.handle(func(ctx context.Context, r *kgo.Record) error {
		if string(r.Key) == fmt.Sprint("k", r.Partition) {
			<-ctx.Done()
			return context.Cause(ctx)
		}
		return nil
	})})
	err = until(ctx, "half is not done", time.Minute, func() bool { done, _ := l.count(); return done > len(left)/2 })
	if err := errors.Join(err, wait(ctx, 2*interval), m.stop()); err != nil {
		return "", err
	}
	left, _, err = w.read(ctx, topic, kgo.ReadUncommitted()) // it may have been compacted further
	if err != nil {
		return "", err
	}
	m = w.member(ctx, topic, &kafka.Consumer{Handle: l.handle(busy(0))})
	if err := l.all(ctx, left, time.Minute); err != nil {
		return "", errors.Join(err, m.stop())
	}
	text, err := l.summary([]*member{m}, 0)
	return fmt.Sprintf("%s; %d gaps between offsets", text, gaps), err
}

// read returns what is in a topic, and how many gaps there are between the offsets.
func (w *world) read(ctx context.Context, topic string, level kgo.IsolationLevel) (places []place, gaps int, err error) {
	ends, err := kadm.NewClient(w.client).ListEndOffsets(ctx, topic)
	if err != nil {
		return nil, 0, err
	}
	cl, err := kgo.NewClient(kgo.SeedBrokers(w.Addr()), kgo.ConsumeTopics(topic), kgo.FetchIsolationLevel(level), kgo.KeepControlRecords())
	if err != nil {
		return nil, 0, err
	}
	defer cl.Close()
	next := make(map[int32]int64)
	missing := partitions
	for missing > 0 {
		fetches := cl.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return nil, 0, err
		}
		fetches.EachRecord(func(r *kgo.Record) {
			if r.Offset > next[r.Partition] {
				gaps++
			}
			next[r.Partition] = r.Offset + 1
			if !r.Attrs.IsControl() {
				places = append(places, placeOf(r))
			}
		})
		missing = 0
		ends.Each(func(o kadm.ListedOffset) {
			if next[o.Partition] < o.Offset {
				missing++
			}
		})
	}
	return places, gaps, nil
}

// transactions consumes what was committed in transactions, and nothing of those that were not.
func transactions(ctx context.Context, w *world) (string, error) {
	topic, err := w.topic(ctx, "transactions", partitions, nil)
	if err != nil {
		return "", err
	}
	producer, err := kgo.NewClient(kgo.SeedBrokers(w.Addr()), kgo.TransactionalID(topic), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		return "", err
	}
	defer producer.Close()
	l := newLedger()
	m := w.member(ctx, topic, &kafka.Consumer{Buffer: buffer, Handle: l.handle(busy(time.Millisecond))}, kgo.FetchIsolationLevel(kgo.ReadCommitted()))
	var want []place
	aborted := make(map[place]bool)
	for i := range 30 {
		if err := producer.BeginTransaction(); err != nil {
			return "", errors.Join(err, m.stop())
		}
		places, err := w.produce(ctx, producer, topic, stream{n: 400, keys: 80})
		if err != nil {
			return "", errors.Join(err, m.stop())
		}
		commit := kgo.TransactionEndTry(i%3 != 1)
		if commit {
			want = append(want, places...)
		} else {
			for _, p := range places {
				aborted[p] = true
			}
		}
		if err := producer.EndTransaction(ctx, commit); err != nil {
			return "", errors.Join(err, m.stop())
		}
	}
	if err := l.all(ctx, want, time.Minute); err != nil {
		return "", errors.Join(err, m.stop())
	}
	for p := range l.done {
		if aborted[p] {
			return "", errors.Join(fmt.Errorf("a record of a transaction that was not committed was handled: %v", p), m.stop())
		}
	}
	return l.summary([]*member{m}, 0)
}
