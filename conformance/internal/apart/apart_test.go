package apart

import (
	"flag"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// fails says that TestThatIsJudged is to fail.
const fails = "TEST_APART_FAILS"

var given = flag.String("given", "", "a flag of the package under test")

func TestInAnotherProcess(t *testing.T) {
	for _, name := range []string{"one", "another one (2)"} {
		t.Run(name, func(t *testing.T) {
			if Ran(t) {
				return
			}
			if testing.CoverMode() == "" && os.Getenv(inside) == "" {
				t.Error("it runs in the process that was to start another one")
			}
		})
	}
}

// TestThatIsJudged is for the processes that the test below starts.
func TestThatIsJudged(t *testing.T) {
	if os.Getenv(fails) == "" {
		t.Skip("this test is for processes that another test starts")
	}
	if Ran(t) {
		return
	}
	switch os.Getenv(fails) {
	case "skip":
		t.Skip("not today")
	case "exit":
		os.Exit(0)
	case "flag":
		if *given != "right" {
			t.Errorf("the flag is %q", *given)
		}
	}
}

func TestVerdictComesBack(t *testing.T) {
	if testing.CoverMode() != "" {
		t.Skip("when coverage is measured there is no other process")
	}
	for _, tc := range []struct {
		how, given, want string
		fails            bool
	}{
		{"flag", "right", "--- PASS: TestThatIsJudged ", false},
		{"flag", "wrong", `the flag is "wrong"`, true},
		{"skip", "", "--- SKIP: TestThatIsJudged ", false},
		{"exit", "", "in a process of its own it did not run", true},
	} {
		cmd := exec.Command(os.Args[0], "-test.run=^TestThatIsJudged$", "-test.v", "-given="+tc.given)
		cmd.Env = append(os.Environ(), fails+"="+tc.how)
		out, err := cmd.CombinedOutput()
		if (err != nil) != tc.fails || !strings.Contains(string(out), tc.want) {
			t.Errorf("%s, %q: it ended with %v, want a failure: %v, and %q in\n%s", tc.how, tc.given, err, tc.fails, tc.want, out)
		}
	}
}
