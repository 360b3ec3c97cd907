package embedded_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/go-desync/go-desync/adapters/natsmap"
	"github.com/go-desync/go-desync/adapters/natsmap/embedded"
	"github.com/go-desync/go-desync/desync"
)

// A log that is made again, while a process serves it or before, is not served.
func TestLogThatIsMadeAgain(t *testing.T) {
	nc := embedded.Test(t)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	ctx := within(t)
	m, err := bank.Open(ctx, nc)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	ended := make(chan error, 1)
	go func() { ended <- m.Serve(ctx) }()
	for range 3 {
		if _, err := m.Sync(ctx, "ann", deposit, 1); err != nil {
			t.Fatal(err)
		}
	}
	if err := js.DeleteStream(ctx, "bank-log"); err != nil {
		t.Fatal(err)
	}
	var changed *natsmap.LogChangedError
	if err := <-ended; !errors.As(err, &changed) {
		t.Fatalf("Serve returned %v; want a LogChangedError", err)
	}
	again, err := bank.Open(ctx, nc)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if err := again.Serve(ctx); !errors.As(err, &changed) || !strings.Contains(err.Error(), "was made") {
		t.Errorf("Serve of the new log returned %v; want a LogChangedError", err)
	}
}

func TestBadInput(t *testing.T) {
	nc := embedded.Test(t)
	ctx := within(t)
	f := natsmap.New[account]("inputs", natsmap.Partitions(2), natsmap.MaxLog(1<<20), natsmap.Lease(time.Second))
	say := f.Command("say", func(_ *natsmap.Turn, _ *account, text string) (string, error) { return text, nil })
	choke := f.Command("choke", func(_ *natsmap.Turn, _ *account, _ chan int) (int, error) { return 0, nil })
	m, err := f.Open(ctx, nc)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	for want, call := range map[string]func() error{
		"the key cannot be used: it is empty":                                 func() error { return m.Async(ctx, "", say, "") },
		"the key cannot be used: it has 201 bytes; 200 are allowed":           func() error { return m.Async(ctx, strings.Repeat("k", 201), say, "") },
		"the input of the command choke is not valid: json: unsupported type": func() error { return m.Async(ctx, "ann", choke, nil) },
		"the command was not sent: nats: maximum payload exceeded":            func() error { return m.Async(ctx, "ann", say, strings.Repeat("x", 2<<20)) },
		"the job has not run and will not: context canceled":                  func() error { gone, cancel := context.WithCancel(ctx); cancel(); return m.Async(gone, "ann", say, "") },
		"the log is full": func() error {
			for {
				if err := m.Async(ctx, "ann", say, strings.Repeat("x", 100_000)); err != nil {
					return err
				}
			}
		},
	} {
		err := call()
		if err == nil || !strings.Contains(err.Error(), want) || !errors.Is(err, desync.ErrNotRun) {
			t.Errorf("it gave %v; want %q, and a match of ErrNotRun", err, want)
		}
	}
	defer func() {
		if v := recover(); v != "natsmap: the command deposit is of the family bank, and the map of inputs" {
			t.Errorf("another family's command: panic %v", v)
		}
	}()
	_ = m.Async(ctx, "ann", deposit, 1)
}

// A full log refuses, and goes on when the owners have caught up.
func TestFullLog(t *testing.T) {
	nc := embedded.Test(t)
	ctx := within(t)
	f := natsmap.New[account]("full", natsmap.Partitions(2), natsmap.MaxLog(1<<20), natsmap.Lease(time.Second))
	add := f.Command("add", func(_ *natsmap.Turn, a *account, text string) (int, error) {
		a.Cents++
		return a.Cents, nil
	})
	m, err := f.Open(ctx, nc)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	serving, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- m.Serve(serving) }()
	text := strings.Repeat("x", 500)
	full, accepted := 0, 0
	for accepted < 6000 { // three times what there is room for
		switch err := m.Async(ctx, "ann", add, text); {
		case err == nil:
			accepted++
		case errors.Is(err, natsmap.ErrFull):
			full++
			time.Sleep(10 * time.Millisecond)
		default:
			t.Fatal(err)
		}
	}
	if n, err := syncRetry(ctx, m, add); err != nil || n != accepted+1 {
		t.Errorf("%d commands have run, %v; want %d", n, err, accepted+1)
	}
	t.Logf("refused %d times", full)
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func syncRetry(ctx context.Context, m *natsmap.Map[account], c *natsmap.Command[account, string, int]) (int, error) {
	for {
		n, err := m.Sync(ctx, "ann", c, "")
		if !errors.Is(err, natsmap.ErrFull) {
			return n, err
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func TestOpenErrors(t *testing.T) {
	nc := embedded.Test(t)
	ctx := within(t)
	m, err := natsmap.New[account]("twice", natsmap.Partitions(2)).Open(ctx, nc)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if _, err := natsmap.New[account]("twice", natsmap.Partitions(3)).Open(ctx, nc); err == nil || !strings.Contains(err.Error(), "was made with desync-partitions=2, and this program has 3") {
		t.Errorf("another number of partitions gave %v", err)
	}
	if _, err := natsmap.New[account]("twice", natsmap.Partitions(2), natsmap.WithCodec(shout{})).Open(ctx, nc); err == nil || !strings.Contains(err.Error(), "was made with desync-codec=json, and this program has shout") {
		t.Errorf("another codec gave %v", err)
	}
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	log, err := js.Stream(ctx, "twice-log")
	if err != nil {
		t.Fatal(err)
	}
	config := log.CachedInfo().Config
	config.Subjects = config.Subjects[:1]
	if _, err := js.UpdateStream(ctx, config); err != nil {
		t.Fatal(err)
	}
	if _, err := natsmap.New[account]("twice", natsmap.Partitions(2)).Open(ctx, nc); err == nil || !strings.Contains(err.Error(), "the stream twice-log does not take twice.x.>, which this program needs") {
		t.Errorf("a stream without the subject of controls gave %v", err)
	}
	closed := embedded.Test(t)
	closed.Close()
	if _, err := natsmap.New[account]("closed").Open(ctx, closed); !errors.Is(err, nats.ErrConnectionClosed) {
		t.Errorf("a closed connection gave %v", err)
	}
}

type shout struct{ natsmap.JSON }

func (shout) Name() string { return "shout" }

// Whoever waits for a command in a command of the same family would hold its key meanwhile.
func TestCallInATurn(t *testing.T) {
	f := natsmap.New[account]("nested", natsmap.Partitions(2))
	var m *natsmap.Map[account]
	var inner error
	add := f.Command("add", func(_ *natsmap.Turn, a *account, n int) (int, error) { a.Cents += n; return a.Cents, nil })
	outer := f.Command("outer", func(t *natsmap.Turn, a *account, _ int) (n int, err error) {
		n, inner = m.Sync(t.Context(), "bob", add, 1)
		return n, inner
	})
	ctx := within(t)
	m, err := f.Open(ctx, embedded.Test(t))
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	serving, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- m.Serve(serving) }()
	for _, key := range []string{"ann", "bob"} {
		if _, err := m.Sync(ctx, key, outer, 1); err == nil || err.Error() != "natsmap: a command of nested would hold its key while it waits for another; use Turn.Send" {
			t.Errorf("it gave %v", err)
		}
		var ring *desync.DeadlockError
		if !errors.As(inner, &ring) || !errors.Is(inner, desync.ErrNotRun) {
			t.Errorf("in the command it gave %v; want a DeadlockError and ErrNotRun", inner)
		} else if want := map[string]int{"ann": 2, "bob": 1}[key]; len(ring.Ring) != want || ring.Ring[0].Object != "nested/bob" {
			t.Errorf("from %s the ring is %v; want %d waits, the first for bob", key, ring.Ring, want)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestTwoServersInOneDirectory(t *testing.T) {
	dir := t.TempDir()
	s, err := embedded.Start(dir, embedded.WithoutSync())
	if err != nil {
		t.Fatal(err)
	}
	if s.URL() != "" {
		t.Errorf("the URL is %q although nobody can connect", s.URL())
	}
	if _, err := embedded.Start(dir); !errors.Is(err, embedded.ErrInUse) {
		t.Errorf("a second server: %v; want ErrInUse", err)
	}
	s.Close()
	s, err = embedded.Start(dir, embedded.Listen("127.0.0.1:0"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if !strings.HasPrefix(s.URL(), "nats://127.0.0.1:") {
		t.Errorf("the URL is %q", s.URL())
	}
	for _, bad := range []string{"", "localhost", "localhost:x", "localhost:70000"} {
		if _, err := embedded.Start(t.TempDir(), embedded.Listen(bad)); err == nil || !strings.Contains(err.Error(), "Listen(") {
			t.Errorf("Listen(%q) gave %v", bad, err)
		}
	}
}
