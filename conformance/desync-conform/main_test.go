package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-desync/go-desync/conformance"
)

// programs is the directory of the commands that the tests have built.
var programs string

func TestMain(m *testing.M) {
	var err error
	if programs, err = os.MkdirTemp("", "desync-conform-"); err != nil {
		panic(err)
	}
	code := m.Run()
	if err := os.RemoveAll(programs); err != nil {
		panic(err)
	}
	os.Exit(code)
}

// build builds the command, once for all tests.
func build(t *testing.T, flags ...string) (file string) {
	t.Helper()
	file = filepath.Join(programs, "desync-conform"+strings.Join(flags, ""))
	if _, err := os.Stat(file); err == nil {
		return file
	}
	out, err := exec.Command("go", append(append([]string{"build"}, flags...), "-o", file, ".")...).CombinedOutput()
	if err != nil {
		t.Fatalf("go build %v: %v\n%s", flags, err, out)
	}
	return file
}

// run runs a program to its end.
func run(t *testing.T, program string, args ...string) (code int, output string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), program, args...).CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if exit != nil {
		code = exit.ExitCode()
	}
	return code, string(out)
}

func TestExitCodes(t *testing.T) {
	program := build(t)
	dir := t.TempDir()
	for name, test := range map[string]struct {
		code int
		want string
		args []string
	}{
		"done":            {0, "ORD-1 (MUST", []string{"explain", "ORD-1"}},
		"a violation":     {1, "mutant: lifo: does not conform", []string{"run", "--subject=mutant/lifo", "--rule=ORD-1", "--html=" + dir}},
		"a crash":         {1, "FAIL PAN-3/", []string{"run", "--subject=mutant/async-panic-swallowed", "--rule=PAN-3"}},
		"wrong usage":     {2, `unknown subject "none"`, []string{"run", "--subject=none"}},
		"a part":          {3, "PARTIAL", []string{"run", "--subject=reference/deque", "--rule=SYN-1"}},
		"no history":      {2, "does not exist", []string{"recheck", filepath.Join(dir, "none")}},
		"nothing at all":  {2, "expected one of", nil},
		"no race program": {2, "not an executable file", []string{"run", "--race-binary=" + dir}},
	} {
		t.Run(name, func(t *testing.T) {
			code, output := run(t, program, test.args...)
			if code != test.code || !strings.Contains(output, test.want) {
				t.Errorf("desync-conform %s: exit code %d, want %d and %q in the output:\n%s",
					strings.Join(test.args, " "), code, test.code, test.want, output)
			}
		})
	}
}

// needRace builds the command with the race detector.
func needRace(t *testing.T) (file string) {
	t.Helper()
	if testing.Short() {
		t.Skip("it takes long; without -short it runs")
	}
	cc, err := exec.Command("go", "env", "CC").Output()
	if err == nil {
		_, err = exec.LookPath(strings.TrimSpace(string(cc)))
	}
	if err != nil {
		t.Skipf("the race detector needs a C compiler: %v", err)
	}
	return build(t, "-race")
}

// The rules about memory need the race detector, in another program or in this one. A whole
// run, with all rules, is what make conform does.
func TestMemoryRulesNeedTheRaceDetector(t *testing.T) {
	race := needRace(t)
	for _, tc := range []struct {
		what, program string
		args          []string
		want          string
	}{
		{"without it", build(t), nil, "\nMEM-1   not-run "},
		{"with another program", build(t), []string{"--race-binary=" + race}, "\nMEM-1   pass\n"},
		{"with this program", race, nil, "\nMEM-1   pass\n"},
	} {
		code, output := run(t, tc.program, append([]string{"run", "--subject=reference/tickets", "--rule=MEM-1"}, tc.args...)...)
		if code != 3 || !strings.Contains(output, tc.want) {
			t.Errorf("%s: exit code %d, want 3, since the report is partial, and %q in:\n%s", tc.what, code, tc.want, output)
		}
	}
}

func TestPeersWithARaceDetector(t *testing.T) {
	race := needRace(t)
	for _, tc := range []struct {
		rule, subject, detector string
		code                    int
		want                    string
	}{
		{"MEM-1", "reference/tickets", race, 3, "\nMEM-1   pass"},
		{"MEM-1", "mutant/count-of-jobs-racy", race, 1, "happened: the race detector found one"},
		{"MEM-2", "mutant/future-job-racy", race, 1, "happened: the race detector found one"},
		{"MEM-1", "reference/tickets", build(t), 3, "the peer with the race detector says in its hello: no race detector: built without -race"},
		{"MEM-1", "reference/tickets", "false", 3, "the peer with the race detector: the peer ended before it said hello: exit status 1"},
	} {
		code, output := run(t, build(t), "exec", "--rule="+tc.rule, "--race-exec="+tc.detector+" serve --subject="+tc.subject,
			"--", build(t), "serve", "--subject="+tc.subject)
		if code != tc.code || !strings.Contains(output, tc.want) {
			t.Errorf("%s on %s with %s: exit code %d, want %d and %q in:\n%s", tc.rule, tc.subject, tc.detector, code, tc.code, tc.want, output)
		}
	}
}

// waiter passes on what is written, and closes seen at the first write.
type waiter struct {
	text bytes.Buffer
	seen chan struct{}
}

func (w *waiter) Write(p []byte) (int, error) {
	if w.text.Len() == 0 {
		close(w.seen)
	}
	return w.text.Write(p)
}

func TestInterrupt(t *testing.T) {
	file := filepath.Join(t.TempDir(), "r.json")
	cmd := exec.CommandContext(t.Context(), build(t), "run", "--verbose", "--budget=full", "--json="+file)
	var stdout bytes.Buffer
	stderr := waiter{seen: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	<-stderr.seen // the first case is done, of a run that takes minutes
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	err := cmd.Wait()
	if cmd.ProcessState.ExitCode() != 3 {
		t.Errorf("it ended with %v, want exit code 3\n%s", err, stderr.text.String())
	}
	if !strings.Contains(stdout.String(), "PARTIAL") {
		t.Errorf("the summary does not say that it is partial:\n%s", stdout.String())
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var reports []conformance.Report
	if err := json.Unmarshal(data, &reports); err != nil || len(reports) != 3 {
		t.Fatalf("%d reports, %v; want one for each subject", len(reports), err)
	}
	for _, r := range reports {
		if !r.Partial || r.Verdict != conformance.Inconclusive {
			t.Errorf("%s: partial %v, verdict %v", r.Implementation.Name, r.Partial, r.Verdict)
		}
	}
	if v := reports[0].Rule("META-1").Verdict; v != conformance.Pass {
		t.Errorf("META-1, which had run before the interrupt, is %v", v)
	}
}
