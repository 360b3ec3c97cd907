// Package batch has the signatures of the real one.
package batch

import (
	"context"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

type Limits[V any] struct{ Items int }

type Batch[V, R any] struct{}

func New[T, V, R any](d desync.Object[T], limits Limits[V], job func(data *T, items []V) (results []R, err error)) *Batch[V, R] {
	return nil
}

func (b *Batch[V, R]) Add(ctx context.Context, item V) (result R, err error) { return result, nil }

func (b *Batch[V, R]) Future(item V) *futures.Future[R] { return nil }

func (b *Batch[V, R]) Flush(ctx context.Context) error { return nil }

func (b *Batch[V, R]) Close(ctx context.Context) error { return nil }
