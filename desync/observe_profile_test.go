package desync_test

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"runtime/pprof"
	"runtime/trace"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

func TestExecutionTraceShowsTheJobs(t *testing.T) {
	if trace.IsEnabled() {
		t.Skip("an execution trace is being taken of the test itself, and there can be but one")
	}
	for _, k := range observedKinds() {
		t.Run(k.name, func(t *testing.T) {
			name := "traced by " + k.name
			d := desync.New(0, desync.WithName(name))
			var out bytes.Buffer
			if err := trace.Start(&out); err != nil {
				t.Fatal(err)
			}
			done := make(chan struct{})
			k.call(t.Context(), d, func(*int) { close(done) })
			receive(t, done, "the job")
			d.Do(func(*int) {})
			trace.Stop()
			for _, want := range []string{"desync " + name, "desync job " + name} {
				if !bytes.Contains(out.Bytes(), []byte(want)) {
					t.Errorf("the execution trace does not contain %q", want)
				}
			}
		})
	}
}

// labeled reports whether a goroutine with the label stands in the function of
// that name, by the goroutine profile.
func labeled(t *testing.T, label, function string) bool {
	t.Helper()
	var profile strings.Builder
	if err := pprof.Lookup("goroutine").WriteTo(&profile, 1); err != nil {
		t.Fatal(err)
	}
	for group := range strings.SplitSeq(profile.String(), "\n\n") {
		if strings.Contains(group, function) && strings.Contains(group, fmt.Sprintf(`labels: {"desync":%q}`, label)) {
			return true
		}
	}
	return false
}

// stand blocks where labeled can see it.
func stand(reached chan<- struct{}, gate <-chan struct{}) {
	close(reached)
	<-gate
	runtime.KeepAlive(gate)
}

func TestProfilesShowTheNameOnBackgroundJobs(t *testing.T) {
	for name, queue := range map[string]func(d *desync.Desync[int], job func(*int)){
		"Async":  func(d *desync.Desync[int], job func(*int)) { d.Async(job) },
		"Future": func(d *desync.Desync[int], job func(*int)) { d.Future(func(v *int) int { job(v); return 0 }) },
		"After a pending future": func(d *desync.Desync[int], job func(*int)) {
			var p futures.Promise[int]
			d.After(p.Future(), func(v *int, _ int, _ error) int { job(v); return 0 })
			synctest.Wait() // its turn has come
			p.Resolve(0)
		},
		"behind an After of a pending future": func(d *desync.Desync[int], job func(*int)) {
			var p futures.Promise[int]
			d.After(p.Future(), func(*int, int, error) int { return 0 })
			d.Async(job)
			synctest.Wait()
			p.Resolve(0)
		},
		"behind a Do": func(d *desync.Desync[int], job func(*int)) { d.Do(func(*int) { d.Async(job) }) },
		"behind a Suspend": func(d *desync.Desync[int], job func(*int)) {
			resume := d.Suspend()
			d.Async(job)
			resume()
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				label := "profiled " + name
				d := desync.New(0, desync.WithName(label))
				reached, gate := make(chan struct{}), make(chan struct{})
				defer close(gate)
				queue(d, func(*int) { stand(reached, gate) })
				<-reached
				if !labeled(t, label, "desync_test.stand") {
					t.Errorf("the goroutine profile does not show the job with the label %q", label)
				}
			})
		})
	}
}

// A job on the caller's goroutine leaves the caller's labels alone.
func TestProfilesKeepTheLabelsOfACaller(t *testing.T) {
	d := desync.New(0, desync.WithName("not this one"))
	pprof.Do(t.Context(), pprof.Labels("desync", "the caller's"), func(context.Context) {
		reached, gate := make(chan struct{}), make(chan struct{})
		ended := make(chan struct{})
		go func() { // inherits the labels
			defer close(ended)
			d.Do(func(*int) { stand(reached, gate) })
		}()
		receive(t, reached, "the job")
		if !labeled(t, "the caller's", "desync_test.stand") {
			t.Error("the job of a Do does not have the labels of its caller")
		}
		close(gate)
		receive(t, ended, "the Do")
	})
}
