// The list is copied in the job.
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
	return r.names.Sync(func(names *[]string) []string {
		sorted := slices.Clone(*names)
		slices.Sort(sorted)
		return sorted
	})
}

func main() {
	var r registry
	r.Add("b")
	fmt.Println(r.Names())
}
