package main

import (
	"errors"
	"fmt"
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// words returns the identifiers of the Go files below dir, in the order in which they stand
// there, the files in the order of their names. Without a dir they are those below go in the
// source of the toolchain.
func words(dir string) (all []string, err error) {
	if dir == "" {
		if dir, err = library(); err != nil {
			return nil, err
		}
	}
	switch info, err := os.Stat(dir); {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s does not exist; name a directory with Go source", dir)
	case err != nil:
		return nil, err
	case !info.IsDir():
		return nil, fmt.Errorf("%s is not a directory; name the directory it is in: %s", dir, filepath.Dir(dir))
	}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".go" {
			return err
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		all = append(all, identifiers(path, src)...)
		return nil
	})
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("%s has no Go files with identifiers; name a directory with Go source in or below it", dir)
	}
	return all, err
}

func identifiers(path string, src []byte) (all []string) {
	var s scanner.Scanner
	s.Init(token.NewFileSet().AddFile(path, -1, len(src)), src, func(token.Position, string) {}, 0) // files that test the compiler have errors
	for {
		switch _, kind, text := s.Scan(); kind {
		case token.EOF:
			return all
		case token.IDENT:
			all = append(all, text)
		}
	}
}

func library() (string, error) {
	out, err := exec.Command("go", "env", "GOROOT").Output()
	root := strings.TrimSpace(string(out))
	if err != nil || root == "" {
		return "", fmt.Errorf("the go command does not say where its source is (%v); name a directory with Go source", err)
	}
	return filepath.Join(root, "src", "go"), nil
}
