package bounded

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/go-desync/go-desync/adapters/internal/ended"
	"github.com/go-desync/go-desync/adapters/internal/onstack"
	"github.com/go-desync/go-desync/desync"
)

// The errors of a call. Match them with errors.Is. All but ErrInJob match
// [desync.ErrNotRun] too: the job has not run and never will.
var (
	// ErrFull says that there was no room for the job.
	ErrFull = notRunBecause("no room for the job")

	// ErrTooHeavy says that the weight of the job is above the size of the bound,
	// so that there will never be room for it.
	ErrTooHeavy = notRunBecause("the job is heavier than the bound allows")

	// ErrClosed says that Close was called before.
	ErrClosed = notRunBecause("closed")

	// ErrReleased says that the permit was released before.
	ErrReleased = notRunBecause("the permit was released")

	// ErrInJob says that the call did not wait because it was made in a job. The error of a
	// job that there was no room for matches ErrFull too.
	ErrInJob = errors.New("bounded: a call does not wait inside a job, since what it would wait for may wait " +
		"for this job or for an object that it holds")

	errNotQueued    = notRunBecause("an observer of the object has panicked")
	errFullInJob    = fmt.Errorf("%w: %w", ErrInJob, ErrFull)
	errLimitedInJob = fmt.Errorf("%w; pass on the context that a job of the limit was given: %w", ErrInJob, desync.ErrNotRun)
)

func notRunBecause(what string) error { return fmt.Errorf("bounded: %s: %w", what, desync.ErrNotRun) }

// notRun is the error of a call that has waited for what until its context ended.
func notRun(ctx context.Context, what string) error {
	return ended.Error(ctx, "bounded: the context ended before "+what, desync.ErrNotRun)
}

// inJob reports whether the calling goroutine runs a job of any object. If so, a
// function of package desync is on its stack.
func inJob() bool {
	return onstack.Has(reflect.TypeFor[desync.DeadlockError]().PkgPath() + ".")
}

func mustContext(name string, ctx context.Context) {
	if ctx == nil {
		panic("bounded: " + name + ": the context must not be nil")
	}
}

func mustNotBeNil(name string, isNil bool) {
	if isNil {
		panic("bounded: " + name + ": the object and the job must not be nil")
	}
}

func mustBePositive(name, what string, n int64) {
	if n <= 0 {
		panic(fmt.Sprintf("bounded: %s: the %s must be positive, it is %d", name, what, n))
	}
}
