package kafka_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/go-desync/go-desync/adapters/kafka"
)

// Records of a key are handled one at a time and in order, those of all keys once, and what is
// done is committed when Run returns.
func TestOrderOfEachKey(t *testing.T) {
	inBubble(t, 3, func(b *bed) {
		const keys, records = 20, 30
		for p := range int32(3) {
			for k := range keys {
				b.produce(p, fmt.Sprint(k), 1, records)
			}
		}
		s := newSeen()
		c := &kafka.Consumer{Handle: func(ctx context.Context, r *kgo.Record) error {
			return s.handle(r, func() error { return sleep(ctx, time.Duration(rand.IntN(20))*time.Millisecond) })
		}}
		stop := b.start(c)
		b.until("all are handled", func() bool { return s.count() == 3*keys*records })
		b.stopped(stop)
		for p := range int32(3) {
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
		if s.most < 3*keys/2 {
			b.Errorf("%d handlers at once: keys have waited for each other", s.most)
		}
	})
}

// A key that does not end holds up no other, and a record without a key waits for none.
func TestKeysDoNotWaitForEachOther(t *testing.T) {
	inBubble(t, 1, func(b *bed) {
		b.produce(0, "stuck", 1, 2)
		b.produce(0, "", 1, 5)
		b.produce(0, "other", 1, 5)
		s, release := newSeen(), make(chan struct{})
		c := &kafka.Consumer{Handle: func(_ context.Context, r *kgo.Record) error {
			return s.handle(r, func() error {
				if string(r.Key) != "other" {
					<-release
				}
				return nil
			})
		}}
		stop := b.start(c)
		b.until("all but the second of the stuck key have begun", func() bool { return s.count() == 11 })
		if got := s.of(0, "stuck"); !slices.Equal(got, []int{1}) {
			b.Errorf("of the stuck key %v have begun", got)
		}
		if s.most < 6 {
			b.Errorf("only %d handlers at once: records without a key have waited for each other", s.most)
		}
		b.until("a commit", func() bool { at, _ := b.committed(0); return at == 0 })
		close(release)
		b.until("all are done", func() bool { return s.count() == 12 })
		b.stopped(stop)
		b.wantCommitted(0, 12)
	})
}

func TestConcurrencyIsTheBoundOfHandlers(t *testing.T) {
	inBubble(t, 2, func(b *bed) {
		for k := range 30 {
			b.produce(int32(k%2), fmt.Sprint(k), 1, 2)
		}
		s := newSeen()
		c := &kafka.Consumer{Concurrency: 7, Handle: func(ctx context.Context, r *kgo.Record) error {
			return s.handle(r, func() error { return sleep(ctx, time.Millisecond) })
		}}
		stop := b.start(c)
		b.until("all are handled", func() bool { return s.count() == 60 })
		b.stopped(stop)
		if s.most != 7 {
			b.Errorf("%d handlers at once, want 7", s.most)
		}
	})
}

// With a full buffer nothing more is taken, and the consumer keeps its place in the group; when
// there is room it goes on.
func TestBufferIsTheBoundOfWhatIsHeld(t *testing.T) {
	for name, c := range map[string]*kafka.Consumer{
		"records":                 {Buffer: 5},
		"bytes":                   {BufferBytes: 20}, // a record has 4: a key of two, a value of two
		"a record over the bound": {BufferBytes: 3},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, 1, func(b *bed) {
				b.produce(0, "kk", 10, 99)
				s, release := newSeen(), make(chan struct{})
				c.Handle = func(_ context.Context, r *kgo.Record) error {
					return s.handle(r, func() error { <-release; return nil })
				}
				stop := b.start(c, kgo.SessionTimeout(6*time.Second))
				b.until("the buffer is full", func() bool { return c.Stats().Held > 0 })
				time.Sleep(time.Minute)
				held := c.Stats()
				if want := map[string]int{"records": 5, "bytes": 5, "a record over the bound": 1}[name]; held.Held != want {
					b.Errorf("%d records of %d bytes are held, want %d", held.Held, held.HeldBytes, want)
				}
				if lag := held.Partitions[0].Lag; lag != 90 {
					b.Errorf("the lag is %d, want 90", lag)
				}
				close(release)
				b.until("all are handled", func() bool { return s.count() == 90 && c.Stats().Held == 0 })
				if got := s.of(0, "kk"); !slices.Equal(got, upTo(10, 99)) {
					b.Errorf("handled %v", got)
				}
				b.stopped(stop)
				b.wantCommitted(0, 90)
			})
		})
	}
}
