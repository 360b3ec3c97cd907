package natsmap

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/go-desync/go-desync/desync"
)

// ErrFull says that the log is full: the owners are behind, or there are none. Nothing has
// happened; try again later. It matches [desync.ErrNotRun].
var ErrFull = fmt.Errorf("natsmap: the log is full: %w", desync.ErrNotRun)

// ErrNoResult says that a command has run and that its result is not kept any more.
var ErrNoResult = errors.New("natsmap: the command has run, but its result is not kept any more")

// A KeyError says that a key cannot be used. It matches [desync.ErrNotRun]. Its text does not
// have the key.
type KeyError struct {
	Key    string
	Reason string
}

func (e *KeyError) Error() string { return "natsmap: the key cannot be used: " + e.Reason }

// Unwrap returns ErrNotRun.
func (e *KeyError) Unwrap() error { return desync.ErrNotRun }

// A BadInputError says that an input cannot be encoded or decoded. In a call it matches
// [desync.ErrNotRun].
type BadInputError struct {
	Command string
	Err     error
}

func (e *BadInputError) Error() string {
	return fmt.Sprintf("natsmap: the input of the command %s is not valid: %v", e.Command, e.Err)
}

// Unwrap returns ErrNotRun and e.Err.
func (e *BadInputError) Unwrap() []error { return []error{desync.ErrNotRun, e.Err} }

// A RefusedError is the error of a command that has run and has changed nothing, because its
// function has returned an error or panicked.
type RefusedError struct {
	Command string
	Text    string // of the function's error
}

func (e *RefusedError) Error() string { return e.Text }

// An UnknownError says that it is not known whether a command runs: the connection was lost
// for 18 seconds, or the context ended, before the log has confirmed it or before the result
// was there. Call again with [WithID] and the ID: then it does not run twice, and you get the
// result of the first call, or [ErrNoResult].
type UnknownError struct {
	ID  string
	Err error // what the last attempt, or the context, says
}

func (e *UnknownError) Error() string {
	return "natsmap: it is not known whether the command runs; call again with the ID " + strconv.Quote(e.ID) + ": " + e.Err.Error()
}

// Unwrap returns e.Err.
func (e *UnknownError) Unwrap() error { return e.Err }

// A ParkedError says that the key is parked: the command is in the log, and runs after
// [Map.Resume], or after [Map.Skip] if it is not the one that is skipped.
type ParkedError struct {
	Seq   uint64 // of the command at which the key stands
	Cause string
}

func (e *ParkedError) Error() string {
	return fmt.Sprintf("natsmap: the key is parked at the command %d: %s", e.Seq, e.Cause)
}

// errOutdated is the error of a save whose key has been saved by another since it was read.
var errOutdated = errors.New("natsmap: the key was saved by another owner")

// A LogChangedError says that the log is not the one that the partitions were served from: it
// was removed, made again, restored from an older backup, or cut by somebody else where there
// were commands that have not run; or the states are gone. Serving it would pass commands over,
// or take others for them, so nobody does.
//
// To begin with the log as it is, remove the stream of the states too, or, if the states are
// those of the log, the records of the owners in it: the messages whose subjects are the
// family's name, o and the partition.
type LogChangedError struct {
	Family    string
	Partition int
	Reason    string
}

func (e *LogChangedError) Error() string {
	return fmt.Sprintf("natsmap: the log of %s has changed since partition %d was last served: %s", e.Family, e.Partition, e.Reason)
}
