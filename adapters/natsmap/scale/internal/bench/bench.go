// Package bench measures natsmap beside plain consumers of NATS JetStream, both in one run and
// on one server in this process.
package bench

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/go-desync/go-desync/adapters/natsmap"
	"github.com/go-desync/go-desync/adapters/natsmap/embedded"
	"github.com/go-desync/go-desync/adapters/natsmap/scale/internal/tally"
)

// A Size says how much is measured.
type Size struct {
	Rounds  int
	Drain   int // commands in the log
	ByHand  int // of these, how many the consumer by hand takes
	Calls   int // of Sync
	Durable int // commands with fsync, and a call for each 50
}

// Whole and Quick are the sizes of make bench-scale, and of its tests.
var (
	Whole = Size{Rounds: 3, Drain: 100_000, ByHand: 5_000, Calls: 2_000, Durable: 5_000}
	Quick = Size{Rounds: 1, Drain: 10_000, ByHand: 500, Calls: 200, Durable: 500}
)

// A row is one line of the result.
type row struct {
	what, beside string
	ours, theirs []float64 // of each round; theirs is empty if there is nothing beside
	unit         string
	goal         float64   // of ours to theirs; 0 if there is none
	atMost       bool      // the goal is an upper bound
	bound        []float64 // what ours cannot exceed, of each round; empty if that is not known
}

// Run measures, and prints a row for each comparison. met reports whether all goals are met.
func Run(ctx context.Context, s Size, w, progress io.Writer) (met bool, err error) {
	var rows []*row
	for _, keys := range []int{100, 5000} {
		found, err := s.drains(ctx, keys, progress)
		if err != nil {
			return false, err
		}
		rows = append(rows, found...)
	}
	calls, err := s.syncs(ctx, progress)
	if err != nil {
		return false, err
	}
	durable, err := s.durable(ctx, progress)
	if err != nil {
		return false, err
	}
	rows = append(append(rows, calls), durable...)
	fmt.Fprintf(w, "%-34s  %15s  %-36s  %15s  %7s  %s\n", "natsmap", "", "beside", "", "ratio", "goal")
	met = true
	for _, r := range rows {
		met = r.print(w) && met
	}
	return met, nil
}

func (r *row) print(w io.Writer) (met bool) {
	ours := median(r.ours)
	if len(r.theirs) == 0 {
		fmt.Fprintf(w, "%-34s  %15s  %-36s  %15s  %7s  none\n", r.what, figure(ours, r.unit), "", "", "")
		return true
	}
	theirs := median(r.theirs)
	ratio, sign := ours/theirs, "≥"
	met = ratio >= r.goal
	if r.atMost {
		sign, met = "≤", ratio <= r.goal
	}
	verdict := "met"
	if !met {
		verdict = "MISSED"
	}
	if len(r.bound) > 0 {
		verdict += fmt.Sprintf("; a consumer that only counts: %.1f", median(r.bound)/theirs)
	}
	fmt.Fprintf(w, "%-34s  %15s  %-36s  %15s  %7.2f  %s %v, %s\n", r.what, figure(ours, r.unit), r.beside, figure(theirs, r.unit), ratio, sign, r.goal, verdict)
	return met
}

func figure(v float64, unit string) string { return fmt.Sprintf("%.0f %s", v, unit) }

func median(all []float64) float64 {
	some := slices.Clone(all)
	slices.Sort(some)
	return some[len(some)/2]
}

// A site is a server with a family that nobody serves.
type site struct {
	server *embedded.Server
	dir    string
	nc     *nats.Conn
	js     jetstream.JetStream
	f      *tally.Family
	m      *natsmap.Map[tally.Tally]
}

func open(ctx context.Context, opts ...embedded.Option) (s *site, err error) {
	s = &site{}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if s.dir, err = os.MkdirTemp("", "bench"); err != nil {
		return s, err
	}
	if s.server, err = embedded.Start(s.dir, opts...); err != nil {
		return s, err
	}
	if s.nc, err = s.server.Conn(); err != nil {
		return s, err
	}
	if s.js, err = jetstream.New(s.nc); err != nil {
		return s, err
	}
	s.f = tally.Config{Name: "bench"}.Family()
	s.m, err = s.f.Open(ctx, s.nc)
	return s, err
}

func (s *site) close() {
	if s.m != nil {
		s.m.Close()
	}
	if s.nc != nil {
		s.nc.Close()
	}
	if s.server != nil {
		s.server.Close()
	}
	_ = os.RemoveAll(s.dir)
}

// served calls f while the family is served.
func (s *site) served(ctx context.Context, f func() error) error {
	serving, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- s.m.Serve(serving) }()
	err := f()
	stop()
	if failed := <-ended; err == nil {
		err = failed
	}
	return err
}

// saved waits until n commands are saved.
func (s *site) saved(ctx context.Context, n int) error {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for int(s.m.Stats().Commands) < n {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
	return nil
}
