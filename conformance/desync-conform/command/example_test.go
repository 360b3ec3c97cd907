package command_test

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/go-desync/go-desync/conformance/desync-conform/command"
)

func ExampleMain() {
	args := []string{"explain", "EXE-1"}
	code := command.Main(context.Background(), args, strings.NewReader(""), os.Stdout, os.Stderr, nil)
	fmt.Println("exit code", code)
	// Output:
	// EXE-1 (MUST, profile core, feature core)
	//
	// No job runs twice.
	//
	// Without it:
	//   A counter would be incremented twice.
	//
	// How it is checked:
	//   Stochastic: random programs run or calls race, and what came of it is judged.
	//   A pass reads "not refuted in N histories".
	//
	// It must find these mutants, which are broken on purpose:
	//   - duplicate-on-wake
	//   - duplicate-on-growth
	//   - growth-doubles-from-size
	//   - doubled-before-sleep
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
