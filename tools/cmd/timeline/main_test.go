package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/go-desync/go-desync/tools/internal/cli"
	"github.com/go-desync/go-desync/tools/internal/workspace"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The clock of a bubble makes the run exact.
func TestPlay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		jobs := play()
		if err := inOrder(jobs); err != nil {
			t.Fatal(err)
		}
		var got [][]int64 // made, started, ended, awaits, result
		for _, j := range jobs {
			var row []int64
			for _, at := range []time.Duration{j.made, j.started, j.ended, j.awaits, j.result} {
				row = append(row, at.Milliseconds())
			}
			got = append(got, row)
		}
		want := [][]int64{{0, 0, 40, 0, 0}, {12, 40, 70, 0, 0}, {24, 70, 90, 0, 0}, {36, 90, 130, 72, 130}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("times (-want +got):\n%s", diff)
		}
	})
}

// texts returns the words of an SVG by element and class, as "text.job".
func texts(t *testing.T, svg []byte) map[string][]string {
	t.Helper()
	found := make(map[string][]string)
	var open []string
	for d := xml.NewDecoder(bytes.NewReader(svg)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			t.Fatalf("the SVG is not well-formed: %v", err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			name := token.Name.Local
			for _, a := range token.Attr {
				if a.Name.Local == "class" {
					name += "." + strings.ReplaceAll(a.Value, " ", ".")
				}
			}
			open = append(open, name)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if len(open) > 0 && len(bytes.TrimSpace(token)) > 0 {
				last := open[len(open)-1]
				found[last] = append(found[last], string(token))
			}
		}
	}
}

// wantPicture fails if the SVG lacks a job, its call, or what readers of screens and
// of dark pages need.
func wantPicture(t *testing.T, svg []byte) {
	t.Helper()
	found := texts(t, svg)
	for _, j := range plan() {
		if !slices.Contains(found["text.job"], j.name) {
			t.Errorf("no box is named %s: %q", j.name, found["text.job"])
		}
		if call := j.call + "(" + j.name + ")"; !slices.Contains(found["text.code.call"], call) {
			t.Errorf("there is no call %s: %q", call, found["text.code.call"])
		}
		if desc := strings.Join(found["desc"], ""); !strings.Contains(desc, " "+j.name+",") {
			t.Errorf("the description lacks %s: %s", j.name, desc)
		}
	}
	if len(found["title"]) != 1 {
		t.Errorf("titles: %q; want one", found["title"])
	}
	if style := strings.Join(found["style"], ""); !strings.Contains(style, "@media (prefers-color-scheme: dark)") {
		t.Errorf("the style has no dark colors:\n%s", style)
	}
	if bytes.Contains(svg, []byte("href")) || bytes.Contains(svg, []byte("url(")) {
		t.Error("the SVG refers to something outside")
	}
}

func TestTheCommandWritesThePicture(t *testing.T) {
	file := filepath.Join(t.TempDir(), "picture.svg")
	for _, args := range [][]string{{}, {file}} {
		synctest.Test(t, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			if code := run(args, &stdout, &stderr); code != cli.Done || stderr.Len() > 0 {
				t.Fatalf("exit code %d, stderr %q; want %d and nothing", code, &stderr, cli.Done)
			}
			svg := stdout.Bytes()
			if len(args) > 0 {
				if stdout.Len() > 0 {
					t.Errorf("stdout: %q; want nothing", &stdout)
				}
				var err error
				if svg, err = os.ReadFile(file); err != nil {
					t.Fatal(err)
				}
			}
			wantPicture(t, svg)
		})
	}
}

// TestThisRepository checks the picture that the README shows.
func TestThisRepository(t *testing.T) {
	root, err := workspace.Root(".")
	if err != nil {
		t.Fatal(err)
	}
	svg, err := os.ReadFile(filepath.Join(root, "timeline.svg"))
	if err != nil {
		t.Fatalf("%v; write it with make picture", err)
	}
	wantPicture(t, svg)
}

func TestFaults(t *testing.T) {
	for name, test := range map[string]struct {
		args   []string
		code   int
		stderr string
	}{
		"a file that cannot be written": {[]string{filepath.Join(t.TempDir(), "none", "t.svg")}, cli.Fault, "timeline: open "},
		"two files":                     {[]string{"a", "b"}, cli.Usage, "timeline --help"},
		"an unknown flag":               {[]string{"--dark"}, cli.Usage, "unknown flag --dark"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var stdout, stderr bytes.Buffer
				if code := run(test.args, &stdout, &stderr); code != test.code || !strings.Contains(stderr.String(), test.stderr) {
					t.Errorf("exit code %d, stderr %q; want %d and %q", code, &stderr, test.code, test.stderr)
				}
			})
		})
	}
	jobs := plan()
	slices.Reverse(jobs)
	if err := inOrder(jobs); err == nil || !strings.Contains(err.Error(), "[C1 A2 B1 A1] in place of [A1 B1 A2 C1]") {
		t.Errorf("jobs in the wrong order: %v; want an error that shows both orders", err)
	}
}
