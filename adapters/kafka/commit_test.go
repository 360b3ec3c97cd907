package kafka_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/go-desync/go-desync/adapters/kafka"
)

// refuseCommits makes the brokers refuse what commits say of partitions for which f returns a
// code.
func (b *bed) refuseCommits(f func(kmsg.OffsetCommitRequestTopicPartition) int16) {
	b.cluster.ControlKey(int16(kmsg.OffsetCommit), func(request kmsg.Request) (kmsg.Response, error, bool) {
		b.cluster.KeepControl()
		commit, any := request.(*kmsg.OffsetCommitRequest), false
		response := commit.ResponseKind().(*kmsg.OffsetCommitResponse)
		for _, t := range commit.Topics {
			answer := kmsg.NewOffsetCommitResponseTopic()
			answer.Topic, answer.TopicID = t.Topic, t.TopicID
			for _, p := range t.Partitions {
				one := kmsg.NewOffsetCommitResponseTopicPartition()
				one.Partition, one.ErrorCode = p.Partition, f(p)
				any = any || one.ErrorCode != 0
				answer.Partitions = append(answer.Partitions, one)
			}
			response.Topics = append(response.Topics, answer)
		}
		return response, nil, any
	})
}

// stuckOn handles all records but those of one key, which it holds until the context ends.
func stuckOn(s *seen, key string) func(context.Context, *kgo.Record) error {
	return func(ctx context.Context, r *kgo.Record) error {
		return s.handle(r, func() error {
			if string(r.Key) == key {
				<-ctx.Done()
				return ctx.Err()
			}
			return nil
		})
	}
}

// After a crash only what was done after the last commit runs again, and what was open,
// however much was done behind it, and also if the next owner crashes before it has got so far.
func TestDoneRecordsRunAgainOnlyWithoutACommit(t *testing.T) {
	for name, plain := range map[string]bool{"with metadata": false, "plain": true} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, 1, func(b *bed) {
				b.produce(0, "stuck", 1, 1)
				b.produce(0, "a", 1, 50)
				b.produce(0, "stuck", 2, 2)
				b.produce(0, "a", 51, 100)
				s := newSeen()
				c := &kafka.Consumer{Handle: stuckOn(s, "stuck"), Drain: time.Second, PlainCommits: plain}
				stop := b.start(c)
				b.until("the other key is done", func() bool { return len(s.of(0, "a")) == 100 })
				b.until("it is committed", func() bool { at, metadata := b.committed(0); return at == 0 && len(metadata) > 0 })
				time.Sleep(2 * time.Second)
				crashed := false
				b.refuseCommits(func(kmsg.OffsetCommitRequestTopicPartition) int16 {
					if crashed {
						return kerr.UnknownServerError.Code
					}
					return 0
				})
				crashed = true
				b.produce(0, "a", 101, 120)
				b.until("more is done", func() bool { return len(s.of(0, "a")) == 120 })
				b.stopped(stop)
				crashed = false

				// The next owner gets no further than the first records, and commits that.
				s = newSeen()
				c = &kafka.Consumer{Handle: stuckOn(s, "stuck"), Drain: time.Second, Buffer: 1, PlainCommits: plain}
				stop = b.start(c)
				b.until("the stuck key has begun", func() bool { return len(s.of(0, "stuck")) == 1 })
				time.Sleep(5 * time.Second)
				b.stopped(stop)

				s = newSeen()
				c = &kafka.Consumer{Handle: func(_ context.Context, r *kgo.Record) error { return s.handle(r, func() error { return nil }) }, PlainCommits: plain}
				stop = b.start(c)
				b.until("all are done", func() bool { at, _ := b.committed(0); return at == 122 })
				b.stopped(stop)
				want := upTo(101, 120)
				if plain {
					want = upTo(1, 120)
				}
				if got := s.of(0, "a"); !slices.Equal(got, want) {
					b.Errorf("these have run again: %v, want %v", got, want)
				}
				if got := s.of(0, "stuck"); !slices.Equal(got, []int{1, 2}) {
					b.Errorf("of the stuck key %v were handled", got)
				}
			})
		})
	}
}

// lines is a logger of the client that keeps what this package tells.
type lines struct {
	mu  sync.Mutex
	all []string
}

func (*lines) Level() kgo.LogLevel { return kgo.LogLevelInfo }

func (l *lines) Log(level kgo.LogLevel, message string, keyvals ...any) {
	if strings.HasPrefix(message, "kafka: ") {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.all = append(l.all, fmt.Sprint(message, keyvals))
	}
}

// Metadata that is foreign, cut or of another offset is ignored, with one line for the log, and
// nothing is lost.
func TestMetadataOfOthersIsIgnored(t *testing.T) {
	// What a commit of this package says, by the test above.
	var ours string
	inBubble(t, 1, func(b *bed) {
		b.produce(0, "stuck", 1, 1)
		b.produce(0, "a", 1, 9)
		stop := b.start(&kafka.Consumer{Handle: stuckOn(newSeen(), "stuck"), Drain: time.Second})
		b.until("a commit", func() bool { _, ours = b.committed(0); return ours != "" })
		b.stopped(stop)
	})
	for name, test := range map[string]struct {
		at       int64
		metadata string
		log      string
		first    int
	}{
		"ours":    {0, ours, "", 10},
		"foreign": {0, "kgo-1234", "is not from this package", 1},
		"cut":     {0, ours[:len(ours)-2], "damaged", 1},
		"broken":  {0, ours + "!", "damaged", 1},
		"short":   {0, ours[:10], "damaged", 1},
		"stale":   {1, ours, "belongs to another offset", 1},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, 1, func(b *bed) {
				b.produce(0, "stuck", 1, 1)
				b.produce(0, "a", 1, 10)
				var offsets kadm.Offsets
				offsets.Add(kadm.Offset{Topic: topic, Partition: 0, At: test.at, LeaderEpoch: -1, Metadata: test.metadata})
				if err := kadm.NewClient(b.client).CommitAllOffsets(b.Context(), group, offsets); err != nil {
					b.Fatal(err)
				}
				s, log := newSeen(), new(lines)
				c := &kafka.Consumer{Handle: func(_ context.Context, r *kgo.Record) error { return s.handle(r, func() error { return nil }) }}
				stop := b.start(c, kgo.WithLogger(log))
				b.until("all are done", func() bool { at, _ := b.committed(0); return at == 11 })
				b.stopped(stop)
				if got := s.of(0, "a"); !slices.Equal(got, upTo(test.first, 10)) {
					b.Errorf("handled %v", got)
				}
				switch {
				case test.log == "" && len(log.all) > 0:
					b.Errorf("the log has %q", log.all)
				case test.log != "" && (len(log.all) != 1 || !strings.Contains(log.all[0], test.log)):
					b.Errorf("the log has %q, want one line with %q", log.all, test.log)
				}
			})
		})
	}
}

// A broker that takes less metadata gets less, and at last none: the offset is committed in any
// case.
func TestBrokerThatTakesLessMetadata(t *testing.T) {
	for most := range map[int]bool{300: true, 0: true} {
		t.Run(fmt.Sprint(most), func(t *testing.T) {
			inBubble(t, 1, func(b *bed) {
				b.refuseCommits(func(p kmsg.OffsetCommitRequestTopicPartition) int16 {
					if p.Metadata != nil && len(*p.Metadata) > most {
						return kerr.OffsetMetadataTooLarge.Code
					}
					return 0
				})
				b.produce(0, "good", 1, 1)
				for k := range 500 {
					b.produce(0, fmt.Sprint(k), 1, 1)
					b.produce(0, "good", k+2, k+2)
				}
				c := &kafka.Consumer{Drain: time.Second, Handle: func(ctx context.Context, r *kgo.Record) error {
					if string(r.Key) != "good" {
						<-ctx.Done()
						return ctx.Err()
					}
					return nil
				}, Concurrency: 501}
				stop := b.start(c)
				b.until("a commit", func() bool { at, _ := b.committed(0); return at == 1 })
				_, metadata := b.committed(0)
				if most > 0 && len(metadata) < most/5 || len(metadata) > most {
					b.Errorf("the metadata has %d bytes, of %d", len(metadata), most)
				}
				b.stopped(stop)
			})
		})
	}
}
