package desync

import (
	"context"
	"errors"
	"runtime"

	"github.com/go-desync/go-desync/futures"
)

// A turn is one call of a script: c is the call, second what else it does.
type turn struct {
	*stage
	object    byte
	d         *Desync[int]
	h         *history
	c, second *call
}

// job is the body of most jobs.
func (t *turn) job(n *int) {
	t.h.enter(t.c)
	defer t.h.leave()
	*n++
	runtime.Gosched()
}

// both is the body of a job of both objects.
func (t *turn) both(n, m *int) {
	t.histories[1-t.object].enter(t.second)
	defer t.histories[1-t.object].leave()
	*m++
	t.job(n)
}

func (t *turn) get(n *int) int { t.job(n); return *n }

// settled waits for the future of the call and checks its error.
func (t *turn) settled(f *futures.Future[int], want error) {
	<-f.Done()
	r, _ := f.Try()
	t.c.refused = errors.Is(r.Err, ErrNotRun)
	if !errors.Is(r.Err, want) {
		t.h.fault("the future of %s settled with %v, want %v", t.c.name, r.Err, want)
	}
	if !t.c.refused && t.c.runs.Load() != 1 {
		t.h.fault("FUT-2: the future of %s settled before its job had run", t.c.name)
	}
}

// soon returns a context that ends at about the same time as what follows.
func soon() context.Context {
	ctx, cancel := context.WithCancelCause(context.Background())
	go cancel(errOnPurpose)
	return ctx
}

// cancelled checks the error of a call with soon.
func (t *turn) cancelled(err error) {
	t.c.refused = err != nil
	if err != nil && !(errors.Is(err, ErrNotRun) && errors.Is(err, context.Canceled) && errors.Is(err, errOnPurpose)) {
		t.h.fault("CAN-1: %s failed with %v", t.c.name, err)
	}
}

var kinds = []struct {
	name string
	both bool // it is about the other object too
	play func(*turn)
}{
	{name: "Async", play: func(t *turn) { t.d.Async(t.job) }},
	{name: "Do", play: func(t *turn) { t.d.Do(t.job) }},
	{name: "Sync", play: func(t *turn) {
		if t.d.Sync(func(n *int) *call { t.job(n); return t.c }) != t.c {
			t.h.fault("%s got another call's result", t.c.name)
		}
	}},
	{name: "TryDo", play: func(t *turn) { t.c.refused = !t.d.TryDo(t.job) }},
	{name: "TrySync", play: func(t *turn) {
		_, ok := t.d.TrySync(t.get)
		t.c.refused = !ok
	}},
	{name: "Future", play: func(t *turn) { t.settled(t.d.Future(t.get), nil) }},
	{name: "Future that nobody awaits", play: func(t *turn) { t.d.Future(t.get) }},
	{name: "Async in Async", play: func(t *turn) {
		t.second.refused = false
		t.d.Async(func(n *int) {
			t.job(n)
			t.second.began = t.h.clock.Add(1)
			t.d.Async(func(n *int) { t.h.enter(t.second); *n++; t.h.leave() })
			t.second.ended = t.h.clock.Add(1)
		})
	}},
	{name: "Async that panics", play: func(t *turn) {
		t.handled.Add(1)
		t.d.Async(func(n *int) { t.job(n); panic(errOnPurpose) })
	}},
	{name: "Future that panics", play: func(t *turn) {
		t.settled(t.d.Future(func(n *int) int { t.job(n); panic(errOnPurpose) }), errOnPurpose)
	}},
	{name: "Do that panics", play: func(t *turn) {
		defer func() {
			if v := recover(); v != errOnPurpose {
				t.h.fault("PAN-1: %s recovered %v", t.c.name, v)
			}
		}()
		t.d.Do(func(n *int) { t.job(n); panic(errOnPurpose) })
	}},
	{name: "Do that exits", play: func(t *turn) {
		over := make(chan struct{})
		go func() {
			defer close(over)
			t.d.Do(func(n *int) { t.job(n); runtime.Goexit() })
		}()
		<-over
	}},
	{name: "DoContext", play: func(t *turn) {
		if err := t.d.DoContext(context.Background(), func(_ context.Context, n *int) error { t.job(n); return errOnPurpose }); err != errOnPurpose {
			t.h.fault("%s returned %v", t.c.name, err)
		}
	}},
	{name: "DoContext that is canceled", play: func(t *turn) {
		t.cancelled(t.d.DoContext(soon(), func(_ context.Context, n *int) error { t.job(n); return nil }))
	}},
	{name: "FutureContext that is canceled", play: func(t *turn) {
		f := t.d.FutureContext(soon(), func(_ context.Context, n *int) (int, error) { return t.get(n), nil })
		<-f.Done()
		r, _ := f.Try()
		t.cancelled(r.Err)
	}},
	{name: "After", play: func(t *turn) {
		var p futures.Promise[int]
		f := t.d.After(p.Future(), func(n *int, v int, err error) int {
			if v != 7 || err != nil {
				t.h.fault("%s got %d, %v", t.c.name, v, err)
			}
			return t.get(n)
		})
		runtime.Gosched()
		p.Resolve(7)
		t.settled(f, nil)
	}},
	{name: "Suspend", play: func(t *turn) {
		resume := t.d.Suspend()
		t.c.ended = t.h.clock.Add(1)
		runtime.Gosched()
		t.c.suspension = true
		t.c.ran = t.h.clock.Add(1)
		resume()
		resume()
	}},
	{name: "Suspend in a job", play: func(t *turn) {
		t.d.Async(func(n *int) { t.job(n); go t.d.Suspend()() })
	}},
	{name: "Sync2", both: true, play: func(t *turn) {
		t.second.refused = false
		Sync2(t.d, t.objects[1-t.object], func(n, m *int) int { t.both(n, m); return 0 })
	}},
	{name: "DoAll that panics", both: true, play: func(t *turn) {
		t.second.refused = false
		defer func() {
			if v := recover(); v != errOnPurpose {
				t.h.fault("PAN-1: %s recovered %v", t.c.name, v)
			}
		}()
		DoAll([]*Desync[int]{t.d, t.objects[1-t.object]}, func(data []*int) {
			t.both(data[0], data[1])
			panic(errOnPurpose)
		})
	}},
	{name: "Sync2Context that is canceled", both: true, play: func(t *turn) {
		_, err := Sync2Context(soon(), t.d, t.objects[1-t.object], func(_ context.Context, n, m *int) (int, error) {
			t.both(n, m)
			return 0, nil
		})
		t.cancelled(err)
		t.second.refused = t.c.refused
	}},
	{name: "DoAllContext that is canceled", both: true, play: func(t *turn) {
		t.cancelled(DoAllContext(soon(), []*Desync[int]{t.objects[1-t.object], t.d}, func(_ context.Context, data []*int) error {
			t.both(data[1], data[0])
			return nil
		}))
		t.second.refused = t.c.refused
	}},
	{name: "Future2", both: true, play: func(t *turn) {
		t.second.refused = false
		f := Future2(t.objects[1-t.object], t.d, func(m, n *int) int { t.both(n, m); return 0 })
		t.second.ended = t.histories[1-t.object].clock.Add(1)
		t.c.ended = t.h.clock.Add(1)
		if t.object == 0 {
			t.settled(f, nil)
		}
	}},
}
