package command_test

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/go-desync/go-desync/conformance/desync-conform/command"
)

func ExampleMain() {
	args := []string{"explain", "CLO-3"}
	code := command.Main(context.Background(), args, strings.NewReader(""), os.Stdout, os.Stderr, nil)
	fmt.Println("exit code", code)
	// Output:
	// CLO-3 (MUST, profile lifecycle, feature close)
	//
	// A second Close returns, whether it is called after the first one or at the same
	// time.
	//
	// Without it:
	//   Two owners, or a deferred Close after an explicit one, would hang.
	//
	// How it is checked:
	//   Deterministic: jobs wait at gates that the suite opens, so a fault shows every
	//   time.
	//
	// Behind a pass:
	//   Closes after and beside the first one. Up to 20 cells of the table, each on an
	//   object of its own: with the budget short those that show every pair of values,
	//   and every call in every state with each ending and each context; else all.
	//
	// A pass does not say:
	//   That Close returns in a job of the object's own: it has to wait for itself.
	//
	// It must find these mutants, which are broken on purpose:
	//   - second-close-hangs
	//   - second-close-exits
	// exit code 0
}

func ExampleIsChild() {
	fmt.Println(command.IsChild([]string{"child", "--subject=mine"}), command.IsChild([]string{"run"}))
	// Output: true false
}

func ExampleBuiltin() {
	for _, s := range command.Builtin() {
		if !s.Extra {
			fmt.Println(s.Name)
		}
	}
	// Output:
	// reference/deque
	// reference/actor
	// reference/tickets
}
