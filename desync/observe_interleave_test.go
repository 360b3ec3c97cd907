//go:build desynchooks && !race

package desync

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// A clockwatcher remembers when its job finished.
type clockwatcher struct {
	NopObserver
	finished time.Time
}

func (c *clockwatcher) Finished(j JobInfo) { c.finished = j.Finished }

// The end of a job that panics is noted before the object is passed on: else it could
// be later than the beginning of the next job.
func TestInterleavingsTheEndIsNotedBeforeTheObjectGoesOn(t *testing.T) {
	fail := func(*int) { panic("a boom") }
	calls := map[string]func(d, e *Desync[int]){
		"Do":      func(d, _ *Desync[int]) { d.Do(fail) },
		"Sync":    func(d, _ *Desync[int]) { d.Sync(func(v *int) int { fail(v); return 0 }) },
		"TryDo":   func(d, _ *Desync[int]) { d.TryDo(fail) },
		"TrySync": func(d, _ *Desync[int]) { d.TrySync(func(v *int) int { fail(v); return 0 }) },
		"DoContext": func(d, _ *Desync[int]) {
			d.DoContext(context.Background(), func(_ context.Context, v *int) error { fail(v); return nil })
		},
		"SyncContext": func(d, _ *Desync[int]) {
			d.SyncContext(context.Background(), func(_ context.Context, v *int) (int, error) { fail(v); return 0, nil })
		},
		"Sync2": func(d, e *Desync[int]) { Sync2(d, e, func(v, _ *int) int { fail(v); return 0 }) },
		"DoAll": func(d, e *Desync[int]) { DoAll([]*Desync[int]{d, e}, func(vs []*int) { fail(vs[0]) }) },
	}
	defer func(before func(point)) { atPoint = before }(atPoint)
	for name, call := range calls {
		synctest.Test(t, func(t *testing.T) {
			a, b := new(clockwatcher), new(clockwatcher)
			d, e := New(0, WithObserver(a)), New(0, WithObserver(b))
			atPoint = func(p point) {
				if p == releaseSwap {
					time.Sleep(time.Hour)
				}
			}
			began := time.Now()
			func() {
				defer func() { recover() }()
				call(d, e)
			}()
			atPoint = func(point) {}
			if a.finished != began {
				t.Errorf("%s: the panic of the job was noted %v after it, when the object had been passed on", name, a.finished.Sub(began))
			}
			if !b.finished.IsZero() && b.finished != began {
				t.Errorf("%s: at the second object the panic was noted %v after it", name, b.finished.Sub(began))
			}
		})
	}
}
