package report

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
)

// The lines of a file before and after the table. The first has a digest of the table,
// which shows whether the table was changed by hand.
const (
	tableBegin = "<!-- table: written by bench --readme; sha256 "
	tableClose = " -->\n"
	tableEnd   = "<!-- end of table -->"
)

// WriteReadme puts the rows with goals, as a Markdown table, between the markers of a
// file.
func (r *Report) WriteReadme(file string) error { return replaceTable(file, r.markdown()) }

func replaceTable(file, table string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	before, _, _, after, err := cutTable(string(data))
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	text := before + tableBegin + digest(table) + tableClose + table + tableEnd + after
	return os.WriteFile(file, []byte(text), 0o666)
}

// ReadTable returns the table of a file. It fails if the table was changed by hand.
func ReadTable(file string) (table string, err error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	_, sum, table, _, err := cutTable(string(data))
	if err != nil {
		return "", fmt.Errorf("%s: %w", file, err)
	}
	if sum != digest(table) {
		return "", fmt.Errorf("%s: the table was changed by hand; let %s --readme %s write it", file, Program, file)
	}
	return table, nil
}

// CheckReadme fails if a table cannot be written into the file.
func CheckReadme(file string) error {
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	f.Close()
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if _, _, _, _, err = cutTable(string(data)); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

func cutTable(s string) (before, sum, table, after string, err error) {
	before, rest, found := strings.Cut(s, tableBegin)
	sum, rest, closed := strings.Cut(rest, tableClose)
	table, after, ended := strings.Cut(rest, tableEnd)
	if !found || !closed || !ended || strings.Contains(after, tableBegin) {
		return "", "", "", "", fmt.Errorf("it does not have the markers %q and %q once, in this order", tableBegin+"…"+strings.TrimSpace(tableClose), tableEnd)
	}
	return before, sum, table, after, nil
}

func digest(table string) string {
	sum := sha256.Sum256([]byte(table))
	return hex.EncodeToString(sum[:8])
}

// tableHead is the first lines of the table.
const tableHead = `| workload | against | Desync | peer | unit | ratio | goal | reached | bound | the row again |
|---|---|---|---|---|---|---|---|---|---|
`

// markdown returns the machine and the rows with goals.
func (r *Report) markdown() string {
	var out strings.Builder
	fmt.Fprintf(&out, "\n%s.\n\n%s", r.Machine, tableHead)
	for _, row := range r.Rows {
		if row.Goal == nil {
			continue
		}
		against, peer, ratio := row.Against, figure(row.Peer), row.ratio()
		if row.Against == "" {
			against, peer = "", ""
		}
		if ratio != "" {
			ratio += " (" + row.quartiles() + ")"
		}
		fmt.Fprintf(&out, "| %s |\n", strings.Join([]string{
			row.Workload, against, figure(row.Own), peer, string(row.Unit), ratio, row.goal(), row.reached(), row.bound(), "`--row " + row.ID() + "`",
		}, " | "))
	}
	reached, all := r.Goals()
	fmt.Fprintf(&out, "\n%d of %d goals reached.\n", reached, all)
	if r.bounded() {
		fmt.Fprintln(&out, boundMeans)
	}
	fmt.Fprintln(&out)
	return out.String()
}

// TableRows returns the IDs of the rows of a table. It returns filled == false if
// there is only the sentence that stands in place of the table before the first
// measurement.
func TableRows(table string) (ids []string, filled bool) {
	_, rows, filled := strings.Cut(table, tableHead)
	for line := range strings.Lines(rows) {
		if _, id, ok := strings.Cut(line, "`--row "); ok {
			id, _, _ = strings.Cut(id, "`")
			ids = append(ids, id)
		}
	}
	return ids, filled
}
