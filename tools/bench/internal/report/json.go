package report

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"os"
)

// Schema is the JSON Schema of a report.
//
//go:embed report.schema.json
var Schema []byte

// WriteJSON writes the report as one JSON object.
func (r *Report) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(r)
}

// Read reads a report that was written as JSON.
func Read(file string) (*Report, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	r := new(Report)
	if err := json.Unmarshal(data, r); err != nil {
		return nil, fmt.Errorf("%s is not a report that was written with --json: %w", file, err)
	}
	if r.Format != Format {
		return nil, fmt.Errorf("%s has the format %d, but this program reads %d: measure again", file, r.Format, Format)
	}
	return r, nil
}
