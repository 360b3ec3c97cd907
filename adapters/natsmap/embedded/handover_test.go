package embedded_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/go-desync/go-desync/adapters/natsmap"
	"github.com/go-desync/go-desync/adapters/natsmap/embedded"
)

// A waiting family has a command that is tried again for hours, and one that returns at once.
type waiting struct {
	family     *natsmap.Family[int]
	hours, add *natsmap.Command[int, int, int]
}

func newWaiting(name string) *waiting {
	w := &waiting{family: natsmap.New[int](name, natsmap.Partitions(8), natsmap.Lease(time.Second))}
	w.hours = w.family.Command("hours", func(*natsmap.Turn, *int, int) (int, error) {
		return 0, natsmap.Retry(errors.New("not now"), time.Hour)
	})
	w.add = w.family.Command("add", func(_ *natsmap.Turn, sum *int, n int) (int, error) {
		*sum += n
		return *sum, nil
	})
	return w
}

// serve serves until the test ends.
func (w *waiting) serve(t *testing.T, nc *nats.Conn) *natsmap.Map[int] {
	t.Helper()
	m, err := w.family.Open(t.Context(), nc)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- m.Serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return m
}

// eachKey hands a command to keys of all partitions, and fails unless all run.
func (w *waiting) eachKey(t *testing.T, m *natsmap.Map[int], name string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for i := range 64 {
		if _, err := m.Sync(ctx, name+strconv.Itoa(i), w.add, 1); err != nil {
			t.Fatalf("%s%d: %v; the partitions are of %q", name, i, err, m.Stats().Owners)
		}
	}
}

// share waits until two processes share the partitions.
func share(t *testing.T, a, b *natsmap.Map[int]) {
	t.Helper()
	for ctx := within(t); ; {
		na, nb := len(a.Stats().Partitions), len(b.Stats().Partitions)
		if na > 0 && nb > 0 && na+nb == 8 {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("they have %d and %d partitions", na, nb)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// A process that has partitions by their records only, since it was silent or could not hand
// them over, gives them back.
func TestRecordOfAPartitionThatIsNotServed(t *testing.T) {
	w, nc := newWaiting("given"), embedded.Test(t)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	a := w.serve(t, nc)
	b := w.serve(t, nc)
	share(t, a, b)
	state, err := js.Stream(t.Context(), "given-state")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range b.Stats().Partitions {
		subject := fmt.Sprintf("given.o.%d", p.Partition)
		for {
			msg, err := state.GetLastMsgForSubject(t.Context(), subject)
			if err != nil {
				t.Fatal(err)
			}
			record := map[string]json.RawMessage{}
			if err := json.Unmarshal(msg.Data, &record); err != nil {
				t.Fatal(err)
			}
			record["owner"] = json.RawMessage(strconv.Quote(a.Stats().Process))
			data, err := json.Marshal(record)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := js.Publish(t.Context(), subject, data, jetstream.WithExpectLastSequencePerSubject(msg.Sequence)); err == nil {
				break
			}
		}
	}
	w.eachKey(t, a, "key")
	share(t, a, b)
}

// A key that is tried again and again does not keep its partition from being handed over.
func TestHandOverWhileAKeyIsTriedAgain(t *testing.T) {
	w, nc := newWaiting("tried"), embedded.Test(t)
	a := w.serve(t, nc)
	for i := range 64 {
		if err := a.Async(t.Context(), "hours"+strconv.Itoa(i), w.hours, 1); err != nil {
			t.Fatal(err)
		}
	}
	w.eachKey(t, a, "before") // the command before them has run
	b := w.serve(t, nc)
	share(t, a, b)
	w.eachKey(t, b, "after")
}
