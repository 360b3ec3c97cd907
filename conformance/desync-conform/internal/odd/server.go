package odd

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
)

// A server keeps the lines of all objects. What is asked of it comes as a number, over a
// connection, and says which of the wishes below is to be granted.
type server struct {
	connect func() (io.Reader, io.Writer, error)
	once    sync.Once
	out     io.Writer

	mu     sync.Mutex
	asked  uint64
	wishes map[uint64]func()
}

func (s *server) start() {
	in, out, err := s.connect()
	if err != nil {
		panic("odd: no connection: " + err.Error())
	}
	s.out, s.wishes = out, map[uint64]func(){}
	go s.serve(in)
}

func (s *server) serve(in io.Reader) {
	var number [8]byte
	for {
		if _, err := io.ReadFull(in, number[:]); err != nil {
			panic("odd: the connection is broken: " + err.Error())
		}
		s.take(binary.LittleEndian.Uint64(number[:]))()
	}
}

// ask lets the server do something that does not block.
func (s *server) ask(wish func()) {
	s.mu.Lock()
	s.asked++
	number := binary.LittleEndian.AppendUint64(nil, s.asked)
	s.wishes[s.asked] = wish
	s.mu.Unlock()
	if _, err := s.out.Write(number); err != nil {
		panic("odd: the connection is broken: " + err.Error())
	}
}

func (s *server) take(number uint64) func() {
	s.mu.Lock()
	defer s.mu.Unlock()
	wish := s.wishes[number]
	if delete(s.wishes, number); len(s.wishes) == 0 {
		s.wishes = map[uint64]func(){} // a map does not get smaller
	}
	return wish
}

func (s *server) line() line {
	s.once.Do(s.start)
	return &remote{server: s}
}

// remote is a line that the server keeps. The fields are the server's.
type remote struct {
	server *server
	all    []func()
	busy   bool
}

func (l *remote) enter(granted func()) {
	l.server.ask(func() {
		if l.busy {
			l.all = append(l.all, granted)
			return
		}
		l.busy = true
		granted()
	})
}

func (l *remote) leave() {
	l.server.ask(func() {
		if len(l.all) == 0 {
			l.all, l.busy = nil, false
			return
		}
		granted := l.all[0]
		l.all[0] = nil
		l.all = l.all[1:]
		granted()
	})
}

func pipe() (io.Reader, io.Writer, error) {
	in, out := io.Pipe()
	return in, out, nil
}

// socket returns the ends of a connection over a unix socket.
func socket() (io.Reader, io.Writer, error) {
	dir, err := os.MkdirTemp("", "odd-")
	if err != nil {
		return nil, nil, err
	}
	defer os.RemoveAll(dir)
	listener, err := net.Listen("unix", filepath.Join(dir, "s"))
	if err != nil {
		return nil, nil, err
	}
	defer listener.Close()
	out, err := net.Dial("unix", listener.Addr().String())
	in, err2 := listener.Accept()
	return in, out, errors.Join(err, err2)
}
