package report

import (
	"math"
	"slices"
	"strconv"
)

// The sizes of plots, in the units of their pictures.
const (
	plotWidth  = 860
	nameWidth  = 190
	barsWidth  = 520
	barHeight  = 22
	linesLeft  = 70
	linesRight = 680
	linesTop   = 16
	linesFoot  = 330
	labelStep  = 14
)

// bars is the cost of each subject in one workload.
type bars struct {
	Unit          Unit
	Log           bool
	Width, Height int
	NameX, LeftX  int
	Bars          []bar
}

type bar struct {
	Name, Label          string
	Own                  bool
	Y, TextY             int
	Length               float64
	SpreadFrom, SpreadTo float64
	LabelX               float64
}

// newBars draws rows of one workload and unit.
func newBars(rows []Row) bars {
	type cost struct {
		name    string
		figure  float64
		samples []float64
	}
	var costs []cost
	for _, r := range rows {
		var s Samples
		if r.Samples != nil {
			s = *r.Samples
		}
		if len(costs) == 0 {
			costs = append(costs, cost{alone, r.Own, s.Own})
		}
		if r.Against != "" {
			costs = append(costs, cost{r.Against, r.Peer, s.Peer})
		}
	}
	least, most := math.Inf(1), 0.0
	for _, c := range costs {
		least, most = min(least, c.figure), max(most, c.figure, quantile(c.samples, 0.75))
	}
	b := bars{Unit: rows[0].Unit, Log: least > 0 && most > 30*least, Width: plotWidth, NameX: nameWidth - 8, LeftX: nameWidth}
	at := func(f float64) float64 {
		switch {
		case most == 0:
			return 0
		case b.Log:
			floor := math.Floor(math.Log10(least))
			return barsWidth * max(0, math.Log10(max(f, least))-floor) / (math.Log10(most) - floor)
		default:
			return barsWidth * f / most
		}
	}
	for i, c := range costs {
		length := at(c.figure)
		low, high := c.figure, c.figure
		if len(c.samples) > 0 {
			low, high = quantile(c.samples, 0.25), quantile(c.samples, 0.75)
		}
		b.Bars = append(b.Bars, bar{
			Name: c.name, Label: figure(c.figure), Own: i == 0,
			Y: i * barHeight, TextY: i*barHeight + 14, Length: length,
			SpreadFrom: nameWidth + at(low), SpreadTo: nameWidth + at(high),
			LabelX: nameWidth + max(length, at(high)) + 6,
		})
	}
	b.Height = len(costs) * barHeight
	return b
}

func quantile(figures []float64, share float64) float64 {
	if len(figures) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(figures))
	return s[int(share*float64(len(s)-1)+0.5)]
}

// lines is cost by a number of something, with two logarithmic axes.
type lines struct {
	Name, Of      string
	Width, Height int
	Left, Right   int
	LabelX        int // of the names at the ends
	Top, Foot     int
	X, Y          []tick
	Curves        []curve
}

type tick struct {
	At    float64
	Label string
}

type curve struct {
	Name   string
	Own    bool
	Style  int // a color and a pattern of dashes
	Points []point
	Path   string
	TextY  float64
}

// End is where the curve ends, and LabelY the middle of its name.
func (c curve) End() point      { return c.Points[len(c.Points)-1] }
func (c curve) LabelY() float64 { return c.TextY - 4 }

type point struct{ X, Y float64 }

// newLines draws the rows that are points of the same lines.
func newLines(rows []Row) lines {
	l := lines{
		Name: rows[0].Line.Name, Of: rows[0].Line.Of, Width: plotWidth, Height: linesFoot + 40,
		Left: linesLeft, Right: linesRight, LabelX: linesRight + 12, Top: linesTop, Foot: linesFoot,
	}
	type place struct {
		at   int
		cost float64
	}
	curves := map[string][]place{}
	var names []string
	add := func(name string, at int, cost float64) {
		if cost <= 0 {
			return
		}
		if curves[name] == nil {
			names = append(names, name)
		}
		if !slices.ContainsFunc(curves[name], func(p place) bool { return p.at == at }) {
			curves[name] = append(curves[name], place{at, cost})
		}
	}
	var xs []int
	least, most := math.Inf(1), 0.0
	for _, r := range rows {
		add(alone, r.Line.At, r.Own)
		add(r.Against, r.Line.At, r.Peer)
		xs = append(xs, r.Line.At)
		least, most = min(least, r.Own, r.Peer), max(most, r.Own, r.Peer)
	}
	slices.Sort(xs)
	xs = slices.Compact(xs)
	first, last := math.Log10(float64(xs[0])), math.Log10(float64(xs[len(xs)-1]))
	floor, roof := math.Floor(math.Log10(max(least, 1e-3))), math.Ceil(math.Log10(max(most, 1)))
	x := func(at int) float64 {
		return linesLeft + (linesRight-linesLeft)*(math.Log10(float64(at))-first)/max(last-first, 1e-9)
	}
	y := func(cost float64) float64 {
		return linesFoot - (linesFoot-linesTop)*(math.Log10(cost)-floor)/max(roof-floor, 1)
	}
	for _, at := range xs {
		l.X = append(l.X, tick{x(at), strconv.Itoa(at)})
	}
	for power := floor; power <= roof; power++ {
		l.Y = append(l.Y, tick{y(math.Pow(10, power)), figure(math.Pow(10, power))})
	}
	for i, name := range names {
		c := curve{Name: name, Own: name == alone, Style: i % 8}
		for _, p := range curves[name] {
			c.Points = append(c.Points, point{x(p.at), y(p.cost)})
			sep := "L"
			if c.Path == "" {
				sep = "M"
			}
			c.Path += sep + strconv.FormatFloat(x(p.at), 'f', 1, 64) + " " + strconv.FormatFloat(y(p.cost), 'f', 1, 64)
		}
		c.TextY = c.End().Y + 4
		l.Curves = append(l.Curves, c)
	}
	l.spreadLabels()
	return l
}

// spreadLabels moves the names at the ends of the curves apart.
func (l *lines) spreadLabels() {
	var order []*curve
	for i := range l.Curves {
		order = append(order, &l.Curves[i])
	}
	slices.SortFunc(order, func(a, b *curve) int { return int(math.Copysign(1, a.TextY-b.TextY)) })
	for i := 1; i < len(order); i++ {
		order[i].TextY = max(order[i].TextY, order[i-1].TextY+labelStep)
	}
	if n := len(order); n > 0 {
		l.Height = max(l.Height, int(order[n-1].TextY)+labelStep)
	}
}
