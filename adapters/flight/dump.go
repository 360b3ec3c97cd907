package flight

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime/trace"
	"slices"
	"time"
)

// A dumper writes dumps, each a folder that gets its name when it is complete.
type dumper struct {
	last time.Time // when it last tried
}

const (
	betweenDumps = time.Minute
	maxDumps     = 10
	// A folder without its final name that is older than this is of a process that has died.
	abandonedAfter = time.Hour
)

var dumpFiles = []string{"stacks.txt", "timeline.html", "trace.json", "runtime.trace"}

// dump makes a folder in dir and returns its path, or "" if the last one is too recent. What
// can be written is, even if some cannot; then there are both a path and an error.
func (d *dumper) dump(dir string, s *Snapshot, stacks []byte, t *trace.FlightRecorder, now time.Time) (path string, err error) {
	if !d.last.IsZero() && now.Sub(d.last) < betweenDumps {
		return "", nil
	}
	d.last = now
	defer func() {
		if err != nil {
			err = fmt.Errorf("flight: a dump in %s: %w", dir, err)
		}
	}()

	temp, err := os.MkdirTemp(dir, ".desync-")
	if err != nil {
		return "", err
	}
	var errs []error
	written := 0
	write := func(name string, f func(io.Writer) error) {
		if err := writeFile(filepath.Join(temp, name), f); err != nil {
			errs = append(errs, err)
		} else {
			written++
		}
	}
	if len(stacks) > 0 {
		write("stacks.txt", func(w io.Writer) error { _, err := w.Write(stacks); return err })
	}
	write("timeline.html", s.WriteHTML)
	write("trace.json", s.WriteChrome)
	if t != nil && t.Enabled() {
		write("runtime.trace", func(w io.Writer) error { _, err := t.WriteTo(w); return err })
	}
	if written == 0 {
		removeDump(temp)
		return "", errors.Join(errs...)
	}
	path, err = rename(temp, filepath.Join(dir, "desync-"+s.Taken.UTC().Format("20060102T150405.000")))
	if err != nil {
		removeDump(temp)
		return "", errors.Join(append(errs, err)...)
	}
	errs = append(errs, removeOld(dir, now))
	return path, errors.Join(errs...)
}

// writeFile leaves no file that is not complete.
func writeFile(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	err = cmp.Or(write(f), f.Close()) // Close once more does no harm
	if err != nil {
		f.Close()
		os.Remove(path)
	}
	return err
}

// rename gives a folder a name that none has, also beside other processes.
func rename(temp, name string) (path string, err error) {
	path = fmt.Sprintf("%s-%d", name, os.Getpid())
	for i := 2; ; i++ {
		if _, err := os.Lstat(path); errors.Is(err, os.ErrNotExist) {
			return path, os.Rename(temp, path)
		} else if err != nil {
			return "", err
		}
		path = fmt.Sprintf("%s-%d-%d", name, os.Getpid(), i)
	}
}

var dumpName = regexp.MustCompile(`^desync-\d{8}T\d{6}\.\d{3}-\d+(-\d+)?$`)

// removeOld removes the oldest dumps beyond the last 10, and what processes that have died
// have left.
func removeOld(dir string, now time.Time) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var errs []error
	var dumps []string
	for _, e := range entries {
		name := e.Name()
		switch {
		case !e.IsDir():
		case dumpName.MatchString(name):
			dumps = append(dumps, name)
		case isTemp(name):
			if info, err := e.Info(); err == nil && now.Sub(info.ModTime()) > abandonedAfter {
				errs = append(errs, removeDump(filepath.Join(dir, name)))
			}
		}
	}
	slices.Sort(dumps) // by their times
	for _, name := range dumps[:max(len(dumps)-maxDumps, 0)] {
		errs = append(errs, removeDump(filepath.Join(dir, name)))
	}
	return errors.Join(errs...)
}

func isTemp(name string) bool {
	matched, _ := filepath.Match(".desync-*", name)
	return matched
}

// removeDump removes the files of a dump, and the folder if nobody else has put one there.
func removeDump(path string) error {
	for _, name := range dumpFiles {
		if err := os.Remove(filepath.Join(path, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	os.Remove(path)
	return nil
}
