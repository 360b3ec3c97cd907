package desync_test

import (
	"context"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-desync/go-desync/desync"
)

func TestEXE1_EXE2_EveryJobRunsOnce(t *testing.T) {
	const goroutines = 6
	n := scaled(20_000)
	runs := desync.New(make([]int, goroutines*n))
	all := kinds[[]int]()
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() {
			for i := range n {
				id := g*n + i
				all[(g+i)%len(all)].call(runs, func(runs *[]int) { (*runs)[id]++ })
				if i%64 == 0 {
					runtime.Gosched() // let the object become idle
				}
			}
		})
	}
	wg.Wait()
	for id, got := range runs.Sync(func(runs *[]int) []int { return *runs }) {
		if got != 1 {
			t.Fatalf("EXE-1, EXE-2: job %d of goroutine %d ran %d times; want once", id%n, id/n, got)
		}
	}
}

// The jobs wait inside their bodies: on a timer, a channel, another object.
func TestEXC1_WholeBodiesDoNotOverlap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type state struct {
			busy bool
			ran  int
		}
		d := desync.New(state{})
		var other desync.Desync[int]
		waits := []func(){
			func() { time.Sleep(time.Second) },
			func() { <-time.After(time.Second) },
			func() { other.Do(func(*int) { time.Sleep(time.Second) }) },
			runtime.Gosched,
		}
		jobs := 0
		var wg sync.WaitGroup
		for g, k := range kinds[state]() {
			for i, wait := range waits {
				jobs += 3
				wg.Go(func() {
					for range 3 {
						k.call(d, func(s *state) {
							if s.busy {
								t.Errorf("EXC-1: a job of %s began inside another", k.name)
							}
							s.busy = true
							wait()
							s.busy = false
							s.ran++
						})
						time.Sleep(time.Duration(g*len(waits)+i) * 300 * time.Millisecond)
					}
				})
			}
		}
		wg.Wait()
		if ran := d.Sync(func(s *state) int { return s.ran }); ran != jobs {
			t.Errorf("EXE-2: %d jobs ran; want %d", ran, jobs)
		}
	})
}

// The count is a plain int: with -race this shows that each job happens before
// the next, and without, that no increment is lost.
func TestMEM1_EachJobHappensBeforeTheNext(t *testing.T) {
	const goroutines = 8
	d := desync.New(0)
	all := kinds[int]()
	n := scaled(20_000)
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() {
			for i := range n {
				all[(g*5+i)%len(all)].call(d, func(count *int) { *count++ })
			}
		})
	}
	wg.Wait()
	if got := d.Sync(func(count *int) int { return *count }); got != n*goroutines {
		t.Errorf("MEM-1: the count is %d after %d increments", got, n*goroutines)
	}
}

// Plain variables go from the caller to the job and back.
func TestMEM2_CallerToJobAndBack(t *testing.T) {
	ctx := context.Background()
	for _, k := range kinds[int]() {
		t.Run(k.name, func(t *testing.T) {
			var d desync.Desync[int]
			for i := range scaled(20_000) {
				in, out := i, 0
				k.call(&d, func(*int) { out = in + 1 })
				if !k.waits {
					d.Do(func(*int) {})
				}
				if out != i+1 {
					t.Fatalf("MEM-2: the job made %d out of %d; want %d", out, i, i+1)
				}
			}
		})
	}
	t.Run("Future and Await", func(t *testing.T) {
		var d desync.Desync[int]
		for i := range scaled(20_000) {
			in, out := i, 0
			f := d.Future(func(*int) *int { out = in + 1; return &out })
			p, err := f.Await(ctx)
			if err != nil || *p != i+1 || out != i+1 {
				t.Fatalf("MEM-2: the future gave %d, %v; want %d", *p, err, i+1)
			}
		}
	})
}
