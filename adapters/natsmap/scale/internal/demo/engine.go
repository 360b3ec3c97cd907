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

// An engine keeps the words and their states, and has them counted in workers.
type engine interface {
	// start begins, with its data below dir, and says what it is.
	start(ctx context.Context, dir, fault string) (what string, err error)
	// worker says how a worker is started.
	worker() child.Config
	// hand hands a word over. It returns when the word will be counted.
	hand(ctx context.Context, word string, n int) error
	// state returns what is known of a word.
	state(ctx context.Context, word string) (tally.Tally, error)
	// words returns the words that have a state.
	words(ctx context.Context) ([]string, error)
	close()
}

// engines are those that ENGINE may name.
func engines() map[string]engine { return map[string]engine{"natsmap": &onNATS{}} }

const (
	partitions = 16
	lease      = 2 * time.Second
)

// onNATS is a server in this process.
type onNATS struct {
	server *embedded.Server
	nc     *nats.Conn
	config tally.Config
	f      *tally.Family
	m      *natsmap.Map[tally.Tally]
}

func (o *onNATS) start(ctx context.Context, dir, fault string) (what string, err error) {
	if o.server, err = embedded.Start(dir, embedded.WithoutSync(), embedded.Listen("127.0.0.1:0")); err != nil {
		return "", err
	}
	if o.nc, err = o.server.Conn(); err != nil {
		return "", err
	}
	o.config = tally.Config{Name: "words", Partitions: partitions, Lease: lease}
	o.f = o.config.Family()
	o.config.Fault = fault
	if o.m, err = o.f.Open(ctx, o.nc); err != nil {
		return "", err
	}
	return "NATS JetStream in this process, WITHOUT FSYNC: what is confirmed may be lost when the machine fails", nil
}

func (o *onNATS) worker() child.Config {
	return child.Config{URL: o.server.URL(), Family: &o.config}
}

func (o *onNATS) hand(ctx context.Context, word string, n int) error {
	return o.m.Async(ctx, word, o.f.Count, n)
}

func (o *onNATS) state(ctx context.Context, word string) (tally.Tally, error) {
	y, _, err := o.m.Get(ctx, word)
	return y, err
}

func (o *onNATS) words(ctx context.Context) (all []string, err error) {
	for word, err := range o.m.Keys(ctx) {
		if err != nil {
			return nil, err
		}
		all = append(all, word)
	}
	return all, nil
}

func (o *onNATS) close() {
	if o.m != nil {
		o.m.Close()
	}
	if o.nc != nil {
		o.nc.Close()
	}
	if o.server != nil {
		o.server.Close()
	}
}

// readers is how many words are handed over, or looked up, at once.
const readers = 64

// read waits until all words have as many commands as they should, or more, or nothing changes
// any more, and returns what they have.
func read(ctx context.Context, e engine, want map[string]tally.Tally) (map[string]tally.Tally, error) {
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

func lookUp(ctx context.Context, e engine, names []string) ([]tally.Tally, error) {
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
