package main

import (
	"bytes"
	"strings"
)

// lines calls each with every line that is written to it, and keeps the last few.
// Once a Go program has said that it crashes, it keeps what comes first after that.
type lines struct {
	each   func(string)
	rest   []byte // a line that has not ended
	before []string
	crash  []string
}

func (l *lines) Write(p []byte) (int, error) {
	l.rest = append(l.rest, p...)
	for {
		line, rest, ok := bytes.Cut(l.rest, []byte("\n"))
		if !ok {
			return len(p), nil
		}
		l.rest = rest
		l.add(string(line))
	}
}

func (l *lines) add(line string) {
	const few, many = 5, 40
	l.each(line)
	switch crash := strings.HasPrefix(line, "panic: ") || strings.HasPrefix(line, "fatal error: "); {
	case len(l.crash) > 0 || crash:
		if len(l.crash) < many {
			l.crash = append(l.crash, line)
		}
	case len(l.before) < few:
		l.before = append(l.before, line)
	default:
		l.before = append(l.before[1:], line)
	}
}

func (l *lines) String() string {
	return strings.Join(append(l.before, l.crash...), "\n")
}
