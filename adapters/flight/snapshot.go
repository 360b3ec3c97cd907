package flight

import (
	"time"

	"github.com/go-desync/go-desync/desync"
)

// A Snapshot is what a [Recorder] knew at a moment. It is plain data, which nobody changes
// any more.
type Snapshot struct {
	Taken    time.Time `json:"taken"`
	Jobs     []Job     `json:"jobs"`     // those in flight and the last that have ended, by ID
	Names    []Name    `json:"names"`    // by name
	Recorded uint64    `json:"recorded"` // jobs that the recorder was told of
	Dropped  uint64    `json:"dropped"`  // jobs in flight that it has no room for; nothing else is known of them
}

// A Job is what is known of a job of an observed object. Times that have not come are zero.
type Job struct {
	ID       uint64         `json:"id"`
	Name     string         `json:"name"`   // of the object or map
	Object   string         `json:"object"` // its name with the key as it may be shown, or else with its number
	ObjectID uint64         `json:"objectID"`
	Set      uint64         `json:"set,omitempty"`    // see desync.JobInfo
	Within   uint64         `json:"within,omitempty"` // the job in whose context the call was made
	Call     desync.Call    `json:"call"`
	Waits    bool           `json:"waits,omitempty"` // a goroutine waits for it
	Ahead    int            `json:"ahead"`           // jobs of the object before it when the call was made
	Code     string         `json:"code,omitempty"`  // file and line of the job or, for slow calls, of the call
	Queued   time.Time      `json:"queued,omitzero"`
	Held     time.Time      `json:"held,omitzero"`
	Started  time.Time      `json:"started,omitzero"`
	Finished time.Time      `json:"finished,omitzero"`
	Outcome  desync.Outcome `json:"outcome"`
	Err      string         `json:"err,omitempty"`
}

// A Name is about all jobs of the objects of one name. Beyond 200 names the rest share the
// name "other".
type Name struct {
	Name     string    `json:"name"`
	Wait     Histogram `json:"wait"` // of jobs that have run: from the call until the job's turn
	Run      Histogram `json:"run"`  // of jobs that have run
	Returned uint64    `json:"returned"`
	Unwound  uint64    `json:"unwound"`
	NotRun   uint64    `json:"notRun"`
	Queued   int       `json:"queued"`   // in flight now
	Held     int       `json:"held"`     // in flight now
	Running  int       `json:"running"`  // in flight now
	Slow     []Job     `json:"slow"`     // the last few of each decade of wait and run together, from 1 ms on, the slowest first
	Failed   []Job     `json:"failed"`   // the last few that were unwound
	Canceled []Job     `json:"canceled"` // the last few that have not run
}

// A Histogram counts durations by powers of two: Counts[i] those below 2^i ns that are not
// below 2^(i-1) ns, and the last all others.
type Histogram struct {
	Counts [histogramSize]uint64 `json:"counts"`
	Sum    time.Duration         `json:"sum"`
}

const histogramSize = 36 // the last but one ends at 2^34 ns, 17 s
