package command

import (
	"context"

	"github.com/go-desync/go-desync/conformance"
)

// serveCommand makes a subject a peer.
type serveCommand struct {
	Subject string `short:"s" required:"" placeholder:"NAME" help:"The subject that the peer has."`
}

func (c *serveCommand) run(_ context.Context, e *env) int {
	s, err := e.subject(c.Subject)
	if err != nil {
		return e.usage("%v", err)
	}
	if err := conformance.ServePeer(e.stdin, e.stdout, s.Factory); err != nil {
		e.complain("%v", err)
		return exitInconclusive
	}
	return exitConforms
}
