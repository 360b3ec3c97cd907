package check

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
)

const Prefix = "//desyncvet:ignore"

// ParseIgnore returns the checks that a comment names, and the reason.
func ParseIgnore(text string) (names []string, reason string) {
	// The comment for analysistest on the same line is not part of the reason.
	rest, _, _ := strings.Cut(strings.TrimPrefix(text, Prefix), "// want")
	list, reason, _ := strings.Cut(strings.TrimSpace(rest), " ")
	if list == "" || rest[0] != ' ' && rest[0] != '\t' {
		return nil, ""
	}
	return strings.Split(list, ","), strings.TrimSpace(reason)
}

// Comments yields the comments that suppress reports.
func Comments(f *ast.File) func(func(*ast.Comment) bool) {
	return func(yield func(*ast.Comment) bool) {
		for _, group := range f.Comments {
			for _, c := range group.List {
				if strings.HasPrefix(c.Text, Prefix) && !yield(c) {
					return
				}
			}
		}
	}
}

// ignores has, for each file and line, the checks that are suppressed there.
type ignores map[string]map[int][]string

func (ig ignores) covers(pos token.Position, check string) bool {
	return slices.Contains(ig[pos.Filename][pos.Line], check)
}

func collectIgnores(pass *analysis.Pass) ignores {
	ig := make(ignores)
	for _, f := range pass.Files {
		code := make(map[int]bool) // the lines on which code begins or ends
		for c := range Comments(f) {
			names, reason := ParseIgnore(c.Text)
			if len(names) == 0 || reason == "" {
				continue
			}
			if len(code) == 0 {
				ast.Inspect(f, func(n ast.Node) bool {
					switch n.(type) {
					case nil, *ast.Comment, *ast.CommentGroup:
						return false
					case *ast.File:
						return true
					}
					code[pass.Fset.Position(n.Pos()).Line] = true
					code[pass.Fset.Position(n.End()).Line] = true
					return true
				})
			}
			pos := pass.Fset.Position(c.Pos())
			if !code[pos.Line] {
				pos.Line++
			}
			if ig[pos.Filename] == nil {
				ig[pos.Filename] = make(map[int][]string)
			}
			ig[pos.Filename][pos.Line] = append(ig[pos.Filename][pos.Line], names...)
		}
	}
	return ig
}
