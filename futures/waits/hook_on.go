//go:build race || desyncdebug

package waits

import "context"

// A Hook holds the function that [OnAwait] sets for a future.
type Hook struct {
	begin func(ctx context.Context) (ended func(), err error)
}

func (h *Hook) set(begin func(context.Context) (func(), error)) { h.begin = begin }

// Await is called before an Await of the future of h waits. It calls the function that
// [OnAwait] has set, if any. If err is nil, ended is not.
func Await(ctx context.Context, h *Hook) (ended func(), err error) {
	if h.begin == nil {
		return func() {}, nil
	}
	return h.begin(ctx)
}
