package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/module"

	"github.com/go-desync/go-desync/tools/internal/cli"
	"github.com/go-desync/go-desync/tools/internal/consumer"
)

func TestTidy(t *testing.T) {
	r := newRepo(t)
	r.want(cli.Done, []string{"adapters/nats/go.mod: written\n"}, "tidy") // its indirect require has a block of its own
	r.want(cli.Done, []string{"all is tidy\n"}, "tidy")

	// A require that is missing comes back in the version that go.work names,
	// and one that nothing needs goes.
	before := r.read("desync/go.mod")
	r.replace("desync/go.mod", "\nrequire "+prefix+"/futures v0.1.0\n", "")
	r.replace("futures/go.mod", "go 1.27\n", "go 1.27\n\nrequire "+prefix+"/desync v0.1.0\n")
	r.unchanged(func() {
		r.want(cli.Fault, []string{"desync/go.mod: not tidy; run make tidy\nfutures/go.mod: not tidy"}, "tidy", "--check")
	})
	r.want(cli.Done, []string{"desync/go.mod: written\n"}, "tidy", "desync")
	r.want(cli.Fault, []string{"futures/go.mod: not tidy"}, "tidy", "--check")
	r.want(cli.Done, []string{"futures/go.mod: written\n"}, "tidy")
	if got := r.read("desync/go.mod"); got != before {
		t.Errorf("desync/go.mod is now\n%s\nwant\n%s", got, before)
	}
	r.want(cli.Done, []string{"all is tidy\n"}, "tidy", "--check")

	r.unchanged(func() {
		r.want(cli.Usage, []string{"there is no module in nowhere"}, "tidy", "nowhere")
	})
	r.write("desync/broken.go", "package desync\n\nimport \"")
	r.unchanged(func() { r.want(cli.Fault, nil, "tidy") })
}

// Sums come from the go.sum files of the tree, whichever they stand in. A check
// asks nobody for others; the checksum database does not know example.com.
func TestTidyAsksNobodyForSumsOfTheTree(t *testing.T) {
	third := module.Version{Path: "example.com/third", Version: "v1.2.3"}
	source, served := t.TempDir(), t.TempDir()
	for name, text := range map[string]string{"go.mod": "module example.com/third\n\ngo 1.27\n", "third.go": "package third\n"} {
		if err := os.WriteFile(filepath.Join(source, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	public := consumer.NewProxy(served)
	if err := public.Add(t.Context(), third, source, "."); err != nil {
		t.Fatal(err)
	}
	sums := strings.Join(public.Sums(third), "")
	t.Setenv("GOMODCACHE", t.TempDir())
	t.Setenv("GOFLAGS", "-modcacherw") // so that it can be deleted
	t.Setenv("GOSUMDB", "sum.golang.org")
	t.Setenv("GOPROXY", "file://"+filepath.ToSlash(served))

	r := newRepo(t)
	r.replace("futures/go.mod", "go 1.27\n", "go 1.27\n\nrequire example.com/third v1.2.3\n")
	r.replace("futures/futures.go", "package futures\n", "package futures\n\nimport _ \"example.com/third\"\n")
	r.want(cli.Fault, []string{"futures/go.sum: not tidy; run make tidy\n"}, "tidy", "--check", "futures")
	r.write("desync/go.sum", sums)
	r.want(cli.Done, []string{"futures/go.sum: written\n"}, "tidy", "futures")
	if got := r.read("futures/go.sum"); got != sums {
		t.Errorf("futures/go.sum is\n%s\nwant\n%s", got, sums)
	}
}
