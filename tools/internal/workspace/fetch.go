package workspace

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
)

// Fetch puts the modules that a module needs by itself into the module cache: the
// archives of the modules that its go.mod requires, and the go.mod files that its
// go.sum names. (A go.sum names more archives, which only the tests of other
// modules need.) Modules that the cache lacks come from the module proxy that the
// environment names, and must have the hashes of the go.sum. Fetch asks no
// checksum database. It waits for the go command, which ctx can end.
//
// In the workspace a module may be built with higher versions of other modules
// than it requires. So the cache may lack the versions that it requires.
func Fetch(ctx context.Context, goMod, goSum []byte) error {
	mod, err := modfile.ParseLax("go.mod", goMod, nil)
	if err != nil {
		return err
	}
	required := func(m module.Version) bool {
		return slices.ContainsFunc(mod.Require, func(r *modfile.Require) bool { return r.Mod == m })
	}
	lines := slices.DeleteFunc(slices.Collect(strings.Lines(string(goSum))), func(line string) bool {
		return strings.TrimSpace(line) == "" || strings.HasPrefix(line, Prefix+"/")
	})
	if len(lines) == 0 {
		return nil
	}
	env, err := Go{Dir: "."}.Run(ctx, "env", "GOMODCACHE")
	if err != nil {
		return err
	}
	cache := filepath.Join(strings.TrimSpace(env), "cache", "download")
	var archives, goMods []string // module@version
	for _, line := range lines {
		fields := strings.Fields(line)
		if len(fields) != 3 {
			return fmt.Errorf("go.sum: the line %q has %d fields, not 3", strings.TrimSpace(line), len(fields))
		}
		version, only := strings.CutSuffix(fields[1], "/go.mod")
		file, err := cached(fields[0], version)
		if err != nil {
			return fmt.Errorf("go.sum: %w", err)
		}
		missing := func(kind string) bool {
			_, err := os.Stat(filepath.Join(cache, file+kind))
			return err != nil
		}
		switch at := fields[0] + "@" + version; {
		case !only && missing(".zip") && required(module.Version{Path: fields[0], Version: version}):
			archives = append(archives, at)
		case only && missing(".mod"):
			goMods = append(goMods, at)
		}
	}
	if len(archives)+len(goMods) == 0 {
		return nil
	}
	// The go command compares with the go.sum of the module that it runs in.
	scratch, err := os.MkdirTemp("", "fetch-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	for name, data := range map[string][]byte{"go.mod": []byte("module fetch.example\n\ngo 1.27\n"), "go.sum": goSum} {
		if err := os.WriteFile(filepath.Join(scratch, name), data, 0o666); err != nil {
			return err
		}
	}
	cmd := Go{Dir: scratch, Env: []string{"GOSUMDB=off"}}
	if len(archives) > 0 { // with their go.mod files
		if _, err := cmd.Run(ctx, append([]string{"mod", "download"}, archives...)...); err != nil {
			return err
		}
	}
	if len(goMods) > 0 {
		if _, err := cmd.Run(ctx, append([]string{"list", "-m"}, goMods...)...); err != nil {
			return err
		}
	}
	return nil
}

// cached returns the beginning of the names of a module's files in the download
// directory of the module cache.
func cached(modulePath, version string) (string, error) {
	escapedPath, err := module.EscapePath(modulePath)
	if err != nil {
		return "", err
	}
	escapedVersion, err := module.EscapeVersion(version)
	if err != nil {
		return "", err
	}
	return filepath.Join(filepath.FromSlash(escapedPath), "@v", escapedVersion), nil
}
