package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/go-desync/go-desync/adapters/kafka/broker/internal/server"
)

func TestWrongUsage(t *testing.T) {
	for _, args := range [][]string{{}, {"dance"}, {"check", "scale"}, {"--runs", "0", "check"}, {"--run", "(", "check"}, {"--no-such-flag"}} {
		var out, errs bytes.Buffer
		if code := command(t.Context(), args, &out, &errs); code != 2 || !strings.Contains(errs.String(), "usage: broker") {
			t.Errorf("%q: exit code %d, and %s", args, code, errs.String())
		}
	}
	if code := command(t.Context(), []string{"--help"}, new(bytes.Buffer), new(bytes.Buffer)); code != 0 {
		t.Errorf("--help: exit code %d", code)
	}
}

// Without Java or Maven it says so, and is a failure only if they are required.
func TestLeftOut(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if server.Missing() == "" {
		t.Fatal("nothing is missing")
	}
	for value, want := range map[string]int{"": 0, "require": 1} {
		t.Setenv("DESYNC_KAFKA", value)
		var out bytes.Buffer
		if code := command(t.Context(), []string{"check"}, &out, new(bytes.Buffer)); code != want || !strings.Contains(out.String(), "left out: java is not installed") {
			t.Errorf("DESYNC_KAFKA=%s: exit code %d, and %s", value, code, out.String())
		}
	}
}
