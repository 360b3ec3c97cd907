package natsmap

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Why the context of a [Turn] has ended; see context.Cause.
var (
	ErrLost      = errors.New("the partition of the key belongs to another process")
	ErrSilent    = errors.New("the server has not heard from this process for the time of the lease")
	errHandedOff = errors.New("the partition goes to another process")
)

// An ownership is the record of a partition. Who may write it has the partition: the store
// refuses whoever does not know the last one.
type ownership struct {
	Owner      string `json:"owner"` // empty if it is free
	Epoch      uint64 `json:"epoch"` // how often it was taken
	Checkpoint uint64 `json:"checkpoint"`
	Version    int    `json:"version"`           // the newest that has served it
	Hold       uint64 `json:"hold,omitempty"`    // the first command at which a key is parked; the log is not cut there
	Log        int64  `json:"log"`               // when the log was made, in Unix nanoseconds
	Removed    uint64 `json:"removed,omitempty"` // no Delete in this partition has removed commands after this one
}

// owned is the record of a partition as it was last seen.
type owned struct {
	ownership
	rev uint64
}

func (m *Map[T]) readOwnership(ctx context.Context, p int) (o owned, err error) {
	msg, err := m.latest.GetLastMsgForSubject(ctx, m.family.subject("o", strconv.Itoa(p)))
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return o, nil
	} else if err != nil {
		return o, err
	}
	o.rev = msg.Sequence
	return o, json.Unmarshal(msg.Data, &o.ownership)
}

func writeOwnership[T any](ctx context.Context, js jetstream.JetStream, f *Family[T], p int, o ownership, rev uint64) (uint64, error) {
	data, err := json.Marshal(o)
	if err != nil {
		return 0, err
	}
	ack, err := js.Publish(ctx, f.subject("o", strconv.Itoa(p)), data, jetstream.WithExpectLastSequencePerSubject(rev))
	if wrongSequence(err) {
		return 0, fmt.Errorf("natsmap: %w", ErrLost)
	}
	if err != nil {
		return 0, err
	}
	return ack.Sequence, nil
}

// wrongSequence reports whether a message was refused because its subject has a later one.
func wrongSequence(err error) bool {
	api, ok := errors.AsType[*jetstream.APIError](err)
	return ok && (api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence || api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequenceConstant)
}

// A logState is what the records of the partitions are compared with.
type logState struct {
	first, end uint64 // first is end+1 if there is nothing
	made       int64
}

// check reports whether a record is not of this log. cut says that the log was cut above the
// checkpoint, which may be so if something was deleted.
func (o ownership) check(log logState, n int) (cut bool, err *LogChangedError) {
	switch {
	case o.Log != 0 && o.Log != log.made:
		return false, &LogChangedError{Partition: n, Reason: fmt.Sprintf("it was made %s, and the log before it %s",
			time.Unix(0, log.made).UTC().Format(time.RFC3339), time.Unix(0, o.Log).UTC().Format(time.RFC3339))}
	case o.Checkpoint > log.end:
		return false, &LogChangedError{Partition: n, Reason: fmt.Sprintf("its last command is %d, and %d are saved", log.end, o.Checkpoint)}
	case log.first > o.Checkpoint+1:
		return true, &LogChangedError{Partition: n, Reason: fmt.Sprintf("it begins with the command %d, and only %d are saved", log.first, o.Checkpoint)}
	}
	return false, nil
}

// removed returns the last command that a Delete may have removed. Each Delete has it in the
// record of its partition before.
func (m *Map[T]) removed(ctx context.Context) (last uint64, err error) {
	for n := range m.family.config.partitions {
		o, err := m.readOwnership(ctx, n)
		if err != nil {
			return 0, err
		}
		last = max(last, o.Removed)
	}
	return last, nil
}
