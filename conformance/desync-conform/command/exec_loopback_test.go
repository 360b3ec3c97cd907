package command

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-desync/go-desync/conformance"
	"github.com/go-desync/go-desync/conformance/internal/apart"
)

// someCases has at least one case of each rule that can be judged over a pipe.
var someCases = []string{
	"ORD-1", "ORD-2", "ORD-3/do-behind-async", "ORD-4/fill-and-empty", "EXE-1/behind-a-job", "EXE-2/behind-a-job", "EXC-1/waiting-body",
	"SYN-1/own-job-done", "SYN-1/not-for-later", "SYN-2/goroutine", "SYN-2/goexit", "ASY-1/busy", "ASY-2", "PAR-1/ring", "FAIR-2/do", "NST-1/chain", "NST-2/own-async",
	"LOCK-1/own-object", "LOCK-1/in-job", "FUT-1/one-result", "FUT-2", "FUT-3", "CAN-1/before-the-call", "CAN-1/before-its-turn", "CAN-2/started",
	"CAN-3/behind-a-job", "CAN-4/lets-go", "TRY-1/busy", "TRY-2/after-do", "AFT-1/holds", "SUS-1/holds", "SUS-2/twice", "MUL-1/holds",
	"PAN-1/do", "PAN-2", "PAN-3/crash", "PAN-3/handler", "PAN-4/do", "PAN-4/async", "PAN-5/async", "HLP-2/future", "CLO-1/queued", "CLO-2/late", "CLO-3/again",
	"LEAK-1/idle-objects", "LEAK-2/last-job",
}

// TestPeersOfTheReferences compares the verdicts over the pipe with those in the process.
func TestPeersOfTheReferences(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long; without -short it runs")
	}
	if apart.Ran(t) {
		return
	}
	for _, s := range Builtin()[:3] {
		t.Run(s.Name, func(t *testing.T) {
			t.Setenv(brokenPeer, "serve:"+s.Name)
			over, err := conformance.CheckPeer(t.Context(), conformance.Peer{Command: []string{os.Args[0]}, Strict: true}, conformance.WithRules(someCases...))
			if err != nil {
				t.Fatal(err)
			}
			os.Unsetenv(brokenPeer)
			within, err := conformance.Check(t.Context(), s.Factory, conformance.WithRules(someCases...))
			if err != nil {
				t.Fatal(err)
			}
			for i, rule := range over.Rules {
				want := within.Rules[i].Verdict
				if rule.Rule == "PAN-3" && want == conformance.NotRun { // a crash needs a child process there
					want = conformance.Pass
				}
				if rule.Verdict != want {
					t.Errorf("%s: over the pipe %s (%s), in the process %s (%s)", rule.Rule, rule.Verdict, rule.Detail, want, within.Rules[i].Detail)
				}
			}
		})
	}
}

// TestMutantsDieOverThePipe has a mutant for each chapter of the rules.
func TestMutantsDieOverThePipe(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long; without -short it runs")
	}
	if apart.Ran(t) {
		return
	}
	for mutant, rule := range map[string]string{
		"false-claim": "META-1", "same-object": "META-2", "lifo": "ORD-1", "queue-per-client": "ORD-2", "duplicate-on-growth": "EXE-1",
		"sync-returns-at-start": "SYN-1", "sync-on-worker": "SYN-2", "async-inline": "ASY-2", "global-worker": "PAR-1", "own-async-in-front": "NST-2",
		"future-settles-twice": "FUT-1", "discard-cancels": "FUT-3", "given-up-cancels": "FUT-3", "canceled-job-runs": "CAN-1", "refused-try-wedges": "TRY-1",
		"panic-kills-drainer": "PAN-4", "async-panic-swallowed": "PAN-3", "goroutine-leak": "LEAK-1", "finished-job-kept": "LEAK-2", "dropped-on-close": "CLO-1",
		"resume-ends-next": "SUS-2",
	} {
		t.Run(mutant, func(t *testing.T) {
			var rules []string
			for _, c := range someCases {
				if strings.HasPrefix(c, rule) {
					rules = append(rules, c)
				}
			}
			if len(rules) == 0 {
				rules = []string{rule}
			}
			t.Setenv(brokenPeer, "serve:mutant/"+mutant)
			report, err := conformance.CheckPeer(t.Context(), conformance.Peer{Command: []string{os.Args[0]}}, conformance.WithRules(rules...))
			if err != nil {
				t.Fatal(err)
			}
			if r := report.Rule(rule); r.Verdict != conformance.Fail {
				t.Errorf("%s is %s (%s)", rule, r.Verdict, r.Detail)
			}
		})
	}
}

func TestHistoriesOfAPeer(t *testing.T) {
	dir := t.TempDir()
	code, stdout, stderr := execBroken(t, "serve:mutant/lifo", "--rule=ORD-1/one-client", "--histories="+dir, "--html="+filepath.Join(dir, "html"),
		"--junit="+filepath.Join(dir, "r.xml"), "--markdown="+filepath.Join(dir, "r.md"), "--json="+filepath.Join(dir, "r.json"))
	wantCode(t, code, exitViolates, stdout, stderr)
	wantText(t, "JUnit", read(t, filepath.Join(dir, "r.xml")), "ORD-1 violated")
	r := reports(t, filepath.Join(dir, "r.json"))[0]
	file := r.Rule("ORD-1").Cases[0].Failure.File
	if file == "" || r.Peer == nil {
		t.Fatalf("the report has the file %q of the history, and of the peer %v", file, r.Peer)
	}
	pages, _ := filepath.Glob(filepath.Join(dir, "html", "*", "*.html"))
	if len(pages) != 1 {
		t.Errorf("there are %d pages", len(pages))
	}
	code, stdout, stderr = command(t, "recheck", file)
	wantCode(t, code, exitViolates, stdout, stderr)
	t.Setenv(brokenPeer, "serve:mutant/lifo")
	code, stdout, stderr = command(t, "replay", file, "--runs=5", "--", os.Args[0])
	wantCode(t, code, exitViolates, stdout, stderr)
	wantText(t, "replay", stdout, "reproduced 5 of 5")
}
