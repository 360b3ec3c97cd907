package conformance_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/go-desync/go-desync/conformance"
)

// The peer is a program. Here it is that of the tests, whose TestMain then calls ServePeer. So
// these Examples cannot be run without the other tests.
func ExampleCheckPeer() {
	os.Setenv("DESYNC_CONFORM_SERVED_PEER", os.DevNull)
	defer os.Unsetenv("DESYNC_CONFORM_SERVED_PEER")
	report, err := conformance.CheckPeer(context.Background(), conformance.Peer{Command: []string{os.Args[0]}},
		conformance.WithRules("ORD-1/behind-a-job", "EXE-1/behind-a-job"))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, id := range []string{"ORD-1", "EXE-1"} {
		fmt.Println(id, report.Rule(id).Verdict)
	}
	fmt.Println(report.Peer.Language, report.Peer.Programs)
	// Output:
	// ORD-1 pass
	// EXE-1 pass
	// Go played
}

func ExamplePeer() {
	os.Setenv("DESYNC_CONFORM_SERVED_PEER", os.DevNull)
	defer os.Unsetenv("DESYNC_CONFORM_SERVED_PEER")
	// The library of the peer has queues that are wrong on purpose.
	peer := conformance.Peer{Command: []string{os.Args[0]}, Strict: true, Fault: "lifo"}
	report, err := conformance.CheckPeer(context.Background(), peer, conformance.WithRules("ORD-1/behind-a-job"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(report.Implementation.Name)
	fmt.Println("ORD-1", report.Rule("ORD-1").Verdict)
	// Output:
	// self-test: lifo
	// ORD-1 fail
}

func ExamplePeerInfo() {
	info := conformance.PeerInfo{Command: []string{"./peer"}, Language: "Rust", Programs: "steered", Protocol: 1, Processes: 3}
	fmt.Printf("%s: programs are %s; %d processes were started\n", info.Language, info.Programs, info.Processes)
	// Output: Rust: programs are steered; 3 processes were started
}

func ExamplePeerError() {
	_, err := conformance.CheckPeer(context.Background(), conformance.Peer{Command: []string{"sh", "-c", "echo no license >&2; exit 1"}})
	var broke *conformance.PeerError
	if errors.As(err, &broke) {
		fmt.Println(broke.Reason)
		fmt.Print(broke.Stderr)
	}
	// Output:
	// the peer ended before it said hello: exit status 1
	// no license
}

func ExamplePeerError_Error() {
	fmt.Println(&conformance.PeerError{Reason: "the peer said no hello", Stderr: "no license\n"})
	// Output:
	// conformance: the peer said no hello
	// its standard error ends with:
	// no license
}

func ExampleServePeer() {
	driver := strings.NewReader(`{"op":"hello","protocol":[7]}
{"op":"ping","id":1}
{"op":"bye"}
`)
	err := conformance.ServePeer(driver, os.Stdout, conformance.Factory{
		Info: conformance.Implementation{Name: "inline"},
		New:  func(conformance.Setup) (conformance.Object, error) { return new(inline), nil },
	})
	fmt.Println(err)
	// Output:
	// {"op":"error","code":"no-common-version","text":"this peer speaks version 1"}
	// {"op":"pong","id":1}
	// <nil>
}

func ExampleReplayPeer() {
	os.Setenv("DESYNC_CONFORM_SERVED_PEER", os.DevNull)
	defer os.Unsetenv("DESYNC_CONFORM_SERVED_PEER")
	program := &conformance.Program{
		Case: "ORD-1/one-client", Procs: 2, Objects: 1,
		Clients: [][]conformance.Step{{{Kind: "async"}, {Kind: "async"}, {Kind: "do"}}},
	}
	n, err := conformance.ReplayPeer(context.Background(), conformance.Peer{Command: []string{os.Args[0]}}, program, 3)
	fmt.Println("reproduced", n, "of 3,", err)
	// Output: reproduced 0 of 3, <nil>
}
