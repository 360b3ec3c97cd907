package natsmap_test

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/go-desync/go-desync/adapters/natsmap"
)

// pretend is a server that greets with a version, and answers pings only.
func pretend(t *testing.T, version string) *nats.Conn {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		fmt.Fprintf(c, "INFO {\"server_id\":\"x\",\"version\":%q,\"max_payload\":1048576,\"headers\":true}\r\n", version)
		for s := bufio.NewScanner(c); s.Scan(); {
			if s.Text() == "PING" {
				fmt.Fprint(c, "PONG\r\n")
			}
		}
	}()
	nc, err := nats.Connect("nats://" + l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		nc.Close()
		l.Close()
		<-ended
	})
	return nc
}

func TestServerThatIsTooOld(t *testing.T) {
	for _, version := range []string{"2.9.10", "1.4.1"} {
		_, err := natsmap.New[Account]("old").Open(t.Context(), pretend(t, version))
		if want := "natsmap: open old: the server has the version " + version + "; 2.10 or later is needed"; err == nil || err.Error() != want {
			t.Errorf("it gave %v; want %s", err, want)
		}
	}
	closed := pretend(t, "2.10.0")
	closed.Close()
	if _, err := natsmap.New[Account]("closed").Open(t.Context(), closed); err == nil || !strings.Contains(err.Error(), "connection closed") {
		t.Errorf("a closed connection gave %v", err)
	}
}
