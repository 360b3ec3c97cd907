package asyncslog_test

import (
	"context"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/go-desync/go-desync/adapters/asyncslog"
)

// crashEnv names the way in which a child process ends.
const crashEnv = "ASYNCSLOG_TEST_CRASH"

// A stuckWriter writes the first record and gets stuck at the second.
type stuckWriter struct {
	io.Writer
	stuck chan struct{}
	wrote bool
}

func (w *stuckWriter) Write(p []byte) (int, error) {
	if w.wrote {
		close(w.stuck)
		select {}
	}
	w.wrote = true
	return w.Writer.Write(p)
}

// crash is the main function of the child.
func crash(name string) {
	var w io.Writer = os.Stdout
	stuck := make(chan struct{})
	if strings.HasSuffix(name, ", stuck") {
		w = &stuckWriter{Writer: os.Stdout, stuck: stuck}
	} else {
		close(stuck)
	}
	noTime := &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}
	h := asyncslog.New(slog.NewTextHandler(w, noTime), 1000, asyncslog.Wait)
	talk := func() {
		for _, message := range []string{"one", "two", "three"} {
			slog.New(h).Info(message)
		}
	}
	switch name {
	case "exit, stuck":
		talk()
		<-stuck
		os.Exit(3)
	case "panic elsewhere, stuck":
		defer h.Flush(context.Background()) // not reached
		talk()
		<-stuck
		go panic("elsewhere")
		select {}
	case "flush, exit":
		talk()
		if h.Flush(context.Background()) == nil {
			os.Exit(3)
		}
	case "panic, deferred flush":
		defer h.Flush(context.Background())
		talk()
		panic("on this goroutine")
	case "return, deferred flush":
		defer h.Flush(context.Background())
		talk()
	}
}

// The documentation of the end of the process is true: without a Flush, queued records
// are lost, and no record is written in part; with a Flush, deferred or before
// os.Exit, no record is lost.
func TestCrash(t *testing.T) {
	const one, all = "level=INFO msg=one\n", "level=INFO msg=one\nlevel=INFO msg=two\nlevel=INFO msg=three\n"
	for _, c := range []struct {
		name string
		out  string
		code int
	}{
		{"exit, stuck", one, 3},
		{"panic elsewhere, stuck", one, 2},
		{"flush, exit", all, 3},
		{"panic, deferred flush", all, 2},
		{"return, deferred flush", all, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			defer goleak.VerifyNone(t)
			exe, err := os.Executable()
			require.NoError(t, err)
			cmd := exec.CommandContext(t.Context(), exe)
			cmd.Env = append(os.Environ(), crashEnv+"="+c.name)
			out, err := cmd.Output()
			var exit *exec.ExitError
			if err != nil {
				require.ErrorAs(t, err, &exit)
			}
			assert.Equal(t, c.out, string(out), "what the child has written")
			assert.Equal(t, c.code, cmd.ProcessState.ExitCode(), "the child's exit code")
		})
	}
}
