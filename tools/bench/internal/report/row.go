package report

import (
	"math"
	"strconv"
	"strings"
	"unicode"
)

// Program is the command that runs the program in the root of the workspace.
const Program = "go run ./tools/bench"

// alone stands for the peer in the ID of a row that has none.
const alone = "desync"

// ID returns a name in the form for a command line: in lower case, with hyphens in place
// of all that is neither a letter nor a digit.
func ID(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return strings.Join(words, "-")
}

// ID names the row on a command line. Rows that differ only in their units have the same
// ID.
func (r Row) ID() string {
	if r.Against == "" {
		return ID(r.Workload) + "/" + alone
	}
	return ID(r.Workload) + "/" + ID(r.Against)
}

// Add adds rows, each with the command that measures it again.
func (r *Report) Add(rows ...Row) {
	for _, row := range rows {
		row.Rerun = Program + " --row " + row.ID()
		if s := row.Samples; s != nil {
			row.Samples = &Samples{Own: significant(s.Own), Peer: significant(s.Peer)}
		}
		r.Rows = append(r.Rows, row)
	}
}

// significant rounds to five digits, more than are meaningful.
func significant(figures []float64) (short []float64) {
	for _, f := range figures {
		f, err := strconv.ParseFloat(strconv.FormatFloat(f, 'g', 5, 64), 64)
		if err == nil && !math.IsInf(f, 0) && !math.IsNaN(f) {
			short = append(short, f)
		}
	}
	return short
}
