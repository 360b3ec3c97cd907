package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A place is where a record is.
type place struct {
	topic     string
	partition int32
	offset    int64
}

func placeOf(r *kgo.Record) place { return place{r.Topic, r.Partition, r.Offset} }

// A ledger notes what the handlers of all consumers of a check get. An owner of a partition is
// known by the context of its handlers.
type ledger struct {
	mu     sync.Mutex
	last   map[turn]int64
	busy   map[turn]bool
	done   map[place]int
	faults []string
}

// A turn is a key of a partition, while an owner has it.
type turn struct {
	owner     context.Context
	topic     string
	partition int32
	key       string
}

func newLedger() *ledger {
	return &ledger{last: make(map[turn]int64), busy: make(map[turn]bool), done: make(map[place]int)}
}

// handle is a handler that notes the record and does the work.
func (l *ledger) handle(work func(ctx context.Context, r *kgo.Record) error) func(context.Context, *kgo.Record) error {
	return func(ctx context.Context, r *kgo.Record) error {
		t := turn{ctx, r.Topic, r.Partition, string(r.Key)}
		l.begin(t, r)
		err := work(ctx, r)
		l.end(t, r, err)
		return err
	}
}

func (l *ledger) begin(t turn, r *kgo.Record) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if last, ok := l.last[t]; ok && r.Offset < last {
		l.fault("key %s of %s/%d: offset %d after %d", t.key, t.topic, t.partition, r.Offset, last)
	}
	if l.busy[t] {
		l.fault("key %s of %s/%d: two at once at offset %d", t.key, t.topic, t.partition, r.Offset)
	}
	l.last[t], l.busy[t] = r.Offset, true
}

func (l *ledger) end(t turn, r *kgo.Record, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.busy, t)
	if err == nil {
		l.done[placeOf(r)]++
	}
}

func (l *ledger) fault(format string, args ...any) {
	l.faults = append(l.faults, fmt.Sprintf(format, args...))
}

// count returns how many records are done, and how often they were done again.
func (l *ledger) count() (done, again int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, n := range l.done {
		again += n - 1
	}
	return len(l.done), again
}

// counts returns how many records of each partition are done, of a topic with no gaps.
func (l *ledger) counts() map[int32]int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	counts := make(map[int32]int64)
	for p := range l.done {
		counts[p.partition]++
	}
	return counts
}

// verify returns what is wrong: records that are out of order, and those of want that are not done.
func (l *ledger) verify(want []place) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	faults := slices.Clone(l.faults)
	lost := 0
	for _, p := range want {
		if l.done[p] == 0 {
			lost++
		}
	}
	if lost > 0 {
		faults = append(faults, fmt.Sprintf("%d of %d records are lost", lost, len(want)))
	}
	if len(faults) == 0 {
		return nil
	}
	return fmt.Errorf("%s", strings.Join(faults[:min(len(faults), 10)], "\n"))
}

// all waits until the records are done, and verifies the ledger.
func (l *ledger) all(ctx context.Context, want []place, limit time.Duration) error {
	err := until(ctx, "not all records are done", limit, func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		return !slices.ContainsFunc(want, func(p place) bool { return l.done[p] == 0 })
	})
	return errors.Join(err, l.verify(want))
}

// summary ends the members, and says how many records were done again.
func (l *ledger) summary(members []*member, most int) (string, error) {
	for _, m := range members {
		if err := m.stop(); err != nil {
			return "", err
		}
	}
	done, again := l.count()
	if again > most {
		return "", fmt.Errorf("%d of %d records were done again, more than %d", again, done, most)
	}
	return fmt.Sprintf("%d records, %d again, of %d that may", done, again, most), nil
}
