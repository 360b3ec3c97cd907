package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/go-desync/go-desync/adapters/kafka"
	"github.com/go-desync/go-desync/adapters/kafka/examples"
)

// variable is set in the environment of a worker, which is this program started again.
const variable = "DESYNC_KAFKA_DEMO"

// A config is what a worker is told.
type config struct {
	Brokers []string
	Store   string // the file
	Fault   string
}

// A report is a line that a worker prints.
type report struct {
	Partitions int
	Applied    int64 // records
	Before     int64 // records that it has handled and that were applied before
}

// Faults show that the demo finds what is wrong.
const (
	noFence = "nofence" // the store does not know what was applied
	lose    = "lose"    // a record is dropped now and then
)

var faults = []string{noFence, lose}

func isWorker() bool { return os.Getenv(variable) != "" }

// workerMain is the program of a worker. It ends when its standard input does, so that none is
// left when the parent is gone.
func workerMain() int {
	var c config
	err := json.Unmarshal([]byte(os.Getenv(variable)), &c)
	if err == nil {
		err = c.work()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func (c config) work() error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	store, err := openStore(ctx, c.Store)
	if err != nil {
		return err
	}
	defer store.Close()
	w := &worker{store: store, fault: c.Fault}
	// SQLite has one writer at a time, so more calls at once would only wait for each other.
	w.consumer = &kafka.Consumer{Handle: w.handle, Concurrency: 8}
	var printing sync.WaitGroup
	defer printing.Wait()
	defer cancel()
	printing.Go(func() {
		for tick := time.NewTicker(50 * time.Millisecond); ctx.Err() == nil; <-tick.C {
			w.print()
		}
	})
	return w.consumer.Run(ctx, kgo.SeedBrokers(c.Brokers...), kgo.ConsumerGroup(group), kgo.ConsumeTopics(topic),
		kgo.SessionTimeout(session), kgo.HeartbeatInterval(session/10))
}

// session is after what a worker that does not say anything loses its partitions.
const session = 2 * time.Second

type worker struct {
	consumer        *kafka.Consumer
	store           *examples.Store
	fault           string
	applied, before atomic.Int64
	handled         atomic.Int64
}

func (w *worker) handle(ctx context.Context, r *kgo.Record) error {
	switch n := w.handled.Add(1); {
	case w.fault == lose && n%100 == 0:
		return nil
	case w.fault == noFence:
		r.Topic = fmt.Sprint(r.Topic, " of ", os.Getpid())
	}
	did, err := count(ctx, w.store, r)
	switch {
	case err != nil:
		return err // it is tried again
	case did:
		w.applied.Add(1)
	default:
		w.before.Add(1)
	}
	return nil
}

func (w *worker) print() {
	line, err := json.Marshal(report{len(w.consumer.Stats().Partitions), w.applied.Load(), w.before.Load()})
	if err == nil {
		_, _ = os.Stdout.Write(append(line, '\n'))
	}
}
