//go:build race || desyncdebug

package writer_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"

	"github.com/go-desync/go-desync/adapters/writer"
	"github.com/go-desync/go-desync/desync"
)

type writeFunc func(p []byte) (int, error)

func (f writeFunc) Write(p []byte) (int, error) { return f(p) }

// The other writer waits for the writer that calls it.
func TestNST3_FlushAndCloseInAWrite(t *testing.T) {
	for name, wait := range map[string]func(w *writer.Writer) error{
		"Flush": func(w *writer.Writer) error { return w.Flush(context.Background()) },
		"Close": (*writer.Writer).Close,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var w *writer.Writer
				var err error
				w = writer.New(writeFunc(func(p []byte) (int, error) {
					err = wait(w)
					return len(p), nil
				}), 10)
				_, _ = w.Write([]byte("text"))
				assert.NoError(t, w.Flush(t.Context()))
				_, ok := errors.AsType[*desync.DeadlockError](err)
				assert.Truef(t, ok, "NST-3: a %s by the other writer gave %v; want a DeadlockError", name, err)
			})
		})
	}
}
