package group_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"
	"weak"

	"github.com/stretchr/testify/require"

	"github.com/go-desync/go-desync/adapters/group"
	"github.com/go-desync/go-desync/adapters/internal/bubbles"
	"github.com/go-desync/go-desync/desync"
)

// A group is for one task, but its wait and its objects may be in several bubbles.
func TestSYN3_GroupInBubblesAndOutside(t *testing.T) {
	var shared group.Group // has no Wait until the end
	d := desync.New(0)
	runs := 0
	bubbles.Try(t, func(t *testing.T) {
		runs++
		for _, start := range starts() {
			g, wait := start(t)
			g.Go(d, func(context.Context, *int) error {
				time.Sleep(time.Millisecond)
				return nil
			})
			require.NoError(t, wait())
		}
		shared.Go(d, count)
		d.Do(func(*int) {})
	})
	require.NoError(t, shared.Wait())
	require.Equal(t, runs, value(d))
}

// A Wait that the end of a context ends leaves nothing of its bubble to the next.
func TestSYN3_WaitThatIsGivenUp(t *testing.T) {
	outer, cancelOuter := context.WithCancel(context.Background())
	defer cancelOuter()
	outer.Done() // its channel is made by the first call, and must not be of a bubble
	d := desync.New(0)
	bubbles.Try(t, func(t *testing.T) {
		resume := d.Suspend()
		defer resume()
		g, _ := group.WithContext(outer)
		inner, cancel := context.WithCancel(t.Context())
		defer cancel()
		h, _ := group.WithContext(inner)
		g.Go(d, count)
		h.Go(d, count)
		cancel()
		require.ErrorIs(t, h.Wait(), context.Canceled)
		require.ErrorIs(t, h.Wait(), desync.ErrNotRun)
		resume()
		require.NoError(t, g.Wait())
		d.Do(func(*int) {}) // it is idle when it changes sides
	})
}

// While the object is stuck, groups that were given up leave nothing of their jobs.
func TestCAN4_GivenUpJobsAreLetGo(t *testing.T) {
	for name, start := range starts() {
		t.Run(name, func(t *testing.T) {
			var stuck, free desync.Desync[int]
			defer stuck.Suspend()()
			requests := make([]weak.Pointer[[1000]byte], 20)
			for i := range requests {
				g, wait := start(t)
				if name == "the zero Group" {
					return // its jobs are never given up
				}
				request := new([1000]byte)
				requests[i] = weak.Make(request)
				g.Go(&stuck, func(context.Context, *int) error {
					request[0]++
					return nil
				})
				g.Go(&free, fail)
				require.Error(t, wait())
			}
			require.Eventually(t, func() bool {
				runtime.GC()
				for _, r := range requests {
					if r.Value() != nil {
						return false
					}
				}
				return true
			}, 10*time.Second, time.Millisecond, "what the jobs refer to is kept")
		})
	}
}

// A context that ends lets go of the jobs though nobody waits yet.
func TestCAN4_GivenUpJobsAreLetGoBeforeWait(t *testing.T) {
	var stuck desync.Desync[int]
	defer stuck.Suspend()()
	ctx, cancel := context.WithCancelCause(t.Context())
	g, _ := group.WithContext(ctx)
	request := new([1000]byte)
	kept := weak.Make(request)
	g.Go(&stuck, func(context.Context, *int) error {
		request[0]++
		return nil
	})
	request = nil
	cause := errors.New("cause")
	cancel(cause)
	require.Eventually(t, func() bool {
		runtime.GC()
		return kept.Value() == nil
	}, 10*time.Second, time.Millisecond, "what the job refers to is kept")
	require.ErrorIs(t, g.Wait(), cause)
}

// Nor do their places pile up.
func TestCAN4_GivenUpPlacesAreBounded(t *testing.T) {
	for name, start := range starts() {
		if name == "the zero Group" {
			continue // its jobs are never given up
		}
		t.Run(name, func(t *testing.T) {
			var stuck, free desync.Desync[int]
			defer stuck.Suspend()()
			for range 1000 {
				g, wait := start(t)
				g.Go(&stuck, count)
				g.Go(&free, fail)
				require.Error(t, wait())
			}
			require.Eventually(t, func() bool { return stuck.Pending() < 20 }, 10*time.Second, time.Millisecond,
				"places of jobs that were given up are kept")
		})
	}
}
