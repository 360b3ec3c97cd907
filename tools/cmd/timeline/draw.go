package main

import (
	"fmt"
	"strings"
	"time"
)

// The layout, in pixels.
const (
	width, height = 880, 386
	left, right   = 118, 24 // of the time axis
	top, lane     = 62, 68  // the first lane, and from one to the next
	box           = 30      // the height of a job
	legend        = height - 22
)

// style has the colors for light and dark. A caller's own color is in its class, c0 to c2.
const style = `<style>
text { font: 14px system-ui, "Segoe UI", "DejaVu Sans", sans-serif; fill: #1f2328 }
.small { font-size: 12px; fill: #59636e }
.call { stroke: #ffffff; stroke-width: 4; paint-order: stroke }
.code { font: 13px ui-monospace, "DejaVu Sans Mono", monospace }
.bold { font-weight: 600 }
.job { font-weight: 600; fill: #ffffff; text-anchor: middle }
.mid { text-anchor: middle }
.back { fill: #ffffff }
.object { fill: #f0f2f5 }
.line, .gap, .wait, .path { fill: none }
.line { stroke: #818b98; stroke-width: 2 }
.tick { stroke: #d1d9e0 }
.gap { stroke: #ffffff; stroke-width: 5 }
.wait { stroke-width: 5; stroke-dasharray: 3 4 }
.path { stroke-width: 1.5 }
.c0 { stroke: #0969da } .c1 { stroke: #bc4c00 } .c2 { stroke: #8250df }
.f0 { fill: #0969da } .f1 { fill: #bc4c00 } .f2 { fill: #8250df }
.f3 { fill: #59636e } .c3 { stroke: #59636e }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 }
.small { fill: #9ea7b1 }
.call, .gap { stroke: #0d1117 }
.job { fill: #0d1117 }
.back { fill: #0d1117 }
.object { fill: #1c2128 }
.tick { stroke: #3d444d }
.c0 { stroke: #58a6ff } .c1 { stroke: #f0883e } .c2 { stroke: #bc8cff }
.f0 { fill: #58a6ff } .f1 { fill: #f0883e } .f2 { fill: #bc8cff }
.f3 { fill: #9ea7b1 } .c3 { stroke: #9ea7b1 }
}
</style>
`

// A picture is an SVG that is being written.
type picture struct {
	strings.Builder
	end time.Duration // of the time axis
}

func (p *picture) add(format string, args ...any) { fmt.Fprintf(p, format+"\n", args...) }

func (p *picture) x(t time.Duration) float64 {
	return left + (width-left-right)*float64(t)/float64(p.end)
}

// y returns the height of a caller's lane. That of the object is behind the last.
func y(caller int) int { return top + caller*lane }

var objectY = y(len(callers)) + 16

// draw returns the SVG of the jobs, which are in the order in which they ran.
func draw(jobs []*job) string {
	last := jobs[len(jobs)-1]
	p := &picture{end: last.ended + last.ended/12}
	p.add(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%[1]d" height="%d" role="img" aria-labelledby="title desc">`, width, height)
	p.add(`<title id="title">Three goroutines use one object</title>`)
	p.add(`<desc id="desc">%s</desc>`, describe(jobs))
	p.WriteString(style)
	p.add(`<rect class="back" width="%d" height="%d"/>`, width, height)
	p.axis()
	for caller, name := range callers {
		p.add(`<text x="16" y="%d">goroutine %s</text>`, y(caller)+5, name)
		p.add(`<path class="line" d="M%d %dH%d"/>`, left, y(caller), width-right)
	}
	for _, j := range jobs {
		p.hand(j)
	}
	for _, j := range jobs {
		p.job(j)
	}
	p.legend()
	p.add(`</svg>`)
	return p.String()
}

// describe returns a description of the picture in words.
func describe(jobs []*job) string {
	var s strings.Builder
	s.WriteString("Times are in milliseconds.")
	for _, j := range jobs {
		fmt.Fprintf(&s, " At %d goroutine %s calls %s with the job %s, which runs from %d to %d",
			j.made.Milliseconds(), callers[j.caller], j.call, j.name, j.started.Milliseconds(), j.ended.Milliseconds())
		switch j.call {
		case "Async":
			s.WriteString(" in the background; the call returns at once.")
		case "Sync":
			s.WriteString(" on that goroutine, which waits until then.")
		case "Future":
			fmt.Fprintf(&s, " in the background; the call returns at once, Await waits from %d to %d.",
				j.awaits.Milliseconds(), j.result.Milliseconds())
		}
	}
	return s.String()
}

func (p *picture) axis() {
	bottom := objectY + box/2 + 8
	p.add(`<rect class="object" x="%d" y="%d" width="%d" height="%d" rx="6"/>`, left-6, objectY-box/2-6, width-left-right+12, box+12)
	p.add(`<text class="bold" x="16" y="%d">the object</text>`, objectY+5)
	for t := time.Duration(0); t < p.end; t += 20 * time.Millisecond {
		p.add(`<path class="tick" d="M%.1[1]f %[2]dV%[3]d"/>`, p.x(t), 26, bottom)
		p.add(`<text class="small mid" x="%.1f" y="%d">%d ms</text>`, p.x(t), bottom+16, t.Milliseconds())
	}
}

// hand draws the call of a job on the caller's lane, the job's way to the object, and
// what the caller waits for.
func (p *picture) hand(j *job) {
	at, from := y(j.caller), p.x(j.made)
	switch j.call {
	case "Sync":
		p.wait(j.caller, j.made, j.started)
	case "Future":
		p.wait(j.caller, j.awaits, j.result)
		p.mark(j.caller, j.awaits, "Await")
		p.add(`<path class="path c%d" d="M%.1f %dV%d"/>`, j.caller, p.x(j.result), objectY-box/2, at)
	}
	to, above := p.x(j.started), objectY-box/2
	p.add(`<path class="path c%d" d="M%.1f %dC%.1[2]f %[4]d %.1[5]f %[4]d %.1[5]f %[6]d"/>`,
		j.caller, from, at, (at+above)/2, to, above)
	p.mark(j.caller, j.made, fmt.Sprintf("%s(%s)", j.call, j.name))
}

// mark draws the point at which a call is made.
func (p *picture) mark(caller int, at time.Duration, call string) {
	p.add(`<circle class="f%d" cx="%.1f" cy="%d" r="5"/>`, caller, p.x(at), y(caller))
	p.add(`<text class="code call" x="%.1f" y="%d">%s</text>`, p.x(at)-4, y(caller)-20, call)
}

// wait draws the time in which a caller waits.
func (p *picture) wait(caller int, from, to time.Duration) {
	for _, class := range []string{"gap", fmt.Sprint("wait c", caller)} {
		p.add(`<path class="%s" d="M%.1f %dH%.1f"/>`, class, p.x(from), y(caller), p.x(to))
	}
}

// job draws a job where it has the object, and on the caller's lane if it runs there.
func (p *picture) job(j *job) {
	rows := []int{objectY}
	if j.call == "Sync" {
		rows = append(rows, y(j.caller))
	}
	for _, row := range rows {
		p.add(`<rect class="f%d" x="%.1f" y="%d" width="%.1f" height="%d" rx="4"/>`,
			j.caller, p.x(j.started), row-box/2, p.x(j.ended)-p.x(j.started)-1, box)
		p.add(`<text class="job" x="%.1f" y="%d">%s</text>`, (p.x(j.started)+p.x(j.ended))/2, row+5, j.name)
	}
}

func (p *picture) legend() {
	p.add(`<path class="line" d="M%d %dh30"/><text class="small" x="%d" y="%d">own work</text>`, left, legend-4, left+38, legend)
	p.add(`<path class="wait c3" d="M%d %dh30"/><text class="small" x="%d" y="%d">waits</text>`, left+125, legend-4, left+163, legend)
	p.add(`<path class="path c3" d="M%d %dc0 14 30 0 30 14"/><text class="small" x="%d" y="%d">a job is queued</text>`, left+225, legend-11, left+263, legend)
	p.add(`<rect class="f3" x="%d" y="%d" width="30" height="14" rx="3"/><text class="small" x="%d" y="%d">a job runs: one at a time, in the order of the calls</text>`,
		left+375, legend-11, left+413, legend)
}
