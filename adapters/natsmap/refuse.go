package natsmap

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/go-desync/go-desync/desync"
)

// Error codes of the server that the client has no name for.
const (
	errMaxBytes     = 10077 // a stream that refuses new messages is full
	errStorage      = 10047 // the server has no room
	errInsufficient = 10023 // likewise
	errOtherStream  = 10060 // the subject belongs to another stream
	errHeader       = 10097 // the header of a message is too large
	errNoMessage    = 10043 // the message is not there
)

// usable returns why a connection cannot be used, as far as that is known without a request.
func usable(nc *nats.Conn) error {
	if nc.IsClosed() {
		return nats.ErrConnectionClosed
	}
	version := nc.ConnectedServerVersion() // empty while there is no server
	text := strings.SplitN(version, ".", 3)
	if len(text) < 2 {
		return nil
	}
	major, errMajor := strconv.Atoi(text[0])
	minor, errMinor := strconv.Atoi(text[1])
	if errMajor == nil && errMinor == nil && (major < 2 || major == 2 && minor < 10) {
		return fmt.Errorf("the server has the version %s; 2.10 or later is needed", version)
	}
	return nil
}

// explain adds to the error of Open what to do.
func (f *Family[T]) explain(nc *nats.Conn, err error) error {
	api, _ := errors.AsType[*jetstream.APIError](err)
	switch {
	case errors.Is(err, jetstream.ErrJetStreamNotEnabled), errors.Is(err, jetstream.ErrJetStreamNotEnabledForAccount), errors.Is(err, nats.ErrNoResponders):
		return fmt.Errorf("the server has no JetStream, or none for this account, or its cluster has no leader now; JetStream is started with -js: %w", err)
	case api != nil && (api.ErrorCode == errStorage || api.ErrorCode == errInsufficient):
		return fmt.Errorf("the server has no room for a log of %d bytes; see MaxLog: %w", f.config.maxLog, err)
	}
	if violation := nc.LastError(); errors.Is(violation, nats.ErrPermissionViolation) {
		return fmt.Errorf("the server does not answer, and has refused something to this user; the documentation lists what is needed: %w: %w", violation, err)
	}
	return err
}

// denied returns an error if the user of the connection may not publish to a subject. The
// server says so only beside the request, which is never answered.
func denied(nc *nats.Conn, subject string) error {
	violation := nc.LastError()
	if !errors.Is(violation, nats.ErrPermissionViolation) || !strings.Contains(violation.Error(), strconv.Quote(subject)) {
		return nil
	}
	return fmt.Errorf("natsmap: the user of the connection may not do this; the documentation lists what is needed: %w: %w", violation, desync.ErrNotRun)
}

// refusal returns the error of a publish that has certainly done nothing, and will do nothing
// if it is tried again; or nil.
func refusal(err error) error {
	if api, ok := errors.AsType[*jetstream.APIError](err); ok {
		switch api.ErrorCode {
		case errMaxBytes, errStorage, errInsufficient:
			return ErrFull
		case jetstream.JSErrCodeStreamMessageExceedsMaximum, errOtherStream:
			return fmt.Errorf("natsmap: the log refuses the command: %w: %w", err, desync.ErrNotRun)
		}
		return nil
	}
	for _, no := range []error{nats.ErrMaxPayload, nats.ErrConnectionClosed, nats.ErrInvalidConnection, nats.ErrBadSubject} {
		if errors.Is(err, no) {
			return fmt.Errorf("natsmap: the command was not sent: %w: %w", err, desync.ErrNotRun)
		}
	}
	return nil
}
