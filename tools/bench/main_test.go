package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/go-desync/go-desync/tools/bench/internal/child"
	"github.com/go-desync/go-desync/tools/bench/internal/measure"
	"github.com/go-desync/go-desync/tools/bench/internal/report"
	"github.com/go-desync/go-desync/tools/bench/internal/subject"
)

// run is the program with the subjects given, on the shortest runs.
func run(ctx context.Context, own subject.Subject, args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	b := bench{
		own: own, peers: subject.Goals(), machine: report.Machine{CPU: "Some CPU", GOMAXPROCS: 2}, isolate: child.Run, shrink: 1_000,
		stdout: &out, stderr: &errs,
	}
	code = b.main(ctx, append([]string{"run", "--quick", "--rounds=1"}, args...))
	return code, out.String(), errs.String()
}

func TestWrongUsage(t *testing.T) {
	for _, args := range [][]string{
		{"--rounds=0"},
		{"--rounds=many"},
		{"--run=("},
		{"--run=no such workload"},
		{"--run=^Async and drain, a closure per job$", "--goals"}, // it has none
		{"--row=do"},
		{"--row=no-such-workload/mutex"},
		{"--row=do/mutex", "--run=Do"},
		{"--row=do/mutex", "--goals"},
		{"--readme=README.md", "--run=Do"},
		{"--html=no/such/directory/page.html"},
		{"--gobench=no/such/directory/rounds.txt"},
		{"--nonsense"},
		{"argument"},
	} {
		code, stdout, stderr := run(t.Context(), subject.Desync{}, args...)
		if code != exitUsage {
			t.Errorf("%q: exit code %d, want %d", args, code, exitUsage)
		}
		if stdout != "" || !strings.HasPrefix(stderr, "bench: ") {
			t.Errorf("%q: stdout %q and stderr %q, want only a complaint", args, stdout, stderr)
		}
	}
}

func TestHelp(t *testing.T) {
	for _, c := range []struct{ args, want string }{{"--help", "--strict"}, {"", "PARTIAL"}} {
		var out, errs bytes.Buffer
		b := bench{stdout: &out, stderr: &errs}
		args := []string{"--help"}
		if c.args != "" {
			args = []string{"run", c.args}
		}
		if code := b.main(t.Context(), args); code != exitDone || !strings.Contains(out.String(), c.want) || errs.Len() > 0 {
			t.Errorf("%q: exit code %d, stdout %q, stderr %q; want 0 and %q", args, code, &out, &errs, c.want)
		}
	}
}

func TestTable(t *testing.T) {
	code, stdout, stderr := run(t.Context(), subject.Desync{}, "--run=^Do$")
	if code != exitDone || stderr != "" {
		t.Errorf("exit code %d, stderr %q; want 0 and nothing", code, stderr)
	}
	if !strings.HasPrefix(stdout, "Some CPU, ") || strings.Count(stdout, "\nDo ") != 4 || strings.Contains(stdout, "PARTIAL") {
		t.Errorf("want the machine and four rows, got:\n%s", stdout)
	}
}

func TestJSON(t *testing.T) {
	code, stdout, _ := run(t.Context(), subject.Desync{}, "--run=^(Do|idle object)$", "--json")
	var r report.Report
	if err := json.Unmarshal([]byte(stdout), &r); err != nil {
		t.Fatalf("%v in:\n%s", err, stdout)
	}
	if code != exitDone || r.Workloads != 2 || r.Complete != 2 || r.Partial || !r.Quick || r.Rounds != 1 || len(r.Rows) != 12 {
		t.Errorf("exit code %d, report %+v; want 0, one round and 12 rows of 2 workloads", code, r)
	}
	c := jsonschema.NewCompiler()
	schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(report.Schema))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.AddResource("report.schema.json", schema); err != nil {
		t.Fatal(err)
	}
	instance, err := jsonschema.UnmarshalJSON(strings.NewReader(stdout))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.MustCompile("report.schema.json").Validate(instance); err != nil {
		t.Errorf("the report is not as its schema says: %v", err)
	}
}

// The figures of a wrong run in a process of its own are not printed either.
func TestAFaultInAChild(t *testing.T) {
	task := report.ID("no such workload")
	if _, err := child.Run(t.Context(), measure.Task{Workload: task}); err == nil || !strings.Contains(err.Error(), task) {
		t.Errorf("error %v, want one that names %s", err, task)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := child.Run(ctx, measure.Task{Workload: "idle object"}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of the context", err)
	}
}

// A goroutine per job is never as fast as a mutex.
func TestOnlyStrictMindsTheGoals(t *testing.T) {
	for _, c := range []struct {
		args []string
		want int
	}{
		{[]string{"--run=^Do$"}, exitDone},
		{[]string{"--run=^Do$", "--strict"}, exitFault},
	} {
		code, stdout, _ := run(t.Context(), subject.Goroutine{}, c.args...)
		if code != c.want || !strings.Contains(stdout, "0 of 2 goals reached") {
			t.Errorf("%q: exit code %d, want %d, and no goal reached:\n%s", c.args, code, c.want, stdout)
		}
	}
}

// A loser is a mutex that hands over one job less than it is asked for.
type loser struct{ subject.Mutex }

func (loser) New() subject.Object { return loserObject{subject.Mutex{}.New().(doer)} }

type doer interface {
	subject.Object
	subject.Doer
}

type loserObject struct{ doer }

func (o loserObject) Do(n int) int { return o.doer.Do(n-1) + 1 }

func TestALostJobIsAFault(t *testing.T) {
	code, stdout, stderr := run(t.Context(), loser{}, "--run=^idle|^Do$", "--json")
	var r report.Report
	if err := json.Unmarshal([]byte(stdout), &r); err != nil {
		t.Fatalf("%v in:\n%s", err, stdout)
	}
	if code != exitFault {
		t.Errorf("exit code %d, want %d", code, exitFault)
	}
	if !strings.HasPrefix(r.Fault, "Do: mutex: ") || !strings.Contains(stderr, r.Fault) {
		t.Errorf("the fault is %q and stderr %q, want both to name the workload and the subject", r.Fault, stderr)
	}
	if !r.Partial || r.Complete != 1 || len(r.Rows) == 0 {
		t.Errorf("report %+v, want the workload before the fault, marked as partial", r)
	}
}

// A stopper hangs in the first Do and has the program interrupted there.
type stopper struct {
	subject.Mutex
	interrupt context.CancelFunc
	hang      chan struct{}
}

func (s stopper) New() subject.Object {
	return stopperObject{subject.Mutex{}.New().(doer), s}
}

type stopperObject struct {
	doer
	s stopper
}

func (o stopperObject) Do(n int) int {
	o.s.interrupt()
	<-o.s.hang
	return n
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := stopper{interrupt: cancel, hang: make(chan struct{})}
	defer close(s.hang)
	code, stdout, stderr := run(ctx, s, "--run=^idle|^Do$|^Sync$")
	if code != exitInterrupted || stderr != "" {
		t.Errorf("exit code %d, stderr %q; want %d and nothing", code, stderr, exitInterrupted)
	}
	if !strings.Contains(stdout, "PARTIAL: 1 of 3 workloads") || !strings.Contains(stdout, "idle object") || strings.Contains(stdout, "\nDo ") {
		t.Errorf("want the complete workload alone, marked as partial, got:\n%s", stdout)
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestAReportThatCannotBeWrittenIsAFault(t *testing.T) {
	for _, args := range [][]string{{"--run=^Do$"}, {"--run=^Do$", "--json"}} {
		var errs bytes.Buffer
		b := bench{own: subject.Desync{}, stdout: brokenPipe{}, stderr: &errs}
		code := b.main(t.Context(), append([]string{"--quick", "--rounds=1"}, args...))
		if code != exitFault || !strings.Contains(errs.String(), "broken pipe") {
			t.Errorf("%q: exit code %d, stderr %q; want %d and the reason", args, code, errs.String(), exitFault)
		}
	}
}
