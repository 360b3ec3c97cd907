package desync_test

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/go-desync/go-desync/desync"
)

// A counted job tells a sync.WaitGroup that it has ended, however it ends.
type counted struct {
	jobs *sync.WaitGroup
	name string
}

func (c counted) Run(lines *[]string) {
	if c.name == "" {
		panic("no name")
	}
	*lines = append(*lines, c.name)
}

func (c counted) Ended(error) { c.jobs.Done() }

func ExampleDesync_Submit() {
	lines := desync.New([]string{}, desync.WithPanicHandler(func(*desync.PanicError) {}))
	resume := lines.Suspend() // something takes its time
	var jobs sync.WaitGroup
	jobs.Add(3)
	lines.Submit(counted{&jobs, "a"})
	lines.Submit(counted{&jobs, ""})
	stop := lines.Submit(counted{&jobs, "b"})
	if stop() {
		jobs.Done()
		fmt.Println("b was taken back")
	}
	resume()
	jobs.Wait()
	fmt.Println(lines.Sync(func(lines *[]string) []string { return *lines }))
	// Output:
	// b was taken back
	// [a]
}

func ExampleJob() {
	var jobs sync.WaitGroup
	jobs.Add(1)
	rooms := desync.NewMap(func(string) []string { return nil })
	rooms.At("kitchen").Submit(counted{&jobs, "ann"})
	jobs.Wait()
	fmt.Println(rooms.At("kitchen").Sync(func(lines *[]string) []string { return *lines }))
	// Output: [ann]
}

// A watched job says how it has ended.
type watchedJob struct{ run, ended func() }

func (w watchedJob) Run(*int)        { w.run() }
func (w watchedJob) Ended(err error) { w.ended() }

func ExampleKey_SubmitIfPresent() {
	rooms := desync.NewMap(func(string) int { return 0 })
	var over sync.WaitGroup
	job := watchedJob{func() { fmt.Println("somebody is there") }, over.Done}
	over.Add(2)
	rooms.At("kitchen").SubmitIfPresent(job) // there is nobody
	rooms.At("kitchen").Do(func(people *int) { *people++ })
	rooms.At("kitchen").SubmitIfPresent(job)
	over.Wait()
	// Output: somebody is there
}

// The call of a package that waits for jobs of an object.
func ExampleCheckWait() {
	d := desync.New(0)
	wait := func(ctx context.Context) error {
		if err := desync.CheckWait(ctx, d); err != nil {
			return err
		}
		d.Do(func(*int) {})
		return nil
	}
	fmt.Println(wait(context.Background()))
	err := d.DoContext(context.Background(), func(ctx context.Context, _ *int) error { return wait(ctx) })
	deadlock, ok := errors.AsType[*desync.DeadlockError](err)
	fmt.Println(ok, len(deadlock.Ring))
	// Output:
	// <nil>
	// true 1
}
