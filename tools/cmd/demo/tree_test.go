package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/go-desync/go-desync/tools/internal/cli"
)

func TestDefaultIsTheStandardLibrary(t *testing.T) {
	root := t.TempDir()
	src := filepath.Join(root, "src")
	fakeGo(t, "echo "+root)
	if err := os.Mkdir(src, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(src, "a.go"), []byte("package a"), 0o666); err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	code := run(t.Context(), nil, &stdout, &stderr)
	wantCode(t, code, cli.Done, stdout.String(), stderr.String())
	wantText(t, "stdout", stdout.String(), "Indexing 1 Go files below "+src)
}

func TestDefaultNeedsTheGoCommand(t *testing.T) {
	tests := map[string]struct {
		setUp func(t *testing.T)
		want  []string
	}{
		"no go command": {
			func(t *testing.T) { t.Setenv("PATH", t.TempDir()) },
			[]string{"executable file not found", "put go on PATH, or name a directory"},
		},
		"go fails": {
			func(t *testing.T) { fakeGo(t, "echo no such toolchain >&2; exit 1") },
			[]string{"go env GOROOT failed", "no such toolchain", "name a directory"},
		},
		"go says nothing": {
			func(t *testing.T) { fakeGo(t, "echo") },
			[]string{"names no directory", "name a directory"},
		},
		"no source installed": {
			func(t *testing.T) { fakeGo(t, "echo /nowhere/go") },
			[]string{"/nowhere/go/src does not exist", "name a directory"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			test.setUp(t)
			var stdout, stderr bytes.Buffer
			code := run(t.Context(), nil, &stdout, &stderr)
			wantCode(t, code, cli.Usage, stdout.String(), stderr.String())
			wantText(t, "stderr", stderr.String(), test.want...)
		})
	}
}

// fakeGo puts a shell script in the place of the go command.
func fakeGo(t *testing.T, script string) {
	t.Helper()
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "go"), []byte("#!/bin/sh\n"+script+"\n"), 0o777); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin)
}
