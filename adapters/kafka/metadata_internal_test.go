package kafka

import (
	"context"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
)

// What a commit says of the records beyond its offset can be read again. If it does not fit, it
// says less, and never that an open record is done.
func TestMetadata(t *testing.T) {
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 1))
		f := finished{base: random.Int64N(1 << (1 + seed%60)), epoch: int32(random.IntN(5)) - 1}
		next := f.base
		for range 1 + random.IntN(3000) {
			f.open = append(f.open, next)
			next += 1 + random.Int64N(1<<random.IntN(10))
		}
		f.upper = next + random.Int64N(5)
		limit := random.IntN(5000)
		text := f.metadata(limit)
		if len(text) > limit {
			t.Fatalf("seed %d: %d bytes, of %d", seed, len(text), limit)
		}
		if text == "" {
			if limit > 60 {
				t.Fatalf("seed %d: nothing, with a limit of %d", seed, limit)
			}
			continue
		}
		g, err := parse(text, f.base)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if g.base != f.base || g.epoch != f.epoch || g.upper > f.upper || g.upper < f.upper && limit > 4096 && len(f.open) < 1000 {
			t.Fatalf("seed %d: from %d of epoch %d to %d, want from %d of epoch %d to %d", seed, g.base, g.epoch, g.upper, f.base, f.epoch, f.upper)
		}
		for _, o := range f.open {
			if g.has(o) {
				t.Fatalf("seed %d: the open offset %d is done", seed, o)
			}
		}
		g, _ = parse(text, f.base)
		for o := g.base; o < min(g.upper, g.base+1000); o++ {
			if g.has(o) == slices.Contains(f.open, o) {
				t.Fatalf("seed %d: whether offset %d is done", seed, o)
			}
		}
		for _, broken := range []string{text[:len(text)-1], text[:len(text)/2], text + "AAAA", word, word + base64.RawStdEncoding.EncodeToString(make([]byte, 3))} {
			if _, err := parse(broken, f.base); err != errCut {
				t.Fatalf("seed %d: %q is read: %v", seed, broken, err)
			}
		}
	}
}

// About as many open records fit as the documentation says.
func TestMetadataHasRoom(t *testing.T) {
	f := finished{upper: 1 << 40}
	for o := range int64(10_000) {
		f.open = append(f.open, 1000*o)
	}
	g, err := parse(f.metadata(defaultMetadata), 0)
	if err != nil || len(g.open) < 1500 || len(g.open) > 1600 {
		t.Errorf("%d open records fit, %v", len(g.open), err)
	}
}

// After the log was cut, its records are others, and those that had the same offsets are of no
// account.
func TestRecordsOfALaterLeader(t *testing.T) {
	p := newPartition("t", 0)
	p.skip = &finished{base: 0, upper: 100, epoch: 3, open: []int64{0}}
	for _, step := range []struct {
		offset int64
		epoch  int32
		open   bool
	}{{0, 3, true}, {1, 3, false}, {2, 2, false}, {3, 4, true}, {4, 4, true}} {
		j := &job{record: &kgo.Record{Offset: step.offset, LeaderEpoch: step.epoch}}
		if open := p.arrive(j); open != step.open {
			t.Errorf("offset %d of epoch %d: open is %v", step.offset, step.epoch, open)
		}
	}
}

// A partition whose log was cut begins anew, and its handlers learn that they have lost it.
func TestLogThatWasCut(t *testing.T) {
	var c Consumer
	c.Handle = func(ctx context.Context, _ *kgo.Record) error { <-ctx.Done(); return ctx.Err() }
	s, err := c.settings()
	if err != nil {
		t.Fatal(err)
	}
	r := newRun(s, "g")
	r.assigned(nil, nil, map[string][]int32{"t": {0}})
	hand := func(offsets ...int64) *partition {
		f := kgo.FetchTopicPartition{Topic: "t"}
		for _, o := range offsets {
			f.Records = append(f.Records, &kgo.Record{Topic: "t", Offset: o, Key: fmt.Append(nil, o)})
		}
		r.handOver(f)
		return r.partition("t", 0)
	}
	first := hand(10, 11, 12)
	second := hand(11, 12)
	if first == second {
		t.Fatal("the partition goes on")
	}
	<-first.idle
	if cause := context.Cause(first.ctx); cause != ErrLost {
		t.Errorf("the cause is %v", cause)
	}
	if m, ok := second.progress(false); !ok || m.offset != 11 {
		t.Errorf("the progress is %+v", m)
	}
	if _, ok := first.progress(false); ok {
		t.Error("the old one is committed")
	}
	r.lost(nil, nil, map[string][]int32{"t": {0}})
	<-second.idle
	r.keys.Wait(t.Context())
	if n := r.room.taken.Load(); n != 0 {
		t.Errorf("%d records are held", n)
	}
}
