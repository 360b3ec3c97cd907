// Package apart runs tests in processes of their own, beside each other. The suite looks at
// all goroutines of its process, so two runs of it cannot share one; and most of the time
// a run only waits.
package apart

import (
	"flag"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// inside is set in the environment of the processes.
const inside = "DESYNC_CONFORM_APART"

// Ran runs the test t in another process, beside other tests, and reports whether it did:
// if so there is nothing left to do. The process is the test binary again, with this test
// alone, in which Ran returns false, as it does when coverage is measured. What the process
// prints is shown if it fails, and with the flag -v.
func Ran(t *testing.T) bool {
	t.Helper()
	if os.Getenv(inside) != "" || testing.CoverMode() != "" {
		return false
	}
	t.Parallel()
	cmd := exec.CommandContext(t.Context(), os.Args[0], arguments(t.Name())...)
	cmd.Env = append(os.Environ(), inside+"=1")
	data, err := cmd.CombinedOutput()
	switch out := string(data); {
	case err != nil:
		t.Errorf("in a process of its own: %v\n%s", err, out)
	case strings.Contains(out, "--- SKIP: "+t.Name()+" "):
		t.Skip(out)
	case !strings.Contains(out, "--- PASS: "+t.Name()+" "):
		t.Errorf("in a process of its own it did not run:\n%s", out)
	case testing.Verbose():
		t.Log(out)
	}
	return true
}

// arguments returns those for a process that is to run one test, with the flags of the
// package under test that this process was given.
func arguments(test string) []string {
	parts := strings.Split(test, "/")
	for i, p := range parts {
		parts[i] = "^" + regexp.QuoteMeta(p) + "$"
	}
	args := []string{"-test.run=" + strings.Join(parts, "/"), "-test.v", "-test.timeout=0"}
	flag.Visit(func(f *flag.Flag) {
		if !strings.HasPrefix(f.Name, "test.") {
			args = append(args, "-"+f.Name+"="+f.Value.String())
		}
	})
	return args
}
