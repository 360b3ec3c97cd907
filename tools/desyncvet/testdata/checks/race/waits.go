package race

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

// What an object that is held by After or Suspend lets through comes after what
// lets it go.
func behindAfter() {
	var d, e desync.Desync[int]
	x := 0
	f := d.Future(func(*int) int { x++; return 0 })
	e.After(f, func(*int, int, error) int { return 0 })
	e.Do(func(*int) {})
	fmt.Println(x)
}

func behindSuspend() {
	var d, e desync.Desync[int]
	x := 0
	resume := e.Suspend()
	d.Async(func(*int) { x++; resume() })
	e.Do(func(*int) {})
	fmt.Println(x)
}

func behindAJobThatWaits(other *desync.Desync[int]) {
	var d, e desync.Desync[int]
	x := 0
	d.Async(func(*int) { x++ })
	e.Async(func(*int) { d.Do(func(*int) {}) })
	e.Do(func(*int) {})
	fmt.Println(x)
}

type feed struct {
	ch  chan int
	seq iter.Seq[int]
}

func ranges(d *desync.Desync[int], s *feed, ch chan int, seq iter.Seq[int], list []int) {
	v := 0
	d.Async(func(n *int) { v = *n; close(ch) })
	for range ch {
	}
	fmt.Println(v)

	d.Async(func(n *int) { v = *n; close(s.ch) })
	for range s.ch {
	}
	fmt.Println(v)

	d.Async(func(n *int) { v = *n })
	for range seq {
		fmt.Println(v)
	}
	d.Async(func(n *int) { v = *n })
	for range s.seq {
	}
	fmt.Println(v)

	d.Async(func(n *int) { v = *n })
	for range slices.Values(list) {
		fmt.Println(v) // want `v is read`
	}
}

func polls(ctx context.Context, d *desync.Desync[int]) {
	v := 0
	f := d.Future(func(n *int) int { v = *n; return 0 })
	select {
	case <-f.Done():
		fmt.Println(v)
	default:
		fmt.Println(v) // want `v is read`
	}
	fmt.Println(v) // want `v is read`
	_, _ = f.Await(ctx)

	f = d.Future(func(n *int) int { v = *n; return 0 })
	select {
	case <-f.Done():
	case <-time.After(time.Second):
	}
	fmt.Println(v)
}

// Jobs that wait before their access.
func gated(d, e *desync.Desync[int], fs chan int, p *futures.Promise[int]) {
	x := 0
	open := make(chan struct{})
	d.Async(func(*int) { <-open; x++ })
	x = 1
	close(open)
	d.Do(func(*int) {})

	d.Async(func(*int) { x = <-fs })
	x = 2
	fs <- 1
	d.Do(func(*int) {})

	var mu sync.Mutex
	mu.Lock()
	d.Async(func(*int) { mu.Lock(); defer mu.Unlock(); x++ })
	x = 3
	mu.Unlock()
	d.Do(func(*int) {})

	var wg sync.WaitGroup
	wg.Add(1)
	d.Async(func(*int) { wg.Wait(); x++ })
	x = 4
	wg.Done()
	d.Do(func(*int) {})

	hold := e.Suspend()
	d.Async(func(*int) { e.Do(func(*int) {}); x++ })
	x = 5
	hold()
	d.Do(func(*int) {})

	resume := d.Suspend()
	d.Async(func(*int) { x++ })
	x = 6
	resume()
	d.Do(func(*int) {})

	d.Async(func(*int) { <-open })
	d.Async(func(*int) { x++ })
	x = 7
	d.Do(func(*int) {})

	d.After(p.Future(), func(*int, int, error) int { x++; return 0 })
	x = 8
	p.Resolve(1)
	d.Do(func(*int) {})

	d.Async(func(*int) { wait(open); x++ })
	x = 9
	d.Do(func(*int) {})

	d.Async(func(*int) {
		for range fs {
			x++
		}
	})
	x = 10
	d.Do(func(*int) {})

	d.Async(func(*int) {
		select {
		case <-open:
		case v := <-fs:
			x = v
		}
		x++
	})
	x = 11
}

func gatedByAnother() {
	var d, e desync.Desync[int]
	x := 0
	resume := e.Suspend()
	d.Async(func(*int) { e.Do(func(*int) { x++ }) })
	x = 1
	resume()
	d.Do(func(*int) {})
}

func wait(ch chan struct{}) { <-ch }

// Jobs that do not.
func open(d *desync.Desync[int], ch chan int) {
	x := 0
	d.Async(func(*int) { x++; <-ch })
	x = 1 // want `x is written`
	d.Do(func(*int) {})

	d.Async(func(*int) {
		select {
		case <-ch:
		default:
		}
		x++
	})
	x = 2 // want `x is written`
	d.Do(func(*int) {})

	d.Async(func(*int) { defer func() { <-ch }(); x++ })
	x = 3 // want `x is written`
	d.Do(func(*int) {})

	resume := d.Suspend()
	resume()
	d.Do(func(*int) {})
}

func resumedBefore() {
	var d desync.Desync[int]
	x := 0
	resume := d.Suspend()
	resume()
	d.Async(func(*int) { x++ })
	x = 1 // want `x is written`
}

func lockOfNobody(d *desync.Desync[int]) {
	var mu sync.Mutex
	x := 0
	d.Async(func(*int) { mu.Lock(); defer mu.Unlock(); x++ })
	fmt.Println(x) // want `x is read`
}

func objectOfNobody(d *desync.Desync[int]) {
	var e desync.Desync[int]
	x := 0
	d.Async(func(*int) { e.Do(func(n *int) { *n++ }); x++ })
	fmt.Println(x) // want `x is read`
}

func processes(d *desync.Desync[int], p *os.Process, done *os.File) {
	x := 0
	d.Async(func(*int) { x++; _ = p.Kill() })
	_, _ = p.Wait()
	fmt.Println(x)

	d.Async(func(*int) { x++; _ = done.Close() })
	_, _ = done.Read(nil)
	fmt.Println(x)

	d.Async(func(*int) { x++ })
	_ = os.WriteFile("x", nil, 0o666)
	fmt.Fprintln(os.Stderr, "not yet")
	fmt.Println(x) // want `x is read`
	d.Do(func(*int) {})

	d.Async(func(*int) { x++ })
	fmt.Fprintln(done, "may wait")
	fmt.Println(x)
}

func oneMap(ds map[string]*desync.Desync[int]) map[string]int {
	out := map[string]int{}
	for k, d := range ds {
		d.Async(func(n *int) { out[k] = *n }) // want `jobs of several objects, which run at the same time, all write out`
	}
	for _, d := range ds {
		d.Do(func(*int) {})
	}
	return out
}

func lastOne(ds []*desync.Desync[int]) (v int) {
	for _, d := range ds {
		d.Async(func(n *int) { v = *n }) // want `jobs of several objects, which run at the same time, all write v`
	}
	for _, d := range ds {
		d.Do(func(*int) {})
	}
	return v
}

func oneElement(ds []*desync.Desync[int]) {
	out := make([]int, 1)
	for d := range slices.Values(ds) {
		d.Async(func(n *int) { out[0] = *n }) // want `jobs of several objects, which run at the same time, all write out`
	}
	for _, d := range ds {
		d.Do(func(*int) {})
	}
	fmt.Println(out)
}

func oneMapOfKeys(m *desync.Map[string, int], keys []string) map[string]int {
	out := map[string]int{}
	for _, k := range keys {
		m.At(k).Async(func(n *int) { out[k] = *n }) // want `jobs of several objects, which run at the same time, all write out`
	}
	m.Wait(context.Background())
	return out
}

func lastOfIndexes(ds []*desync.Desync[int], indexes []int) (v int) {
	for _, i := range indexes {
		ds[i].Async(func(n *int) { v = *n }) // want `jobs of several objects, which run at the same time, all write v`
	}
	for _, d := range ds {
		d.Do(func(*int) {})
	}
	return v
}

func oneKey(m *desync.Map[string, int], key string, values []int) (last int) {
	for _, v := range values {
		m.At(key).Async(func(n *int) { *n, last = v, *n })
	}
	m.At(key).Do(func(*int) {})
	return last
}

type both struct{ a, b desync.Desync[int] }

func (s *both) together() {
	m := map[string]int{}
	s.a.Async(func(n *int) { m["a"] = *n })
	s.b.Async(func(n *int) { m["b"] = *n }) // want `the job of s.b writes m while a job of s.a, which runs at the same time, uses it`
	s.a.Do(func(*int) {})
	s.b.Do(func(*int) {})
	fmt.Println(m)
}

func (s *both) apart() {
	var list [2]int
	var x, y int
	s.a.Async(func(n *int) { list[0] = *n; x = *n })
	s.b.Async(func(n *int) { list[1] = *n; y = *n })
	s.a.Do(func(*int) {})
	s.b.Do(func(*int) {})
	fmt.Println(list, x, y)

	var mu sync.Mutex
	s.a.Async(func(n *int) { mu.Lock(); x += *n; mu.Unlock() })
	s.b.Async(func(n *int) { mu.Lock(); x += *n; mu.Unlock() })
}

func same(a, b *desync.Desync[int]) (x int) {
	a.Async(func(n *int) { x += *n })
	b.Async(func(n *int) { x += *n }) // a may be b
	a.Do(func(*int) {})
	b.Do(func(*int) {})
	return x
}

func byIndex(ctx context.Context, ds []*desync.Desync[int]) (sum int) {
	results := make([]int, len(ds))
	var fs []*futures.Future[int]
	for i, d := range ds {
		results[i] = -1
		fs = append(fs, d.Future(func(n *int) int { results[i] = *n; return 0 }))
	}
	for _, r := range results { // want `results is read`
		sum += r
	}
	sum += results[0] // want `results is read`
	for i := range len(fs) {
		sum += results[i] // want `results is read`
	}
	sum += len(results) + cap(results)
	for range results {
		sum++
	}
	_, _ = futures.All(ctx, fs...)
	for _, r := range results {
		sum += r
	}
	return sum + results[0]
}

func mapOfOne(d *desync.Desync[int]) {
	m := map[string]int{}
	d.Async(func(n *int) { m["a"] = *n })
	for k := range m { // want `m is read`
		fmt.Println(k)
	}
	for k := range maps.Keys(m) { // want `m is read`
		fmt.Println(k)
	}
}

func waitedForInTheLoop(ctx context.Context, ds []*desync.Desync[int]) (sum int) {
	results := make([]int, len(ds))
	fs := make([]*futures.Future[int], len(ds))
	for i, d := range ds {
		fs[i] = d.Future(func(n *int) int { results[i] = *n; return 0 })
	}
	for i, f := range fs {
		_, _ = f.Await(ctx)
		sum += results[i]
	}
	return sum
}
