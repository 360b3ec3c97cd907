package kafka_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/go-desync/go-desync/adapters/kafka"
	"github.com/go-desync/go-desync/desync"
)

// produced returns a cluster in memory with the records in a topic of one partition.
func produced(topic string, records ...*kgo.Record) *kfake.Cluster {
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, topic, "dead-"+topic))
	if err != nil {
		log.Fatal(err)
	}
	producer, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.DefaultProduceTopic(topic))
	if err != nil {
		log.Fatal(err)
	}
	defer producer.Close()
	if err := producer.ProduceSync(context.Background(), records...).FirstErr(); err != nil {
		log.Fatal(err)
	}
	return cluster
}

func order(customer, what string) *kgo.Record { return kgo.KeyStringRecord(customer, what) }

// The orders of a customer are shipped one after the other. Those of other customers do not
// wait for them.
func ExampleConsumer_Run() {
	cluster := produced("orders", order("ann", "a book"), order("ann", "a lamp"), order("bob", "a pen"))
	defer cluster.Close()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()

	penShipped := make(chan struct{})
	c := &kafka.Consumer{Handle: func(ctx context.Context, r *kgo.Record) error {
		if string(r.Value) == "a book" { // takes long
			<-penShipped
		}
		fmt.Printf("%s for %s\n", r.Value, r.Key)
		switch string(r.Value) {
		case "a pen":
			close(penShipped)
		case "a lamp":
			cancel() // the end of this example
		}
		return nil
	}}
	err := c.Run(ctx,
		kgo.SeedBrokers(cluster.ListenAddrs()...),
		kgo.ConsumerGroup("shipping"),
		kgo.ConsumeTopics("orders"),
	)
	fmt.Println("handed over:", err)
	// Output:
	// a pen for bob
	// a book for ann
	// a lamp for ann
	// handed over: <nil>
}

// A record that fails three times is put into another topic, and its key goes on. Whoever looks
// at that topic learns where the record was and why it is there.
func ExampleDeadLetter() {
	cluster := produced("orders", order("ann", "a unicorn"), order("ann", "a lamp"))
	defer cluster.Close()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	producer, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...))
	if err != nil {
		log.Fatal(err)
	}
	defer producer.Close()

	c := &kafka.Consumer{
		Attempts: 3,
		Backoff:  func(int) time.Duration { return time.Millisecond },
		GiveUp:   kafka.DeadLetter(producer, "dead-orders"),
		Handle: func(_ context.Context, r *kgo.Record) error {
			if string(r.Value) == "a unicorn" {
				return errors.New("out of stock")
			}
			fmt.Printf("%s for %s\n", r.Value, r.Key)
			cancel() // the end of this example
			return nil
		},
	}
	if err := c.Run(ctx, kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.ConsumerGroup("shipping"), kgo.ConsumeTopics("orders")); err != nil {
		log.Fatal(err)
	}

	look, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.ConsumeTopics("dead-orders"))
	if err != nil {
		log.Fatal(err)
	}
	defer look.Close()
	for _, r := range look.PollFetches(context.Background()).Records() {
		if letter, ok := kafka.ReadLetter(r); ok {
			fmt.Printf("%s for %s, %s/%d at %d: %s\n", r.Value, r.Key, letter.Topic, letter.Partition, letter.Offset, letter.Err)
		}
	}
	// Output:
	// a lamp for ann
	// a unicorn for ann, orders/0 at 0: out of stock
}

// A program can read again what it gets from a topic of dead letters.
func ExampleReadLetter() {
	r := &kgo.Record{Headers: []kgo.RecordHeader{
		{Key: "dead-letter-topic", Value: []byte("orders")},
		{Key: "dead-letter-partition", Value: []byte("7")},
		{Key: "dead-letter-offset", Value: []byte("1000")},
		{Key: "dead-letter-error", Value: []byte("out of stock")},
	}}
	letter, ok := kafka.ReadLetter(r)
	fmt.Println(letter.Topic, letter.Partition, letter.Offset, letter.Err, ok)
	_, ok = kafka.ReadLetter(new(kgo.Record))
	fmt.Println(ok)
	// Output:
	// orders 7 1000 out of stock true
	// false
}

// A Letter is what ReadLetter has found.
func ExampleLetter() {
	letter := kafka.Letter{Topic: "orders", Partition: 7, Offset: 1000, Err: "out of stock"}
	fmt.Printf("%s/%d at %d: %s\n", letter.Topic, letter.Partition, letter.Offset, letter.Err)
	// Output: orders/7 at 1000: out of stock
}

// An observer sees the key on which a record has waited.
func ExampleKey() {
	cluster := produced("orders", order("ann", "a book"))
	defer cluster.Close()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	c := &kafka.Consumer{
		Observer: jobs{},
		Handle:   func(context.Context, *kgo.Record) error { cancel(); return nil },
	}
	if err := c.Run(ctx, kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.ConsumerGroup("shipping"), kgo.ConsumeTopics("orders")); err != nil {
		log.Fatal(err)
	}
	// Output: a job of shipping for ann in partition 0: orders/0 ann
}

type jobs struct{ desync.NopObserver }

func (jobs) Started(j desync.JobInfo) {
	key := j.Key.(kafka.Key)
	fmt.Printf("a job of %s for %s in partition %d: %v\n", j.Object, key.Key, key.Partition, key)
}
