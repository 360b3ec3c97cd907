package workspace_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/module"

	"github.com/go-desync/go-desync/tools/internal/consumer"
	"github.com/go-desync/go-desync/tools/internal/workspace"
)

const goMod = "module example.com/main\n\ngo 1.27\n\nrequire example.com/third v1.2.3\n"

// serve packs a version of a module of somebody else and returns what serves it
// and the lines of a go.sum for it.
func serve(t *testing.T, version string) (proxy, goSum string) {
	t.Helper()
	source, dir := t.TempDir(), t.TempDir()
	for name, text := range map[string]string{"go.mod": "module example.com/third\n\ngo 1.27\n", "third.go": "package third\n"} {
		if err := os.WriteFile(filepath.Join(source, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	p := consumer.NewProxy(dir)
	m := module.Version{Path: "example.com/third", Version: version}
	if err := p.Add(t.Context(), m, source, "."); err != nil {
		t.Fatal(err)
	}
	return "file://" + filepath.ToSlash(dir), strings.Join(p.Sums(m), "")
}

// emptyCache makes the module cache empty for the test, and writable, so that it
// can be deleted.
func emptyCache(t *testing.T) {
	t.Helper()
	t.Setenv("GOMODCACHE", t.TempDir())
	t.Setenv("GOFLAGS", "-modcacherw")
	t.Setenv("GOSUMDB", "sum.golang.org")
}

// The proxies serve modules and no checksum database, whose own host would be
// asked for what no go.sum answers, and would not know example.com.
func TestFetchTakesWhatAGoSumNames(t *testing.T) {
	proxy, goSum := serve(t, "v1.2.3")
	older, lines := serve(t, "v1.0.0")
	goSum += lines + workspace.Prefix + "/desync v0.1.0 h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n" // which no proxy has yet
	emptyCache(t)
	t.Setenv("GOPROXY", proxy+","+older)
	if err := workspace.Fetch(t.Context(), []byte(goMod), []byte(goSum)); err != nil {
		t.Fatal(err)
	}
	versions := filepath.Join(os.Getenv("GOMODCACHE"), "cache", "download", "example.com", "third", "@v")
	for _, name := range []string{"v1.2.3.zip", "v1.2.3.mod", "v1.0.0.mod"} {
		if _, err := os.Stat(filepath.Join(versions, name)); err != nil {
			t.Errorf("it is not in the cache: %v", err)
		}
	}
	if _, err := os.Stat(filepath.Join(versions, "v1.0.0.zip")); err == nil {
		t.Error("the archive of v1.0.0 was fetched, which no go.mod requires")
	}
	t.Setenv("GOPROXY", "off")
	if err := workspace.Fetch(t.Context(), []byte(goMod), []byte(goSum)); err != nil {
		t.Errorf("with all of it in the cache, without a proxy: %v", err)
	}
	_, newer := serve(t, "v1.2.4")
	if err := workspace.Fetch(t.Context(), []byte(strings.Replace(goMod, "v1.2.3", "v1.2.4", 1)), []byte(newer)); err == nil || !strings.Contains(err.Error(), "example.com/third@v1.2.4") {
		t.Errorf("what is neither in the cache nor on a proxy: error %v, want one that names it", err)
	}
}

func TestFetchRefusesOtherContents(t *testing.T) {
	proxy, _ := serve(t, "v1.2.3")
	emptyCache(t)
	t.Setenv("GOPROXY", proxy)
	const other = "example.com/third v1.2.3 h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
	if err := workspace.Fetch(t.Context(), []byte(goMod), []byte(other)); err == nil || !strings.Contains(err.Error(), "checksum mismatch") {
		t.Errorf("error %v, want a checksum mismatch", err)
	}
}
