package desync_test

import (
	"bytes"
	"runtime/trace"
	"sync"
	"testing"

	"github.com/go-desync/go-desync/desync"
)

// A keeper keeps what it is told.
type keeper struct {
	desync.NopObserver
	mu   sync.Mutex
	seen []desync.JobInfo
}

func (k *keeper) Finished(j desync.JobInfo) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.seen = append(k.seen, j)
}

func TestKeyObserversAreToldTheKey(t *testing.T) {
	for _, kind := range mapKinds[string, int]() {
		if !kind.waits {
			continue
		}
		k := new(keeper)
		m := zeros[string](desync.WithName("rooms"), desync.WithObserver(k))
		kind.call(m, t.Context(), "hall", func(*int) {})
		if len(k.seen) != 1 || k.seen[0].Key != "hall" || k.seen[0].Object != "rooms" || k.seen[0].Outcome != desync.OutcomeReturned {
			t.Errorf("%s: the observer was told %+v; want one job of the key hall of rooms", kind.name, k.seen)
		}
	}
	k := new(keeper)
	desync.New(0, desync.WithObserver(k)).Do(func(*int) {})
	if len(k.seen) != 1 || k.seen[0].Key != nil {
		t.Errorf("the observer of a plain object was told %+v; want one job without a key", k.seen)
	}
}

func TestKeyTracesHaveTheKey(t *testing.T) {
	if trace.IsEnabled() {
		t.Skip("an execution trace is being taken of the test itself, and there can be but one")
	}
	m := zeros[string](desync.WithName("traced rooms"))
	var out bytes.Buffer
	if err := trace.Start(&out); err != nil {
		t.Fatal(err)
	}
	m.At("traced hall").Do(func(*int) {})
	trace.Stop()
	for _, want := range []string{"desync job traced rooms", "desync key", `"traced hall"`} {
		if !bytes.Contains(out.Bytes(), []byte(want)) {
			t.Errorf("the execution trace does not contain %q", want)
		}
	}
}
