// Package asyncslog has the signatures of the real one.
package asyncslog

import (
	"context"
	"log/slog"
)

type Policy int

const Wait Policy = 1

type Handler struct{ slog.Handler }

func New(next slog.Handler, bound int, full Policy) *Handler { return nil }

func (h *Handler) Flush(ctx context.Context) error { return nil }
