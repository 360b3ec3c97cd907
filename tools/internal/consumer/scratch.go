package consumer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/module"
	modzip "golang.org/x/mod/zip"

	"github.com/go-desync/go-desync/tools/internal/workspace"
)

// GoCommand returns a go command that runs in src with the given flags. It takes our
// modules from the proxy, and third-party modules from the module cache of this
// machine, where [Proxy.Fetch] puts them. It has a module cache of its own, because
// two proxies may have different files under the same version.
func (p *Proxy) GoCommand(ctx context.Context, src string, flags ...string) (workspace.Go, error) {
	p.asked.Lock()
	defer p.asked.Unlock()
	if p.goroot == "" {
		env, err := workspace.Go{Dir: src}.Run(ctx, "env", "GOROOT", "GOMODCACHE")
		if err != nil {
			return workspace.Go{}, err
		}
		goroot, modCache, _ := strings.Cut(strings.TrimSpace(env), "\n")
		p.goroot, p.thirdParties = goroot, filepath.Join(modCache, "cache", "download")
	}
	return workspace.Go{Dir: src, GOROOT: p.goroot, Env: []string{
		"GOMODCACHE=" + filepath.Join(p.dir, ".cache"),
		"GOPROXY=file://" + filepath.ToSlash(p.dir) + ",file://" + filepath.ToSlash(p.thirdParties),
		// Writable, so that the cache can be deleted. Its name is kept out of the compiled
		// packages, so that those of one cache can be used for all.
		"GOFLAGS=-modcacherw -trimpath " + strings.Join(flags, " "),
		"GONOSUMDB=" + workspace.Prefix,
		// GONOPROXY=none would say the same, but with it the go command looks for
		// a nested module no further once it has its parent at that version.
		"GOENV=off", "GOPRIVATE=", "GONOPROXY=",
		"GOSUMDB=off",
	}}, nil
}

// Import makes a module in the empty directory dir that requires only m, with
// program as its main.go. It runs the program and returns its output, and the
// modules of the build, the new one first. It waits for the go command, which ctx
// can end.
func (p *Proxy) Import(ctx context.Context, dir string, m module.Version, program string) (output string, modules []string, err error) {
	cmd, modules, err := p.get(ctx, dir, m, program)
	if err != nil {
		return "", nil, err
	}
	output, err = cmd.Run(ctx, "run", ".")
	return output, modules, err
}

// get is Import without running the program, and returns the go command that
// runs in the module.
func (p *Proxy) get(ctx context.Context, dir string, m module.Version, program string) (cmd workspace.Go, modules []string, err error) {
	src := filepath.Join(dir, "consumer")
	if err := os.Mkdir(src, 0o777); err != nil {
		return cmd, nil, err
	}
	for name, data := range map[string]string{"go.mod": "module example.com/consumer\n\ngo 1.27\n", "main.go": program} {
		if err := os.WriteFile(filepath.Join(src, name), []byte(data), 0o666); err != nil {
			return cmd, nil, err
		}
	}
	if cmd, err = p.GoCommand(ctx, src, "-mod=mod"); err != nil {
		return cmd, nil, err
	}
	if err := p.Fetch(ctx, m); err != nil {
		return cmd, nil, err
	}
	if _, err := cmd.Run(ctx, "get", m.String()); err != nil {
		return cmd, nil, err
	}
	if _, err := cmd.Run(ctx, "mod", "verify"); err != nil {
		return cmd, nil, err
	}
	// -e, since the times of versions that are not used in the build may be missing.
	list, err := cmd.Run(ctx, "list", "-m", "-e", "all")
	return cmd, strings.Split(strings.TrimSpace(list), "\n"), err
}

// TestAlone is Vet followed by the module's tests in short mode.
func (p *Proxy) TestAlone(ctx context.Context, dir string, m module.Version) error {
	if err := p.Vet(ctx, dir, m); err != nil {
		return err
	}
	cmd, err := p.GoCommand(ctx, unpacked(dir), "-mod=readonly")
	if err != nil {
		return err
	}
	// A hanging test must be reported before a test that called this one ends. Vet has
	// found what go test would look for.
	_, err = cmd.Run(ctx, "test", "-short", "-vet=off", "-timeout=10m", "./...")
	return err
}

// Vet unpacks m into the empty directory dir, and vets it there as released: with
// the versions that its go.mod requires, and without the workspace. It waits for the
// go command, which ctx can end.
func (p *Proxy) Vet(ctx context.Context, dir string, m module.Version) error {
	src := unpacked(dir)
	if err := p.Unpack(src, m); err != nil {
		return err
	}
	if err := p.Fetch(ctx, m); err != nil {
		return err
	}
	// A sibling has no hash in go.sum before its release. -mod=readonly would not
	// add it, and without -mod=readonly missing requirements would be added too.
	if err := p.writeSums(filepath.Join(src, "go.sum")); err != nil {
		return err
	}
	cmd, err := p.GoCommand(ctx, src, "-mod=readonly")
	if err != nil {
		return err
	}
	_, err = cmd.Run(ctx, "vet", "./...")
	return err
}

// Fetch puts the third-party modules of m into the module cache of this machine, as
// [workspace.Fetch] does. m must have been added before. Fetch waits for the go
// command.
func (p *Proxy) Fetch(ctx context.Context, m module.Version) error {
	goSum, err := p.read(m, "go.sum")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	goMod, err := p.read(m, "go.mod")
	if err != nil {
		return err
	}
	if err := workspace.Fetch(ctx, goMod, goSum); err != nil {
		return fmt.Errorf("what %s requires: %w", m, err)
	}
	return nil
}

func unpacked(dir string) string { return filepath.Join(dir, "module") }

// Unpack writes the files of m into the directory dir. m must have been added
// before.
func (p *Proxy) Unpack(dir string, m module.Version) error {
	archive, err := p.archive(m)
	if err != nil {
		return err
	}
	return modzip.Unzip(dir, m, archive)
}

// writeSums replaces the hashes of our modules in a go.sum by those of the modules
// in this proxy: a release and a proxy may have different files under the same
// version.
func (p *Proxy) writeSums(name string) error {
	data, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	lines := slices.DeleteFunc(slices.Collect(strings.Lines(string(data))), func(line string) bool {
		return strings.HasPrefix(line, workspace.Prefix+"/")
	})
	return os.WriteFile(name, []byte(strings.Join(append(lines, p.sums...), "")), 0o666)
}
