// Package child has the other processes of a run: the same program, started again as a worker
// that serves a family, or as the one with the servers. The child prints reports, one a line,
// and takes lines of text as orders; it ends when its standard input ends, so that none is left
// when the parent is gone.
package child

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/go-desync/go-desync/adapters/natsmap/scale/internal/tally"
)

// variable is set in the environment of a child, to its Config.
const variable = "NATSMAP_SCALE_CHILD"

// A Config says what a child is: a worker if it has a family, else the process of the servers.
type Config struct {
	URL       string        // to which a worker connects; several with commas
	OnlyThese bool          // the worker does not connect to other servers of the cluster
	Family    *tally.Config // of a worker

	Dirs  []string // of the servers: one or three
	Ports []int    // one of each server for clients, then one for each for the others
	Sync  bool     // write to the disk before anything is confirmed
}

// Main is the program of a child. In a process that was not started by [Start] it returns at
// once. Each program that calls [Start], tests included, calls it first of all.
func Main() {
	text := os.Getenv(variable)
	if text == "" {
		return
	}
	var c Config
	err := json.Unmarshal([]byte(text), &c)
	switch {
	case err != nil:
	case c.Family != nil:
		err = c.work()
	default:
		err = c.runServers()
	}
	if err != nil {
		Report{Fault: err.Error()}.print()
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}
