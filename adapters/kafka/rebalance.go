package kafka

import (
	"context"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// The client calls the functions of this file one at a time, but for fetched: never while
// something that was polled is on its way to the objects, and before the first record of a
// partition that is assigned.

func (r *run) assigned(_ context.Context, _ *kgo.Client, partitions map[string][]int32) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for topic, numbers := range partitions {
		if r.owned[topic] == nil {
			r.owned[topic] = make(map[int32]*partition)
		}
		for _, number := range numbers {
			if p := r.owned[topic][number]; p != nil {
				r.drop(p, ErrLost) // the topic was created anew, and so are its records
			}
			r.owned[topic][number] = newPartition(topic, number)
		}
	}
}

// fetched reads what former owners have said of the partitions. It is called after assigned,
// and before the first records.
func (r *run) fetched(_ context.Context, _ *kgo.Client, response *kmsg.OffsetFetchResponse) error {
	for _, group := range response.Groups {
		for _, t := range group.Topics {
			for _, f := range t.Partitions {
				if p := r.partition(t.Topic, f.Partition); p != nil && f.ErrorCode == 0 && f.Offset >= 0 {
					r.resume(p, f)
				}
			}
		}
	}
	return nil
}

func (r *run) resume(p *partition, f kmsg.OffsetFetchResponseGroupTopicPartition) {
	m := mark{offset: f.Offset, epoch: f.LeaderEpoch}
	var skip *finished
	if f.Metadata != nil && *f.Metadata != "" {
		m.metadata = *f.Metadata
		var err error
		switch skip, err = parse(m.metadata, f.Offset); {
		case err == errForeign: // such as the member IDs that clients put there
			if r.log != nil {
				r.log.Log(kgo.LogLevelInfo, "kafka: the metadata of a commit is ignored", "topic", p.topic, "partition", p.number, "why", err)
			}
		case err != nil:
			r.warn("the metadata of a commit is ignored: records that are done may run again", "topic", p.topic, "partition", p.number, "why", err)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.committed, p.skip = m, skip
}

// afterDrain is how long handlers have to return when their contexts have ended.
const afterDrain = time.Second

// revoked hands over partitions: it waits for the handlers that run, ends their contexts if
// they have not ended in time, and commits.
func (r *run) revoked(_ context.Context, _ *kgo.Client, partitions map[string][]int32) {
	leaving := r.find(partitions)
	if len(leaving) == 0 {
		return
	}
	for _, p := range leaving {
		r.room.give(p.close())
	}
	left := drain(leaving, r.drain)
	for _, p := range leaving {
		p.cancel(ErrRevoked)
	}
	if left > 0 {
		left = drain(leaving, afterDrain)
	}
	r.commit(leaving)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.left = left // only the last counts, which is that of the end of Run
	for _, p := range leaving {
		r.drop(p, ErrRevoked)
	}
}

// drain waits until no handler of the partitions runs, and returns how many do when the time is
// up.
func drain(partitions []*partition, most time.Duration) (left int) {
	limit, cancel := context.WithTimeout(context.Background(), most)
	defer cancel()
	for _, p := range partitions {
		left += p.wait(limit.Done())
	}
	return left
}

// lost gives up partitions that may be another's already.
func (r *run) lost(_ context.Context, _ *kgo.Client, partitions map[string][]int32) {
	gone := r.find(partitions)
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range gone {
		r.drop(p, ErrLost)
	}
}

// drop forgets a partition. The caller has locked r.mu.
func (r *run) drop(p *partition, cause error) {
	r.room.give(p.close())
	p.end(cause)
	if r.owned[p.topic][p.number] == p {
		delete(r.owned[p.topic], p.number)
	}
}

// renew puts a partition without records in the place of p.
func (r *run) renew(p *partition) *partition {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.drop(p, ErrLost)
	fresh := newPartition(p.topic, p.number)
	r.owned[p.topic][p.number] = fresh
	return fresh
}

// partition returns a partition that is owned, or nil.
func (r *run) partition(topic string, number int32) *partition {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.owned[topic][number]
}

// find returns those of the partitions that are owned.
func (r *run) find(partitions map[string][]int32) (found []*partition) {
	for topic, numbers := range partitions {
		for _, number := range numbers {
			if p := r.partition(topic, number); p != nil {
				found = append(found, p)
			}
		}
	}
	return found
}

// all returns the partitions that are owned. The caller has locked r.mu.
func (r *run) all() (all []*partition) {
	for _, numbers := range r.owned {
		for _, p := range numbers {
			all = append(all, p)
		}
	}
	return all
}
