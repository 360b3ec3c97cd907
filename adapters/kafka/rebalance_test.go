package kafka_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/go-desync/go-desync/adapters/kafka"
)

// protocols are the ways in which a group shares its partitions.
var protocols = map[string][]kgo.Opt{
	"cooperative": nil,
	"eager":       {kgo.Balancers(kgo.RangeBalancer())},
	"KIP-848":     {kgo.ServerSideBalancer(), kgo.Balancers(kgo.StickyBalancer())},
}

// When members come and go politely, every record is handled once and those of a key in order.
func TestMembersComeAndGo(t *testing.T) {
	for name, options := range protocols {
		t.Run(name, func(t *testing.T) {
			inBubble(t, 4, func(b *bed) {
				const keys, records = 5, 200
				s := newSeen()
				c := func() *kafka.Consumer {
					return &kafka.Consumer{Handle: func(ctx context.Context, r *kgo.Record) error {
						return s.handle(r, func() error { return sleep(ctx, 100*time.Millisecond) })
					}}
				}
				stops := []func() error{b.start(c(), options...)}
				for p := range int32(4) {
					for k := range keys {
						b.produce(p, fmt.Sprint(k), 1, records)
					}
				}
				b.until("some are handled", func() bool { return s.count() > keys*records/4 })
				stops = append(stops, b.start(c(), options...), b.start(c(), options...))
				b.until("half is handled", func() bool { return s.count() > 4*keys*records/2 })
				b.stopped(stops[0])
				b.until("all are handled", func() bool { return s.count() >= 4*keys*records })
				b.stopped(stops[1])
				b.stopped(stops[2])
				for p := range int32(4) {
					for k := range keys {
						if got := s.of(p, fmt.Sprint(k)); !slices.Equal(got, upTo(1, records)) {
							b.Errorf("partition %d, key %d: handled %v", p, k, got)
						}
					}
					b.wantCommitted(p, keys*records)
				}
				if len(s.overlap) > 0 {
					b.Errorf("calls for the keys %v have overlapped", s.overlap)
				}
			})
		})
	}
}

// A handler that is still running after Drain learns that its partition was revoked, and the
// record is the new owner's.
func TestErrRevoked(t *testing.T) {
	inBubble(t, 2, func(b *bed) {
		causes := make(chan error, 2)
		first := &kafka.Consumer{Drain: 7 * time.Second, Handle: func(ctx context.Context, r *kgo.Record) error {
			began := time.Now()
			<-ctx.Done()
			if took := time.Since(began); took < 7*time.Second {
				b.Errorf("the context has ended after %v", took)
			}
			causes <- context.Cause(ctx)
			return ctx.Err()
		}}
		stop := b.start(first)
		b.produce(0, "a", 1, 3)
		b.produce(1, "b", 1, 3)
		b.until("both have begun", func() bool { return first.Stats().Running == 2 })
		s := newSeen()
		second := &kafka.Consumer{Handle: func(_ context.Context, r *kgo.Record) error { return s.handle(r, func() error { return nil }) }}
		stopSecond := b.start(second)
		if cause := <-causes; !errors.Is(cause, kafka.ErrRevoked) {
			b.Errorf("the cause is %v", cause)
		}
		b.until("the new owner has handled its partition", func() bool { return s.count() == 3 })
		b.stopped(stop) // the other handler ends when its context does
		if cause := <-causes; !errors.Is(cause, kafka.ErrRevoked) {
			b.Errorf("at the end of Run the cause is %v", cause)
		}
		b.until("all are handled", func() bool { return s.count() == 6 })
		b.stopped(stopSecond)
		b.wantCommitted(0, 3)
		b.wantCommitted(1, 3)
	})
}

// A handler that does not end keeps Run for no longer than Drain.
func TestRunDoesNotWaitForever(t *testing.T) {
	inBubble(t, 1, func(b *bed) {
		s, release := newSeen(), make(chan struct{})
		c := &kafka.Consumer{Handle: func(_ context.Context, r *kgo.Record) error {
			return s.handle(r, func() error {
				if string(r.Key) == "stuck" {
					<-release
				}
				return nil
			})
		}}
		b.produce(0, "stuck", 1, 3)
		b.produce(0, "good", 1, 3)
		stop := b.start(c)
		b.until("the other key is done", func() bool { return len(s.of(0, "good")) == 3 })
		began := time.Now()
		err := stop()
		if !errors.Is(err, kafka.ErrRevoked) || err.Error() != "kafka: Run: calls of the handler that have not ended, although their contexts have: 1; their records will run again: kafka: the partition was revoked" {
			b.Errorf("Run has returned %v", err)
		}
		if took := time.Since(began); took < 10*time.Second || took > 12*time.Second {
			b.Errorf("it took %v", took)
		}
		b.wantCommitted(0, 0)
		close(release)
		b.until("the stuck call has ended", func() bool { s.mu.Lock(); defer s.mu.Unlock(); return s.atOnce == 0 })
		if got := s.of(0, "stuck"); !slices.Equal(got, []int{1}) {
			b.Errorf("after Run, handlers were called for %v", got)
		}
	})
}

// Run ends although no broker answers any more.
func TestRunEndsWithoutBrokers(t *testing.T) {
	inBubble(t, 1, func(b *bed) {
		s := newSeen()
		c := &kafka.Consumer{Handle: func(_ context.Context, r *kgo.Record) error { return s.handle(r, func() error { return nil }) }}
		b.produce(0, "k", 1, 3)
		stop := b.start(c)
		b.until("the records are handled", func() bool { return s.count() == 3 })
		b.cluster.Close()
		time.Sleep(time.Minute)
		began := time.Now()
		b.stopped(stop)
		if took := time.Since(began); took > 40*time.Second {
			b.Errorf("it took %v", took)
		}
	})
}

// When the group has thrown the consumer out, its handlers learn that the partition is lost.
// Nothing that they do is committed then, and in this process the record waits for them.
func TestErrLost(t *testing.T) {
	inBubble(t, 1, func(b *bed) {
		s := newSeen()
		lost, release := make(chan error, 1), make(chan struct{})
		c := &kafka.Consumer{Handle: func(ctx context.Context, r *kgo.Record) error {
			return s.handle(r, func() error {
				if len(s.of(0, "k")) == 1 {
					<-ctx.Done()
					lost <- context.Cause(ctx)
					<-release
				}
				return nil
			})
		}}
		b.produce(0, "k", 1, 2)
		stop := b.start(c)
		b.until("the record has begun", func() bool { return s.count() == 1 })
		b.cluster.ControlKey(int16(kmsg.Heartbeat), func(request kmsg.Request) (kmsg.Response, error, bool) {
			response := request.ResponseKind().(*kmsg.HeartbeatResponse)
			response.ErrorCode = kerr.UnknownMemberID.Code
			return response, nil, true
		})
		if cause := <-lost; !errors.Is(cause, kafka.ErrLost) {
			b.Errorf("the cause is %v", cause)
		}
		time.Sleep(time.Minute)
		if n := s.count(); n != 1 {
			b.Errorf("%d calls have begun while the first still ran", n)
		}
		b.wantCommitted(0, 0)
		close(release)
		b.until("the records are handled again", func() bool { return s.count() == 3 })
		b.stopped(stop)
		if got := s.of(0, "k"); !slices.Equal(got, []int{1, 1, 2}) {
			b.Errorf("handled %v", got)
		}
		b.wantCommitted(0, 2)
	})
}

// What a partition that is gone has held takes no room, even while its handler does not end.
func TestLostRecordsTakeNoRoom(t *testing.T) {
	inBubble(t, 1, func(b *bed) {
		release := make(chan struct{})
		c := &kafka.Consumer{Buffer: 10, Handle: func(context.Context, *kgo.Record) error { <-release; return nil }}
		b.produce(0, "k", 1, 50)
		stop := b.start(c)
		b.until("the buffer is full", func() bool { return c.Stats().Held == 10 })
		b.cluster.ControlKey(int16(kmsg.Heartbeat), func(request kmsg.Request) (kmsg.Response, error, bool) {
			response := request.ResponseKind().(*kmsg.HeartbeatResponse)
			response.ErrorCode = kerr.UnknownMemberID.Code
			return response, nil, true
		})
		b.until("they are held again, beside the one that runs", func() bool {
			stats := c.Stats()
			return len(stats.Partitions) == 1 && stats.Partitions[0].Open == 9 && stats.Held == 10
		})
		close(release)
		b.until("all are handled", func() bool { return c.Stats().Held == 0 && c.Stats().Partitions[0].Lag == 0 })
		b.stopped(stop)
		b.wantCommitted(0, 50)
	})
}
