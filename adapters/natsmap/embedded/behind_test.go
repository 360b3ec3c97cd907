package embedded_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-desync/go-desync/adapters/natsmap"
	"github.com/go-desync/go-desync/adapters/natsmap/embedded"
)

// A slow family has one partition, and a command that waits for the gate if the key is slow.
type slow struct {
	m     *natsmap.Map[tally]
	count *natsmap.Command[tally, int, int]
	begun chan struct{}
	gate  chan struct{}
}

func newSlow(t *testing.T, name string, opts ...natsmap.Option) *slow {
	t.Helper()
	s := &slow{begun: make(chan struct{}, 10_000), gate: make(chan struct{})}
	f := natsmap.New[tally](name, append(opts, natsmap.Partitions(1), natsmap.Lease(time.Second), natsmap.Running(64))...)
	s.count = f.Command("count", func(turn *natsmap.Turn, y *tally, n int) (int, error) {
		if strings.HasPrefix(turn.Key, "slow") {
			s.begun <- struct{}{}
			select {
			case <-s.gate:
			case <-turn.Context().Done():
				return 0, turn.Context().Err()
			}
		}
		y.add(n)
		return y.N, nil
	})
	var err error
	if s.m, err = f.Open(within(t), embedded.Test(t)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.m.Close)
	return s
}

// hand hands numbers to a key, and returns what it should have seen.
func (s *slow) hand(t *testing.T, key string, n int) (want tally) {
	t.Helper()
	for i := range n {
		if err := s.m.Async(within(t), key, s.count, i); err != nil {
			t.Fatal(err)
		}
		want.add(i)
	}
	return want
}

func (s *slow) serve(t *testing.T) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.m.Serve(ctx) }()
	return func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

// Keys that stand still do not hold up the others, take little memory however long their
// backlog, and lose nothing.
func TestKeysThatAreBehind(t *testing.T) {
	s := newSlow(t, "behind")
	const keys, backlog = 5, 500
	want := map[string]*tally{}
	for k := range keys {
		key := fmt.Sprintf("slow %d", k)
		y := s.hand(t, key, backlog)
		want[key] = &y
	}
	stop := s.serve(t)
	for range keys {
		<-s.begun
	}
	for i := range 100 {
		if n, err := s.m.Sync(within(t), "quick", s.count, i); err != nil || n != i+1 {
			t.Fatalf("a quick key gave %d, %v; want %d", n, err, i+1)
		}
	}
	stats := s.m.Stats()
	if p := stats.Partitions[0]; p.Checkpoint != 0 || p.Open > 64+128*keys || p.Lag < keys*backlog-100 {
		t.Errorf("the partition is %+v; want the checkpoint 0, at most 64 and 128 for each key open, and the backlog as lag", p)
	}
	if len(stats.Held) != keys || stats.Held[0].Key != "slow 0" || stats.Held[0].Queued > 128 || stats.Held[0].Parked {
		t.Errorf("behind are %+v; want %d keys with at most 128 commands each", stats.Held, keys)
	}
	_, _, rows := s.m.Table()
	if all := rows(); len(all) != 1+keys || all[1][1] != "slow 0" || !strings.HasPrefix(all[1][3], "behind at ") || !strings.HasSuffix(all[0][2], "(this process)") {
		t.Errorf("the table is %v", all)
	}
	close(s.gate)
	for key, w := range want {
		for i := range 10 { // behind the backlog, and its end
			n, err := s.m.Sync(within(t), key, s.count, backlog+i)
			w.add(backlog + i)
			if err != nil || n != w.N {
				t.Fatalf("%s gave %d, %v; want %d", key, n, err, w.N)
			}
		}
		if got, _, err := s.m.Get(within(t), key); err != nil || got != *w {
			t.Errorf("%s has %+v, %v; want %+v", key, got, err, *w)
		}
	}
	if held := s.m.Stats().Held; len(held) != 0 {
		t.Errorf("in the end %v are behind", held)
	}
	stop()
}

// The next owner of keys that are behind begins where they are.
func TestKeysThatAreBehindMove(t *testing.T) {
	s := newSlow(t, "move")
	want := s.hand(t, "slow", 300)
	stop := s.serve(t)
	<-s.begun
	if _, err := s.m.Sync(within(t), "quick", s.count, 1); err != nil {
		t.Fatal(err)
	}
	for range 40 {
		s.gate <- struct{}{}
	}
	stop() // the command that runs ends with its context
	stop = s.serve(t)
	defer stop()
	close(s.gate)
	if n, err := s.m.Sync(within(t), "slow", s.count, 300); err != nil || n != 301 && n != 300 {
		t.Fatalf("it gave %d, %v", n, err)
	}
	want.add(300)
	if got, _, err := s.m.Get(within(t), "slow"); err != nil || got != want {
		t.Errorf("the slow key has %+v, %v; want %+v", got, err, want)
	}
}

// What came before a command that runs for long does not wait for it.
func TestSaveBeforeALongCommand(t *testing.T) {
	s := newSlow(t, "early")
	ctx := within(t)
	first := s.m.Future(ctx, "slow", s.count, 0)
	second := s.m.Future(ctx, "slow", s.count, 1)
	for { // both are in the log
		if _, info, err := s.m.Get(ctx, "slow"); err != nil || info.Exists {
			t.Fatal(info, err)
		}
		if len(s.begun) == 0 {
			break
		}
	}
	defer s.serve(t)()
	s.gate <- struct{}{}
	<-s.begun
	<-s.begun
	if n, err := first.Await(ctx); err != nil || n != 1 {
		t.Errorf("the first gave %d, %v; want 1 while the second runs", n, err)
	}
	close(s.gate)
	if n, err := second.Await(ctx); err != nil || n != 2 {
		t.Errorf("the second gave %d, %v; want 2", n, err)
	}
}

// Commands that send others go on when the log is full: what they have sent waits in their
// state, and the log is cut.
func TestSendsWhenTheLogIsFull(t *testing.T) {
	type account struct{ N int }
	f := natsmap.New[account]("sends", natsmap.Partitions(1), natsmap.Lease(time.Second), natsmap.MaxLog(1<<20))
	take := f.Command("take", func(_ *natsmap.Turn, a *account, _ string) (int, error) { a.N++; return a.N, nil })
	pass := f.Command("pass", func(t *natsmap.Turn, a *account, text string) (int, error) {
		a.N++
		t.Send("sink", take, text)
		return a.N, nil
	})
	m, err := f.Open(within(t), embedded.Test(t))
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	n := 0
	for ; ; n++ {
		err := m.Async(within(t), fmt.Sprint("key ", n%100), pass, strings.Repeat("x", 2000))
		if errors.Is(err, natsmap.ErrFull) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- m.Serve(ctx) }()
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(20 * time.Millisecond) {
		a, _, err := m.Get(within(t), "sink")
		if err == nil && a.N == n {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the sink has %d, %v; want %d", a.N, err, n)
		}
	}
	var keys []string
	for k, err := range m.Keys(within(t)) {
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, k)
	}
	if len(keys) != 101 || !slices.Contains(keys, "sink") {
		t.Errorf("the keys are %v", keys)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
