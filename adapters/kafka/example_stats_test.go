package kafka_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/go-desync/go-desync/adapters/kafka"
)

// whileOneFails runs a Consumer on an order that fails and one that does not, and calls look.
func whileOneFails(look func(c *kafka.Consumer)) {
	cluster := produced("orders", order("ann", "a unicorn"), order("bob", "a pen"))
	defer cluster.Close()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	both := make(chan struct{}, 2)
	c := &kafka.Consumer{
		Backoff: func(int) time.Duration { both <- struct{}{}; return time.Hour },
		Handle: func(_ context.Context, r *kgo.Record) error {
			if string(r.Value) == "a unicorn" {
				return errors.New("out of stock")
			}
			both <- struct{}{}
			return nil
		},
	}
	ended := make(chan error)
	go func() {
		ended <- c.Run(ctx, kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.ConsumerGroup("shipping"), kgo.ConsumeTopics("orders"))
	}()
	<-both
	<-both
	for c.Stats().Partitions[0].Beyond == 0 { // the pen is noted right after its handler has returned
		time.Sleep(time.Millisecond)
	}
	look(c)
	cancel()
	if err := <-ended; err != nil {
		log.Fatal(err)
	}
}

func ExampleConsumer_Stats() {
	whileOneFails(func(c *kafka.Consumer) {
		s := c.Stats()
		fmt.Println(s.Held, "held,", s.Running, "running")
		for _, p := range s.Partitions {
			fmt.Printf("%s/%d: lag %d, %d open, the oldest at %d, %d done beyond it\n", p.Topic, p.Partition, p.Lag, p.Open, p.Oldest, p.Beyond)
			for _, r := range p.Retried {
				fmt.Printf("%s at %d has failed %d time: %v\n", r.Key, r.Offset, r.Attempt, r.Err)
			}
		}
	})
	// Output:
	// 1 held, 0 running
	// orders/0: lag 2, 1 open, the oldest at 0, 1 done beyond it
	// ann at 0 has failed 1 time: out of stock
}

// The gauges of Stats, for a system of metrics.
func ExampleStats_Gauges() {
	whileOneFails(func(c *kafka.Consumer) {
		for _, g := range c.Stats().Gauges() {
			if g.Name == "kafka.partition.lag" {
				fmt.Printf("%s{topic=%q, partition=%d} %v %s\n", g.Name, g.Topic, g.Partition, g.Value, g.Unit)
			}
		}
	})
	// Output: kafka.partition.lag{topic="orders", partition=0} 2 {record}
}

// The table for the page of package debug: debug.Register(mux, recorder, debug.Table(c.Table("orders"))).
func ExampleConsumer_Table() {
	whileOneFails(func(c *kafka.Consumer) {
		name, columns, rows := c.Table("orders")
		fmt.Println(name)
		for _, row := range rows() {
			for i, cell := range row {
				if columns[i] != "open for" && columns[i] != "committed" {
					fmt.Printf("%s: %s\n", columns[i], cell)
				}
			}
		}
	})
	// Output:
	// orders
	// topic: orders
	// partition: 0
	// lag: 2
	// open: 1
	// oldest open: 0
	// done beyond: 1
	// keys retried: 1: offset 0, 1 attempts
}

func ExampleGauge() {
	g := kafka.Gauge{Name: "kafka.partition.lag", Unit: "{record}", Topic: "orders", Partition: 3, Value: 12}
	fmt.Printf("%s/%d is behind by %v\n", g.Topic, g.Partition, g.Value)
	// Output: orders/3 is behind by 12
}

// The partition that is the furthest behind.
func ExamplePartitionStats() {
	s := kafka.Stats{Partitions: []kafka.PartitionStats{{Topic: "orders", Partition: 0, Lag: 4}, {Topic: "orders", Partition: 1, Lag: 90}}}
	worst := s.Partitions[0]
	for _, p := range s.Partitions {
		if p.Lag > worst.Lag {
			worst = p
		}
	}
	fmt.Println("partition", worst.Partition, "is behind by", worst.Lag)
	// Output: partition 1 is behind by 90
}

func ExampleRetry() {
	r := kafka.Retry{Key: "ann", Offset: 7, Attempt: 3, Err: errors.New("out of stock")}
	fmt.Printf("%s waits at %d after %d attempts: %v\n", r.Key, r.Offset, r.Attempt, r.Err)
	// Output: ann waits at 7 after 3 attempts: out of stock
}
