package kept

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-desync/go-desync/conformance"
)

// opened opens a directory of runs.
func opened(t *testing.T, dir, what string) *Runs {
	t.Helper()
	k, err := Open(dir, what)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// want checks the text of an error.
func want(t *testing.T, err error, text string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), text) {
		t.Errorf("the error is %v, want %q", err, text)
	}
}

func TestKeptRunsAreNotMadeAgain(t *testing.T) {
	dir := t.TempDir()
	made := 0
	good := func() (*conformance.Report, error) { made++; return &conformance.Report{Seed: 7}, nil }
	bad := func() (*conformance.Report, error) { made++; return nil, errors.New("the run ended: killed") }
	for range 2 {
		k := opened(t, dir, "program a")
		if report, err := k.Once(t.Context(), "polled-7", good); err != nil || report.Seed != 7 {
			t.Errorf("the report is %v, %v", report, err)
		}
		if _, err := k.Once(t.Context(), "polled-8", bad); err == nil || err.Error() != "the run ended: killed" {
			t.Errorf("a run without a report ended with %v", err)
		}
	}
	if made != 2 {
		t.Errorf("%d runs were made, not 2", made)
	}
	_, err := Open(dir, "program b")
	want(t, err, "has runs of something else; name an empty directory, or none:\nthere: program a\nhere:  program b")
}

func TestKeptRunsThatWereBrokenOffAreMadeAgain(t *testing.T) {
	k := opened(t, t.TempDir(), "")
	ctx, stop := context.WithCancel(t.Context())
	if _, err := k.Once(ctx, "chain-1", func() (*conformance.Report, error) { stop(); return nil, ctx.Err() }); !errors.Is(err, context.Canceled) {
		t.Errorf("a run that was broken off: %v", err)
	}
	if report, err := k.Once(t.Context(), "chain-1", func() (*conformance.Report, error) { return new(conformance.Report), nil }); err != nil || report == nil {
		t.Errorf("made again: %v, %v", report, err)
	}
}

func TestKeptRunThatCannotBeRead(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "chain-1.json"), []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := opened(t, dir, "").Once(t.Context(), "chain-1", nil)
	want(t, err, "chain-1.json: unexpected end of JSON input; remove it to make the run again")
}
