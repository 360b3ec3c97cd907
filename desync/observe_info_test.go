package desync_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/go-desync/go-desync/desync"
)

func TestObserverCanPairTheCallsOfAJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &listener{suspensions: true}
		a, b := desync.New(0, desync.WithObserver(l)), desync.New(0, desync.WithObserver(l))
		objects := map[uint64]*desync.Desync[int]{}
		last := uint64(0)
		for _, d := range []*desync.Desync[int]{a, b, a} {
			for _, k := range observedKinds() {
				k.call(t.Context(), d, func(*int) {})
				synctest.Wait()
				all := l.taken()
				if len(all) != 3 {
					t.Fatalf("%s: the observer was told %s", k.name, tale(all))
				}
				for _, e := range all[1:] {
					if e.ID != all[0].ID || e.ObjectID != all[0].ObjectID || e.Call != all[0].Call || e.Ahead != all[0].Ahead || e.Set != all[0].Set || e.Func != all[0].Func || e.Context != all[0].Context {
						t.Errorf("%s: told %+v and %+v of one job", k.name, all[0].JobInfo, e.JobInfo)
					}
				}
				j := all[0].JobInfo
				if j.ID <= last {
					t.Errorf("%s: the job has the number %d, the one before it %d", k.name, j.ID, last)
				}
				last = j.ID
				if of := objects[j.ObjectID]; of != nil && of != d {
					t.Errorf("%s: two objects have the number %d", k.name, j.ObjectID)
				}
				objects[j.ObjectID] = d
				if several := j.Call == desync.CallSeveral; several != (j.Set != 0) {
					t.Errorf("%s: the set is %d", k.name, j.Set)
				}
				if j.Waits() != k.direct {
					t.Errorf("%s: Waits is %t; want %t", k.name, j.Waits(), k.direct)
				}
				if code := j.Func != 0; code == k.direct {
					t.Errorf("%s: the code is %#x", k.name, j.Func)
				} else if code {
					if file, _ := runtime.FuncForPC(j.Func).FileLine(j.Func); !strings.HasSuffix(file, "_test.go") {
						t.Errorf("%s: the code is in %s", k.name, file)
					}
				}
				if with := strings.HasSuffix(k.name, "Context"); with != (j.Context != nil) {
					t.Errorf("%s: the context is %v", k.name, j.Context)
				}
			}
		}
		if len(objects) != 2 {
			t.Errorf("two objects have %d numbers", len(objects))
		}
	})
}

func TestObserverIsToldOneSetForTheJobsOfACall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := new(listener)
		a, b := desync.New(0, desync.WithObserver(l)), desync.New(0, desync.WithObserver(l))
		for name, call := range heldCalls {
			call(t.Context(), a, b)
			synctest.Wait()
			all := l.taken()
			if len(all) != 6 || all[0].Set == 0 || all[0].Set != all[1].Set || all[0].ID == all[1].ID {
				t.Errorf("%s: the observer was told %+v", name, all)
			}
		}
	})
}

func TestObserverIsToldTheJobsAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &listener{suspensions: true}
		d := desync.New(0, desync.WithObserver(l))
		want := func(ahead ...int) {
			t.Helper()
			synctest.Wait()
			i := 0
			for _, e := range l.taken() {
				if e.what != "queued" {
					continue
				}
				if i >= len(ahead) || e.Ahead != ahead[i] {
					t.Errorf("queued %d has %d jobs ahead; want %v", i, e.Ahead, ahead)
				}
				i++
			}
			if i != len(ahead) {
				t.Errorf("%d jobs were queued; want %d", i, len(ahead))
			}
		}
		resume := d.Suspend()
		ctx, cancel := context.WithCancel(t.Context())
		d.Async(func(*int) {})
		d.FutureContext(ctx, func(context.Context, *int) (int, error) { return 0, nil })
		d.Async(func(*int) {})
		want(0, 1, 2, 3)
		cancel()
		synctest.Wait()
		d.Async(func(*int) {})
		want(3)
		resume()
		synctest.Wait()
		d.Do(func(*int) { d.Async(func(*int) {}) })
		want(0, 1)
	})
}

func TestObserverIsToldWithinWhichJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := new(listener)
		a, b, quiet := desync.New(0, desync.WithObserver(l)), desync.New(0, desync.WithObserver(l)), desync.New(0)
		desync.Sync2Context(t.Context(), a, quiet, func(ctx context.Context, _, _ *int) (int, error) {
			return quietly(ctx, desync.New(0), func(ctx context.Context) {
				b.DoContext(ctx, func(ctx context.Context, _ *int) error { return nil })
				b.FutureContext(ctx, func(ctx context.Context, _ *int) (int, error) { return 0, nil })
				b.Do(func(*int) {})
			})
		})
		synctest.Wait()
		var outer uint64
		var got []bool
		for _, e := range l.taken() {
			switch {
			case e.what != "queued":
			case e.Call == desync.CallSeveral:
				outer = e.ID
				if e.Within != 0 {
					t.Errorf("the outermost job is within %d", e.Within)
				}
			default:
				got = append(got, e.Within == outer)
			}
		}
		if fmt.Sprint(got) != "[true true false]" {
			t.Errorf("which of the inner calls are within the outer job: %v; want the two with its context", got)
		}
	})
}

func quietly(ctx context.Context, d *desync.Desync[int], f func(context.Context)) (int, error) {
	return d.SyncContext(ctx, func(ctx context.Context, _ *int) (int, error) { f(ctx); return 0, nil })
}

func TestObserverIsToldTheError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := new(listener)
		d := desync.New(0, desync.WithObserver(l), desync.WithPanicHandler(func(*desync.PanicError) {}))
		mine := errors.New("mine")
		ended, cancel := context.WithCancelCause(t.Context())
		cancel(mine)
		never := func(context.Context, *int) (int, error) { return 0, nil }
		for name, test := range map[string]struct {
			call func()
			want error
		}{
			"DoContext":            {func() { d.DoContext(t.Context(), func(context.Context, *int) error { return mine }) }, mine},
			"SyncContext":          {func() { d.SyncContext(t.Context(), func(context.Context, *int) (int, error) { return 0, mine }) }, mine},
			"FutureContext":        {func() { d.FutureContext(t.Context(), func(context.Context, *int) (int, error) { return 0, mine }) }, mine},
			"Future that panics":   {func() { d.Future(func(*int) int { panic(mine) }) }, mine},
			"Future":               {func() { d.Future(func(*int) int { return 1 }) }, nil},
			"Do":                   {func() { d.Do(func(*int) {}) }, nil},
			"DoContext, ended":     {func() { d.DoContext(ended, func(context.Context, *int) error { return nil }) }, desync.ErrNotRun},
			"FutureContext, ended": {func() { d.FutureContext(ended, never) }, desync.ErrNotRun},
			"DoAllContext": {func() {
				desync.DoAllContext(t.Context(), []*desync.Desync[int]{d}, func(context.Context, []*int) error { return mine })
			}, mine},
			"DoAllContext, ended": {func() {
				desync.DoAllContext(ended, []*desync.Desync[int]{d}, func(context.Context, []*int) error { return nil })
			}, desync.ErrNotRun},
			"FutureAll that panics": {func() { desync.FutureAll([]*desync.Desync[int]{d}, func([]*int) int { panic(mine) }) }, mine},
			"DoContext in a ring": {func() {
				d.DoContext(t.Context(), func(ctx context.Context, _ *int) error { d.DoContext(ctx, doNothing); return nil })
			}, nil},
		} {
			test.call()
			synctest.Wait()
			all := l.taken()
			if got := all[len(all)-1].Err; !errors.Is(got, test.want) || (got == nil) != (test.want == nil) {
				t.Errorf("%s: the error is %v; want %v", name, got, test.want)
			}
		}
	})
}

func doNothing(context.Context, *int) error { return nil }

func TestKeyObserversAreToldOneNumberForAKey(t *testing.T) {
	k := new(keeper)
	m := zeros[string](desync.WithObserver(k))
	for _, key := range []string{"ann", "bob", "ann"} {
		m.At(key).Do(func(*int) {})
	}
	first := k.seen[0]
	if first.ObjectID != k.seen[2].ObjectID || first.ObjectID == k.seen[1].ObjectID {
		t.Errorf("three jobs of two keys: %+v", k.seen)
	}
	m.Delete("ann")
	for m.Len() > 1 {
		runtime.Gosched()
	}
	m.At("ann").Do(func(*int) {})
	k.mu.Lock() // the end of the job that removed the key may be told late
	defer k.mu.Unlock()
	last := slices.MaxFunc(k.seen, func(a, b desync.JobInfo) int { return cmp.Compare(a.ID, b.ID) })
	if last.ObjectID == first.ObjectID || last.Key != "ann" || last.Call != desync.CallDo {
		t.Errorf("a key that went and came has the number of before: %+v", last)
	}
}

func TestKeyObserversAreToldTheUsersCode(t *testing.T) {
	k := new(keeper)
	m := zeros[string](desync.WithObserver(k))
	for _, kind := range mapKinds[string, int]() {
		kind.call(m, t.Context(), "ann", func(*int) {})
	}
	if err := m.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	n := 0
	for _, j := range k.seen {
		if j.Func == 0 {
			continue
		}
		n++
		if file, _ := runtime.FuncForPC(j.Func).FileLine(j.Func); !strings.HasSuffix(file, "_test.go") {
			t.Errorf("the code of a job of %v is in %s", j.Call, file)
		}
	}
	if n < 3 {
		t.Errorf("only %d jobs have code", n)
	}
}
