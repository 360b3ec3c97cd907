package command

import (
	"path/filepath"
	"testing"
)

func TestOddFindsFalseAlarms(t *testing.T) {
	code, stdout, stderr := command(t, "odd", "--subject=wrong", "--rule=ORD-1/one-client", "--runs=2", "--hogs=1", "--first=3")
	wantCode(t, code, exitViolates, stdout, stderr)
	wantText(t, "stdout", stdout, "odd/wrong  2     2       0", "FALSE ALARM odd/wrong, seed 3: ORD-1/one-client: ", "seed 4: ", "1 subjects, 2 runs beside 1 busy processes: 2 failed")
}

func TestOddIsSilent(t *testing.T) {
	code, stdout, stderr := command(t, "odd", "--rule=SYN-2/goexit", "--runs=1", "--hard-runs=3", "--parallel=2")
	wantCode(t, code, exitConforms, stdout, stderr)
	wantText(t, "stdout", stdout, "odd/wrong  1     0       0", "beside 0 busy processes, 2 runs at a time: 0 failed")
}

func TestOddThatDoesNotRun(t *testing.T) {
	for name, test := range map[string]struct{ arg, want string }{
		"unknown subject":   {"--subject=mutant/lifo", `unknown correct subject "mutant/lifo" (there is mutant/lifo)`},
		"unknown rule":      {"--rule=ORD-9", "desync-conform rules lists the rules"},
		"no runs":           {"--runs=0", "--runs=0: must be at least 1"},
		"negative hogs":     {"--hogs=-1", "--hogs=-1: must not be negative"},
		"nothing at a time": {"--parallel=0", "--parallel=0: must be at least 1"},
		"soak":              {"--budget=soak", "--budget must be one of"},
		"no race program":   {"--race-binary=" + t.TempDir(), "is not an executable file"},
		"negative hard run": {"--hard-runs=-2", "--hard-runs=-2: must not be negative"},
	} {
		code, stdout, stderr := command(t, "odd", test.arg)
		wantCode(t, code, exitUsage, stdout, stderr)
		wantText(t, name, stderr, test.want)
	}
}

func TestOddKeepsItsRuns(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	args := []string{"odd", "--subject=wrong", "--rule=SYN-2/goexit", "--runs=2", "--keep=" + dir}
	for range 2 {
		code, stdout, stderr := command(t, args...)
		wantCode(t, code, exitConforms, stdout, stderr)
		wantText(t, "stdout", stdout, "odd/wrong  2     0       0")
	}
	if found, err := filepath.Glob(filepath.Join(dir, "odd-wrong-*.json")); err != nil || len(found) != 2 {
		t.Errorf("kept: %v, %v", found, err)
	}
	code, stdout, stderr := command(t, append(args, "--hogs=1")...)
	wantCode(t, code, exitUsage, stdout, stderr)
	wantText(t, "stderr", stderr, "--keep: ", "has runs of something else")
}
