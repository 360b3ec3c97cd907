package history

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
)

// The errors of Load, to be matched with errors.Is. What Load returns says more.
var (
	ErrFormat    = errors.New("not a history file that this program can read")
	ErrTruncated = errors.New("the file ends too early")
	ErrCorrupt   = errors.New("the file is not what was saved")
)

const (
	fileFormat  = "desync-history"
	fileVersion = 1
	maxLine     = 16 << 20
)

// A saved history is a line of JSON for the header, one for each operation, and
// one for the trailer, whose checksum is over all the bytes before it.
type header struct {
	Format     string `json:"format"`
	Version    int    `json:"version"`
	Operations int    `json:"operations"`
	Meta
}

type trailer struct {
	End    bool   `json:"end"`
	SHA256 string `json:"sha256"`
}

// Save writes a history in a form that Load reads. The last line holds a checksum,
// so that what a crash or a full disk leaves of a file never passes for a history.
func Save(w io.Writer, h *History) error {
	out := bufio.NewWriter(w)
	sum := sha256.New()
	line := func(v any) error {
		b, err := json.Marshal(v)
		if err != nil {
			return fmt.Errorf("history: %w", err)
		}
		b = append(b, '\n')
		if len(b) > maxLine {
			return fmt.Errorf("history: a line of %d bytes is longer than Load reads", len(b))
		}
		sum.Write(b)
		_, err = out.Write(b)
		return err
	}
	if err := line(header{fileFormat, fileVersion, len(h.Operations), h.Meta}); err != nil {
		return err
	}
	for i := range h.Operations {
		if err := line(&h.Operations[i]); err != nil {
			return err
		}
	}
	if err := line(trailer{true, hex.EncodeToString(sum.Sum(nil))}); err != nil {
		return err
	}
	return out.Flush()
}

// Load reads a history that Save wrote. Its error matches ErrFormat if the file is
// something else or of a later version, ErrTruncated if its end is missing,
// ErrCorrupt if it was changed or damaged, or is the error of the reader. It never
// returns a part of a history.
//
// Load does not judge: a history that was saved malformed is loaded, and Check
// says so.
func Load(r io.Reader) (*History, error) {
	in := &lines{in: bufio.NewReader(r), sum: sha256.New()}
	var head header
	b, err := in.next()
	if begin := []byte(`{"format":"` + fileFormat + `"`); errors.Is(err, io.EOF) && (bytes.HasPrefix(begin, b) || bytes.HasPrefix(b, begin)) {
		return nil, fmt.Errorf("history: %w: in the first line", ErrTruncated)
	} else if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if json.Unmarshal(b, &head) != nil || head.Format != fileFormat {
		return nil, fmt.Errorf("history: %w: the first line is not the header of one", ErrFormat)
	}
	if head.Version != fileVersion {
		return nil, fmt.Errorf("history: %w: it has version %d, not %d", ErrFormat, head.Version, fileVersion)
	}
	if head.Operations < 0 {
		return nil, fmt.Errorf("history: %w: the header announces %d operations", ErrCorrupt, head.Operations)
	}
	h := &History{Meta: head.Meta}
	for len(h.Operations) < head.Operations {
		if b, err = in.next(); err != nil {
			return nil, truncated(err, len(h.Operations), head.Operations)
		}
		var o Operation
		if err := strict(b, &o); err != nil {
			return nil, fmt.Errorf("history: %w: line %d: %v", ErrCorrupt, in.line, err)
		}
		h.Operations = append(h.Operations, o)
	}
	want := hex.EncodeToString(in.sum.Sum(nil))
	if b, err = in.next(); err != nil {
		return nil, truncated(err, len(h.Operations), head.Operations)
	}
	var end trailer
	if strict(b, &end) != nil || !end.End {
		return nil, fmt.Errorf("history: %w: line %d is not the trailer that should follow %d operations", ErrCorrupt, in.line, head.Operations)
	}
	if end.SHA256 != want {
		return nil, fmt.Errorf("history: %w: the checksum is %.12s…, not %.12s… as the trailer says", ErrCorrupt, want, end.SHA256)
	}
	if b, err = in.next(); err == nil || len(b) > 0 {
		return nil, fmt.Errorf("history: %w: something follows the trailer", ErrCorrupt)
	} else if !errors.Is(err, io.EOF) {
		return nil, err
	}
	return h, nil
}

// Recheck loads a history and checks it. The history is nil if it cannot be loaded;
// otherwise the error is that of Check.
func Recheck(r io.Reader) (*History, error) {
	h, err := Load(r)
	if err != nil {
		return nil, err
	}
	return h, Check(h)
}

func truncated(err error, have, want int) error {
	if !errors.Is(err, io.EOF) {
		return err
	}
	return fmt.Errorf("history: %w: after %d of %d operations, without the trailer", ErrTruncated, have, want)
}

// strict unmarshals JSON that has no fields but those of v.
func strict(b []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if d.More() {
		return errors.New("more than one value in a line")
	}
	return nil
}

// lines reads lines of bounded length and sums what it has read.
type lines struct {
	in   *bufio.Reader
	sum  hash.Hash
	line int
}

// next returns a line with its end. A last line without one comes with io.EOF.
func (l *lines) next() ([]byte, error) {
	var b []byte
	l.line++
	for {
		part, err := l.in.ReadSlice('\n')
		b = append(b, part...)
		if len(b) > maxLine {
			return nil, fmt.Errorf("history: %w: line %d is longer than %d bytes", ErrCorrupt, l.line, maxLine)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		l.sum.Write(b)
		return b, err
	}
}
