package pipe

import "encoding/json"

// The kinds of call that a peer can be asked for.
const (
	Async         = "async"
	Do            = "do"
	Future        = "future"
	DoContext     = "do-context"
	FutureContext = "future-context"
	Wait          = "wait"
	Try           = "try"
	After         = "after"
	Settle        = "settle"
	Suspend       = "suspend"
	Resume        = "resume"
	DoAll         = "do-all"
	Close         = "close"
	Submit        = "submit"
	OnPanic       = "on-panic"
)

// An Order is a line from the driver to the peer.
type Order struct {
	Op string `json:"op"`

	// Of hello.
	Protocol []int  `json:"protocol,omitempty"`
	Suite    string `json:"suite,omitempty"`
	Line     int    `json:"line,omitempty"`
	Fault    string `json:"fault,omitempty"` // the queue of the self-test to use

	// Of new and call.
	ID    int64  `json:"id,omitempty"`    // names the call, its job and its future
	C     int    `json:"c,omitempty"`     // the thread of the peer that makes the call
	In    int64  `json:"in,omitempty"`    // or the run of the job that makes it
	O     int    `json:"o,omitempty"`     // the object
	Also  []int  `json:"also,omitempty"`  // further objects, of do-all
	Kind  string `json:"kind,omitempty"`  // of call
	F     int64  `json:"f,omitempty"`     // the call that wait, settle and resume are about
	Ended bool   `json:"ended,omitempty"` // what would cancel the call has happened already

	// Of end, and of settle.
	Run   int64  `json:"run,omitempty"`
	V     int    `json:"v,omitempty"`
	Err   string `json:"err,omitempty"`
	Throw string `json:"throw,omitempty"`
	Exit  bool   `json:"exit,omitempty"`

	// Of play.
	Program json.RawMessage `json:"program,omitempty"`

	// Of race and bench.
	N int `json:"n,omitempty"`
	P int `json:"p,omitempty"`
}

// An Answer is a line from the peer to the driver.
type Answer struct {
	Op string `json:"op"`
	Hello

	ID   int64 `json:"id,omitempty"`
	Run  int64 `json:"run,omitempty"`
	S    []int `json:"s,omitempty"`
	Here bool  `json:"here,omitempty"`

	OK       bool   `json:"ok,omitempty"`
	V        int    `json:"v,omitempty"`
	Err      string `json:"err,omitempty"`
	Canceled bool   `json:"canceled,omitempty"`
	Throw    string `json:"throw,omitempty"`
	Exit     bool   `json:"exit,omitempty"`

	Tasks int64     `json:"tasks,omitempty"` // of stat
	NS    int64     `json:"ns,omitempty"`    // of bench: how long it took
	Ran   int64     `json:"ran,omitempty"`   // and how many jobs ran
	Rows  [][]int64 `json:"rows,omitempty"`  // of history
	Lists [][]int   `json:"lists,omitempty"`
	Whole bool      `json:"whole,omitempty"` // all that was to come has come

	Code string `json:"code,omitempty"` // of error
	Text string `json:"text,omitempty"`
}

// Hello is what a peer says of itself.
type Hello struct {
	Protocol int               `json:"protocol,omitempty"`
	Name     string            `json:"name,omitempty"`
	Version  string            `json:"version,omitempty"`
	URL      string            `json:"url,omitempty"`
	Language string            `json:"language,omitempty"`
	Runtime  string            `json:"runtime,omitempty"`
	PID      int               `json:"pid,omitempty"`
	Model    string            `json:"model,omitempty"`  // threads, loop or processes
	Claims   map[string]string `json:"claims,omitempty"` // "yes", or why not
	Play     bool              `json:"play,omitempty"`
	Weak     bool              `json:"weak,omitempty"`
	Race     bool              `json:"race,omitempty"`
	Detector string            `json:"detector,omitempty"`
	QuietMS  int               `json:"quiet_ms,omitempty"`
	Fault    string            `json:"fault,omitempty"`
}

// The codes of error.
const (
	UnknownOp   = "unknown-op"
	UnknownKind = "unknown-kind"
	NoVersion   = "no-common-version"
)
