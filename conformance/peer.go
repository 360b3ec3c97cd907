package conformance

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// A Peer is a program whose objects are to be checked. It may be written in any language:
// it speaks the protocol of PROTOCOL.md on its standard input and output.
type Peer struct {
	// Command starts the program.
	Command []string

	// Race starts the program built with a race detector that ends it with exit code 66
	// if there is a data race. The rules about memory need it.
	Race []string

	// Start is how long the program may take until it says hello. The default is 20 s.
	Start time.Duration

	// Strict takes a message with a field that the protocol does not have as a breach.
	// Without it, such fields are ignored.
	Strict bool

	// Fault, if not empty, asks the program to use the queue of its library's self-test
	// with this fault, or with none for "none".
	Fault string
}

// PeerInfo is what a report says of a peer.
type PeerInfo struct {
	Command   []string `json:"command"`
	Language  string   `json:"language,omitempty"`
	Runtime   string   `json:"runtime,omitempty"`
	Model     string   `json:"model,omitempty"`
	Protocol  int      `json:"protocol"`
	Programs  string   `json:"programs"`  // "played" by the peer, or "steered" call by call
	Processes int      `json:"processes"` // that were started
}

// A PeerError says that nothing could be judged, because a peer did not keep to the
// protocol when it started, or ended.
type PeerError struct {
	Reason string
	Stderr string // the end of what it wrote there
}

func (e *PeerError) Error() string {
	text := "conformance: " + e.Reason
	if said := strings.TrimSpace(e.Stderr); said != "" {
		text += "\nits standard error ends with:\n" + said
	}
	return text
}

// CheckPeer checks the objects of a peer, as [Check] does those of a Factory. It starts
// the peer, and another process after each failure. When it returns, the processes of
// the peer have ended, with those of their process group.
//
// The error is a [*PeerError] if the peer does not say hello as it should. Otherwise it
// says that the command cannot be started, or what is wrong with an option. That a peer
// breaks the protocol later makes the case inconclusive, and is never a violation.
func CheckPeer(ctx context.Context, p Peer, opts ...Option) (*Report, error) {
	r, err := p.runner(ctx, opts)
	if err != nil {
		return nil, err
	}
	defer r.remote.leave()
	rep := r.check(ctx)
	rep.Peer = r.remote.info()
	return rep, nil
}

// ReplayPeer is [Replay] for a peer.
func ReplayPeer(ctx context.Context, peer Peer, p *Program, runs int) (reproduced int, err error) {
	c, err := replayable(p)
	if err != nil {
		return 0, err
	}
	r, err := peer.runner(ctx, nil)
	if err != nil {
		return 0, err
	}
	defer r.remote.leave()
	return r.replay(ctx, c, p, runs)
}

// runner starts the peer and returns a run on it.
func (p Peer) runner(ctx context.Context, opts []Option) (*runner, error) {
	if len(p.Command) == 0 {
		return nil, fmt.Errorf("conformance: Peer.Command is empty")
	}
	rem := &remote{peer: p}
	if err := rem.start(ctx); err != nil {
		return nil, err
	}
	r, err := newRunner(suite(), rem.factory(), opts)
	if err != nil {
		rem.leave()
		return nil, err
	}
	r.remote = rem
	return r, nil
}
