package kafka_test

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/go-desync/go-desync/adapters/kafka"
	"github.com/go-desync/go-desync/conformance/bridge"
)

// Records of one key come out once, one at a time and in the order in which they were produced.
func TestOrder(t *testing.T) {
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.DefaultNumPartitions(1), kfake.AllowAutoTopicCreation())
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Close()
	opened := 0
	err = bridge.Check(t.Context(), func(observe func(item int)) (push func(item int) error, finish func() error) {
		opened++
		topic := fmt.Sprint("items", opened)
		seeds := []kgo.Opt{kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.AllowAutoTopicCreation(), kgo.DisableClientMetrics()}
		producer, err := kgo.NewClient(append(seeds, kgo.DefaultProduceTopic(topic), kgo.ProducerLinger(0))...)
		if err != nil {
			t.Error(err)
		}
		var accepted, observed sync.WaitGroup // observed is the number of those that are not
		c := &kafka.Consumer{Handle: func(_ context.Context, r *kgo.Record) error {
			item, err := strconv.Atoi(string(r.Value))
			observe(item)
			observed.Done()
			return err
		}}
		ctx, cancel := context.WithCancel(context.Background())
		accepted.Go(func() {
			if err := c.Run(ctx, append(seeds, kgo.ConsumerGroup(topic), kgo.ConsumeTopics(topic))...); err != nil {
				t.Error(err)
			}
		})
		push = func(item int) error {
			observed.Add(1)
			return producer.ProduceSync(context.Background(), &kgo.Record{Key: []byte("k"), Value: strconv.AppendInt(nil, int64(item), 10)}).FirstErr()
		}
		return push, func() error {
			producer.Close()
			observed.Wait()
			cancel()
			accepted.Wait()
			return nil
		}
	})
	if err != nil {
		t.Error(err)
	}
}
