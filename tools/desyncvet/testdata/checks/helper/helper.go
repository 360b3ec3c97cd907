// Package helper has what the checks must know of a function in another package.
package helper

import (
	"testing"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

var Total desync.Desync[int]

// Add waits for its argument.
func Add(d *desync.Desync[int], n int) {
	d.Do(func(total *int) { *total += n })
}

// AddTotal waits for a variable.
func AddTotal(n int) { Add(&Total, n) }

// Later returns a future of its argument.
func Later(d *desync.Desync[int]) *futures.Future[int] {
	return d.Future(func(n *int) int { return *n })
}

// Must ends its goroutine.
func Must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var kept []int

// Keep stores its argument.
func Keep(list []int) { kept = list }

// Sum keeps nothing.
func Sum(list []int) (sum int) {
	for _, n := range list {
		sum += n
	}
	return sum
}

// Tail returns a part of its argument.
func Tail(list []int) []int { return list[1:] }

// Clone copies the values of a type parameter.
func Clone[T any](list []T) []T {
	out := make([]T, len(list))
	for i, v := range list {
		out[i] = v
	}
	return out
}

// Count copies none.
func Count[T any](list []T) int { return len(list) }
