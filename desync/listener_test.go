package desync_test

import (
	"context"
	"sync"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

// A told is a call of an observer.
type told struct {
	what string
	desync.JobInfo
}

// A listener is an observer that remembers what it is told.
type listener struct {
	desync.NopObserver
	mu  sync.Mutex
	all []told

	also func(told) // if it is not nil, it is called as well

	suspensions bool // they are noted too, and what is held
}

func (l *listener) tell(what string, j desync.JobInfo) {
	if !l.suspensions && (j.Call == desync.CallSuspend || what == "held") {
		return
	}
	l.mu.Lock()
	l.all = append(l.all, told{what, j})
	l.mu.Unlock()
	if l.also != nil {
		l.also(told{what, j})
	}
}

func (l *listener) Queued(j desync.JobInfo)   { l.tell("queued", j) }
func (l *listener) Held(j desync.JobInfo)     { l.tell("held", j) }
func (l *listener) Started(j desync.JobInfo)  { l.tell("started", j) }
func (l *listener) Finished(j desync.JobInfo) { l.tell("finished", j) }

// taken returns and forgets what was told.
func (l *listener) taken() []told {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := l.all
	l.all = nil
	return all
}

// names returns what was told, without the rest.
func names(all []told) (what []string) {
	for _, e := range all {
		what = append(what, e.what)
	}
	return what
}

// times returns j without what does not depend on the time.
func times(j desync.JobInfo) desync.JobInfo {
	return desync.JobInfo{Object: j.Object, Queued: j.Queued, Started: j.Started, Finished: j.Finished, Outcome: j.Outcome, InTurn: j.InTurn}
}

// An observedKind is a way of handing over a job, for an object with an observer.
type observedKind struct {
	name   string
	direct bool // the job runs on the caller's goroutine
	idle   bool // only on an idle object
	call   func(ctx context.Context, d *desync.Desync[int], job func(*int)) error
}

func observedKinds() (all []observedKind) {
	for i, k := range kinds[int]()[:4] {
		all = append(all, observedKind{k.name, i > 1, false, func(_ context.Context, d *desync.Desync[int], job func(*int)) error {
			k.call(d, job)
			return nil
		}})
	}
	for _, k := range direct[int]()[2:] {
		all = append(all, observedKind{k.name, true, true, func(_ context.Context, d *desync.Desync[int], job func(*int)) error {
			k.call(d, job)
			return nil
		}})
	}
	with := func(job func(*int)) func(context.Context, *int) (int, error) {
		return func(_ context.Context, v *int) (int, error) { job(v); return 0, nil }
	}
	return append(all,
		observedKind{"After", false, false, func(_ context.Context, d *desync.Desync[int], job func(*int)) error {
			d.After(futures.Resolved(0), func(v *int, _ int, _ error) int { job(v); return 0 })
			return nil
		}},
		observedKind{"Sync2", true, false, func(_ context.Context, d *desync.Desync[int], job func(*int)) error {
			desync.Sync2(d, desync.New(0), func(v, _ *int) int { job(v); return 0 })
			return nil
		}},
		observedKind{"DoAll", true, false, func(_ context.Context, d *desync.Desync[int], job func(*int)) error {
			desync.DoAll([]*desync.Desync[int]{desync.New(0), d}, func(vs []*int) { job(vs[1]) })
			return nil
		}},
		observedKind{"Sync3", true, false, func(_ context.Context, d *desync.Desync[int], job func(*int)) error {
			desync.Sync3(desync.New(0), d, desync.New(0), func(_, v, _ *int) int { job(v); return 0 })
			return nil
		}},
		observedKind{"Sync2Context", true, false, func(ctx context.Context, d *desync.Desync[int], job func(*int)) error {
			_, err := desync.Sync2Context(ctx, d, desync.New(0), func(_ context.Context, v, _ *int) (int, error) { job(v); return 0, nil })
			return err
		}},
		observedKind{"DoAllContext", true, false, func(ctx context.Context, d *desync.Desync[int], job func(*int)) error {
			return desync.DoAllContext(ctx, []*desync.Desync[int]{desync.New(0), d}, func(_ context.Context, vs []*int) error { job(vs[1]); return nil })
		}},
		observedKind{"Future2", false, false, func(_ context.Context, d *desync.Desync[int], job func(*int)) error {
			desync.Future2(d, desync.New(0), func(v, _ *int) int { job(v); return 0 })
			return nil
		}},
		observedKind{"FutureAll", false, false, func(_ context.Context, d *desync.Desync[int], job func(*int)) error {
			desync.FutureAll([]*desync.Desync[int]{desync.New(0), d}, func(vs []*int) int { job(vs[1]); return 0 })
			return nil
		}},
		observedKind{"FutureContext", false, false, func(ctx context.Context, d *desync.Desync[int], job func(*int)) error {
			d.FutureContext(ctx, with(job))
			return nil
		}},
		observedKind{"DoContext", true, false, func(ctx context.Context, d *desync.Desync[int], job func(*int)) error {
			return d.DoContext(ctx, func(_ context.Context, v *int) error { job(v); return nil })
		}},
		observedKind{"SyncContext", true, false, func(ctx context.Context, d *desync.Desync[int], job func(*int)) error {
			_, err := d.SyncContext(ctx, with(job))
			return err
		}},
	)
}
