package conformance

import (
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
