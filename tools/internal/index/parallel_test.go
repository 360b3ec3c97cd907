package index

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
)

// gatedFS calls gate before it reads a file.
type gatedFS struct {
	fstest.MapFS
	gate func(name string) error
}

func (g gatedFS) ReadFile(name string) ([]byte, error) {
	if err := g.gate(name); err != nil {
		return nil, err
	}
	return g.MapFS.ReadFile(name)
}

func TestUnreadableFileIsSkipped(t *testing.T) {
	tree := gatedFS{generated(3), func(name string) error {
		if name == "p1/f1.go" {
			return errors.New("p1/f1.go: the disk is on fire")
		}
		return nil
	}}
	files := list(t, tree)
	want := []Skip{{"p1/f1.go", Unreadable, "p1/f1.go: the disk is on fire"}}
	for name, got := range map[string]Result{
		"in parallel": inParallel(t, tree, files, 2),
		"in order":    InOrder(t.Context(), tree, files, silent),
	} {
		if diff := cmp.Diff(want, got.Skipped); diff != "" || !got.Whole() {
			t.Errorf("%s: whole %v, skipped (-want +got):\n%s", name, got.Whole(), diff)
		}
	}
}

func TestQuestionsAreAnsweredWhileFilesAreRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rest := make(chan struct{})
		tree := gatedFS{fstest.MapFS{
			"a.go": {Data: []byte("package p; var x = x")},
			"b.go": {Data: []byte("package p; func")},
			"c.go": {Data: []byte("package c; var c = c")},
		}, func(name string) error {
			if name == "c.go" {
				<-rest
			}
			return nil
		}}
		r := Start(t.Context(), tree, list(t, tree), 3)
		synctest.Wait() // c.go is being read now

		if got, want := r.Leader(), (Leader{"x", 2}); got != want {
			t.Errorf("Leader while c.go is read: %v, want %v", got, want)
		}
		if got := r.Done(); got != 2 {
			t.Errorf("Done while c.go is read: %d, want 2 (one indexed, one skipped)", got)
		}
		select {
		case <-r.Read():
			t.Error("Read is closed while c.go is read")
		default:
		}

		close(rest)
		got, err := r.Result(t.Context())
		if err != nil || !got.Whole() {
			t.Errorf("Result: whole %v, error %v; want a whole one", got.Whole(), err)
		}
		if got, want := r.Leader(), (Leader{"c", 3}); got != want {
			t.Errorf("Leader at the end: %v, want %v", got, want)
		}
	})
}

func TestFilesInFlightAreBounded(t *testing.T) {
	tests := map[string]struct {
		hold    func(r *Run, gate chan struct{}) // delays the run at one point
		reading bool                             // whether that is in the reading
	}{
		"reading": {func(*Run, chan struct{}) {}, true},
		"updates of the identifiers": {func(r *Run, gate chan struct{}) {
			for _, shard := range r.names {
				shard.Async(func(*names) { <-gate })
			}
		}, false},
		"update of the sums": {func(r *Run, gate chan struct{}) {
			r.sums.Async(func(*sums) { <-gate })
		}, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const bound = 3
				var begun atomic.Int32
				held, gate := make(chan struct{}), make(chan struct{})
				tree := gatedFS{generated(20), func(string) error {
					begun.Add(1)
					<-held
					if test.reading {
						<-gate
					}
					return nil
				}}
				r := Start(t.Context(), tree, list(t, tree), bound)
				test.hold(r, gate)
				close(held)
				synctest.Wait()
				if got := begun.Load(); got != bound {
					t.Errorf("%d files were begun while none was finished, want %d", got, bound)
				}
				close(gate)
				if got, err := r.Result(t.Context()); err != nil || !got.Whole() {
					t.Errorf("Result: whole %v, error %v; want a whole one", got.Whole(), err)
				}
			})
		})
	}
}

func TestSkippedFileGivesItsPlaceBack(t *testing.T) {
	tree := fstest.MapFS{"a.go": {}, "b.go": {}, "c.go": {}} // none parses
	if got := inParallel(t, tree, list(t, tree), 1); len(got.Skipped) != 3 {
		t.Errorf("%d files skipped, want 3", len(got.Skipped))
	}
}

func TestCanceledRunStopsAndIsNotWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var begun atomic.Int32
		gate := make(chan struct{})
		tree := gatedFS{generated(20), func(string) error {
			if begun.Add(1) > 5 {
				<-gate
			}
			return nil
		}}
		ctx, cancel := context.WithCancel(t.Context())
		r := Start(ctx, tree, list(t, tree), 2)
		synctest.Wait() // five files are in the index, two are being read
		cancel()
		close(gate)
		got, err := r.Result(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if files := got.Totals().Files; files != 5 || got.Whole() {
			t.Errorf("result covers %d files, whole %v; want the 5 files read before the cancel, not whole", files, got.Whole())
		}
		if n := begun.Load(); n != 7 {
			t.Errorf("%d files were begun, want no more than the 7 before the cancel", n)
		}
		sum := 0
		for _, tally := range got.Names {
			sum += tally.Count
		}
		if sum != got.Totals().Names {
			t.Errorf("identifiers counted: %d by name, %d by package; want no file counted in part", sum, got.Totals().Names)
		}
	})
}

func TestResultStopsWaitingWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		tree := gatedFS{generated(2), func(string) error { <-gate; return nil }}
		r := Start(t.Context(), tree, list(t, tree), 1)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := r.Result(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("Result with an ended context: error %v, want context.Canceled", err)
		}
		close(gate)
		if got, err := r.Result(t.Context()); err != nil || !got.Whole() {
			t.Errorf("the run did not go on: whole %v, error %v", got.Whole(), err)
		}
	})
}

func TestResultStopsWaitingForAnObject(t *testing.T) {
	objects := map[string]func(r *Run, gate chan struct{}){
		"identifiers": func(r *Run, gate chan struct{}) { r.names[shards-1].Async(func(*names) { <-gate }) },
		"sums":        func(r *Run, gate chan struct{}) { r.sums.Async(func(*sums) { <-gate }) },
		"skipped":     func(r *Run, gate chan struct{}) { r.skipped.Async(func(*[]Skip) { <-gate }) },
	}
	for name, hold := range objects {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := Start(t.Context(), fstest.MapFS{}, nil, 1)
				gate := make(chan struct{})
				defer close(gate)
				hold(r, gate)
				ctx, cancel := context.WithCancel(t.Context())
				go func() {
					synctest.Wait() // Result waits for the held object
					cancel()
				}()
				if _, err := r.Result(ctx); !errors.Is(err, context.Canceled) {
					t.Errorf("error %v, want context.Canceled", err)
				}
			})
		})
	}
}
