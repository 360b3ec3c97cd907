package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/go-desync/go-desync/adapters/kafka"
	"github.com/go-desync/go-desync/adapters/kafka/broker/internal/server"
)

// A world is a broker and what a check needs of it.
type world struct {
	*server.Server
	client *kgo.Client
	log    *os.File // of the members
	serial int
}

const partitions = 8

func newWorld(ctx context.Context, dir, jars string) (*world, error) {
	s, err := server.New(ctx, dir, jars)
	if err != nil {
		return nil, err
	}
	if err := s.Start(ctx); err != nil {
		return nil, err
	}
	w := &world{Server: s}
	if w.log, err = os.Create(filepath.Join(dir, "members")); err != nil {
		return nil, err
	}
	w.client, err = kgo.NewClient(kgo.SeedBrokers(s.Addr()), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.MaxBufferedRecords(50_000))
	return w, err
}

// topic makes a topic with settings, and returns its name, which is that of its group too.
func (w *world) topic(ctx context.Context, name string, partitions int32, settings map[string]*string) (string, error) {
	w.serial++
	name = fmt.Sprint(name, "-", w.serial)
	_, err := kadm.NewClient(w.client).CreateTopic(ctx, partitions, 1, settings, name)
	return name, err
}

// A stream is what is to be produced: n records, those of a key in one partition.
type stream struct {
	n, keys int
	rate    int // a second; 0 for at once
	slow    int // each slow'th record of a partition has the slow key of the partition; 0 for none
}

// record returns the record with a number. The partitions take turns.
func (s stream) record(topic string, i int) *kgo.Record {
	p := i % partitions
	key := fmt.Sprint("k", i%s.keys/partitions*partitions+p)
	if s.slow > 0 && i/partitions%s.slow == 0 {
		key = fmt.Sprint("slow", p)
	}
	return &kgo.Record{Topic: topic, Partition: int32(p), Key: []byte(key), Value: fmt.Appendf(nil, "%d %090d", i, i)}
}

// produce produces a stream, and returns where its records are.
func (w *world) produce(ctx context.Context, cl *kgo.Client, topic string, s stream) (places []place, err error) {
	var mu sync.Mutex
	began := time.Now()
	for i := range s.n {
		cl.Produce(ctx, s.record(topic, i), func(r *kgo.Record, e error) {
			mu.Lock()
			defer mu.Unlock()
			if e != nil {
				err = e
				return
			}
			places = append(places, placeOf(r))
		})
		if s.rate > 0 && i%20 == 0 {
			time.Sleep(time.Until(began.Add(time.Duration(i) * time.Second / time.Duration(s.rate))))
		}
	}
	if e := cl.Flush(ctx); e != nil {
		return nil, e
	}
	mu.Lock()
	defer mu.Unlock()
	return places, err
}

// A member is a Consumer that runs.
type member struct {
	*kafka.Consumer
	cancel context.CancelFunc
	ended  chan error
}

// member starts a Consumer on a topic, in the group of that name.
func (w *world) member(ctx context.Context, topic string, c *kafka.Consumer, more ...kgo.Opt) *member {
	ctx, cancel := context.WithCancel(ctx)
	m := &member{Consumer: c, cancel: cancel, ended: make(chan error, 1)}
	go func() {
		err := c.Run(ctx, append([]kgo.Opt{
			kgo.SeedBrokers(w.Addr()), kgo.ConsumerGroup(topic), kgo.ConsumeTopics(topic),
			kgo.SessionTimeout(10 * time.Second), kgo.HeartbeatInterval(500 * time.Millisecond),
			kgo.WithLogger(kgo.BasicLogger(w.log, kgo.LogLevelInfo, func() string {
				return fmt.Sprintf("%s %p ", time.Now().UTC().Format(time.TimeOnly+".000"), m)
			})),
		}, more...)...)
		if err != nil {
			fmt.Fprintln(w.log, "Run has returned", err)
		}
		m.ended <- err
	}()
	return m
}

// stop ends the Consumer politely.
func (m *member) stop() error {
	m.cancel()
	return <-m.ended
}

var errTime = errors.New("this takes too long")

// until waits until a condition holds.
func until(ctx context.Context, what string, limit time.Duration, condition func() bool) error {
	deadline := time.Now().Add(limit)
	for !condition() {
		if time.Now().After(deadline) {
			return fmt.Errorf("%w: after %v, %s", errTime, limit, what)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
	return nil
}

// committed returns the sum of the committed offsets of a group, and the longest metadata.
func (w *world) committed(ctx context.Context, group string) (sum int64, metadata int, err error) {
	offsets, err := kadm.NewClient(w.client).FetchOffsets(ctx, group)
	offsets.Each(func(o kadm.OffsetResponse) {
		sum += o.At
		metadata = max(metadata, len(o.Metadata))
	})
	return sum, metadata, err
}
