package command

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-desync/go-desync/conformance"
	"github.com/go-desync/go-desync/conformance/internal/apart"
)

// reports reads what --json has written.
func reports(t *testing.T, file string) (r []*conformance.Report) {
	t.Helper()
	if err := json.Unmarshal([]byte(read(t, file)), &r); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return r
}

func read(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestRunOnASelectionIsPartial(t *testing.T) {
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	code, stdout, stderr := command(t, "run", "--rule=SYN-1", "--rule=SUS-1", "--skip=SUS-1=not, for now; later", "--seed=5",
		"--json="+file("r.json"), "--junit="+file("r.xml"), "--markdown="+file("r.md"), "--cells="+file("r.svg"))
	wantCode(t, code, exitInconclusive, stdout, stderr)
	wantText(t, "stdout", stdout, "\nSYN-1   pass     72 of 72 cells\n", "\nSUS-1   skipped  not, for now; later\n", "inconclusive, and the report is PARTIAL", "seed 5")

	rs := reports(t, file("r.json"))
	if len(rs) != 1 {
		t.Fatalf("%d reports, want that on the one subject that is no extra", len(rs))
	}
	if r := rs[0]; !r.Partial || r.Verdict != conformance.Inconclusive || r.Seed != 5 || r.Rule("SYN-1").Verdict != conformance.Pass {
		t.Errorf("the report is partial: %v, %v, with seed %d, and SYN-1 is %v", r.Partial, r.Verdict, r.Seed, r.Rule("SYN-1").Verdict)
	}
	wantText(t, "JUnit", read(t, file("r.xml")), `name="the report is whole"`)
	wantText(t, "Markdown", read(t, file("r.md")), "PARTIAL", "| SYN-1 | MUST | pass |")
	wantText(t, "the picture of cells", read(t, file("r.svg")), "72 of 72 cells played", "SYN-1: 12 of 12")
}

func TestRunOfAViolation(t *testing.T) {
	dir := t.TempDir()
	html, histories := filepath.Join(dir, "html"), filepath.Join(dir, "histories")
	code, stdout, stderr := command(t, "run", "--subject=mutant/lifo", "--rule=ORD-4/queue", "--html="+html, "--histories="+histories)
	wantCode(t, code, exitViolates, stdout, stderr)
	again := "desync-conform run --subject=mutant/lifo --rule=ORD-4/queue --seed=1 --budget=short"
	wantText(t, "stdout", stdout, "\nORD-4   fail ", "FAIL ORD-4/queue (MUST)\n", "ran first", "again: "+again+"\n", "does not conform")
	wantText(t, "stderr", stderr, "mutant/lifo: fail         ORD-4/queue  ")

	saved, err := filepath.Glob(filepath.Join(histories, "mutant", "lifo", "ORD-4-queue-*.history"))
	if err != nil || len(saved) != 1 {
		t.Fatalf("the histories %v, %v; want one", saved, err)
	}
	wantText(t, "stdout", stdout, "history: "+saved[0]+"\n")
	page := strings.TrimSuffix(filepath.Base(saved[0]), ".history") + ".html"
	wantText(t, "page", read(t, filepath.Join(html, "mutant", "lifo", page)), "<!DOCTYPE html>", "violated", `class="bar run guilty"`)

	t.Run("recheck", func(t *testing.T) {
		again := filepath.Join(dir, "again.html")
		code, stdout, stderr := command(t, "recheck", "--html="+again, saved[0])
		wantCode(t, code, exitViolates, stdout, stderr)
		wantText(t, "stdout", stdout, "of test lifo v0, run for ORD-4 with seed ", " violated: ", "\n run ")
		wantText(t, "page", read(t, again), `class="bar run guilty"`)

		var out, errs bytes.Buffer
		code = Main(t.Context(), []string{"recheck", "-"}, strings.NewReader(read(t, saved[0])), &out, &errs, nil)
		wantCode(t, code, exitViolates, out.String(), errs.String())
		wantText(t, "stdout", out.String(), "-: ", " violated: ")
	})
	t.Run("replay", func(t *testing.T) {
		code, stdout, stderr := command(t, "replay", saved[0])
		wantCode(t, code, exitViolates, stdout, stderr)
		wantText(t, "stdout", stdout, "ORD-4/queue on mutant/lifo: reproduced ", " of 20\n")

		code, stdout, stderr = command(t, "replay", "--subject=good", "--runs=3", saved[0])
		wantCode(t, code, exitConforms, stdout, stderr)
		wantText(t, "stdout", stdout, "ORD-4/queue on good: reproduced 0 of 3, which does not show that it cannot happen\n")

		code, stdout, stderr = command(t, "replay", "--subject=crash", saved[0])
		wantCode(t, code, exitViolates, stdout, stderr)
		wantText(t, "stdout", stdout, " on crash: the subject ended the process (exit status 2)\n")
		wantText(t, "stderr", stderr, "panic: the queue is on fire")

		code, stdout, stderr = command(t, "replay", "--subject=apart", "--runs=3", saved[0])
		wantCode(t, code, exitConforms, stdout, stderr)
		wantText(t, "stdout", stdout, "ORD-4/queue on apart: reproduced 0 of 3")

		code, stdout, stderr = command(t, "replay", "--subject=refuses", saved[0])
		wantCode(t, code, exitInconclusive, stdout, stderr)
		wantText(t, "stdout", stdout, "reproduced 0 of 20; PARTIAL")
		wantText(t, "stderr", stderr, "out of objects")

		over, cancel := context.WithCancel(t.Context())
		cancel()
		var out, errs bytes.Buffer
		code = Main(over, []string{"replay", saved[0]}, nil, &out, &errs, subjects())
		wantCode(t, code, exitInconclusive, out.String(), errs.String())
		wantText(t, "stdout", out.String(), "PARTIAL")
	})
	t.Run("again", func(t *testing.T) {
		code, stdout, stderr := command(t, strings.Fields(again)[1:]...)
		wantCode(t, code, exitViolates, stdout, stderr)
	})
}

func TestCrashesAreReported(t *testing.T) {
	dir := t.TempDir()
	code, stdout, stderr := command(t, "run", "--subject=crash", "--rule=ASY-1", "--json="+filepath.Join(dir, "r.json"), "--html="+dir)
	wantCode(t, code, exitViolates, stdout, stderr)
	wantText(t, "stdout", stdout, "FAIL ASY-1/", "panic: the queue is on fire", "command.(*crash).Async")
	fail := reports(t, filepath.Join(dir, "r.json"))[0].Rule("ASY-1").Cases[0].Failure
	if fail == nil || !strings.Contains(fail.Output, "the queue is on fire") {
		t.Errorf("the JSON report has no stack: %+v", fail)
	}
}

func TestHistoriesOfChildProcessesAreDrawn(t *testing.T) {
	dir := t.TempDir()
	all := subjects()
	for i := range all {
		all[i].Isolate = true
	}
	var stdout, stderr bytes.Buffer
	code := Main(t.Context(), []string{"run", "--subject=mutant/lifo", "--rule=ORD-4/queue", "--html=" + dir}, nil, &stdout, &stderr, all)
	wantCode(t, code, exitViolates, stdout.String(), stderr.String())
	pages, err := filepath.Glob(filepath.Join(dir, "mutant", "lifo", "*.html"))
	if err != nil || len(pages) != 1 {
		t.Errorf("the pages %v, %v; want one\n%s", pages, err, stdout.String())
	}
}

func TestAHangEnds(t *testing.T) {
	code, stdout, stderr := command(t, "run", "--subject=hang", "--rule=SYN-1")
	wantCode(t, code, exitViolates, stdout, stderr)
	wantText(t, "stdout", stdout, "no goroutine can run any more", "command.(*hang).Do")
}

// watcher calls seen at a write that contains text.
type watcher struct {
	bytes.Buffer
	text string
	seen func()
}

func (w *watcher) Write(p []byte) (int, error) {
	if strings.Contains(string(p), w.text) {
		w.seen()
	}
	return w.Buffer.Write(p)
}

func TestInterruptedRunIsMarkedPartial(t *testing.T) {
	for name, test := range map[string]struct {
		after  string // the line of progress that is followed by the interrupt
		passed string // a rule that ran before
		missed string
	}{
		"in the core":    {"META-2/fresh", "META-2", "ORD-1"},
		"after the core": {"CAN-1/", "SYN-1", "CLO-1"},
	} {
		t.Run(name, func(t *testing.T) {
			if apart.Ran(t) {
				return
			}
			dir := t.TempDir()
			ctx, interrupt := context.WithCancel(t.Context())
			defer interrupt()
			all := subjects()[:2]
			all[1].Extra = false
			json := filepath.Join(dir, "r.json")
			if err := os.WriteFile(json, []byte("an older report"), 0o666); err != nil {
				t.Fatal(err)
			}
			stderr := watcher{text: test.after, seen: func() {
				if old := read(t, json); old != "" {
					t.Errorf("while the run goes on, its report is %q, want an empty file", old)
				}
				interrupt()
			}}
			var stdout bytes.Buffer
			code := Main(ctx, []string{"run", "--verbose", "--json=" + json, "--junit=" + filepath.Join(dir, "r.xml")}, nil, &stdout, &stderr, all)
			wantCode(t, code, exitInconclusive, stdout.String(), stderr.String())
			wantText(t, "stdout", stdout.String(), "PARTIAL", "the run was broken off: context canceled", "test lifo v0: inconclusive, and the report is PARTIAL")
			wantText(t, "JUnit", read(t, filepath.Join(dir, "r.xml")), `errors="2"`)
			rs := reports(t, json)
			if len(rs) != 2 {
				t.Fatalf("%d reports, want those of both subjects", len(rs))
			}
			for _, r := range rs {
				if !r.Partial || r.Verdict != conformance.Inconclusive {
					t.Errorf("%s: partial is %v, the verdict %v", r.Implementation.Name, r.Partial, r.Verdict)
				}
			}
			for i, missed := range []string{test.missed, "META-1"} {
				if v := rs[i].Rule(missed).Verdict; v != conformance.NotRun {
					t.Errorf("%s of subject %d, which has not run, is %v", missed, i, v)
				}
			}
			if v := rs[0].Rule(test.passed).Verdict; v != conformance.Pass {
				t.Errorf("%s, which had run, is %v", test.passed, v)
			}
		})
	}
}

// An interrupt ends child processes; that says nothing of the subject.
func TestInterruptedChildIsNoViolation(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(startedSocket, socket)
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	go func() {
		defer l.Close()
		c, err := l.Accept() // from New in the child process
		if err != nil {
			t.Error(err)
			return
		}
		interrupt()
		c.Close()
	}()
	var stdout, stderr bytes.Buffer
	code := Main(ctx, []string{"run", "--subject=waits"}, nil, &stdout, &stderr, subjects())
	wantCode(t, code, exitInconclusive, stdout.String(), stderr.String())
	wantText(t, "stdout", stdout.String(), "\nMETA-1  not-run", "PARTIAL", "the run was broken off: context canceled")
}

// A report that is whole in its core is still not whole.
func TestBrokenOffReport(t *testing.T) {
	r := &conformance.Report{Verdict: conformance.Pass, Rules: []conformance.RuleResult{{Rule: "SYN-1", Verdict: conformance.Pass}}}
	markBrokenOff(r, context.Canceled)
	if r.Partial || r.Verdict != conformance.Pass {
		t.Errorf("a report in which all has run is marked: partial %v, %v", r.Partial, r.Verdict)
	}
	r.Rules = append(r.Rules, conformance.RuleResult{Rule: "CLO-1", Profile: conformance.LifecycleProfile, Verdict: conformance.NotRun})
	markBrokenOff(r, context.Canceled)
	if !r.Partial || r.Verdict != conformance.Inconclusive || len(r.Because) != 1 {
		t.Errorf("a report without CLO-1: partial %v, %v, because %q", r.Partial, r.Verdict, r.Because)
	}
}

func TestSoakEndsInTime(t *testing.T) {
	code, stdout, stderr := command(t, "run", "--budget=soak", "--for=1ms", "--rule=ORD-1")
	wantCode(t, code, exitInconclusive, stdout, stderr)
	wantText(t, "stdout", stdout, "the run was broken off: context deadline exceeded")
}
