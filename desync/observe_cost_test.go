//go:build !race && !desyncdebug

package desync_test

import (
	"context"
	"testing"

	"github.com/go-desync/go-desync/desync"
)

// An object with options and without an observer costs the same as one without options.
func TestCostOfOptionsWithoutAnObserver(t *testing.T) {
	ctx := context.Background()
	n := 3 // captured, so that the closures are not constants
	for name, opts := range map[string][]desync.Option{
		"no options": nil,
		"a name":     {desync.WithName("name")},
	} {
		d := desync.New(0, opts...)
		job := func(v *int) { *v += n }
		result := func(v *int) int { return *v + n }
		await := func() { d.Do(job) }
		wantAllocs(t, name+": Do", 0, func() { d.Do(job) })
		wantAllocs(t, name+": Sync", 0, func() { d.Sync(result) })
		wantAllocs(t, name+": TryDo", 0, func() { d.TryDo(job) })
		wantAllocs(t, name+": Async", 0, func() { d.Async(job); await() })
		wantAllocs(t, name+": Future", 1, func() { d.Future(result); await() })
		wantAllocs(t, name+": DoContext", 1, func() {
			d.DoContext(ctx, func(_ context.Context, v *int) error { *v += n; return nil })
		})
	}
}

// And with one: the closure around a job in the background. The records of jobs are pooled.
func TestCostOfAnObserver(t *testing.T) {
	n := 3
	d := desync.New(0, desync.WithObserver(desync.NopObserver{}))
	job := func(v *int) { *v += n }
	await := func() {
		if !d.TryDo(func(*int) {}) {
			d.Do(func(*int) {})
		}
	}
	direct := testing.AllocsPerRun(2000, func() { d.Do(job) })
	background := testing.AllocsPerRun(2000, func() { d.Async(job); await() }) - direct
	t.Logf("with an observer a Do makes %v allocations, an Async %v", direct, background)
	if direct > 0 || background > 2 {
		t.Errorf("with an observer a Do makes %v allocations, an Async %v; want at most 0 and 2", direct, background)
	}
}

// A job for a key that is there costs nothing.
func TestCostOfAMap(t *testing.T) {
	m := zeros[int]()
	n := 3
	job := func(v *int) { *v += n }
	wantAllocs(t, "Key.Do", 0, func() { m.At(7).Do(job) })
	wantAllocs(t, "Key.Sync", 0, func() { m.At(7).Sync(func(v *int) int { return *v + n }) })
	wantAllocs(t, "Key.Async", 0, func() { m.At(7).Async(job); m.At(7).Do(job) })
}

// A published value costs its readers nothing. A job pays for the value if it has changed.
func TestCostOfPublishing(t *testing.T) {
	n, sum := 3, 0
	d, p := desync.NewPublished(1000, func(v *int) int { return *v })
	wantAllocs(t, "Load", 0, func() { sum += p.Load() })
	wantAllocs(t, "Do without a change", 0, func() { d.Do(func(*int) { sum += n }) })
	wantAllocs(t, "Do with a change", 1, func() { d.Do(func(v *int) { *v += n }) })
}
