// Package plugin makes the checks of desyncvet a module plugin of golangci-lint.
//
// Name it in .custom-gcl.yml, build golangci-lint with "golangci-lint custom",
// and enable the linter desyncvet as a custom one of type module:
//
//	plugins:
//	  - module: github.com/go-desync/go-desync/tools
//	    import: github.com/go-desync/go-desync/tools/desyncvet/plugin
//	    version: v0.1.0
package plugin

import (
	"fmt"
	"slices"

	"github.com/golangci/plugin-module-register/register"
	"golang.org/x/tools/go/analysis"

	"github.com/go-desync/go-desync/tools/desyncvet"
)

// golangci-lint requires that plugins register in an init function.
func init() { register.Plugin("desyncvet", New) }

// Settings are the settings for desyncvet in the configuration of golangci-lint.
type Settings struct {
	Checks []string `json:"checks"` // the checks to run, all if there are none
}

// New returns the plugin. It fails if the settings have an unknown key or name
// an unknown check.
func New(settings any) (register.LinterPlugin, error) {
	s, err := register.DecodeSettings[Settings](settings)
	if err != nil {
		return nil, fmt.Errorf("desyncvet: %w", err)
	}
	analyzers := desyncvet.Analyzers()
	for _, name := range s.Checks {
		if !slices.ContainsFunc(analyzers, func(a *analysis.Analyzer) bool { return a.Name == name }) {
			return nil, fmt.Errorf("desyncvet: there is no check %q", name)
		}
	}
	if len(s.Checks) > 0 {
		analyzers = slices.DeleteFunc(analyzers, func(a *analysis.Analyzer) bool { return !slices.Contains(s.Checks, a.Name) })
	}
	return linter(analyzers), nil
}

type linter []*analysis.Analyzer

func (l linter) BuildAnalyzers() ([]*analysis.Analyzer, error) { return l, nil }

func (l linter) GetLoadMode() string { return register.LoadModeTypesInfo }
