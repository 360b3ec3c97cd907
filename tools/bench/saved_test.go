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
	file, html := filepath.Join(dir, "report.json"), filepath.Join(dir, "page.html")
	code, stdout, stderr := run(t.Context(), subject.Desync{}, "--run=^(Do|contended Do, [28] goroutines)$", "--json", "--html="+html)
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
	if code, out, errs := saved("compare", "--strict", file, file); code != exitDone || !strings.Contains(out, " 0 worse, 0 better") {
		t.Errorf("compare: exit code %d, %s; want no changes from a report to itself:\n%s", code, errs, out)
	}
	for _, args := range [][]string{
		{"page", html}, {"page", "no-such-file"}, {"page"}, {"compare", file}, {"compare", file, html}, {"compare", file, file, "--alpha=2"},
	} {
		if code, out, errs := saved(args...); code != exitUsage || out != "" || !strings.HasPrefix(errs, "bench: ") {
			t.Errorf("%q: exit code %d, stdout %q, stderr %q; want %d and only a complaint", args, code, out, errs, exitUsage)
		}
	}
}
