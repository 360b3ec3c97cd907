// Package kept keeps the results of runs in a directory, so that work of hours that was
// broken off goes on where it was.
package kept

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/go-desync/go-desync/conformance"
)

// Runs is a directory with the results of runs. A nil one keeps nothing.
type Runs struct{ dir string }

// result is the content of a file: a run that ended with a report, or did not.
type result struct {
	Report *conformance.Report `json:"report,omitempty"`
	Ended  string              `json:"ended,omitempty"` // why there is no report
}

// Open opens the directory, and makes it if there is none. What says all that the results
// rest on, in a line; results that rest on something else are refused.
func Open(dir, what string) (*Runs, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	note := filepath.Join(dir, "runs.txt")
	switch is, err := os.ReadFile(note); {
	case errors.Is(err, fs.ErrNotExist):
		return &Runs{dir}, os.WriteFile(note, []byte(what+"\n"), 0o644)
	case err != nil:
		return nil, err
	case string(is) != what+"\n":
		return nil, fmt.Errorf("%s has runs of something else; name an empty directory, or none:\nthere: %shere:  %s", dir, is, what)
	}
	return &Runs{dir}, nil
}

// Once returns the result that is kept for a run, or makes the run and keeps its result.
// What was broken off is not kept.
func (k *Runs) Once(ctx context.Context, name string, run func() (*conformance.Report, error)) (*conformance.Report, error) {
	if k == nil {
		return run()
	}
	file := filepath.Join(k.dir, name+".json")
	if data, err := os.ReadFile(file); err == nil {
		var kept result
		if err := json.Unmarshal(data, &kept); err != nil {
			return nil, fmt.Errorf("%s: %w; remove it to make the run again", file, err)
		}
		if kept.Ended != "" {
			return nil, errors.New(kept.Ended)
		}
		return kept.Report, nil
	}
	report, err := run()
	if ctx.Err() != nil {
		return report, err
	}
	kept := result{Report: report}
	if err != nil {
		kept = result{Ended: err.Error()}
	}
	data, failed := json.Marshal(kept)
	if failed == nil {
		part := file + ".part"
		failed = errors.Join(os.WriteFile(part, data, 0o644), os.Rename(part, file))
	}
	return report, errors.Join(err, failed)
}

// Sum returns a short sum of a file, for what the results rest on: none for no file.
func Sum(file string) (string, error) {
	if file == "" {
		return "none", nil
	}
	data, err := os.ReadFile(file)
	return fmt.Sprintf("%.8x", sha256.Sum256(data)), err
}
