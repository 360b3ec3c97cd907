package embedded_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/go-desync/go-desync/adapters/natsmap"
	"github.com/go-desync/go-desync/adapters/natsmap/embedded"
)

// A guarded is a family of its own, on a server of its own, whose command waits for the gate.
type guarded struct {
	nc    *nats.Conn
	js    jetstream.JetStream
	m     *natsmap.Map[account]
	add   *natsmap.Command[account, int, int]
	begun chan struct{}
	gate  chan struct{}
}

func newGuarded(t *testing.T) *guarded {
	t.Helper()
	g := &guarded{nc: embedded.Test(t), begun: make(chan struct{}, 100), gate: make(chan struct{})}
	var err error
	if g.js, err = jetstream.New(g.nc); err != nil {
		t.Fatal(err)
	}
	f := natsmap.New[account]("guarded", natsmap.Partitions(4), natsmap.Lease(time.Second))
	g.add = f.Command("add", func(_ *natsmap.Turn, a *account, n int) (int, error) {
		g.begun <- struct{}{}
		<-g.gate
		a.Cents += n
		return a.Cents, nil
	})
	if g.m, err = f.Open(within(t), g.nc); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.m.Close)
	return g
}

// serve serves until stop is called, or until Serve returns an error.
func (g *guarded) serve(t *testing.T) (stop context.CancelFunc, ended chan error) {
	ctx, cancel := context.WithCancel(within(t))
	ended = make(chan error, 1)
	go func() { ended <- g.m.Serve(ctx) }()
	return cancel, ended
}

func (g *guarded) stream(t *testing.T, name string) jetstream.Stream {
	t.Helper()
	s, err := g.js.Stream(within(t), name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (g *guarded) hand(t *testing.T, n int) {
	t.Helper()
	for range n {
		if err := g.m.Async(within(t), "ann", g.add, 1); err != nil {
			t.Fatal(err)
		}
	}
}

func changed(t *testing.T, err error, want string) {
	t.Helper()
	var c *natsmap.LogChangedError
	if !errors.As(err, &c) || !strings.Contains(err.Error(), want) {
		t.Errorf("Serve returned %v; want a LogChangedError that says %q", err, want)
	}
}

// Commands that have not run are gone, before a process serves and while it does.
func TestLogThatIsCut(t *testing.T) {
	g := newGuarded(t)
	g.hand(t, 5)
	if err := g.stream(t, "guarded-log").Purge(within(t), jetstream.WithPurgeSequence(4)); err != nil {
		t.Fatal(err)
	}
	_, ended := g.serve(t)
	changed(t, <-ended, "it begins with the command 4, and only 0 are saved")

	g = newGuarded(t)
	g.hand(t, 2)
	_, ended = g.serve(t)
	<-g.begun
	if err := g.stream(t, "guarded-log").Purge(within(t)); err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(1500*time.Millisecond, func() { close(g.gate) }) // else Serve waits for the command
	changed(t, <-ended, "it begins with the command 3, and only 0 are saved")
}

// What Delete removes is no reason for the guard.
func TestLogThatIsCutByDelete(t *testing.T) {
	g := newGuarded(t)
	close(g.gate)
	for range 2 {
		stop, ended := g.serve(t)
		if _, err := g.m.Sync(within(t), "ann", g.add, 1); err != nil {
			t.Fatal(err)
		}
		if err := g.m.Delete(within(t), "ann"); err != nil {
			t.Fatal(err)
		}
		stop()
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
	}
	if info := g.stream(t, "guarded-log").CachedInfo(); info.State.Msgs != 0 || info.State.LastSeq != 4 {
		t.Errorf("the log has %d commands after %d; want 0 after 4", info.State.Msgs, info.State.LastSeq)
	}
}

// The log is that of an older backup: the owners have saved more than it has.
func TestLogThatIsOlder(t *testing.T) {
	g := newGuarded(t)
	close(g.gate)
	stop, ended := g.serve(t)
	if _, err := g.m.Sync(within(t), "ann", g.add, 1); err != nil {
		t.Fatal(err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	msg, err := g.stream(t, "guarded-state").GetLastMsgForSubject(within(t), "guarded.o.2")
	if err != nil {
		t.Fatal(err)
	}
	var record map[string]json.RawMessage
	if err := json.Unmarshal(msg.Data, &record); err != nil {
		t.Fatal(err)
	}
	record["checkpoint"] = json.RawMessage("1000")
	data, err := json.Marshal(record)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.js.Publish(within(t), "guarded.o.2", data); err != nil {
		t.Fatal(err)
	}
	_, ended = g.serve(t)
	changed(t, <-ended, "partition 2 was last served: its last command is 1, and 1000 are saved")
}

func TestStatesThatAreGone(t *testing.T) {
	for _, again := range []bool{false, true} {
		g := newGuarded(t)
		close(g.gate)
		_, ended := g.serve(t)
		if _, err := g.m.Sync(within(t), "ann", g.add, 1); err != nil {
			t.Fatal(err)
		}
		config := g.stream(t, "guarded-state").CachedInfo().Config
		if err := g.js.DeleteStream(within(t), "guarded-state"); err != nil {
			t.Fatal(err)
		}
		want := "the stream of the states is gone"
		if again {
			want = "the stream of the states was made again"
			if _, err := g.js.CreateStream(within(t), config); err != nil {
				t.Fatal(err)
			}
		}
		changed(t, <-ended, want)
	}
}

func TestConnectionThatIsClosed(t *testing.T) {
	g := newGuarded(t)
	close(g.gate)
	_, ended := g.serve(t)
	if _, err := g.m.Sync(within(t), "ann", g.add, 1); err != nil {
		t.Fatal(err)
	}
	g.nc.Close()
	if err := <-ended; !errors.Is(err, nats.ErrConnectionClosed) {
		t.Errorf("Serve returned %v; want ErrConnectionClosed", err)
	}
	if err := g.m.Serve(within(t)); !errors.Is(err, nats.ErrConnectionClosed) {
		t.Errorf("Serve on a closed connection returned %v", err)
	}
}
