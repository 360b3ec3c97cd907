package release

import (
	"errors"
	"io/fs"
	"os"
	"path"

	"github.com/go-desync/go-desync/tools/internal/workspace"
)

// sum writes the hashes of released siblings into the go.sum of a module.
func (d *draft) sum(m *Module) error {
	var ours []string
	for _, sibling := range d.state.siblings(m) {
		version, ok := d.versions[sibling]
		if !ok {
			if version = sibling.Last; version == "" {
				continue // neither released nor in this release
			}
			if err := d.state.addTagged(d.proxy, sibling, version); err != nil {
				return err
			}
		}
		ours = append(ours, d.proxy.Sums(sibling.at(version))...)
	}
	name := d.name(m.Dir, "go.sum")
	before, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	after := workspace.WithSums(string(before), ours)
	if after == string(before) {
		return nil
	}
	if before == nil {
		d.files = append(d.files, path.Join(m.Dir, "go.sum"))
	}
	return os.WriteFile(name, []byte(after), 0o666)
}
