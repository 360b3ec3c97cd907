// Package readme runs the Go programs in the repository's README.md and
// CONTRIBUTING.md files and in the pages of docs, and compares their output with
// the output that these files state.
//
// A block marked go is a whole program, or a whole file of tests. Either the next
// block, marked text, states its standard output, or its first line says why there
// is none:
//
//	// no output: listens until it is interrupted
//
// Such a program is compiled and vetted, but not run. The output of tests is PASS.
package readme

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"strings"

	"github.com/yuin/goldmark"
	markdown "github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"

	"github.com/go-desync/go-desync/tools/internal/workspace"
)

// A Block is one Go program in a Markdown file.
type Block struct {
	File   string // slash-separated, relative to the root of the workspace
	Line   int    // of the program's first line
	Source string
	Output string // what it must write to its standard output
	Run    bool   // false when it states that it has no output
	Test   bool   // it is a file of tests
}

// Extract returns the programs in a Markdown file, in their order, and a fault
// for each Go block that does not keep the convention.
func Extract(file string, source []byte) (blocks []Block, faults []workspace.Fault) {
	document := goldmark.DefaultParser().Parse(text.NewReader(source))
	// The walker cannot fail: the function that it calls does not.
	_ = markdown.Walk(document, func(node markdown.Node, entering bool) (markdown.WalkStatus, error) {
		fence, ok := node.(*markdown.FencedCodeBlock)
		if !ok || !entering {
			return markdown.WalkContinue, nil
		}
		b := Block{File: file, Line: line(fence, source), Source: content(fence, source)}
		switch language := string(fence.Language(source)); {
		case language == "go":
		case strings.EqualFold(language, "go"), strings.EqualFold(language, "golang"):
			faults = append(faults, workspace.Fault{
				File: file, Line: b.Line, Problem: "the block is marked " + language, Fix: "mark it go, so that it is run",
			})
			return markdown.WalkContinue, nil
		default:
			return markdown.WalkContinue, nil
		}
		var stated *string
		if next, ok := fence.NextSibling().(*markdown.FencedCodeBlock); ok && string(next.Language(source)) == "text" {
			output := content(next, source)
			stated = &output
		}
		if problem, fix := b.judge(stated); problem != "" {
			faults = append(faults, workspace.Fault{File: file, Line: b.Line, Problem: problem, Fix: fix})
			return markdown.WalkContinue, nil
		}
		blocks = append(blocks, b)
		return markdown.WalkContinue, nil
	})
	return blocks, faults
}

const noOutput = "// no output:"

// judge completes a block with the output that is stated for it, if any, or
// says which part of the convention it breaks.
func (b *Block) judge(stated *string) (problem, fix string) {
	file, err := parser.ParseFile(token.NewFileSet(), "", b.Source, parser.SkipObjectResolution)
	if err != nil {
		return "the Go block does not parse: " + err.Error(), "make it a whole program"
	}
	main, test := functions(file)
	if b.Test = test && !main; !b.Test && (file.Name.Name != "main" || !main) {
		return "the Go block is not a whole program", "give it package main and func main, or tests"
	}
	formatted, err := format.Source([]byte(b.Source))
	if err != nil || string(formatted) != b.Source {
		return "the Go block is not formatted", "format it with gofmt"
	}
	first, _, _ := strings.Cut(b.Source, "\n")
	reason, silent := strings.CutPrefix(first, noOutput)
	switch {
	case silent && strings.TrimSpace(reason) == "":
		return "the Go block gives no reason for having no output", "write it: " + noOutput + " <reason>"
	case silent && stated != nil:
		return "the Go block says that it has no output, but a text block follows", "keep one of the two"
	case !silent && stated == nil:
		return "the Go block states no output",
			fmt.Sprintf("let a text block with its output follow directly, or begin it with %q", noOutput+" <reason>")
	}
	if b.Run = !silent; b.Run {
		b.Output = *stated
	}
	return "", ""
}

// functions reports whether there is a func main, and whether there is a test.
func functions(file *ast.File) (main, test bool) {
	for _, decl := range file.Decls {
		if fn, ok := decl.(*ast.FuncDecl); ok && fn.Recv == nil {
			main = main || fn.Name.Name == "main"
			test = test || strings.HasPrefix(fn.Name.Name, "Test")
		}
	}
	return main, test
}

func content(fence *markdown.FencedCodeBlock, source []byte) string {
	return string(fence.Lines().Value(source))
}

// line returns the number of the line after the one that opens the fence.
func line(fence *markdown.FencedCodeBlock, source []byte) int {
	start := 0
	switch {
	case fence.Lines().Len() > 0:
		start = fence.Lines().At(0).Start
	case fence.Info != nil:
		start = fence.Info.Segment.Stop + 1
	}
	return 1 + bytes.Count(source[:min(start, len(source))], []byte("\n"))
}
