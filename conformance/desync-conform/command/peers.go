package command

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/go-desync/go-desync/conformance"
	"github.com/go-desync/go-desync/conformance/desync-conform/internal/marked"
)

// peersCommand builds, self-tests and judges the peers of a directory.
type peersCommand struct {
	settings
	Dir   string   `default:"../peers" placeholder:"DIR" help:"The directory with peers.json (${default})."`
	Only  []string `sep:"none" placeholder:"NAME" help:"A peer of the list; may be given several times. Without it, all. The table is not written then."`
	Write bool     `help:"Write the table in README.md of the directory."`
	Keep  string   `placeholder:"DIR" help:"Keep there what came of each peer, and take what is there as it is: so a whole run can be made in parts."`
	Build string   `enum:"first,only,never" default:"first" placeholder:"WHEN" help:"Build them first; only that, and judge none; or never, since they are built (${default})."`
	Need  []string `sep:"none" placeholder:"NAME" help:"A peer that must be built if its tools are there; else a peer that is not built is passed over."`
}

// unknown returns an error that names a peer that was asked for and is not in the list.
func (c *peersCommand) unknown(all []peerEntry) error {
	for _, name := range slices.Concat(c.Only, c.Need) {
		if !slices.ContainsFunc(all, func(p peerEntry) bool { return p.Name == name }) {
			return fmt.Errorf("peers.json has no peer %q", name)
		}
	}
	return nil
}

// A peerEntry is a peer of the list.
type peerEntry struct {
	Name     string   `json:"name"`
	Tools    []string `json:"tools"`              // programs that must be there
	Build    []string `json:"build"`              // commands of the shell, in the directory
	Run      []string `json:"run"`                // the peer, in the directory
	Selftest bool     `json:"selftest,omitempty"` // it is built on a library that has one
	Known    string   `json:"known,omitempty"`    // the list of cases that are known to fail
}

// A peerResult is what came of a peer.
type peerResult struct {
	entry    peerEntry
	NotBuilt string              `json:"notBuilt,omitempty"`
	Selftest string              `json:"selftest,omitempty"`
	Report   *conformance.Report `json:"report,omitempty"`
	Faults   []string            `json:"faults,omitempty"` // what kept it from being judged, and those of the self-test
}

func (c *peersCommand) run(ctx context.Context, e *env) int {
	dir, err := filepath.Abs(c.Dir)
	if err == nil && c.Keep != "" {
		c.Keep, err = filepath.Abs(c.Keep)
	}
	if err != nil {
		return e.usage("%v", err)
	}
	if c.Build == "only" && (c.Write || c.Keep != "") {
		return e.usage("--build=only judges none: there is nothing to write or to keep")
	}
	data, err := os.ReadFile(filepath.Join(dir, "peers.json"))
	var all []peerEntry
	if err == nil {
		err = json.Unmarshal(data, &all)
	}
	if err != nil {
		return e.usage("peers.json: %v", err)
	}
	if err := os.Chdir(dir); err != nil { // the commands are those of the directory
		return e.usage("%v", err)
	}
	if err := c.unknown(all); err != nil {
		return e.usage("%v", err)
	}
	code := exitConforms
	var results []peerResult
	for _, p := range all {
		if len(c.Only) > 0 && !slices.Contains(c.Only, p.Name) {
			continue
		}
		r, err := c.kept(ctx, e, p)
		if err != nil {
			return e.usage("%v", err)
		}
		faults := append(slices.Clone(r.Faults), r.compare()...)
		if r.NotBuilt != "" && slices.Contains(c.Need, p.Name) && toolsMissing(p) == "" {
			faults = append(faults, "its tools are there, and it is not built")
		}
		for _, fault := range faults {
			code = worse(code, exitViolates)
			e.complain("%s: %s", p.Name, fault)
		}
		results = append(results, r)
	}
	if c.Build == "only" {
		return code // there is nothing to tell
	}
	table := peerTable(results)
	if c.Write && code == exitConforms && len(c.Only) == 0 {
		if err := marked.Replace("README.md", "peers", table); err != nil {
			return e.usage("README.md: %v", err)
		}
	}
	return e.print(table, code)
}
