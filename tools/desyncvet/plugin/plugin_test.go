package plugin_test

import (
	"fmt"
	"testing"

	"github.com/golangci/plugin-module-register/register"

	"github.com/go-desync/go-desync/tools/desyncvet/plugin"
)

func ExampleNew() {
	newPlugin, err := register.GetPlugin("desyncvet")
	if err != nil {
		fmt.Println(err)
		return
	}
	linter, err := newPlugin(map[string]any{"checks": []string{"escape", "race"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	analyzers, _ := linter.BuildAnalyzers()
	for _, a := range analyzers {
		fmt.Println(a.Name)
	}
	fmt.Println(linter.GetLoadMode())
	// Output:
	// escape
	// race
	// typesinfo
}

func ExampleSettings() {
	_, err := plugin.New(map[string]any{"checks": []string{"escapes"}})
	fmt.Println(err)
	// Output: desyncvet: there is no check "escapes"
}

func TestSettings(t *testing.T) {
	linter, err := plugin.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	if analyzers, _ := linter.BuildAnalyzers(); len(analyzers) != 9 {
		t.Errorf("without settings there are %d analyzers; want all 9", len(analyzers))
	}
	if _, err := plugin.New(map[string]any{"check": "escape"}); err == nil {
		t.Error("an unknown setting is accepted; want an error")
	}
}
