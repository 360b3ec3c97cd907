package writer_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-desync/go-desync/adapters/internal/misuse"
	"github.com/go-desync/go-desync/adapters/writer"
	"github.com/go-desync/go-desync/conformance/bridge"
	"github.com/go-desync/go-desync/desync"
	"github.com/go-desync/go-desync/futures"
)

var (
	_ io.StringWriter = (*writer.Writer)(nil)

	// zapcore.WriteSyncer
	_ interface {
		io.Writer
		Sync() error
	} = (*writer.Writer)(nil)
)

func buffer(b *bytes.Buffer) io.Writer { return b }

func TestWritesAreJobsOfAnObject(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := desync.NewMap(func(key string) bytes.Buffer { return *bytes.NewBufferString(key + ":") })
		for name, d := range map[string]desync.Object[bytes.Buffer]{"plain": desync.New(*bytes.NewBufferString("a:")), "key": m.At("a")} {
			w := writer.On(d, 1000, buffer)
			resume := d.Suspend()
			n, err := io.WriteString(w, "one ")
			require.NoError(t, err)
			assert.Equal(t, 4, n)
			d.Async(func(b *bytes.Buffer) { b.WriteString("two ") })
			w.Write([]byte("three"))
			resume()
			require.NoError(t, w.Close())
			got := ""
			d.Do(func(b *bytes.Buffer) { got = b.String() })
			assert.Equal(t, "a:one two three", got, name)
			_, err = w.WriteString("late")
			assert.ErrorIs(t, err, writer.ErrClosed)
		}
	})
}

func TestFailuresOfAnObject(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		noValue := errors.New("no such file")
		m := desync.NewMapContext(func(context.Context, string) (int, error) { return 0, noValue }, func(string, error) {})
		w := writer.On(m.At("a"), 1000, func(*int) io.Writer { return io.Discard })
		for range 20 { // more than there is room for
			w.WriteString("a line of some length, to fill the memory")
			synctest.Wait()
		}
		_, err := w.WriteString("after")
		assert.ErrorIs(t, err, noValue)
		assert.ErrorIs(t, w.Flush(t.Context()), noValue)

		d := desync.New(0)
		for _, of := range []func(*int) io.Writer{func(*int) io.Writer { return nil }, func(*int) io.Writer { panic("no") }} {
			w := writer.On(d, 100, of)
			w.WriteString("x")
			_, ok := errors.AsType[*futures.PanicError](w.Close())
			assert.True(t, ok)
			d.Do(func(*int) {})
		}
	})
}

type syncer struct {
	bytes.Buffer
	synced []int
	err    error
}

func (s *syncer) Sync() error {
	s.synced = append(s.synced, s.Len())
	return s.err
}

func TestSync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(syncer)
		w := writer.New(s, 1000)
		w.WriteString("four")
		require.NoError(t, w.Sync())
		assert.Equal(t, []int{4}, s.synced, "what was in the file at the Sync")
		s.err = errors.New("disk full")
		assert.ErrorIs(t, w.Sync(), s.err)
		s.err = nil
		_, err := w.WriteString("more")
		assert.NoError(t, err, "the error of a Sync is no failure")
		require.NoError(t, w.Close())
		assert.NoError(t, writer.New(io.Discard, 1).Sync(), "without a Sync")
		failing := writer.New(failed{}, 1000)
		failing.WriteString("x")
		assert.ErrorIs(t, failing.Sync(), io.ErrClosedPipe)
	})
}

type failed struct{}

func (failed) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestBadArgumentsOfOn(t *testing.T) {
	d := desync.New(bytes.Buffer{})
	misuse.Check(t, "writer", map[string]func(){
		"object":          func() { writer.On(nil, 1, buffer) },
		"nil object":      func() { writer.On((*desync.Desync[bytes.Buffer])(nil), 1, buffer) },
		"function":        func() { writer.On[bytes.Buffer](d, 1, nil) },
		"no bound":        func() { writer.On(d, 0, buffer) },
		"a bound below 0": func() { writer.On(d, -1, buffer) },
		"a key without a hash": func() {
			writer.On(desync.NewMap(func(any) bytes.Buffer { return bytes.Buffer{} }).At([]int{}), 1, buffer)
		},
	})
}

type observed func(b byte)

func (o observed) Write(p []byte) (int, error) {
	o(p[0])
	return len(p), nil
}

func TestOrderOfOn(t *testing.T) {
	err := bridge.Check(t.Context(), func(observe func(item int)) (push func(item int) error, finish func() error) {
		items, n := map[int]int{}, 0
		d := desync.New(0)
		w := writer.On(d, 2000, func(*int) io.Writer { return observed(func(byte) { observe(items[n]); n++ }) })
		count := 0
		return func(item int) error {
			d.Do(func(*int) { items[count] = item; count++ })
			_, err := w.WriteString("x")
			return err
		}, w.Close
	})
	if err != nil {
		t.Error(err)
	}
}
