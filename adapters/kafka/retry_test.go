package kafka_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/go-desync/go-desync/adapters/kafka"
	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

// failing are the ways in which a handler can fail, and a test of the error that it makes.
var failing = map[string]struct {
	fail  func() error
	right func(error) bool
}{
	"error":  {func() error { return errNo }, func(err error) bool { return errors.Is(err, errNo) }},
	"panic":  {func() error { panic(errNo) }, func(err error) bool { return errors.As(err, new(*desync.PanicError)) && errors.Is(err, errNo) }},
	"goexit": {func() error { runtime.Goexit(); return nil }, func(err error) bool { return errors.Is(err, futures.ErrGoexit) }},
}

// A record that fails is tried again in its place: the later ones of its key wait, those of
// other keys do not, and Stats names it.
func TestRetriesHoldUpTheirKeyOnly(t *testing.T) {
	for name, way := range failing {
		t.Run(name, func(t *testing.T) {
			inBubble(t, 1, func(b *bed) {
				s, began := newSeen(), time.Now()
				c := &kafka.Consumer{Handle: func(_ context.Context, r *kgo.Record) error {
					return s.handle(r, func() error {
						if string(r.Key) == "bad" && string(r.Value) == "1" && time.Since(began) < time.Hour {
							return way.fail()
						}
						return nil
					})
				}}
				stop := b.start(c)
				b.produce(0, "bad", 1, 2)
				b.produce(0, "good", 1, 3)
				b.until("the other key is done", func() bool { return len(s.of(0, "good")) == 3 })
				time.Sleep(10 * time.Minute)
				bad := s.of(0, "bad")
				// 100 ms doubling to 30 s: eight attempts in 25.5 s, and then two a minute.
				if len(bad) < 27 || len(bad) > 28 || slices.Contains(bad, 2) {
					b.Errorf("after ten minutes the handler was called for %v", bad)
				}
				p := c.Stats().Partitions[0]
				if len(p.Retried) != 1 || p.Retried[0].Key != "bad" || p.Retried[0].Offset != 0 || p.Retried[0].Attempt != len(bad) || !way.right(p.Retried[0].Err) {
					b.Errorf("Stats names %+v", p.Retried)
				}
				if p.Open != 2 || p.Oldest != 0 || p.Beyond != 3 || p.OldestAge < 10*time.Minute {
					b.Errorf("Stats has %+v", p)
				}
				time.Sleep(time.Hour)
				b.until("the key goes on", func() bool { return slices.Contains(s.of(0, "bad"), 2) })
				if p := c.Stats().Partitions[0]; len(p.Retried) != 0 || p.Open != 0 || p.Oldest != -1 || p.Beyond != 0 {
					b.Errorf("at last Stats has %+v", p)
				}
				b.stopped(stop)
				b.wantCommitted(0, 5)
				if len(s.overlap) > 0 {
					b.Error("calls for the key have overlapped")
				}
			})
		})
	}
}

// Backoff and Attempts are the user's, and GiveUp is asked until it takes the record, whatever
// it does.
func TestGiveUp(t *testing.T) {
	for name, way := range failing {
		t.Run(name, func(t *testing.T) {
			inBubble(t, 1, func(b *bed) {
				b.produce(0, "k", 1, 2)
				var mu sync.Mutex
				var calls []string
				note := func(format string, args ...any) int {
					mu.Lock()
					defer mu.Unlock()
					calls = append(calls, fmt.Sprintf(format, args...))
					return len(calls)
				}
				c := &kafka.Consumer{
					Attempts: 2,
					Backoff:  func(attempt int) time.Duration { return time.Duration(attempt) * time.Minute },
					Handle: func(_ context.Context, r *kgo.Record) error {
						note("%s", r.Value)
						if string(r.Value) == "1" {
							return errNo
						}
						return nil
					},
					GiveUp: func(_ context.Context, r *kgo.Record, err error) error {
						if note("give up %s: %v", r.Value, err) < 7 {
							return way.fail()
						}
						return nil
					},
				}
				began := time.Now()
				stop := b.start(c)
				want := "1, 1, give up 1: no, 1, give up 1: no, 1, give up 1: no, 2"
				b.until("the second record is handled", func() bool { mu.Lock(); defer mu.Unlock(); return len(calls) == 8 })
				if got := strings.Join(calls, ", "); got != want {
					b.Errorf("calls: %s\nwant   %s", got, want)
				}
				if took := time.Since(began).Round(time.Minute); took != 6*time.Minute { // 1 + 2 + 3
					b.Errorf("the pauses took %v", took)
				}
				b.stopped(stop)
				b.wantCommitted(0, 2)
			})
		})
	}
}

// A dead letter is in its topic before the record is done, and says where it comes from.
func TestDeadLetter(t *testing.T) {
	inBubble(t, 1, func(b *bed) {
		letters := b.newClient(kgo.AllowAutoTopicCreation(), kgo.ConsumeTopics("dead"))
		defer letters.Close()
		b.produce(0, "k", 1, 3)
		s := newSeen()
		c := &kafka.Consumer{
			Attempts: 1,
			GiveUp:   kafka.DeadLetter(letters, "dead"),
			Handle: func(_ context.Context, r *kgo.Record) error {
				return s.handle(r, func() error {
					if string(r.Value) == "2" {
						return errors.New(strings.Repeat("long ", 1000))
					}
					return nil
				})
			},
		}
		stop := b.start(c)
		b.until("the topic of dead letters is missed", func() bool { return len(c.Stats().Partitions) > 0 && len(c.Stats().Partitions[0].Retried) > 0 })
		if got := s.of(0, "k"); slices.Contains(got, 3) {
			b.Error("the key went on before the letter was in its topic")
		}
		if err := b.cluster.CreateTopic("dead", 1, nil); err != nil {
			b.Fatal(err)
		}
		b.until("the key goes on", func() bool { return slices.Contains(s.of(0, "k"), 3) })
		b.stopped(stop)
		b.wantCommitted(0, 3)
		r := letters.PollFetches(b.Context()).Records()[0]
		letter, ok := kafka.ReadLetter(r)
		if !ok || letter.Topic != topic || letter.Partition != 0 || letter.Offset != 1 || len(letter.Err) > 1100 || !strings.HasPrefix(letter.Err, "long long") {
			b.Errorf("the letter says %+v, %v", letter, ok)
		}
		if string(r.Key) != "k" || string(r.Value) != "2" {
			b.Errorf("the letter is %s %s", r.Key, r.Value)
		}
		if _, ok := kafka.ReadLetter(&kgo.Record{Headers: r.Headers[:2]}); ok {
			b.Error("a record without all headers is taken for a letter")
		}
	})
}
