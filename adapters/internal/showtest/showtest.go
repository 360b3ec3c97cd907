// Package showtest is for tests of types that print themselves.
package showtest

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
)

// Check prints p, a pointer, with all verbs, and logs it. The text must have the type,
// the address, and then want.
func Check(t *testing.T, p slog.LogValuer, want string) {
	t.Helper()
	name, _, _ := strings.Cut(strings.TrimPrefix(fmt.Sprintf("%T", p), "*"), "[")
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%08v", "%z"} {
		got := fmt.Sprintf(verb, p)
		if !strings.HasPrefix(got, name) || !strings.HasSuffix(got, fmt.Sprintf("(%p): %s", p, want)) {
			t.Errorf("%s prints %s; want %s(%p): %s", verb, got, name, p, want)
		}
	}
	var out bytes.Buffer
	slog.New(slog.NewJSONHandler(&out, nil)).Info("state", "p", p)
	if got := out.String(); !strings.Contains(got, fmt.Sprintf(`"p":{"object":"%s`, name)) || !strings.Contains(got, fmt.Sprintf("(%p)", p)) {
		t.Errorf("the log is %s; want a group with an object %s(%p)", got, name, p)
	}
}

// Nil checks that p, a nil pointer, prints as nil.
func Nil(t *testing.T, p slog.LogValuer) {
	t.Helper()
	if got := fmt.Sprintf("%v %+v %#v", p, p, p); got != "<nil> <nil> <nil>" {
		t.Errorf("a nil %T prints as %s", p, got)
	}
	var out bytes.Buffer
	slog.New(slog.NewTextHandler(&out, nil)).Info("state", "p", p)
	if got := out.String(); !strings.Contains(got, "p=<nil>") {
		t.Errorf("a nil %T is logged as %s", p, got)
	}
}

// While prints and logs p again and again until the function that it returns is called.
// With the race detector, the test fails if that reads a field while another goroutine
// changes it.
func While(p slog.LogValuer) (stop func()) {
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	first, end, ended := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for n := 0; ; n++ {
			fmt.Fprintf(io.Discard, "%v %+v %#v %s %d", p, p, p, p, p)
			log.Info("state", "p", p)
			if n == 0 {
				close(first)
			}
			select {
			case <-end:
				return
			default:
			}
		}
	}()
	<-first
	return func() {
		close(end)
		<-ended
	}
}
