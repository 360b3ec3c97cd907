package desyncvet

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/go-desync/go-desync/tools/desyncvet/internal/model"
)

const ignoreDoc = `check the comments that suppress the other checks

A comment on the line of a report, or alone on the line above it, suppresses
the report:

	//desyncvet:ignore CHECK reason

CHECK is one of the checks, or several with commas between them and no space.
The reason is free text that says why the report is wrong or the code is meant
to be as it is. A comment without a reason, or with a check that does not exist,
suppresses nothing and is reported itself.`

const ignorePrefix = "//desyncvet:ignore"

var ignoreAnalyzer = check("ignore", ignoreDoc, func(_ *analysis.Pass, m *model.Facts, report reporter) {
	for _, f := range m.Pass.Files {
		for c := range comments(f) {
			if _, _, err := parseIgnore(c.Text); err != nil {
				report(analysis.Diagnostic{Pos: c.Pos(), End: c.End(), Message: err.Error()})
			}
		}
	}
})

// checkNames are the checks that a comment can name.
func checkNames() []string {
	return []string{"escape", "selfwait", "ring", "race", "dropped", "copied", "goexit", "printed"}
}

// parseIgnore returns the checks that a comment names, and the reason.
func parseIgnore(text string) (names []string, reason string, err error) {
	// What analysistest expects of the line is no reason.
	rest, _, _ := strings.Cut(strings.TrimPrefix(text, ignorePrefix), "// want")
	list, reason, _ := strings.Cut(strings.TrimSpace(rest), " ")
	if list == "" || rest[0] != ' ' && rest[0] != '\t' {
		return nil, "", fmt.Errorf("the comment names no check: write %s CHECK reason", ignorePrefix)
	}
	names = strings.Split(list, ",")
	for _, name := range names {
		if !slices.Contains(checkNames(), name) {
			return nil, "", fmt.Errorf("there is no check %q: the checks are %s", name, strings.Join(checkNames(), ", "))
		}
	}
	if reason = strings.TrimSpace(reason); reason == "" {
		return nil, "", fmt.Errorf("the comment gives no reason: write %s %s reason", ignorePrefix, list)
	}
	return names, reason, nil
}

func comments(f *ast.File) func(func(*ast.Comment) bool) {
	return func(yield func(*ast.Comment) bool) {
		for _, group := range f.Comments {
			for _, c := range group.List {
				if strings.HasPrefix(c.Text, ignorePrefix) && !yield(c) {
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
		for c := range comments(f) {
			names, _, err := parseIgnore(c.Text)
			if err != nil {
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
