package kafka

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
)

// Stats says what a [Consumer] does now.
type Stats struct {
	Held       int              // records that are held, of Consumer.Buffer
	HeldBytes  int64            // their size, of Consumer.BufferBytes
	Running    int              // calls of Handle and GiveUp, of Consumer.Concurrency
	Partitions []PartitionStats // those that it owns, by topic and number
}

// PartitionStats is what [Stats] says of a partition.
type PartitionStats struct {
	Topic     string
	Partition int32
	Committed int64         // the offset that is committed, or -1
	Open      int           // records that have arrived and are not done
	Oldest    int64         // the offset of the first of them, which the committed offset cannot pass, or -1
	OldestAge time.Duration // since that record has arrived
	Beyond    int           // records that are done and come after the oldest
	Retried   []Retry       // records that have failed and are tried again; one for each key
	Lag       int64         // from the first record that is not done to the end of the partition, or -1 if it is not known
}

// A Retry is a record that has failed and is tried again. The later records of its key wait.
type Retry struct {
	Key     string
	Offset  int64
	Attempt int   // how many were made
	Err     error // of the last
}

// Stats returns what the Consumer does now. It is the zero Stats while Run does not run. Many
// goroutines may call it at once; it waits for no handler and no broker.
//
// The end of a partition, from which Lag is counted, is known from what was fetched last. While the buffer
// is full nothing is fetched, and the brokers are asked every few seconds.
func (c *Consumer) Stats() (s Stats) {
	r := c.current.Load()
	if r == nil {
		return s
	}
	s.Held, s.HeldBytes, s.Running = int(r.room.taken.Load()), r.room.takenBytes.Load(), len(r.slots)
	r.mu.Lock()
	owned := r.all()
	r.mu.Unlock()
	now := time.Now()
	for _, p := range owned {
		s.Partitions = append(s.Partitions, p.stats(now))
	}
	slices.SortFunc(s.Partitions, func(a, b PartitionStats) int {
		return cmp.Or(cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.Partition, b.Partition))
	})
	return s
}

func (p *partition) stats(now time.Time) PartitionStats {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := PartitionStats{Topic: p.topic, Partition: p.number, Committed: p.committed.offset, Open: p.open, Oldest: -1, Beyond: p.beyond(), Lag: -1}
	front := p.committed.offset
	if p.next >= 0 {
		front = p.next
	}
	if p.first != nil {
		s.Oldest, s.OldestAge = p.first.record.Offset, now.Sub(p.first.since)
		front = s.Oldest
	}
	if p.high >= 0 && front >= 0 {
		s.Lag = max(0, p.high-front)
	}
	for j := range p.retried {
		s.Retried = append(s.Retried, Retry{Key: string(j.record.Key), Offset: j.record.Offset, Attempt: j.attempt, Err: j.err})
	}
	slices.SortFunc(s.Retried, func(a, b Retry) int { return cmp.Compare(a.Offset, b.Offset) })
	return s
}

// see notes the end of a partition.
func (p *partition) see(high int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.high = high
}

// endsEvery is how often the brokers are asked for the ends of the partitions, while nothing
// is fetched.
const endsEvery = 5 * time.Second

// askEnds asks for the ends of the partitions if the poll loop waits for room.
func (r *run) askEnds(ctx context.Context) {
	if !r.room.waits.Load() || time.Since(r.asked) < endsEvery {
		return
	}
	r.asked = time.Now()
	r.mu.Lock()
	var topics []string
	for topic, numbers := range r.owned {
		if len(numbers) > 0 {
			topics = append(topics, topic)
		}
	}
	r.mu.Unlock()
	if len(topics) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, endsEvery)
	defer cancel()
	ends, _ := kadm.NewClient(r.cl).ListEndOffsets(ctx, topics...) // without them, what is known stays
	ends.Each(func(o kadm.ListedOffset) {
		if p := r.partition(o.Topic, o.Partition); p != nil && o.Err == nil {
			p.see(o.Offset)
		}
	})
}
