// The sink flushes a writer of its own, behind the one that it is the sink of.
package main

import (
	"context"
	"os"

	"github.com/go-desync/go-desync/adapters/writer"
)

type sink struct{ front, back *writer.Writer }

func newSink(file *os.File) *sink {
	s := &sink{back: writer.New(file, 1024)}
	s.front = writer.New(s, 1024)
	return s
}

func (s *sink) Write(p []byte) (int, error) {
	if _, err := s.back.Write(p); err != nil {
		return 0, err
	}
	return len(p), s.back.Flush(context.Background())
}

func main() {
	s := newSink(os.Stdout)
	s.front.Write([]byte("hello\n"))
	s.front.Flush(context.Background())
}
