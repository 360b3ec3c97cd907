package flight

import (
	"bufio"
	"cmp"
	"encoding/json"
	"io"
	"slices"
	"strconv"

	"github.com/go-desync/go-desync/adapters/internal/page"
	"github.com/go-desync/go-desync/desync"
)

// WriteHTML writes a page that shows the jobs on a timeline: a lane for each object, with
// those of a name together and the busiest first. It is one file, which loads nothing and
// runs in any browser, and which its own content security policy keeps from doing more.
// The jobs are in it as JSON, about 50 bytes each. For the 50 that waited longest it says why.
//
// The address may end in #job=7 or #object=7, with the ID of what to look at.
//
// It returns the first error of w.
func (s *Snapshot) WriteHTML(w io.Writer) error {
	h := &html{scene: newScene(s), w: bufio.NewWriter(w), textOf: map[string]int{"": 0}, texts: []string{""}}
	whole := page.Timeline()
	h.w.WriteString(whole.Before)
	h.data()
	h.w.WriteString(whole.After)
	return h.w.Flush()
}

type html struct {
	*scene

	w      *bufio.Writer // which keeps its first error
	texts  []string      // that occur, each once
	textOf map[string]int
}

// text returns the index of a text in texts.
func (h *html) text(s string) int {
	s = short(s)
	i, ok := h.textOf[s]
	if !ok {
		i = len(h.texts)
		h.texts = append(h.texts, s)
		h.textOf[s] = i
	}
	return i
}

// data writes all of the data as one value of JSON. [json.Marshal] writes <, > and & as
// escapes, so that no text ends the element in which the data is, or begins another.
func (h *html) data() {
	h.w.WriteString(`{"begin":`)
	h.json([2]int64{h.begin.Unix(), int64(h.begin.Nanosecond())})
	h.w.WriteString(`,"taken":`)
	h.json(h.Taken.Sub(h.begin))
	h.w.WriteString(`,"dropped":`)
	h.json(strconv.FormatUint(h.Dropped, 10))
	h.w.WriteString(`,"others":`)
	h.json(h.others)
	h.w.WriteString(`,"why":`)
	h.json(h.whys())

	h.w.WriteString(`,"lanes":[`)
	laneOf := make(map[uint64]int, len(h.lanes))
	for i, l := range h.lanes {
		laneOf[l.id] = i
		h.comma(i)
		h.json([]any{l.label, h.text(l.name), id(l.id)})
	}
	h.w.WriteString(`],"jobs":[`)
	var last int64
	written := 0
	for i := range h.Jobs {
		j := &h.Jobs[i]
		if at, ok := h.byID[j.ID]; ok && at == i {
			h.comma(written)
			h.w.WriteByte('\n')
			h.json(h.row(j, laneOf[j.ObjectID], &last))
			written++
		}
	}
	h.w.WriteString(`],"texts":`) // the last, since the others add to them
	h.json(h.texts)
	h.w.WriteByte('}')
}

// mostWhys is for how many jobs the page says why they waited. Each takes a pass through all.
const mostWhys = 50

// whys returns why the jobs with the longest waits have waited, by ID.
func (h *html) whys() map[uint64]string {
	wait := func(i int) int64 {
		c := h.course(&h.Jobs[i])
		return c.turn - c.queued
	}
	var longest []int
	for _, l := range h.lanes {
		for _, i := range l.jobs {
			if wait(i) > 0 {
				longest = append(longest, i)
			}
		}
	}
	slices.SortFunc(longest, func(a, b int) int { return cmp.Or(cmp.Compare(wait(b), wait(a)), cmp.Compare(a, b)) })
	lines := make(map[uint64]string)
	for _, i := range longest[:min(len(longest), mostWhys)] {
		if why := h.Why(h.Jobs[i].ID); why.Job.ID != 0 {
			lines[why.Job.ID] = short(why.String())
		}
	}
	return lines
}

func (h *html) comma(before int) {
	if before > 0 {
		h.w.WriteByte(',')
	}
}

func (h *html) json(v any) {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // numbers and texts only
	}
	h.w.Write(text)
}

// row returns what the page is told of a job, without the zeros at the end. The time of the
// call is that since the one before, which last has.
func (h *html) row(j *Job, lane int, last *int64) []any {
	c := h.course(j)
	flags := 4 // an outcome that is unknown
	if j.Outcome >= desync.OutcomeUnfinished && j.Outcome <= desync.OutcomeNotRun {
		flags = int(j.Outcome)
	}
	for _, is := range []bool{j.Waits, !j.Started.IsZero(), !j.Held.IsZero(), !j.Finished.IsZero()} {
		if flags *= 2; is {
			flags++
		}
	}
	numbers := [...]int64{
		int64(h.text(j.Call.String())), int64(flags), c.queued - *last, c.turn - c.queued, c.run - c.turn, c.end - c.run,
		int64(j.Ahead), int64(h.text(j.Code)), int64(h.text(j.Err)),
	}
	*last = c.queued
	row := []any{id(j.ID), lane}
	for _, n := range numbers {
		row = append(row, n)
	}
	row = append(row, id(j.Within), id(j.Set))
	for len(row) > 2 && (row[len(row)-1] == any(int64(0)) || row[len(row)-1] == any(uint64(0))) {
		row = row[:len(row)-1]
	}
	return row
}

// id returns an ID as it is written: a number if the scripts of a browser have all of its
// digits, else a text.
func id(n uint64) any {
	const exact = 1 << 53
	if n < exact {
		return n
	}
	return strconv.FormatUint(n, 10)
}
