package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/go-desync/go-desync/adapters/kafka"
)

// A task is what a process that is measured does: it consumes records until it has handled n.
type task struct {
	kind   string // ours, or plain: one at a time for each partition
	broker string
	topic  string
	group  string
	work   time.Duration
	slow   time.Duration // what a record of a slow key takes
	log    string        // the file for what is done; or ""
	n      int64
}

// measure does a task, and prints how long it took from the first to the last record, in seconds,
// and the memory of the process, in MiB.
func measure(ctx context.Context, t task) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var log *os.File
	if t.log != "" {
		var err error
		if log, err = os.OpenFile(t.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o666); err != nil {
			return err
		}
		defer log.Close()
	}
	var first, handled atomic.Int64
	var last time.Time
	handle := func(_ context.Context, r *kgo.Record) error {
		if first.Load() == 0 {
			first.CompareAndSwap(0, time.Now().UnixNano())
		}
		if err := t.do(log, r); err != nil {
			return err
		}
		if handled.Add(1) == t.n {
			last = time.Now()
			cancel()
		}
		return nil
	}
	options := []kgo.Opt{kgo.SeedBrokers(t.broker), kgo.ConsumerGroup(t.group), kgo.ConsumeTopics(t.topic), kgo.SessionTimeout(30 * time.Second)}
	if log != nil { // the one that follows a killed one need not wait for its session
		options = append(options, kgo.InstanceID("one"))
	}
	var err error
	if t.kind == plainGo {
		err = plain(ctx, handle, options)
	} else {
		err = (&kafka.Consumer{Handle: handle}).Run(ctx, options...)
	}
	if err != nil {
		return err
	}
	fmt.Printf("measured %.6f %d\n", last.Sub(time.Unix(0, first.Load())).Seconds(), resident())
	return nil
}

// do is the work for a record.
func (t task) do(log *os.File, r *kgo.Record) error {
	var at string
	if log != nil {
		at = fmt.Sprintln(r.Topic, r.Partition, r.Offset, string(r.Key))
		if _, err := log.WriteString("B " + at); err != nil {
			return err
		}
	}
	if t.work > 0 {
		time.Sleep(t.work)
	}
	if log == nil {
		return nil
	}
	if strings.HasPrefix(string(r.Key), "slow") {
		time.Sleep(t.slow)
	}
	_, err := log.WriteString("E " + at)
	return err
}

// plain handles the records of a partition one at a time, and commits what is done each second.
func plain(ctx context.Context, handle func(context.Context, *kgo.Record) error, options []kgo.Opt) error {
	cl, err := kgo.NewClient(append(options, kgo.AutoCommitMarks(), kgo.AutoCommitInterval(time.Second))...)
	if err != nil {
		return err
	}
	defer cl.Close()
	queues := make(map[int32]chan []*kgo.Record)
	for ctx.Err() == nil {
		fetches := cl.PollRecords(ctx, 10_000)
		if err := fetches.Err(); err != nil && !errors.Is(err, context.Canceled) {
			return err
		}
		fetches.EachPartition(func(f kgo.FetchTopicPartition) {
			if len(f.Records) == 0 {
				return
			}
			queue := queues[f.Partition]
			if queue == nil {
				queue = make(chan []*kgo.Record, 1000) // so that no partition waits for another
				queues[f.Partition] = queue
				go func() {
					for records := range queue {
						for _, r := range records {
							_ = handle(ctx, r)
						}
						cl.MarkCommitRecords(records[len(records)-1])
					}
				}()
			}
			queue <- f.Records
		})
	}
	for _, queue := range queues {
		close(queue)
	}
	return nil
}

// resident returns the memory of this process in MiB, or 0 where that cannot be read.
func resident() (mib int) {
	text, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(text)) {
		if _, err := fmt.Sscanf(line, "VmRSS: %d kB", &mib); err == nil {
			return mib / 1024
		}
	}
	return 0
}
