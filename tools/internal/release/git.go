// Package release finds out which modules have changed since their tags, plans
// their next versions, prepares the tree for these versions, and tags them.
//
// A module in the directory dir is released by the tag dir/v1.2.3. One commit
// releases any number of modules: the hash of a module depends on its files
// alone, so that the go.sum of those that require it can be written before
// anything is published.
package release

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/semver"
)

// A Refusal is the error of a request that cannot be met, or for which the
// repository is not ready. Nothing was changed.
type Refusal struct{ Reason, Fix string }

func (r *Refusal) Error() string { return r.Reason + "; " + r.Fix }

func refuse(fix, reason string, args ...any) error {
	return &Refusal{Reason: fmt.Sprintf(reason, args...), Fix: fix}
}

// A Repo is a git repository.
type Repo struct {
	Root string // absolute
}

// OpenRepo returns the repository whose root is the directory root. The error
// is a [*Refusal] when git or the repository is missing, or has no commit. It
// waits for git, as all methods of Repo do.
func OpenRepo(ctx context.Context, root string) (*Repo, error) {
	if _, err := exec.LookPath("git"); err != nil {
		return nil, refuse("install it", "git is not installed")
	}
	r := &Repo{Root: root}
	top, err := r.git(ctx, "rev-parse", "--show-toplevel")
	if err != nil {
		if strings.Contains(err.Error(), "not a git repository") {
			err = refuse("clone the repository", "%s is in no git repository", root)
		}
		return nil, err
	}
	same, err := sameFile(root, strings.TrimSuffix(top, "\n"))
	if err != nil {
		return nil, err
	}
	if !same {
		return nil, refuse("clone the repository", "%s is not the root of its git repository", root)
	}
	if _, err := r.git(ctx, "rev-parse", "--verify", "--quiet", "HEAD"); err != nil {
		return nil, refuse("commit the tree", "the git repository has no commit")
	}
	return r, nil
}

func sameFile(a, b string) (bool, error) {
	infoA, err := os.Stat(a)
	if err != nil {
		return false, err
	}
	infoB, err := os.Stat(b)
	return err == nil && os.SameFile(infoA, infoB), err
}

// git runs git in the root and returns what it wrote to its standard output.
func (r *Repo) git(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", append([]string{"-C", r.Root, "-c", "core.quotepath=off"}, args...)...)
	// Git sets variables with the name of its repository for programs that it
	// runs, such as a hook.
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "GIT_DIR=") || strings.HasPrefix(v, "GIT_WORK_TREE=") || strings.HasPrefix(v, "GIT_INDEX_FILE=")
	})
	// Status would otherwise write to the index.
	cmd.Env = append(cmd.Env, "LC_ALL=C", "GIT_OPTIONAL_LOCKS=0")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("git %s: %w\n%s", strings.Join(args, " "), err, &stderr)
	}
	return stdout.String(), nil
}

// names runs a git command that writes file names, each ended by a zero byte.
func (r *Repo) names(ctx context.Context, args ...string) ([]string, error) {
	output, err := r.git(ctx, args...)
	if err != nil {
		return nil, err
	}
	return strings.FieldsFunc(output, func(c rune) bool { return c == 0 }), nil
}

// ReadyToRelease returns a [*Refusal] unless HEAD is a branch, the clone is
// whole, and the tree is the same as the commit, without new files.
func (r *Repo) ReadyToRelease(ctx context.Context) error {
	if _, err := r.git(ctx, "symbolic-ref", "--quiet", "HEAD"); err != nil {
		return refuse("git switch to the branch to release from", "HEAD is detached")
	}
	shallow, err := r.git(ctx, "rev-parse", "--is-shallow-repository")
	if err != nil {
		return err
	}
	if strings.TrimSpace(shallow) == "true" {
		return refuse("git fetch --unshallow --tags", "the clone is shallow, so that tags may be missing")
	}
	changed, err := r.names(ctx, "status", "--porcelain", "--no-renames", "-z")
	if err != nil || len(changed) == 0 {
		return err
	}
	const few = 5
	for i := range changed {
		changed[i] = changed[i][len("XY "):]
	}
	list := strings.Join(changed[:min(few, len(changed))], ", ")
	if len(changed) > few {
		list += fmt.Sprintf(" and %d more", len(changed)-few)
	}
	return refuse("commit or remove what is not in the last commit", "the tree is dirty: %s", list)
}

// files returns the files of the tree, including new files that are not
// ignored, and without deleted files.
func (r *Repo) files(ctx context.Context) (files []string, err error) {
	listed, err := r.names(ctx, "ls-files", "--cached", "--others", "--exclude-standard", "-z")
	if err != nil {
		return nil, err
	}
	slices.Sort(listed) // a file in conflict is listed more than once
	for _, name := range slices.Compact(listed) {
		info, err := os.Lstat(filepath.Join(r.Root, filepath.FromSlash(name)))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if info.Mode().IsRegular() {
			files = append(files, name)
		}
	}
	return files, nil
}

// versions returns the tagged versions of the module in dir, oldest first: all
// of them, or only those in the history of HEAD.
func (r *Repo) versions(ctx context.Context, dir string, merged bool) (versions []string, err error) {
	args := []string{"tag", "--list", dir + "/v*"}
	if merged {
		args = append(args, "--merged", "HEAD")
	}
	output, err := r.git(ctx, args...)
	if err != nil {
		return nil, err
	}
	for tag := range strings.FieldsSeq(output) {
		// The pattern also finds dir/vault/v0.1.0, the tag of a nested module.
		if v := strings.TrimPrefix(tag, dir+"/"); semver.IsValid(v) && semver.Canonical(v) == v {
			versions = append(versions, v)
		}
	}
	semver.Sort(versions)
	return versions, nil
}
