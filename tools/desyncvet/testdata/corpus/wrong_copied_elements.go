// Copying the elements to another slice copies what they refer to as little.
package main

import (
	"fmt"

	"github.com/go-desync/go-desync/desync"
)

type row []int

type table struct{ d desync.Desync[[]row] }

func (t *table) add(i, n int) { t.d.Async(func(rows *[]row) { (*rows)[i][0] += n }) }

func (t *table) rows() []row {
	return t.d.Sync(func(rows *[]row) []row {
		out := make([]row, len(*rows))
		copy(out, *rows)
		return out
	})
}

func main() {
	var t table
	t.d.Do(func(rows *[]row) { *rows = []row{{1}, {2}} })
	t.add(0, 1)
	fmt.Println(t.rows())
}
