package demo

import (
	"errors"
	"fmt"
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-desync/go-desync/adapters/natsmap/scale/internal/tally"
)

// longest is how long a key may be.
const longest = 200

// words returns the identifiers of the Go files below dir, in the order in which they stand
// there, the files in the order of their names.
func words(dir string) (all []string, files int, err error) {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, 0, fmt.Errorf("%s does not exist; name a directory with Go source", dir)
	case err != nil:
		return nil, 0, err
	case !info.IsDir():
		return nil, 0, fmt.Errorf("%s is not a directory; name the directory it is in: %s", dir, filepath.Dir(dir))
	}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".go" {
			return err
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files++
		var s scanner.Scanner
		set := token.NewFileSet()
		s.Init(set.AddFile(path, -1, len(src)), src, func(token.Position, string) {}, 0) // test data has errors
		for {
			_, kind, text := s.Scan()
			if kind == token.EOF {
				return nil
			}
			if kind == token.IDENT && len(text) <= longest {
				all = append(all, text)
			}
		}
	})
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("%s has no Go files with identifiers; name a directory with Go source in or below it", dir)
	}
	return all, files, err
}

// library returns the directory of the packages below go in the source of the toolchain.
func library() (string, error) {
	out, err := exec.Command("go", "env", "GOROOT").Output()
	root := strings.TrimSpace(string(out))
	if err != nil || root == "" {
		return "", fmt.Errorf("the go command does not say where its source is (%v); name a directory with Go source", err)
	}
	return filepath.Join(root, "src", "go"), nil
}

// inOrder is the run that the others are compared with: one word after the other.
func inOrder(all []string) map[string]tally.Tally {
	found := map[string]tally.Tally{}
	for n, word := range all {
		y := found[word]
		y.Add(n)
		found[word] = y
	}
	return found
}

// A difference says how what was found differs from what should be.
type difference struct {
	lost, twice, outOfOrder int
	keys                    []string // the first few that differ
}

func (d difference) none() bool { return d.lost == 0 && d.twice == 0 && d.outOfOrder == 0 }

// compare compares each word, and words that should not be there.
func compare(found, want map[string]tally.Tally) (d difference) {
	differ := func(word string) {
		if len(d.keys) < 3 {
			d.keys = append(d.keys, fmt.Sprintf("%s has %v; want %v", word, found[word], want[word]))
		}
	}
	names := make([]string, 0, len(want))
	for word := range want {
		names = append(names, word)
	}
	slices.Sort(names)
	for _, word := range names {
		y, w := found[word], want[word]
		switch {
		case y.Same(w):
			continue
		case y.N < w.N:
			d.lost += w.N - y.N
		case y.N > w.N:
			d.twice += y.N - w.N
		default:
			d.outOfOrder++
		}
		differ(word)
	}
	for word, y := range found {
		if _, ok := want[word]; !ok {
			d.twice += y.N
			differ(word)
		}
	}
	return d
}
