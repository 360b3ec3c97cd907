package desync_test

import (
	"context"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

// A publishingKind is a way of handing over a job, for an object that publishes. Its
// call returns when the job has ended, as far as its caller can know.
type publishingKind struct {
	name string
	idle bool // only on an idle object
	call func(d *desync.Desync[int], job func(*int)) error
}

func publishingKinds() []publishingKind {
	ctx := context.Background()
	with := func(job func(*int)) func(context.Context, *int) (int, error) {
		return func(_ context.Context, v *int) (int, error) { job(v); return *v, nil }
	}
	await := func(f *futures.Future[int]) error { _, err := f.Await(ctx); return err }
	after := func(v *int, job func(*int)) int { job(v); return *v }
	return []publishingKind{
		{"Do", false, func(d *desync.Desync[int], job func(*int)) error { d.Do(job); return nil }},
		{"Sync", false, func(d *desync.Desync[int], job func(*int)) error {
			d.Sync(func(v *int) int { job(v); return *v })
			return nil
		}},
		{"TryDo", true, func(d *desync.Desync[int], job func(*int)) error { d.TryDo(job); return nil }},
		{"TrySync", true, func(d *desync.Desync[int], job func(*int)) error {
			d.TrySync(func(v *int) int { job(v); return *v })
			return nil
		}},
		{"DoContext", false, func(d *desync.Desync[int], job func(*int)) error {
			return d.DoContext(ctx, func(_ context.Context, v *int) error { job(v); return nil })
		}},
		{"SyncContext", false, func(d *desync.Desync[int], job func(*int)) error {
			_, err := d.SyncContext(ctx, with(job))
			return err
		}},
		{"Sync2", false, func(d *desync.Desync[int], job func(*int)) error {
			desync.Sync2(d, desync.New(0), func(v, _ *int) int { job(v); return *v })
			return nil
		}},
		{"Sync2, second", false, func(d *desync.Desync[int], job func(*int)) error {
			desync.Sync2(desync.New(0), d, func(_, v *int) int { job(v); return *v })
			return nil
		}},
		{"DoAll", false, func(d *desync.Desync[int], job func(*int)) error {
			desync.DoAll([]*desync.Desync[int]{desync.New(0), d}, func(vs []*int) { job(vs[1]) })
			return nil
		}},
		{"Future", false, func(d *desync.Desync[int], job func(*int)) error {
			return await(d.Future(func(v *int) int { job(v); return *v }))
		}},
		{"FutureContext", false, func(d *desync.Desync[int], job func(*int)) error {
			return await(d.FutureContext(ctx, with(job)))
		}},
		{"After", false, func(d *desync.Desync[int], job func(*int)) error {
			return await(d.After(futures.Resolved(0), func(v *int, _ int, _ error) int { return after(v, job) }))
		}},
		{"After a pending future", false, func(d *desync.Desync[int], job func(*int)) error {
			p := new(futures.Promise[int])
			f := d.After(p.Future(), func(v *int, _ int, _ error) int { return after(v, job) })
			go p.Resolve(0)
			return await(f)
		}},
		{"Submit", false, func(d *desync.Desync[int], job func(*int)) error {
			ended := make(chan error, 1)
			d.Submit(telling{job, func(err error) { ended <- err }})
			return <-ended
		}},
		{"Async", false, func(d *desync.Desync[int], job func(*int)) error {
			d.Async(job)
			d.Do(func(*int) {}) // nothing else tells when it has ended; see also the next job, below
			return nil
		}},
	}
}

// telling is a job of Submit.
type telling struct {
	run   func(*int)
	ended func(error)
}

func (j telling) Run(v *int)      { j.run(v) }
func (j telling) Ended(err error) { j.ended(err) }

// twice is what an object of a number publishes in these tests: if it is torn it shows.
type twice struct{ n, again int }

func double(v *int) twice { return twice{*v, *v} }
