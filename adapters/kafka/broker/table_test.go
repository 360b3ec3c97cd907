package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTableReplacesTheOldOne(t *testing.T) {
	file := filepath.Join(t.TempDir(), "README.md")
	const around = "before\n" + tableBegin + "\nold\n" + tableEnd + "\nafter\n"
	if err := os.WriteFile(file, []byte(around), 0o666); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := write(file, table([]row{{"rate", "it", "2", "1", "2.00", "≥ 1"}}, 3)); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if s := string(got); !strings.HasPrefix(s, "before\n"+tableBegin) || !strings.HasSuffix(s, tableEnd+"\nafter\n") || strings.Contains(s, "old") || strings.Count(s, "| rate | it | 2 | 1 | 2.00 | ≥ 1 |") != 1 {
		t.Errorf("the file is\n%s", s)
	}
	if err := os.WriteFile(file, []byte("no marks"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := write(file, "text"); err == nil || !strings.Contains(err.Error(), "has no place for the table") {
		t.Errorf("without marks: %v", err)
	}
}
