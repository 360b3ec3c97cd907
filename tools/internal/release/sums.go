package release

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"

	"golang.org/x/mod/module"

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
	after := withSums(string(before), ours)
	if after == string(before) {
		return nil
	}
	if before == nil {
		d.files = append(d.files, path.Join(m.Dir, "go.sum"))
	}
	return os.WriteFile(name, []byte(after), 0o666)
}

// withSums puts lines in place of a go.sum's lines for modules of ours, in the
// order that the go command gives them.
func withSums(goSum string, ours []string) string {
	lines := make(map[module.Version]string)
	for _, line := range slices.Concat(slices.Collect(strings.Lines(goSum)), ours) {
		fields := strings.Fields(line)
		if len(fields) != 3 || strings.HasPrefix(line, workspace.Prefix+"/") && !slices.Contains(ours, line) {
			continue
		}
		lines[module.Version{Path: fields[0], Version: fields[1]}] = line
	}
	order := slices.Collect(maps.Keys(lines))
	module.Sort(order)
	var b strings.Builder
	for _, m := range order {
		b.WriteString(lines[m])
	}
	return b.String()
}
