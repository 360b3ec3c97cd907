package dropped

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

func get(n *int) int { return *n }

func getContext(_ context.Context, n *int) (int, error) { return *n, nil }

func futuresOf(ctx context.Context, d *desync.Desync[int]) {
	d.Future(get)                                                         // want `nobody awaits the future that Future returns`
	d.FutureContext(ctx, getContext)                                      // want `nobody awaits the future that FutureContext returns`
	futures.Go(ctx, func(context.Context) (int, error) { return 0, nil }) // want `nobody awaits`
	var fs []*futures.Future[int]
	for range 3 {
		fs = append(fs, d.Future(get)) // want `nobody awaits the futures in fs`
	}

	_ = d.Future(get)
	f := d.Future(get)
	d.After(f, func(n *int, v int, err error) error { *n = v; return err })
	var read []*futures.Future[int]
	read = append(read, d.Future(get))
	_, _ = futures.All(ctx, read...)
}

func resumes(d *desync.Desync[int], prepare func() error) error {
	d.Suspend()       // want `nobody can resume the object`
	_ = d.Suspend()   // want `nobody can resume the object`
	defer d.Suspend() // want `the deferred Suspend holds the object when the function ends`
	defer d.Suspend()()

	resume := d.Suspend() // want `resume is not called on all paths: the object stays held after the return in line 41`
	if err := prepare(); err != nil {
		return err
	}
	resume()

	again := d.Suspend()
	if err := prepare(); err != nil {
		again()
		return err
	}
	go again()

	last := d.Suspend()
	if prepare() != nil {
		panic("no return")
	}
	for range 3 {
		go last()
	}
	return nil
}

func notRun(ctx context.Context, d *desync.Desync[int]) {
	v, _ := d.SyncContext(ctx, getContext) // want `the error of SyncContext says whether the job has run, and v is used without it`
	f := d.FutureContext(ctx, getContext)
	w, _ := f.Await(ctx) // want `the error of Await says whether`
	var out int
	d.DoContext(ctx, func(_ context.Context, n *int) error { out = *n; return nil }) // want `out, which the job writes, is used without it`
	fmt.Println(v, w, out)

	x, _ := d.SyncContext(context.Background(), getContext)
	y, err := d.SyncContext(ctx, getContext)
	if errors.Is(err, desync.ErrNotRun) {
		return
	}
	_, _ = d.SyncContext(ctx, getContext)
	d.DoContext(ctx, func(_ context.Context, n *int) error { *n++; return nil })
	ran := false
	d.DoContext(ctx, func(context.Context, *int) error { ran = true; return nil })
	fmt.Println(x, y, ran)
}

func resumesKeys(m *desync.Map[string, int]) {
	m.At("a").Suspend() // want `nobody can resume the object`
	defer m.At("a").Suspend()()
	m.At("a").Future(get) // want `nobody awaits the future that Future returns`
}

func several(ctx context.Context, a, b *desync.Desync[int]) {
	desync.Future2(a, b, func(a, b *int) int { return *a + *b })                                             // want `nobody awaits the future that Future2 returns: its result`
	desync.FutureAll([]*desync.Desync[int]{a, b}, func(data []*int) int { return len(data) })                // want `nobody awaits the future that FutureAll returns: its result`
	v, _ := desync.Sync2Context(ctx, a, b, func(context.Context, *int, *int) (int, error) { return 1, nil }) // want `the error of Sync2Context says whether the job has run, and v is used without it`
	var out int
	desync.DoAllContext(ctx, []*desync.Desync[int]{a, b}, func(_ context.Context, data []*int) error { out = *data[0]; return nil }) // want `the error of DoAllContext says whether the job has run, and out, which the job writes, is used without it`
	fmt.Println(v, out)
	_ = desync.Future2(a, b, func(a, b *int) int { return *a + *b })
}
