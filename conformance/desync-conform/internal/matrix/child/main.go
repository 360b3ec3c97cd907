// Child runs one case of the suite on a mutant, as the child process of a
// conformance.Check. Package matrix builds and starts it.
package main

import (
	"context"
	"fmt"
	"os"
	"strconv"

	"github.com/go-desync/go-desync/conformance"
	"github.com/go-desync/go-desync/conformance/desync-conform/internal/mutant"
)

func main() {
	if len(os.Args) != 3 {
		fail("usage: child MUTANT SEED")
	}
	m, ok := mutant.Find(os.Args[1])
	if !ok {
		fail("no mutant " + os.Args[1])
	}
	seed, err := strconv.ParseUint(os.Args[2], 10, 64)
	if err != nil {
		fail(err.Error())
	}
	// In a child process Check runs its case and does not return.
	_, err = conformance.Check(context.Background(), m.Factory(), conformance.WithSeed(seed), conformance.WithRules("META-1"))
	fail(fmt.Sprintf("this is the child process of a check, not to be started by hand; %v", err))
}

func fail(what string) {
	fmt.Fprintln(os.Stderr, what)
	os.Exit(2)
}
