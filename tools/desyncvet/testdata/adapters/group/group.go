// Package group has the signatures of the real one.
package group

import (
	"context"

	"github.com/go-desync/go-desync/desync"
)

type Group struct{}

func WithContext(ctx context.Context) (*Group, context.Context) { return new(Group), ctx }

func (g *Group) Wait() error { return nil }

func (g *Group) Go[T any](d desync.Object[T], job func(ctx context.Context, data *T) error) bool {
	return true
}

func (g *Group) SetLimit(n int) {}
