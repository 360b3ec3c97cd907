package kafka_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"go.uber.org/goleak"

	"github.com/go-desync/go-desync/adapters/kafka"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	topic = "orders"
	group = "shipping"
)

// A bed is a cluster in memory, in a bubble, whose clock goes on when everybody waits.
type bed struct {
	*testing.T
	network *kfake.VirtualNetwork
	cluster *kfake.Cluster
	client  *kgo.Client // to produce and to look at the group
}

// inBubble calls test with a cluster that has one topic.
func inBubble(t *testing.T, partitions int32, test func(b *bed), opts ...kfake.Opt) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := &bed{T: t, network: new(kfake.VirtualNetwork)}
		opts = append([]kfake.Opt{kfake.ListenFn(b.network.Listen), kfake.NumBrokers(2), kfake.Ports(9092, 9093), kfake.SeedTopics(partitions, topic)}, opts...)
		cluster, err := kfake.NewCluster(opts...)
		if err != nil {
			t.Fatal(err)
		}
		defer cluster.Close()
		b.cluster = cluster
		b.client = b.newClient(kgo.RecordPartitioner(kgo.ManualPartitioner()))
		defer b.client.Close()
		test(b)
	})
}

// options are those of a client of the cluster.
func (b *bed) options(more ...kgo.Opt) []kgo.Opt {
	return append([]kgo.Opt{kgo.SeedBrokers(b.cluster.ListenAddrs()...), kgo.Dialer(b.network.DialContext), kgo.DisableClientMetrics()}, more...)
}

func (b *bed) newClient(more ...kgo.Opt) *kgo.Client {
	b.Helper()
	cl, err := kgo.NewClient(b.options(more...)...)
	if err != nil {
		b.Fatal(err)
	}
	return cl
}

// produce appends records with a key, "" for none, and the values from first to last.
func (b *bed) produce(partition int32, key string, first, last int) {
	b.Helper()
	var records []*kgo.Record
	for v := first; v <= last; v++ {
		r := &kgo.Record{Topic: topic, Partition: partition, Value: []byte(strconv.Itoa(v))}
		if key != "" {
			r.Key = []byte(key)
		}
		records = append(records, r)
	}
	if err := b.client.ProduceSync(b.Context(), records...).FirstErr(); err != nil {
		b.Fatal(err)
	}
}

// start runs a Consumer and returns what ends it and returns the error of Run.
func (b *bed) start(c *kafka.Consumer, more ...kgo.Opt) (stop func() error) {
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- c.Run(ctx, b.options(append([]kgo.Opt{kgo.ConsumerGroup(group), kgo.ConsumeTopics(topic)}, more...)...)...)
	}()
	return sync.OnceValue(func() error {
		cancel()
		return <-ended
	})
}

// stopped ends a Consumer, which must have no fault.
func (b *bed) stopped(stop func() error) {
	b.Helper()
	if err := stop(); err != nil {
		b.Errorf("Run has returned %v", err)
	}
}

// until waits until the condition holds, an hour of the bubble at most.
func (b *bed) until(what string, condition func() bool) {
	b.Helper()
	for range 36_000 {
		synctest.Wait()
		if condition() {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	b.Fatalf("this does not come about: %s", what)
}

// committed returns the committed offset of a partition, -1 for none, and the metadata.
func (b *bed) committed(partition int32) (int64, string) {
	b.Helper()
	offsets, err := kadm.NewClient(b.client).FetchOffsets(b.Context(), group)
	if err != nil {
		b.Fatal(err)
	}
	o, ok := offsets.Lookup(topic, partition)
	if !ok {
		return -1, ""
	}
	return o.At, o.Metadata
}

func (b *bed) wantCommitted(partition int32, want int64) {
	b.Helper()
	if got, _ := b.committed(partition); got != want {
		b.Errorf("partition %d is committed at %d, want %d", partition, got, want)
	}
}

// seen notes the records that handlers get, as partition, key and value, and finds calls for a
// key that overlap.
type seen struct {
	mu      sync.Mutex
	values  map[string][]int
	busy    map[string]bool
	overlap []string
	at      map[string]time.Time
	atOnce  int
	most    int
}

func newSeen() *seen {
	return &seen{values: make(map[string][]int), busy: make(map[string]bool), at: make(map[string]time.Time)}
}

func (s *seen) handle(r *kgo.Record, work func() error) error {
	key := fmt.Sprintf("%d/%s", r.Partition, r.Key)
	value, _ := strconv.Atoi(string(r.Value))
	s.mu.Lock()
	if r.Key != nil {
		if s.busy[key] {
			s.overlap = append(s.overlap, key)
		}
		s.busy[key] = true
	}
	s.values[key] = append(s.values[key], value)
	s.at[fmt.Sprintf("%s:%d", key, value)] = time.Now()
	s.atOnce++
	s.most = max(s.most, s.atOnce)
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.busy, key)
		s.atOnce--
	}()
	return work()
}

func (s *seen) of(partition int32, key string) []int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.values[fmt.Sprintf("%d/%s", partition, key)])
}

func (s *seen) count() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, values := range s.values {
		n += len(values)
	}
	return n
}

// upTo returns the numbers from first to last.
func upTo(first, last int) (all []int) {
	for v := first; v <= last; v++ {
		all = append(all, v)
	}
	return all
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

var errNo = errors.New("no")
