package report

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheTableIsWrittenAndGuarded(t *testing.T) {
	file := filepath.Join(t.TempDir(), "README.md")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("before\n" + tableBegin + "0" + tableClose + "nothing yet\n" + tableEnd + "\nafter\n")
	if _, err := ReadTable(file); err == nil {
		t.Error("a table with a wrong digest is taken as written by the program")
	}
	if err := CheckReadme(file); err != nil {
		t.Error(err)
	}
	if err := sample().WriteReadme(file); err != nil {
		t.Fatal(err)
	}
	table, err := ReadTable(file)
	if err != nil {
		t.Fatal(err)
	}
	ids, filled := TableRows(table)
	if got, want := strings.Join(ids, " "), "idle-object/channel-actor idle-object/channel-actor do/mutex do/desync cpu-heavy/desync"; got != want || !filled {
		t.Errorf("the rows are %s, want those with goals: %s", got, want)
	}
	data, _ := os.ReadFile(file)
	text := string(data)
	for _, want := range []string{"before\n", "\nafter\n", "| Do | mutex | 12.3 | 10 | ns/op | 1.23 (1.20 to 1.30) | ratio ≤ 1.15 | NO | 1.17, the least | `--row do/mutex` |", "3 of 5 goals reached."} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in:\n%s", want, text)
		}
	}

	write(strings.Replace(text, "1.23 (", "1.13 (", 1))
	if _, err := ReadTable(file); err == nil || !strings.Contains(err.Error(), "by hand") {
		t.Errorf("a figure was changed: error %v, want one that says so", err)
	}
	for _, bad := range []string{"", tableBegin + "0" + tableClose, tableEnd + tableBegin + "0" + tableClose, text + text} {
		write(bad)
		if err := CheckReadme(file); err == nil {
			t.Errorf("a file without the markers in their order is taken:\n%s", bad)
		}
		if err := sample().WriteReadme(file); err == nil {
			t.Errorf("a table is written into a file without the markers in their order:\n%s", bad)
		}
	}
	if err := CheckReadme(filepath.Join(t.TempDir(), "no-such-file")); err == nil {
		t.Error("a file that is not there is taken")
	}
}
