package command

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/go-desync/go-desync/conformance"
	"github.com/go-desync/go-desync/conformance/desync-conform/internal/output"
	"github.com/go-desync/go-desync/conformance/history"
)

// outputs are the files of the reports. They are opened, and emptied, before the
// long run: a report that cannot be written is not found out at its end, and what
// an earlier run left never passes for the report of one that was killed.
type outputs struct {
	files []*os.File
	forms []func(io.Writer, []*conformance.Report) error
}

// reportFlags say which reports of a check are written.
type reportFlags struct {
	JSON      string `name:"json" placeholder:"FILE" help:"Write the reports as a JSON array to the file."`
	JUnit     string `name:"junit" placeholder:"FILE" help:"Write the reports as JUnit XML to the file."`
	Markdown  string `placeholder:"FILE" help:"Write the reports as Markdown to the file."`
	Cells     string `placeholder:"FILE" help:"Draw there, as SVG, how many cells of the table of cells were played: each call in each state."`
	Histories string `placeholder:"DIR" help:"Save the histories of failures there, for recheck and replay."`
	HTML      string `name:"html" placeholder:"DIR" help:"Draw the histories of failures there, as pages. They are saved there too, unless --histories names another place."`
}

func (c *reportFlags) open() (o *outputs, err error) {
	o = new(outputs)
	defer func() {
		if err != nil {
			o.close()
		}
	}()
	for _, out := range []struct {
		flag, name string
		form       func(io.Writer, []*conformance.Report) error
	}{
		{"--json", c.JSON, output.JSON},
		{"--junit", c.JUnit, output.JUnit},
		{"--markdown", c.Markdown, output.Markdown},
		{"--cells", c.Cells, output.Cells},
	} {
		if out.name == "" {
			continue
		}
		f, err := create(out.flag, out.name)
		if err != nil {
			return o, err
		}
		o.files, o.forms = append(o.files, f), append(o.forms, out.form)
		if err := o.distinct(out.flag, f); err != nil {
			return o, err
		}
	}
	for _, dir := range []struct{ flag, name string }{{"--html", c.HTML}, {"--histories", c.Histories}} {
		if dir.name == "" {
			continue
		}
		if err := writableDir(dir.name); err != nil {
			return o, fmt.Errorf("%s: %w", dir.flag, err)
		}
	}
	return o, nil
}

// create opens a file for writing, and empties it.
func create(flag, name string) (*os.File, error) { return open(flag, name, os.O_TRUNC) }

// openKept opens a file for writing, and keeps what is in it.
func openKept(flag, name string) (*os.File, error) { return open(flag, name, 0) }

func open(flag, name string, mode int) (*os.File, error) {
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return nil, fmt.Errorf("%s: %s is a directory; name a file", flag, name)
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|mode, 0o666)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: the directory of %s does not exist", flag, name)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", flag, err)
	}
	return f, nil
}

// distinct returns an error if the last file is one of the others.
func (o *outputs) distinct(flag string, last *os.File) error {
	info, err := last.Stat()
	if err != nil {
		return fmt.Errorf("%s: %w", flag, err)
	}
	for _, f := range o.files[:len(o.files)-1] {
		other, err := f.Stat()
		if err == nil && info.Mode().IsRegular() && os.SameFile(info, other) {
			return fmt.Errorf("%s: %s is the file of another report", flag, last.Name())
		}
	}
	return nil
}

// writableDir makes a directory if it is not there, and tries to write in it.
func writableDir(dir string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".writable-*")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// write writes each report file at once, and whole or not at all.
func (o *outputs) write(reports []*conformance.Report) (errs []error) {
	for i, f := range o.files {
		var b bytes.Buffer
		err := o.forms[i](&b, reports)
		if err == nil {
			_, err = f.Write(b.Bytes())
		}
		err = errors.Join(err, f.Close())
		if err != nil {
			_ = os.Truncate(f.Name(), 0)
			errs = append(errs, fmt.Errorf("the report could not be written: %w", err))
		}
	}
	o.files = nil
	return errs
}

func (o *outputs) close() {
	for _, f := range o.files {
		f.Close()
	}
}

// historiesOf returns the directory of a subject's histories, or "".
func (c *reportFlags) historiesOf(name string) string {
	dir := c.Histories
	if dir == "" {
		dir = c.HTML
	}
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, filepath.FromSlash(name))
}

// pages draws the histories of a report's failures.
func (c *reportFlags) pages(subject string, r *conformance.Report) error {
	if c.HTML == "" {
		return nil
	}
	for _, rule := range r.Rules {
		for _, res := range rule.Cases {
			if res.Failure == nil || res.Failure.File == "" {
				continue
			}
			name := filepath.Base(res.Failure.File)
			page := filepath.Join(c.HTML, filepath.FromSlash(subject), name[:len(name)-len(filepath.Ext(name))]+".html")
			// The history is not in the report if a child process ran the case.
			h, err := load(res.Failure.File)
			if err == nil {
				err = writePage(page, h)
			}
			if err != nil {
				return fmt.Errorf("the history of %s could not be drawn: %w", res.Case, err)
			}
		}
	}
	return nil
}

func writePage(file string, h *history.History) error {
	var b bytes.Buffer
	if err := history.WriteHTML(&b, h); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		return err
	}
	return os.WriteFile(file, b.Bytes(), 0o666)
}

// load reads a history from a file, and says what is wrong with one that it
// cannot read.
func load(name string) (*history.History, error) {
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s does not exist; name a file that run --histories saved", name)
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, fmt.Errorf("%s is a directory; name a file in it", name)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return loadFrom(name, f)
}

func loadFrom(name string, r io.Reader) (*history.History, error) {
	h, err := history.Load(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w; %s", name, err, advice(err))
	}
	return h, nil
}

func advice(err error) string {
	switch {
	case errors.Is(err, history.ErrTruncated):
		return "it was not saved to its end, or not copied whole: make it again"
	case errors.Is(err, history.ErrCorrupt):
		return "it was changed or damaged: make it again"
	case errors.Is(err, history.ErrFormat):
		return "name a file that run --histories of this version saved"
	}
	return "name a file that can be read"
}
