// Package writer has the signatures of the real one.
package writer

import (
	"context"
	"io"
)

type Writer struct{}

func New(w io.Writer, bound int) *Writer { return nil }

func (w *Writer) Write(p []byte) (int, error) { return 0, nil }

func (w *Writer) Flush(ctx context.Context) error { return nil }

func (w *Writer) Close() error { return nil }
