// Package object is what the adapters ask of an object before they use it.
package object

import "github.com/go-desync/go-desync/desync"

// IsNil reports whether o is nil, or a nil *desync.Desync.
func IsNil[T any](o desync.Object[T]) bool {
	return o == nil || o == desync.Object[T]((*desync.Desync[T])(nil))
}
