package kafka_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/go-desync/go-desync/adapters/kafka"
)

// Offsets that do not follow one another, of compacted topics and of transactions.
func TestGapsBetweenOffsets(t *testing.T) {
	inBubble(t, 1, func(b *bed) {
		const compacted = "compacted"
		if err := b.cluster.CreateTopic(compacted, 1, map[string]string{"cleanup.policy": "compact"}); err != nil {
			b.Fatal(err)
		}
		for v := range 30 {
			r := &kgo.Record{Topic: compacted, Key: fmt.Append(nil, "k", v%7), Value: fmt.Append(nil, v)}
			if err := b.client.ProduceSync(b.Context(), r).FirstErr(); err != nil {
				b.Fatal(err)
			}
		}
		b.cluster.Compact()
		tx := b.newClient(kgo.TransactionalID("tx"), kgo.RecordPartitioner(kgo.ManualPartitioner()))
		defer tx.Close()
		for i, try := range []kgo.TransactionEndTry{kgo.TryCommit, kgo.TryAbort, kgo.TryCommit} {
			if err := tx.BeginTransaction(); err != nil {
				b.Fatal(err)
			}
			for v := range 3 {
				if err := tx.ProduceSync(b.Context(), &kgo.Record{Topic: topic, Key: []byte("k"), Value: fmt.Append(nil, 10*i+v)}).FirstErr(); err != nil {
					b.Fatal(err)
				}
			}
			if err := tx.EndTransaction(b.Context(), try); err != nil {
				b.Fatal(err)
			}
		}
		s := newSeen()
		offsets := make(map[string][]int64)
		c := &kafka.Consumer{Handle: func(_ context.Context, r *kgo.Record) error {
			return s.handle(r, func() error {
				s.mu.Lock()
				defer s.mu.Unlock()
				offsets[r.Topic] = append(offsets[r.Topic], r.Offset)
				return nil
			})
		}}
		stop := b.start(c, kgo.ConsumeTopics(topic, compacted), kgo.FetchIsolationLevel(kgo.ReadCommitted()))
		b.until("all are handled", func() bool {
			s.mu.Lock()
			defer s.mu.Unlock()
			return len(offsets[topic]) == 6 && slices.Contains(offsets[compacted], 29)
		})
		b.stopped(stop)
		slices.Sort(offsets[compacted])
		if !slices.Equal(offsets[topic], []int64{0, 1, 2, 8, 9, 10}) || len(offsets[compacted]) > 10 || offsets[compacted][0] < 20 {
			b.Errorf("the offsets are %v", offsets)
		}
		b.wantCommitted(0, 11)
	})
}

// Run ends when its topic was deleted and created anew: the client does not go on with it. The
// next one begins anew.
func TestTopicThatIsCreatedAnew(t *testing.T) {
	inBubble(t, 1, func(b *bed) {
		s := newSeen()
		c := &kafka.Consumer{Handle: func(_ context.Context, r *kgo.Record) error { return s.handle(r, func() error { return nil }) }}
		ended := make(chan error)
		go func() {
			ended <- c.Run(b.Context(), b.options(kgo.ConsumerGroup(group), kgo.ConsumeTopics(topic), kgo.MetadataMaxAge(10*time.Second))...)
		}()
		b.produce(0, "old", 1, 20)
		b.until("the old ones are handled", func() bool { return s.count() == 20 })
		if err := b.cluster.DeleteTopic(topic); err != nil {
			b.Fatal(err)
		}
		if err := b.cluster.CreateTopic(topic, 1, nil); err != nil {
			b.Fatal(err)
		}
		if err := <-ended; !errors.Is(err, kerr.UnknownTopicID) {
			b.Errorf("Run has returned %v", err)
		}
		producer := b.newClient()
		defer producer.Close()
		if err := producer.ProduceSync(b.Context(), &kgo.Record{Topic: topic, Key: []byte("new"), Value: []byte("1")}).FirstErr(); err != nil {
			b.Fatal(err)
		}
		stop := b.start(c)
		b.until("the new one is handled", func() bool { return len(s.of(0, "new")) == 1 })
		b.stopped(stop)
	})
}
