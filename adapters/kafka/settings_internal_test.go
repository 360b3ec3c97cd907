package kafka

import (
	"context"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Sizes of zero are the defaults that the fields name.
func TestZeroIsTheDefault(t *testing.T) {
	c := Consumer{Handle: func(context.Context, *kgo.Record) error { return nil }}
	s, err := c.settings()
	if err != nil {
		t.Fatal(err)
	}
	if s.concurrency != 256 || s.buffer != 10_000 || s.bufferBytes != 64<<20 || s.attempts != 10 || s.commitEvery != time.Second || s.drain != 10*time.Second {
		t.Errorf("the defaults are %+v", s)
	}
	for attempt, want := range map[int]time.Duration{1: 100 * time.Millisecond, 2: 200 * time.Millisecond, 9: 25_600 * time.Millisecond, 10: 30 * time.Second, 1 << 40: 30 * time.Second} {
		if got := s.backoff(attempt); got != want {
			t.Errorf("after attempt %d the pause is %v, want %v", attempt, got, want)
		}
	}
}
