package child

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/go-desync/go-desync/adapters/natsmap"
	"github.com/go-desync/go-desync/adapters/natsmap/scale/internal/tally"
)

// Connect connects to servers that may come and go.
func Connect(url string, opts ...nats.Option) (*nats.Conn, error) {
	return nats.Connect(url, append([]nats.Option{
		nats.MaxReconnects(-1), nats.ReconnectWait(50 * time.Millisecond), nats.RetryOnFailedConnect(true),
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}), // without it, each is printed
	}, opts...)...)
}

// Open opens a family on servers that may have no leader for the moment.
func Open(ctx context.Context, f *tally.Family, nc *nats.Conn) (m *natsmap.Map[tally.Tally], err error) {
	for range 20 {
		attempt, cancel := context.WithTimeout(ctx, 5*time.Second)
		m, err = f.Open(attempt, nc)
		cancel()
		if err == nil || ctx.Err() != nil || !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, nats.ErrNoResponders) {
			break
		}
	}
	return m, err
}

// work is the program of a worker.
func (c Config) work() error {
	var opts []nats.Option
	if c.OnlyThese {
		opts = append(opts, nats.IgnoreDiscoveredServers())
	}
	family := *c.Family
	opts = append(opts, misbehave(&family)...)
	nc, err := Connect(c.URL, opts...)
	if err != nil {
		return err
	}
	defer nc.Close()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	f := family.Family()
	m, err := Open(ctx, f, nc)
	if err != nil {
		return err
	}
	defer m.Close()
	w := &worker{m: m, f: f, report: Report{Serving: true}}
	var printing sync.WaitGroup
	defer printing.Wait()
	defer cancel()
	go func() { // until the process ends
		lines(w.order)
		cancel()
	}()
	printing.Go(func() { w.held.Measure(ctx) })
	printing.Go(func() {
		for tick := time.NewTicker(each); ctx.Err() == nil; <-tick.C {
			w.print()
		}
	})
	return m.Serve(ctx)
}

// A worker prints its reports.
type worker struct {
	m    *natsmap.Map[tally.Tally]
	f    *tally.Family
	held Held

	mu     sync.Mutex
	report Report
}

// order carries out a line.
func (w *worker) order(line string) {
	var after func(r *Report)
	switch line {
	case "stacks":
		name := filepath.Join(os.TempDir(), fmt.Sprintf("natsmap-scale-%d.txt", os.Getpid()))
		if f, err := os.Create(name); err == nil {
			_ = pprof.Lookup("goroutine").WriteTo(f, 1)
			f.Close()
			after = func(r *Report) { r.Stacks = name }
		}
	case "mend":
		w.f.Mend()
	case "collect":
		runtime.GC()
		runtime.GC() // finalizers and pools let go in the second
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		after = func(r *Report) { r.Heap = stats.HeapAlloc }
	}
	w.mu.Lock()
	if after != nil {
		after(&w.report)
	}
	w.report.Done++
	w.mu.Unlock()
	w.print()
}

func (w *worker) print() {
	s := w.m.Stats()
	w.mu.Lock()
	defer w.mu.Unlock()
	r := w.report
	r.Commands, r.Refused, r.Goroutines, r.Resident, r.Held = s.Commands, s.Refused, runtime.NumGoroutine(), Resident(), w.held.Time()
	r.Partitions = make(map[int]uint64, len(s.Partitions))
	for _, p := range s.Partitions {
		r.Partitions[p.Partition] = p.Epoch
		r.Open += p.Open
	}
	r.print()
}

// misbehave returns the options by which a worker shows a fault.
func misbehave(f *tally.Config) []nats.Option {
	switch f.Fault {
	case tally.NoFence, tally.Replay:
		return []nats.Option{nats.SetCustomDialer(wrongDialer(f.Fault))}
	case tally.Late:
		f.Lease *= 3
	case tally.Hoard:
		f.Running = 10_000_000
	case tally.Narrow:
		f.Running = 1
	}
	return nil
}

// A URL is what several have in common.
func joined(urls []string) string { return strings.Join(urls, ",") }

func address(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }
