package history

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// sample has something in every field, and is violated.
func sample() *History {
	return &History{
		Meta: Meta{
			Implementation: "example v1.2.3 <&>", Rule: "ORD-2", Seed: 1<<64 - 1, Program: json.RawMessage(`{"clients":[[1,2]]}`),
			Environment: map[string]string{"os": "linux", "GOMAXPROCS": "2"}, CutFrom: 100,
		},
		Operations: []Operation{
			ran(7, 1, 2, 7, 8),
			ran(9, 3, 6, 4, 5).by(2).onto(0, 4, 5),
			ran(10, 9, 10, 0, 0).told(Canceled).by(3).onto(1),
			ran(-11, 11, 0, 12, 0).told(Pending).by(4).onto(2).again(13, 14),
		},
	}
}

func saved(t testing.TB, h *History) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Save(&b, h); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestSaveLoad(t *testing.T) {
	for _, h := range []*History{sample(), {}, queued(1000, 3)} {
		got, err := Load(iotest.OneByteReader(bytes.NewReader(saved(t, h))))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(h, got); diff != "" {
			t.Errorf("what was loaded is not what was saved (-saved +loaded):\n%s", diff)
		}
	}
}

func TestLoadTruncated(t *testing.T) {
	file := saved(t, sample())
	for n := range file {
		h, err := Load(bytes.NewReader(file[:n]))
		if h != nil || !errors.Is(err, ErrTruncated) {
			t.Errorf("the first %d of %d bytes: Load returned %v and %v, want ErrTruncated", n, len(file), h, err)
		}
	}
	_, err := Load(bytes.NewReader(file[:bytes.LastIndex(file, []byte(`{"end"`))]))
	if want := "history: the file ends too early: after 4 of 4 operations, without the trailer"; err == nil || err.Error() != want {
		t.Errorf("without the trailer: Load returned %v, want %q", err, want)
	}
}

func TestLoadChanged(t *testing.T) {
	file := saved(t, sample())
	for i := range file {
		changed := bytes.Clone(file)
		changed[i] ^= 1
		h, err := Load(bytes.NewReader(changed))
		if h != nil || !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrFormat) && !errors.Is(err, ErrTruncated) {
			t.Errorf("byte %d, %q, changed to %q: Load returned %v and %v, want one of the package's errors", i, file[i], changed[i], h, err)
		}
	}
}

func TestLoadErrors(t *testing.T) {
	file := string(saved(t, sample()))
	lines := strings.SplitAfter(file, "\n")
	without := func(i int) string { return strings.Join(lines[:i], "") + strings.Join(lines[i+1:], "") }
	for _, c := range []struct {
		name, file string
		want       error
		text       string
	}{
		{"empty", "", ErrTruncated, "in the first line"},
		{"text", "hello\n", ErrFormat, "the first line is not the header"},
		{"binary", "\x00\x01\x02", ErrFormat, "the first line is not the header"},
		{"a report", `{"schema":1}` + "\n", ErrFormat, "the first line is not the header"},
		{"a later version", strings.Replace(file, `"version":1`, `"version":2`, 1), ErrFormat, "it has version 2, not 1"},
		{"a negative count", strings.Replace(file, `"operations":4`, `"operations":-4`, 1), ErrCorrupt, "announces -4 operations"},
		{"an operation removed", without(2), ErrCorrupt, "line 5"},
		{"and the count adapted", strings.Replace(without(2), `"operations":4`, `"operations":3`, 1), ErrCorrupt, "checksum"},
		{"an operation repeated", strings.Replace(file, lines[2], lines[2]+lines[2], 1), ErrCorrupt, "line 6 is not the trailer"},
		{"a stamp changed", strings.Replace(file, `"start":7`, `"start":3`, 1), ErrCorrupt, "checksum"},
		{"line ends of another system", strings.ReplaceAll(file, "\n", "\r\n"), ErrCorrupt, "checksum"},
		{"twice", file + file, ErrCorrupt, "something follows the trailer"},
		{"with something after it", file + "x", ErrCorrupt, "something follows the trailer"},
		{"a long line", lines[0] + strings.Repeat(" ", maxLine+1), ErrCorrupt, "line 2 is longer"},
		{"an unknown field", resealed(strings.Replace(file, `"start"`, `"begin"`, 1)), ErrCorrupt, `line 2: json: unknown field "begin"`},
		{"two values in a line", resealed(strings.Replace(file, "}\n{\"id\":9", "} {}\n{\"id\":9", 1)), ErrCorrupt, "line 2: more than one value"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h, err := Load(strings.NewReader(c.file))
			if h != nil || !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.text) {
				t.Errorf("Load returned %v and %v, want an error that matches %q and says %q", h, err, c.want, c.text)
			}
		})
	}
}

// resealed replaces the trailer by one that fits.
func resealed(file string) string {
	if end := strings.LastIndex(file, `{"end"`); end >= 0 {
		file = file[:end]
	}
	sum := sha256.Sum256([]byte(file))
	return file + fmt.Sprintf("{\"end\":true,\"sha256\":%q}\n", hex.EncodeToString(sum[:]))
}

func TestReaderAndWriterErrors(t *testing.T) {
	failed := errors.New("the disk is on fire")
	file := saved(t, sample())
	for n := range file {
		r := io.MultiReader(bytes.NewReader(file[:n]), iotest.ErrReader(failed))
		if h, err := Load(r); h != nil || !errors.Is(err, failed) {
			t.Errorf("reading fails after %d bytes: Load returned %v and %v, want the error of the reader", n, h, err)
		}
	}
	if err := Save(failingWriter{failed}, queued(1000, 3)); !errors.Is(err, failed) {
		t.Errorf("Save returned %v, want the error of the writer", err)
	}
	h := &History{Meta: Meta{Implementation: strings.Repeat("x", maxLine)}}
	if err := Save(io.Discard, h); err == nil || !strings.Contains(err.Error(), "longer than Load reads") {
		t.Errorf("Save of a line that Load cannot read returned %v, want an error that says so", err)
	}
}

type failingWriter struct{ err error }

func (w failingWriter) Write([]byte) (int, error) { return 0, w.err }

func TestRecheck(t *testing.T) {
	h := queued(100, 3)
	got, err := Recheck(bytes.NewReader(saved(t, h)))
	if err != nil || len(got.Operations) != 100 {
		t.Errorf("Recheck of a correct history returned %v and %v", got, err)
	}
	h.Operations[3].Outcome = Refused
	got, err = Recheck(bytes.NewReader(saved(t, h)))
	if v, _ := errors.AsType[*Violation](err); v == nil || v.Rule != "TRY-1" || got == nil {
		t.Errorf("Recheck returned %v and %v, want the history and a violation of TRY-1", got, err)
	}
	h.Operations[3].Outcome = ""
	if _, err = Recheck(bytes.NewReader(saved(t, h))); !errors.As(err, new(*MalformedError)) {
		t.Errorf("Recheck returned %v, want a MalformedError", err)
	}
	got, err = Recheck(strings.NewReader(""))
	if got != nil || !errors.Is(err, ErrTruncated) {
		t.Errorf("Recheck of an empty file returned %v and %v, want ErrTruncated", got, err)
	}
}

// FuzzLoad shows that Load and what comes after it stand any input, and that what
// Load accepts is saved and loaded again as it was.
func FuzzLoad(f *testing.F) {
	f.Add(saved(f, sample()))
	f.Add(saved(f, &History{}))
	f.Add(saved(f, queued(20, 3)))
	f.Add([]byte(`{"format":"desync-history","version":1,"operations":1}` + "\nnull\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		// With a trailer that fits, or chance would never get past the checksum.
		for _, data := range [][]byte{file, []byte(resealed(string(file)))} {
			h, err := Load(bytes.NewReader(data))
			if (h == nil) == (err == nil) {
				t.Fatalf("Load returned %v and %v", h, err)
			}
			if err != nil {
				continue
			}
			again, err := Load(bytes.NewReader(saved(t, h)))
			if err != nil {
				t.Fatalf("what was loaded and saved cannot be loaded: %v", err)
			}
			if !bytes.Equal(saved(t, h), saved(t, again)) {
				t.Fatalf("%+v was saved and came back as %+v", h, again)
			}
			if v, _ := errors.AsType[*Violation](Check(h)); v != nil {
				_ = v.Picture()
				_ = h.Cut(v, 3)
			}
			if err := WriteHTML(io.Discard, h); err != nil && !errors.As(err, new(*MalformedError)) {
				t.Fatalf("WriteHTML returned %v", err)
			}
		}
	})
}
