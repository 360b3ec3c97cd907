package index

import (
	"bytes"
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
)

// MaxFileSize is the size in bytes above which a file is skipped. Together
// with the number of files in flight it bounds the memory of a run, and the
// time a canceled run takes to stop.
const MaxFileSize = 8 << 20

// file is what one source file contributes to the index.
type file struct {
	dir    string
	totals Totals
	names  []count
}

type count struct {
	name string
	n    int
}

// parse reads one file. For a file that cannot be indexed it returns a Skip. If
// ctx ends before the file is read, ok is false and the file does not count as
// looked at.
func parse(ctx context.Context, fsys fs.FS, name string) (f file, skip *Skip, ok bool) {
	src, skip := read(fsys, name)
	if ctx.Err() != nil {
		return file{}, nil, false
	}
	if skip != nil {
		return file{}, skip, true
	}
	tree, err := parser.ParseFile(token.NewFileSet(), name, src, parser.SkipObjectResolution)
	if err != nil {
		return file{}, &Skip{name, Unparsable, err.Error()}, true
	}

	byName := make(map[string]int)
	f = file{dir: path.Dir(name), totals: Totals{Files: 1, Lines: lines(src), Bytes: len(src)}}
	ast.Inspect(tree, func(n ast.Node) bool {
		if id, isIdent := n.(*ast.Ident); isIdent && id.Name != "_" {
			byName[id.Name]++
			f.totals.Names++
		}
		return true
	})
	f.names = make([]count, 0, len(byName))
	for name, n := range byName {
		f.names = append(f.names, count{name, n})
	}
	return f, nil, true
}

func read(fsys fs.FS, name string) ([]byte, *Skip) {
	// Look before opening the file: opening a named pipe can block forever.
	info, err := fs.Stat(fsys, name)
	switch {
	case err != nil:
		return nil, &Skip{name, Unreadable, err.Error()}
	case !info.Mode().IsRegular():
		return nil, &Skip{name, Unreadable, fmt.Sprintf("%s: not a regular file", name)}
	case info.Size() > MaxFileSize:
		return nil, &Skip{name, TooLarge, fmt.Sprintf("%s: %d bytes, the limit is %d", name, info.Size(), MaxFileSize)}
	}
	src, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, &Skip{name, Unreadable, err.Error()}
	}
	return src, nil
}

// lines counts a last line without a newline too.
func lines(src []byte) int {
	n := bytes.Count(src, []byte{'\n'})
	if len(src) > 0 && src[len(src)-1] != '\n' {
		n++
	}
	return n
}
