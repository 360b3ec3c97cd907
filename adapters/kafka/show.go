package kafka

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Table returns what the option Table of package debug takes: a name, the columns and a
// function that returns a row for each partition. Keys and texts of errors are not shown,
// only how many keys are retried and the offsets.
//
//	debug.Register(mux, recorder, debug.Table(consumer.Table("orders")))
func (c *Consumer) Table(name string) (string, []string, func() [][]string) {
	columns := []string{"topic", "partition", "lag", "committed", "open", "oldest open", "open for", "done beyond", "keys retried"}
	return name, columns, func() (rows [][]string) {
		for _, p := range c.Stats().Partitions {
			rows = append(rows, p.row())
		}
		return rows
	}
}

func (p PartitionStats) row() []string {
	row := []string{
		p.Topic, strconv.Itoa(int(p.Partition)), known(p.Lag), known(p.Committed), strconv.Itoa(p.Open),
		known(p.Oldest), "", strconv.Itoa(p.Beyond), "",
	}
	if p.Oldest >= 0 {
		row[6] = p.OldestAge.Round(time.Millisecond).String()
	}
	if n := len(p.Retried); n > 0 {
		var offsets []string
		for _, r := range p.Retried[:min(n, 3)] {
			offsets = append(offsets, fmt.Sprintf("offset %d, %d attempts", r.Offset, r.Attempt))
		}
		if n > 3 {
			offsets = append(offsets, "...")
		}
		row[8] = fmt.Sprintf("%d: %s", n, strings.Join(offsets, "; "))
	}
	return row
}

// known returns a number, or nothing if it is -1.
func known(n int64) string {
	if n < 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// A Gauge is a value of [Stats] for metrics. Topic is empty if it is of the whole Consumer.
type Gauge struct {
	Name        string // such as "kafka.partition.lag"
	Unit        string // as UCUM has it, such as "{record}"
	Description string
	Topic       string
	Partition   int32
	Value       float64
}

// Gauges returns the numbers of s as gauges, those that are not known left out. The module
// examples gives them to OpenTelemetry.
func (s Stats) Gauges() []Gauge {
	all := []Gauge{
		{Name: "kafka.consumer.held", Unit: "{record}", Description: "Records taken from the broker and not done.", Value: float64(s.Held)},
		{Name: "kafka.consumer.held.size", Unit: "By", Description: "The size of these records.", Value: float64(s.HeldBytes)},
		{Name: "kafka.consumer.running", Unit: "{call}", Description: "Calls of the handler that run.", Value: float64(s.Running)},
	}
	for _, p := range s.Partitions {
		of := func(name, unit, description string, value float64) {
			all = append(all, Gauge{"kafka.partition." + name, unit, description, p.Topic, p.Partition, value})
		}
		if p.Lag >= 0 {
			of("lag", "{record}", "From the first record that is not done to the end of the partition.", float64(p.Lag))
		}
		of("open", "{record}", "Records that have arrived and are not done.", float64(p.Open))
		of("oldest.age", "s", "How long the first of these is open.", p.OldestAge.Seconds())
		of("retried", "{key}", "Keys whose record has failed and is tried again.", float64(len(p.Retried)))
	}
	return all
}
