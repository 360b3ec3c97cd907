package command

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-desync/go-desync/conformance/history"
)

// write writes a file into a new directory.
func write(t *testing.T, name, text string) (file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return file
}

// saved is a history as a file holds it.
func saved(t *testing.T, h *history.History) string {
	t.Helper()
	var b bytes.Buffer
	if err := history.Save(&b, h); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func fine() *history.History {
	return &history.History{Operations: []history.Operation{
		{ID: 1, Call: 1, Start: 2, End: 3, Return: 4, Outcome: history.Ran},
		{ID: 2, Call: 5, Start: 6, End: 7, Return: 8, Outcome: history.Ran},
	}}
}

func TestWrongUsage(t *testing.T) {
	dir := t.TempDir()
	plain := write(t, "plain.txt", "hello\n")
	report := write(t, "report.json", "an older report")
	whole := saved(t, fine())
	good := write(t, "good.history", whole)
	tests := map[string]struct {
		args []string
		want []string
	}{
		"no command":             {nil, []string{"expected one of", "desync-conform --help"}},
		"unknown command":        {[]string{"jump"}, []string{"unexpected argument jump", "desync-conform --help"}},
		"unknown flag":           {[]string{"run", "--fast"}, []string{"unknown flag --fast"}},
		"unknown rule":           {[]string{"run", "--rule=ORD-99", "--json=" + report}, []string{`unknown rule "ORD-99"`, "desync-conform rules lists"}},
		"unknown case":           {[]string{"run", "--rule=ORD-1/never"}, []string{`unknown rule "ORD-1/never"`}},
		"unknown rule explained": {[]string{"explain", "ORD-99"}, []string{`unknown rule "ORD-99"`, "desync-conform rules lists"}},
		"unknown rule skipped":   {[]string{"run", "--skip=ORD-99=because"}, []string{`unknown rule "ORD-99"`}},
		"skip without a reason":  {[]string{"run", "--skip=ORD-1="}, []string{`the skip of "ORD-1" needs a reason`}},
		"skip, not so written":   {[]string{"run", "--skip=ORD-1"}, []string{"--skip"}},
		"unknown subject":        {[]string{"run", "--subject=LIFO"}, []string{`unknown subject "LIFO" (there is mutant/lifo)`, "desync-conform subjects lists"}},
		"unknown budget":         {[]string{"run", "--budget=long"}, []string{"--budget must be one of", "long"}},
		"seed":                   {[]string{"run", "--seed=x"}, []string{"--seed"}},
		"watchdog":               {[]string{"run", "--watchdog=-1s"}, []string{"the watchdog's time is -1s, and must be positive"}},
		"time without a soak":    {[]string{"run", "--for=1m"}, []string{"--for=1m0s", "--budget=soak"}},
		"negative time":          {[]string{"run", "--budget=soak", "--for=-1m"}, []string{"--for=-1m0s"}},
		"race binary missing":    {[]string{"run", "--race-binary=" + filepath.Join(dir, "none")}, []string{"--race-binary: stat", "no such file"}},
		"race binary, a text":    {[]string{"run", "--race-binary=" + plain}, []string{"is not an executable file"}},
		"race binary, a folder":  {[]string{"run", "--race-binary=" + dir}, []string{"is not an executable file"}},
		"report is a directory":  {[]string{"run", "--json=" + dir}, []string{"--json: " + dir + " is a directory; name a file"}},
		"report, no directory":   {[]string{"run", "--junit=" + filepath.Join(dir, "no", "r.xml")}, []string{"--junit: the directory of", "does not exist"}},
		"report below a file":    {[]string{"run", "--markdown=" + filepath.Join(plain, "r.md")}, []string{"--markdown: ", "not a directory"}},
		"two reports, one file":  {[]string{"run", "--json=" + dir + "/r", "--markdown=" + dir + "/./r"}, []string{"--markdown: ", "is the file of another report"}},
		"pages in a file":        {[]string{"run", "--html=" + plain}, []string{"--html: ", "not a directory"}},
		"histories in a file":    {[]string{"run", "--histories=" + plain}, []string{"--histories: ", "not a directory"}},
		"child by hand":          {[]string{"child", "--subject=refuses"}, []string{"not a command to be used"}},

		"history missing":       {[]string{"recheck", filepath.Join(dir, "none")}, []string{"none does not exist; name a file"}},
		"history, a directory":  {[]string{"recheck", dir}, []string{dir + " is a directory; name a file in it"}},
		"history, a text":       {[]string{"recheck", plain}, []string{plain, "not a history file that this program can read", "name a file that run --histories of this version saved"}},
		"history, empty":        {[]string{"recheck", write(t, "h", "")}, []string{"the file ends too early", "make it again"}},
		"history, truncated":    {[]string{"recheck", write(t, "h", whole[:len(whole)-30])}, []string{"ends too early", "make it again"}},
		"history, changed":      {[]string{"recheck", write(t, "h", strings.Replace(whole, `"call":5`, `"call":4`, 1))}, []string{"not what was saved", "changed or damaged"}},
		"history, newer":        {[]string{"recheck", write(t, "h", strings.Replace(whole, `"version":1`, `"version":2`, 1))}, []string{"it has version 2, not 1", "of this version"}},
		"history, impossible":   {[]string{"recheck", write(t, "h", saved(t, &history.History{Operations: []history.Operation{{ID: 3, Outcome: history.Ran}}}))}, []string{"operation #3", "no run can have this history"}},
		"page in no directory":  {[]string{"recheck", "--html=" + filepath.Join(plain, "p.html"), good}, []string{"--html: ", "not a directory"}},
		"stdin is not one":      {[]string{"recheck", "-"}, []string{"the standard input: ", "ends too early"}},
		"replay, missing":       {[]string{"replay", filepath.Join(dir, "none")}, []string{"none does not exist"}},
		"replay, no program":    {[]string{"replay", good}, []string{"has no program to run again", "recheck judges it"}},
		"replay, of a stranger": {[]string{"replay", write(t, "h", withProgram(t, `{"case":"ORD-1/x"}`))}, []string{`is a history of "stranger 1.0"`, "--subject"}},
		"replay, bad program":   {[]string{"replay", "-sgood", write(t, "h", withProgram(t, `[1]`))}, []string{"its program cannot be read"}},
		"replay, unknown case":  {[]string{"replay", "-sgood", write(t, "h", withProgram(t, `{"case":"ORD-1/x"}`))}, []string{`no case "ORD-1/x" plays programs`}},
		"replay, no such one":   {[]string{"replay", "-snone", write(t, "h", withProgram(t, `{"case":"ORD-1/x"}`))}, []string{`unknown subject "none"`}},
		"replay, no runs":       {[]string{"replay", "--runs=0", good}, []string{"--runs=0: must be at least 1"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := command(t, test.args...)
			wantCode(t, code, exitUsage, stdout, stderr)
			wantText(t, "stderr", stderr, append(test.want, "desync-conform: ")...)
			if stdout != "" {
				t.Errorf("stdout: %q, want nothing", stdout)
			}
		})
	}
	if got := read(t, report); got != "an older report" {
		t.Errorf("a run that did not begin has changed the report of an older one to %q", got)
	}
}

func withProgram(t *testing.T, program string) string {
	h := fine()
	h.Implementation, h.Program = "stranger 1.0", []byte(program)
	return saved(t, h)
}

func TestReadOnlyPlaces(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root may write everywhere")
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	for _, flag := range []string{"--json=" + dir + "/r.json", "--html=" + dir, "--histories=" + dir + "/new"} {
		code, stdout, stderr := command(t, "run", flag)
		wantCode(t, code, exitUsage, stdout, stderr)
		wantText(t, "stderr", stderr, "permission denied")
	}
}

func TestRecheckOfAHistoryWithoutViolation(t *testing.T) {
	file := write(t, "h", saved(t, fine()))
	code, stdout, stderr := command(t, "recheck", file)
	wantCode(t, code, exitConforms, stdout, stderr)
	if want := file + ": 2 operations\nno violation found\n"; stdout != want {
		t.Errorf("stdout %q, want %q", stdout, want)
	}
	h := fine()
	h.Operations[1] = history.Operation{ID: 2, Call: 5, Outcome: history.Pending}
	code, stdout, stderr = command(t, "recheck", write(t, "h", saved(t, h)))
	wantCode(t, code, exitInconclusive, stdout, stderr)
	wantText(t, "stdout", stdout, "inconclusive: no violation found, but some operations have not returned", ": #2.\n")
}

func TestReportThatCannotBeWrittenIsNoSuccess(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("there is no /dev/full, a file that is always full")
	}
	code, stdout, stderr := command(t, "run", "--rule=META-1", "--json=/dev/full")
	wantCode(t, code, exitInconclusive, stdout, stderr)
	wantText(t, "stderr", stderr, "the report could not be written", "no space left on device")
}
