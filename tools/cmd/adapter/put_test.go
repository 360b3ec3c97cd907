package main

import (
	"maps"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSwapMakesAllChangesOrNone(t *testing.T) {
	dir := t.TempDir()
	before := map[string]string{
		"new/foo/foo.go": "foo", "new/README.md": "new readme", "new/README.md.old": "readme",
		"README.md": "readme", "CHANGELOG.md": "changes", "foo/other.go": "",
	}
	for name, text := range before {
		writeFile(t, filepath.Join(dir, name), text)
	}
	place := func(name, old string) change {
		c := change{from: filepath.Join(dir, "new", name), to: filepath.Join(dir, name)}
		if old != "" {
			c.old = filepath.Join(dir, "new", old)
		}
		return c
	}
	all := []change{
		{from: filepath.Join(dir, "new", "foo"), to: filepath.Join(dir, "bar")},
		place("README.md", "README.md.old"),
	}
	for name, last := range map[string]change{
		"what is not there":              place("CHANGELOG.md", ""),
		"a directory in another's place": {from: filepath.Join(dir, "new"), to: filepath.Join(dir, "foo")},
	} {
		if err := swap(append(slices.Clone(all), last)); err == nil {
			t.Errorf("a swap with %s succeeds", name)
		}
		after := contents(t, dir)
		// The new README.md, in its place for a moment, is gone.
		for _, file := range []string{"new/README.md", "new/README.md.old"} {
			after[file] = before[file]
			writeFile(t, filepath.Join(dir, file), before[file])
		}
		if diff := cmp.Diff(before, after); diff != "" {
			t.Errorf("after a swap with %s (-want +got):\n%s", name, diff)
		}
	}
	if err := swap(all); err != nil {
		t.Fatal(err)
	}
	want := maps.Clone(before)
	delete(want, "new/foo/foo.go")
	delete(want, "new/README.md")
	want["bar/foo.go"], want["README.md"] = "foo", "new readme"
	if diff := cmp.Diff(want, contents(t, dir)); diff != "" {
		t.Errorf("after a swap (-want +got):\n%s", diff)
	}
}
