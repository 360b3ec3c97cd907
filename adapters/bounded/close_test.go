package bounded_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-desync/go-desync/adapters/bounded"
	"github.com/go-desync/go-desync/adapters/internal/bubbles"
	"github.com/go-desync/go-desync/desync"
)

func TestCloseWaitsAndRefuses(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		b, d := bounded.New(2), desync.New(0)
		empty := fill(t, b, 2, d)
		waits := make(chan error, 1)
		go func() { waits <- b.Async(t.Context(), d, 1, func(*int) { t.Error("it ran") }) }()
		synctest.Wait()
		closed := make(chan error, 1)
		go func() { closed <- b.Close(t.Context()) }()
		assert.ErrorIs(t, <-waits, bounded.ErrClosed, "a call that waits for room")
		synctest.Wait()
		require.Empty(t, closed, "Close returned before the job had ended")
		for _, err := range []error{
			b.Async(t.Context(), d, 1, func(*int) {}), b.TryAsync(d, 1, func(*int) {}),
			b.Submit(t.Context(), d, 1, new(job)), second(b.Acquire(t.Context(), 1)), second(b.TryAcquire(1)),
			second(b.Future(t.Context(), d, 1, func(context.Context, *int) (int, error) { return 0, nil }).Await(t.Context())),
		} {
			assert.ErrorIs(t, err, bounded.ErrClosed)
			assert.ErrorIs(t, err, desync.ErrNotRun)
		}
		empty()
		assert.NoError(t, <-closed)
		assert.NoError(t, b.Close(t.Context()), "again")
	})
}

func second[T any](_ T, err error) error { return err }

func TestCloseSaysWhatIsLeft(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		b, d := bounded.New(20), desync.New(0, desync.WithName("disk"))
		m := desync.NewMap(func(string) int { return 0 }, desync.WithName("accounts"))
		empty := fill(t, b, 1, d)
		resume := m.At("ann").Suspend()
		for range 3 {
			require.NoError(t, b.Async(t.Context(), m.At("ann"), 1, func(n *int) { *n++ }))
		}
		require.NoError(t, b.Async(t.Context(), d, 1, func(n *int) { *n++ }))
		p, err := b.Acquire(t.Context(), 1)
		require.NoError(t, err)
		synctest.Wait()
		cause := errors.New("too late")
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(cause)
		for _, wait := range []func(context.Context) error{b.Wait, b.Close} {
			left, ok := errors.AsType[*bounded.LeftError](wait(ctx))
			require.True(t, ok)
			assert.ErrorIs(t, left, cause)
			assert.ErrorIs(t, left, context.Canceled)
			assert.Equal(t, []bounded.Left{{Object: d, Waiting: 1, Running: 1}, {Object: m.At("ann"), Waiting: 3}}, left.Left)
			assert.Equal(t, 1, left.Permits)
			assert.ErrorContains(t, left, `5 jobs of 2 objects are left (1 waiting and 1 running on "disk": busy, 2 pending; `+
				`3 waiting and 0 running on "accounts", key "ann": busy, 4 pending; 1 permits)`)
		}
		empty()
		p.Release()
		resume()
		assert.NoError(t, b.Close(t.Context()))
		assert.Equal(t, 3, m.At("ann").Sync(func(n *int) int { return *n }), "EXE-2: jobs that were left still run")
	})
}

func TestWaitIncludesFollowUpWork(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		b, d, ran := bounded.New(100), desync.New(0), 0
		var follow func(n *int)
		follow = func(*int) {
			if ran++; ran < 50 {
				assert.NoError(t, b.TryAsync(d, 1, follow))
			}
		}
		require.NoError(t, b.TryAsync(d, 1, follow))
		assert.NoError(t, b.Wait(t.Context()))
		assert.Equal(t, 50, ran)
		assert.NoError(t, b.TryAsync(d, 1, func(*int) {}), "the bound is open")
		assert.NoError(t, b.Wait(t.Context()))
		assert.NoError(t, b.Wait(t.Context()), "with nothing to wait for")
	})
}

func TestCloseInAJobSaysSo(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		b, l, d := bounded.New(2), bounded.NewLimit(1), desync.New(0)
		var errs [4]error
		require.NoError(t, b.TryAsync(d, 1, func(*int) {
			errs[0], errs[1] = b.Close(context.Background()), b.Wait(context.Background())
		}))
		require.NoError(t, l.Async(t.Context(), d, func(ctx context.Context, _ *int) { errs[2], errs[3] = l.Close(ctx), l.Wait(ctx) }))
		require.NoError(t, l.Wait(t.Context()))
		for _, err := range errs {
			_, ok := errors.AsType[*bounded.LeftError](err)
			assert.True(t, ok)
			assert.ErrorIs(t, err, bounded.ErrInJob)
		}
		assert.ErrorIs(t, b.TryAsync(d, 1, func(*int) {}), bounded.ErrClosed, "it is closed all the same")
		d.Do(func(*int) { assert.NoError(t, b.Close(context.Background()), "in a job, with nothing left") })
	})
}

// A job notes how it has ended.
type job struct {
	item       int
	ran, ended int
	err        error
	run        func()
}

func (j *job) Run(*int) {
	if j.ran++; j.run != nil {
		j.run()
	}
}

func (j *job) Ended(err error) { j.ended++; j.err = err }

func TestTakeBackGivesBackTheItemsInOrder(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		b := bounded.New(100)
		m := desync.NewMap(func(int) int { return 0 })
		var jobs []*job
		gate := make(chan struct{})
		for i := range 20 { // the first of each key begins
			j := &job{item: i, run: func() { <-gate }}
			jobs = append(jobs, j)
			require.NoError(t, b.Submit(t.Context(), m.At(i%4), 5, j))
		}
		synctest.Wait()
		waits := make(chan error, 1)
		go func() { waits <- b.Async(t.Context(), m.At(0), 80, func(n *int) { *n++ }) }()
		synctest.Wait()
		require.Empty(t, waits)
		back := b.TakeBack()
		var got []int
		for _, r := range back {
			j := r.Job.(*job)
			got = append(got, j.item)
			assert.True(t, r.Object == m.At(j.item%4))
			assert.Equal(t, []any{0, 1, bounded.ErrReturned}, []any{j.ran, j.ended, j.err})
		}
		assert.Equal(t, []int{4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19}, got)
		assert.NoError(t, <-waits, "the room is free")
		close(gate)
		require.NoError(t, b.Close(t.Context()))
		for _, j := range jobs[:4] {
			assert.Equal(t, []any{1, 1, error(nil)}, []any{j.ran, j.ended, j.err})
		}
		assert.Equal(t, 1, m.At(0).Sync(func(n *int) int { return *n }))
		assert.Empty(t, b.TakeBack())
	})
}

// The object keeps no place of what was taken back, even while it is busy.
func TestTakeBackLeavesTheObject(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		b, d := bounded.New(2000), desync.New(0)
		empty := fill(t, b, 1, d)
		synctest.Wait()
		for range 1000 {
			require.NoError(t, b.TryAsync(d, 1, func(*int) { t.Error("it ran") }))
		}
		assert.Len(t, b.TakeBack(), 1000)
		assert.Less(t, d.Pending(), 100, "places of jobs that were taken back")
		checkRoomLeft(t, b, 1999)
		empty()
		assert.NoError(t, b.Close(t.Context()))
	})
}

func checkRoomLeft(t *testing.T, b *bounded.Bound, size int64) {
	t.Helper()
	p, err := b.TryAcquire(size)
	require.NoError(t, err)
	assert.ErrorIs(t, second(b.TryAcquire(1)), bounded.ErrFull)
	p.Release()
}

// TakeBack meets jobs that are about to begin: each job has run or was taken back.
func TestEXE1_TakeBackMeetsJobsThatBegin(t *testing.T) {
	b := bounded.New(50)
	m := desync.NewMap(func(int) int { return 0 })
	var ran, told, back atomic.Int64
	stop := make(chan struct{})
	var all, taker sync.WaitGroup
	taker.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				back.Add(int64(len(b.TakeBack())))
				runtime.Gosched()
			}
		}
	})
	const producers, each = 4, 2000
	for p := range producers {
		all.Go(func() {
			for i := range each {
				f := b.Future(t.Context(), m.At((p+i)%7), 1, func(context.Context, *int) (int, error) { ran.Add(1); return 0, nil })
				f.AfterFunc(func(_ int, err error) {
					if errors.Is(err, bounded.ErrReturned) {
						told.Add(1)
					}
				})
			}
		})
	}
	all.Wait()
	close(stop)
	taker.Wait()
	require.NoError(t, b.Close(t.Context()))
	assert.EqualValues(t, producers*each, ran.Load()+back.Load())
	for told.Load() < back.Load() { // AfterFunc runs in the background
		runtime.Gosched()
	}
	assert.Equal(t, back.Load(), told.Load())
}

// A hook of one job does not return: the others are told.
func TestPAN6_TakeBackWithAJobThatDoesNotReturn(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		b, d := bounded.New(10), desync.New(0)
		empty := fill(t, b, 1, d)
		synctest.Wait()
		require.NoError(t, b.Submit(t.Context(), d, 1, breakingJob{}))
		last := new(job)
		require.NoError(t, b.Submit(t.Context(), d, 1, last))
		assert.PanicsWithValue(t, "a hook", func() { b.TakeBack() })
		assert.Equal(t, 1, last.ended)
		checkRoomLeft(t, b, 9)
		empty()
		require.NoError(t, b.Close(t.Context()))
	})
}

type breakingJob struct{}

func (breakingJob) Run(*int)    {}
func (breakingJob) Ended(error) { panic("a hook") }
