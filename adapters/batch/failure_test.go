package batch_test

import (
	"errors"
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"

	"github.com/go-desync/go-desync/adapters/batch"
	"github.com/go-desync/go-desync/adapters/internal/bubbles"
	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

var errDisk = errors.New("the disk is full")

// However a job ends, all callers of the batch learn it, and the next batch runs.
func TestPAN4_HowABatchEnds(t *testing.T) {
	for name, c := range map[string]struct {
		job  func(items []int) ([]int, error)
		want func(i, r int, err error) bool
	}{
		"no results": {
			func([]int) ([]int, error) { return nil, nil },
			func(_, r int, err error) bool { return r == 0 && err == nil },
		},
		"an error": {
			func(items []int) ([]int, error) { return items, errDisk },
			func(_, r int, err error) bool { return r == 0 && err == errDisk },
		},
		"an error for some": {
			func(items []int) ([]int, error) { return items, batch.Errors{nil, errDisk, nil} },
			func(i, r int, err error) bool {
				return i == 1 && r == 0 && err == errDisk || i != 1 && r == i && err == nil
			},
		},
		"an error for some, no results": {
			func([]int) ([]int, error) { return nil, batch.Errors{nil, errDisk, nil} },
			func(i, r int, err error) bool { return r == 0 && (err == errDisk) == (i == 1) },
		},
		"too few errors": {
			func(items []int) ([]int, error) { return items, batch.Errors{nil, errDisk} },
			func(_, r int, err error) bool { return r == 0 && err != nil },
		},
		"Errors of nothing": {
			func(items []int) ([]int, error) { return items, batch.Errors(nil) },
			func(_, r int, err error) bool { return r == 0 && err != nil },
		},
		"too few results": {
			func(items []int) ([]int, error) { return items[:2], nil },
			func(_, r int, err error) bool { return r == 0 && err != nil },
		},
		"too many results": {
			func(items []int) ([]int, error) { return append(items, 1), nil },
			func(_, r int, err error) bool { return r == 0 && err != nil },
		},
		"a panic": {
			func([]int) ([]int, error) { panic("oops") },
			func(_, _ int, err error) bool {
				p, ok := errors.AsType[*futures.PanicError](err)
				return ok && p.Value == "oops"
			},
		},
		"Goexit": {
			func([]int) ([]int, error) { runtime.Goexit(); return nil, nil },
			func(_, _ int, err error) bool { return err == futures.ErrGoexit },
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubbles.Run(t, func(t *testing.T) {
				d := desync.New(0, desync.WithPanicHandler(func(p *desync.PanicError) { t.Errorf("PAN-2: the handler is told of %v", p) }))
				first := true
				b := batch.New(d, batch.Limits[int]{}, func(_ *int, items []int) ([]int, error) {
					if first {
						first = false
						return c.job(items)
					}
					return items, nil
				})
				resume := d.Suspend()
				var fs []*futures.Future[int]
				for i := range 3 {
					fs = append(fs, b.Future(i))
				}
				resume()
				for i, f := range fs {
					if r, err := f.Await(t.Context()); !c.want(i, r, err) {
						t.Errorf("item %d has %d and the error %v", i, r, err)
					}
				}
				r, err := b.Add(t.Context(), 7)
				assert.Equal(t, 7, r)
				assert.NoError(t, err)
			})
		})
	}
}

func TestErrors(t *testing.T) {
	assert.Equal(t, "batch: no item has failed", batch.Errors{nil, nil}.Error())
	assert.Equal(t, "the disk is full\nthe disk is full", batch.Errors{errDisk, nil, errDisk}.Error())
	assert.ErrorIs(t, batch.Errors{nil, errDisk}, errDisk)
}

// The value of a key cannot be made: the items of each batch learn it.
func TestPAN4_AKeyWithoutAValue(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		m := desync.NewMap(func(key string) int { panic("no " + key) })
		b := batch.New(m.At("file"), batch.Limits[int]{Items: 2}, func(*int, []int) ([]int, error) {
			t.Error("a job has run without a value")
			return nil, nil
		})
		resume := m.At("file").Suspend()
		var fs []*futures.Future[int]
		for i := range 5 {
			fs = append(fs, b.Future(i))
		}
		resume()
		for _, f := range fs {
			_, err := f.Await(t.Context())
			p, ok := errors.AsType[*desync.PanicError](err)
			if assert.True(t, ok, "the error is %v", err) {
				assert.Equal(t, "no file", p.Value)
			}
		}
		assert.NoError(t, b.Close(t.Context()))
		// The last batch has told its callers, and Close, before its key is gone.
		synctest.Wait()
		assert.Zero(t, m.Len())
	})
}

// A saboteur is an observer that fails in one of its methods, as often as it is told to.
type saboteur struct {
	desync.NopObserver
	queued, started, finished func()
}

func call(f func()) {
	if f != nil {
		f()
	}
}

func (s *saboteur) Queued(desync.JobInfo)   { call(s.queued) }
func (s *saboteur) Started(desync.JobInfo)  { call(s.started) }
func (s *saboteur) Finished(desync.JobInfo) { call(s.finished) }

// Each item is settled once, whatever an observer does.
func TestPAN6_ObserversThatFail(t *testing.T) {
	for where := range 3 {
		for _, limits := range []batch.Limits[int]{{}, {Items: 2}} {
			t.Run(fmt.Sprint(where, limits.Items), func(t *testing.T) {
				bubbles.Run(t, func(t *testing.T) {
					fails := false
					s := new(saboteur)
					fail := func() {
						if fails {
							panic("the observer")
						}
					}
					*[]*func(){&s.queued, &s.started, &s.finished}[where] = fail
					d := desync.New(0, desync.WithObserver(s), desync.WithPanicHandler(func(*desync.PanicError) {}))
					ran := 0
					b := batch.New(d, limits, func(_ *int, items []int) ([]int, error) { ran += len(items); return items, nil })
					gate := make(chan struct{})
					d.Async(func(*int) { <-gate })
					synctest.Wait()
					fails = true
					var fs []*futures.Future[int]
					for i := range 5 {
						fs = append(fs, b.Future(i))
					}
					close(gate)
					refused := 0
					for i, f := range fs {
						r, err := f.Await(t.Context())
						if err != nil {
							assert.ErrorIs(t, err, desync.ErrNotRun)
							assert.ErrorContains(t, err, "the observer")
							refused++
						} else {
							assert.Equal(t, i, r)
						}
					}
					synctest.Wait()
					fails = false
					assert.Equal(t, 5, ran+refused)
					assert.Equal(t, where == 0, refused == 5, "items that were refused: %d", refused)
					r, err := b.Add(t.Context(), 7)
					assert.Equal(t, 7, r)
					assert.NoError(t, err)
					assert.NoError(t, b.Close(t.Context()))
				})
			})
		}
	}
}

// An observer that calls back is not called with a lock.
func TestLOCK1_AnObserverThatCallsBack(t *testing.T) {
	bubbles.Run(t, func(t *testing.T) {
		s := new(saboteur)
		d := desync.New(0, desync.WithObserver(s))
		seen := new(batches)
		b := batch.New(d, batch.Limits[int]{Items: 1}, seen.double)
		n := 0
		s.queued = func() {
			if n++; n < 4 {
				b.Future(n)
				_ = b.String()
			}
		}
		b.Future(0)
		synctest.Wait()
		assert.NoError(t, b.Flush(t.Context()))
		assert.Equal(t, [][]int{{0}, {1}, {2}, {3}}, seen.list(), "the items in the order of the calls, though the last turn is queued first")
	})
}
