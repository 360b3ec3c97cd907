package goexit

import (
	"testing"

	"github.com/go-desync/go-desync/desync"
)

func fatal(t *testing.T, d *desync.Desync[int]) {
	d.Async(func(n *int) {
		if *n != 1 {
			t.Fatalf("got %d", *n) // want `t.Fatalf in a job`
		}
		*n++
	})
	d.Async(func(n *int) {
		t.Fatal(*n) // want `t.Fatal in a job`
	})
	_ = d.Future(func(n *int) int {
		t.Fatal(*n) // want `t.Fatal in a job`
		return *n
	})
}
