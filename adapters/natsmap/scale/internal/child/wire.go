package child

import (
	"bytes"
	"net"
	"regexp"

	"github.com/go-desync/go-desync/adapters/natsmap/scale/internal/tally"
)

// A wrongDialer makes connections that change what is sent, with its length, as a worker would
// that has no fence or does not know how far it is.
type wrongDialer string

func (d wrongDialer) Dial(network, address string) (net.Conn, error) {
	c, err := net.Dial(network, address)
	if err != nil {
		return nil, err
	}
	return wrongConn{c, string(d)}, nil
}

type wrongConn struct {
	net.Conn
	fault string
}

// The client writes whole messages at once.
func (c wrongConn) Write(p []byte) (int, error) {
	switch c.fault {
	case tally.NoFence:
		p = bytes.ReplaceAll(p, []byte("Nats-Expected-Last-Subject-Sequence"), []byte("None-Expected-Last-Subject-Sequence"))
	case tally.Replay:
		p = applied.ReplaceAllFunc(p, func(header []byte) []byte {
			return append(append([]byte(nil), header[:len(name)]...), bytes.Repeat([]byte("0"), len(header)-len(name))...)
		})
	}
	return c.Conn.Write(p)
}

const name = "Desync-Applied: "

var applied = regexp.MustCompile(name + `\d+`)
