// Package attempt calls the user's functions on goroutines that must go on.
package attempt

import (
	"runtime"
	"runtime/debug"

	"github.com/go-desync/go-desync/futures"
)

// Run calls fn and then ended, however fn has ended. ended gets the error that fn
// returned, a [*futures.PanicError] if fn panicked, or [futures.ErrGoexit] if fn called
// runtime.Goexit. A panic of fn goes no further. A Goexit cannot be stopped, and ends
// the goroutine when ended has returned.
//
// Its twins, which settle futures, are in settle.go of package futures and attempt.go of
// package desync.
func Run(fn func() error, ended func(err error)) {
	err := futures.ErrGoexit
	defer func() { ended(err) }()
	err = call(fn)
}

func call(fn func() error) (err error) {
	returned := false
	defer func() {
		if returned {
			return
		}
		v := recover()
		if v == nil {
			// A Goexit, and then nobody sees err; or, with GODEBUG=panicnil=1, a
			// panic(nil).
			v = new(runtime.PanicNilError)
		}
		err = &futures.PanicError{Value: v, Stack: debug.Stack()}
	}()
	err = fn()
	returned = true
	return err
}
