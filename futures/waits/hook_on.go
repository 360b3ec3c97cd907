//go:build race || desyncdebug

package waits

import "context"

// A Hook is the place in a future for what [OnAwait] sets.
type Hook struct {
	begin func(ctx context.Context) (ended func(), err error)
}

func (h *Hook) set(begin func(context.Context) (func(), error)) { h.begin = begin }

// Await does what [OnAwait] says for the future of h, which is about to wait. ended is
// never nil without an error.
func Await(ctx context.Context, h *Hook) (ended func(), err error) {
	if h.begin == nil {
		return func() {}, nil
	}
	return h.begin(ctx)
}
