package group_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/go-desync/go-desync/adapters/group"
	"github.com/go-desync/go-desync/desync"
)

var errJob = errors.New("job")

func count(_ context.Context, n *int) error {
	*n++
	return nil
}

func fail(context.Context, *int) error { return errJob }

func value(d *desync.Desync[int]) int { return d.Sync(func(n *int) int { return *n }) }

func TestWaitCoversWhatIsQueued(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d desync.Desync[int]
		resume := d.Suspend()
		g, _ := group.WithContext(t.Context())
		for range 10 {
			require.True(t, g.Go(&d, count))
		}
		waited := make(chan error, 1)
		go func() { waited <- g.Wait() }()
		synctest.Wait()
		require.Empty(t, waited, "Wait returned while jobs were queued")
		resume()
		require.NoError(t, <-waited)
		require.Equal(t, 10, value(&d))
	})
}

func TestJobsKeepTheOrderOfTheCalls(t *testing.T) {
	for _, limit := range []int{-1, 1, 3} {
		var d desync.Desync[[]int]
		g, _ := group.WithContext(t.Context())
		g.SetLimit(limit)
		for i := range 100 {
			g.Go(&d, func(_ context.Context, got *[]int) error {
				*got = append(*got, i)
				return nil
			})
		}
		require.NoError(t, g.Wait())
		require.IsIncreasing(t, d.Sync(func(got *[]int) []int { return *got }), "limit %d", limit)
	}
}

// The jobs that a failed group has queued never run, after Wait neither.
func TestFirstErrorCancelsTheRest(t *testing.T) {
	for _, limit := range []int{-1, 1, 2} {
		synctest.Test(t, func(t *testing.T) {
			var a, b desync.Desync[int]
			resume := b.Suspend()
			g, ctx := group.WithContext(t.Context())
			g.SetLimit(limit)
			g.Go(&b, count)
			g.Go(&a, count)
			g.Go(&a, fail)
			g.Go(&a, count)
			g.Go(&b, func(context.Context, *int) error { return errors.New("second") })
			require.Equal(t, errJob, g.Wait(), "Wait, while b is held by others")
			require.Equal(t, errJob, context.Cause(ctx))
			resume()
			require.Equal(t, []int{1, 0}, []int{value(&a), value(&b)}, "jobs run, limit %d", limit)
			require.False(t, g.Go(&a, count), "Go after the first error")
			require.Equal(t, errJob, g.Wait())
		})
	}
}

func TestWaitWaitsForTheJobsThatRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var a, b desync.Desync[int]
		gate := make(chan struct{})
		g, _ := group.WithContext(t.Context())
		g.Go(&a, func(context.Context, *int) error {
			<-gate
			return errors.New("second")
		})
		synctest.Wait()
		g.Go(&b, fail)
		waited := make(chan error, 1)
		go func() { waited <- g.Wait() }()
		synctest.Wait()
		require.Empty(t, waited, "Wait returned while a job ran")
		close(gate)
		require.Equal(t, errJob, <-waited)
	})
}

func TestEndOfTheParentContext(t *testing.T) {
	for _, limit := range []int{-1, 1} {
		synctest.Test(t, func(t *testing.T) {
			var d desync.Desync[int]
			resume := d.Suspend()
			parent, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			g, _ := group.WithContext(parent)
			g.SetLimit(limit)
			g.Go(&d, count)
			cause := errors.New("cause")
			go func() {
				synctest.Wait()
				cancel(cause)
			}()
			err := g.Wait()
			for _, target := range []error{desync.ErrNotRun, context.Canceled, cause} {
				require.ErrorIs(t, err, target)
			}
			resume()
			require.Equal(t, 0, value(&d), "jobs run after Wait")
		})
	}
	// With nothing to lose it is no failure.
	parent, cancel := context.WithCancel(t.Context())
	g, _ := group.WithContext(parent)
	cancel()
	require.False(t, g.Go(new(desync.Desync[int]), count))
	require.NoError(t, g.Wait())
}

func TestZeroGroupCancelsNothing(t *testing.T) {
	var d desync.Desync[int]
	var g group.Group
	require.NoError(t, new(group.Group).Wait())
	g.Go(&d, fail)
	for range 10 {
		g.Go(&d, func(ctx context.Context, n *int) error {
			*n++
			return ctx.Err()
		})
	}
	require.Equal(t, errJob, g.Wait())
	require.Equal(t, 10, value(&d))
	require.False(t, g.Go(&d, count), "Go after Wait")
}

// Go beside Wait: what was accepted has run when Wait returns.
func TestGoBesideWait(t *testing.T) {
	for range 30 {
		var d desync.Desync[int]
		g, _ := group.WithContext(t.Context())
		var accepted, ran atomic.Int64
		var producers sync.WaitGroup
		for range 4 {
			producers.Go(func() {
				for range 20 {
					if !g.Go(&d, func(context.Context, *int) error { ran.Add(1); return nil }) {
						return
					}
					accepted.Add(1)
					runtime.Gosched()
				}
			})
		}
		require.NoError(t, g.Wait())
		atWait := ran.Load()
		producers.Wait()
		d.Do(func(*int) {})
		require.Equal(t, accepted.Load(), atWait, "jobs that had run when Wait returned, of those accepted")
		require.Equal(t, atWait, ran.Load(), "jobs that ran in the end")
	}
}

func TestPanicIsToldToTheHandler(t *testing.T) {
	told := make(chan *desync.PanicError, 1)
	d := desync.New(0, desync.WithPanicHandler(func(p *desync.PanicError) { told <- p }))
	g, _ := group.WithContext(t.Context())
	g.Go(d, func(context.Context, *int) error { panic("boom") })
	g.Go(d, count)
	require.ErrorIs(t, g.Wait(), group.ErrAborted)
	require.Equal(t, "boom", (<-told).Value)
	require.Equal(t, 0, value(d), "the rest is cancelled")
}

func TestGoexit(t *testing.T) {
	var d desync.Desync[int]
	g, _ := group.WithContext(t.Context())
	g.Go(&d, func(context.Context, *int) error {
		//desyncvet:ignore goexit the test is about a job that does it
		runtime.Goexit()
		return nil
	})
	require.ErrorIs(t, g.Wait(), group.ErrAborted)
	require.Equal(t, 0, value(&d), "the object goes on")
}

// Without a handler a panic ends the process, as under an errgroup, before Wait
// returns.
func TestPanicEndsTheProcess(t *testing.T) {
	const child = "GROUP_TEST_PANIC"
	if os.Getenv(child) != "" {
		var d desync.Desync[int]
		g, _ := group.WithContext(context.Background())
		g.Go(&d, func(context.Context, *int) error { panic("boom") })
		fmt.Println("Wait returned:", g.Wait())
		os.Exit(0)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestPanicEndsTheProcess$")
	cmd.Env = append(os.Environ(), child+"=1")
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit, "the process must fail: %s", out)
	require.Equal(t, 2, exit.ExitCode(), "%s", out)
	require.Contains(t, string(out), "panic: boom")
	require.Contains(t, string(out), "TestPanicEndsTheProcess", "the stack of the panic")
	require.NotContains(t, string(out), "Wait returned")
}

func TestUnder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d desync.Desync[int]
		eg, ctx := errgroup.WithContext(t.Context())
		g := group.Under(ctx, eg)
		resume := d.Suspend()
		for range 3 {
			g.Go(&d, count)
		}
		eg.Go(func() error {
			synctest.Wait()
			resume()
			synctest.Wait() // the jobs have ended
			require.True(t, g.Go(&d, count))
			return nil
		})
		require.NoError(t, eg.Wait())
		require.Equal(t, 4, value(&d), "jobs run when the errgroup's Wait returned")
		require.False(t, g.Go(&d, count), "Go after the errgroup's Wait")
	})
}

func TestUnderErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// An error of a job cancels the functions of the errgroup.
		var d desync.Desync[int]
		eg, ctx := errgroup.WithContext(t.Context())
		g := group.Under(ctx, eg)
		g.Go(&d, fail)
		g.Go(&d, count)
		eg.Go(func() error {
			<-ctx.Done()
			return nil
		})
		require.Equal(t, errJob, eg.Wait())
		require.Equal(t, 0, value(&d))

		// And the other way round.
		eg, ctx = errgroup.WithContext(t.Context())
		g = group.Under(ctx, eg)
		resume := d.Suspend()
		g.Go(&d, count)
		eg.Go(func() error { return errJob })
		require.Equal(t, errJob, eg.Wait())
		resume()
		require.Equal(t, 0, value(&d), "jobs run after Wait")
	})
}

func TestBadInput(t *testing.T) {
	var d desync.Desync[int]
	var noContext context.Context
	const goNil = "group: Go: the group, the object and the job must not be nil"
	const underNil = "group: Under: the context and the group must not be nil"
	for i, test := range []struct {
		want string
		call func()
	}{
		{goNil, func() { (*group.Group)(nil).Go(&d, count) }},
		{goNil, func() { new(group.Group).Go[int](nil, count) }},
		{goNil, func() { new(group.Group).Go[int](&d, nil) }},
		{"group: WithContext: the context is nil", func() { group.WithContext(noContext) }},
		{underNil, func() { group.Under(noContext, new(errgroup.Group)) }},
		{underNil, func() { group.Under(t.Context(), nil) }},
		{"group: SetLimit: with a limit of 0 no job would run", func() { new(group.Group).SetLimit(0) }},
	} {
		require.PanicsWithValue(t, test.want, test.call, "case %d", i)
	}

	resume := d.Suspend()
	var g group.Group
	g.Go(&d, count)
	require.PanicsWithValue(t, "group: SetLimit: the group has 1 jobs", func() { g.SetLimit(2) })
	resume()
	require.NoError(t, g.Wait())
}
