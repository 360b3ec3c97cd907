// Package checklist checks that every package of adapters has what CONTRIBUTING.md
// requires: documentation that shows the code that one would write by hand, Examples,
// a test that no goroutine is left, a test of the order, and a place in README.md and
// CHANGELOG.md.
package checklist

import (
	"go/ast"
	"go/doc"
	"go/doc/comment"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/go-desync/go-desync/tools/internal/workspace"
)

// root is the directory of the adapters.
const root = "adapters"

// An adapter is one package of adapters.
type adapter struct {
	name    string // relative to the root
	sources []*workspace.Source
	module  *workspace.Module
	tree    *workspace.Tree
	faults  []workspace.Fault
}

// Check returns a fault for each thing that an adapter of a workspace lacks, in the
// order of the packages. Packages below internal and examples are not adapters.
func Check(t *workspace.Tree) (faults []workspace.Fault) {
	for _, m := range t.Modules {
		if m.Dir != root && !strings.HasPrefix(m.Dir, root+"/") {
			continue
		}
		dirs := m.Libraries()
		slices.Sort(dirs)
		for _, dir := range dirs {
			a := &adapter{name: strings.TrimPrefix(path.Join(m.Dir, dir), root+"/"), module: m, tree: t}
			if slices.Contains(strings.Split(a.name, "/"), "examples") {
				continue
			}
			for _, s := range m.Sources {
				if path.Dir(s.Name) == path.Join(root, a.name) {
					a.sources = append(a.sources, s)
				}
			}
			a.check()
			faults = append(faults, a.faults...)
		}
	}
	return faults
}

func (a *adapter) check() {
	comment := a.checkDoc()
	a.checkExamples()
	if !a.testsUse("goleak", "VerifyTestMain", "TestMain") {
		a.fault("", "no TestMain looks for goroutines that are left",
			"add to a test file: func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }")
	}
	if !a.testsUse("bridge", "Check", "") && !noOrder.MatchString(comment) {
		a.fault("", "no test judges the order",
			`call Check of conformance/bridge in one, or say why not in the package comment, in a paragraph "Order does not apply: reason"`)
	}
	a.checkPlaces()
}

// noOrder matches the line of a package comment that says that there is no order to
// check.
var noOrder = regexp.MustCompile(`(?m)^Order does not apply: \S`)

// fault adds a fault in a file of the adapter, or in its directory.
func (a *adapter) fault(file, problem, fix string) {
	a.faults = append(a.faults, workspace.Fault{File: path.Join(root, a.name, file), Problem: problem, Fix: fix})
}

// checkDoc judges the package comment in doc.go and returns its text.
func (a *adapter) checkDoc() (text string) {
	const file = "doc.go"
	for _, s := range a.sources {
		if path.Base(s.Name) == file {
			text = s.AST.Doc.Text()
		}
	}
	if text == "" {
		a.fault(file, "no package comment", "say there what the package bridges, and how")
		return ""
	}
	_, byHand, found := strings.Cut(text, "\n# By hand\n")
	byHand, _, _ = strings.Cut(byHand, "\n# ")
	switch {
	case !found:
		a.fault(file, `the package comment has no heading "# By hand"`,
			"add one, with the code that one would write without the package, and what it gets wrong")
	case !hasCode(byHand):
		a.fault(file, `the package comment shows no code under "# By hand"`,
			"add there, indented, the code that one would write without the package")
	case !strings.Contains(byHand, "wrong"):
		a.fault(file, "the package comment does not say what the code by hand gets wrong",
			`list it below that code, under words such as "What this gets wrong"`)
	}
	return text
}

// hasCode reports whether a piece of a doc comment has an indented block of code.
func hasCode(text string) bool {
	var p comment.Parser
	return slices.ContainsFunc(p.Parse(text).Content, func(b comment.Block) bool {
		_, ok := b.(*comment.Code)
		return ok
	})
}

// checkExamples checks that each exported type and function has an Example with an
// output.
func (a *adapter) checkExamples() {
	var files []*ast.File
	for _, s := range a.sources {
		files = append(files, s.AST)
	}
	// With these modes it leaves the files as they are.
	pkg, err := doc.NewFromFiles(a.tree.Files, files, workspace.Prefix+"/"+root+"/"+a.name, doc.AllDecls|doc.PreserveAST)
	if err != nil {
		a.fault("", "its Examples cannot be read: "+err.Error(), "name them as go doc Example says")
		return
	}
	funcs := pkg.Funcs
	for _, t := range pkg.Types {
		examples := t.Examples
		for _, m := range t.Methods {
			examples = append(examples, m.Examples...)
		}
		a.checkExample("type", t.Name, examples)
		funcs = append(funcs, t.Funcs...)
	}
	for _, f := range funcs {
		a.checkExample("function", f.Name, f.Examples)
	}
}

func (a *adapter) checkExample(kind, name string, examples []*doc.Example) {
	switch {
	case !ast.IsExported(name) || slices.ContainsFunc(examples, checked):
	case kind == "type" && slices.ContainsFunc(a.nestedExamples(), func(e *doc.Example) bool {
		return checked(e) && strings.EqualFold(strings.TrimPrefix(e.Name, "_"), name)
	}):
	case len(examples) > 0:
		a.fault("", "the Example of the "+kind+" "+name+" is not run", `add a comment "// Output:" with what it prints`)
	default:
		a.fault("", "the exported "+kind+" "+name+" has no Example", "write func Example"+name+", with a comment // Output:")
	}
}

func checked(e *doc.Example) bool { return e.Output != "" || e.EmptyOutput }

// nestedExamples returns those in modules below the adapter's: of what cannot be shown without
// a requirement that the adapter must not have. They are named Example_type.
func (a *adapter) nestedExamples() (all []*doc.Example) {
	for _, m := range a.tree.Modules {
		if !strings.HasPrefix(m.Dir, root+"/"+a.name+"/") {
			continue
		}
		for _, s := range m.Sources {
			if s.Test {
				all = append(all, doc.Examples(s.AST)...)
			}
		}
	}
	return all
}

// testsUse reports whether the tests use the function name of the package pkg:
// anywhere, or only in the function called in.
func (a *adapter) testsUse(pkg, name, in string) (found bool) {
	for _, s := range a.sources {
		for _, decl := range s.AST.Decls {
			if f, ok := decl.(*ast.FuncDecl); !s.Test || !ok || in != "" && f.Name.Name != in {
				continue
			}
			ast.Inspect(decl, func(n ast.Node) bool {
				if sel, ok := n.(*ast.SelectorExpr); ok && sel.Sel.Name == name {
					id, ok := sel.X.(*ast.Ident)
					found = found || ok && id.Name == pkg
				}
				return true
			})
		}
	}
	return found
}

// checkPlaces looks for the adapter in the README.md of all adapters and in the
// CHANGELOG.md of its module.
func (a *adapter) checkPlaces() {
	quoted := "`" + a.name + "`"
	var readme []byte
	if m := a.tree.Module(root); m != nil {
		readme = m.Others["README.md"]
	}
	if row := regexp.MustCompile(`(?m)^\| *` + regexp.QuoteMeta(quoted) + ` *\| *[^ |]`); !row.Match(readme) {
		a.faults = append(a.faults, workspace.Fault{
			File: root + "/README.md", Problem: "the table has no row for " + a.name,
			Fix: "add | " + quoted + " | what it bridges |",
		})
	}
	if a.module.Dir == root && !strings.Contains(string(a.module.Others["CHANGELOG.md"]), quoted) {
		a.faults = append(a.faults, workspace.Fault{
			File: root + "/CHANGELOG.md", Problem: "it does not mention " + a.name,
			Fix: "add to Unreleased: - Package " + quoted + ", which does what",
		})
	}
}
