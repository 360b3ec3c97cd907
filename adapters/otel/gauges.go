package otel

import (
	"errors"
	"fmt"
	"regexp"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// A Gauge is a value that a package adds to the metrics of [Metrics].
type Gauge struct {
	// Name is that of the metric, such as "orders.partition.lag": a letter, and then up to 254
	// letters, digits and characters of "_.-/". Gauges of one name are one metric, with the
	// unit and the description of the first.
	Name        string
	Unit        string // as UCUM has it: "s", "By", "{job}"; may be empty
	Description string // may be empty
	// Attributes tell the gauges of one name apart. Each combination of their values is a
	// series: keep them few.
	Attributes []attribute.KeyValue
	Value      float64
}

// Gauges makes [Metrics] add what f returns to its metrics. It may be given several times. f
// is called whenever a reader collects, on the goroutine of the reader, perhaps by several at
// once, and must be quick; a panic of f goes to the reader.
//
// A gauge is left out, and the reader is given an error that says so, if its name is not a
// name of a metric, is that of one of the metrics listed at Metrics, or if another gauge has
// the same name and attributes: one such series would make some exporters refuse all metrics.
//
// Gauges panics if f is nil.
func Gauges(f func() []Gauge) MetricsOption {
	if f == nil {
		panic("otel: Gauges: the function is nil")
	}
	return func(p *producer) { p.gauges = append(p.gauges, f) }
}

// gauged returns the gauges as metrics, which are to stand beside others.
func (p *producer) gauged(now time.Time, others []metricdata.Metrics) (metrics []metricdata.Metrics, err error) {
	name := regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_./-]{0,254}$`)
	taken := make(map[string]bool)
	for _, m := range others {
		taken[m.Name] = true
	}
	type series struct {
		name       string
		attributes attribute.Distinct
	}
	index := make(map[string]int) // in metrics
	known := make(map[series]bool)
	leaveOut := func(g Gauge, why string) {
		err = errors.Join(err, fmt.Errorf("otel: the gauge %q with the attributes %v is left out: %s", legible(g.Name), g.Attributes, why))
	}
	for _, f := range p.gauges {
		for _, g := range f() {
			set := attribute.NewSet(g.Attributes...)
			s := series{g.Name, set.Equivalent()}
			switch {
			case !name.MatchString(g.Name):
				leaveOut(g, "this is no name of a metric")
				continue
			case taken[g.Name]:
				leaveOut(g, "the metric with this name is no gauge")
				continue
			case known[s]:
				leaveOut(g, "there is another with the same name and attributes")
				continue
			}
			known[s] = true
			i, found := index[g.Name]
			if !found {
				i = len(metrics)
				index[g.Name] = i
				metrics = append(metrics, metricdata.Metrics{
					Name: g.Name, Unit: g.Unit, Description: g.Description, Data: metricdata.Gauge[float64]{},
				})
			}
			data := metrics[i].Data.(metricdata.Gauge[float64])
			data.DataPoints = append(data.DataPoints, metricdata.DataPoint[float64]{Attributes: set, Time: now, Value: g.Value})
			metrics[i].Data = data
		}
	}
	return metrics, err
}
