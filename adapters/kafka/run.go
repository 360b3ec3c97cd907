package kafka

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/go-desync/go-desync/desync"
)

// A run is what one call of Run works with. Its parts are a loop that polls, jobs on the
// objects of keys, a loop that commits, and the callbacks of the client, of which one runs at a
// time, while nothing that was polled is on its way to the objects.
type run struct {
	settings
	cl    *kgo.Client
	log   kgo.Logger // of the user; may be nil
	keys  *desync.Map[Key, struct{}]
	alone []desync.Option // of the objects of records without a key
	slots chan struct{}   // has an element for each handler that runs
	room  room

	commits sync.Mutex // held from the look at the partitions until the broker has answered

	mu    sync.Mutex
	owned map[string]map[int32]*partition
	left  int // handlers that have not ended in time, when Run was ending

	asked time.Time // for the ends of the partitions. Of the loop that commits.
}

// unusedKeys is for how long the object of a key is kept.
const unusedKeys = time.Second

// firstAnswer is how long Run waits for a broker.
const firstAnswer = 15 * time.Second

func newRun(s settings, group string) *run {
	opts := []desync.Option{desync.WithName(group)}
	if s.observer != nil {
		opts = append(opts, desync.WithObserver(s.observer))
	}
	r := &run{
		settings: s,
		alone:    opts,
		keys:     desync.NewMap(func(Key) (none struct{}) { return none }, opts...),
		slots:    make(chan struct{}, s.concurrency),
		room:     room{records: int64(s.buffer), bytes: s.bufferBytes, given: make(chan struct{}, 1)},
		owned:    make(map[string]map[int32]*partition),
	}
	r.keys.EvictIdle(unusedKeys)
	return r
}

// options are those that Run adds to the user's.
func (r *run) options() []kgo.Opt {
	return []kgo.Opt{
		kgo.WithHooks(r),
		kgo.DisableAutoCommit(),
		kgo.BlockRebalanceOnPoll(),
		kgo.OnPartitionsAssigned(r.assigned),
		kgo.OnPartitionsRevoked(r.revoked),
		kgo.OnPartitionsLost(r.lost),
		kgo.OnOffsetsFetched(r.fetched),
	}
}

// OnNewClient notes the client, before that has started anything which may call the functions of
// options.
func (r *run) OnNewClient(cl *kgo.Client) {
	r.cl = cl
	r.log, _ = cl.OptValue(kgo.WithLogger).(kgo.Logger)
}

// warn tells the user's logger of something that Run goes on in spite of.
func (r *run) warn(message string, keyvals ...any) {
	if r.log != nil && r.log.Level() >= kgo.LogLevelWarn {
		r.log.Log(kgo.LogLevelWarn, "kafka: "+message, keyvals...)
	}
}

// checkCluster returns an error if no broker answers or a topic does not exist.
func (r *run) checkCluster(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, firstAnswer)
	defer cancel()
	if err := r.cl.Ping(ctx); err != nil {
		seeds, _ := r.cl.OptValue(kgo.SeedBrokers).([]string)
		return fmt.Errorf("kafka: Run: no broker answers at %s; see kgo.SeedBrokers, and kgo.DialTLS and kgo.SASL if they are needed: %w", strings.Join(seeds, ", "), err)
	}
	if r.cl.OptValue(kgo.ConsumeRegex) == true || r.cl.OptValue(kgo.AllowAutoTopicCreation) == true {
		return nil
	}
	for began := time.Now(); ; {
		err := r.checkTopics(ctx)
		if !errors.Is(err, kerr.UnknownTopicOrPartition) || time.Since(began) >= newTopic {
			return err
		}
		select {
		case <-time.After(newTopic / 20):
		case <-ctx.Done():
			return err
		}
	}
}

// newTopic is how long it may take until all brokers know a topic that was just created.
const newTopic = 5 * time.Second

// checkTopics asks a broker, and not the client, which keeps what it knows for seconds.
func (r *run) checkTopics(ctx context.Context) error {
	topics, _ := r.cl.OptValue(kgo.ConsumeTopics).([]string)
	request := kmsg.NewPtrMetadataRequest()
	for _, topic := range topics {
		t := kmsg.NewMetadataRequestTopic()
		t.Topic = &topic
		request.Topics = append(request.Topics, t)
	}
	found, err := request.RequestWith(ctx, r.cl)
	if err != nil {
		return fmt.Errorf("kafka: Run: the topics cannot be read: %s: %w", strings.Join(topics, ", "), err)
	}
	for _, t := range found.Topics {
		switch err := kerr.ErrorForCode(t.ErrorCode); {
		case errors.Is(err, kerr.UnknownTopicOrPartition):
			return fmt.Errorf("kafka: Run: the topic %q does not exist; create it before, or use kgo.AllowAutoTopicCreation: %w", *t.Topic, err)
		case err != nil && !kerr.IsRetriable(err):
			return fmt.Errorf("kafka: Run: the topic %q cannot be consumed: %w", *t.Topic, err)
		}
	}
	return nil
}

// consume polls until ctx ends, and hands over what it gets.
func (r *run) consume(ctx context.Context) error {
	background, stop := context.WithCancel(ctx)
	var others sync.WaitGroup
	defer others.Wait()
	defer stop()
	others.Go(func() { r.commitEvery(background) })
	for {
		n, ok := r.room.wait(ctx)
		if !ok {
			return nil
		}
		got, err := r.poll(ctx, n)
		switch {
		case err != nil:
			return err
		case got == 0: // an error that may go on
			select {
			case <-time.After(afterError):
			case <-ctx.Done():
			}
		}
	}
}

// afterError is the pause after a poll that has got nothing but errors.
const afterError = 100 * time.Millisecond

// poll takes at most n records from the client to the objects of their keys. Nothing in it
// waits for a handler, so that rebalances need not wait either.
func (r *run) poll(ctx context.Context, n int) (got int, err error) {
	defer r.cl.AllowRebalance()
	fetches := r.cl.PollRecords(ctx, n)
	fetches.EachError(func(topic string, partition int32, e error) {
		switch {
		case err != nil || ctx.Err() != nil:
		case fatal(e):
			err = fmt.Errorf("kafka: Run: the broker refuses %s: %w", place(topic, partition), e)
		case !errors.As(e, new(*kgo.ErrDataLoss)):
			r.warn("consuming goes on after an error", "topic", topic, "partition", partition, "err", e)
		}
	})
	fetches.EachPartition(func(f kgo.FetchTopicPartition) {
		if len(f.Records) > 0 {
			r.handOver(f)
		}
	})
	return fetches.NumRecords(), err
}

// handOver queues the records of a partition on the objects of their keys.
func (r *run) handOver(f kgo.FetchTopicPartition) {
	p := r.partition(f.Topic, f.Partition)
	if p != nil && p.precedes(f.Records[0].Offset) {
		r.warn("the log of a partition was cut: its records run again from there", "topic", f.Topic, "partition", p.number, "offset", f.Records[0].Offset)
		p = r.renew(p)
	}
	if p == nil {
		return // it is not ours; this does not happen while rebalances wait for us
	}
	p.see(f.HighWatermark)
	now := time.Now()
	for _, record := range f.Records {
		j := &job{run: r, partition: p, record: record, size: sizeOf(record), since: now}
		if !p.arrive(j) {
			continue
		}
		r.room.take(j.size)
		if record.Key == nil {
			desync.New(struct{}{}, r.alone...).Submit(j)
		} else {
			r.keys.At(Key{f.Topic, p.number, string(record.Key)}).Submit(j)
		}
	}
}

func sizeOf(record *kgo.Record) int64 {
	n := len(record.Key) + len(record.Value)
	for _, h := range record.Headers {
		n += len(h.Key) + len(h.Value)
	}
	return int64(n)
}

// close hands over all partitions and leaves the group. Without a broker it takes no longer
// than with a slow one.
func (r *run) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), r.drain+afterDrain+2*commitLimit)
	defer cancel()
	r.cl.AllowRebalance()
	if err := r.cl.LeaveGroupContext(ctx); err != nil {
		r.warn("the group could not be left; it will notice", "err", err)
	}
	r.cl.CloseAllowingRebalance()
	r.cl.AllowRebalance() // Close has polled once more, and leaves the group on a goroutine that waits for this
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range r.all() {
		r.drop(p, ErrLost) // nobody has told us that it is revoked
	}
	if r.left > 0 {
		return fmt.Errorf("kafka: Run: calls of the handler that have not ended, although their contexts have: %d; their records will run again: %w", r.left, ErrRevoked)
	}
	return nil
}
