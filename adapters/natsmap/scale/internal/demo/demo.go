// Package demo counts the identifiers of Go source in three processes, of which one is killed
// and one is stopped for a while, and compares the result with a run in one process.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/go-desync/go-desync/adapters/natsmap/scale/internal/child"
)

// An Input says what is counted, and how.
type Input struct {
	Dir   string // "": the packages below go of the toolchain
	Fault string // what goes wrong on purpose; see package tally
}

// ErrUsage matches the errors of an Input that cannot be used.
var ErrUsage = errors.New("wrong usage")

const workers = 3

// Run runs the demo. ok reports whether nothing was lost, run twice or out of order.
func Run(ctx context.Context, in Input, w io.Writer) (ok bool, err error) {
	if in.Dir == "" {
		if in.Dir, err = library(); err != nil {
			return false, err
		}
	}
	all, files, err := words(in.Dir)
	if err != nil {
		return false, fmt.Errorf("%w: %w", ErrUsage, err)
	}
	want := inOrder(all)
	dir, err := os.MkdirTemp("", "demo")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(dir)
	e := new(engine)
	defer e.close()
	what, err := e.start(ctx, dir, in.Fault)
	if err != nil {
		return false, err
	}
	fmt.Fprintf(w, "%d identifiers, %d different ones, in %d files below %s.\n", len(all), len(want), files, in.Dir)
	fmt.Fprintf(w, "The server: %s.\n", what)
	fmt.Fprintf(w, "Three processes count them, each in its order. One will be killed, and one stopped and woken.\n\n")
	d := &show{engine: e, w: w, chart: newChart(workers, isTerminal(w)), states: make([]string, workers)}
	defer d.end()
	if err := d.start(ctx); err != nil {
		return false, err
	}
	begun := time.Now()
	d.feed = begin(ctx, e, all)
	watched := d.watch()
	err = d.disturb(ctx)
	<-d.feed.done // it looks at ctx, too
	watched()
	if err = errors.Join(err, d.feed.err); err != nil {
		return false, err
	}
	found, err := read(ctx, e, want)
	if err != nil {
		return false, err
	}
	d.chart.draw(w)
	fmt.Fprintf(w, "%d commands were counted in %.1f s.\n", len(all), time.Since(begun).Seconds())
	for _, line := range d.lines {
		fmt.Fprintln(w, line)
	}
	diff := compare(found, want)
	for _, key := range diff.keys {
		fmt.Fprintln(w, key)
	}
	fmt.Fprintf(w, "Beside a run in one process: lost %d, twice %d, out of order %d\n", diff.lost, diff.twice, diff.outOfOrder)
	return diff.none(), nil
}

// A show is the workers and what is told of them.
type show struct {
	engine *engine
	w      io.Writer
	chart  *chart
	feed   *feed
	lines  []string // of the end
	procs  []*child.Process

	mu     sync.Mutex
	states []string
}

// start starts the workers, and returns when they share the partitions. A share is a matter of
// chance: a worker may have none.
func (d *show) start(ctx context.Context) error {
	for i := range workers {
		p, err := child.Start(d.engine.worker(), func(r child.Report) { d.chart.see(i, r) })
		if err != nil {
			return err
		}
		d.procs = append(d.procs, p)
		d.state(i, serves)
	}
	for i := range workers {
		if _, err := d.await(ctx, i, "the beginning of a worker", func(r child.Report) bool { return r.Serving }); err != nil {
			return err
		}
	}
	_, err := d.await(ctx, 0, "that two workers share the partitions", func(child.Report) bool {
		all, with := 0, 0
		for i := range workers {
			if n := d.share(i); n > 0 {
				all, with = all+n, with+1
			}
		}
		return all == partitions && with > 1
	})
	return err
}

// stuck is how long one thing may take until the demo gives up.
const stuck = time.Minute

// await waits for a report of a worker.
func (d *show) await(ctx context.Context, worker int, what string, ok func(child.Report) bool) (took time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, stuck)
	defer cancel()
	_, took, err = d.procs[worker].Await(ctx, what, ok)
	return took, err
}

// What workers do.
const (
	serves  = "serves "
	killed  = "KILLED "
	stopped = "STOPPED"
)

func (d *show) state(worker int, text string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.states[worker] = text
}

func (d *show) end() {
	for _, p := range d.procs {
		_ = p.Close() // what they have done is judged by the states
	}
}

// watch shows how far the workers are, until the function that it returns is called.
func (d *show) watch() (stop func()) {
	s := &screen{w: d.w, terminal: isTerminal(d.w), at: time.Now(), before: make([]child.Report, workers)}
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for tick := time.NewTicker(s.every()); ; {
			select {
			case <-tick.C:
			case <-done:
				s.clear()
				return
			}
			var now []child.Report
			for _, p := range d.procs {
				now = append(now, p.Last())
			}
			d.mu.Lock()
			states := append([]string(nil), d.states...)
			d.mu.Unlock()
			for i, state := range states {
				if state == killed {
					now[i].Partitions = nil
				}
			}
			s.show(now, states, int(d.feed.handed.Load()), d.feed.total)
		}
	}()
	return func() {
		close(done)
		<-ended
	}
}
