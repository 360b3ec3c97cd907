// A type that is called Desync too has rules of its own.
package main

import (
	"fmt"

	"github.com/go-desync/go-desync/desync"
)

// Desync is a mutex that the goroutine that holds it may lock again.
type Desync[T any] struct{ data T }

func (d *Desync[T]) Do(job func(*T))    { job(&d.data) }
func (d *Desync[T]) Async(job func(*T)) { job(&d.data) }
func (d *Desync[T]) Data() (p *T)       { d.Do(func(data *T) { p = data }); return p }

func main() {
	var d Desync[[]int]
	var v int
	d.Do(func(*[]int) { d.Do(func(l *[]int) { *l = append(*l, 1) }) })
	d.Async(func(l *[]int) { v = len(*l) })
	fmt.Println(v, len(*d.Data()))
	fmt.Println(desync.New(1).Sync(func(n *int) int { return *n }))
}
