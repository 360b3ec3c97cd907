package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/go-desync/go-desync/adapters/kafka"
)

// A cutter makes connections, and cuts all that are open.
type cutter struct {
	mu   sync.Mutex
	open []net.Conn
}

func (c *cutter) dial(ctx context.Context, network, host string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, host)
	if err == nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.open = append(c.open, conn)
	}
	return conn, err
}

func (c *cutter) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range c.open {
		conn.Close()
	}
	c.open = nil
}

// every cuts, until ctx ends.
func (c *cutter) every(ctx context.Context, pause time.Duration) {
	for wait(ctx, pause) == nil {
		c.cut()
	}
}

// cutConnections cuts the connections of the consumers while they work.
func cutConnections(ctx context.Context, w *world) (string, error) {
	topic, err := w.topic(ctx, "cut", partitions, nil)
	if err != nil {
		return "", err
	}
	l, c := newLedger(), new(cutter)
	s := stream{n: 20_000, keys: 400}
	want, err := w.produce(ctx, w.client, topic, s)
	if err != nil {
		return "", err
	}
	var members []*member
	for range 2 {
		members = append(members, w.member(ctx, topic, &kafka.Consumer{Buffer: buffer, Handle: l.handle(busy(100 * time.Millisecond))}, kgo.Dialer(c.dial)))
	}
	cutting, stop := context.WithTimeout(ctx, 10*time.Second)
	defer stop()
	c.every(cutting, 700*time.Millisecond)
	if err := l.all(ctx, want, time.Minute); err != nil {
		return "", err
	}
	return l.summary(members, 14*len(members)*buffer)
}

// producerRetries cuts the connections of the producer: what it sends again is not there twice
// or in another order, and the records of a key are handled in the order in which they were produced.
func producerRetries(ctx context.Context, w *world) (string, error) {
	topic, err := w.topic(ctx, "producer", partitions, nil)
	if err != nil {
		return "", err
	}
	c := new(cutter)
	producer, err := kgo.NewClient(kgo.SeedBrokers(w.Addr()), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.Dialer(c.dial))
	if err != nil {
		return "", err
	}
	defer producer.Close()
	l := newLedger()
	order := make(map[string]int)
	var mu sync.Mutex
	m := w.member(ctx, topic, &kafka.Consumer{Buffer: buffer, Handle: l.handle(func(_ context.Context, r *kgo.Record) error {
		number := 0
		if _, err := fmt.Sscan(string(r.Value), &number); err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		if last, ok := order[string(r.Key)]; ok && number <= last {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.fault("key %s: record %d after %d", r.Key, number, last)
		}
		order[string(r.Key)] = number
		return nil
	})})
	cutting, stop := context.WithCancel(ctx)
	var cuts sync.WaitGroup
	cuts.Go(func() { c.every(cutting, 300*time.Millisecond) })
	want, err := w.produce(ctx, producer, topic, stream{n: 20_000, keys: 400, rate: 4000})
	stop()
	cuts.Wait()
	if err != nil {
		return "", errors.Join(err, m.stop())
	}
	if err := l.all(ctx, want, time.Minute); err != nil {
		return "", errors.Join(err, m.stop())
	}
	return l.summary([]*member{m}, 0)
}
