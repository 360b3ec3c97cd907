package kafka

import (
	"context"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// commitLimit is how long a commit may take. One that fails is made again with the next.
const commitLimit = 10 * time.Second

// commitEvery commits the progress until ctx ends.
func (r *run) commitEvery(ctx context.Context) {
	t := time.NewTicker(r.settings.commitEvery)
	defer t.Stop()
	for {
		select {
		case <-t.C:
			r.mu.Lock()
			owned := r.all()
			r.mu.Unlock()
			r.commit(owned)
			r.askEnds(ctx)
		case <-ctx.Done():
			return
		}
	}
}

// commit commits the progress of partitions. While it waits for another commit of this run
// they may be handed over; then they are left out. So no commit of a former owner comes after that
// of a later one: who hands over waits here for commits on their way, and commits last.
func (r *run) commit(partitions []*partition) {
	r.commits.Lock()
	defer r.commits.Unlock()
	for refused := true; refused; {
		refused = r.commitOnce(partitions)
	}
}

// commitOnce reports whether the broker has refused metadata, so that another try with less
// of it helps.
func (r *run) commitOnce(partitions []*partition) (refused bool) {
	c := commit{r: r, marks: make(map[string]map[int32]mark), partitions: make(map[string]map[int32]*partition)}
	offsets := make(map[string]map[int32]kgo.EpochOffset)
	for _, p := range partitions {
		if m, ok := p.progress(r.plainCommits); ok {
			put(c.marks, p, m)
			put(c.partitions, p, p)
			put(offsets, p, kgo.EpochOffset{Epoch: m.epoch, Offset: m.offset})
		}
	}
	if len(offsets) == 0 {
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), commitLimit)
	defer cancel()
	r.cl.CommitOffsetsSync(kgo.PreCommitFnContext(ctx, c.prepare), offsets, c.done)
	return c.refused
}

func put[V any](in map[string]map[int32]V, p *partition, v V) {
	if in[p.topic] == nil {
		in[p.topic] = make(map[int32]V)
	}
	in[p.topic][p.number] = v
}

// A commit is one request.
type commit struct {
	r          *run
	marks      map[string]map[int32]mark
	partitions map[string]map[int32]*partition
	refused    bool
}

// prepare puts the metadata into the request.
func (c *commit) prepare(request *kmsg.OffsetCommitRequest) error {
	if c.r.plainCommits {
		return nil
	}
	for _, t := range request.Topics {
		for i := range t.Partitions {
			metadata := c.marks[t.Topic][t.Partitions[i].Partition].metadata
			t.Partitions[i].Metadata = &metadata
		}
	}
	return nil
}

// done notes what the broker says of each partition: that one was refused is no error of the
// request.
func (c *commit) done(_ *kgo.Client, request *kmsg.OffsetCommitRequest, response *kmsg.OffsetCommitResponse, err error) {
	if err != nil {
		c.r.warn("a commit failed; what it says is in the next one", "err", err)
		return
	}
	names := make(map[[16]byte]string) // newer responses have no names
	for _, t := range request.Topics {
		names[t.TopicID] = t.Topic
	}
	for _, t := range response.Topics {
		topic := t.Topic
		if topic == "" {
			topic = names[t.TopicID]
		}
		for _, answer := range t.Partitions {
			if p := c.partitions[topic][answer.Partition]; p != nil {
				c.answered(p, c.marks[topic][answer.Partition], answer.ErrorCode)
			}
		}
	}
}

func (c *commit) answered(p *partition, m mark, code int16) {
	switch {
	case code == 0:
		p.saved(m)
	case code == kerr.OffsetMetadataTooLarge.Code && m.metadata != "":
		c.refused = true
		c.r.warn("the broker takes less metadata with a commit; see its option offset.metadata.max.bytes", "topic", p.topic, "partition", p.number, "length", len(m.metadata))
		p.refusedMetadata()
	default:
		c.r.warn("a commit was refused; what it says is in the next one", "topic", p.topic, "partition", p.number, "err", kerr.ErrorForCode(code))
	}
}
