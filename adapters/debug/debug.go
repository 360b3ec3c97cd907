package debug

import (
	"fmt"
	"net/http"
	"sync/atomic"

	"github.com/go-desync/go-desync/adapters/flight"
)

// Path is where Register puts the page.
const Path = "/debug/desync/"

// Register adds the page and what it needs to mux, below [Path].
//
// It panics if mux or r is nil, and, as [http.ServeMux.Handle] does, if mux has a handler
// for Path. So call it once for each mux. For a second recorder, mount a [Handler] elsewhere.
func Register(mux *http.ServeMux, r *flight.Recorder, opts ...Option) {
	if mux == nil {
		panic("debug: Register: the mux is nil; give it one of your own, or http.DefaultServeMux if that is what you want")
	}
	mux.Handle(Path, http.StripPrefix(Path[:len(Path)-1], Handler(r, opts...)))
}

// Handler returns a handler that serves the page at / and what it needs below it. Mount it
// anywhere with [http.StripPrefix]. Many goroutines may call it at once.
//
// It panics if r is nil.
func Handler(r *flight.Recorder, opts ...Option) http.Handler {
	if r == nil {
		panic("debug: the recorder is nil; make one with flight.New, and give it to objects with desync.WithObserver")
	}
	s := &server{recorder: r, refusal: notLocal, looking: make(chan struct{}, 1)}
	for _, o := range opts {
		o(s)
	}
	return s
}

// An Option sets a property of a page.
type Option func(*server)

// Allow replaces the rule that only requests from the same machine are answered. Those for
// which f returns false get the status 403. Many goroutines call f at once.
//
// Allow panics if f is nil.
func Allow(f func(*http.Request) bool) Option {
	if f == nil {
		panic("debug: Allow: the function is nil; leave the option out to allow requests from this machine only")
	}
	return func(s *server) {
		s.refusal = func(r *http.Request) string {
			if f(r) {
				return ""
			}
			return "The program does not allow this request."
		}
	}
}

// Table adds a table to the page and to state.json, under a name: what a program or a package
// knows of itself, such as partitions and who owns them. Tables are shown in the order of the
// options.
//
// rows is called for each state.json that is made, by one goroutine at a time, and the page
// waits for it: it must be quick, and must not wait for an object that the page is to explain.
// Each row has a cell for each column; what is missing is empty, and what is too much is left
// out. The page shows the first 200 rows. If rows panics, the page says so in place of
// the table.
//
// Table panics if there are no columns or rows is nil.
func Table(name string, columns []string, rows func() [][]string) Option {
	if len(columns) == 0 || rows == nil {
		panic(fmt.Sprintf("debug: Table %q: it needs at least one column, and a function that returns the rows", name))
	}
	t := table{name, append([]string(nil), columns...), rows}
	return func(s *server) { s.tables = append(s.tables, t) }
}

type table struct {
	name    string
	columns []string
	rows    func() [][]string
}

// A server serves one page.
type server struct {
	recorder *flight.Recorder
	refusal  func(*http.Request) string // why a request is refused; "" if it is not
	tables   []table

	// Whoever has put an element into looking owns last.
	looking chan struct{}
	last    *look

	dumping atomic.Bool
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	protect(w.Header())
	if why := refusedSite(r); why != "" {
		fail(w, http.StatusForbidden, why)
		return
	}
	if why := s.refusal(r); why != "" {
		fail(w, http.StatusForbidden, why)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		fail(w, http.StatusMethodNotAllowed, "Nothing can be changed here: the methods are GET and HEAD.")
		return
	}
	switch r.URL.Path {
	case "":
		toPage(w, r)
	case "/":
		answer(w, "text/html; charset=utf-8", indexPage)
	case "/page.js":
		answer(w, "text/javascript; charset=utf-8", script())
	case "/page.css":
		answer(w, "text/css; charset=utf-8", style())
	case "/icon.svg":
		answer(w, "image/svg+xml", icon)
	case "/state.json":
		s.state(w, r)
	case "/why":
		s.why(w, r)
	case "/timeline.html":
		s.timeline(w)
	case "/trace.json":
		s.trace(w)
	default:
		fail(w, http.StatusNotFound, "There is nothing here. The page is at /, below the path at which the handler is mounted with http.StripPrefix.")
	}
}
