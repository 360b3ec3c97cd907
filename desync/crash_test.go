package desync_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/go-desync/go-desync/desync"
)

// crashEnv names the crash that a child process is to make: the test binary runs
// the test that started it, which finds its scene here.
const crashEnv = "DESYNC_TEST_CRASH"

// child runs the calling test again in a process of its own, with scene in the
// environment, and returns its exit code and what it wrote.
func child(t *testing.T, scene string, env ...string) (code int, output string) {
	t.Helper()
	skipWithoutProcesses(t)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	name, _, _ := strings.Cut(t.Name(), "/")
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^"+name+"$")
	cmd.Env = append(cmd.Environ(), crashEnv+"="+scene, "GOTRACEBACK=single")
	cmd.Env = append(cmd.Env, env...)
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	// A process that has ended by itself has ended in time, even if this process
	// learns of it late because it was stopped. The error would be that of ctx.
	if ctx.Err() != nil && !cmd.ProcessState.Exited() {
		t.Fatalf("the process still ran after %v; it wrote:\n%s", patience, out)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

// skipWithoutProcesses skips a test that starts a process where none can be started.
func skipWithoutProcesses(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "js" {
		t.Skip("it starts a process, and on js none can be started")
	}
}

// say writes to the output of a child process, past the testing package.
func say(s string) { fmt.Fprintln(os.Stderr, "said:", s) }

func TestPAN3_WithoutHandlerTheProcessEnds(t *testing.T) {
	values := map[string]struct {
		value any
		text  string
	}{
		"a string": {"a boom", "a boom"},
		"an error": {errors.New("an error of boom"), "an error of boom"},
		"nil":      {nil, "panic called with nil argument"},
		"a number": {12345, "12345"},
	}
	// A scene has a job panic and then calls what must never come.
	scenes := map[string]func(job, never func(*int)){
		"a drainer runs the job": func(job, never func(*int)) {
			var d desync.Desync[int]
			started, queued := make(chan int), make(chan int)
			d.Async(func(*int) { started <- 1; <-queued })
			d.Async(job)
			d.Async(never)
			go func() { <-started; d.Do(never) }()
			close(queued)
			<-started
			select {}
		},
		"a Do that helps runs the job": func(job, never func(*int)) {
			defer func() {
				if v := recover(); v != nil {
					say(fmt.Sprint("recovered ", v))
				}
			}()
			var d desync.Desync[int]
			caller := goid()
			d.Async(func(n *int) {
				if goid() == caller {
					say("helped")
				}
				job(n)
			})
			d.Async(never)
			d.Do(never)
			say("the Do returned")
			select {}
		},
	}
	if scene, ok := os.LookupEnv(crashEnv); ok {
		scene, value, _ := strings.Cut(scene, ": ")
		job := func(*int) {
			defer say("the job's deferred function")
			panicking(values[value].value)
		}
		scenes[scene](job, func(*int) { say("a later job ran") })
		return
	}
	for scene := range scenes {
		for value, want := range values {
			t.Run(scene+": "+value, func(t *testing.T) {
				// With one processor the Do comes first, almost always; with two,
				// a job that is wrongly let go has one to run on.
				needsHelp, procs := strings.Contains(scene, "helps"), "GOMAXPROCS=2"
				if needsHelp {
					procs = "GOMAXPROCS=1"
				}
				for range 50 {
					code, out := child(t, scene+": "+value, procs)
					if needsHelp && !strings.Contains(out, "said: helped") {
						continue
					}
					if code != 2 {
						t.Errorf("PAN-3: the process ended with code %d; want 2, as for any panic", code)
					}
					for _, want := range []string{"panic: ", want.text, "desync_test.panicking", "said: the job's deferred function"} {
						if !strings.Contains(out, want) {
							t.Errorf("PAN-3: the output has no %q", want)
						}
					}
					for _, bad := range []string{"a later job ran", "recovered", "the Do returned"} {
						if strings.Contains(out, "said: "+bad) {
							t.Errorf("PAN-3: before the process ended: %s", bad)
						}
					}
					if t.Failed() {
						t.Logf("the output:\n%s", out)
					}
					return
				}
				t.Fatal("no Do ran the job queued before its own; the test has shown nothing")
			})
		}
	}
}

// A panic in the handler ends the process.
func TestPAN3_APanicInTheHandlerEndsTheProcess(t *testing.T) {
	if os.Getenv(crashEnv) != "" {
		d := desync.New(0, desync.WithPanicHandler(func(e *desync.PanicError) {
			panic(fmt.Sprint("the handler's own, after ", e.Value))
		}))
		d.Async(func(*int) { panic("boom") })
		select {}
	}
	code, out := child(t, "handler")
	if code != 2 || !strings.Contains(out, "panic: the handler's own, after boom") {
		t.Errorf("PAN-3: a panic in the handler ended the process with code %d; want 2 and its value in\n%s", code, out)
	}
}

// With GODEBUG=panicnil=1, recover returns nil for panic(nil): it must not be
// taken for runtime.Goexit, after which the object has been passed on.
func TestPAN3_PanicNilOfOldGo(t *testing.T) {
	const panics = 100
	if scene, ok := os.LookupEnv(crashEnv); ok {
		var opts []desync.Option
		told := make(chan any, panics)
		if scene == "handler" {
			opts = append(opts, desync.WithPanicHandler(func(e *desync.PanicError) { told <- e.Value }))
		}
		d := desync.New(0, opts...)
		var running, overlaps atomic.Int32
		for range panics {
			d.Async(func(*int) { panic(nil) })
			for range 10 {
				d.Async(func(*int) {
					if running.Add(1) != 1 {
						overlaps.Add(1)
					}
					goid() // takes a while
					running.Add(-1)
				})
			}
		}
		d.Do(func(*int) {})
		for range panics {
			if v := receive(t, told, "PAN-3: the call of the handler"); !isPanic(v, nil) {
				say(fmt.Sprintf("the handler was told of %v", v))
			}
		}
		say(fmt.Sprint("overlaps: ", overlaps.Load()))
		return
	}
	code, out := child(t, "no handler", "GODEBUG=panicnil=1")
	if code != 2 || !strings.Contains(out, "nil argument") && !strings.Contains(out, "panic: nil") {
		t.Errorf("PAN-3: panic(nil) ended the process with code %d; want 2 and the value in\n%.2000s", code, out)
	}
	code, out = child(t, "handler", "GODEBUG=panicnil=1")
	if code != 0 || !strings.Contains(out, "said: overlaps: 0\n") || strings.Contains(out, "said: the handler") {
		t.Errorf("PAN-3, EXC-1: with a handler, panic(nil) leads to code %d; want 0, no overlaps and every panic told in\n%.2000s", code, out)
	}
}
