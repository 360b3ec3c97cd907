package consumer

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/module"
	modzip "golang.org/x/mod/zip"

	"github.com/go-desync/go-desync/tools/internal/workspace"
)

// goCommand returns a go command that takes our modules from the proxy and
// third parties from the module cache of this machine, and fetches nothing. It
// has a module cache of its own in dir, since the proxy may hold under one
// version what another proxy held differently.
func (p *Proxy) goCommand(ctx context.Context, src, dir, mod string) (workspace.Go, error) {
	thirdParties, err := workspace.Go{Dir: src}.Run(ctx, "env", "GOMODCACHE")
	if err != nil {
		return workspace.Go{}, err
	}
	thirdParties = filepath.Join(strings.TrimSpace(thirdParties), "cache", "download")
	return workspace.Go{Dir: src, Env: []string{
		"GOMODCACHE=" + filepath.Join(dir, "cache"),
		"GOPROXY=file://" + filepath.ToSlash(p.dir) + ",file://" + filepath.ToSlash(thirdParties),
		"GOFLAGS=-modcacherw -mod=" + mod, // writable, so that the cache can be deleted
		"GONOSUMDB=" + workspace.Prefix,
		"GONOPROXY=none",
		"GOPRIVATE=",
		"GOSUMDB=off",
	}}, nil
}

// Import makes a module in the empty directory dir that requires m and nothing
// else, and returns the output of the program, the main.go of that module, and
// the modules that the build takes, this one first. It waits for the go
// command, which ctx can end.
func (p *Proxy) Import(ctx context.Context, dir string, m module.Version, program string) (output string, modules []string, err error) {
	src := filepath.Join(dir, "consumer")
	if err := os.Mkdir(src, 0o777); err != nil {
		return "", nil, err
	}
	for name, data := range map[string]string{"go.mod": "module example.com/consumer\n\ngo 1.27\n", "main.go": program} {
		if err := os.WriteFile(filepath.Join(src, name), []byte(data), 0o666); err != nil {
			return "", nil, err
		}
	}
	cmd, err := p.goCommand(ctx, src, dir, "mod")
	if err != nil {
		return "", nil, err
	}
	if _, err := cmd.Run(ctx, "get", m.String()); err != nil {
		return "", nil, err
	}
	if output, err = cmd.Run(ctx, "run", "."); err != nil {
		return output, nil, err
	}
	if _, err := cmd.Run(ctx, "mod", "verify"); err != nil {
		return output, nil, err
	}
	list, err := cmd.Run(ctx, "list", "-m", "all")
	return output, strings.Split(strings.TrimSpace(list), "\n"), err
}

// TestAlone unpacks m into the empty directory dir, and vets and tests it
// there, in short mode, as released: with what its go.mod requires, at those
// versions, and with nothing that the workspace adds. It waits for the go
// command, which ctx can end.
func (p *Proxy) TestAlone(ctx context.Context, dir string, m module.Version) error {
	archive, err := p.archive(m)
	if err != nil {
		return err
	}
	src := filepath.Join(dir, "module")
	if err := modzip.Unzip(src, m, archive); err != nil {
		return err
	}
	// A sibling has no hash in go.sum before its release, and -mod=readonly,
	// without which a missing requirement would be added, adds no hash either.
	f, err := os.OpenFile(filepath.Join(src, "go.sum"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	_, err = f.WriteString(strings.Join(p.sums, ""))
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	cmd, err := p.goCommand(ctx, src, dir, "readonly")
	if err != nil {
		return err
	}
	if _, err := cmd.Run(ctx, "vet", "./..."); err != nil {
		return err
	}
	// A hanging test must be reported before a test that called this one ends.
	_, err = cmd.Run(ctx, "test", "-short", "-timeout=3m", "./...")
	return err
}
