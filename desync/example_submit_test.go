package desync_test

import (
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
