package desync_test

import (
	"errors"
	"reflect"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

// submitted is a job that notes in log that it runs, and how it has ended.
type submitted struct {
	log *[]string
	run func()
}

func (s submitted) Run(*int) {
	*s.log = append(*s.log, "run")
	s.run()
}

func (s submitted) Ended(err error) {
	switch p, ok := errors.AsType[*desync.PanicError](err); {
	case ok:
		*s.log = append(*s.log, "panic "+p.Value.(string))
	case errors.Is(err, futures.ErrGoexit):
		*s.log = append(*s.log, "Goexit")
	default:
		*s.log = append(*s.log, "ended")
	}
}

func TestPAN4_SubmitTellsHowTheJobHasEnded(t *testing.T) {
	for _, test := range []struct {
		run  func()
		want string
	}{
		{func() {}, "ended"},
		{func() { panic("boom") }, "panic boom"},
		{runtime.Goexit, "Goexit"},
	} {
		synctest.Test(t, func(t *testing.T) {
			var told []string
			d := desync.New(0, desync.WithPanicHandler(func(p *desync.PanicError) { told = append(told, p.Value.(string)) }))
			var log []string
			d.Suspend()() // the object is as it is after use
			d.Submit(submitted{&log, test.run})
			synctest.Wait()
			if want := []string{"run", test.want}; !slices.Equal(log, want) {
				t.Errorf("PAN-4: a submitted job noted %q; want %q", log, want)
			}
			if wantTold := test.want == "panic boom"; (len(told) == 1) != wantTold {
				t.Errorf("PAN-3: the handler was told %q of a job whose end is %q", told, test.want)
			}
			if !d.TryDo(func(*int) {}) {
				t.Errorf("PAN-4: the object is not free after a job whose end is %q", test.want)
			}
		})
	}
}

func TestCAN3_SubmitIsStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d desync.Desync[int]
		resume := d.Suspend()
		var log []string
		d.Submit(submitted{&log, func() {}})
		stop := d.Submit(submitted{&log, func() { t.Error("CAN-1: a job that was stopped has run") }})
		last := d.Submit(submitted{&log, func() {}})
		if !stop() || stop() {
			t.Error("stop of a job whose turn has not come must report true, once")
		}
		resume()
		synctest.Wait()
		if last() {
			t.Error("CAN-2: stop reports true for a job that has run")
		}
		if want := []string{"run", "ended", "run", "ended"}; !slices.Equal(log, want) {
			t.Errorf("CAN-3: the neighbours of a job that was stopped noted %q; want %q", log, want)
		}
	})
}

func TestPAN6_SubmitWithAnObserverThatPanics(t *testing.T) {
	for _, at := range []string{"Started", "Finished"} {
		synctest.Test(t, func(t *testing.T) {
			told := 0
			d := desync.New(0, desync.WithObserver(failsAt{at: at}), desync.WithPanicHandler(func(*desync.PanicError) { told++ }))
			var log []string
			d.Submit(submitted{&log, func() {}})
			synctest.Wait()
			if want := []string{"run", "panic " + at}; !slices.Equal(log, want) || told != 1 {
				t.Errorf("PAN-6: a job whose observer panics in %s noted %q, and the handler was told %d times; want %q, and once", at, log, told, want)
			}
		})
	}
}

type failsAt struct {
	desync.NopObserver
	at string
}

func (p failsAt) Started(desync.JobInfo) {
	if p.at == "Started" {
		panic(p.at)
	}
}

func (p failsAt) Finished(desync.JobInfo) {
	if p.at == "Finished" {
		panic(p.at)
	}
}

func TestKEY1_SubmitLetsGoOfTheKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := desync.NewMap(func(key string) int {
			if key == "bad" {
				panic("no value")
			}
			return 0
		})
		var log []string
		job := submitted{&log, func() {}}
		m.At("bad").Submit(job)
		synctest.Wait()
		if want := []string{"panic no value"}; !slices.Equal(log, want) {
			t.Errorf("a job whose value could not be made noted %q; want %q", log, want)
		}
		log = nil
		hold := make(chan struct{})
		m.At("good").Async(func(*int) { <-hold })
		if stop := m.At("good").Submit(job); !stop() {
			t.Error("stop of a job whose turn has not come must report true")
		}
		m.At("good").Submit(job)
		m.Delete("good")
		close(hold)
		synctest.Wait()
		if want := []string{"run", "ended"}; !slices.Equal(log, want) {
			t.Errorf("the jobs of a key noted %q; want %q", log, want)
		}
		if n := m.Len(); n != 0 {
			t.Errorf("KEY-3: the map has %d keys; want none", n)
		}
	})
}

// A job that says what it calls.
type saying struct {
	submitted
	what any
}

func (s saying) Func() any { return s.what }

func TestSubmitTellsObserversTheUsersCode(t *testing.T) {
	k, log := new(keeper), []string{}
	plain, m := desync.New(0, desync.WithObserver(k)), zeros[string](desync.WithObserver(k))
	quiet := submitted{&log, func() {}}
	for _, d := range []desync.Object[int]{plain, m.At("ann")} {
		for _, what := range []any{nil, 7, (func())(nil)} {
			d.Submit(saying{quiet, what})
		}
		d.Submit(quiet)
		d.Submit(saying{quiet, quiet.run})
		desync.Sync1(d, func(*int) int { return 0 })
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	entry, told := reflect.ValueOf(quiet.run).Pointer(), 0
	for _, j := range k.seen {
		switch {
		case j.Func == entry:
			told++
		case j.Func != 0:
			t.Errorf("the code of a job is %#x; want %#x or 0", j.Func, entry)
		}
	}
	if told != 2 {
		t.Errorf("%d jobs have the code; want one of each object", told)
	}
}

func TestSubmitWithoutAJob(t *testing.T) {
	for want, call := range map[string]func(){
		"desync: Submit: the job is nil":     func() { desync.New(0).Submit(nil) },
		"desync: Key.Submit: the job is nil": func() { desync.NewMap(func(int) int { return 0 }).At(1).Submit(nil) },
	} {
		func() {
			defer func() {
				if v := recover(); v != want {
					t.Errorf("Submit(nil) panics with %v; want %q", v, want)
				}
			}()
			call()
		}()
	}
}
