package demo

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/go-desync/go-desync/adapters/natsmap"
	"github.com/go-desync/go-desync/adapters/natsmap/embedded"
	"github.com/go-desync/go-desync/adapters/natsmap/scale/internal/child"
	"github.com/go-desync/go-desync/adapters/natsmap/scale/internal/tally"
)

const (
	partitions = 16
	lease      = 2 * time.Second
)

// An engine keeps the words and their states, in a server in this process, and has them counted
// in workers.
type engine struct {
	server *embedded.Server
	nc     *nats.Conn
	config tally.Config
	f      *tally.Family
	m      *natsmap.Map[tally.Tally]
}

// start begins, with its data below dir, and says what it is.
func (e *engine) start(ctx context.Context, dir, fault string) (what string, err error) {
	if e.server, err = embedded.Start(dir, embedded.WithoutSync(), embedded.Listen("127.0.0.1:0")); err != nil {
		return "", err
	}
	if e.nc, err = e.server.Conn(); err != nil {
		return "", err
	}
	e.config = tally.Config{Name: "words", Partitions: partitions, Lease: lease}
	e.f = e.config.Family()
	e.config.Fault = fault
	if e.m, err = e.f.Open(ctx, e.nc); err != nil {
		return "", err
	}
	return "NATS JetStream in this process, WITHOUT FSYNC: what is confirmed may be lost when the machine fails", nil
}

// worker says how a worker is started.
func (e *engine) worker() child.Config {
	return child.Config{URL: e.server.URL(), Family: &e.config}
}

// hand hands a word over. It returns when the word will be counted.
func (e *engine) hand(ctx context.Context, word string, n int) error {
	return e.m.Async(ctx, word, e.f.Count, n)
}

// state returns what is known of a word.
func (e *engine) state(ctx context.Context, word string) (tally.Tally, error) {
	y, _, err := e.m.Get(ctx, word)
	return y, err
}

// words returns the words that have a state.
func (e *engine) words(ctx context.Context) (all []string, err error) {
	for word, err := range e.m.Keys(ctx) {
		if err != nil {
			return nil, err
		}
		all = append(all, word)
	}
	return all, nil
}

func (e *engine) close() {
	if e.m != nil {
		e.m.Close()
	}
	if e.nc != nil {
		e.nc.Close()
	}
	if e.server != nil {
		e.server.Close()
	}
}

// readers is how many words are handed over, or looked up, at once.
const readers = 64

// read waits until all words have as many commands as they should, or more, or nothing changes
// any more, and returns what they have.
func read(ctx context.Context, e *engine, want map[string]tally.Tally) (map[string]tally.Tally, error) {
	found := make(map[string]tally.Tally, len(want))
	left := make([]string, 0, len(want))
	for word := range want {
		left = append(left, word)
	}
	changed := time.Now()
	for len(left) > 0 && time.Since(changed) < patience {
		states, err := lookUp(ctx, e, left)
		if err != nil {
			return nil, err
		}
		var still []string
		for i, word := range left {
			if found[word] != states[i] {
				found[word], changed = states[i], time.Now()
			}
			if states[i].N < want[word].N {
				still = append(still, word)
			}
		}
		left = still
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(50 * time.Millisecond):
		}
	}
	others, err := e.words(ctx)
	if err != nil {
		return nil, err
	}
	for _, word := range others {
		if _, ok := want[word]; !ok {
			found[word], err = e.state(ctx, word)
		}
	}
	return found, err
}

// patience is how long it may be that no word changes, until the missing ones are lost.
const patience = 10 * time.Second

func lookUp(ctx context.Context, e *engine, names []string) ([]tally.Tally, error) {
	states, errs := make([]tally.Tally, len(names)), make([]error, readers)
	var all sync.WaitGroup
	for r := range readers {
		all.Go(func() {
			for i := r; i < len(names) && errs[r] == nil; i += readers {
				states[i], errs[r] = e.state(ctx, names[i])
			}
		})
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("the states cannot be read: %w", err)
	}
	return states, nil
}
