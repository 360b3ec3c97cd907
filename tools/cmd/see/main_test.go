package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/go-desync/go-desync/tools/internal/cli"
)

func source(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.go"), []byte("package a\n\nvar err = err\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestServesThePage(t *testing.T) {
	defer goleak.VerifyNone(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	r, w := io.Pipe()
	var stderr bytes.Buffer
	done := make(chan int)
	go func() {
		code := run(ctx, []string{source(t)}, w, &stderr)
		w.Close()
		done <- code
	}()
	lines := bufio.NewScanner(r)
	url := ""
	for url == "" && lines.Scan() {
		if strings.HasPrefix(lines.Text(), "http://") {
			url = lines.Text()
		}
	}
	go io.Copy(io.Discard, r)
	defer http.DefaultClient.CloseIdleConnections()
	var state struct{ Busy []struct{ Object string } }
	for seen := map[string]bool{}; !seen["exports"] || !seen["accounts"] || !seen["ledger"]; {
		resp, err := http.Get(url + "state.json")
		if err != nil {
			t.Fatal(err)
		}
		err = json.NewDecoder(resp.Body).Decode(&state)
		resp.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range state.Busy {
			name, _, _ := strings.Cut(o.Object, "#")
			seen[name] = true
		}
	}
	stop()
	if code := <-done; code != cli.Done {
		t.Errorf("the exit code is %d: %s", code, &stderr)
	}
}

func TestDumps(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made", "for it")
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), []string{"--dump=" + dir, "--for=100ms", source(t)}, &stdout, &stderr); code != cli.Done {
		t.Fatalf("the exit code is %d: %s", code, &stderr)
	}
	trace, err := os.ReadFile(filepath.Join(dir, "trace.json"))
	if err != nil || !json.Valid(trace) {
		t.Errorf("trace.json: %v, %d bytes", err, len(trace))
	}
	page, err := os.ReadFile(filepath.Join(dir, "timeline.html"))
	if err != nil || !bytes.Contains(page, []byte("accounts")) {
		t.Errorf("timeline.html: %v, %d bytes", err, len(page))
	}
}

func TestComplains(t *testing.T) {
	for name, test := range map[string]struct {
		args []string
		code int
		want string
	}{
		"no source":    {[]string{t.TempDir()}, cli.Usage, "holds no Go files; name a directory with .go files"},
		"no directory": {[]string{"--dump=" + filepath.Join(source(t), "a.go"), source(t)}, cli.Fault, "choose another directory by --dump"},
		"no time":      {[]string{"--for=0s", source(t)}, cli.Usage, "--for=0s: must be longer than nothing"},
		"bad address":  {[]string{"--addr=localhost:no", source(t)}, cli.Fault, "choose another address by --addr"},
	} {
		var stdout, stderr bytes.Buffer
		if code := run(t.Context(), test.args, &stdout, &stderr); code != test.code || !strings.Contains(stderr.String(), test.want) {
			t.Errorf("%s: the exit code is %d, and stderr %q; want %d, %q", name, code, &stderr, test.code, test.want)
		}
	}
}
