// The sink of a background writer flushes the writer, which waits for the sink.
package main

import (
	"context"
	"os"

	"github.com/go-desync/go-desync/adapters/writer"
)

type sink struct {
	file *os.File
	w    *writer.Writer
}

func newSink(file *os.File) *sink {
	s := &sink{file: file}
	s.w = writer.New(s, 1024)
	return s
}

func (s *sink) Write(p []byte) (int, error) {
	if err := s.w.Flush(context.Background()); err != nil {
		return 0, err
	}
	return s.file.Write(p)
}

func main() { newSink(os.Stdout).w.Write([]byte("hello\n")) }
