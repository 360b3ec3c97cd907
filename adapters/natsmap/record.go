package natsmap

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
)

// Headers of commands and states. The body of a state is what the codec makes of it and no
// more, so that other tools can read it.
const (
	headerCommand = "Desync-Command"
	headerReply   = "Desync-Reply"   // the subject to which the result goes
	headerApplied = "Desync-Applied" // the last command that the state has
	headerResults = "Desync-Results" // of the last commands, as JSON
	headerFollows = "Desync-Sends"   // commands that the log may not have yet, as JSON
	headerParked  = "Desync-Parked"  // why the key stands still, as JSON
	headerBehind  = "Desync-Behind"  // the log may have commands that come after the applied one and were passed over
	headerOwing   = "Desync-Owing"   // the sends may not be in the log although the checkpoint has passed
	headerDeleted = "Desync-Deleted" // nothing is left of the key; see remove
	headerVersion = "Desync-Version" // of the state
	headerControl = "Desync-Control" // instead of a command
	headerOutcome = "Desync-Outcome" // of a result: ok or refused
	headerID      = "Desync-Id"      // of the command that a result is of
)

const (
	keptResults = 16
	keptBytes   = 4096
)

// A record is the state of a key as it is saved: one message.
type record struct {
	rev     uint64 // the sequence of the message; 0 if there is none
	state   []byte // encoded; nil if there is none
	applied uint64 // the sequence of the last command
	results []result
	follows []follow
	parked  *Parked
	behind  bool
	owing   bool
	deleted bool // there was a Delete, and nothing since
	version int
	saved   time.Time // by the server's clock
}

// Parked is a key that stands still, because a command of it cannot be run. Its other commands
// wait in the log; those of other keys go on. See [Map.Resume] and [Map.Skip].
type Parked struct {
	Key      string    `json:"key"`
	Seq      uint64    `json:"seq"` // of the command
	Command  string    `json:"command"`
	Cause    string    `json:"cause"`
	Attempts int       `json:"attempts"`
	Since    time.Time `json:"since"` // by the clock of the process that served the key

	Unknown bool `json:"unknown,omitempty"` // no function of this name; a newer version may have one
	Version int  `json:"version,omitempty"`
}

// A result is how a command has ended.
type result struct {
	ID      string `json:"id"`
	Out     []byte `json:"out,omitempty"`
	Refused string `json:"refused,omitempty"` // the error's text
	Failed  bool   `json:"failed,omitempty"`
	Cut     bool   `json:"cut,omitempty"` // the result is too large to be kept

	Parked *Parked `json:"-"` // instead of a result
}

// keep adds a result, and forgets the oldest beyond 16 and 4 KB. A result that is larger than
// that is kept without what it returned.
func (r *record) keep(res result) {
	if len(res.Out)+len(res.Refused) > keptBytes {
		res.Out, res.Refused, res.Cut = nil, "", true
	}
	r.results = append(r.results, res)
	size := 0
	for i := len(r.results) - 1; i >= 0; i-- {
		size += len(r.results[i].ID) + len(r.results[i].Out) + len(r.results[i].Refused)
		if len(r.results)-i > keptResults || size > keptBytes && i < len(r.results)-1 {
			r.results = append([]result(nil), r.results[i+1:]...)
			return
		}
	}
}

func (r *record) result(id string) (result, bool) {
	for _, res := range r.results {
		if res.ID == id {
			return res, true
		}
	}
	return result{}, false
}

func (r *record) message(subject string) *nats.Msg {
	m := &nats.Msg{Subject: subject, Header: nats.Header{}, Data: r.state}
	m.Header.Set(headerApplied, strconv.FormatUint(r.applied, 10))
	if len(r.results) > 0 {
		m.Header.Set(headerResults, jsonOf(r.results))
	}
	if len(r.follows) > 0 {
		m.Header.Set(headerFollows, jsonOf(r.follows))
	}
	if r.parked != nil {
		m.Header.Set(headerParked, jsonOf(r.parked))
	}
	if r.behind {
		m.Header.Set(headerBehind, "1")
	}
	if r.owing {
		m.Header.Set(headerOwing, "1")
	}
	if r.deleted {
		m.Header.Set(headerDeleted, "1")
	}
	if r.version > 1 {
		m.Header.Set(headerVersion, strconv.Itoa(r.version))
	}
	return m
}

func readRecord(rev uint64, h nats.Header, data []byte) (record, error) {
	r := record{rev: rev, behind: h.Get(headerBehind) != "", owing: h.Get(headerOwing) != "", deleted: h.Get(headerDeleted) != "", version: 1}
	if len(data) > 0 {
		r.state = data
	}
	var err error
	if r.applied, err = strconv.ParseUint(h.Get(headerApplied), 10, 64); err != nil {
		return r, fmt.Errorf("natsmap: the state has no valid header %s: %w", headerApplied, err)
	}
	if text := h.Get(headerVersion); text != "" {
		if r.version, err = strconv.Atoi(text); err != nil {
			return r, fmt.Errorf("natsmap: the state has no valid header %s: %w", headerVersion, err)
		}
	}
	for name, to := range map[string]any{headerResults: &r.results, headerFollows: &r.follows, headerParked: &r.parked} {
		if text := h.Get(name); text != "" {
			if err := json.Unmarshal([]byte(text), to); err != nil {
				return r, fmt.Errorf("natsmap: the header %s of the state is not valid: %w", name, err)
			}
		}
	}
	return r, nil
}

// Controls are written to the log of a key like commands, so that they have a place in the
// order.
const (
	controlResume = "resume"
	controlSkip   = "skip" // and a sequence
	controlDelete = "delete"
)
