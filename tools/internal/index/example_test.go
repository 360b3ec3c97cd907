package index_test

import (
	"context"
	"fmt"
	"testing/fstest"

	"github.com/go-desync/go-desync/tools/internal/index"
)

func Example() {
	ctx := context.Background()
	tree := fstest.MapFS{
		"a.go":       {Data: []byte("package a\n\nvar answer = 42\n")},
		"sub/b.go":   {Data: []byte("package sub\n\nvar answer = answer\n")},
		"sub/bad.go": {Data: []byte("package sub\n\nvar\n")},
	}
	files, _, err := index.List(ctx, tree)
	if err != nil {
		fmt.Println(err)
		return
	}

	run := index.Start(ctx, tree, files, 2)
	parallel, err := run.Result(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("most frequent:", parallel.Top(1), parallel.Names["answer"])
	for _, s := range parallel.Skipped {
		fmt.Println(s.Kind, s.Path)
	}

	inOrder := index.InOrder(ctx, tree, files, func(int, index.Leader) {})
	fmt.Println("differences:", len(index.Diff("in parallel", parallel, "in order", inOrder)))
	// Output:
	// most frequent: [answer] {3 2}
	// not parsable as Go sub/bad.go
	// differences: 0
}
