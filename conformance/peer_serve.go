package conformance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"sync"

	"github.com/go-desync/go-desync/conformance/internal/pipe"
)

// ServePeer makes the objects of f those of a peer: it speaks the protocol of PROTOCOL.md
// on in and out, which most often are [os.Stdin] and [os.Stdout], until the driver ends
// the conversation. Objects are made by f.New as for [Check]; of f's features, those about
// keys are left out. Nothing else may write to out.
//
// It returns nil when the driver says that it is done or closes its end, and the error of
// a line that cannot be read or written.
func ServePeer(in io.Reader, out io.Writer, f Factory) error {
	if f.New == nil || f.Info.Name == "" {
		return errors.New("conformance: ServePeer needs a Factory with New and Info.Name")
	}
	s := &server{f: f, out: pipe.NewWriter(out), now: newServerCase()}
	lines := pipe.NewReader(in, false)
	for {
		var o pipe.Order
		switch err := lines.Next(&o); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if o.Op == "bye" {
			return nil
		}
		if err := s.take(o); err != nil {
			return err
		}
	}
}

// A server is the peer's end of a conversation.
type server struct {
	f   Factory
	out *pipe.Writer

	mu    sync.Mutex
	now   *serverCase
	runs  int64
	beds  map[int64]chan pipe.Order // of the jobs that run, by run
	seats map[int]chan pipe.Order   // of the clients
	last  *player                   // of the program that is played
	fault string
}

// A serverCase is what a reset forgets.
type serverCase struct {
	objects map[int]Object
	numbers map[*State]int
	waits   map[int64]Wait
	settles map[int64]func(int, error)
	resumes map[int64]func()
	cancels map[int64]context.CancelFunc

	canceled map[int64]bool
}

func newServerCase() *serverCase {
	return &serverCase{
		objects: map[int]Object{}, numbers: map[*State]int{}, waits: map[int64]Wait{},
		settles: map[int64]func(int, error){}, resumes: map[int64]func(){}, cancels: map[int64]context.CancelFunc{},
		canceled: map[int64]bool{},
	}
}

// say sends a message. Without a driver there is nobody to say it to.
func (s *server) say(a pipe.Answer) { _ = s.out.Send(a) }

// take does what an order says, or gives it to the goroutine that does.
func (s *server) take(o pipe.Order) error {
	switch o.Op {
	case "hello":
		return s.out.Send(s.hello(o))
	case "new", "call":
		s.seat(o) <- o
	case "end":
		s.mu.Lock()
		bed := s.beds[o.Run]
		delete(s.beds, o.Run)
		s.mu.Unlock()
		if bed != nil { // else its goroutine has ended already
			bed <- o
		}
	case "cancel":
		s.mu.Lock()
		cancel := s.now.cancels[o.ID]
		s.now.canceled[o.ID] = true // if the call has not come so far
		s.mu.Unlock()
		if cancel != nil {
			cancel()
		}
	case "drop":
		s.mu.Lock()
		delete(s.now.waits, o.F)
		s.mu.Unlock()
	case "reset":
		s.mu.Lock()
		s.now = newServerCase()
		s.mu.Unlock()
	case "ping":
		s.say(pipe.Answer{Op: "pong", ID: o.ID})
	case "gc":
		runtime.GC()
		runtime.GC()
		s.say(pipe.Answer{Op: "pong", ID: o.ID})
	case "stat":
		s.mu.Lock()
		own := len(s.seats)
		s.mu.Unlock()
		s.say(pipe.Answer{Op: "stat", ID: o.ID, Tasks: int64(max(1, runtime.NumGoroutine()-own))})
	case "play":
		return s.play(o)
	case "stop":
		s.stop(o)
	case "race":
		go s.race(o)
	case "bench":
		go s.bench(o)
	default:
		s.say(pipe.Answer{Op: "error", ID: o.ID, Code: pipe.UnknownOp, Text: o.Op})
	}
	return nil
}

// hello is what the peer says of itself.
func (s *server) hello(o pipe.Order) pipe.Answer {
	known := false
	for _, v := range o.Protocol {
		known = known || v == pipe.Version
	}
	if !known {
		return pipe.Answer{Op: "error", Code: pipe.NoVersion, Text: fmt.Sprintf("this peer speaks version %d", pipe.Version)}
	}
	claims := map[string]string{}
	for f, c := range s.f.Features {
		if f.ofKeyed() || f == FeatureCore {
			continue
		}
		claims[string(f)] = c.Reason()
		if c.Supported() {
			claims[string(f)] = "yes"
		}
	}
	if o.Fault != "" && faulty(o.Fault) {
		s.f, s.fault = faultFactory(o.Fault), o.Fault
		claims = map[string]string{string(FeatureIdle): "the self-test has a thread"}
	}
	detector := "none: built without -race"
	if raceEnabled {
		detector = "go build -race"
	}
	return pipe.Answer{Op: "hello", Hello: pipe.Hello{
		Protocol: pipe.Version, Name: s.f.Info.Name, Version: s.f.Info.Version, URL: s.f.Info.URL,
		Language: "Go", Runtime: runtime.Version(), PID: os.Getpid(), Model: "threads",
		Claims: claims, Play: true, Weak: true, Race: raceEnabled, Detector: detector, Fault: s.fault,
	}}
}

// seat returns where an order goes: to the job that runs, or to a client's goroutine.
func (s *server) seat(o pipe.Order) chan pipe.Order {
	s.mu.Lock()
	defer s.mu.Unlock()
	if o.In != 0 {
		return s.beds[o.In]
	}
	if s.seats == nil {
		s.seats = map[int]chan pipe.Order{}
	}
	seat := s.seats[o.C]
	if seat == nil {
		seat = make(chan pipe.Order)
		s.seats[o.C] = seat
		go s.client(seat)
	}
	return seat
}

// client makes the calls of one client.
func (s *server) client(seat chan pipe.Order) {
	for o := range seat {
		s.perform(o)
	}
}

// perform makes a call on the goroutine that it is for, and says how it ended.
func (s *server) perform(o pipe.Order) {
	ret := pipe.Answer{Op: "ret", ID: o.ID, Exit: true}
	here := &visit{g: goid()}
	defer func() {
		if v := recover(); v != nil {
			ret.Exit, ret.Throw = false, textOf(v)
		}
		here.back.Store(true)
		s.say(ret)
	}()
	if s.make(o, here, &ret) {
		ret.Exit = false
		return
	}
	ret = pipe.Answer{Op: "error", ID: o.ID, Code: pipe.UnknownKind, Text: o.Kind}
}
