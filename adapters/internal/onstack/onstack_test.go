package onstack_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/go-desync/go-desync/adapters/internal/onstack"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const here = "github.com/go-desync/go-desync/adapters/internal/onstack_test."

func marked[T any](f func() bool) bool { return f() }

func deep(levels int, f func() bool) bool {
	if levels == 0 {
		return f()
	}
	return deep(levels-1, f)
}

func TestHas(t *testing.T) {
	if !onstack.Has(here + "TestHas") {
		t.Error("the function that calls Has was not found")
	}
	if onstack.Has(here + "marked") {
		t.Error("a function was found that is not being called")
	}
	// Around the number of frames that are looked at in one go, and far above.
	for _, levels := range []int{0, 1, 58, 59, 60, 61, 62, 63, 64, 65, 66, 126, 127, 128, 129, 10_000} {
		look := func() bool { return onstack.Has(here + "marked") }
		if !marked[int](func() bool { return deep(levels, look) }) {
			t.Errorf("the function was not found %d levels down", levels)
		}
		if deep(levels, look) {
			t.Errorf("a function was found that is not being called, %d levels down", levels)
		}
	}
	if marked[int](func() bool {
		found := make(chan bool)
		go func() { found <- onstack.Has(here + "marked") }()
		return <-found
	}) {
		t.Error("a function was found that another goroutine is calling")
	}
}
