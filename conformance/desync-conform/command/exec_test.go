package command

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-desync/go-desync/conformance/internal/apart"
)

// execBroken runs exec on a peer of this binary.
func execBroken(t *testing.T, name string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	t.Setenv(brokenPeer, name)
	return command(t, append(append([]string{"exec"}, args...), "--", os.Args[0])...)
}

// The verdict on a selection is inconclusive at best, since the report is partial.
func TestPeersThatBreakTheProtocol(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long; without -short it runs")
	}
	if apart.Ran(t) {
		return
	}
	const steered, played = "--rule=EXE-2/from-jobs", "--rule=ORD-1/one-client"
	for _, test := range []struct {
		peer string
		args []string
		code int
		want string
	}{
		{"right", []string{steered, played}, 3, "ORD-1   pass"},
		{"banner", nil, 3, `instead of its hello came a line that is not a JSON object of the protocol: "Listening on stdin"; the standard output is for messages only`},
		{"mute", []string{"--start=300ms"}, 3, "did not say hello within 300ms; does it flush its standard output after each line?"},
		{"late", []string{"--start=1s"}, 3, "did not say hello within 1s"},
		{"late", []string{"--start=1m", steered}, 3, "EXE-2   pass"},
		{"version", nil, 3, "the peer speaks version 2 of the protocol; this is version 1"},
		{"nameless", nil, 3, "its hello has no name"},
		{"feature", nil, 3, `its hello claims the unknown feature "levitation"`},
		{"claim", []string{steered}, 1, `META-1: expected: a peer makes the calls of the features that it claims
    happened: it answered the call "try" with the error unknown-kind: try`},
		{"garbage", []string{steered}, 3, `the peer broke the protocol: a line that is not a JSON object of the protocol: "warning: low on coffee"`},
		{"half", []string{steered}, 3, "the peer broke the protocol: the output ends in the middle of a line"},
		{"huge", []string{steered}, 3, "the peer broke the protocol: a line of more than 16777216 bytes"},
		{"unknown", []string{steered}, 3, "the peer broke the protocol: its ret has the unknown number 77777"},
		{"op", []string{steered}, 3, `the peer broke the protocol: it sent the unknown message "begin"`},
		{"field", []string{steered}, 3, "EXE-2   pass"},
		{"field", []string{steered, "--strict"}, 3, `unknown field "mood"`},
		{"twice", []string{steered}, 3, "the peer broke the protocol: its "},
		{"aborts", []string{steered}, 1, "happened: it ended: exit status 2"},
		{"killed", []string{steered}, 1, "happened: it ended: signal: killed"},
		{"leaves", []string{steered}, 1, "happened: it ended: exit status 0"},
		{"blocks", []string{steered}, 1, "the peer does not answer a ping"},
		{"flood", []string{steered}, 3, "EXE-2   pass"},
		{"same stamp", []string{played}, 3, "is there twice"},
		{"no row", []string{played}, 3, "its record of a program cannot be: it has "},
		{"no stamp", []string{played}, 3, "is missing"},
		{"long list", []string{played}, 3, "entries, and"},
		{"other list", []string{played}, 3, "and by the stamps it is job"},
		{"tidy", []string{played}, 3, "ORD-1   pass"},
		{"lies", []string{"--rule=ORD-1"}, 1, "FAIL ORD-1/behind-a-job"},
		{"tidy", []string{"--selftest"}, 1, "lifo     NOT FOUND by programs that the peer plays: its record hides it"},
		{"ignores", []string{steered}, 1, "not answered: call"},
		{"sleeps", []string{"--rule=SYN-1/own-job-done"}, 1, "no goroutine can run any more"},
		{"says it sleeps", []string{"--rule=SYN-1/own-job-done"}, 3, "SYN-1   pass"},
	} {
		t.Run(test.peer, func(t *testing.T) {
			code, stdout, stderr := execBroken(t, test.peer, test.args...)
			wantCode(t, code, test.code, stdout, stderr)
			wantText(t, "the output", stdout+stderr, test.want)
		})
	}
}

// One without a library, in a language that has neither threads nor JSON.
func TestPeerInAwk(t *testing.T) {
	awk, err := exec.LookPath("mawk")
	if err != nil {
		t.Skipf("awk is tried where it is mawk: %v", err)
	}
	peer := filepath.Join("..", "..", "peers", "minimal", "minimal.awk")
	if _, err := os.Stat(peer); err != nil {
		t.Skip("this module was fetched alone, and the peers are not part of it")
	}
	if apart.Ran(t) {
		return
	}
	code, stdout, stderr := command(t, "exec", "--strict", "--rule=ORD-1", "--rule=EXC-1/waiting-body", "--rule=NST-1/chain", "--rule=EXE-2/from-jobs",
		"--", awk, "-W", "interactive", "-f", peer)
	wantCode(t, code, exitInconclusive, stdout, stderr) // the report is partial
	for _, rule := range []string{"ORD-1", "EXC-1", "NST-1", "EXE-2"} {
		wantText(t, "stdout", stdout, fmt.Sprintf("%-7s pass", rule))
	}
	wantText(t, "stdout", stdout, "queue in awk")
}

func TestBench(t *testing.T) {
	dir := t.TempDir()
	t.Setenv(brokenPeer, "serve:reference/deque")
	for name, text := range map[string]string{
		"peers.json": `[{"name": "a", "build": ["echo built >built"], "run": ["` + os.Args[0] + `"]}, {"name": "b", "run": ["/none"]}]`,
		"bench.json": `[{"peer": "a"}, {"peer": "b", "run": ["/nowhere"]}]`,
		"BENCH.md":   "<!-- bench: written by hand -->\n<!-- end of bench -->\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir) // to which the command does not come back
	args := []string{"bench", "--dir=" + dir, "--subject=good", "--rounds=2", "--length=1ms"}
	code, stdout, stderr := command(t, append(args, "--claim=a", "--write")...)
	wantCode(t, code, exitConforms, stdout, stderr)
	for _, want := range []string{"| peer | runtime | do/1 |", "(Go) ", "| a | go1", "- b: not run: it cannot be started", "beside a, its time divided by the other's"} {
		wantText(t, "stdout", stdout, want)
	}
	wantText(t, "BENCH.md", read(t, filepath.Join(dir, "BENCH.md")), stdout)
	wantText(t, "what the build made", read(t, filepath.Join(dir, "built")), "built")
	for name, test := range map[string]struct {
		args []string
		code int
		want string
	}{
		"claim without a subject": {[]string{"bench", "--claim=a"}, exitUsage, "needs --subject"},
		"no rounds":               {[]string{"bench", "--rounds=0"}, exitUsage, "--rounds=0: must be at least 1"},
		"no time":                 {[]string{"bench", "--length=0s"}, exitUsage, "--length=0s: must be positive"},
		"no such subject":         {[]string{"bench", "--subject=none"}, exitUsage, `unknown subject "none"`},
		"no such peer":            {append(args, "--only=c"), exitUsage, `bench.json has no peer "c"`},
		"no list":                 {[]string{"bench", "--dir=" + t.TempDir()}, exitUsage, ".json: "},
		"no directory":            {[]string{"bench", "--dir=" + filepath.Join(dir, "none")}, exitUsage, "none"},
		"claim of none":           {append(args, "--claim=b"), exitInconclusive, "--claim=b: it was not measured"},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := command(t, test.args...)
			wantCode(t, code, test.code, stdout, stderr)
			wantText(t, "stderr", stderr, test.want)
		})
	}
}

func TestPeerLeavesNoProcess(t *testing.T) {
	file := filepath.Join(t.TempDir(), "child")
	t.Setenv("CHILD", file)
	code, stdout, stderr := execBroken(t, "child", "--rule=SYN-1/own-job-done")
	wantCode(t, code, exitInconclusive, stdout, stderr)
	pid, err := strconv.Atoi(strings.TrimSpace(read(t, file)))
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
		if err != nil || strings.Contains(string(stat), ") Z ") {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("process %d, which the peer had started, goes on after the run", pid)
}

func TestExecUsage(t *testing.T) {
	dir := t.TempDir()
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"no peer":          {[]string{"exec"}, "name the peer"},
		"no such program":  {[]string{"exec", "--", filepath.Join(dir, "none")}, "the peer cannot be started"},
		"no such rule":     {[]string{"exec", "--rule=ORD-99", "--", os.Args[0]}, `unknown rule "ORD-99"`},
		"no list":          {[]string{"exec", "--known=" + filepath.Join(dir, "none"), "--", os.Args[0]}, "--known: "},
		"fix without list": {[]string{"exec", "--fix-known", "--", os.Args[0]}, "--fix-known needs --known"},
		"fix of a part":    {[]string{"exec", "--fix-known", "--known=x", "--rule=ORD-1", "--", os.Args[0]}, "needs a run of all rules"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(brokenPeer, "right")
			code, stdout, stderr := command(t, test.args...)
			wantCode(t, code, exitUsage, stdout, stderr)
			wantText(t, "stderr", stderr, test.want)
		})
	}
}

func TestKnownFailures(t *testing.T) {
	list := func(text string) string {
		file := filepath.Join(t.TempDir(), "known")
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		return file
	}
	for name, test := range map[string]struct {
		text string
		code int
		want string
	}{
		"as listed":      {"# of a queue that takes the newest job first\nORD-1/behind-a-job it takes the newest job first\n", 3, "1 of the cases that are known to fail did"},
		"one less":       {"", 1, "ORD-1/behind-a-job fails, and is not in the list"},
		"one passes":     {"ORD-1/behind-a-job why\nSYN-1/own-job-done why\n", 1, "SYN-1/own-job-done is in the list, and passes: take it out"},
		"one may pass":   {"ORD-1/behind-a-job why\n~SYN-1/own-job-done why\n", 3, "1 of the cases"},
		"one is unknown": {"ORD-1/behind-a-job why\nORD-1/none why\n", 1, "ORD-1/none is in the list, and did not run or does not exist"},
		"no reason":      {"ORD-1/behind-a-job\n", 2, "needs a reason"},
		"a rule":         {"ORD-1 why\n", 2, `"ORD-1" is no case`},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := execBroken(t, "lies", "--rule=ORD-1/behind-a-job", "--rule=SYN-1/own-job-done", "--known="+list(test.text))
			wantCode(t, code, test.code, stdout, stderr)
			wantText(t, "the output", stdout+stderr, test.want)
		})
	}
}
