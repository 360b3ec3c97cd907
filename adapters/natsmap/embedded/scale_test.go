package embedded_test

import (
	"context"
	"fmt"
	"hash/fnv"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/go-desync/go-desync/adapters/natsmap"
	"github.com/go-desync/go-desync/adapters/natsmap/embedded"
)

// A tally is what a key has seen: how many numbers, their sum, and a hash of them in their
// order.
type tally struct {
	N, Sum int
	Order  uint64
}

func (y *tally) add(n int) {
	y.N++
	y.Sum += n
	h := fnv.New64a()
	fmt.Fprint(h, y.Order, n)
	y.Order = h.Sum64()
}

var (
	tallies = natsmap.New[tally]("tallies", natsmap.Partitions(32), natsmap.Lease(time.Second))
	count   = tallies.Command("count", func(_ *natsmap.Turn, y *tally, n int) (int, error) {
		y.add(n)
		return y.N, nil
	})
)

// hand hands numbers to keys, and returns what each key should have seen.
func hand(t *testing.T, m *natsmap.Map[tally], commands, keys int) map[string]*tally {
	t.Helper()
	want := map[string]*tally{}
	var all sync.WaitGroup
	for k := range keys {
		y := &tally{}
		key := fmt.Sprintf("key %d", k)
		want[key] = y
		all.Go(func() {
			for i := range commands / keys {
				if err := m.Async(t.Context(), key, count, i); err != nil {
					t.Error(err)
					return
				}
				y.add(i)
			}
		})
	}
	all.Wait()
	return want
}

func check(t *testing.T, m *natsmap.Map[tally], want map[string]*tally, limit time.Duration) {
	t.Helper()
	deadline := time.Now().Add(limit)
	for key, w := range want {
		for {
			got, _, err := m.Get(t.Context(), key)
			if err == nil && got == *w {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("%s has %+v, %v; want %+v", key, got, err, *w)
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
}

func open(t *testing.T, nc *nats.Conn) *natsmap.Map[tally] {
	t.Helper()
	m, err := tallies.Open(t.Context(), nc)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	return m
}

// Processes come and go while commands are handed over; each key sees each once, in order.
func TestProcessesComeAndGo(t *testing.T) {
	s, err := embedded.Start(t.TempDir(), embedded.WithoutSync())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	conn := func() *nats.Conn {
		nc, err := s.Conn()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(nc.Close)
		return nc
	}
	ctx, cancel := context.WithCancel(t.Context())
	var serving sync.WaitGroup
	for range 3 {
		m := open(t, conn())
		serving.Go(func() {
			for ctx.Err() == nil {
				some, stop := context.WithTimeout(ctx, 700*time.Millisecond)
				if err := m.Serve(some); err != nil {
					t.Error(err)
				}
				stop()
			}
		})
	}
	m := open(t, conn())
	begun := time.Now()
	want := hand(t, m, 20_000, 50)
	t.Logf("handed over in %v", time.Since(begun))
	check(t, m, want, 30*time.Second)
	t.Logf("done in %v", time.Since(begun))
	cancel()
	serving.Wait()
}

func BenchmarkDrain(b *testing.B) {
	for _, keys := range []int{100, 5000} {
		b.Run(fmt.Sprintf("keys=%d", keys), func(b *testing.B) {
			s, err := embedded.Start(b.TempDir(), embedded.WithoutSync())
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			nc, _ := s.Conn()
			defer nc.Close()
			m, err := tallies.Open(b.Context(), nc)
			if err != nil {
				b.Fatal(err)
			}
			var all sync.WaitGroup
			n := 100_000
			begun := time.Now()
			for k := range keys {
				all.Go(func() {
					for i := range n / keys {
						_ = m.Async(b.Context(), fmt.Sprint(k), count, i)
					}
				})
			}
			all.Wait()
			b.Logf("published in %v", time.Since(begun))
			begun = time.Now()
			ctx, cancel := context.WithCancel(b.Context())
			ended := make(chan error, 1)
			go func() { ended <- m.Serve(ctx) }()
			for k := range keys {
				for {
					got, _, _ := m.Get(b.Context(), fmt.Sprint(k))
					if got.N == n/keys {
						break
					}
					time.Sleep(time.Millisecond)
				}
			}
			b.Logf("drained in %v: %.0f/s", time.Since(begun), float64(n)/time.Since(begun).Seconds())
			cancel()
			<-ended
		})
	}
}
