// The jobs of each row write to a slice that was made for the row.
package main

import (
	"fmt"

	"github.com/go-desync/go-desync/desync"
)

func main() {
	rows := make([][]desync.Desync[int], 4)
	results := make([][]int, len(rows))
	for i, row := range rows {
		results[i] = make([]int, len(row))
		for j := range row {
			row[j].Async(func(n *int) { results[i][j] = *n })
		}
	}
	for _, row := range rows {
		for j := range row {
			row[j].Do(func(*int) {})
		}
	}
	for _, r := range results {
		fmt.Println(r)
	}
}
