package desync_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

// A mapKind is one way of handing over a job for a key. Its call returns the error
// of the Map's call, if that returns one.
type mapKind[K comparable, T any] struct {
	name  string
	waits bool // for the end of the job
	call  func(m *desync.Map[K, T], ctx context.Context, key K, job func(*T)) error
}

func mapKinds[K comparable, T any]() []mapKind[K, T] {
	type mp = desync.Map[K, T]
	with := func(job func(*T)) func(context.Context, *T) (int, error) {
		return func(_ context.Context, v *T) (int, error) { job(v); return 0, nil }
	}
	return []mapKind[K, T]{
		{"Async", false, func(m *mp, _ context.Context, key K, job func(*T)) error { m.At(key).Async(job); return nil }},
		{"Future", false, func(m *mp, _ context.Context, key K, job func(*T)) error {
			m.At(key).Future(func(v *T) int { job(v); return 0 })
			return nil
		}},
		{"FutureContext", false, func(m *mp, ctx context.Context, key K, job func(*T)) error {
			m.At(key).FutureContext(ctx, with(job))
			return nil
		}},
		{"Do", true, func(m *mp, _ context.Context, key K, job func(*T)) error { m.At(key).Do(job); return nil }},
		{"Sync", true, func(m *mp, _ context.Context, key K, job func(*T)) error {
			m.At(key).Sync(func(v *T) int { job(v); return 0 })
			return nil
		}},
		{"DoContext", true, func(m *mp, ctx context.Context, key K, job func(*T)) error {
			return m.At(key).DoContext(ctx, func(_ context.Context, v *T) error { job(v); return nil })
		}},
		{"SyncContext", true, func(m *mp, ctx context.Context, key K, job func(*T)) error {
			_, err := m.At(key).SyncContext(ctx, with(job))
			return err
		}},
		{"After", false, func(m *mp, _ context.Context, key K, job func(*T)) error {
			m.At(key).After(futures.Resolved(0), func(v *T, _ int, _ error) int { job(v); return 0 })
			return nil
		}},
		{"TryDo", true, func(m *mp, _ context.Context, key K, job func(*T)) error {
			if !m.At(key).TryDo(job) {
				m.At(key).Do(job)
			}
			return nil
		}},
		{"TrySync", true, func(m *mp, _ context.Context, key K, job func(*T)) error {
			if _, ok := m.At(key).TrySync(func(v *T) int { job(v); return 0 }); !ok {
				m.At(key).Do(job)
			}
			return nil
		}},
		{"Sync1", true, func(m *mp, _ context.Context, key K, job func(*T)) error {
			desync.Sync1(m.At(key), func(v *T) int { job(v); return 0 })
			return nil
		}},
		{"Sync2", true, func(m *mp, _ context.Context, key K, job func(*T)) error {
			desync.Sync2(desync.New(0), m.At(key), func(_ *int, v *T) int { job(v); return 0 })
			return nil
		}},
		{"DoAll", true, func(m *mp, _ context.Context, key K, job func(*T)) error {
			desync.DoAll([]desync.Object[T]{new(desync.Desync[T]), m.At(key)}, func(vs []*T) { job(vs[1]) })
			return nil
		}},
	}
}

// zeros is a map of which every value begins as 0.
func zeros[K comparable](opts ...desync.Option) *desync.Map[K, int] {
	return desync.NewMap(func(K) int { return 0 }, opts...)
}

// look returns the values of m.
func look[K comparable, T any](m *desync.Map[K, T]) map[K]T {
	found := make(map[K]T)
	m.Range(func(key K, v *T) bool { found[key] = *v; return true })
	return found
}

// evictIdle sets the limit, and a function that is told of each value that is removed.
func evictIdle[K comparable, T any](m *desync.Map[K, T], after time.Duration, evicted func(K, *T)) {
	m.OnRemove(func(key K, v *T) error { evicted(key, v); return nil }, func(K, error) {})
	m.EvictIdle(after)
}

func wantLen[K comparable, T any](t *testing.T, m *desync.Map[K, T], want int, when string) {
	t.Helper()
	if got := m.Len(); got != want {
		t.Errorf("%s: Len is %d; want %d", when, got, want)
	}
}

func TestMapORD_EveryKindTakesItsPlaceAmongTheJobsOfItsKey(t *testing.T) {
	m := desync.NewMap(func(string) []int { return nil })
	gate := make(chan struct{})
	m.At("a").Async(func(*[]int) { <-gate })
	kinds := mapKinds[string, []int]()
	background, direct := kinds[:3], kinds[3:]
	const n = 60
	for i := range n {
		background[i%3].call(m, t.Context(), "a", func(l *[]int) { *l = append(*l, i) })
	}
	close(gate)
	for i, k := range direct {
		if err := k.call(m, t.Context(), "a", func(l *[]int) { *l = append(*l, n+i) }); err != nil {
			t.Errorf("%s: %v", k.name, err)
		}
	}
	got := m.At("a").Sync(func(l *[]int) []int { return *l })
	if want := n + len(direct); len(got) != want || !slices.IsSorted(got) {
		t.Errorf("ORD-1, EXE-2: the jobs ran in the order %v; want all %d, in the order of the calls", got, want)
	}
}

// The results of the calls that have one.
func TestMapResults(t *testing.T) {
	m := desync.NewMap(strings.ToUpper)
	if got := m.At("a").Sync(func(s *string) string { return *s + "1" }); got != "A1" {
		t.Errorf("Sync = %q; want A1", got)
	}
	if got, err := m.At("b").Future(func(s *string) string { return *s + "2" }).Await(t.Context()); got != "B2" || err != nil {
		t.Errorf("Future = %q, %v; want B2", got, err)
	}
	sad := errors.New("sad")
	job := func(_ context.Context, s *string) (string, error) { return *s + "3", sad }
	if got, err := m.At("c").SyncContext(t.Context(), job); got != "C3" || err != sad {
		t.Errorf("SyncContext = %q, %v; want C3 and the job's error", got, err)
	}
	if _, err := m.At("d").FutureContext(t.Context(), job).Await(t.Context()); err != sad {
		t.Errorf("FutureContext fails with %v; want the job's error", err)
	}
	if err := m.At("e").DoContext(t.Context(), func(context.Context, *string) error { return sad }); err != sad {
		t.Errorf("DoContext = %v; want the job's error", err)
	}
	wantLen(t, m, 5, "after calls for five keys")
}

func TestKEY2_ABlockedKeyDelaysNoOther(t *testing.T) {
	for _, blocked := range mapKinds[int, int]() {
		for _, where := range []string{"job", "constructor"} {
			t.Run(blocked.name+", "+where, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					gate := make(chan struct{})
					m := desync.NewMap(func(key int) int {
						if key == 0 && where == "constructor" {
							<-gate
						}
						return key
					})
					m.EvictIdle(time.Minute)
					go blocked.call(m, t.Context(), 0, func(*int) { <-gate })
					synctest.Wait() // blocked
					for key, k := range mapKinds[int, int]() {
						ran := make(chan int, 1)
						if err := k.call(m, t.Context(), key+1, func(v *int) { ran <- *v }); err != nil {
							t.Errorf("KEY-2: %s for another key: %v", k.name, err)
						}
						synctest.Wait()
						select {
						case v := <-ran:
							if v != key+1 {
								t.Errorf("%s: the value is %d; want that of its key, %d", k.name, v, key+1)
							}
						default:
							t.Errorf("KEY-2: %s for another key has not run its job", k.name)
						}
					}
					m.Delete(1)
					synctest.Wait()
					wantLen(t, m, len(mapKinds[int, int]()), "KEY-2: after a Delete of another key")
					time.Sleep(10 * time.Minute)
					wantLen(t, m, 1, "KEY-2: when the others were idle for long")
					close(gate)
				})
			})
		}
	}
}

func TestMapTheConstructorIsAJobOfTheObjectOnceALife(t *testing.T) {
	for _, k := range mapKinds[string, int]() {
		t.Run(k.name, func(t *testing.T) {
			made, maker, runner := 0, "", ""
			m := desync.NewMap(func(key string) int { made++; maker = goid(); return len(key) })
			for range 3 {
				got := make(chan int, 1)
				k.call(m, t.Context(), "four", func(v *int) { runner = goid(); got <- *v; *v = 7 })
				v := receive(t, got, "the job")
				if made == 1 && v == 7 {
					continue
				}
				if v != 4 || made != 1 || maker != runner {
					t.Errorf("value %d, made %d times, by %s for a job on %s; want 4, once, by the same", v, made, maker, runner)
				}
			}
			m.Delete("four")
			k.call(m, t.Context(), "four", func(v *int) {})
			if got := m.At("four").Sync(func(v *int) int { return *v }); got != 4 || made != 2 {
				t.Errorf("after Delete: value %d, made %d times in all; want 4 and 2", got, made)
			}
		})
	}
}

func TestMapTheConstructorMayUseOtherKeys(t *testing.T) {
	var m *desync.Map[int, int]
	m = desync.NewMap(func(n int) int {
		if n < 2 {
			return n
		}
		first := m.At(n - 1).Future(func(v *int) int { return *v })
		second := m.At(n - 2).Sync(func(v *int) int { return *v })
		f, err := first.Await(context.Background())
		if err != nil {
			panic(err)
		}
		return f + second
	})
	finishes(t, "KEY-2: constructors that wait for other keys", func() {
		if got := m.At(30).Sync(func(v *int) int { return *v }); got != 832_040 {
			t.Errorf("the value is %d; want 832040", got)
		}
	})
	wantLen(t, m, 31, "afterwards")
}

func TestMapDeleteIsOrderedLikeAJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := zeros[string]()
		gate := make(chan struct{})
		m.At("a").Async(func(v *int) { <-gate; *v = 1 })
		var seen []int
		see := func(v *int) { seen = append(seen, *v); *v += 10 }
		m.At("a").Async(see)
		m.Delete("a") // returns at once
		m.At("a").Async(see)
		m.At("a").Async(see)
		m.Delete("a")
		m.Delete("a")
		wantLen(t, m, 1, "while a job runs")
		close(gate)
		synctest.Wait()
		if want := []int{1, 0, 10}; !slices.Equal(seen, want) {
			t.Errorf("ORD-1: jobs around a Delete saw %v; want %v", seen, want)
		}
		wantLen(t, m, 0, "after the last Delete")

		m.Delete("absent")
		synctest.Wait()
		wantLen(t, m, 0, "after a Delete of an absent key")
	})
}

func TestMapCAN_ACancelledCallLeavesNothing(t *testing.T) {
	type contextCall = func(m *desync.Map[string, int], ctx context.Context, job func(*int)) error
	calls := map[string]contextCall{
		"FutureContext": func(m *desync.Map[string, int], ctx context.Context, job func(*int)) error {
			f := m.At("a").FutureContext(ctx, func(_ context.Context, v *int) (int, error) { job(v); return 0, nil })
			_, err := f.Await(context.Background())
			return err
		},
	}
	for _, k := range mapKinds[string, int]() {
		if k.waits && strings.HasSuffix(k.name, "Context") {
			calls[k.name] = func(m *desync.Map[string, int], ctx context.Context, job func(*int)) error {
				return k.call(m, ctx, "a", job)
			}
		}
	}
	reason := errors.New("a reason")
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := zeros[string]()
				never := func(*int) { t.Error("CAN-1: a cancelled job ran") }
				check := func(when string, err error) {
					t.Helper()
					for _, want := range []error{desync.ErrNotRun, context.Canceled, reason} {
						if !errors.Is(err, want) {
							t.Errorf("CAN-1: %s: the error %v does not match %v", when, err, want)
						}
					}
				}
				ended, cancel := context.WithCancelCause(t.Context())
				cancel(reason)
				check("the context had ended before", call(m, ended, never))
				synctest.Wait()
				wantLen(t, m, 0, "after a call that was cancelled before")

				// Behind a job that ends without leaving a value.
				gate := make(chan struct{})
				m.At("a").Async(func(*int) { <-gate })
				m.Delete("a")
				ctx, cancel := context.WithCancelCause(t.Context())
				learned := make(chan error, 1)
				go func() { learned <- call(m, ctx, never) }()
				synctest.Wait()
				cancel(reason)
				synctest.Wait()
				select {
				case err := <-learned:
					check("the key was busy", err)
				default:
					t.Error("CAN-1: the caller has not learned at once that the job will not run")
				}
				wantLen(t, m, 1, "while the key is busy")
				close(gate)
				synctest.Wait()
				wantLen(t, m, 0, "after the jobs of a key with a cancelled call")
			})
		})
	}
}

// The context of a job detects rings over keys.
func TestMapNST3_TheContextVariantsFindRings(t *testing.T) {
	m := zeros[string](desync.WithName("keys"))
	err := m.At("a").DoContext(t.Context(), func(ctx context.Context, _ *int) error {
		return m.At("b").DoContext(ctx, func(ctx context.Context, _ *int) error {
			return m.At("a").DoContext(ctx, func(context.Context, *int) error { return nil })
		})
	})
	ring, ok := errors.AsType[*desync.DeadlockError](err)
	if !ok || len(ring.Ring) != 2 || !errors.Is(err, desync.ErrNotRun) {
		t.Fatalf("NST-3: the error is %v; want a ring of two waits", err)
	}
	for i, w := range ring.Ring {
		if want := fmt.Sprintf(`"keys", key %q`, []string{"a", "b"}[i]); !strings.Contains(w.Call, "map_test.go:") || w.Object != want {
			t.Errorf("NST-3: wait %d is %+v; want it for %s, in this file", i, w, want)
		}
	}
}

type mapKey struct{ n int }

// Objects of a map without a name are called by the types that its user knows.
func TestMapNST3_TheMessageNamesTypesAndKeys(t *testing.T) {
	m := zeros[mapKey]()
	pointers := zeros[*mapKey]()
	p := new(mapKey)
	var byPointer error
	err := m.At(mapKey{7}).DoContext(t.Context(), func(ctx context.Context, _ *int) error {
		byPointer = pointers.At(p).DoContext(ctx, func(ctx context.Context, _ *int) error {
			//desyncvet:ignore selfwait the error is what is tested
			return pointers.At(p).DoContext(ctx, func(context.Context, *int) error { return nil })
		})
		return m.At(mapKey{7}).DoContext(ctx, func(context.Context, *int) error { return nil })
	})
	for want, err := range map[string]error{
		"for desync.Map[github.com/go-desync/go-desync/desync_test.mapKey,int], key {7}, at ":                 err,
		fmt.Sprintf("for desync.Map[*github.com/go-desync/go-desync/desync_test.mapKey,int], key %p, at ", p): byPointer,
	} {
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "slot") {
			t.Errorf("NST-3: the error is %v; want it to contain %q", err, want)
		}
	}
}

// Wait in a job of the map would wait for that job. Along its context that is found in
// every build.
func TestMapNST3_WaitInAJobOfTheMap(t *testing.T) {
	m := zeros[string](desync.WithName("keys"))
	var other desync.Desync[int]
	wait := func(ctx context.Context, _ *int) error {
		return other.DoContext(ctx, func(ctx context.Context, _ *int) error { return m.Wait(ctx) })
	}
	_, inFuture := m.At("a").FutureContext(t.Context(), func(ctx context.Context, n *int) (int, error) {
		return 0, wait(ctx, n)
	}).Await(t.Context())
	for name, err := range map[string]error{"DoContext": m.At("a").DoContext(t.Context(), wait), "FutureContext": inFuture} {
		ring, ok := errors.AsType[*desync.DeadlockError](err)
		if !ok || len(ring.Ring) != 2 || ring.Ring[0].Object != `"keys", key "a"` || !strings.Contains(ring.Ring[0].Call, "map_test.go:") {
			t.Errorf("NST-3: a Wait in a %s of the map gave %v; want a ring over the key", name, err)
		}
	}
	if err := m.Wait(t.Context()); err != nil {
		t.Errorf("a Wait outside of jobs gave %v", err)
	}
	var elsewhere error
	other.DoContext(t.Context(), func(ctx context.Context, _ *int) error {
		elsewhere = m.Wait(ctx)
		return nil
	})
	if elsewhere != nil {
		t.Errorf("NST-3: a Wait in a job of another object gave %v; want nil", elsewhere)
	}
}

func TestMapNST_NestedJobs(t *testing.T) {
	m := zeros[int]()
	const depth = 50
	var descend func(n int)
	descend = func(n int) {
		m.At(n).Do(func(v *int) {
			*v++
			m.At(n).Async(func(v *int) { *v += 10 }) // its own key, at the tail
			if n > 0 {
				descend(n - 1)
			}
		})
	}
	finishes(t, "NST-1: jobs inside jobs of other keys", func() { descend(depth) })
	if err := m.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	for key, v := range look(m) {
		if v != 11 {
			t.Errorf("NST-2: the value of %d is %d; want 11", key, v)
		}
	}
	wantLen(t, m, depth+1, "afterwards")
}
