package main

import (
	"testing"
	"time"
)

func TestTimeLeft(t *testing.T) {
	start := time.Now()
	l := left{rough: []time.Duration{10 * time.Second, 20 * time.Second, 90 * time.Second}, start: start}
	for _, c := range []struct {
		done  int
		share float64
		spent time.Duration
		want  string
	}{
		{0, 0, 0, ", about 3 min left"},
		{1, 0.5, 20 * time.Second, ", about 2 min left"}, // as rough as it says
		{1, 0.5, 60 * time.Second, ", about 6 min left"}, // three times as slow
		{2, 0.9, 111 * time.Second, ", about 10 s left"},
	} {
		if got := l.text(c.done, c.share, start.Add(c.spent)); got != c.want {
			t.Errorf("%d done and %v of the next after %v: %q, want %q", c.done, c.share, c.spent, got, c.want)
		}
	}
}
