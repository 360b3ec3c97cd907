package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/go-desync/go-desync/adapters/kafka"
)

// failures are the checks of make scale-kafka.
var failures = []check{
	{"kill -9", killed},
	{"restart", restart},
	{"churn", churn},
	{"cut", cutConnections},
	{"compaction", compaction},
	{"transactions", transactions},
	{"producer", producerRetries},
	{"metadata", foreignMetadata},
}

// interval is the commit interval of the consumers of these checks, and buffer their buffer:
// what may run again is at most the buffer and what was done in one interval.
const (
	interval = time.Second
	buffer   = 2000
)

// restart restarts the broker twice while records are produced and consumed, once in the clean
// way and once with a kill.
func restart(ctx context.Context, w *world) (string, error) {
	topic, err := w.topic(ctx, "restart", partitions, nil)
	if err != nil {
		return "", err
	}
	l := newLedger()
	s := stream{n: 60_000, keys: 400, rate: 4000}
	var members []*member
	for range 2 {
		members = append(members, w.member(ctx, topic, &kafka.Consumer{Buffer: buffer, Concurrency: 12, Handle: l.handle(busy(5 * time.Millisecond))}))
	}
	var want []place
	var produced sync.WaitGroup
	var produceErr error
	produced.Go(func() { want, produceErr = w.produce(ctx, w.client, topic, s) })
	most := 0
	for i, end := range []func() error{w.Stop, w.Kill} {
		err := until(ctx, "too little is done", time.Minute, func() bool { done, _ := l.count(); return done >= s.n*(i+1)/4 })
		if err := errors.Join(err, wait(ctx, interval)); err != nil {
			return "", err
		}
		before, _, _ := w.committed(ctx, topic) // nothing, if the broker is too slow to say
		if err := errors.Join(end(), wait(ctx, time.Second), w.Start(ctx)); err != nil {
			return "", err
		}
		open, err := w.progress(ctx, topic, l, before)
		if err != nil {
			return "", err
		}
		most += open
	}
	produced.Wait()
	if produceErr != nil {
		return "", produceErr
	}
	if err := l.all(ctx, want, 2*time.Minute); err != nil {
		return "", err
	}
	return l.summary(members, most)
}

// progress waits until what is done now is committed, and returns how many records were done and
// not committed at most meanwhile. They may run again: without a broker, and until the group has
// come together again, nothing is committed, and consumers that have come too late for that have
// lost their partitions. before is the sum of the offsets that are committed.
func (w *world) progress(ctx context.Context, group string, l *ledger, before int64) (most int, err error) {
	want := l.counts()
	err = until(ctx, "nothing is committed", time.Minute, func() bool {
		offsets, _ := kadm.NewClient(w.client).FetchOffsets(ctx, group) // it has none while the group is loaded
		sum := int64(0)
		offsets.Each(func(o kadm.OffsetResponse) { sum += o.At })
		before = max(before, sum)
		done, _ := l.count()
		most = max(most, done-int(before))
		for p, n := range want {
			if o, ok := offsets.Lookup(group, p); !ok || o.At < n {
				return false
			}
		}
		return true
	})
	return most, err
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// churn lets members join and leave for a minute, about one each second.
func churn(ctx context.Context, w *world) (string, error) {
	topic, err := w.topic(ctx, "churn", partitions, nil)
	if err != nil {
		return "", err
	}
	l := newLedger()
	s := stream{n: 120_000, keys: 800, rate: 2000}
	var want []place
	var produced sync.WaitGroup
	var produceErr error
	produced.Go(func() { want, produceErr = w.produce(ctx, w.client, topic, s) })
	start := func() *member {
		return w.member(ctx, topic, &kafka.Consumer{Buffer: buffer, Drain: 2 * time.Second, Handle: l.handle(busy(2 * time.Millisecond))})
	}
	members := []*member{start()}
	moves := 0
	for end := time.Now().Add(time.Minute); time.Now().Before(end); moves++ {
		if err := wait(ctx, time.Second); err != nil {
			return "", err
		}
		if len(members) == 1 || len(members) < 5 && rand.IntN(2) == 0 {
			members = append(members, start())
			continue
		}
		i := rand.IntN(len(members))
		if err := members[i].stop(); err != nil {
			return "", err
		}
		members = slices.Delete(members, i, i+1)
	}
	produced.Wait()
	if produceErr != nil {
		return "", produceErr
	}
	if err := l.all(ctx, want, 2*time.Minute); err != nil {
		return "", err
	}
	text, err := l.summary(members, moves*(buffer+s.rate))
	return fmt.Sprintf("%s; %d joins and leaves", text, moves), err
}

// foreignMetadata has commits whose metadata is of another program, cut, or of another offset.
func foreignMetadata(ctx context.Context, w *world) (string, error) {
	topic, err := w.topic(ctx, "foreign", partitions, nil)
	if err != nil {
		return "", err
	}
	want, err := w.produce(ctx, w.client, topic, stream{n: 8000, keys: 800})
	if err != nil {
		return "", err
	}
	m := w.member(ctx, topic, &kafka.Consumer{Drain: time.Second, Handle: func(ctx context.Context, r *kgo.Record) error {
		if r.Offset%100 == 0 {
			<-ctx.Done()
		}
		return ctx.Err()
	}})
	err = until(ctx, "there is no metadata", time.Minute, func() bool {
		_, longest, _ := w.committed(ctx, topic)
		return longest > 20
	})
	if err := errors.Join(err, wait(ctx, 2*interval), m.stop()); err != nil {
		return "", err
	}
	admin := kadm.NewClient(w.client)
	fetched, err := admin.FetchOffsets(ctx, topic)
	if err != nil {
		return "", err
	}
	offsets := fetched.Offsets()
	changed := make(kadm.Offsets)
	offsets.Each(func(o kadm.Offset) {
		switch o.Partition % 3 {
		case 0:
			o.Metadata = "somebody else's"
		case 1:
			o.Metadata = o.Metadata[:len(o.Metadata)-3]
		case 2:
			o.At++
		}
		changed.Add(o)
	})
	if err := admin.CommitAllOffsets(ctx, topic, changed); err != nil {
		return "", err
	}
	l, log := newLedger(), new(lines)
	m = w.member(ctx, topic, &kafka.Consumer{Handle: l.handle(busy(0))}, kgo.WithLogger(log))
	rest := slices.DeleteFunc(want, func(p place) bool {
		o, _ := changed.Lookup(p.topic, p.partition)
		return p.offset < o.At
	})
	if err := l.all(ctx, rest, time.Minute); err != nil {
		return "", errors.Join(err, m.stop())
	}
	if n := log.count("the metadata of a commit is ignored"); n != partitions {
		return "", errors.Join(fmt.Errorf("%d lines in the log, want one for each of %d partitions", n, partitions), m.stop())
	}
	return l.summary([]*member{m}, 0)
}

// lines keeps what a client tells.
type lines struct {
	mu  sync.Mutex
	all []string
}

func (*lines) Level() kgo.LogLevel { return kgo.LogLevelInfo }

func (l *lines) Log(_ kgo.LogLevel, message string, _ ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, message)
}

func (l *lines) count(part string) (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, line := range l.all {
		if strings.Contains(line, part) {
			n++
		}
	}
	return n
}
