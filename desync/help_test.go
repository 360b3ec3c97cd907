package desync_test

import (
	"runtime"
	"slices"
	"testing"

	"github.com/go-desync/go-desync/desync"
)

func TestHLP1_AHelpingDoRunsTheJobsBeforeItsOwnInOrder(t *testing.T) {
	helped(t, func(ran func()) {
		d := desync.New([]int(nil))
		const n = 100
		for i := range n {
			d.Async(func(log *[]int) {
				ran()
				*log = append(*log, i)
			})
		}
		d.Do(func(log *[]int) { *log = append(*log, n) })
		wantCounting(t, "HLP-1", d.Sync(func(log *[]int) []int { return *log }), n+1)
	})
}

func TestHLP2_APanicNeverReachesTheHelpingCaller(t *testing.T) {
	helped(t, func(ran func()) {
		told := make(chan *desync.PanicError, 2)
		d := desync.New([]string(nil), desync.WithPanicHandler(func(e *desync.PanicError) { told <- e }))
		job := func(log *[]string) string {
			ran()
			*log = append(*log, "job")
			panic("boom")
		}
		d.Async(func(log *[]string) { job(log) })
		f := d.Future(job)
		d.Async(func(log *[]string) { job(log) })
		own := false
		if v := caught(func() { d.Do(func(*[]string) { own = true }) }); v != nil {
			t.Fatalf("HLP-2: the Do panicked with %v of a job queued before its own", v)
		}
		if !own {
			t.Error("HLP-2: the Do's own job did not run")
		}
		for range 2 {
			if e := receive(t, told, "the call of the handler"); e.Value != "boom" {
				t.Errorf("HLP-2, PAN-3: the handler was told of %v; want boom", e.Value)
			}
		}
		wantPanicError(t, f, "boom")
		if log := d.Sync(func(log *[]string) []string { return *log }); len(log) != 3 {
			t.Errorf("HLP-2: the jobs that ran are %q; want all three", log)
		}
	})
}

func TestHLP3_GoexitInAHelpedJobEndsTheCaller(t *testing.T) {
	for _, k := range background[[]string]() {
		t.Run(k.name, func(t *testing.T) {
			setProcs(t, 1)
			shown := false
			for range 1000 {
				d := desync.New([]string(nil))
				var caller, job string
				returned := false
				ended := make(chan struct{})
				go func() {
					defer close(ended)
					caller = goid()
					k.call(d, func(*[]string) {
						job = goid()
						runtime.Goexit()
					})
					d.Async(func(log *[]string) { *log = append(*log, "neighbour") })
					d.Do(func(log *[]string) { *log = append(*log, "own") })
					returned = true
				}()
				receive(t, ended, "the caller's end")
				log := d.Sync(func(log *[]string) []string { return *log })
				want := []string{"neighbour", "own"}
				if job == caller {
					shown = true
					want = want[:1]
				}
				if !slices.Equal(log, want) || returned == (job == caller) {
					t.Fatalf("HLP-3: with the job on %s, the caller on %s, these ran: %q, want %q; the Do returned: %v",
						job, caller, log, want, returned)
				}
			}
			if !shown {
				t.Fatal("no Do ran the job queued before its own; the test has shown nothing")
			}
		})
	}
}

// The Do that helps has been accepted and has not ended.
func TestPendingCountsAHelpingDo(t *testing.T) {
	helped(t, func(ran func()) {
		var d desync.Desync[int]
		caller, pending := goid(), 0
		d.Async(func(*int) {
			ran()
			if goid() == caller {
				pending = d.Pending()
			} else {
				pending = 2
			}
		})
		d.Do(func(*int) {})
		if pending != 2 {
			t.Errorf("Pending says %d in a job that a Do runs before its own; want 2", pending)
		}
	})
}
