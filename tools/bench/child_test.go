package main

import (
	"context"
	"os"
	"testing"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/tools/bench/internal/child"
	"github.com/go-desync/go-desync/tools/bench/internal/report"
	"github.com/go-desync/go-desync/tools/bench/internal/subject"
)

// With these the test is the program itself, in a process of its own.
const (
	runCommand  = "run"
	slowCommand = "slow" // on a slow core
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case runCommand, childCommand:
			main()
		case slowCommand:
			b := bench{own: slow{}, peers: subject.Peers(), machine: report.ThisMachine(), isolate: child.Run, stdout: os.Stdout, stderr: os.Stderr}
			os.Exit(b.main(context.Background(), os.Args[2:]))
		}
	}
	os.Exit(m.Run())
}

// slow is a core without a fast path.
type slow struct{ subject.Desync }

func (slow) New() subject.Object { return new(slowObject) }

type slowObject struct{ d desync.Desync[subject.State] }

func (o *slowObject) Wait() int {
	return o.d.Sync(func(s *subject.State) int { return s.Ran })
}

func (o *slowObject) Give(job func(*subject.State)) { o.d.Async(job) }
func (o *slowObject) Close()                        {}
func (o *slowObject) Hold() (release func())        { return o.d.Suspend() }

func (o *slowObject) Do(n int) (ran int) { return o.Sync(n) }

func (o *slowObject) Sync(n int) (right int) {
	for i := range n {
		last, err := o.d.Future(func(s *subject.State) int {
			s.Ran++
			s.Last = i
			return s.Last
		}).Await(context.Background())
		if err == nil && last == i {
			right++
		}
	}
	return right
}

func (o *slowObject) Async(n int) { o.Repeat(n) }

func (o *slowObject) Repeat(n int) {
	for range n {
		done := make(chan struct{})
		go func() {
			defer close(done)
			o.d.Do(func(s *subject.State) { s.Ran++ })
		}()
		<-done
	}
}
