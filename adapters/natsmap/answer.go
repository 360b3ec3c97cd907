package natsmap

import (
	"strings"

	"github.com/nats-io/nats.go"
)

// answer sends a result to who waits for it. It may be lost: the caller looks for it then.
func answer(nc *nats.Conn, reply string, res result) {
	if !inbox(reply) {
		return
	}
	msg := &nats.Msg{Subject: reply, Header: nats.Header{}, Data: res.Out}
	msg.Header.Set(headerID, res.ID)
	switch {
	case res.Parked != nil:
		msg.Header.Set(headerOutcome, outcomeParked)
		msg.Data = []byte(jsonOf(res.Parked))
	case res.Failed:
		msg.Header.Set(headerOutcome, outcomeRefused)
		msg.Data = []byte(res.Refused)
	default:
		msg.Header.Set(headerOutcome, outcomeOK)
	}
	_ = nc.PublishMsg(msg)
}

// inbox reports whether a subject is one that callers wait at. Others get no results: whoever
// may only hand commands over must not write to them with the rights of the owner.
func inbox(subject string) bool {
	return strings.HasPrefix(subject, "_INBOX") && !strings.ContainsAny(subject, " \t\r\n*>")
}
