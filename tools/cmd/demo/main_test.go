package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/go-desync/go-desync/tools/internal/cli"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// writeTree makes a directory with the given files.
func writeTree(t *testing.T, files map[string]string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, src := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(src), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func smallTree(t *testing.T) string {
	return writeTree(t, map[string]string{
		"a.go":           "package a\n\nvar answer = 42\n",
		"sub/b.go":       "package sub\n\nvar answer = answer\n",
		"sub/bad.go":     "package sub\n\nvar\n",
		"sub/deep/c.go":  "package deep\n",
		"sub/deep/d.txt": "no Go\n",
	})
}

// watcher calls seen after a write that contains text.
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

func wantCode(t *testing.T, got, want int, stdout, stderr string) {
	t.Helper()
	if got != want {
		t.Errorf("exit code %d, want %d\nstdout:\n%s\nstderr:\n%s", got, want, stdout, stderr)
	}
}

func wantText(t *testing.T, where, got string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(got, w) {
			t.Errorf("%s lacks %q:\n%s", where, w, got)
		}
	}
}

func TestReportOfASmallTree(t *testing.T) {
	dir := smallTree(t)
	var stdout, stderr bytes.Buffer
	code := run(t.Context(), []string{"--top=1", "--in-flight=3", dir}, &stdout, &stderr)
	wantCode(t, code, cli.Done, stdout.String(), stderr.String())

	got := regexp.MustCompile(`\d+\.\d\d s`).ReplaceAllString(stdout.String(), "# s")
	got = regexp.MustCompile(`# s, with \d+ processors: .* times as fast.*`).ReplaceAllString(got, "# s, compared.")
	want := `Indexing 4 Go files below ` + dir + ` with Desync objects, up to 3 files at a time.

  times  files  identifier
      3      2  answer

  lines  files  package
      3      1  .

Totals: 3 files in 3 packages, 7 lines, 73 bytes; 6 identifiers, 4 different ones.
Files passed over, not parsable as Go: 1 (usual for test data; otherwise correct what is named here):
  sub/bad.go:3:5: expected 'IDENT', found 'EOF'
Time: # s.

The same work again, one file after the other.
The results are equal.
In parallel # s, one after the other # s, compared.
`
	if got != want {
		t.Errorf("stdout:\n%s\nwant:\n%s", got, want)
	}
	if stderr.Len() > 0 {
		t.Errorf("stderr of a short run off a terminal: %q, want nothing", stderr.String())
	}
}

func TestSkippedFilesAreNamed(t *testing.T) {
	dir := writeTree(t, map[string]string{"ok.go": "package a", "1.go": "", "2.go": "", "3.go": "", "4.go": ""})
	if err := os.Symlink("nowhere", filepath.Join(dir, "dangling.go")); err != nil {
		t.Fatal(err)
	}
	dangling := "stat dangling.go: no such file or directory\n"

	var stdout, stderr bytes.Buffer
	code := run(t.Context(), []string{dir}, &stdout, &stderr)
	wantCode(t, code, cli.Done, stdout.String(), stderr.String())
	wantText(t, "stdout", stdout.String(),
		"not readable: 1 (check that they exist and may be read):\n", dangling,
		"not parsable as Go: 4 (", "3.go:1:1: expected 'package'", "and 1 more; --all-skipped names them")
	if strings.Contains(stdout.String(), "4.go") {
		t.Errorf("4.go is named without --all-skipped:\n%s", stdout.String())
	}

	stdout.Reset()
	code = run(t.Context(), []string{"--all-skipped", dir}, &stdout, &stderr)
	wantCode(t, code, cli.Done, stdout.String(), stderr.String())
	wantText(t, "stdout", stdout.String(), dangling, "4.go:1:1: expected 'package'")
}

func TestWrongUsage(t *testing.T) {
	dir := smallTree(t)
	file := filepath.Join(dir, "a.go")
	missing := filepath.Join(dir, "missing")
	empty := writeTree(t, map[string]string{"readme.txt": ""})
	tests := map[string]struct {
		args []string
		want []string
	}{
		"missing directory":   {[]string{missing}, []string{missing + " does not exist", "name a directory"}},
		"file as directory":   {[]string{file}, []string{file + " is not a directory", "name the directory it is in: " + dir}},
		"below a file":        {[]string{file + "/x"}, []string{"not a directory", "name a directory"}},
		"empty tree":          {[]string{empty}, []string{empty + " holds no Go files", "name a directory"}},
		"unknown flag":        {[]string{"--fast", dir}, []string{"unknown flag --fast", "demo --help"}},
		"two directories":     {[]string{dir, dir}, []string{"unexpected argument", "demo --help"}},
		"top out of range":    {[]string{"--top=0", dir}, []string{"--top=0: must be at least 1", "demo --help"}},
		"flight out of range": {[]string{"--in-flight=-1", dir}, []string{"--in-flight=-1: must be at least 1", "demo --help"}},
		"no number":           {[]string{"--top=x", dir}, []string{"--top", "demo --help"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			code := run(t.Context(), test.args, &stdout, &stderr)
			wantCode(t, code, cli.Usage, stdout.String(), stderr.String())
			wantText(t, "stderr", stderr.String(), test.want...)
			if stdout.Len() > 0 {
				t.Errorf("stdout: %q, want nothing", stdout.String())
			}
		})
	}
}

func TestHelpNamesFlagsAndExitCodes(t *testing.T) {
	var stdout, stderr bytes.Buffer
	code := run(t.Context(), []string{"--help"}, &stdout, &stderr)
	wantCode(t, code, cli.Done, stdout.String(), stderr.String())
	wantText(t, "help", strings.Join(strings.Fields(stdout.String()), " "),
		"Usage: demo [<dir>] [flags]", "--top", "--in-flight", "--all-skipped",
		"0 done", "1 a fault was found", "2 wrong usage", "130 interrupted", "PARTIAL")
}

func TestDifferenceIsAFault(t *testing.T) {
	dir := smallTree(t)
	stdout := watcher{text: "one file after the other.", seen: func() {
		if err := os.WriteFile(filepath.Join(dir, "a.go"), []byte("package a\n\nvar other = 42\n"), 0o666); err != nil {
			t.Error(err)
		}
	}}
	var stderr bytes.Buffer
	code := run(t.Context(), []string{dir}, &stdout, &stderr)
	wantCode(t, code, cli.Fault, stdout.String(), stderr.String())
	wantText(t, "stdout", stdout.String(),
		"FAULT: the two results differ in 3 places",
		"identifier answer: {Count:3 Files:2} in parallel, {Count:2 Files:1} one after the other",
		"identifier other: absent in parallel",
		"please report it")
	if strings.Contains(stdout.String(), "equal") {
		t.Errorf("results that differ are called equal:\n%s", stdout.String())
	}
}

func TestInterrupted(t *testing.T) {
	dir := smallTree(t)
	tests := map[string]struct {
		when string // the output that is followed by the interrupt
		want []string
		not  []string
	}{
		"in the parallel run": {
			"Indexing 4",
			[]string{"PARTIAL: interrupted, the index covers only 0 of 4 files", "Totals (PARTIAL): 0 files", "Time (PARTIAL)"},
			[]string{"one file after the other", "equal"},
		},
		"in the second run": {
			"one file after the other.",
			[]string{"Totals: 3 files", "PARTIAL: interrupted, the second run covers only 0 of 4 files", "nothing was compared"},
			[]string{"equal", "Totals (PARTIAL)"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			stdout := watcher{text: test.when, seen: cancel}
			var stderr bytes.Buffer
			code := run(ctx, []string{dir}, &stdout, &stderr)
			wantCode(t, code, cli.Interrupted, stdout.String(), stderr.String())
			wantText(t, "stdout", stdout.String(), test.want...)
			for _, not := range test.not {
				if strings.Contains(stdout.String(), not) {
					t.Errorf("stdout of an interrupted run has %q:\n%s", not, stdout.String())
				}
			}
		})
	}
}

func TestInterruptedBeforeReading(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stdout, stderr bytes.Buffer
	code := run(ctx, []string{smallTree(t)}, &stdout, &stderr)
	wantCode(t, code, cli.Interrupted, stdout.String(), stderr.String())
	wantText(t, "stderr", stderr.String(), "interrupted before any file was read")
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestUnwritableReportIsAFault(t *testing.T) {
	var stderr bytes.Buffer
	code := run(t.Context(), []string{smallTree(t)}, fullDisk{}, &stderr)
	wantCode(t, code, cli.Fault, "", stderr.String())
	wantText(t, "stderr", stderr.String(), "the report could not be written: disk full")
}
