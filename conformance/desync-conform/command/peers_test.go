package command

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-desync/go-desync/conformance"
	"github.com/go-desync/go-desync/conformance/desync-conform/internal/known"
	"github.com/go-desync/go-desync/conformance/desync-conform/internal/reference"
)

// peersDir makes a directory of peers: "mine", of which a report is kept, and others that
// cannot be built. It returns the arguments that take what is kept.
func peersDir(t *testing.T, known string, verdicts map[string]conformance.Verdict) []string {
	t.Helper()
	dir, keep := t.TempDir(), t.TempDir()
	t.Chdir(dir) // the command goes there, and the test comes back
	r := conformance.Report{
		Schema:         1,
		Implementation: conformance.Implementation{Name: "mine", Version: "1.2.3"},
		Peer:           &conformance.PeerInfo{Language: "Go", Runtime: "go1", Programs: "played"},
	}
	for _, rule := range conformance.Rules() {
		res := conformance.RuleResult{Rule: rule.ID, Level: rule.Level, Feature: rule.Feature, Verdict: conformance.Pass}
		if rule.ID == "CLO-1" {
			res.Verdict, res.Detail = conformance.NotClaimed, "close: it is never closed"
		}
		for id, v := range verdicts {
			if strings.HasPrefix(id, rule.ID+"/") {
				res.Cases = append(res.Cases, conformance.CaseResult{Case: id, Rule: rule.ID, Verdict: v, Histories: 7})
				if v == conformance.Fail {
					res.Verdict = v
				}
			}
		}
		r.Rules = append(r.Rules, res)
	}
	kept, err := json.Marshal(peerResult{Report: &r, Selftest: "passes"})
	if err != nil {
		t.Fatal(err)
	}
	for file, text := range map[string]string{
		filepath.Join(keep, "mine.json"): string(kept),
		"known.txt":                      known,
		"README.md":                      "# Peers\n\n<!-- peers: written -->\n\nold\n\n<!-- end of peers -->\n",
		"peers.json": `[
			{"name": "mine", "run": ["./mine", "fast"], "known": "known.txt"},
			{"name": "elsewhere", "tools": ["no-such-tool"], "run": ["x"]},
			{"name": "unmade, so far", "build": ["echo no such header >&2; exit 3"], "run": ["x"]}
		]`,
	} {
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return []string{"peers", "--dir=" + dir, "--keep=" + keep, "--write"}
}

// A version that mends something makes the run fail until the list is changed, and so does
// one that breaks something.
func TestPeersAgainstTheirLists(t *testing.T) {
	for name, test := range map[string]struct {
		known    string
		verdicts map[string]conformance.Verdict
		code     int
		want     string
	}{
		"as listed": {"PAN-1/do it dies", map[string]conformance.Verdict{"PAN-1/do": conformance.Fail}, 0, ""},
		"mended": {
			known: "PAN-1/do it dies", verdicts: map[string]conformance.Verdict{"PAN-1/do": conformance.Pass},
			code: 1, want: "mine: PAN-1/do is in the list, and passes: take it out",
		},
		"list changed": {"", map[string]conformance.Verdict{"PAN-1/do": conformance.Pass}, 0, ""},
		"broken": {
			known: "PAN-1/do it dies", verdicts: map[string]conformance.Verdict{"PAN-1/do": conformance.Fail, "ORD-1/all": conformance.Fail},
			code: 1, want: "mine: ORD-1/all fails, and is not in the list",
		},
		"sometimes": {"~PAN-1/do it dies", map[string]conformance.Verdict{"PAN-1/do": conformance.Pass}, 0, ""},
		"never": {
			known: "~PAN-1/do it dies", verdicts: map[string]conformance.Verdict{"PAN-1/do": conformance.NotClaimed},
			code: 1, want: "mine: PAN-1/do is in the list, and is unsupported: take it out",
		},
		"case gone": {"PAN-1/do it dies", nil, 1, "mine: PAN-1/do is in the list, and did not run or does not exist"},
		"no reason": {"PAN-1/do", nil, 1, "mine: known.txt: line 1: PAN-1/do needs a reason"},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := command(t, peersDir(t, test.known, test.verdicts)...)
			wantCode(t, code, test.code, stdout, stderr)
			wantText(t, "the standard error", stderr, test.want)
			readme, err := os.ReadFile("README.md")
			if err != nil {
				t.Fatal(err)
			}
			if written := !strings.Contains(string(readme), "old"); written != (test.code == 0) {
				t.Errorf("exit code %d, and README.md written: %t", code, written)
			}
		})
	}
}

func TestPeersTable(t *testing.T) {
	args := peersDir(t, "PAN-1/do it dies", map[string]conformance.Verdict{"PAN-1/do": conformance.Fail})
	code, stdout, stderr := command(t, args...)
	wantCode(t, code, 0, stdout, stderr)
	for _, want := range []string{
		"| mine | 1.2.3 | go1 | played | 7 | passes | ",
		" | PAN-1 |\n",
		"| PAN-1 | **fail** |\n",
		"- `close` is not claimed: it is never closed\n",
		"- fails PAN-1/do, since it dies: `desync-conform exec --rule=PAN-1/do -- ./mine fast`\n",
		"| elsewhere | | | not built: no-such-tool is not there | |",
		"| unmade, so far | | | not built: no such header | |",
	} {
		wantText(t, "the table", stdout, want)
	}
	if strings.Contains(stdout, "| CLO-1 |") {
		t.Errorf("the table has a rule by which nobody was judged:\n%s", stdout)
	}
}

// A peer that is needed must be built where its tools are.
func TestPeersNeeded(t *testing.T) {
	for name, test := range map[string]struct {
		args []string
		code int
		want string
	}{
		"it cannot be built":   {[]string{"--need=unmade, so far"}, 1, "unmade, so far: its tools are there, and it is not built"},
		"its tools are absent": {[]string{"--need=elsewhere"}, 0, ""},
		"it is not in the list": {
			[]string{"--need=mein"}, 2, `peers.json has no peer "mein"`,
		},
		"only one that is not": {[]string{"--only=mein"}, 2, `peers.json has no peer "mein"`},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := command(t, append(peersDir(t, "", nil), test.args...)...)
			wantCode(t, code, test.code, stdout, stderr)
			wantText(t, "the standard error", stderr, test.want)
		})
	}
}

// The peers of the project have names of their own, and their lists name cases of the suite.
func TestPeersOfTheProject(t *testing.T) {
	const dir = "../../peers"
	if _, err := os.Stat(dir); err != nil {
		t.Skip("this module was fetched alone, and the peers are not part of it")
	}
	data, err := os.ReadFile(filepath.Join(dir, "peers.json"))
	var all []peerEntry
	if err == nil {
		err = json.Unmarshal(data, &all)
	}
	if err != nil {
		t.Fatal(err)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	seen := map[string]bool{}
	for _, p := range all {
		if seen[p.Name] {
			t.Errorf("%s is in the list twice", p.Name)
		}
		seen[p.Name] = true
		if p.Known == "" {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, p.Known))
		if err != nil {
			t.Error(err)
			continue
		}
		list, err := known.Parse(string(text))
		if err != nil {
			t.Errorf("%s: %v", p.Known, err)
		}
		if len(list) == 0 {
			t.Errorf("%s lists nothing: take it out of peers.json", p.Known)
		}
		for _, e := range list {
			if _, err := conformance.Check(over, reference.MutexDeque(), conformance.WithRules(e.Case)); err != nil {
				t.Errorf("%s: %s: %v", p.Known, e.Case, err)
			}
		}
	}
}

// What takes long to build is built before anything is judged, so that each can be timed.
func TestPeersBuilt(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	list := `[{"name": "mine", "build": ["echo built >>log"], "run": ["./mine"]}, {"name": "elsewhere", "tools": ["no-such-tool"], "run": ["x"]}]`
	if err := os.WriteFile("peers.json", []byte(list), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		args   []string
		code   int
		builds int
		want   string
	}{
		{[]string{"--build=only", "--need=mine"}, 0, 1, ""},
		{[]string{"--build=never"}, 1, 1, "mine: "}, // it cannot be started
		{nil, 1, 2, "mine: "},
		{[]string{"--build=only", "--write"}, 2, 2, "there is nothing to write"},
		{[]string{"--build=later"}, 2, 2, "--build"},
	} {
		code, stdout, stderr := command(t, append([]string{"peers", "--dir=" + dir}, step.args...)...)
		wantCode(t, code, step.code, stdout, stderr)
		wantText(t, "the standard error", stderr, step.want)
		if built, _ := os.ReadFile("log"); strings.Count(string(built), "built") != step.builds {
			t.Errorf("%v: the log of the builds is %q, want %d lines", step.args, built, step.builds)
		}
		if left := "| elsewhere | | | not built: no-such-tool is not there | |"; (step.code == 1) != strings.Contains(stdout, left) {
			t.Errorf("%v wrote:\n%s", step.args, stdout)
		}
	}
}
