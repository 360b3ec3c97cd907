// Package bounded has the signatures of the real one.
package bounded

import (
	"context"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

type Bound struct{}

func New(size int64) *Bound { return nil }

func (b *Bound) Async[T any](ctx context.Context, d desync.Object[T], weight int64, job func(data *T)) error {
	return nil
}

func (b *Bound) TryAsync[T any](d desync.Object[T], weight int64, job func(data *T)) error {
	return nil
}

func (b *Bound) Future[T, R any](ctx context.Context, d desync.Object[T], weight int64, job func(ctx context.Context, data *T) (R, error)) *futures.Future[R] {
	return nil
}

func (b *Bound) Acquire(ctx context.Context, weight int64) (*Permit, error) { return nil, nil }

func (b *Bound) Wait(ctx context.Context) error { return nil }

type Permit struct{}

func (p *Permit) Async[T any](d desync.Object[T], job func(data *T)) error { return nil }

func (p *Permit) Release() {}

type Limit struct{}

func NewLimit(n int) *Limit { return nil }

func (l *Limit) Async[T any](ctx context.Context, d desync.Object[T], job func(ctx context.Context, data *T)) error {
	return nil
}

func (l *Limit) Future[T, R any](ctx context.Context, d desync.Object[T], job func(ctx context.Context, data *T) (R, error)) *futures.Future[R] {
	return nil
}

func (l *Limit) Do[T any](ctx context.Context, d desync.Object[T], job func(ctx context.Context, data *T) error) error {
	return nil
}

func (l *Limit) Wait(ctx context.Context) error { return nil }
