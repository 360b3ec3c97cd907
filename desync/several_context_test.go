package desync_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"weak"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures/waits"
)

// A severalContextCall gives up. Its job holds both objects.
type severalContextCall[T any] struct {
	name string
	call func(ctx context.Context, a, b desync.Object[T], job func(ctx context.Context, a, b *T) error) error
}

func severalContextCalls[T any]() []severalContextCall[T] {
	return []severalContextCall[T]{
		{"Sync2Context", func(ctx context.Context, a, b desync.Object[T], job func(context.Context, *T, *T) error) error {
			_, err := desync.Sync2Context(ctx, a, b, func(ctx context.Context, a, b *T) (int, error) { return 1, job(ctx, a, b) })
			return err
		}},
		{"DoAllContext", func(ctx context.Context, a, b desync.Object[T], job func(context.Context, *T, *T) error) error {
			return desync.DoAllContext(ctx, []desync.Object[T]{a, b, new(desync.Desync[T])}, func(ctx context.Context, data []*T) error {
				return job(ctx, data[0], data[1])
			})
		}},
	}
}

func TestSync2ContextInfersAllTypes(t *testing.T) {
	m, d := desync.NewMap(func(int) string { return "value" }), desync.New(7)
	got, err := desync.Sync2Context(t.Context(), m.At(1), d, func(_ context.Context, s *string, n *int) (string, error) {
		return fmt.Sprint(*s, *n), errBoom
	})
	if got != "value7" || err != errBoom {
		t.Errorf("Sync2Context returned %q, %v; want what its job returned", got, err)
	}
	err = desync.DoAllContext(t.Context(), []desync.Key[int, string]{m.At(2), m.At(1)}, func(_ context.Context, data []*string) error {
		*data[0] += "2"
		return nil
	})
	if got := m.At(2).Sync(func(s *string) string { return *s }); got != "value2" || err != nil {
		t.Errorf("a job of DoAllContext left %q, %v; want value2", got, err)
	}
	if got := desync.Sync3(m.At(2), d, desync.Object[string](m.At(3)), func(s *string, n *int, r *string) string {
		return fmt.Sprint(*s, *n, *r)
	}); got != "value27value" {
		t.Errorf("the job of Sync3 got %q", got)
	}
	done, err := desync.Future2(d, m.At(1), func(n *int, s *string) string { return fmt.Sprint(*n, *s) }).Await(t.Context())
	all, err2 := desync.FutureAll([]desync.Object[string]{m.At(1), desync.New("plain")}, func(data []*string) string {
		return *data[0] + *data[1]
	}).Await(t.Context())
	if done != "7value" || all != "valueplain" || err != nil || err2 != nil {
		t.Errorf("Future2 and FutureAll gave %q, %v and %q, %v", done, err, all, err2)
	}
}

// The call has one object when its context ends, and waits for the other. What is queued
// behind it on the first goes on at once, and on the other nothing is held up.
func TestCAN1_CAN3_ObjectsGrantedEarlyGoOnAtOnce(t *testing.T) {
	for _, c := range severalContextCalls[[]string]() {
		for _, e := range endings {
			for _, early := range []string{"idle", "granted"} { // how the call gets the first object
				t.Run(c.name+", "+e.name+", "+early, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) { giveUpEarly(t, c, e.make, e.err, early == "granted") })
				})
			}
		}
	}
}

func giveUpEarly(t *testing.T, c severalContextCall[[]string], end func(context.Context) (context.Context, func()), want error, granted bool) {
	a := new(desync.Desync[[]string])
	openA := func() {}
	var wantA []string
	if granted {
		gated, gate := closedGate[[]string]()
		a, openA = gated, func() { close(gate) }
		wantA = queueEach(a, "before")
	}
	b, gateB := closedGate[[]string]()
	wantB := queueEach(b, "before")
	ctx, cancel := end(t.Context())
	told := make(chan error, 1)
	go func() {
		told <- c.call(ctx, b, a, func(context.Context, *[]string, *[]string) error {
			t.Error("CAN-1: the job ran")
			return nil
		})
	}()
	synctest.Wait()
	openA()
	synctest.Wait()
	behind := queueEach(a, "behind")
	wantA, wantB = append(wantA, behind...), append(wantB, queueEach(b, "behind")...)
	wantPending(t, a, 1+len(behind)) // held by the call
	cancel()
	synctest.Wait()
	select {
	case err := <-told:
		wantNotRun(t, c.name, err, ctx, want)
	default:
		t.Errorf("CAN-1: %s has not returned, though its context has ended", c.name)
	}
	wantPending(t, a, 0)
	wantLog(t, "CAN-3", a, wantA...)
	close(gateB)
	synctest.Wait()
	wantPending(t, b, 0)
	wantLog(t, "CAN-3", b, wantB...)
}

// A call whose context has ended before takes no place and makes no value.
func TestCAN1_SeveralWithAnEndedContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(errCause)
		m := desync.NewMap(func(string) int { t.Error("CAN-1: a value was made"); return 0 })
		held, gate := closedGate[int]()
		for _, c := range severalContextCalls[int]() {
			for name, a := range map[string]desync.Object[int]{"idle": newInt(), "a key": m.At("a"), "held": held} {
				before := a.Pending()
				err := c.call(ctx, a, newInt(), func(context.Context, *int, *int) error { t.Error("CAN-1: the job ran"); return nil })
				wantNotRun(t, c.name+" of an object that is "+name, err, ctx, errCause)
				if n := a.Pending(); n != before {
					t.Errorf("CAN-1: %s: %d jobs are pending after a %s; want %d", name, n, c.name, before)
				}
			}
		}
		if err := desync.DoAllContext(ctx, []*desync.Desync[int]{}, func(context.Context, []*int) error { t.Error("CAN-1: the job ran"); return nil }); !errors.Is(err, desync.ErrNotRun) {
			t.Errorf("CAN-1: DoAllContext of no object returned %v; want ErrNotRun", err)
		}
		wantLen(t, m, 0, "CAN-1: after calls that have not run")
		close(gate)
	})
}

func TestCAN2_AJobOfSeveralThatHasStarted(t *testing.T) {
	for _, c := range severalContextCalls[int]() {
		ctx, cancel := context.WithCancel(t.Context())
		a, b := newInt(), newInt()
		err := c.call(ctx, a, b, func(ctx context.Context, a, b *int) error {
			cancel()
			*a, *b = 1, 2
			if ctx.Err() == nil {
				t.Errorf("the context of the job of %s is not derived from that of the call", c.name)
			}
			return errBoom
		})
		if err != errBoom {
			t.Errorf("CAN-2: %s returned %v; want what the job has returned", c.name, err)
		}
		wantAllUsable(t, a, b)
	}
	if err := desync.DoAllContext(t.Context(), []*desync.Desync[int](nil), func(context.Context, []*int) error { return errBoom }); err != errBoom {
		t.Errorf("DoAllContext of no object returned %v; want what the job has returned", err)
	}
}

// The place that is left in the queue of a stuck object keeps nothing of the others.
func TestCAN4_APlaceThatWasGivenUpKeepsNoOtherObject(t *testing.T) {
	if watched {
		t.Skip("in builds that watch waits, the places know the other objects")
	}
	for _, c := range severalContextCalls[*[64]byte]() {
		stuck := new(desync.Desync[*[64]byte])
		resume := stuck.Suspend()
		var others []weak.Pointer[[64]byte]
		for range 4 {
			data := new([64]byte)
			others = append(others, weak.Make(data))
			ctx, cancel := context.WithCancel(t.Context())
			err := c.call(endsWhenWatched{ctx, cancel}, desync.New(data), stuck, func(context.Context, **[64]byte, **[64]byte) error {
				t.Error("CAN-1: the job ran")
				return nil
			})
			if !errors.Is(err, desync.ErrNotRun) {
				t.Fatalf("CAN-1: %s returned %v; want ErrNotRun", c.name, err)
			}
		}
		wantCollected(t, "CAN-4: objects of a "+c.name+" that was given up", others...)
		if n := stuck.Pending(); n < 2 {
			t.Errorf("%d jobs are pending; the test shows nothing if no place is left", n)
		}
		resume()
		runtime.KeepAlive(stuck)
	}
}

// The job holds both objects along its context, and a call for several waits for each.
func TestNST3_SeveralAlongAContext(t *testing.T) {
	wantRingOf := func(err error, objects ...string) {
		t.Helper()
		e, ok := errors.AsType[*desync.DeadlockError](err)
		if !ok || !slices.EqualFunc(e.Ring, objects, func(w waits.Wait, object string) bool {
			return w.Object == object && strings.Contains(w.Call, "_test.go:")
		}) {
			t.Errorf("NST-3: the call returned %v; want a ring of %q, with the places of the calls", err, objects)
		}
	}
	for _, outer := range severalContextCalls[int]() {
		for _, inner := range contextCalls[int]() {
			if inner.future {
				continue // nobody waits for it
			}
			synctest.Test(t, func(t *testing.T) {
				a, b := desync.New(0, desync.WithName("a")), desync.New(0, desync.WithName("b"))
				between := desync.New(0, desync.WithName("between"))
				m := zeros[string](desync.WithName("accounts"))
				var leaked context.Context
				err := outer.call(t.Context(), a, b, func(ctx context.Context, _, _ *int) error {
					leaked = ctx
					wantRingOf(inner.call(a, ctx, mustNotRun[int](t, inner.name)), `"a"`)
					wantRingOf(inner.call(b, ctx, mustNotRun[int](t, inner.name)), `"b"`)
					return between.DoContext(ctx, func(ctx context.Context, _ *int) error {
						wantRingOf(inner.call(b, ctx, mustNotRun[int](t, inner.name)), `"b"`, `"between"`)
						return nil
					})
				})
				// In the middle of a ring, a job of several stands there with its first object.
				err2 := between.DoContext(t.Context(), func(ctx context.Context, _ *int) error {
					return outer.call(ctx, a, m.At("ann"), func(ctx context.Context, _, _ *int) error {
						wantRingOf(inner.call(between, ctx, mustNotRun[int](t, inner.name)), `"between"`, `"a"`)
						wantRingOf(outer.call(ctx, b, m.At("ann"), func(context.Context, *int, *int) error {
							t.Error("NST-3: the job ran")
							return nil
						}), `"accounts", key "ann"`)
						return nil
					})
				})
				if err := errors.Join(err, err2); err != nil {
					t.Errorf("NST-1: the calls that close no ring returned %v", err)
				}
				if err := inner.call(a, leaked, func(context.Context, *int) error { return nil }); err != nil {
					t.Errorf("NST-3: with the context of a job that has ended, %s returned %v", inner.name, err)
				}
				wantAllUsable(t, a, b, between)
			})
		}
	}
}

// A job of several keys that waits for all jobs of their map waits for itself.
func TestNST3_MapWaitInAJobOfSeveral(t *testing.T) {
	m, d := zeros[string](), newInt()
	for _, c := range severalContextCalls[int]() {
		var told error
		err := c.call(t.Context(), d, m.At("a"), func(ctx context.Context, _, _ *int) error {
			told = m.Wait(ctx)
			return nil
		})
		if ring, ok := errors.AsType[*desync.DeadlockError](told); !ok || len(ring.Ring) != 1 || err != nil {
			t.Errorf("NST-3: a Wait in a job of %s returned %v; want a ring of one", c.name, told)
		}
	}
	if err := m.Wait(t.Context()); err != nil {
		t.Errorf("a Wait behind these jobs returned %v", err)
	}
}

// A call that has given up holds nothing and waits for nothing, so it is in no ring.
func TestNST3_SeveralThatGaveUpAreInNoRing(t *testing.T) {
	for _, c := range severalContextCalls[int]() {
		synctest.Test(t, func(t *testing.T) {
			a, b := newInt(), newInt()
			ctx, cancel := context.WithCancel(t.Context())
			inB, told := make(chan struct{}), make(chan error, 1)
			go b.Do(func(*int) { <-inB; a.Do(func(*int) {}) }) // while c has a and waits for b, but may give up
			synctest.Wait()
			go func() {
				told <- c.call(ctx, a, b, func(context.Context, *int, *int) error { t.Error("CAN-1: the job ran"); return nil })
			}()
			synctest.Wait()
			close(inB)
			synctest.Wait()
			cancel()
			if err := <-told; !errors.Is(err, context.Canceled) {
				t.Errorf("CAN-1: %s returned %v; want context.Canceled", c.name, err)
			}
			synctest.Wait()
			a.Do(func(*int) { b.Do(func(*int) {}) })
			b.Do(func(*int) { a.Do(func(*int) {}) })
			wantAllUsable(t, a, b)
		})
	}
}

func TestCAN1_TheErrorOfSeveralNamesObjectsAndKeys(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errCause)
	object := desync.New(0, desync.WithName("total"))
	m := desync.NewMap(func(secret) int { return 0 }, desync.WithName("accounts"))
	job := func(context.Context, []*int) error { return nil }
	for _, c := range []struct {
		objects []desync.Object[int]
		object  string
		keys    []any
	}{
		{nil, "no object", nil},
		{[]desync.Object[int]{object}, `"total"`, nil},
		{[]desync.Object[int]{object, m.At(secret{})}, `"total" and "accounts"`, []any{nil, secret{}}},
		{[]desync.Object[int]{m.At(secret{}), desync.NewMap(func(int) int { return 0 }, desync.WithName("accounts")).At(7)}, `"accounts"`, []any{secret{}, 7}},
		{[]desync.Object[int]{object, desync.New(0, desync.WithName("b")), desync.New(0, desync.WithName("c"))}, `"total", "b" and "c"`, nil},
		{append([]desync.Object[int]{object}, slices.Repeat([]desync.Object[int]{nil}, 9)...), `"total", "x0", "x1" and 7 others`, nil},
	} {
		for i, o := range c.objects {
			if o == nil {
				c.objects[i] = desync.New(0, desync.WithName(fmt.Sprint("x", i-1)))
			}
		}
		err := desync.DoAllContext(ctx, c.objects, job)
		e, ok := errors.AsType[*desync.NotRunError](err)
		if !ok || e.Call != "DoAllContext" || e.Object != c.object || e.Key != nil || !slices.Equal(e.Keys, c.keys) {
			t.Errorf("CAN-1: the error is %#v; want a NotRunError of %s with the keys %v", err, c.object, c.keys)
		} else if !strings.Contains(err.Error(), "DoAllContext of "+c.object+": ") {
			t.Errorf("CAN-1: the text is %q; want it to name %s", err, c.object)
		}
	}
}

func TestSeveralObjectsInTheBackgroundAndWithContextsPanicOnMisuse(t *testing.T) {
	d, m := desync.New(0, desync.WithName("total")), zeros[string](desync.WithName("accounts"))
	ctx, ann := t.Context(), m.At("ann")
	ended, cancel := context.WithCancel(ctx)
	cancel()
	three := func(*int, *int, *int) int { t.Error("the job ran"); return 0 }
	two := func(*int, *int) int { t.Error("the job ran"); return 0 }
	all := func([]*int) int { t.Error("the job ran"); return 0 }
	twoContext := func(context.Context, *int, *int) (int, error) { t.Error("the job ran"); return 0, nil }
	allContext := func(context.Context, []*int) error { t.Error("the job ran"); return nil }
	none := desync.Object[int](nil)
	for name, misuse := range map[string]struct {
		call func()
		says string
	}{
		"Sync3 of a nil object":            {func() { desync.Sync3(ann, d, none, three) }, "Sync3: the objects and the job must not be nil"},
		"Sync3 of a nil job":               {func() { desync.Sync3(ann, d, newInt(), (func(a, b, c *int) int)(nil)) }, "Sync3: the objects and the job must not be nil"},
		"Sync3 of a key twice":             {func() { desync.Sync3(ann, d, ann, three) }, `Sync3: objects 0 and 2 are the same, "accounts", key "ann"`},
		"Sync2Context of a nil context":    {func() { desync.Sync2Context(nil, ann, d, twoContext) }, "Sync2Context: the context, the objects and the job must not be nil"},
		"Sync2Context of a nil object":     {func() { desync.Sync2Context(ctx, ann, none, twoContext) }, "Sync2Context: the context, the objects and the job must not be nil"},
		"Sync2Context of a nil *Desync":    {func() { desync.Sync2Context(ctx, (*desync.Desync[int])(nil), d, twoContext) }, "Sync2Context: the context, the objects and the job must not be nil"},
		"Sync2Context of an object twice":  {func() { desync.Sync2Context(ctx, d, d, twoContext) }, `Sync2Context: objects 0 and 1 are the same, "total"`},
		"Sync2Context of a key twice":      {func() { desync.Sync2Context(ctx, ann, ann, twoContext) }, `Sync2Context: objects 0 and 1 are the same, "accounts", key "ann"`},
		"the same, with an ended context":  {func() { desync.Sync2Context(ended, ann, ann, twoContext) }, `Sync2Context: objects 0 and 1 are the same, "accounts", key "ann"`},
		"DoAllContext of a nil context":    {func() { desync.DoAllContext(nil, []*desync.Desync[int]{d}, allContext) }, "DoAllContext: the context and the job must not be nil"},
		"DoAllContext of a nil job":        {func() { desync.DoAllContext(ctx, []*desync.Desync[int]{d}, nil) }, "DoAllContext: the context and the job must not be nil"},
		"DoAllContext of a nil object":     {func() { desync.DoAllContext(ctx, []desync.Object[int]{ann, d, nil}, allContext) }, "DoAllContext: object 2 is nil"},
		"DoAllContext of an object twice":  {func() { desync.DoAllContext(ctx, []*desync.Desync[int]{d, d}, allContext) }, `DoAllContext: objects 0 and 1 are the same, "total"`},
		"Future2 of a nil object":          {func() { desync.Future2(none, ann, two) }, "Future2: the objects and the job must not be nil"},
		"Future2 of a nil job":             {func() { desync.Future2(d, ann, (func(a, b *int) int)(nil)) }, "Future2: the objects and the job must not be nil"},
		"Future2 of a key twice":           {func() { desync.Future2(ann, ann, two) }, `Future2: objects 0 and 1 are the same, "accounts", key "ann"`},
		"FutureAll of a nil object":        {func() { desync.FutureAll([]desync.Object[int]{ann, nil}, all) }, "FutureAll: object 1 is nil"},
		"FutureAll of a nil job":           {func() { desync.FutureAll([]desync.Object[int]{ann}, (func([]*int) int)(nil)) }, "FutureAll: the job is nil"},
		"FutureAll of a key twice":         {func() { desync.FutureAll([]desync.Object[int]{ann, d, ann}, all) }, `FutureAll: objects 0 and 2 are the same, "accounts", key "ann"`},
		"FutureAll of a zero Key":          {func() { desync.FutureAll([]desync.Object[int]{ann, desync.Key[string, int]{}}, all) }, "a zero Key"},
		"Sync2Context of a zero Key, last": {func() { desync.Sync2Context(ctx, ann, desync.Key[string, int]{}, twoContext) }, "a zero Key"},
	} {
		if got := fmt.Sprint(caught(misuse.call)); !strings.Contains(got, misuse.says) {
			t.Errorf("%s: the panic is %q; want one with %q", name, got, misuse.says)
		}
		wantLen(t, m, 0, name)
		if !d.TryDo(func(*int) {}) {
			t.Errorf("%s: the plain object is held", name)
		}
	}
}
