package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-desync/go-desync/tools/internal/cli"
)

func TestRun(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module github.com/go-desync/go-desync/futures\n\ngo 1.27\n",
		"a.go":   "package m\n\nfunc A() { B() }\n",
		"b.go":   "package m\n\nfunc B() { C() }\n",
		"c.go":   "package m\n\nfunc C() { A() }\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	const knot = "github.com/go-desync/go-desync/futures: a knot of 3 of 3 files: a.go b.go c.go\n"
	for _, test := range []struct {
		name   string
		args   []string
		code   int
		stdout string
		stderr string
	}{
		{"small enough", []string{"."}, cli.Done, "", ""},
		{"all", []string{"--all", "--why", "."}, cli.Done, knot + "  a.go uses of b.go: B\n", ""},
		{"too large", []string{"--limit=2", "."}, cli.Fault, knot + "github.com/go-desync/go-desync/futures: its largest knot has 3 files, more than the 2 allowed\n", ""},
		{"no limit", []string{"--limit=0"}, cli.Usage, "", "--limit=0: must be at least 1"},
		{"no such package", []string{"./none"}, cli.Usage, "", "knots: "},
		{"no workspace", nil, cli.Usage, "", "name packages: no go.work"},
		{"help", []string{"--help"}, cli.Done, "Exit codes:", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			code := run(test.args, &stdout, &stderr)
			if code != test.code || !strings.Contains(stdout.String(), test.stdout) || !strings.Contains(stderr.String(), test.stderr) || test.stdout == "" && stdout.Len() > 0 {
				t.Errorf("knots %v: exit code %d, want %d; stdout %q, want %q; stderr %q, want %q", test.args, code, test.code, &stdout, test.stdout, &stderr, test.stderr)
			}
		})
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestOutputThatCannotBeWritten(t *testing.T) {
	var stderr bytes.Buffer
	if code := run([]string{"--limit=1", "../../internal/index"}, full{}, &stderr); code != cli.Fault || !strings.Contains(stderr.String(), "disk full") {
		t.Errorf("exit code %d, stderr %q", code, &stderr)
	}
}
