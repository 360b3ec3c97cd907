// Package pipe has the signatures of the real one.
package pipe

import (
	"context"
	"iter"

	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

type Source[V any] interface {
	iter.Seq[V] | <-chan V | *Stage[V]
}

type Report struct{ Run int }

type Stage[Out any] struct{}

func (s *Stage[Out]) Completed() *Stage[Out] { return s }

func (s *Stage[Out]) All() iter.Seq2[Out, error] { return func(func(Out, error) bool) {} }

func (s *Stage[Out]) Chan(ctx context.Context) <-chan futures.Result[Out] { return nil }

func In[T, V any, S Source[V]](ctx context.Context, d desync.Object[T], src S, depth int, fn func(ctx context.Context, data *T, v V) error) *futures.Future[Report] {
	return nil
}

func Through[T, V, Out any, S Source[V]](ctx context.Context, d desync.Object[T], src S, depth int, fn func(ctx context.Context, data *T, v V) (Out, error)) *Stage[Out] {
	return nil
}

func ByKey[K comparable, T, V, Out any, S Source[V]](ctx context.Context, m *desync.Map[K, T], src S, key func(v V) K, depth int, fn func(ctx context.Context, data *T, v V) (Out, error)) *Stage[Out] {
	return nil
}

func Values[V any](seq iter.Seq2[V, error], err *error) iter.Seq[V] { return nil }

func InByKey[K comparable, T, V any, S Source[V]](ctx context.Context, m *desync.Map[K, T], src S, key func(v V) K, depth int, fn func(ctx context.Context, data *T, v V) error) *futures.Future[Report] {
	return nil
}
