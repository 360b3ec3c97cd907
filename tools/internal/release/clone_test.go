package release

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-desync/go-desync/tools/internal/changelog"
	"github.com/go-desync/go-desync/tools/internal/workspace"
)

// TestMain lets git find the repositories of the tests, also where git runs
// the tests itself and names another one.
func TestMain(m *testing.M) {
	for _, name := range []string{"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"} {
		if err := os.Unsetenv(name); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// TestAReleaseOfThisRepository releases every module of the last commit that is due, in
// a clone, and plans the next release after an addition to futures. The command modules
// consumer shows what a consumer gets, and a test of cmd/modules two whole releases.
func TestAReleaseOfThisRepository(t *testing.T) {
	c := newClone(t)
	c.release()
	var first string
	for _, m := range c.read().Modules {
		if m.Last == "" || len(m.Changed) > 0 {
			t.Errorf("after a release of everything, %s is at %q with changes in %v", m.Dir, m.Last, m.Changed)
		}
		if m.Dir == "futures" {
			first = m.Last
		}
	}

	c.write("futures/release_added.go", "package futures\n\n// ReleaseAdded is new.\nfunc ReleaseAdded() {}\n")
	log, err := changelog.Parse(c.file("futures/CHANGELOG.md"))
	if err != nil {
		t.Fatal(err)
	}
	c.write("futures/CHANGELOG.md", string(log.Require("an entry", "v1.0.0"))) // any will do
	c.commit("change")
	state := c.read()
	plan, err := state.Plan(t.Context(), nil, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	steps := plan.Steps()
	for _, m := range state.Modules {
		i := slices.IndexFunc(steps, func(s *Step) bool { return s.Dir == m.Dir })
		if want := reaches(state, m, "futures"); (i >= 0) != want {
			t.Errorf("after an addition to futures, %s is released: %v, want %v", m.Dir, i >= 0, want)
		}
		if _, minor, _ := successors(first); m.Dir == "futures" && i >= 0 && steps[i].Version != minor {
			t.Errorf("after an addition, futures goes from %s to %s, want %s", first, steps[i].Version, minor)
		}
	}
}

// reaches reports whether m is the module in dir or requires it.
func reaches(s *State, m *Module, dir string) bool {
	return m.Dir == dir || slices.ContainsFunc(s.siblings(m), func(sibling *Module) bool { return reaches(s, sibling, dir) })
}

// A clone is one of this repository, at its last commit.
type clone struct {
	t    *testing.T
	repo *Repo
}

func newClone(t *testing.T) *clone {
	t.Helper()
	root, err := workspace.Root(".")
	if err != nil {
		t.Fatal(err)
	}
	head, err := exec.CommandContext(t.Context(), "git", "-C", root, "rev-parse", "HEAD").CombinedOutput()
	if err != nil {
		t.Skipf("this is no clone with a commit, so that there is nothing to release: %v\n%s", err, head)
	}
	c := &clone{t, &Repo{Root: filepath.Join(t.TempDir(), "clone")}}
	if out, err := exec.CommandContext(t.Context(), "git", "clone", "--quiet", "--no-checkout", "file://"+root, c.repo.Root).CombinedOutput(); err != nil {
		t.Fatalf("git clone: %v\n%s", err, out)
	}
	for key, value := range map[string]string{
		"user.name": "t", "user.email": "t@example.com", "commit.gpgSign": "false", "tag.gpgSign": "false",
	} {
		c.git("config", key, value)
	}
	c.git("switch", "--quiet", "--force-create", "release", strings.TrimSpace(string(head)))
	return c
}

func (c *clone) git(args ...string) {
	c.t.Helper()
	if _, err := c.repo.git(c.t.Context(), args...); err != nil {
		c.t.Fatal(err)
	}
}

func (c *clone) commit(message string) {
	c.t.Helper()
	c.git("add", ".")
	c.git("commit", "--quiet", "-m", message)
}

func (c *clone) file(name string) []byte {
	c.t.Helper()
	data, err := os.ReadFile(filepath.Join(c.repo.Root, name))
	if err != nil {
		c.t.Fatal(err)
	}
	return data
}

func (c *clone) write(name, text string) {
	c.t.Helper()
	if err := os.WriteFile(filepath.Join(c.repo.Root, name), []byte(text), 0o666); err != nil {
		c.t.Fatal(err)
	}
}

func (c *clone) read() *State {
	c.t.Helper()
	state, err := Read(c.t.Context(), c.repo)
	if err != nil {
		c.t.Fatal(err)
	}
	return state
}

// release takes everything that is due from the plan to the tags.
func (c *clone) release() {
	c.t.Helper()
	ctx, scratch := c.t.Context(), c.t.TempDir()
	if err := c.repo.ReadyToRelease(ctx); err != nil {
		c.t.Fatal(err)
	}
	state := c.read()
	plan, err := state.Plan(ctx, nil, scratch)
	if err != nil {
		c.t.Fatal(err)
	}
	if len(plan.Waves) == 0 {
		return
	}
	candidate, err := state.Prepare(ctx, plan, time.Now(), scratch)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, f := range append(plan.Unexplained(), candidate.Faults...) {
		c.t.Error(f)
	}
	if err := candidate.Apply(); err != nil {
		c.t.Fatal(err)
	}
	c.commit("release")

	scratch = c.t.TempDir()
	state = c.read()
	if plan, err = state.Prepared(ctx, nil, scratch); err != nil {
		c.t.Fatal(err)
	}
	if candidate, err = state.Committed(ctx, plan, scratch); err != nil {
		c.t.Fatal(err)
	}
	for _, f := range candidate.Faults {
		c.t.Error(f)
	}
	if _, err := state.Tag(ctx, plan); err != nil {
		c.t.Fatal(err)
	}
}
