package bench

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/go-desync/go-desync/conformance"
	"github.com/go-desync/go-desync/conformance/desync-conform/internal/reference"
)

// served, in the environment, makes the test binary a peer.
const served = "DESYNC_CONFORM_BENCHED_PEER"

func TestMain(m *testing.M) {
	if os.Getenv(served) != "" {
		if err := conformance.ServePeer(os.Stdin, os.Stdout, reference.MutexDeque()); err != nil {
			panic(err)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// says is a peer that says hello, and then the same to each order.
func says(line string) Side {
	return Side{Name: "sh", Command: []string{"sh", "-c", `read l; echo '{"op":"hello","protocol":1,"name":"sh"}'; while read l; do ` + line + `; done`}}
}

var short = Times{Run: time.Millisecond, Rounds: 3, Answer: time.Minute}

func TestCompare(t *testing.T) {
	t.Setenv(served, "1")
	sides := []Side{
		{Name: "deque", Command: []string{os.Args[0]}},
		{Name: "none", Command: []string{"/none"}},
		says(`echo '{"op":"error","code":"unknown-op"}'`),
		{Name: "mute", Command: []string{"sh", "-c", "echo no license >&2"}},
	}
	words := 0
	rows, err := Compare(t.Context(), sides, short, func(Word) { words++ })
	if err != nil || words != len(Words) {
		t.Fatalf("%d words, %v", words, err)
	}
	for i, w := range Words {
		if got := len(rows[0].Nanos[i]); got != short.Rounds {
			t.Errorf("%s has %d figures", w.Column(), got)
		}
		for _, ns := range rows[0].Nanos[i] {
			if ns <= 0 {
				t.Errorf("%s takes %v ns", w.Column(), ns)
			}
		}
		if len(rows[2].Nanos[i]) != 0 {
			t.Errorf("a peer without loops has figures for %s", w.Column())
		}
	}
	for i, want := range []string{"", "it cannot be started", "", "its standard error ends with: no license"} {
		if got := rows[i].NotRun; !strings.Contains(got, want) || want == "" && got != "" {
			t.Errorf("of %s it says %q, want %q", rows[i].Name, got, want)
		}
	}
}

func TestCompareRefuses(t *testing.T) {
	for name, test := range map[string]struct{ line, want string }{
		"jobs lost":   {`echo '{"op":"bench","id":1,"ns":5,"ran":15}'`, "sh, do/1: of 16 jobs 15 ran"},
		"no time":     {`echo '{"op":"bench","id":1,"ran":16}'`, "16 jobs took 0 ns"},
		"other":       {`echo '{"op":"pong","id":1}'`, "to bench 1 it answers pong 1"},
		"garbage":     {`echo 1 2`, "a line that is not a JSON object of the protocol"},
		"ends":        {`echo why >&2; exit`, "it ended; its standard error ends with: why"},
		"goes silent": {`:`, "there was no answer for 300ms"},
	} {
		t.Run(name, func(t *testing.T) {
			times := short
			if name == "goes silent" {
				times.Answer = 300 * time.Millisecond
			}
			_, err := Compare(t.Context(), []Side{says(test.line)}, times, func(Word) {})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("it says %v, want %q", err, test.want)
			}
		})
	}
}

func TestCompareIsBrokenOff(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	_, err := Compare(ctx, []Side{says(":")}, short, func(Word) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("it says %v", err)
	}
}

func TestTables(t *testing.T) {
	figures := func(ns ...float64) (all [][]float64) {
		for range Words {
			all = append(all, ns)
		}
		return all
	}
	ours := Row{Side: Side{"Go", []string{"./go", "serve"}}, Nanos: figures(5, 4.04, 6)}
	theirs := Row{Side: Side{"crate", []string{"./crate"}}, Version: "0.9.0", Runtime: "Rust", Nanos: figures(1234, 12, 99.6)}
	theirs.Nanos[2] = nil
	text := Markdown([]Row{ours, theirs, {Side: Side{Name: "x"}, NotRun: "no\nlicense"}}, 3, "2 processors") + Claim(ours, theirs)
	for _, want := range []string{
		"the median of 3 runs", "2 processors.", "| peer | runtime | do/1 | async/1 | future/1 | do/8 | async/8 |",
		"| Go |  | 5.0 (4.0 to 6.0) |", "| crate 0.9.0 | Rust | 100 (12 to 1200) | 100 (12 to 1200) | - |",
		"- Go: `./go serve`", "- x: not run: no license", "- `do/1`: 0.06 (0.00 to 0.34)",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the table lacks %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "- `future/1`: 0") {
		t.Errorf("a word that one side lacks is compared:\n%s", text)
	}
}
