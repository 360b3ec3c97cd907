package writer_test

import (
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/go-desync/go-desync/adapters/internal/showtest"
	"github.com/go-desync/go-desync/adapters/writer"
)

// A gatedWriter writes when the gate is open, and fails with err.
type gatedWriter struct {
	gate chan struct{}
	err  error
}

func (g gatedWriter) Write(p []byte) (int, error) { <-g.gate; return len(p), g.err }

func TestPrint(t *testing.T) {
	showtest.Nil(t, (*writer.Writer)(nil))
	gate := make(chan struct{})
	w := writer.New(gatedWriter{gate, nil}, 1000)
	showtest.Check(t, w, "idle, 1000 bound")
	_, err := io.WriteString(w, "text")
	assert.NoError(t, err)
	showtest.Check(t, w, "busy, 76 taken, 1000 bound")
	close(gate)
	assert.NoError(t, w.Close())
	showtest.Check(t, w, "closed, 1000 bound")

	bad := writer.New(gatedWriter{gate, errors.New("a failure")}, 1000)
	_, err = io.WriteString(bad, "text")
	assert.NoError(t, err)
	assert.Error(t, bad.Flush(t.Context()))
	showtest.Check(t, bad, "failed, 1000 bound")
}

func TestPrintingReadsNoData(t *testing.T) {
	w := writer.New(io.Discard, 1000)
	stop := showtest.While(w)
	for range 300 {
		_, err := io.WriteString(w, "text")
		assert.NoError(t, err)
	}
	assert.NoError(t, w.Close())
	stop()
}
