// Package latest has the signatures of the real one.
package latest

import "github.com/go-desync/go-desync/desync"

type Value[V any] struct{}

type Values[K comparable, V any] struct{}

func On[T, V any](d desync.Object[T], job func(data *T, v V)) *Value[V] { return nil }

func ByKey[K comparable, T, V any](m *desync.Map[K, T], job func(data *T, v V)) *Values[K, V] {
	return nil
}

func (l *Value[V]) Set(v V) (replaced bool) { return false }

func (l *Values[K, V]) Set(key K, v V) (replaced bool) { return false }
