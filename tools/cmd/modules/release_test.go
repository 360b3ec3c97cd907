package main

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/module"

	"github.com/go-desync/go-desync/tools/internal/cli"
	"github.com/go-desync/go-desync/tools/internal/consumer"
)

func TestTwoReleasesOfEverything(t *testing.T) {
	r := newRepo(t)
	r.want(cli.Done, []string{
		"wave 1\n  futures                v0.1.0: no tag yet",
		"wave 2\n  desync                 v0.1.0: no tag yet",
		"wave 3\n  adapters/nats          v0.1.0: no tag yet",
		"ok    desync                 v0.1.0: 2 modules, 1 Examples",
		"ok    adapters/nats          v0.1.0: 3 modules, 1 Examples",
		"files: adapters/nats/CHANGELOG.md adapters/nats/go.sum desync/CHANGELOG.md desync/go.sum futures/CHANGELOG.md\n",
		"written; look at git diff",
	}, "release", "prepare", "--apply", "--date=2026-01-02")
	r.commit("release")
	r.want(cli.Done, []string{
		"tagged: futures/v0.1.0 desync/v0.1.0 adapters/nats/v0.1.0\n",
		"git push --atomic origin main futures/v0.1.0 desync/v0.1.0 adapters/nats/v0.1.0\n",
	}, "release", "tag", "--apply")
	r.wantTags("futures/v0.1.0", "desync/v0.1.0", "adapters/nats/v0.1.0")
	r.wantRelease("desync", "v0.1.0", "### Added\n\n- All of it.\n", module.Version{Path: prefix + "/futures", Version: "v0.1.0"})
	r.want(cli.Done, []string{"nothing to release"}, "release", "plan")

	// Work goes on: futures grows, desync uses what is new there.
	r.change("futures", "futures.go", "func One() int", "func Ten() int { return 10 }\n\n// One is one.\nfunc One() int")
	r.change("desync", "desync.go", "futures.One() + 1", "futures.Ten() - 8")
	r.commit("use ten")
	r.want(cli.Done, []string{
		"futures                v0.1.0 -> v0.2.0: 2 files changed\n    interface since v0.1.0: compatible\n      compatible: Ten: added\n",
		"desync                 v0.1.0 -> v0.1.1: 2 files changed; requires futures\n    interface since v0.1.0: same\n",
		"adapters/nats          v0.1.0 -> v0.1.1: requires desync; requires futures\n",
	}, "release", "plan")
	r.prepared()
	r.commit("release again")
	r.want(cli.Done, []string{"tagged: futures/v0.2.0 desync/v0.1.1 adapters/nats/v0.1.1\n"}, "release", "tag", "--apply")
	r.wantRelease("desync", "v0.1.1", "### Changed\n\n- Requires futures v0.2.0.\n- Something.\n",
		module.Version{Path: prefix + "/futures", Version: "v0.2.0"})
	r.wantRelease("adapters/nats", "v0.1.1", "### Changed\n\n- Requires desync v0.1.1.\n- Requires futures v0.2.0.\n",
		module.Version{Path: prefix + "/desync", Version: "v0.1.1"}, module.Version{Path: prefix + "/futures", Version: "v0.2.0"})
	for _, line := range []string{prefix + "/desync v0.1.1 => ./desync\n", prefix + "/futures v0.2.0 => ./futures\n"} {
		if work := r.read("go.work"); strings.Count(work, prefix) != 2 || !strings.Contains(work, line) {
			t.Errorf("go.work does not map each module once, to the new version; want %q in\n%s", line, work)
		}
	}
	r.want(cli.Done, []string{"no fault"}, "verify")
}

// wantRelease looks at what a tag publishes: that it is annotated and on HEAD,
// the changelog, the requirements, and their hashes, which must be those of
// what the siblings' tags publish.
func (r *repo) wantRelease(dir, version, changes string, requires ...module.Version) {
	r.t.Helper()
	tag := dir + "/" + version
	if kind := r.git("cat-file", "-t", tag); kind != "tag" {
		r.t.Errorf("%s is a %s, want an annotated tag", tag, kind)
	}
	if r.git("rev-parse", tag+"^{commit}") != r.git("rev-parse", "HEAD") {
		r.t.Errorf("%s is not on HEAD", tag)
	}
	log := r.git("show", tag+":"+dir+"/CHANGELOG.md") + "\n"
	if want := "## Unreleased\n\n## " + strings.TrimPrefix(version, "v") + " - 2026-"; !strings.Contains(log, want) || !strings.Contains(log, changes) {
		r.t.Errorf("the changelog of %s lacks %q or %q:\n%s", tag, want, changes, log)
	}
	proxy := consumer.NewProxy(r.t.TempDir())
	var sums string
	for _, m := range requires {
		sibling := strings.TrimPrefix(m.Path, prefix+"/")
		if err := proxy.AddRevision(m, r.dir, sibling+"/"+m.Version, sibling); err != nil {
			r.t.Fatal(err)
		}
		sums += strings.Join(proxy.Sums(m), "")
	}
	if got := r.git("show", tag+":"+dir+"/go.sum") + "\n"; got != sums {
		r.t.Errorf("the go.sum of %s is\n%s\nwant\n%s", tag, got, sums)
	}
	m := module.Version{Path: prefix + "/" + dir, Version: version}
	if err := proxy.AddRevision(m, r.dir, tag, dir); err != nil {
		r.t.Fatal(err)
	}
	if got, err := proxy.Siblings(m); err != nil || !slices.Equal(got, requires) {
		r.t.Errorf("%s requires %v, want %v; error %v", tag, got, requires, err)
	}
}

func TestMissingRequireIsCaught(t *testing.T) {
	r := newRepo(t)
	r.write("desync/go.mod", "module "+prefix+"/desync\n\ngo 1.27\n")
	r.commit("forget a requirement")
	r.want(cli.Fault, []string{"FAULT desync v0.1.0\n", "outside the workspace", "package " + prefix + "/futures"}, "consumer", "desync")
	r.want(cli.Fault, []string{"imports " + prefix + "/futures, but desync/go.mod does not require it"}, "release", "prepare", "--apply")
	r.wantTags()
}

func TestConsumerRunsTestsWhereAsked(t *testing.T) {
	r := newRepo(t)
	r.write("futures/fail_test.go", "package futures\n\nimport \"testing\"\n\nfunc TestFails(t *testing.T) { t.Error(\"no luck\") }\n")
	r.want(cli.Done, []string{"ok    futures                v0.1.0"}, "consumer", "futures")
	r.want(cli.Fault, []string{"FAULT futures v0.1.0\n", "no luck"}, "consumer", "--tests", "futures")
}

// The modules are proved beside each other.
func TestConsumerReportsAllInTheirOrder(t *testing.T) {
	r := newRepo(t)
	r.write("desync/fail_test.go", "package desync\n\nimport \"testing\"\n\nfunc TestFails(t *testing.T) { t.Error(\"no luck\") }\n")
	code, stdout, stderr := r.modules("consumer", "--tests")
	var begins []string
	for line := range strings.Lines(stdout) {
		if word, rest, _ := strings.Cut(line, " "); word == "ok" || word == "FAULT" {
			begins = append(begins, word+" "+strings.Fields(rest)[0])
		}
	}
	if want := []string{"ok futures", "FAULT desync", "ok adapters/nats"}; code != cli.Fault || !slices.Equal(begins, want) {
		t.Errorf("exit code %d and lines that begin with %q, want %d and %q:\n%s%s", code, begins, cli.Fault, want, stdout, stderr)
	}
}

func TestAPINewerThanTheRequiredVersionIsCaught(t *testing.T) {
	r := newRepo(t)
	r.released()
	r.change("futures", "futures.go", "func One() int", "func Ten() int { return 10 }\n\n// One is one.\nfunc One() int")
	r.change("desync", "desync.go", "futures.One() + 1", "futures.Ten() - 8")
	r.commit("use ten")
	r.unchanged(func() {
		r.want(cli.Fault, []string{"FAULT desync v0.1.1\n", "undefined: futures.Ten"}, "release", "prepare", "--apply", "desync")
	})
	r.want(cli.Done, []string{"ok    desync                 v0.1.1: 2 modules"}, "consumer", "desync")
}

func TestVersionLeftBehindIsCaught(t *testing.T) {
	r := newRepo(t)
	r.released()
	r.change("futures", "futures.go", "return 1", "return 2 - 1")
	r.commit("change")
	r.prepared()
	r.replace("adapters/nats/go.mod", "desync v0.1.1", "desync v0.1.0")
	r.commit("release, but")
	r.want(cli.Fault, []string{"adapters/nats/go.mod:6: requires desync v0.1.0, but its newest version is v0.1.1"}, "release", "tag", "--apply")
	r.wantTags("futures/v0.1.0", "desync/v0.1.0", "adapters/nats/v0.1.0")
}

func TestWhatCameAfterPrepareIsCaught(t *testing.T) {
	r := newRepo(t)
	r.released()
	r.change("futures", "futures.go", "return 1", "return 2 - 1")
	r.commit("change")
	r.prepared()
	r.commit("release")
	r.unchanged(func() { r.want(cli.Usage, []string{"futures v0.1.1 is prepared"}, "release", "prepare", "--apply") })

	r.change("futures", "futures.go", "return 2 - 1", "return 3 - 2")
	r.commit("one more")
	r.unchanged(func() {
		r.want(cli.Fault, []string{
			"futures/CHANGELOG.md: something is unreleased, which v0.1.1 would publish",
			"desync/go.sum: differs from what release prepare writes",
			"adapters/nats/go.sum: differs", "3 faults\n",
		}, "release", "tag", "--apply")
	})
}

func TestSilentChangeIsCaught(t *testing.T) {
	r := newRepo(t)
	r.released()
	r.replace("futures/futures.go", "return 1", "return 2 - 1")
	r.commit("say nothing")
	r.unchanged(func() {
		r.want(cli.Fault, []string{"futures/CHANGELOG.md: nothing is unreleased, but the module has changed: 1 file changed"}, "release", "prepare", "--apply")
	})
}

func TestArchivedFilesMustBeThoseOfTheTree(t *testing.T) {
	r := newRepo(t)
	r.write(".gitattributes", "futures/notes.txt export-ignore\n")
	r.write("futures/notes.txt", "kept back\n")
	r.prepared()
	r.commit("release")
	r.want(cli.Fault, []string{"futures: git archives other files than the tree holds"}, "release", "tag", "--apply")
	r.wantTags()
}

func TestFailedTagLeavesNone(t *testing.T) {
	r := newRepo(t)
	r.prepared()
	r.commit("release")
	r.tag("adapters") // where git wants a directory
	code, stdout, stderr := r.modules("release", "tag", "--apply")
	if code != cli.Fault || !strings.Contains(stderr, "adapters/nats/v0.1.0") {
		t.Errorf("exit code %d, want 1 and the tag that failed\nstdout:\n%s\nstderr:\n%s", code, stdout, stderr)
	}
	if tags := r.git("tag", "--list", "futures/*", "desync/*"); tags != "" {
		t.Errorf("tags were left: %s", tags)
	}
}

func TestReleaseOfOneModule(t *testing.T) {
	r := newRepo(t)
	r.unchanged(func() {
		r.want(cli.Done, []string{"ok    futures                v0.1.0: 1 modules", "nothing was written; --apply writes"}, "release", "prepare", "futures")
		r.want(cli.Usage, []string{"desync requires futures, which has no release and is not in this one; release futures too"}, "release", "plan", "desync")
	})
	r.prepared("futures")
	r.commit("release futures")
	r.tag("futures/v0.1.0")
	r.change("futures", "futures.go", "return 1", "return 2 - 1")
	r.commit("change")
	r.prepared("futures@v0.2.0")
	r.commit("release futures again")
	r.unchanged(func() {
		r.want(cli.Done, []string{"wave 1\n  futures                v0.1.0 -> v0.2.0", "nothing was tagged; --apply makes"}, "release", "tag")
	})
	r.want(cli.Done, []string{"no fault"}, "verify")
	if log := r.read("desync/CHANGELOG.md"); !strings.Contains(log, "## Unreleased\n\n### Added\n\n- All of it.\n\n### Changed\n\n- Requires futures v0.2.0.\n") {
		t.Errorf("desync's changelog does not say what it requires now:\n%s", log)
	}
}
