package conformance

import (
	"context"
	"fmt"
)

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
