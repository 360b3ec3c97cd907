// A batch is taken out of the data before it leaves.
package main

import (
	"fmt"

	"github.com/go-desync/go-desync/desync"
)

type batcher struct{ pending desync.Desync[[]int] }

func (b *batcher) Add(n int) {
	b.pending.Async(func(p *[]int) { *p = append(*p, n) })
}

func (b *batcher) Take() []int {
	return b.pending.Sync(func(p *[]int) []int {
		batch := *p
		*p = nil
		return batch
	})
}

func main() {
	var b batcher
	b.Add(1)
	fmt.Println(b.Take())
}
