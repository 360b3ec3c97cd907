// Package consumer uses the workspace's modules as a consumer does: it packs
// them as they would be published, serves them from a directory, and runs the
// go command outside the workspace with that directory as its proxy.
package consumer

import (
	"archive/zip"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/sumdb/dirhash"
	modzip "golang.org/x/mod/zip"

	"github.com/go-desync/go-desync/tools/internal/workspace"
)

// A Proxy is a directory that the go command can use as a module proxy, by a
// file URL. It must be used by one goroutine at a time while modules are added.
type Proxy struct {
	dir  string
	sums []string // lines of go.sum for all that was added

	asked                sync.Mutex
	goroot, thirdParties string // of the go command, once it is known
}

// NewProxy returns a proxy without modules. The directory must be empty or not
// exist yet, and be used by nothing else.
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

// Add packs the module in the directory dir of the repository at root. It packs
// the committed files, as for a release; if the directory differs from the
// commit, or there is no commit, it packs the directory as it is. Add waits for
// git, which ctx can end.
func (p *Proxy) Add(ctx context.Context, m module.Version, root, dir string) error {
	return p.add(m, func(f io.Writer) error {
		if committed(ctx, root, dir) {
			return packRevision(f, m, root, "HEAD", dir)
		}
		return modzip.CreateFromDir(f, m, filepath.Join(root, dir))
	})
}

// AddRevision packs the module in the directory dir of the repository at root
// as it was committed in the revision. It waits for git.
func (p *Proxy) AddRevision(m module.Version, root, revision, dir string) error {
	return p.add(m, func(f io.Writer) error {
		return packRevision(f, m, root, revision, dir)
	})
}

func packRevision(w io.Writer, m module.Version, root, revision, dir string) error {
	info, err := os.Stat(filepath.Join(root, ".git"))
	if err != nil || info.IsDir() {
		return modzip.CreateFromVCS(w, m, root, revision, filepath.ToSlash(dir))
	}
	// In a linked worktree .git is a file, and modzip does not recognize the
	// repository.
	commit, err := exec.Command("git", "-C", root, "rev-parse", "--verify", revision+"^{commit}").Output()
	if err != nil {
		return fmt.Errorf("git rev-parse %s: %w", revision, err)
	}
	scratch, err := os.MkdirTemp("", "consumer-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	clone := filepath.Join(scratch, "clone")
	if out, err := exec.Command("git", "clone", "--quiet", "--shared", "--no-checkout", root, clone).CombinedOutput(); err != nil {
		return fmt.Errorf("git clone: %w\n%s", err, out)
	}
	return modzip.CreateFromVCS(w, m, clone, strings.TrimSpace(string(commit)), filepath.ToSlash(dir))
}

func (p *Proxy) add(m module.Version, pack func(io.Writer) error) error {
	archive, err := p.archive(m)
	if err != nil {
		return err
	}
	versions := filepath.Dir(archive)
	if err := os.MkdirAll(versions, 0o777); err != nil {
		return err
	}
	f, err := os.Create(archive)
	if err != nil {
		return err
	}
	err = pack(f)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return fmt.Errorf("pack %s: %w", m, err)
	}
	goMod, err := p.read(m, "go.mod")
	if err != nil {
		return fmt.Errorf("pack %s: %w", m, err)
	}
	for name, data := range map[string]string{
		m.Version + ".info": fmt.Sprintf("{\"Version\":%q}\n", m.Version),
		m.Version + ".mod":  string(goMod),
	} {
		if err := os.WriteFile(filepath.Join(versions, name), []byte(data), 0o666); err != nil {
			return err
		}
	}
	if err := appendFile(filepath.Join(versions, "list"), m.Version+"\n"); err != nil {
		return err
	}
	return p.addSums(m, archive)
}

// read returns a file of a module that was added.
func (p *Proxy) read(m module.Version, name string) ([]byte, error) {
	archive, err := p.archive(m)
	if err != nil {
		return nil, err
	}
	r, err := zip.OpenReader(archive)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return fs.ReadFile(r, m.String()+"/"+name)
}

func appendFile(name, text string) error {
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	return err
}

// Has reports whether m was added.
func (p *Proxy) Has(m module.Version) bool { return len(p.Sums(m)) > 0 }

// Sums returns the lines that a go.sum needs for m, none when m was not added.
func (p *Proxy) Sums(m module.Version) (lines []string) {
	for _, line := range p.sums {
		if strings.HasPrefix(line, m.Path+" "+m.Version+" ") || strings.HasPrefix(line, m.Path+" "+m.Version+"/go.mod ") {
			lines = append(lines, line)
		}
	}
	return lines
}

// Siblings returns the modules of this workspace that the go.mod of m requires.
// m must have been added before.
func (p *Proxy) Siblings(m module.Version) (siblings []module.Version, err error) {
	data, err := p.read(m, "go.mod")
	if err != nil {
		return nil, err
	}
	parsed, err := modfile.Parse(m.String()+"/go.mod", data, nil)
	if err != nil {
		return nil, err
	}
	for _, r := range parsed.Require {
		if strings.HasPrefix(r.Mod.Path, workspace.Prefix+"/") {
			siblings = append(siblings, r.Mod)
		}
	}
	return siblings, nil
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

// committed reports whether dir is the same as in the last commit.
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
