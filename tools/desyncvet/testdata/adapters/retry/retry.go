// Package retry has the signatures of the real one.
package retry

import (
	"context"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

type Policy struct{}

func Do[T any](ctx context.Context, p Policy, d desync.Object[T], job func(ctx context.Context, data *T) error) error {
	return nil
}

func Future[T, R any](ctx context.Context, p Policy, d desync.Object[T], job func(ctx context.Context, data *T) (R, error)) *futures.Future[R] {
	return nil
}
