package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-desync/go-desync/tools/bench/internal/subject"
)

func TestSavedReports(t *testing.T) {
	dir := t.TempDir()
	file, html, rounds := filepath.Join(dir, "report.json"), filepath.Join(dir, "page.html"), filepath.Join(dir, "rounds.txt")
	code, stdout, stderr := run(t.Context(), subject.Desync{}, "--run=^(Do|contended Do, [28] goroutines)$", "--json", "--html="+html, "--gobench="+rounds)
	if code != exitDone {
		t.Fatalf("exit code %d, %s", code, stderr)
	}
	if err := os.WriteFile(file, []byte(stdout), 0o666); err != nil {
		t.Fatal(err)
	}
	direct, err := os.ReadFile(html)
	if err != nil {
		t.Fatal(err)
	}
	saved := func(args ...string) (int, string, string) {
		var out, errs bytes.Buffer
		b := bench{stdout: &out, stderr: &errs}
		return b.main(t.Context(), args), out.String(), errs.String()
	}
	if code, out, errs := saved("page", file); code != exitDone || out != string(direct) || !strings.Contains(out, "<svg") {
		t.Errorf("page: exit code %d, %s; want the page that --html has written:\n%s", code, errs, out)
	}
	if text, err := os.ReadFile(rounds); err != nil || !strings.Contains(string(text), "\nBenchmarkRow/do/mutex 1 ") {
		t.Errorf("--gobench: %v; want a round of a row in:\n%s", err, text)
	}
	for _, args := range [][]string{{"page", html}, {"page", "no-such-file"}, {"page"}} {
		if code, out, errs := saved(args...); code != exitUsage || out != "" || !strings.HasPrefix(errs, "bench: ") {
			t.Errorf("%q: exit code %d, stdout %q, stderr %q; want %d and only a complaint", args, code, out, errs, exitUsage)
		}
	}
}
