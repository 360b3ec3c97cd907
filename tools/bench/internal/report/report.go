// Package report holds the figures of a run and prints them, as a table or as
// JSON. The README describes the fields.
package report

// Format is the version of the JSON form. It is raised when a field is removed or changes
// its meaning.
const Format = 2

// A Report has all figures of a run.
type Report struct {
	Format    int        `json:"format"`
	Machine   Machine    `json:"machine"`
	Subjects  []Subject  `json:"subjects"`
	Quick     bool       `json:"quick"`
	Rounds    int        `json:"rounds"`
	Workloads int        `json:"workloads"` // how many were asked for
	Complete  int        `json:"complete"`  // how many have been measured
	Partial   bool       `json:"partial"`
	Fault     string     `json:"fault,omitempty"`
	Rows      []Row      `json:"rows"`
	LeftOut   []Omission `json:"left_out"`
}

// A Subject is one of the subjects that are compared.
type Subject struct {
	Name      string `json:"name"`
	Module    string `json:"module,omitempty"`
	Version   string `json:"version,omitempty"`
	Unordered string `json:"unordered,omitempty"` // why it keeps no order
}

// An Omission is a subject that a workload leaves out.
type Omission struct {
	Workload string `json:"workload"`
	Subject  string `json:"subject"`
	Why      string `json:"why"`
}

// A Row is one comparison. In a row without a peer, Against is empty.
type Row struct {
	Workload string   `json:"workload"`
	Against  string   `json:"against,omitempty"`
	Line     Line     `json:"line,omitzero"`
	Unit     Unit     `json:"unit"`
	Own      float64  `json:"desync"`
	Peer     float64  `json:"peer"`
	Ratio    *Ratio   `json:"ratio,omitempty"`
	Allocs   *Allocs  `json:"allocs_per_op,omitempty"`
	Goal     *Goal    `json:"goal,omitempty"`
	Rerun    string   `json:"rerun"`
	Samples  *Samples `json:"samples,omitempty"`
}

// A Line is a plot of the cost by a number of something. A workload is one of its points.
type Line struct {
	Name string `json:"name"`
	Of   string `json:"of"`
	At   int    `json:"at"`
}

// Samples are the figures of single rounds. Figures with the same index belong to the
// same round.
type Samples struct {
	Own  []float64 `json:"desync"`
	Peer []float64 `json:"peer,omitempty"`
}

// A Unit says what the figures of a row count.
type Unit string

// The units.
const (
	Nanos         Unit = "ns/op"
	AllocsPerOp   Unit = "allocs/op"
	Bytes         Unit = "B/object"
	Goroutines    Unit = "goroutines/object"
	BytesPerKey   Unit = "B/key"
	BytesPerTimer Unit = "B/timer"
	Kept          Unit = "B kept"
	Longest       Unit = "ns, longest wait"
	SpeedUp       Unit = "speed-up"
)

// A Ratio is the median of the ratios of single rounds, with the quartiles.
type Ratio struct {
	Median float64 `json:"median"`
	Low    float64 `json:"q1"`
	High   float64 `json:"q3"`
}

// Allocs are the allocations of one operation.
type Allocs struct {
	Own  float64 `json:"desync"`
	Peer float64 `json:"peer"`
}

// A Goal is a limit, and whether it was reached.
type Goal struct {
	Of      string   `json:"of"` // "ratio" or "desync"
	Max     *float64 `json:"max,omitempty"`
	Min     *float64 `json:"min,omitempty"`
	Reached bool     `json:"reached"`
	Bound   *Bound   `json:"bound,omitempty"`
}

// A Bound is the smallest ratio that is known to be possible: the ratio of code that does
// only what the work needs, measured in the same rounds.
type Bound struct {
	By    string  `json:"by"`
	Ratio float64 `json:"ratio"`
}

const (
	ofRatio = "ratio"
	ofOwn   = "desync"
)

// RatioGoal returns the goal that the ratio of the row is at most most.
func RatioGoal(r Row, most float64) *Goal {
	return &Goal{Of: ofRatio, Max: &most, Reached: r.Ratio.Median <= most}
}

// OwnGoal returns the goal that the figure of Desync in the row is at most most.
func OwnGoal(r Row, most float64) *Goal {
	return &Goal{Of: ofOwn, Max: &most, Reached: r.Own <= most}
}

// LeastGoal returns the goal that the figure of Desync in the row is at least least.
func LeastGoal(r Row, least float64) *Goal {
	return &Goal{Of: ofOwn, Min: &least, Reached: r.Own >= least}
}

// Goals counts the goals in the report.
func (r *Report) Goals() (reached, all int) {
	for _, row := range r.Rows {
		if row.Goal == nil {
			continue
		}
		all++
		if row.Goal.Reached {
			reached++
		}
	}
	return reached, all
}
