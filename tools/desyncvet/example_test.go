package desyncvet_test

import (
	"fmt"

	"github.com/go-desync/go-desync/tools/desyncvet"
)

func ExampleAnalyzers() {
	for _, a := range desyncvet.Analyzers() {
		fmt.Println(a.Name)
	}
	// Output:
	// escape
	// selfwait
	// ring
	// race
	// dropped
	// copied
	// goexit
	// printed
	// ignore
}
