package table

import (
	"fmt"
	"os"
	"strings"
)

// The lines of a file between which the table stands.
const (
	begin = "<!-- table: written by make conform -->"
	end   = "<!-- end of table -->"
)

// Replace puts text between the markers of a file.
func Replace(file, text string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	before, _, after, err := cut(string(data))
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return os.WriteFile(file, []byte(before+begin+"\n\n"+text+"\n"+end+after), 0o666)
}

// Read returns what stands between the markers of a file.
func Read(file string) (text string, err error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	_, text, _, err = cut(string(data))
	if err != nil {
		return "", fmt.Errorf("%s: %w", file, err)
	}
	return strings.Trim(text, "\n") + "\n", nil
}

func cut(s string) (before, text, after string, err error) {
	before, rest, found := strings.Cut(s, begin)
	text, after, closed := strings.Cut(rest, end)
	if !found || !closed || strings.Contains(after, begin) {
		return "", "", "", fmt.Errorf("it does not have the markers %q and %q once, in this order", begin, end)
	}
	return before, text, after, nil
}

// Rows returns the rows of a table by their first cell, and the first cells in
// their order.
func Rows(text string) (names []string, rows map[string][]string) {
	rows = map[string][]string{}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "|") || strings.HasPrefix(line, "|---") {
			continue
		}
		var cells []string
		for _, c := range strings.Split(strings.Trim(line, "|"), "|") {
			cells = append(cells, strings.TrimSpace(c))
		}
		names = append(names, cells[0])
		rows[cells[0]] = cells[1:]
	}
	return names, rows
}
