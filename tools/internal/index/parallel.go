package index

import (
	"context"
	"hash/maphash"
	"io/fs"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

// shards is the number of objects among which the identifiers are divided, so
// that several files can be counted at the same time.
const shards = 8

// Run is a parallel run. Its methods are safe for concurrent use.
//
// No mutex guards the index. Each part of it is owned by an object. The files
// are read on many goroutines, which hand over their counts to the objects as
// jobs; the jobs of an object run one at a time and in order.
type Run struct {
	listed  int
	seed    maphash.Seed
	names   [shards]*desync.Desync[names]
	sums    *desync.Desync[sums]
	skipped *desync.Desync[[]Skip]

	slots chan struct{} // one token for each file in flight
	read  chan struct{} // closed when the last update was handed over
}

// Start begins to index the files and returns at once. A file is in flight from
// before it is opened until its last update was made; at most inFlight files
// are, and at least 1. When ctx ends no further file is begun.
//
// The run ends by itself; [Run.Result] waits for that.
func Start(ctx context.Context, fsys fs.FS, files []string, inFlight int) *Run {
	r := &Run{
		listed:  len(files),
		seed:    maphash.MakeSeed(),
		sums:    desync.New(newSums()),
		skipped: desync.New([]Skip(nil)),
		slots:   make(chan struct{}, max(inFlight, 1)),
		read:    make(chan struct{}),
	}
	for i := range r.names {
		r.names[i] = desync.New(newNames())
	}
	go r.readAll(ctx, fsys, files)
	return r
}

func (r *Run) readAll(ctx context.Context, fsys fs.FS, files []string) {
	defer close(r.read)
	var reading sync.WaitGroup
	defer reading.Wait()
	for _, name := range files {
		select {
		case r.slots <- struct{}{}:
		case <-ctx.Done():
			return
		}
		reading.Go(func() {
			switch f, skip, ok := parse(ctx, fsys, name); {
			case !ok:
				r.landed()
			case skip != nil:
				r.skip(*skip)
			default:
				r.add(f)
			}
		})
	}
}

// landed gives back the slot of a file.
func (r *Run) landed() { <-r.slots }

func (r *Run) skip(s Skip) {
	r.skipped.Async(func(all *[]Skip) {
		*all = append(*all, s)
		r.landed()
	})
}

// add hands the parts of a file to the objects that own the places for them in
// the index. It always completes, so no file is ever counted in part.
func (r *Run) add(f file) {
	var parts [shards][]count
	for _, c := range f.names {
		i := maphash.String(r.seed, c.name) % shards
		parts[i] = append(parts[i], c)
	}

	var left atomic.Int32
	left.Store(shards + 1)
	done := func() {
		if left.Add(-1) == 0 {
			r.landed()
		}
	}
	for i, part := range parts {
		r.names[i].Async(func(n *names) {
			n.add(part)
			done()
		})
	}
	r.sums.Async(func(s *sums) {
		s.add(f)
		done()
	})
}

// Read returns a channel that is closed when no file is left to be read.
func (r *Run) Read() <-chan struct{} { return r.read }

// Leader returns the identifier that is most frequent so far. It asks the
// objects one after the other and waits for its turn at each.
func (r *Run) Leader() Leader {
	var best Leader
	for _, shard := range r.names {
		l := shard.Sync(func(n *names) Leader { return n.leader })
		if l.ahead(best) {
			best = l
		}
	}
	return best
}

// Done returns the number of files that are indexed or skipped so far. It
// waits for its turn at two objects.
func (r *Run) Done() int {
	indexed := r.sums.Sync(func(s *sums) int { return s.all.Files })
	return indexed + r.skipped.Sync(func(all *[]Skip) int { return len(*all) })
}

// Result waits until the run has ended and returns the index. If the context of
// [Start] ended first, the result is not whole; see [Result.Whole].
//
// ctx bounds only the waiting: when it ends, Result returns an error that
// matches the context's, and the run goes on.
func (r *Run) Result(ctx context.Context) (Result, error) {
	select {
	case <-r.read:
	case <-ctx.Done():
		return Result{}, ctx.Err()
	}

	// Every update has been handed over by now, so these jobs come after them
	// all. Each returns a copy: what an object owns does not leave it.
	var parts [shards]*futures.Future[map[string]Tally]
	for i, shard := range r.names {
		parts[i] = shard.Future(func(n *names) map[string]Tally { return maps.Clone(n.tally) })
	}
	packages := r.sums.Future(func(s *sums) map[string]Totals { return maps.Clone(s.byPackage) })
	skipped := r.skipped.Future(func(all *[]Skip) []Skip { return slices.Clone(*all) })

	tally := make(map[string]Tally)
	for _, part := range parts {
		t, err := part.Await(ctx)
		if err != nil {
			return Result{}, err
		}
		maps.Copy(tally, t) // an identifier is in one shard only
	}
	p, err := packages.Await(ctx)
	if err != nil {
		return Result{}, err
	}
	s, err := skipped.Await(ctx)
	if err != nil {
		return Result{}, err
	}
	return newResult(r.listed, tally, p, s), nil
}
