// Package bounded has the signatures of the real one.
package bounded

import (
	"context"

	"github.com/go-desync/go-desync/desync"
)

type Bound struct{}

func New(size int64) *Bound { return nil }

func (b *Bound) Async[T any](ctx context.Context, d desync.Object[T], weight int64, job func(data *T)) error {
	return nil
}

func (b *Bound) TryAsync[T any](d desync.Object[T], weight int64, job func(data *T)) error {
	return nil
}
