package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-desync/go-desync/tools/internal/cli"
)

// gitConfig is the whole configuration of git: the author, no signatures, and
// no cleaning up after a commit, which would take longer than the commit.
const gitConfig = `[user]
	name = t
	email = t@example.com
[commit]
	gpgSign = false
[tag]
	gpgSign = false
[maintenance]
	auto = false
`

// TestMain lets git find the repositories of the tests, also where git runs
// the tests itself and names another one, and gives it a configuration.
func TestMain(m *testing.M) {
	for _, name := range []string{"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"} {
		if err := os.Unsetenv(name); err != nil {
			panic(err)
		}
	}
	dir, err := os.MkdirTemp("", "modules-test-")
	if err != nil {
		panic(err)
	}
	config := filepath.Join(dir, "gitconfig")
	err = errors.Join(os.WriteFile(config, []byte(gitConfig), 0o666),
		os.Setenv("GIT_CONFIG_GLOBAL", config), os.Setenv("GIT_CONFIG_NOSYSTEM", "1"))
	if err != nil {
		panic(err)
	}
	code := m.Run()
	if err := os.RemoveAll(dir); err != nil {
		panic(err)
	}
	os.Exit(code)
}

func TestHelpNamesCommandsAndExitCodes(t *testing.T) {
	var stdout, stderr bytes.Buffer
	code := run(t.Context(), []string{"--help"}, &stdout, &stderr)
	if code != cli.Done || stderr.Len() > 0 {
		t.Errorf("exit code %d, want 0; stderr: %s", code, &stderr)
	}
	help := strings.Join(strings.Fields(stdout.String()), " ")
	for _, want := range []string{
		"verify", "changed", "consumer", "release plan", "release prepare", "release tag",
		"0 done", "1 a fault was found", "2 wrong usage", "130 interrupted", "RELEASING.md",
	} {
		if !strings.Contains(help, want) {
			t.Errorf("help lacks %q:\n%s", want, help)
		}
	}
}

func TestVerify(t *testing.T) {
	r := newRepo(t)
	r.want(cli.Done, []string{"no fault\n"}, "verify")
	r.replace("desync/go.mod", "go 1.27\n", "go 1.27\n\ntoolchain go1.27.3\n")
	if err := os.Remove(filepath.Join(r.dir, "futures", "LICENSE")); err != nil {
		t.Fatal(err)
	}
	r.want(cli.Fault, []string{"desync/go.mod:5: a toolchain line", "futures/LICENSE: missing", "2 faults\n"}, "verify")
	// It needs no git.
	if err := os.RemoveAll(filepath.Join(r.dir, ".git")); err != nil {
		t.Fatal(err)
	}
	r.want(cli.Fault, []string{"2 faults\n"}, "verify")
}

func TestChanged(t *testing.T) {
	r := newRepo(t)
	r.want(cli.Done, []string{"futures                -        no tag yet", "adapters/nats          -        no tag yet"}, "changed")
	r.released()
	r.want(cli.Done, []string{"nothing has changed"}, "changed")

	// A nested module is no part of the one around it, and the newest tag is
	// the one of the greatest version that HEAD has behind it.
	r.write("adapters/nats/more.go", "package nats\n")
	r.commit("more")
	r.want(cli.Done, []string{"adapters/nats          v0.1.0   1 file changed\n"}, "changed")
	r.tag("adapters/nats/v0.10.0", "adapters/nats/v0.9.0", "adapters/nats/v0.11", "adapters/v7.0.0")
	r.want(cli.Done, []string{"nothing has changed"}, "changed")

	// Uncommitted changes count, and ignored files do not.
	r.write(".gitignore", "*.out\n")
	r.write("desync/cpu.out", "")
	r.write("desync/new.go", "package desync\n")
	r.replace("desync/desync.go", "Two is two", "Two is 2")
	r.unchanged(func() {
		code, stdout, stderr := r.modules("changed")
		want := "desync                 v0.1.0   2 files changed, 2 of them not committed\n" +
			"adapters/nats          v0.10.0  requires desync\n"
		if code != cli.Done || stdout != want {
			t.Errorf("exit code %d, stderr %q, stdout:\n%s\nwant:\n%s", code, stderr, stdout, want)
		}
	})
	r.want(cli.Done, []string{"nothing has changed"}, "changed", "futures")
	r.want(cli.Done, []string{"desync                 v0.1.0   2 files"}, "changed", "futures", "desync")
}

func TestRefusals(t *testing.T) {
	noRepo := func(r *repo) {
		if err := os.RemoveAll(filepath.Join(r.dir, ".git")); err != nil {
			r.t.Fatal(err)
		}
	}
	dirty := func(r *repo) { r.write("desync/new.go", "package desync\n") }
	detached := func(r *repo) { r.git("checkout", "--quiet", "--detach") }
	commit := func(r *repo) {
		r.change("futures", "futures.go", "return 1", "return 2 - 1")
		r.commit("change")
	}
	tests := []struct {
		name string
		do   func(*repo)
		args string
		want string
	}{
		{"unknown command", nil, "publish", "run modules --help"},
		{"unknown flag", nil, "verify --quick", "unknown flag --quick"},
		{"no workspace", func(r *repo) { r.dir = filepath.Dir(r.dir) }, "verify", "is in no workspace"},
		{"no git, changed", noRepo, "changed", "is in no git repository; clone the repository"},
		{"no git, consumer", noRepo, "consumer", "is in no git repository"},
		{"no git, plan", noRepo, "release plan", "is in no git repository"},
		{"a repository around the workspace", func(r *repo) { r.dir = filepath.Join(r.dir, "sub"); r.write("go.work", "go 1.27\n") }, "changed", "is not the root of its git repository"},
		{"no commit", func(r *repo) { noRepo(r); r.git("init", "--quiet") }, "changed", "has no commit"},
		{"unknown module, changed", nil, "changed nothing", `no module "nothing"; name one of futures, desync, adapters/nats`},
		{"unknown module, consumer", nil, "consumer nothing", `no module "nothing"`},
		{"unknown module, plan", commit, "release plan nothing@v0.1.1", `no module "nothing"`},
		{"unknown module, tag", nil, "release tag nothing", `no module "nothing"`},
		{"a module without tag", func(r *repo) { r.git("tag", "--delete", "futures/v0.1.0") }, "changed futures", "futures has no tag"},
		{"a clone without tags", func(r *repo) { r.git("tag", "--delete", "futures/v0.1.0") }, "release plan", "futures v0.1.0 is prepared and has no tag here; tag it, fetch the tags"},
		{"dirty, plan", dirty, "release plan", "the tree is dirty: desync/new.go; commit"},
		{"dirty, prepare", dirty, "release prepare --apply", "the tree is dirty: desync/new.go"},
		{"dirty, tag", dirty, "release tag --apply", "the tree is dirty"},
		{"detached, plan", detached, "release plan", "HEAD is detached; git switch"},
		{"detached, prepare", detached, "release prepare --apply", "HEAD is detached"},
		{"detached, tag", detached, "release tag --apply", "HEAD is detached"},
		{"nothing prepared", nil, "release tag --apply", "no module has a version that is prepared"},
		{"one not prepared", nil, "release tag --apply futures", "futures has no version that is prepared"},
		{"not changed", nil, "release prepare --apply futures", "futures has not changed since v0.1.0; leave it out"},
		{"named twice", commit, "release plan futures futures@v0.1.1", "futures is named twice"},
		{"no date", commit, "release prepare --date=yesterday", "yesterday"},
		{"no version", commit, "release plan futures@0.1.1", `"0.1.1" is no version`},
		{"an empty version", commit, "release plan futures@", `"no version" is no version`},
		{"a candidate", commit, "release plan futures@v0.1.1-rc.1", `"v0.1.1-rc.1" is no version`},
		{"the same version", commit, "release plan futures@v0.1.0", "futures v0.1.0 cannot follow v0.1.0; release v0.1.1 or v0.2.0 or v1.0.0"},
		{"a gap", commit, "release plan futures@v0.3.0", "v0.3.0 cannot follow v0.1.0"},
		{"a tag elsewhere", func(r *repo) {
			r.git("switch", "--quiet", "--create", "other")
			commit(r)
			r.tag("futures/v0.1.1")
			r.git("switch", "--quiet", "main")
			r.change("futures", "futures.go", "return 1", "return 3 - 2")
			r.commit("another change")
		}, "release prepare --apply", "the tag futures/v0.1.1 exists, on a commit that HEAD does not have behind it"},
	}
	released := newRepo(t)
	released.released()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := released.copy(t)
			if test.do != nil {
				test.do(r)
			}
			r.unchanged(func() { r.want(cli.Usage, []string{"modules: ", test.want}, strings.Fields(test.args)...) })
		})
	}
}

func TestShallowCloneIsRefused(t *testing.T) {
	from := newRepo(t)
	from.released()
	r := &repo{t: t, dir: filepath.Join(t.TempDir(), "clone")}
	from.git("clone", "--quiet", "--depth=1", "file://"+from.dir, r.dir)
	r.unchanged(func() {
		r.want(cli.Usage, []string{"the clone is shallow", "git fetch --unshallow"}, "release", "plan")
	})
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestUnwritableResultIsAFault(t *testing.T) {
	r := newRepo(t)
	var stderr bytes.Buffer
	code := run(t.Context(), []string{"--root", r.dir, "verify"}, fullDisk{}, &stderr)
	if code != cli.Fault || !strings.Contains(stderr.String(), "could not be written: disk full") {
		t.Errorf("exit code %d, want 1; stderr: %s", code, &stderr)
	}
}

func TestInterrupted(t *testing.T) {
	r := newRepo(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r.unchanged(func() {
		var stdout, stderr bytes.Buffer
		code := run(ctx, []string{"--root", r.dir, "release", "prepare", "--apply"}, &stdout, &stderr)
		if code != cli.Interrupted || !strings.Contains(stderr.String(), "interrupted; nothing was changed") {
			t.Errorf("exit code %d, want 130; stderr: %s", code, &stderr)
		}
	})
}
