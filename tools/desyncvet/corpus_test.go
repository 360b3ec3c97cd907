package desyncvet_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/packages"

	"github.com/go-desync/go-desync/tools/desyncvet"
)

// corpus has the report for each program in testdata/corpus. A program with ""
// is right, but similar to one that is wrong.
func corpus() map[string]string {
	return map[string]string{
		"wrong_registry_list":         "escape",
		"wrong_stats_map":             "escape",
		"wrong_session_pointer":       "escape",
		"wrong_saved_pointer":         "escape",
		"wrong_http_goroutine":        "escape",
		"wrong_buffer_bytes":          "escape",
		"wrong_getter_in_job":         "selfwait",
		"wrong_await_in_job":          "selfwait",
		"wrong_suspend_as_lock":       "selfwait",
		"wrong_transfer":              "ring",
		"wrong_result_variable":       "race",
		"wrong_error_variable":        "race",
		"wrong_sum_of_shards":         "race",
		"wrong_poll":                  "race",
		"wrong_future_statement":      "dropped",
		"wrong_early_return":          "dropped",
		"wrong_zero_balance":          "dropped",
		"wrong_growing_shards":        "copied",
		"wrong_sorted_rooms":          "copied",
		"wrong_goexit":                "goexit",
		"wrong_shallow_clone":         "escape",
		"wrong_collected_values":      "escape",
		"wrong_copied_elements":       "escape",
		"wrong_helper_while_held":     "selfwait",
		"wrong_group_in_job":          "selfwait",
		"wrong_group_in_itself":       "selfwait",
		"wrong_stage_in_job":          "selfwait",
		"wrong_pipe_in_job":           "selfwait",
		"wrong_flush_in_sink":         "selfwait",
		"wrong_map_of_results":        "race",
		"wrong_counted_loop":          "race",
		"wrong_last_one_wins":         "race",
		"wrong_map_of_keys":           "race",
		"wrong_jobs_of_a_group":       "race",
		"wrong_two_objects_one_map":   "race",
		"wrong_results_read_by_range": "race",
		"wrong_first_result":          "race",
		"wrong_job_waits_last":        "race",
		"wrong_written_to_a_file":     "race",
		"wrong_bounded_result":        "race",
		"wrong_copied_from_call":      "copied",
		"wrong_printed_struct":        "printed",
		"wrong_logged_struct":         "printed",

		"right_cloned_list":             "",
		"right_copy_on_write":           "",
		"right_drained_queue":           "",
		"right_popped_task":             "",
		"right_registry_of_connections": "",
		"right_fan_out":                 "",
		"right_fixed_copy":              "",
		"right_value_to_goroutine":      "",
		"right_recursive_literal":       "",
		"right_reschedule":              "",
		"right_earlier_future":          "",
		"right_parent_and_child":        "",
		"right_both_at_once":            "",
		"right_ask_in_background":       "",
		"right_both_orders_in_turn":     "",
		"right_result_after_sync":       "",
		"right_results_by_index":        "",
		"right_signalled":               "",
		"right_resume_elsewhere":        "",
		"right_append_before_use":       "",
		"right_namesake":                "",
		"right_copied_when_new":         "",
		"right_map_with_a_lock":         "",
		"right_two_objects_two_fields":  "",
		"right_results_one_by_one":      "",
		"right_deep_clone":              "",
		"right_printed_by_its_method":   "",
		"right_behind_after":            "",
		"right_behind_suspend":          "",
		"right_range_over_channel":      "",
		"right_range_over_iterator":     "",
		"right_job_waits_first":         "",
		"right_polled_future":           "",
		"right_deadline_while_held":     "",
		"right_waits_for_a_process":     "",
		"right_group_of_others":         "",
		"right_stage_outside":           "",
		"right_flush_of_another":        "",
		"right_counted_loop":            "",
		"right_results_in_rows":         "",
		"right_one_job_at_a_time":       "",
		"right_first_that_is_ready":     "",
		"right_taken_and_cleared":       "",
		"right_bounded_room":            "",
	}
}

func TestCorpus(t *testing.T) {
	dir := t.TempDir()
	writeGoMod(t, dir, "example.com/corpus")
	files, err := filepath.Glob("testdata/corpus/*.go")
	if err != nil {
		t.Fatal(err)
	}
	names := make(map[string]string)
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".go")
		names[name] = file
		if _, ok := corpus()[name]; !ok {
			t.Errorf("testdata/corpus/%s.go is not in the table", name)
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(filepath.Join(dir, name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name, "main.go"), text, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	found := analyze(t, dir)
	for _, name := range slices.Sorted(maps.Keys(corpus())) {
		want := corpus()[name]
		switch got := found[name]; {
		case names[name] == "":
			t.Errorf("testdata/corpus/%s.go is missing", name)
		case want == "" && len(got) > 0:
			t.Errorf("%s is right, but is reported: %s", name, got)
		case want != "" && !slices.ContainsFunc(got, func(s string) bool { return strings.HasSuffix(s, "("+want+")") }):
			t.Errorf("%s: the check %s reports nothing; all reports: %s", name, want, got)
		case want != "" && slices.ContainsFunc(got, func(s string) bool { return !strings.HasSuffix(s, "("+want+")") }):
			t.Errorf("%s: other checks than %s report something: %s", name, want, got)
		}
	}
}

// analyze runs all checks on the packages below dir and returns what they
// report, by the last element of the package's path.
func analyze(t *testing.T, dir string) map[string][]string {
	t.Helper()
	cfg := &packages.Config{
		Mode: packages.LoadAllSyntax | packages.NeedModule, Dir: dir, Context: t.Context(),
		Env: append(os.Environ(), "GOWORK=off", "GOPROXY=off", "GOFLAGS=-mod=mod"),
	}
	pkgs, err := packages.Load(cfg, "./...")
	if err != nil {
		t.Fatal(err)
	}
	if packages.PrintErrors(pkgs) > 0 {
		t.Fatal("the programs do not compile")
	}
	graph, err := checker.Analyze(desyncvet.Analyzers(), pkgs, nil)
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[string][]string)
	for act := range graph.All() {
		if act.Err != nil {
			t.Fatalf("%s on %s: %v", act.Analyzer, act.Package, act.Err)
		}
		if act.IsRoot {
			name := filepath.Base(act.Package.PkgPath)
			for _, d := range act.Diagnostics {
				found[name] = append(found[name], d.Message)
			}
		}
	}
	return found
}
