package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/go-desync/go-desync/desync"
)

// callers are the goroutines of the scene.
var callers = [...]string{"A", "B", "C"}

// A job is a job of the scene, with the times of what happened to it. Times count from
// the beginning of the scene.
type job struct {
	name   string
	caller int           // in callers
	call   string        // the method that hands it over
	at     time.Duration // when the call is to be made
	takes  time.Duration

	made           time.Duration // when the call was made
	awaits, result time.Duration // when the caller began to wait for the future, and had the result
	started, ended time.Duration
}

// plan lists the jobs in the order of their calls.
func plan() []*job {
	const ms = time.Millisecond
	return []*job{
		{name: "A1", caller: 0, call: "Async", at: 0, takes: 40 * ms},
		{name: "B1", caller: 1, call: "Sync", at: 12 * ms, takes: 30 * ms},
		{name: "A2", caller: 0, call: "Async", at: 24 * ms, takes: 20 * ms},
		{name: "C1", caller: 2, call: "Future", at: 36 * ms, takes: 40 * ms},
	}
}

// awaitAfter is how long a caller does something else between Future and Await.
const awaitAfter = 36 * time.Millisecond

// An observer keeps the records of the jobs that have ended.
type observer struct {
	desync.NopObserver
	open  sync.WaitGroup // jobs that have not ended
	ended desync.Desync[[]desync.JobInfo]
}

func (o *observer) Queued(desync.JobInfo) { o.open.Add(1) }

func (o *observer) Finished(info desync.JobInfo) {
	o.ended.Do(func(ended *[]desync.JobInfo) { *ended = append(*ended, info) })
	o.open.Done()
}

// play makes the calls of the plan and returns the jobs in the order in which they ran.
func play() []*job {
	o := new(observer)
	// The object owns the list of the jobs that have run.
	object := desync.New([]*job(nil), desync.WithObserver(o))
	start := time.Now()
	var running sync.WaitGroup
	for caller := range callers {
		running.Go(func() {
			for _, j := range plan() {
				if j.caller == caller {
					time.Sleep(j.at - time.Since(start))
					j.handOver(object, start)
				}
			}
		})
	}
	running.Wait()
	o.open.Wait()

	ended := o.ended.Sync(func(ended *[]desync.JobInfo) []desync.JobInfo {
		return slices.SortedFunc(slices.Values(*ended), func(a, b desync.JobInfo) int { return a.Started.Compare(b.Started) })
	})
	jobs := object.Sync(func(ran *[]*job) []*job { return *ran })
	for i, j := range jobs { // one at a time: the first to start is the first on the list
		j.started, j.ended = ended[i].Started.Sub(start), ended[i].Finished.Sub(start)
	}
	return jobs
}

// handOver makes the call of a job, and waits for its result if there is one.
func (j *job) handOver(object *desync.Desync[[]*job], start time.Time) {
	run := func(ran *[]*job) bool {
		*ran = append(*ran, j)
		time.Sleep(j.takes)
		return true
	}
	j.made = time.Since(start)
	switch j.call {
	case "Async":
		object.Async(func(ran *[]*job) { run(ran) })
	case "Sync":
		object.Sync(run)
	case "Future":
		f := object.Future(run)
		time.Sleep(awaitAfter)
		j.awaits = time.Since(start)
		if _, err := f.Await(context.Background()); err != nil {
			panic(err) // the job does not fail, and the context does not end
		}
		j.result = time.Since(start)
	}
}

// inOrder returns an error if the jobs did not run in the order of the plan.
func inOrder(jobs []*job) error {
	name := func(jobs []*job) (names []string) {
		for _, j := range jobs {
			names = append(names, j.name)
		}
		return names
	}
	if got, want := name(jobs), name(plan()); !slices.Equal(got, want) {
		return fmt.Errorf("the jobs ran in the order %v in place of %v; is the machine busy? run it again", got, want)
	}
	return nil
}
