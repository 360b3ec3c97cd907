package futures

// AfterFunc arranges to call fn with f's value and error, in a goroutine of its
// own, when f settles, or at once if f has settled. No goroutine waits meanwhile.
// A panic in fn ends the process, as for any goroutine.
//
// The returned stop function keeps fn from being called, and reports whether it
// did. It returns false if f has settled and fn was started, or if stop was
// called before. After stop, f no longer refers to fn. stop does not wait for fn.
//
// Use [Future.Then] to make a future of what a function returns. AfterFunc panics
// if fn is nil.
func (f *Future[T]) AfterFunc(fn func(v T, err error)) (stop func() bool) {
	if fn == nil {
		panic("futures: AfterFunc: nil function")
	}
	w := &waiter{on: func(int) { go func() { fn(f.value, f.err) }() }}
	f.signal.register(w)
	return func() bool { return f.signal.unregister(w) }
}
