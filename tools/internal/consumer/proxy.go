// Package consumer shows the workspace's modules as a consumer meets them: it
// packs them as they would be published, serves the packages from a directory,
// and runs the go command outside the workspace against that directory.
package consumer

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/module"
	"golang.org/x/mod/sumdb/dirhash"
	modzip "golang.org/x/mod/zip"

	"github.com/go-desync/go-desync/tools/internal/workspace"
)

// A Proxy is a directory that the go command can use as a module proxy, by a
// file URL. It is for one goroutine.
type Proxy struct {
	dir  string
	sums []string // lines of go.sum for all that was added
}

// NewProxy returns a proxy without modules. The directory must exist and be
// used by nothing else.
func NewProxy(dir string) *Proxy { return &Proxy{dir: dir} }

// AddWorkspace packs every module that go.work maps to a version.
func (p *Proxy) AddWorkspace(ctx context.Context, root string) error {
	tree, err := workspace.Load(os.DirFS(root))
	if err != nil {
		return err
	}
	for m, dir := range tree.Mapped() {
		if err := p.Add(ctx, m, root, dir); err != nil {
			return err
		}
	}
	return nil
}

// Add packs the module in the directory dir of the repository at root. What
// has been committed is packed, as for a release; if the directory holds
// anything else, or there is no commit, the directory is packed as it stands.
// Add waits for git, which ctx can end.
func (p *Proxy) Add(ctx context.Context, m module.Version, root, dir string) error {
	archive, err := p.archive(m)
	if err != nil {
		return err
	}
	versions := filepath.Dir(archive)
	if err := os.MkdirAll(versions, 0o777); err != nil {
		return err
	}
	goMod, err := os.ReadFile(filepath.Join(root, dir, "go.mod"))
	if err != nil {
		return err
	}
	for name, data := range map[string]string{
		"list":              m.Version + "\n",
		m.Version + ".info": fmt.Sprintf("{\"Version\":%q}\n", m.Version),
		m.Version + ".mod":  string(goMod),
	} {
		if err := os.WriteFile(filepath.Join(versions, name), []byte(data), 0o666); err != nil {
			return err
		}
	}
	f, err := os.Create(archive)
	if err != nil {
		return err
	}
	if committed(ctx, root, dir) {
		err = modzip.CreateFromVCS(f, m, root, "HEAD", filepath.ToSlash(dir))
	} else {
		err = modzip.CreateFromDir(f, m, filepath.Join(root, dir))
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return fmt.Errorf("pack %s: %w", m, err)
	}
	return p.addSums(m, archive)
}

func (p *Proxy) addSums(m module.Version, archive string) error {
	zipSum, err := dirhash.HashZip(archive, dirhash.Hash1)
	if err != nil {
		return err
	}
	goModFile := strings.TrimSuffix(archive, ".zip") + ".mod"
	modSum, err := dirhash.Hash1([]string{"go.mod"}, func(string) (io.ReadCloser, error) { return os.Open(goModFile) })
	if err != nil {
		return err
	}
	p.sums = append(p.sums,
		m.Path+" "+m.Version+" "+zipSum+"\n",
		m.Path+" "+m.Version+"/go.mod "+modSum+"\n")
	slices.Sort(p.sums)
	return nil
}

// archive returns the name of a module's zip file.
func (p *Proxy) archive(m module.Version) (string, error) {
	escaped, err := module.EscapePath(m.Path)
	if err != nil {
		return "", err
	}
	return filepath.Join(p.dir, filepath.FromSlash(escaped), "@v", m.Version+".zip"), nil
}

// committed reports whether the last commit holds dir as it stands.
func committed(ctx context.Context, root, dir string) bool {
	if _, err := os.Stat(filepath.Join(root, ".git")); err != nil {
		return false
	}
	if exec.CommandContext(ctx, "git", "-C", root, "rev-parse", "--verify", "--quiet", "HEAD").Run() != nil {
		return false
	}
	changes, err := exec.CommandContext(ctx, "git", "-C", root, "status", "--porcelain", "--", dir).Output()
	return err == nil && len(changes) == 0
}
