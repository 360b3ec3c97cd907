package workspace

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
)

// language is the go line of every go.mod and of go.work. With a patch release in this
// line, older patch releases of the same language would be refused.
const language = "1.27"

// outsideWork reports whether the module in dir stays out of go.work: the
// linters' requirements must not raise those of the other modules.
func outsideWork(dir string) bool {
	return dir == "tools/lint" || strings.HasPrefix(dir, "tools/lint/")
}

// adder returns a function that adds faults of a file: in a line or, if line is nil, in
// the whole file.
func adder(file string, faults *[]Fault) func(line *modfile.Line, problem, fix string) {
	return func(line *modfile.Line, problem, fix string) {
		f := Fault{File: file, Problem: problem, Fix: fix}
		if line != nil {
			f.Line = line.Start.Line
		}
		*faults = append(*faults, f)
	}
}

// checkGo judges the go line of a go.mod or of go.work.
func checkGo(g *modfile.Go, add func(line *modfile.Line, problem, fix string)) {
	switch {
	case g == nil:
		add(nil, "no go line", "write go "+language)
	case g.Version != language:
		add(g.Syntax, "the go line says "+g.Version, "write go "+language)
	}
}

// checkMod judges one go.mod and the go.sum beside it.
func checkMod(t *Tree, m *Module) (faults []Fault) {
	add := adder(path.Join(m.Dir, "go.mod"), &faults)
	if want := Prefix + "/" + m.Dir; m.Mod.Module.Mod.Path != want {
		add(m.Mod.Module.Syntax, "the module is called "+m.Mod.Module.Mod.Path, "call it "+want)
	}
	checkGo(m.Mod.Go, add)
	if m.Mod.Toolchain != nil {
		add(m.Mod.Toolchain.Syntax, "a toolchain line chooses the consumer's toolchain", "drop it")
	}
	for _, r := range m.Mod.Replace {
		add(r.Syntax, "a replace works for this repository alone", "drop it; go.work maps the siblings")
	}
	for _, r := range m.Mod.Require {
		if _, ours := siblingDir(r.Mod.Path); !ours {
			continue
		}
		if problem, fix := unmapped(t, r.Mod.Path, r.Mod.Version); problem != "" {
			add(r.Syntax, problem, fix)
		}
	}
	return append(faults, checkSums(t, m)...)
}

// unmapped returns the problem and the fix if go.work does not map the required
// version.
func unmapped(t *Tree, modulePath, version string) (problem, fix string) {
	var mapped []string
	for _, r := range t.Work.Replace {
		if r.Old.Path == modulePath && r.Old.Version != "" {
			mapped = append(mapped, r.Old.Version)
		}
	}
	dir, _ := siblingDir(modulePath)
	switch {
	case slices.Contains(mapped, version):
		return "", ""
	case len(mapped) == 0:
		return fmt.Sprintf("requires %s %s, which go.work does not map", dir, version),
			fmt.Sprintf("add to go.work: replace %s %s => ./%s", modulePath, version, dir)
	}
	return fmt.Sprintf("requires %s %s, but go.work maps %s", dir, version, strings.Join(mapped, ", ")),
		"name one version in both"
}

// checkWork judges go.work and go.work.sum.
func checkWork(t *Tree) (faults []Fault) {
	add := adder("go.work", &faults)
	checkGo(t.Work.Go, add)
	if t.Work.Toolchain != nil {
		add(t.Work.Toolchain.Syntax, "the toolchain line", "drop it; the Makefile names the toolchain")
	}

	used := make(map[string]bool)
	for _, u := range t.Work.Use {
		dir := path.Clean(u.Path)
		used[dir] = true
		switch {
		case outsideWork(dir):
			add(u.Syntax, "uses "+dir+", whose requirements must not reach the other modules", "drop the line")
		case t.Module(dir) == nil:
			add(u.Syntax, "uses "+dir+", which has no go.mod", "drop the line")
		}
	}
	for _, m := range t.Modules {
		if !used[m.Dir] && !outsideWork(m.Dir) {
			add(nil, "does not use "+m.Dir, "add ./"+m.Dir+" to the use lines")
		}
	}

	for _, r := range t.Work.Replace {
		dir, ours := siblingDir(r.Old.Path)
		switch {
		case !ours:
			add(r.Syntax, "replaces "+r.Old.Path+", which is no module of this workspace", "drop the line: consumers do not have it")
		case r.Old.Version == "":
			add(r.Syntax, "replaces every version of "+dir, "name the version that the go.mod files require")
		case t.Module(dir) == nil || path.Clean(r.New.Path) != dir:
			add(r.Syntax, "maps "+dir+" to "+r.New.Path, "map it to its own directory, ./"+dir)
		}
	}
	// go.work.sum holds no hash of a module that go.work maps, released or not.
	return append(faults, siblingSums("go.work.sum", t.WorkSum, func(string) string { return "" })...)
}

// checkCompanions judges the files that every module is published with.
func checkCompanions(t *Tree, m *Module) (faults []Fault) {
	for _, name := range []string{"README.md", "CHANGELOG.md"} {
		if len(bytes.TrimSpace(m.Others[name])) == 0 {
			faults = append(faults, Fault{File: path.Join(m.Dir, name), Problem: "missing or empty", Fix: "write it"})
		}
	}
	license := path.Join(m.Dir, "LICENSE")
	switch {
	case t.License == nil:
		faults = append(faults, Fault{File: "LICENSE", Problem: "missing at the root", Fix: "add it"})
	case m.Others["LICENSE"] == nil:
		faults = append(faults, Fault{File: license, Problem: "missing", Fix: "copy the LICENSE of the root"})
	case !bytes.Equal(m.Others["LICENSE"], t.License):
		faults = append(faults, Fault{File: license, Problem: "differs from the LICENSE of the root", Fix: "copy that one"})
	}
	return faults
}
