package browser_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/go-desync/go-desync/adapters/flight"
	"github.com/go-desync/go-desync/desync"
)

var begin = time.Date(2026, 3, 1, 3, 0, 0, 0, time.UTC)

func at(us int) time.Time { return begin.Add(time.Duration(us) * time.Microsecond) }

// many returns a Snapshot of n jobs.
func many(n, objects int) *flight.Snapshot {
	s := &flight.Snapshot{Taken: at(20 * n)}
	free := make([]int, objects)
	for i := range n {
		o := i * 7919 % objects
		queued := i * 7
		started := max(queued, free[o])
		free[o] = started + 3 + i%11*(i%13)
		s.Jobs = append(s.Jobs, flight.Job{
			ID: uint64(1_000_000 + i), Name: fmt.Sprintf("name %d", o%5), Object: fmt.Sprintf("name %d#%d", o%5, o), ObjectID: uint64(o + 1),
			Call: desync.CallAsync, Code: fmt.Sprintf("/src/app/file%d.go:%d", i%9, i%40), Ahead: i % 7,
			Queued: at(queued), Started: at(started), Finished: at(free[o]), Outcome: desync.OutcomeReturned,
		})
	}
	return s
}

// save writes the page of a Snapshot to a file and returns its address.
func save(t *testing.T, s *flight.Snapshot) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "timeline.html")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := s.WriteHTML(f); err != nil {
		t.Fatal(err)
	}
	return "file://" + path
}

// painted counts the points of the canvas, without its names, that are not empty.
const painted = `(() => {
	const scale = canvas.width / width;
	const data = context.getImageData(gutter * scale, axisHeight * scale, (width - gutter) * scale, (height - axisHeight) * scale).data;
	let n = 0;
	for (let i = 3; i < data.length; i += 4) if (data[i] > 128) n++;
	return n;
})()`

// The least of five loads counts, since other programs use the processors too.
func TestTenThousandJobsInASecond(t *testing.T) {
	for _, objects := range []int{40, 10_000} {
		p := open(t)
		url := save(t, many(10_000, objects))
		least := 1 << 30
		for range 5 {
			p.do(chromedp.Navigate(url))
			p.wait(`document.documentElement.dataset.ready`)
			ms, err := strconv.Atoi(p.eval(`document.documentElement.dataset.ready`))
			if err != nil {
				t.Fatal(err)
			}
			least = min(least, ms)
		}
		if n, _ := strconv.Atoi(p.eval(painted)); n < 50 {
			t.Errorf("%d points are painted", n)
		}
		if got := strings.Join(strings.Fields(p.eval(`document.querySelector("#summary").textContent`)), " "); !strings.HasPrefix(got, "10 000 jobs of") {
			t.Errorf("the summary is %q", got)
		}
		t.Logf("10,000 jobs of %d objects: ready after %d ms", objects, least)
		if least >= 1000 {
			t.Errorf("10,000 jobs of %d objects: ready after %d ms, want less than 1000", objects, least)
		}
		p.quiet(url)
	}
}

func TestHostileNamesStayInertOnTheTimeline(t *testing.T) {
	s := &flight.Snapshot{Taken: at(1000), Dropped: 1}
	for i, name := range hostile {
		s.Jobs = append(s.Jobs, flight.Job{
			ID: uint64(i + 1), Name: name, Object: name, ObjectID: uint64(i + 1), Call: desync.CallAsync, Code: name, Err: name,
			Queued: at(i), Started: at(i + 10), Finished: at(i + 20), Outcome: desync.OutcomeUnwound,
		})
	}
	p := open(t)
	url := save(t, s)
	p.do(chromedp.Navigate(url))
	p.wait(`document.documentElement.dataset.ready`)
	for id := range hostile {
		p.eval(fmt.Sprintf(`choose(byID.get("%d"), true)`, id+1))
	}
	p.eval(`choose(byID.get("2"), true)`)
	if got := p.eval(`document.images.length + " " + document.scripts.length + " " + document.querySelectorAll("iframe, object").length`); got != "0 2 0" {
		t.Errorf("images, scripts and others: %s; want 0 2 0", got)
	}
	if got := p.eval(`document.title`); strings.Contains(got, "owned") {
		t.Errorf("the title is %q", got)
	}
	if got := p.eval(`document.querySelector("#chosen").textContent`); !strings.Contains(got, hostile[1]) {
		t.Error("the name is not shown: this test could not fail")
	}
	p.quiet(url)
}

// A job is chosen by a click on it, and told of in words.
func TestTheTimelineByMouse(t *testing.T) {
	p := open(t)
	url := save(t, many(100, 2))
	p.do(chromedp.Navigate(url))
	p.wait(`document.documentElement.dataset.ready`)
	p.eval(`(() => {
		setView(jobs[50].run - 5e3, jobs[50].end + 5e3);
		drawNow();
		const box = canvas.getBoundingClientRect();
		window.point = [box.left + xOf((jobs[50].run + jobs[50].end) / 2), box.top + axisHeight + shown.indexOf(jobs[50].lane) * laneHeight + barTop + 5];
	})()`)
	x, _ := strconv.ParseFloat(p.eval(`point[0]`), 64)
	y, _ := strconv.ParseFloat(p.eval(`point[1]`), 64)
	p.do(chromedp.MouseClickXY(x, y))
	if got := p.eval(`document.querySelector("#chosen h2").textContent`); got != "Job 1000050" {
		t.Errorf("%q is chosen, want job 1000050", got)
	}
	if got := p.eval(`document.querySelector("#said").textContent`); !strings.HasPrefix(got, "Job 1000050 of name") || !strings.Contains(got, "ran for") {
		t.Errorf("what is said is %q", got)
	}
	from := p.eval(`view.from`)
	p.do(chromedp.DragAndDropXY(x, y, x-100, y, 5))
	if p.eval(`view.from`) == from || p.eval(`document.querySelector("#chosen h2").textContent`) != "Job 1000050" {
		t.Error("a drag does not move the view, or chooses a job")
	}
	p.quiet(url)
}

func TestTheTimelineByKeyboard(t *testing.T) {
	p := open(t)
	url := save(t, many(100, 2))
	p.do(chromedp.Navigate(url))
	p.wait(`document.documentElement.dataset.ready`)
	p.do(chromedp.Focus("#canvas"))
	chosen := func() string { return p.eval(`chosen && chosen.n`) }
	press := func(keys ...string) {
		for _, key := range keys {
			p.do(chromedp.KeyEvent(key))
		}
	}
	right, left, down, escape := kb.ArrowRight, kb.ArrowLeft, kb.ArrowDown, kb.Escape
	press(right)
	first := chosen()
	press(right, right)
	third := chosen()
	press(left, left)
	if first == "null" || third == first || chosen() != first {
		t.Errorf("right, right, right: %s then %s; left, left: %s", first, third, chosen())
	}
	lane := p.eval(`chosen.lane.label`)
	press(down)
	if other := p.eval(`chosen.lane.label`); other == lane {
		t.Errorf("down stays at %s", lane)
	}
	width := p.eval(`view.to - view.from`)
	press("+", "+")
	if p.eval(`(view.to - view.from) < `+width) != "true" {
		t.Error("+ does not zoom in")
	}
	press("0")
	if p.eval(`view.from <= first && view.to >= last`) != "true" {
		t.Error("0 does not show everything")
	}
	press(escape)
	if chosen() != "null" {
		t.Errorf("after Escape %s is chosen", chosen())
	}
	p.quiet(url)
}

// On paper it is light, with the lanes at its beginning, and afterwards as before.
func TestTheTimelineOnPaper(t *testing.T) {
	p := open(t)
	url := save(t, many(2000, 60))
	p.do(scheme("dark"), chromedp.Navigate(url))
	p.wait(`document.documentElement.dataset.ready`)
	dark := p.eval(`colors.panel`)
	p.eval(`window.addEventListener("beforeprint", () => window.paper = colors.panel + " " + height)`)
	if pdf, err := chromedp.Run(p.ctx, chromedp.PrintToPDF()); err != nil || len(pdf) < 10_000 {
		t.Fatalf("a PDF of %d bytes, error %v", len(pdf), err)
	}
	if got := p.eval(`window.paper`); got != "#ffffff 1226" {
		t.Errorf("on paper color and height are %q, want #ffffff and 40 lanes", got)
	}
	if got := p.eval(`colors.panel`); got != dark || dark == "#ffffff" {
		t.Errorf("the color is %s, before it was %s", got, dark)
	}
	p.quiet(url)
}
