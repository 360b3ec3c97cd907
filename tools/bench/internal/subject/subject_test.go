package subject

import (
	"context"
	"testing"
	"testing/synctest"
)

func all() []Subject { return append([]Subject{Desync{}}, Peers()...) }

// The interfaces of an object show what it can do, and the reasons say why it cannot do
// the rest: they must not contradict each other.
func TestWhatIsMissingHasAReason(t *testing.T) {
	for _, s := range all() {
		o := s.New()
		for ability, can := range map[Ability]bool{
			Do:        is[Doer](o),
			Sync:      is[Syncer](o),
			Async:     is[Asyncer](o),
			RoundTrip: is[RoundTripper](o),
			Await:     is[Awaiter](o),
			Cancel:    is[Canceler](o),
		} {
			if why := Why(s, ability); can != (why == "") {
				t.Errorf("%s: to %s: its objects can: %v, the reason why not: %q", s.Name(), ability, can, why)
			}
		}
		o.Close()
	}
}

func is[I any](o Object) bool {
	_, ok := o.(I)
	return ok
}

func TestNamesDiffer(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range all() {
		if s.Name() == "" || seen[s.Name()] {
			t.Errorf("the name %q is missing or there twice", s.Name())
		}
		seen[s.Name()] = true
	}
	for _, s := range Goals() {
		if !seen[s.Name()] {
			t.Errorf("%s is a peer of goals, but no peer", s.Name())
		}
	}
}

func TestEveryAbilityRunsEachJobOnce(t *testing.T) {
	const n = 50
	for _, s := range all() {
		o := s.New()
		want := 0
		ran := func(what string, right, jobs int) {
			t.Helper()
			want += jobs
			if right != n {
				t.Errorf("%s: %s: %d of %d were right", s.Name(), what, right, n)
			}
			if got := o.Wait(); got != want {
				t.Errorf("%s: after %s %d jobs have run, want %d", s.Name(), what, got, want)
			}
		}
		if o, ok := o.(Doer); ok {
			ran("Do", o.Do(n), n)
			release := o.Hold()
			release()
		}
		if o, ok := o.(Syncer); ok {
			ran("Sync", o.Sync(n), n)
		}
		if o, ok := o.(Asyncer); ok {
			o.Async(n)
			o.Repeat(n)
			ran("Async and Repeat", n, 2*n)
		}
		if o, ok := o.(RoundTripper); ok {
			ran("RoundTrip", o.RoundTrip(n), 2*n)
		}
		if o, ok := o.(Awaiter); ok {
			ran("Await", o.Await(n), n)
		}
		given := false
		o.Give(func(*State) { given = true })
		o.Wait()
		if !given {
			t.Errorf("%s: a job that was given has not run", s.Name())
		}
		o.Close()
	}
}

// The job of a call that gives up has not run and never will; the job of a call that
// goes on waiting runs.
func TestCancelersGiveUp(t *testing.T) {
	for _, s := range []Subject{Desync{}, Actor{}, Semaphore{}} {
		synctest.Test(t, func(t *testing.T) {
			o := s.New()
			defer o.Close()
			c := o.(Canceler)
			ended, cancel := context.WithCancel(t.Context())
			release := o.(Doer).Hold()
			outcomes := make(chan bool, 2)
			go func() { outcomes <- c.DoUntil(ended) }()
			synctest.Wait()
			cancel()
			if <-outcomes {
				t.Errorf("%s: a call that gave up says that its job has run", s.Name())
			}
			go func() { outcomes <- c.DoUntil(t.Context()) }()
			synctest.Wait()
			release()
			if !<-outcomes {
				t.Errorf("%s: a call that did not give up says that its job has not run", s.Name())
			}
			if ran := o.Wait(); ran != 1 {
				t.Errorf("%s: %d jobs have run, want 1", s.Name(), ran)
			}
		})
	}
}
