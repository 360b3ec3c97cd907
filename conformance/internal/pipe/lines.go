package pipe

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
)

// A Reader reads lines of JSON.
type Reader struct {
	r      *bufio.Reader
	strict bool
	line   []byte
}

// NewReader returns a Reader. A strict one does not accept unknown fields.
func NewReader(r io.Reader, strict bool) *Reader {
	return &Reader{r: bufio.NewReaderSize(r, 64<<10), strict: strict}
}

// A LineError is a line that is not one of the protocol.
type LineError struct {
	What string
	Line string // its beginning
}

func (e *LineError) Error() string {
	if e.Line == "" {
		return e.What
	}
	return fmt.Sprintf("%s: %q", e.What, e.Line)
}

// Next reads a line into m. The error is io.EOF at the end of the input, a [*LineError]
// for a line that is not one, or that of the reader.
func (r *Reader) Next(m any) error {
	r.line = r.line[:0]
	for {
		part, err := r.r.ReadSlice('\n')
		if len(r.line)+len(part) > MaxLine {
			return &LineError{fmt.Sprintf("a line of more than %d bytes", MaxLine), beginning(r.line)}
		}
		r.line = append(r.line, part...)
		switch {
		case err == nil:
			return r.decode(m)
		case errors.Is(err, bufio.ErrBufferFull):
		case len(r.line) > 0 && errors.Is(err, io.EOF):
			return &LineError{"the output ends in the middle of a line", beginning(r.line)}
		default:
			return err
		}
	}
}

func (r *Reader) decode(m any) error {
	d := json.NewDecoder(bytes.NewReader(r.line))
	if r.strict {
		d.DisallowUnknownFields()
	}
	if err := d.Decode(m); err != nil {
		what := "a line that is not a JSON object of the protocol"
		if r.line[0] == '{' {
			what = fmt.Sprintf("a line that cannot be understood (%v)", err)
		}
		return &LineError{what, beginning(r.line)}
	}
	if rest := bytes.TrimSpace(r.line[d.InputOffset():]); len(rest) > 0 {
		return &LineError{"a line with something behind its object", beginning(r.line)}
	}
	return nil
}

// beginning is enough of a line to know it by.
func beginning(line []byte) string {
	const most = 120
	line = bytes.TrimRight(line, "\r\n")
	if len(line) > most {
		return string(line[:most]) + "..."
	}
	return string(line)
}

// A Writer writes lines of JSON. It may be used by many goroutines.
type Writer struct {
	mu sync.Mutex
	w  io.Writer
}

// NewWriter returns a Writer.
func NewWriter(w io.Writer) *Writer { return &Writer{w: w} }

// Send writes m as a line, in one write.
func (w *Writer) Send(m any) error {
	data, err := json.Marshal(m)
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	_, err = w.w.Write(append(data, '\n'))
	return err
}
