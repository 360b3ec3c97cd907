package main

import (
	"bytes"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/go-desync/go-desync/adapters/natsmap/scale/internal/child"
)

func TestMain(m *testing.M) {
	child.Main()
	goleak.VerifyTestMain(m)
}

func TestUsage(t *testing.T) {
	for _, test := range []struct {
		args   string
		code   int
		stdout string
		stderr string
	}{
		{"", usage, "", "scale rows"},
		{"--help", done, "Exit codes: 0", ""},
		{"rows -help", done, "-runs n", ""},
		{"demo --help", done, "-fault", ""},
		{"bench --help", done, "-quick", ""},
		{"dance", usage, "", `no command "dance"`},
		{"rows -run Nothing", usage, "", "no row matches"},
		{"rows -run (", usage, "", "missing closing"},
		{"rows -runs 0", usage, "", "at least 1"},
		{"rows -on two", usage, "", "one, three or both"},
		{"rows -fault lightning", usage, "", "it must be one of"},
		{"rows Kill9", usage, "", "unexpected argument: Kill9"},
		{"demo nowhere", usage, "", "does not exist"},
		{"demo -fault lightning", usage, "", "it must be one of"},
		{"rows -small -run Forget -on one", done, "Forget     one server", "Forget 1 of 1"},
		{"rows -small -run Forget -on one -fault keep", fault, "BROKEN", ""},
	} {
		var stdout, stderr bytes.Buffer
		if code := run(t.Context(), strings.Fields(test.args), &stdout, &stderr); code != test.code {
			t.Errorf("scale %s gave %d; want %d\n%s%s", test.args, code, test.code, stdout.String(), stderr.String())
		}
		if !strings.Contains(stdout.String(), test.stdout) || !strings.Contains(stderr.String(), test.stderr) {
			t.Errorf("scale %s printed\n%s%s\nand lacks %q or %q", test.args, stdout.String(), stderr.String(), test.stdout, test.stderr)
		}
	}
}
