package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/go-desync/go-desync/conformance"
	"github.com/go-desync/go-desync/conformance/desync-conform/command"
	"github.com/go-desync/go-desync/conformance/subjects/internal/subject"
)

// The tests start this binary as the program: without a flag first, as main does.
func TestMain(m *testing.M) {
	if args := os.Args[1:]; len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		subjects := append(subject.All(), crasher())
		os.Exit(command.Main(context.Background(), args, os.Stdin, os.Stdout, os.Stderr, commandSubjects(subjects)))
	}
	os.Exit(m.Run())
}

// crasher ends its process in the first job.
func crasher() subject.Subject {
	return subject.Subject{Name: "crasher", Factory: conformance.Factory{
		Info: conformance.Implementation{Name: "crasher"},
		New:  func(conformance.Setup) (conformance.Object, error) { return crash{}, nil },
	}}
}

type crash struct{}

func (crash) Async(func(*conformance.State)) { go panic("on purpose") }

func (crash) Do(job func(*conformance.State)) { crash{}.Async(job); select {} }

func TestCrashOfSubjectIsReported(t *testing.T) {
	program, remove, err := buildPrograms(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	defer remove()
	var said []string
	report, err := judge(t.Context(), crasher(), "short", 1, nil, program, func(line string) { said = append(said, line) })
	if report != nil || !errors.Is(err, errNoReport) {
		t.Fatalf("judge of a subject that ends the process: got the report %v and the error %v, want no report and errNoReport", report, err)
	}
	for _, want := range []string{"panic: on purpose", "crash.Async"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not show %q: %v", want, err)
		}
	}
	if !slices.ContainsFunc(said, func(line string) bool { return strings.Contains(line, "META-1") }) {
		t.Errorf("the cases before the crash are not told of: %q", said)
	}
}

// One subject's crash must not lose the others, nor overwrite a table.
func TestRunGoesOnAfterCrash(t *testing.T) {
	file := t.TempDir() + "/table.md"
	old := "<!-- table: written by make conform -->\nold\n<!-- end of table -->\n"
	if err := os.WriteFile(file, []byte(old), 0o600); err != nil {
		t.Fatal(err)
	}
	subjects := []subject.Subject{crasher(), subject.All()[0]}
	var stdout, stderr bytes.Buffer
	code := run(t.Context(), []string{"--no-race", "--rule=ORD-1/behind-a-job"}, subjects, &stdout, &stderr)
	if code != exitFault {
		t.Errorf("the exit code is %d, want %d; stderr:\n%s", code, exitFault, &stderr)
	}
	for _, want := range []string{"| | crasher | desync |", "| ORD-1 | no report | pass |", "| ORD-2 | no report | skipped |", "| whole | no report | "} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("the table has no %q:\n%s", want, &stdout)
		}
	}
	if !strings.Contains(stderr.String(), "panic: on purpose") {
		t.Errorf("the crash is not shown:\n%s", &stderr)
	}
}

func TestUsage(t *testing.T) {
	for _, test := range []struct {
		args []string
		code int
		want string // in what is written
	}{
		{[]string{"--help"}, exitDone, "--write=FILE"},
		{[]string{"--subject=nobody"}, exitUsage, "there is no such subject; there are desync, deque"},
		{[]string{"--budget=endless"}, exitUsage, "--budget must be one of"},
		{[]string{"--write=x", "--no-race"}, exitUsage, "--write takes the whole table"},
		{[]string{"--write=x", "--rule=ORD-1"}, exitUsage, "--write takes the whole table"},
		{[]string{"--parallel=0"}, exitUsage, "--parallel=0: must be at least 1"},
		{[]string{"--write=x", "--subject=desync"}, exitUsage, "--write takes the whole table"},
		{[]string{"--what"}, exitUsage, "unknown flag --what"},
	} {
		var stdout, stderr bytes.Buffer
		code := run(t.Context(), test.args, subject.All(), &stdout, &stderr)
		if out := stdout.String() + stderr.String(); code != test.code || !strings.Contains(out, test.want) {
			t.Errorf("conform %v: exit code %d, want %d, and %q in:\n%s", test.args, code, test.code, test.want, out)
		}
	}
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stdout, stderr bytes.Buffer
	code := run(ctx, []string{"--no-race"}, subject.All(), &stdout, &stderr)
	if code != exitInterrupted || stdout.Len() > 0 {
		t.Errorf("exit code %d, want %d, and no table:\n%s%s", code, exitInterrupted, &stdout, &stderr)
	}
}

func TestLinesKeepTheCrash(t *testing.T) {
	var said int
	l := &lines{each: func(string) { said++ }}
	for range 100 {
		l.Write([]byte("pass: a ca"))
		l.Write([]byte("se\n"))
	}
	l.Write([]byte("panic: it\n\ngoroutine 1 [running]:\n" + strings.Repeat("frame\n", 100)))
	got := strings.Split(l.String(), "\n")
	if said != 203 {
		t.Errorf("%d lines were passed on, want 203", said)
	}
	if want := []string{"pass: a case", "pass: a case", "pass: a case", "pass: a case", "pass: a case", "panic: it", "", "goroutine 1 [running]:", "frame"}; len(got) != 45 || !slices.Equal(got[:len(want)], want) {
		t.Errorf("kept %d lines, want 45, that begin with %q: %q", len(got), want, got)
	}
}
