package writer_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"

	"github.com/go-desync/go-desync/adapters/writer"
	"github.com/go-desync/go-desync/desync"
)

// The error speaks of the writer, not of what it is made of, and what has been accepted
// will be written.
func TestErrorOfAFlushThatGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		w := writer.New(gatedWriter{gate, nil}, 1000)
		_, err := io.WriteString(w, "text")
		assert.NoError(t, err)
		reason := errors.New("a reason")
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(reason)
		err = w.Flush(ctx)
		assert.EqualError(t, err, "writer: not all is written yet: a reason")
		assert.ErrorIs(t, err, context.Canceled)
		assert.ErrorIs(t, err, reason)
		assert.NotErrorIs(t, err, desync.ErrNotRun)
		close(gate)
		assert.NoError(t, w.Close())
	})
}
