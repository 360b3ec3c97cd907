// The list of a registry is handed out and sorted by the caller.
package main

import (
	"fmt"
	"slices"

	"github.com/go-desync/go-desync/desync"
)

type registry struct{ names desync.Desync[[]string] }

func (r *registry) Add(name string) {
	r.names.Do(func(names *[]string) { *names = append(*names, name) })
}

func (r *registry) Names() []string {
	return r.names.Sync(func(names *[]string) []string { return *names })
}

func main() {
	var r registry
	r.Add("b")
	r.Add("a")
	names := r.Names()
	slices.Sort(names)
	fmt.Println(names)
}
