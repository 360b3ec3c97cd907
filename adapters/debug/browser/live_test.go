package browser_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/go-desync/go-desync/adapters/debug"
	"github.com/go-desync/go-desync/adapters/flight"
	"github.com/go-desync/go-desync/desync"
)

const rows = `document.querySelectorAll("#busy tbody tr")`

// What changes in the program is seen without a reload, and what the user has opened or
// chosen stays.
func TestThePageIsLive(t *testing.T) {
	p := open(t)
	r := flight.New()
	url, _ := serve(t, r)
	d := desync.New(0, desync.WithName("orders"), desync.WithObserver(r))

	p.do(chromedp.Navigate(url))
	p.wait(`document.querySelector("#busy .note").textContent.includes("No object is busy")`)
	p.wait(`document.querySelector("#latency .note").textContent.includes("has seen no job")`)

	gate := make(chan bool)
	d.Async(func(*int) { <-gate })
	p.wait(rows + `.length === 1 && ` + rows + `[0].textContent.includes("live_test.go")`)
	d.Async(func(*int) {})
	d.Async(func(*int) {})
	p.wait(rows + `[0].cells[1].textContent === "3" && ` + rows + `[0].cells[2].textContent === "runs"`)
	p.eval(`document.querySelector("#busy tbody a").focus()`)
	p.eval(`window.row = ` + rows + `[0]`)
	d.Async(func(*int) {})
	p.wait(rows + `[0].cells[1].textContent === "4"`)
	if got := p.eval(`window.row === ` + rows + `[0] && document.activeElement === document.querySelector("#busy tbody a")`); got != "true" {
		t.Error("the row or the focus was lost when the number changed")
	}
	if got := p.eval(`document.title`); !strings.HasPrefix(got, "1 busy") {
		t.Errorf("the title is %q", got)
	}

	close(gate)
	p.wait(rows + `.length === 0 && document.querySelector("#latency tbody").textContent.includes("orders")`)
	p.quiet(url)
}

// A click tells why a job waits, in the words of flight.Why, and leads to it on the timeline.
func TestAClickTellsWhy(t *testing.T) {
	p := open(t)
	r := flight.New()
	url, _ := serve(t, r)
	d := desync.New(0, desync.WithName("orders"), desync.WithObserver(r))
	gate := make(chan bool)
	defer close(gate)
	d.Async(func(*int) { <-gate })
	d.Async(func(*int) {})

	p.do(chromedp.Navigate(url))
	p.wait(rows + `.length === 1`)
	p.do(chromedp.Click("#busy tbody td:last-child button"))
	p.wait(`document.querySelector("#why p.name")`)
	id := r.Snapshot().Busy()[0].Oldest.ID
	why := p.eval(`document.getElementById("why").innerText`)
	for _, want := range []string{fmt.Sprintf("Why did job %d wait?", id), fmt.Sprintf("job %d of orders", id), "behind 1 job", "live_test.go:"} {
		if !strings.Contains(why, want) {
			t.Errorf("the answer does not say %q:\n%s", want, why)
		}
	}
	p.do(chromedp.Navigate(p.eval(`document.querySelector("#why a").href`)))
	p.wait(`document.documentElement.dataset.ready`)
	if got := p.eval(`document.querySelector("#chosen h2").textContent`); got != fmt.Sprintf("Job %d", id) {
		t.Errorf("on the timeline %q is chosen, want job %d", got, id)
	}
	p.quiet(url)
}

func TestAClickOnAnObjectLeadsToItsTimeline(t *testing.T) {
	p := open(t)
	r := flight.New()
	url, _ := serve(t, r)
	for _, name := range []string{"a", "b", "c"} {
		defer desync.New(0, desync.WithName(name), desync.WithObserver(r)).Suspend()()
	}
	p.do(chromedp.Navigate(url))
	p.wait(rows + `.length === 3`)
	object := p.eval(rows + `[1].querySelector("a").textContent`)
	p.do(chromedp.Navigate(p.eval(rows + `[1].querySelector("a").href`)))
	p.wait(`document.documentElement.dataset.ready`)
	if got := p.eval(`document.querySelector("#chosen dd").textContent`); !strings.HasPrefix(got, object) {
		t.Errorf("the chosen job is of %q, want %s", got, object)
	}
	p.quiet(url)
}

func TestThePageShowsRingsAndTables(t *testing.T) {
	p := open(t)
	r := flight.New()
	url, _ := serve(t, r, debug.Table("partitions", []string{"partition", "owner"}, func() [][]string { return [][]string{{"0", "node-a"}} }))
	var ids []uint64
	for i, within := range []uint64{0, 0, 1, 2} {
		j := desync.JobInfo{Object: "o", ObjectID: uint64(1 + i%2), ID: uint64(i + 1), Call: desync.CallDo, Queued: time.Now()}
		if within > 0 {
			j.ObjectID, j.Within = 3-within, within
		}
		r.Queued(j)
		if within == 0 {
			j.Started = time.Now()
			r.Started(j)
		}
		ids = append(ids, j.ID)
	}
	p.do(chromedp.Navigate(url))
	p.wait(`document.querySelector("#chains .ring")`)
	if got := p.eval(`document.querySelectorAll("#chains .ring ol li").length`); got != "5" {
		t.Errorf("the ring of %v is shown as %s jobs, want 5: %s", ids, got, p.eval(`document.querySelector("#chains").innerText`))
	}
	if got := p.eval(`document.querySelector("#tables").innerText`); !strings.Contains(got, "partitions") || !strings.Contains(got, "node-a") {
		t.Errorf("the table is shown as %q", got)
	}
	p.quiet(url)
}

// While the page is not in sight, nothing is asked for, and no timer waits.
func TestTheHiddenPageDoesNothing(t *testing.T) {
	p := open(t)
	url, _ := serve(t, flight.New())
	p.do(chromedp.Navigate(url))
	p.wait(`document.documentElement.dataset.shown`)
	p.eval(`(() => {
		window.timers = 0;
		const set = window.setTimeout;
		window.setTimeout = (f, after) => {
			if (f === ask) window.timers++;
			return set(f, after);
		};
		Object.defineProperty(document, "hidden", { value: true, configurable: true });
		document.dispatchEvent(new Event("visibilitychange"));
	})()`)
	p.wait(`!asking`)
	if got := p.eval(`window.timers`); got != "0" {
		t.Errorf("%s timers were set by the hidden page", got)
	}
	// In one script, since the next timer is set when the answer is there.
	if got := p.eval(`(() => {
		Object.defineProperty(document, "hidden", { value: false });
		document.dispatchEvent(new Event("visibilitychange"));
		return window.timers;
	})()`); got != "1" {
		t.Errorf("%s timers were set when the page came into sight again, want 1", got)
	}
}

func TestThePageSaysWhenTheProgramHasGone(t *testing.T) {
	p := open(t)
	url, server := serve(t, flight.New())
	p.do(chromedp.Navigate(url))
	p.wait(`document.querySelector("#live.on")`)
	server.CloseClientConnections()
	server.Close()
	p.wait(`document.querySelector("#live.lost") && document.querySelector("#live").textContent.includes("no answer since")`)
}

func TestThePageWithManyObjects(t *testing.T) {
	p := open(t)
	r := flight.New()
	url, _ := serve(t, r)
	for id := uint64(1); id <= 10_000; id++ {
		j := desync.JobInfo{Object: fmt.Sprintf("worker %d", id%7), ObjectID: id, ID: id, Call: desync.CallDo, Queued: time.Now()}
		r.Queued(j)
		j.Started = time.Now()
		r.Started(j)
	}
	p.do(chromedp.Navigate(url))
	p.wait(rows + `.length > 0`)
	if got := p.eval(rows + `.length`); got != "15" {
		t.Errorf("%s rows, want 15", got)
	}
	p.do(chromedp.Click("#busy .note button"))
	p.wait(rows + `.length === 100`)
	if got := p.eval(`document.querySelector("#busy .note").innerText.replace(/\s/g, " ")`); !strings.Contains(got, "9 900 objects are busy besides") {
		t.Errorf("the note is %q", got)
	}
	p.quiet(url)
}

func TestHostileNamesStayInertOnThePage(t *testing.T) {
	p := open(t)
	r := flight.New(flight.ShowKeys(func(_ string, key any) string { return fmt.Sprint(key) }))
	url, _ := serve(t, r, debug.Table(hostile[1], hostile[1:4], func() [][]string { return [][]string{hostile} }))
	for _, name := range hostile {
		d := desync.New(0, desync.WithName(name), desync.WithObserver(r))
		resume := d.Suspend()
		defer resume()
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(fmt.Errorf("%s", name))
		_ = d.DoContext(ctx, func(context.Context, *int) error { return nil })
		d.Async(func(*int) {})
		m := desync.NewMap(func(string) int { return 0 }, desync.WithName(name), desync.WithObserver(r))
		m.At(name).Do(func(*int) {})
		m.At("another").Do(func(*int) {})
	}
	p.do(chromedp.Navigate(url))
	p.wait(rows + `.length >= 8`)
	p.eval(`document.querySelectorAll("#latency button[aria-expanded=false]").forEach((b) => b.click())`)
	p.wait(`document.querySelector(".examples li")`)
	p.do(chromedp.Click("#busy tbody td:last-child button"))
	p.wait(`document.querySelector("#why dl")`)
	p.wait(`document.querySelector("#live").textContent.includes("live")`)
	if got := p.eval(`document.images.length + " " + document.scripts.length + " " + document.querySelectorAll("b, iframe, object, style").length`); got != "0 1 0" {
		t.Errorf("images, scripts and others: %s; want 0 1 0", got)
	}
	if got := p.eval(`document.title`); strings.Contains(got, "owned") {
		t.Errorf("the title is %q", got)
	}
	if got := p.eval(`document.body.textContent`); !strings.Contains(got, hostile[1]) {
		t.Error("the name is not shown: this test could not fail")
	}
	p.quiet(url)
}

// hostile are names that break out of what is not careful.
var hostile = []string{
	"", `</script><img src=x onerror="document.title='owned'"><b>`, `"quoted' and \back`, "<!--<script>", "line\u2028sep\u2029arator",
	"nul\x00 bell\a", "invalid \xff\xc3", "\u202eevil", "${1} {{.}} %s", "&lt;b&gt;", strings.Repeat("long ", 100_000),
}
