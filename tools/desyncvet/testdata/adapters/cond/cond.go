// Package cond has the signatures of the real one.
package cond

import (
	"context"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

type Cond[T any] struct{}

func New[T any](d desync.Object[T]) *Cond[T] { return nil }

func (c *Cond[T]) When[R any](ctx context.Context, when func(data *T) bool, job func(ctx context.Context, data *T) (R, error)) *futures.Future[R] {
	return nil
}

func (c *Cond[T]) Async(job func(data *T)) {}

func (c *Cond[T]) Do(job func(data *T)) {}

func (c *Cond[T]) DoContext(ctx context.Context, job func(ctx context.Context, data *T) error) error {
	return nil
}

func (c *Cond[T]) Look() {}

func (c *Cond[T]) Check(data *T) {}
