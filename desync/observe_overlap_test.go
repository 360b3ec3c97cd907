package desync_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-desync/go-desync/desync"
)

// A delayed observer keeps the first call in Queued until its gate is open: as when the
// goroutine of the caller gets no processor just then.
type delayed struct {
	desync.NopObserver
	gate chan struct{}
	once sync.Once

	mu    sync.Mutex
	ended []desync.JobInfo
}

func (o *delayed) Queued(desync.JobInfo) {
	first := false
	o.once.Do(func() { first = true })
	if first {
		<-o.gate
	}
}

func (o *delayed) Finished(j desync.JobInfo) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ended = append(o.ended, j)
}

// EXC-1: jobs do not overlap in what observers are told either. A call that finds the object
// idle has not had its turn since it was made: others may have run in between.
func TestEXC1ObservedTimesDoNotOverlap(t *testing.T) {
	job := func(*int) { time.Sleep(time.Second) }
	for name, call := range map[string]func(t *testing.T, d *desync.Desync[int]){
		"Do":   func(_ *testing.T, d *desync.Desync[int]) { d.Do(job) },
		"Sync": func(_ *testing.T, d *desync.Desync[int]) { d.Sync(func(n *int) int { job(n); return 0 }) },
		"DoContext": func(t *testing.T, d *desync.Desync[int]) {
			_ = d.DoContext(t.Context(), func(_ context.Context, n *int) error { job(n); return nil })
		},
		"Async":   func(_ *testing.T, d *desync.Desync[int]) { d.Async(job) },
		"Suspend": func(_ *testing.T, d *desync.Desync[int]) { resume := d.Suspend(); time.Sleep(time.Second); resume() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := &delayed{gate: make(chan struct{})}
				d := desync.New(0, desync.WithObserver(o))
				go d.DoContext(t.Context(), func(context.Context, *int) error { return nil }) // is kept in Queued
				synctest.Wait()
				call(t, d)
				synctest.Wait()
				time.Sleep(2 * time.Second)
				close(o.gate)
				synctest.Wait()
				time.Sleep(time.Second)
				synctest.Wait()
				if len(o.ended) != 2 {
					t.Fatalf("%d jobs have ended, want 2", len(o.ended))
				}
				if first, second := o.ended[0], o.ended[1]; second.Started.Before(first.Finished) {
					t.Errorf("a job ended at %v, and the next started at %v; want it not before", first.Finished, second.Started)
				}
			})
		})
	}
}

// A Do, Sync or Try that finds the object idle is told of in its turn, which has come with the
// call. One that must wait is told of before it waits.
func TestQueuedInTheTurn(t *testing.T) {
	job := func(*int) {}
	for name, call := range map[string]func(d *desync.Desync[int]){
		"Do":      func(d *desync.Desync[int]) { d.Do(job) },
		"Sync":    func(d *desync.Desync[int]) { d.Sync(func(*int) int { return 0 }) },
		"TryDo":   func(d *desync.Desync[int]) { d.TryDo(job) },
		"TrySync": func(d *desync.Desync[int]) { d.TrySync(func(*int) int { return 0 }) },
	} {
		var d *desync.Desync[int]
		o := &listener{also: func(e told) {
			inTurn := e.Call == desync.CallTry || e.Ahead == 0
			if e.what == "queued" && (e.InTurn != inTurn || inTurn == e.Started.IsZero() || inTurn && !e.Started.Equal(e.Queued)) {
				t.Errorf("%s, %d ahead: queued at %v, started at %v", name, e.Ahead, e.Queued, e.Started)
			}
			if e.what == "queued" && d.TryDo(job) {
				t.Errorf("%s, %d ahead: another job runs in the turn", name, e.Ahead)
			}
		}}
		synctest.Test(t, func(t *testing.T) {
			d = desync.New(0, desync.WithObserver(o))
			call(d)
			gate := make(chan struct{})
			go d.Do(func(*int) { <-gate })
			synctest.Wait()
			go call(d)
			synctest.Wait()
			close(gate)
			synctest.Wait()
			want := 3
			if name == "TryDo" || name == "TrySync" {
				want = 2
			}
			if got := len(o.taken()); got != 3*want {
				t.Errorf("%s: %d reports, want %d jobs to be queued, started and finished", name, got, want)
			}
		})
	}
}
