package workspace

import (
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// An edit appends text to a file, or replaces old in it by text.
type edit struct{ file, old, text string }

func TestFaults(t *testing.T) {
	const remove = "\x00"
	tests := []struct {
		name  string
		edits []edit
		want  []string
	}{
		// Arrows.
		{"desync imports adapters", []edit{
			{"desync/desync.go", "", `import _ "` + Prefix + `/adapters/pipe"` + "\n"},
		}, []string{
			"desync/desync.go:3: imports " + Prefix + "/adapters/pipe, but desync may import futures only",
		}},
		{"a test of futures imports desync", []edit{
			{"futures/future_test.go", "", importing("futures_test", Prefix+"/desync")},
		}, []string{
			"futures/future_test.go:2: imports " + Prefix + "/desync, but futures may import no other module of the workspace",
		}},
		{"a file behind a build tag counts", []edit{
			{"conformance/plan9.go", "", "//go:build plan9\n\n" + importing("conformance", Prefix+"/futures")},
		}, []string{
			"conformance/plan9.go:4: imports " + Prefix + "/futures, but conformance may import no other module of the workspace",
		}},
		{"subjects imports futures, which it reaches through desync only", []edit{
			{"conformance/subjects/desync.go", "", `import _ "` + Prefix + `/futures"` + "\n"},
		}, []string{
			"conformance/subjects/desync.go:4: imports " + Prefix + "/futures, but conformance/subjects may import conformance, conformance/desync-conform, desync, adapters only",
		}},
		{"adapters imports one of its engines", []edit{
			{"adapters/pipe/pipe.go", "", `import _ "` + Prefix + `/adapters/nats"` + "\n"},
		}, []string{
			"adapters/pipe/pipe.go:5: imports " + Prefix + "/adapters/nats, but adapters may import desync, futures only",
		}},
		{"an engine imports tools", []edit{
			{"adapters/nats/nats.go", "", `import _ "` + Prefix + `/tools/cmd/demo"` + "\n"},
		}, []string{
			"adapters/nats/nats.go:4: imports " + Prefix + "/tools/cmd/demo, but adapters/nats may import adapters, desync, futures only",
		}},
		{"the examples of an engine import it, and tools", []edit{
			{"go.work", "use (", "use (\n\t./adapters/nats/examples"},
			{"go.work", "replace (", "replace (\n\t" + Prefix + "/adapters/nats v0.1.0 => ./adapters/nats"},
			{"adapters/nats/examples/go.mod", "", "module " + Prefix + "/adapters/nats/examples\n\ngo 1.27\n\nrequire " + Prefix + "/adapters/nats v0.1.0\n"},
			{"adapters/nats/examples/LICENSE", "", "the licence\n"},
			{"adapters/nats/examples/README.md", "", "# examples\n"},
			{"adapters/nats/examples/CHANGELOG.md", "", "# Changelog\n\n## Unreleased\n"},
			{"adapters/nats/examples/a_test.go", "", importing("examples", Prefix+"/adapters/nats", Prefix+"/tools/cmd/demo")},
		}, []string{
			"adapters/nats/examples/a_test.go:3: imports " + Prefix + "/tools/cmd/demo, but adapters/nats/examples may import adapters, adapters/*, desync, futures only",
		}},
		{"lint imports desync", []edit{
			{"tools/lint/lint.go", "", importing("lint", Prefix+"/desync")},
		}, []string{
			"tools/lint/lint.go:2: imports " + Prefix + "/desync, but tools/lint may import no other module of the workspace",
		}},
		{"conformance needs more than goleak", []edit{
			{"conformance/suite.go", "", "import _ \"github.com/alecthomas/kong\"\n"},
		}, []string{
			"conformance/suite.go:3: imports github.com/alecthomas/kong, but conformance uses the standard library and go.uber.org/goleak only, outside of its tests",
		}},
		{"a test of adapters imports conformance", []edit{
			{"adapters/go.mod", "", "require " + Prefix + "/conformance v0.1.0\n"},
			{"adapters/pipe/pipe_test.go", "", importing("pipe", Prefix+"/conformance")},
		}, nil},
		{"adapters imports conformance outside of its tests", []edit{
			{"adapters/go.mod", "", "require " + Prefix + "/conformance v0.1.0\n"},
			{"adapters/pipe/pipe.go", "", `import _ "` + Prefix + `/conformance"` + "\n"},
		}, []string{
			"adapters/pipe/pipe.go:5: imports " + Prefix + "/conformance, but adapters may import desync, futures only",
		}},
		{"a requirement against the arrows", []edit{
			{"conformance/go.mod", "", "require " + Prefix + "/futures v0.1.0 // indirect\n"},
		}, []string{
			"conformance/go.mod:9: requires futures, but conformance may import no other module of the workspace",
		}},
		{"a direct requirement where only an indirect one is due", []edit{
			{"conformance/subjects/go.mod", " // indirect", ""},
		}, []string{
			"conformance/subjects/go.mod:8: requires futures, but conformance/subjects may import conformance, conformance/desync-conform, desync, adapters only",
		}},
		{"a missing requirement", []edit{
			{"desync/go.mod", "require " + Prefix + "/futures v0.1.0\n", ""},
		}, []string{
			"desync/desync.go:2: imports " + Prefix + "/futures, but desync/go.mod does not require it: this builds in the workspace only",
		}},
		{"an import of nothing", []edit{
			{"tools/cmd/demo/main.go", "", `import _ "` + Prefix + `/future"` + "\n"},
		}, []string{
			"tools/cmd/demo/main.go:3: imports " + Prefix + "/future, which no module here provides",
		}},
		{"an import that begins like that of a sibling", []edit{
			{"desync/desync.go", "", `import _ "` + Prefix + `/futures2"` + "\n"},
		}, []string{
			"desync/desync.go:3: imports " + Prefix + "/futures2, which no module here provides",
		}},
		{"an unknown module", []edit{
			{"go.work", "use (", "use (\n\t./extra"},
			{"extra/go.mod", "", "module " + Prefix + "/extra\n\ngo 1.27\n"},
			{"extra/LICENSE", "", "the licence\n"},
			{"extra/README.md", "", "# extra\n"},
			{"extra/CHANGELOG.md", "", "# Changelog\n\n## Unreleased\n"},
		}, []string{
			"extra/go.mod: the module is not in the list of arrows",
		}},

		// Third parties.
		{"desync requires a third party", []edit{
			{"desync/go.mod", "", "require go.uber.org/goleak v1.3.0\n"},
		}, []string{
			"desync/go.mod:6: requires go.uber.org/goleak, but desync has no third-party requirement",
		}},
		{"a test of futures imports a third party", []edit{
			{"futures/future_test.go", "", importing("futures_test", "testing", "golang.org/x/sync/errgroup")},
		}, []string{
			"futures/future_test.go:3: imports golang.org/x/sync/errgroup, but futures uses the standard library only, in its tests too",
		}},

		// go.mod and go.sum.
		{"the wrong module path", []edit{
			{"tools/lint/go.mod", "/tools/lint", "/lint"},
		}, []string{
			"tools/lint/go.mod:1: the module is called " + Prefix + "/lint",
		}},
		{"a patch release in the go line", []edit{
			{"futures/go.mod", "go 1.27", "go 1.27.0"},
		}, []string{
			"futures/go.mod:3: the go line says 1.27.0",
		}},
		{"no go line", []edit{
			{"futures/go.mod", "go 1.27", ""},
		}, []string{
			"futures/go.mod: no go line",
		}},
		{"a toolchain line and a replace", []edit{
			{"tools/go.mod", "", "toolchain go1.27.3\nreplace " + Prefix + "/desync => ../desync\n"},
		}, []string{
			"tools/go.mod:6: a toolchain line chooses the consumer's toolchain",
			"tools/go.mod:7: a replace works for this repository alone",
		}},
		{"a version that go.work does not map", []edit{
			{"tools/go.mod", "v0.1.0", "v0.2.0"},
		}, []string{
			"tools/go.mod:5: requires desync v0.2.0, but go.work maps v0.1.0",
		}},
		{"a hash of a sibling", []edit{
			{"tools/go.sum", "", "golang.org/x/sync v0.20.0 h1:x=\n" + Prefix + "/desync v0.1.0/go.mod h1:x=\n"},
			{"go.work.sum", "", Prefix + "/futures v0.1.0 h1:x=\n"},
		}, []string{
			"go.work.sum:1: holds a hash of " + Prefix + "/futures, which may still change",
			"tools/go.sum:2: holds a hash of " + Prefix + "/desync, which may still change",
		}},

		// go.work.
		{"a sibling that go.work does not map", []edit{
			{"go.work", "\tgithub.com/go-desync/go-desync/conformance v0.1.0 => ./conformance\n", ""},
		}, []string{
			"conformance/subjects/go.mod:6: requires conformance v0.1.0, which go.work does not map",
		}},
		{"a replace of all versions", []edit{
			{"go.work", "/conformance v0.1.0 =>", "/conformance =>"},
		}, []string{
			"conformance/subjects/go.mod:6: requires conformance v0.1.0, which go.work does not map",
			"go.work:15: replaces every version of conformance",
		}},
		{"a replace of a third party and one to the wrong place", []edit{
			{"go.work", "", "replace golang.org/x/sync v0.20.0 => ./sync\n"},
			{"go.work", "=> ./futures", "=> ./desync"},
		}, []string{
			"go.work:17: maps futures to ./desync",
			"go.work:19: replaces golang.org/x/sync, which is no module of this workspace",
		}},
		{"the use lines", []edit{
			{"go.work", "\t./futures\n", "\t./tools/lint\n\t./nothing\n"},
		}, []string{
			"go.work: does not use futures",
			"go.work:9: uses tools/lint, whose requirements must not reach the other modules",
			"go.work:10: uses nothing, which has no go.mod",
		}},
		{"go and toolchain lines of go.work", []edit{
			{"go.work", "go 1.27\n", "go 1.27.3\ntoolchain go1.27.4\n"},
		}, []string{
			"go.work:1: the go line says 1.27.3",
			"go.work:2: the toolchain line",
		}},

		// The files beside go.mod.
		{"no README, an empty changelog, another licence", []edit{
			{"desync/README.md", "", remove},
			{"desync/CHANGELOG.md", sound()["desync/CHANGELOG.md"], "\n"},
			{"desync/LICENSE", "", "and more\n"},
			{"futures/LICENSE", "", remove},
		}, []string{
			"desync/CHANGELOG.md: missing or empty",
			"desync/LICENSE: differs from the LICENSE of the root",
			"desync/README.md: missing or empty",
			"futures/LICENSE: missing",
		}},

		// Versions.
		{"a release whose versions and hashes are in all places", []edit{
			{"conformance/CHANGELOG.md", "", "\n## 0.1.0 - 2026-01-02\n"},
			{"conformance/subjects/go.sum", "", Prefix + "/conformance v0.1.0 h1:x=\n" + Prefix + "/conformance v0.1.0/go.mod h1:x=\n"},
		}, nil},
		{"a version left behind", []edit{
			{"conformance/CHANGELOG.md", "", "\n## 0.2.0 - 2026-01-02\n"},
			{"conformance/subjects/go.sum", "", Prefix + "/conformance v0.1.0/go.mod h1:x=\n"},
		}, []string{
			"conformance/subjects/go.mod:6: requires conformance v0.1.0, but its newest version is v0.2.0",
			"conformance/subjects/go.sum:1: holds a hash of " + Prefix + "/conformance, whose newest version is v0.2.0",
			"go.work:15: maps conformance v0.1.0, but its newest version is v0.2.0",
		}},
		{"a changelog with a heading of no meaning", []edit{
			{"futures/CHANGELOG.md", "", "\n## Later\n"},
		}, []string{
			"futures/CHANGELOG.md: the heading \"## Later\" is neither ## Unreleased nor a version and its date",
		}},

		{"a module that is not published", []edit{
			{"tools/lint/README.md", "", remove},
			{"tools/lint/CHANGELOG.md", "", remove},
			{"tools/lint/LICENSE", "", remove},
		}, nil},

		// Source.
		{"constructs that the published code never uses", []edit{
			{"futures/future.go", "", "import _ \"unsafe\"\n\n//go:linkname now time.now\nfunc now()\n\nfunc init() {}\n"},
			{"futures/future_test.go", "", "package futures\nimport _ \"unsafe\"\nfunc init() {}\n"},
			{"tools/cmd/demo/main.go", "", "func init() {}\n"},
		}, []string{
			"futures/future.go:2: imports unsafe",
			"futures/future.go:4: reaches into another package by go:linkname",
			"futures/future.go:7: has an init function",
		}},
		{"package variables of allowed kinds", []edit{
			{"futures/future.go", "", `
var _ error = (*T)(nil)
var pool sync.Pool
var (
	nodes   = sync.Pool{New: func() any { return new(int) }}
	ErrGone = errors.New("gone")
)
var objectIDs, jobIDs atomic.Uint64
var settled = func() chan struct{} { c := make(chan struct{}); close(c); return c }()

func (T) init() {}
`},
		}, nil},
		{"package variables of other kinds", []edit{
			{"futures/future.go", "", `
var last, ErrGone = 0, errors.New("gone")
var open = make(chan struct{})
var made = func() chan int { c := make(chan int); start(c); return c }()
var table = map[string]int{}
var ErrLate = fmt.Errorf("late")
var calls atomic.Uint64
var mapIDs = map[int]uint64{}
`},
		}, []string{
			"futures/future.go:3: the package variable last may be global state",
			"futures/future.go:4: the package variable open may be global state",
			"futures/future.go:5: the package variable made may be global state",
			"futures/future.go:6: the package variable table may be global state",
			"futures/future.go:7: the package variable ErrLate may be global state",
			"futures/future.go:8: the package variable calls may be global state",
			"futures/future.go:9: the package variable mapIDs may be global state",
		}},
		{"package variables behind build tags", []edit{
			{"desync/a.go", "", "//go:build race || desyncdebug\n\npackage desync\nvar seen int\n"},
			{"desync/b.go", "", "//go:build linux && desynchooks\n\npackage desync\nvar seen int\n"},
			{"desync/c.go", "", "//go:build race || linux\n\npackage desync\nvar seen int\n"},
			{"desync/d.go", "", "//go:build !race\n\npackage desync\nvar seen int\n"},
		}, []string{
			"desync/c.go:4: the package variable seen may be global state",
			"desync/d.go:4: the package variable seen may be global state",
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			files := maps.Clone(sound())
			for _, e := range test.edits {
				old := files[e.file]
				switch {
				case e.text == remove:
					delete(files, e.file)
				case e.old == "":
					files[e.file] = old + e.text
				case !strings.Contains(old, e.old):
					t.Fatalf("%s does not contain %q", e.file, e.old)
				default:
					files[e.file] = strings.Replace(old, e.old, e.text, 1)
				}
			}
			if diff := cmp.Diff(test.want, check(t, files)); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
}
