package futures

import "fmt"

// A PanicError is the error of a future whose function panicked. Match it with
// [errors.As]. Code that recovers panics itself may make one as a composite
// literal, from the recovered value and the result of [runtime/debug.Stack],
// called in the deferred function.
type PanicError struct {
	// Value is what the function passed to panic; for panic(nil) it is a
	// *[runtime.PanicNilError].
	Value any

	// Stack is the stack of the goroutine at the panic, in the form of
	// [runtime/debug.Stack]: it shows the function that panicked.
	Stack []byte
}

// Error returns the value and the stack, as a crash shows them. The runtime
// prints the same if a program panics with e and the process ends.
func (e *PanicError) Error() string {
	if len(e.Stack) == 0 {
		return fmt.Sprintf("panic: %v", e.Value)
	}
	return fmt.Sprintf("panic: %v\n\n%s", e.Value, e.Stack)
}

// Unwrap returns Value if it is an error, and nil otherwise.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}
