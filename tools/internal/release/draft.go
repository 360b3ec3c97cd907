package release

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"

	"github.com/go-desync/go-desync/tools/internal/changelog"
	"github.com/go-desync/go-desync/tools/internal/consumer"
	"github.com/go-desync/go-desync/tools/internal/workspace"
)

// A draft is a copy of the tree in which new versions are written, packed and
// proved, so that the tree itself changes only when all of it has succeeded.
type draft struct {
	state    *State
	root     string
	files    []string
	versions map[*Module]string // the new ones
	proxy    *consumer.Proxy
}

// newDraft copies the tree into the empty directory scratch.
func (s *State) newDraft(ctx context.Context, scratch string, versions map[*Module]string) (*draft, error) {
	d := &draft{
		state: s, root: filepath.Join(scratch, "tree"), versions: versions,
		proxy: consumer.NewProxy(filepath.Join(scratch, "proxy")),
	}
	var err error
	if d.files, err = s.Repo.files(ctx); err != nil {
		return nil, err
	}
	for _, name := range d.files {
		if err := copyFile(d.name(name), filepath.Join(s.Repo.Root, filepath.FromSlash(name))); err != nil {
			return nil, err
		}
	}
	return d, nil
}

func copyFile(to, from string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
		return err
	}
	return os.WriteFile(to, data, 0o666)
}

func (d *draft) name(elem ...string) string {
	return filepath.Join(d.root, filepath.FromSlash(path.Join(elem...)))
}

// require writes the new versions into go.work and every go.mod. With a date,
// it adds this to the changelogs and moves their unreleased entries to the
// version.
func (d *draft) require(date *time.Time) error {
	for _, m := range d.state.Modules {
		moved, err := d.requireIn(m)
		if err != nil {
			return err
		}
		if date == nil {
			continue
		}
		err = edit(d.name(m.Dir, "CHANGELOG.md"), func(data []byte) ([]byte, error) {
			for _, r := range slices.Backward(moved) { // each goes above the last
				log, err := changelog.Parse(data)
				if err != nil {
					return nil, err
				}
				data = log.Require(strings.TrimPrefix(r.Path, workspace.Prefix+"/"), r.Version)
			}
			if version, ok := d.versions[m]; ok {
				log, err := changelog.Parse(data)
				if err != nil {
					return nil, err
				}
				data = log.Release(version, *date)
			}
			return data, nil
		})
		if err != nil {
			return err
		}
	}
	return edit(d.name("go.work"), func(data []byte) ([]byte, error) {
		f, err := modfile.ParseWork("go.work", data, nil)
		if err != nil {
			return nil, err
		}
		for _, r := range slices.Clone(f.Replace) {
			for m, version := range d.versions {
				if r.Old.Path != m.path() || r.Old.Version == version {
					continue
				}
				to := r.New.Path
				if err := f.DropReplace(r.Old.Path, r.Old.Version); err != nil {
					return nil, err
				}
				if err := f.AddReplace(m.path(), version, to, ""); err != nil {
					return nil, err
				}
			}
		}
		f.SortBlocks()
		f.Cleanup()
		return modfile.Format(f.Syntax), nil
	})
}

// requireIn edits the go.mod of a module and returns the requirements that it
// raised.
func (d *draft) requireIn(m *Module) (moved []module.Version, err error) {
	err = edit(d.name(m.Dir, "go.mod"), func(data []byte) ([]byte, error) {
		f, err := modfile.Parse("go.mod", data, nil)
		if err != nil {
			return nil, err
		}
		for _, sibling := range d.state.siblings(m) {
			version, ok := d.versions[sibling]
			if !ok || slices.ContainsFunc(f.Require, func(r *modfile.Require) bool { return r.Mod == sibling.at(version) }) {
				continue
			}
			if err := f.AddRequire(sibling.path(), version); err != nil {
				return nil, err
			}
			moved = append(moved, sibling.at(version))
		}
		if len(moved) == 0 {
			return data, nil
		}
		return f.Format()
	})
	return moved, err
}

func edit(name string, change func([]byte) ([]byte, error)) error {
	before, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	after, err := change(before)
	if err != nil || bytes.Equal(before, after) {
		return err
	}
	return os.WriteFile(name, after, 0o666)
}

// pack packs the new versions. It packs a module after the modules that it
// requires, and first writes their hashes into its go.sum. Other siblings are
// packed as tagged.
func (d *draft) pack(ctx context.Context) error {
	for _, m := range d.state.Modules {
		if err := d.sum(m); err != nil {
			return err
		}
		if version, ok := d.versions[m]; ok {
			if err := d.proxy.Add(ctx, m.at(version), d.root, m.Dir); err != nil {
				return err
			}
		}
	}
	return nil
}

// changed returns the files that differ from those of the tree.
func (d *draft) changed() (names []string, err error) {
	for _, name := range d.files {
		before, err := os.ReadFile(filepath.Join(d.state.Repo.Root, filepath.FromSlash(name)))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		after, err := os.ReadFile(d.name(name))
		if err != nil {
			return nil, err
		}
		if !bytes.Equal(before, after) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}
