package conformance

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/go-desync/go-desync/conformance/internal/apart"
)

// runKind says what TestRunInAnotherProcess is to do there.
const runKind = "TEST_RUN_KIND"

// crashes panics on a goroutine of its own in the first job that it is given behind
// another one.
func crashes(l *lane) Object {
	return broken{lane: l, async: func(job func(*State)) {
		l.mu.Lock()
		queued := len(l.jobs) > 0
		l.mu.Unlock()
		if queued {
			go func() { panic("bad wiring") }()
			select {}
		}
		l.Async(job)
	}}
}

// TestRunInAnotherProcess is what the tests below start.
func TestRunInAnotherProcess(t *testing.T) {
	switch os.Getenv(runKind) {
	case "crash":
		Run(t, laneFactory(crashes), WithRules("ORD-1/behind-a-job", "SYN-1/own-job-done"))
	case "isolated":
		Run(t, laneFactory(crashes), WithRules("ORD-1/behind-a-job", "SYN-1/own-job-done"), WithIsolation())
	case "skipped":
		Run(t, laneFactory(nil), WithRules("ORD-1/behind-a-job", "SYN-1", "TRY-1"), WithSkip("SYN-1", "not today"))
	case "panic":
		Run(t, laneFactory(func(l *lane) Object {
			return broken{lane: l, do: func(job func(*State)) { panic("not written yet") }}
		}), WithRules("META-1"))
	case "hang":
		Run(t, laneFactory(func(l *lane) Object {
			return broken{lane: l, do: func(job func(*State)) { select {} }}
		}), WithRules("META-1"))
	case "slow", "slow at first":
		var slow atomic.Bool
		slow.Store(true)
		Run(t, slowWhile(&slow), WithRules("ASY-1/long-queue"), WithProgress(func(c CaseResult) {
			if c.Verdict == Inconclusive {
				slow.Store(os.Getenv(runKind) == "slow")
			}
		}))
	default:
		t.Skip("this test is for processes that other tests start")
	}
}

// runs runs it, and returns what it writes.
func runs(t *testing.T, kind string) (output string, failed bool) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestRunInAnotherProcess$", "-test.v")
	cmd.Env = append(os.Environ(), runKind+"="+kind)
	out, err := cmd.CombinedOutput()
	return string(out), err != nil
}

func wantLines(t *testing.T, output string, patterns ...string) {
	t.Helper()
	for _, p := range patterns {
		if !regexp.MustCompile(`(?m)` + p).MatchString(output) {
			t.Errorf("nothing in the output matches %q:\n%s", p, output)
		}
	}
}

func TestRunSaysWhichCaseEndedTheProcess(t *testing.T) {
	if raceEnabled {
		t.Skip("with the race detector each case has a process of its own, and no other ends")
	}
	out, failed := runs(t, "crash")
	if !failed {
		t.Error("the process did not fail")
	}
	wantLines(t, out, `^panic: bad wiring`, `^conformance: lane: the process ended while the case ORD-1/behind-a-job ran; WithIsolation `)
}

func TestRunWithIsolationStartsItsOwnChildren(t *testing.T) {
	out, failed := runs(t, "isolated")
	if !failed {
		t.Error("the process did not fail")
	}
	wantLines(t, out, `^    --- FAIL: TestRunInAnotherProcess/ORD-1 `, `^ +.*ORD-1: expected: the process lives`, `panic: bad wiring`,
		`^    --- PASS: TestRunInAnotherProcess/SYN-1 `)
	if strings.Contains(out, "the process ended while") {
		t.Errorf("there is a witness although the crash is a failure of its case:\n%s", out)
	}
}

func TestRunPrintsNoPassForWhatDidNotRun(t *testing.T) {
	out, failed := runs(t, "skipped")
	if failed {
		t.Errorf("the process failed:\n%s", out)
	}
	wantLines(t, out, `^    --- PASS: TestRunInAnotherProcess/ORD-1 `, `^    --- SKIP: TestRunInAnotherProcess/SYN-1 `,
		`^        --- SKIP: TestRunInAnotherProcess/SYN-1/own-job-done `, `^    --- SKIP: TestRunInAnotherProcess/TRY-1 `, `^    --- SKIP: TestRunInAnotherProcess/EXC-1 `)
}

func TestRunTriesAgainWhatItCouldNotDecide(t *testing.T) {
	if apart.Ran(t) {
		return
	}
	for _, kind := range []string{"slow", "slow at first"} {
		out, failed := runs(t, kind)
		if failed != (kind == "slow") {
			t.Errorf("%s: the process failed: %v\n%s", kind, failed, out)
		}
		last := `: ASY-1/long-queue was tried again, alone: pass`
		if kind == "slow" {
			last = `: ASY-1/long-queue: inconclusive: it is too slow here`
		}
		wantLines(t, out, `^        --- SKIP: TestRunInAnotherProcess/ASY-1/long-queue `, `^    --- SKIP: TestRunInAnotherProcess/ASY-1 `,
			`: inconclusive: it is too slow here.*; the verdict comes at the end of the run`, last)
	}
}

func TestRunShowsTheStackOfAPanicLast(t *testing.T) {
	out, failed := runs(t, "panic")
	if !failed {
		t.Error("the process did not fail")
	}
	finding := strings.Index(out, "happened: panic: not written yet\n")
	again := strings.Index(out, "again: go test")
	at := strings.Index(out, "goroutines: goroutine ")
	if finding < 0 || again < finding || at < again || !strings.Contains(out[at:], "run_test.go:") {
		t.Errorf("the finding is at %d, how to run it again at %d, the stack at %d, want them in this order:\n%s", finding, again, at, out)
	}
}

func TestRunShowsTheGoroutinesOfAHangLast(t *testing.T) {
	out, failed := runs(t, "hang")
	if !failed {
		t.Error("the process did not fail")
	}
	finding := strings.Index(out, "META-2: expected: a Do on object 1, which is idle, returns")
	again := strings.Index(out, "again: go test")
	at := strings.Index(out, "goroutines: goroutine ")
	where := strings.Index(out, "conformance.freshObjects(")
	if finding < 0 || again < finding || at < again || where < at {
		t.Fatalf("the finding is at %d, how to run it again at %d, the goroutines at %d, the case's own at %d, want them in this order:\n%s", finding, again, at, where, out)
	}
	for _, not := range []string{"testing.(*T).Run", "conformance.dump", "supervise"} {
		if strings.Contains(out[at:], not) {
			t.Errorf("%q is among the goroutines, which says nothing of the object:\n%s", not, out)
		}
	}
}
