package workspace

import (
	"bytes"
	"fmt"
	"path"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/go-desync/go-desync/tools/internal/changelog"
)

// Changelog returns the module's parsed CHANGELOG.md.
func (m *Module) Changelog() (*changelog.Log, error) {
	return changelog.Parse(m.Others["CHANGELOG.md"])
}

// latest returns the newest version in the changelog of a module, or "" if the
// module has no release or its changelog cannot be read.
func (t *Tree) latest(dir string) string {
	m := t.Module(dir)
	if m == nil {
		return ""
	}
	log, err := m.Changelog()
	if err != nil {
		return ""
	}
	return log.Latest()
}

// checkVersions checks the changelogs, and finds places that still name an
// older version of a module than its changelog.
func checkVersions(t *Tree) (faults []Fault) {
	behind := func(file string, line *modfile.Line, says, dir, version string) {
		if latest := t.latest(dir); latest != "" && latest != version {
			faults = append(faults, Fault{
				File: file, Line: line.Start.Line,
				Problem: fmt.Sprintf("%s %s %s, but its newest version is %s", says, dir, version, latest),
				Fix:     "write " + latest,
			})
		}
	}
	for _, m := range t.Modules {
		if _, err := m.Changelog(); err != nil && len(bytes.TrimSpace(m.Others["CHANGELOG.md"])) > 0 {
			faults = append(faults, Fault{
				File: path.Join(m.Dir, "CHANGELOG.md"), Problem: err.Error(), Fix: "see the package internal/changelog of tools",
			})
		}
		for _, r := range m.Mod.Require {
			if dir, ours := siblingDir(r.Mod.Path); ours {
				behind(path.Join(m.Dir, "go.mod"), r.Syntax, "requires", dir, r.Mod.Version)
			}
		}
	}
	for _, r := range t.Work.Replace {
		if dir, ours := siblingDir(r.Old.Path); ours && r.Old.Version != "" {
			behind("go.work", r.Syntax, "maps", dir, r.Old.Version)
		}
	}
	return faults
}

// checkSums finds hashes of our modules that cannot be right: hashes of a
// version that has not been released, or of an older one than required.
func checkSums(t *Tree, m *Module) (faults []Fault) {
	name := path.Join(m.Dir, "go.sum")
	return siblingSums(name, m.Others["go.sum"], t.latest)
}

// siblingSums finds the hashes of our modules that are not of the latest
// version. A module without a release must have no hash.
func siblingSums(name string, data []byte, latest func(dir string) string) (faults []Fault) {
	line := 0
	for text := range strings.Lines(string(data)) {
		line++
		modulePath, rest, _ := strings.Cut(text, " ")
		if !within(modulePath, Prefix) {
			continue
		}
		version, _, _ := strings.Cut(rest, " ")
		version = strings.TrimSuffix(version, "/go.mod")
		dir, _ := siblingDir(modulePath)
		problem := "which may still change"
		switch newest := latest(dir); newest {
		case version:
			continue
		case "":
		default:
			problem = "whose newest version is " + newest
		}
		faults = append(faults, Fault{
			File: name, Line: line,
			Problem: fmt.Sprintf("holds a hash of %s, %s", modulePath, problem), Fix: "delete the line",
		})
	}
	return faults
}
