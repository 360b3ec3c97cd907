package command

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/go-desync/go-desync/conformance/desync-conform/internal/matrix"
	"github.com/go-desync/go-desync/conformance/internal/apart"
)

func TestMatrix(t *testing.T) {
	if apart.Ran(t) {
		return
	}
	code, stdout, stderr := command(t, "matrix", "--seeds=1", "--first=5", "--stop", "--mutant=mutant/lifo", "--mutant=several-panics", "--mutant=suspension-expires", "--write="+write(t, "r.md", "no marks"))
	wantCode(t, code, exitInconclusive, stdout, stderr)
	wantText(t, "the table", stdout, "suspension-expires  time     5 to 350 ms  short   SUS-1", "several-panics      subject               short   MUL-1", "3 mutants, seeds 5 to 5")
	wantText(t, "stderr", stderr, "--write: ", "does not have the lines")
}

func TestMatrixIsWritten(t *testing.T) {
	m := &matrix.Matrix{Seeds: 1, First: 1, Part: true, Rows: []matrix.Row{{Mutant: "lifo", Kind: "basic", Cells: []matrix.Cell{{Rule: "ORD-1", Method: "deterministic", Runs: 1, Kills: 1}}}}}
	file, err := os.Create(filepath.Join(t.TempDir(), "m.md"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	summary := write(t, "r.md", "<!-- mutants: written by x -->\n<!-- end of mutants -->\n")
	var stdout, stderr bytes.Buffer
	code := (&matrixCommand{Markdown: file.Name(), Write: summary}).report(&env{stdout: &stdout, stderr: &stderr}, file, m)
	wantCode(t, code, exitConforms, stdout.String(), stderr.String())
	wantText(t, "the file", read(t, file.Name()), "1 mutants, 1 seeds", "| lifo |")
	wantText(t, "the summary", read(t, summary), "1 mutants, seeds 1 to 1", "| basic | 1 | 1 | 0 | none |")
	if stdout.Len() > 0 {
		t.Errorf("stdout: %q, want nothing", &stdout)
	}
}

func TestMatrixThatIsNotFull(t *testing.T) {
	for name, test := range map[string]struct {
		m    *matrix.Matrix
		code int
		want string
	}{
		"a survivor":       {&matrix.Matrix{Seeds: 1, Rows: []matrix.Row{{Mutant: "lifo", Cells: []matrix.Cell{{Rule: "ORD-1", Method: "stochastic", Runs: 1}}}}}, exitViolates, "mutants survive:\n  ORD-1 found the mutant lifo in 0 of 1"},
		"no race detector": {&matrix.Matrix{Seeds: 1, NoRace: "no C compiler"}, exitInconclusive, "the rules about memory did not run: no C compiler"},
	} {
		var stdout, stderr bytes.Buffer
		e := &env{stdout: &stdout, stderr: &stderr}
		code := new(matrixCommand).report(e, &stdout, test.m)
		wantCode(t, code, test.code, stdout.String(), stderr.String())
		wantText(t, name, stderr.String(), test.want)
		wantText(t, name, stdout.String(), "mutant  kind", "survive")
	}
}

func TestMatrixThatDoesNotRun(t *testing.T) {
	file := write(t, "m.md", "an older matrix")
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"unknown mutant":   {[]string{"--mutant=fifo"}, `unknown mutant "fifo"; desync-conform subjects lists them`},
		"unknown kind":     {[]string{"--kind=shape"}, "--kind=shape: there are no such mutants"},
		"no first seed":    {[]string{"--first=0"}, "--first=0: must be at least 1"},
		"no seeds":         {[]string{"--seeds=0"}, "--seeds=0: must be at least 1"},
		"file a directory": {[]string{"--markdown=" + filepath.Dir(file)}, "is a directory; name a file"},
	} {
		code, stdout, stderr := command(t, append([]string{"matrix"}, test.args...)...)
		wantCode(t, code, exitUsage, stdout, stderr)
		wantText(t, name, stderr, test.want)
	}

	over, cancel := context.WithCancel(t.Context())
	cancel()
	var stdout, stderr bytes.Buffer
	code := Main(over, []string{"matrix", "--markdown=" + file}, nil, &stdout, &stderr, subjects())
	wantCode(t, code, exitInconclusive, stdout.String(), stderr.String())
	wantText(t, "stderr", stderr.String(), "the matrix was broken off (context canceled), and nothing was written")

	t.Setenv("GOWORK", "off")
	t.Chdir(t.TempDir())
	code, out, err := command(t, "matrix", "--markdown="+file)
	wantCode(t, code, exitUsage, out, err)
	wantText(t, "outside the module", err, "cannot build the child program", "it needs the go command, and to run in the folder of the module conformance/desync-conform")

	if got := read(t, file); got != "an older matrix" {
		t.Errorf("the matrix of an older run was changed to %q", got)
	}
}
