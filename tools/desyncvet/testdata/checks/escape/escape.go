package escape

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/go-desync/go-desync/desync"

	"example.com/checks/helper"
)

type node struct{ value int }

type state struct {
	count   int
	items   []int
	index   map[string]int
	byName  map[string]*node
	sealed  []int // replaced as a whole only
	shelves map[string][]int
	queue   []*node
}

type store struct{ d desync.Desync[state] }

func (s *store) change() {
	s.d.Do(func(s *state) {
		s.count++
		s.items[0]++
		s.index["a"]++
		s.byName["a"].value++
		s.shelves["a"][0]++
		s.sealed = []int{s.count}
	})
}

func (s *store) returned() {
	_ = s.d.Sync(func(s *state) *state { return s })                      // want `s leaves the job of Sync: it is returned, and it is memory of the object`
	_ = s.d.Sync(func(s *state) *int { return &s.count })                 // want `&s.count leaves`
	_ = s.d.Sync(func(s *state) *int { return &s.items[1] })              // want `leaves the job`
	_ = s.d.Sync(func(s *state) []int { return s.items })                 // want `s.items leaves the job of Sync: it is returned, and it is changed in place`
	_ = s.d.Sync(func(s *state) []int { return s.items[1:] })             // want `leaves the job`
	_ = s.d.Sync(func(s *state) map[string]int { return s.index })        // want `leaves the job`
	_ = s.d.Sync(func(s *state) *node { return s.byName["a"] })           // want `leaves the job`
	_ = s.d.Sync(func(s *state) []int { return s.shelves["a"] })          // want `leaves the job`
	_ = s.d.Sync(func(s *state) state { return *s })                      // want `\*s leaves the job`
	_ = s.d.Sync(func(s *state) []int { return helper.Tail(s.items) })    // want `leaves the job`
	_ = s.d.Sync(func(s *state) func() int { return s.size })             // want `leaves the job`
	_ = s.d.Sync(func(s *state) func() { return func() { s.count = 0 } }) // want `a function that uses the data leaves`
	_ = s.d.Sync(func(s *state) any { return maps.Keys(s.index) })        // want `leaves the job`
	_ = s.d.Sync(func(s *state) []int { list := s.items; return list })   // want `leaves the job`
	_ = s.d.Future(func(s *state) []int { return s.values() })            // want `leaves the job of Future`
	_ = s.d.Sync(first)                                                   // want `data of the object leaves the job of Sync: it is returned by first`
	_, _ = s.d.SyncContext(context.Background(), func(_ context.Context, s *state) ([]int, error) {
		return s.items, nil // want `leaves the job of SyncContext`
	})
}

func (s *state) size() int     { return s.count }
func (s *state) values() []int { return s.items }
func first(s *state) *int      { return &s.items[0] }

func (s *store) fine() {
	_ = s.d.Sync(func(s *state) int { return s.count })
	_ = s.d.Sync(func(s *state) []int { return slices.Clone(s.items) })
	_ = s.d.Sync(func(s *state) []int { return append([]int(nil), s.items...) })
	_ = s.d.Sync(func(s *state) []int { return s.sealed })
	_ = s.d.Sync(func(s *state) int { return s.items[0] + helper.Sum(s.items) })
	_ = s.d.Sync(func(s *state) []int { items := s.items; s.items = nil; return items })
	_ = s.d.Sync(func(s *state) state { old := *s; *s = state{}; return old })
	_ = s.d.Sync(func(s *state) *node { n := s.queue[0]; s.queue = s.queue[1:]; return n })
	_ = s.d.Sync(func(s *state) *node { n := s.byName["b"]; delete(s.byName, "b"); return n })
	_ = s.d.Sync(func(s *state) struct{ items []int } {
		return struct{ items []int }{slices.Clone(s.items)}
	})
	_ = s.d.Sync(func(s *state) []int {
		out := s.items
		out = slices.Clone(out)
		return out
	})
}

var last *state

func (s *store) stored(out chan []int) {
	var items []int
	var count int
	s.d.Do(func(s *state) {
		last = s        // want `s leaves the job of Do: it is stored in last`
		items = s.items // want `leaves the job of Do: it is stored in items`
		items = append(items, s.items...)
		count = s.count
		out <- s.items // want `leaves the job of Do: it is sent to out`
		out <- slices.Clone(s.items)
		helper.Keep(s.items) // want `leaves the job of Do: it is stored or used elsewhere by Keep`
		_ = helper.Sum(s.items)
	})
	_, _ = items, count
}

func (s *store) concurrent(other *desync.Desync[int]) {
	s.d.Do(func(s *state) {
		go func() { s.count++ }()                  // want `a function that uses the data leaves the job of Do: it is used by a goroutine`
		go s.size()                                // want `leaves the job of Do: it is used by a goroutine`
		other.Async(func(n *int) { *n = s.count }) // want `used by a job of other`
	})
	s.d.Do(func(s *state) {
		var wg sync.WaitGroup
		for i := range s.items {
			wg.Go(func() { s.items[i]++ })
		}
		wg.Wait()
	})
	s.d.Do(func(data *state) {
		s.d.Async(func(*state) { data.count++ })
		count := data.count
		other.Async(func(n *int) { *n = count })
		other.Do(func(n *int) { *n = data.count })
	})
}

func two(a, b *desync.Desync[[]int]) {
	a.Async(func(list *[]int) { (*list)[0]++ })
	desync.Sync2(a, b, func(a, b *[]int) int {
		*b = *a // want `leaves the job of Sync2: it is stored in`
		*b = slices.Clone(*a)
		return 0
	})
	desync.DoAll([]*desync.Desync[[]int]{a, b}, func(data []*[]int) {
		leaked = data[0] // want `leaves the job of DoAll`
	})
}

func variants(ctx context.Context, a, b *desync.Desync[[]int]) {
	a.Async(func(list *[]int) { (*list)[0]++ })
	_, _ = desync.Sync2Context(ctx, a, b, func(_ context.Context, a, b *[]int) ([]int, error) {
		leaked = b     // want `leaves the job of Sync2Context`
		return *a, nil // want `leaves the job of Sync2Context`
	})
	_ = desync.DoAllContext(ctx, []*desync.Desync[[]int]{a, b}, func(_ context.Context, data []*[]int) error {
		leaked = data[1] // want `leaves the job of DoAllContext`
		return nil
	})
	_ = desync.Future2(a, b, func(a, b *[]int) []int { return *a })                                    // want `leaves the job of Future2`
	_ = desync.FutureAll([]*desync.Desync[[]int]{a, b}, func(data []*[]int) *[]int { return data[0] }) // want `leaves the job of FutureAll`
	desync.Sync3(a, b, b, func(_, _, c *[]int) *[]int { return c })                                    // want `leaves the job of Sync3`
}

var leaked *[]int
