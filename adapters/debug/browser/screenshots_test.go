package browser_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/go-desync/go-desync/adapters/debug"
	"github.com/go-desync/go-desync/adapters/flight"
	"github.com/go-desync/go-desync/desync"
)

// scheme makes the browser prefer light or dark.
func scheme(which string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: which}},
		})
		return err
	})
}

// TestScreenshots writes pictures of the pages, for people to look at.
func TestScreenshots(t *testing.T) {
	dir := os.Getenv("DESYNC_SCREENSHOTS")
	if dir == "" {
		t.Skip("DESYNC_SCREENSHOTS names no directory to write to")
	}
	for _, objects := range []int{3, 10_000} {
		r := flight.New(flight.ShowKeys(func(_ string, key any) string { return fmt.Sprint(key) }))
		scene(t, r, objects)
		url, _ := serve(t, r, debug.Table("partitions", []string{"partition", "owner", "lag"}, func() [][]string {
			return [][]string{{"0", "node-a", "12"}, {"1", "node-b", "0"}, {"2", "node-a", "3,441"}}
		}))
		for _, width := range []int64{1280, 390} {
			for _, theme := range []string{"light", "dark"} {
				p := open(t)
				shot := func(name string) {
					picture, err := chromedp.Run(p.ctx, chromedp.FullScreenshot(100))
					if err != nil {
						t.Fatal(err)
					}
					if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s-%d-%d-%s.png", name, objects, width, theme)), picture, 0o666); err != nil {
						t.Fatal(err)
					}
				}
				p.do(chromedp.EmulateViewport(width, 900), scheme(theme), chromedp.Navigate(url))
				p.wait(rows + `.length >= 3`)
				p.wait(`document.querySelector("#numbers").textContent.includes("jobs a second") && last.rate !== null`)
				shot("page")
				p.eval(`document.querySelectorAll("#latency td button").forEach((b) => b.click())`)
				p.do(chromedp.Click("#busy tbody td:last-child button"))
				p.wait(`document.querySelector("#why dl")`)
				p.wait(`document.querySelector(".examples li")`)
				shot("why")
				p.do(chromedp.Navigate(url+"timeline.html"), chromedp.EmulateViewport(width, 900))
				p.wait(`document.documentElement.dataset.ready`)
				p.eval(`choose(jobs.findLast((j) => j.turn > j.queued && j.finished) || jobs[0])`)
				p.eval(`drawNow()`)
				shot("timeline")
			}
		}
	}
}

// scene has something of everything go on until the test ends.
func scene(t *testing.T, r *flight.Recorder, objects int) {
	ctx := t.Context()
	named := func(name string) desync.Option { return desync.WithName(name) }
	orders := desync.New(0, named("orders"), desync.WithObserver(r))
	carts := desync.NewMap(func(string) int { return 0 }, named("carts"), desync.WithObserver(r))
	mail := desync.New(0, named("mail"), desync.WithObserver(r))
	t.Cleanup(mail.Suspend())
	for range 7 {
		mail.Async(func(*int) {})
	}
	for i := range objects - 3 {
		r.Queued(desync.JobInfo{Object: fmt.Sprintf("worker %d", i%150), ObjectID: uint64(1000 + i), ID: uint64(1_000_000 + i), Call: desync.CallAsync, Queued: time.Now()})
	}
	// A ring of two jobs, each of which waits for the object of the other.
	for i, within := range []uint64{0, 0, 500_001, 500_002} {
		j := desync.JobInfo{Object: "ledger", ObjectID: uint64(901 + i%2), ID: uint64(500_001 + i), Call: desync.CallDo, Queued: time.Now().Add(-12 * time.Second)}
		if within > 0 {
			j.Within, j.ObjectID = within, 901+(uint64(i)+1)%2
		}
		r.Queued(j)
		if within == 0 {
			j.Started = j.Queued
			r.Started(j)
		}
	}
	go func() {
		for i := 0; ctx.Err() == nil; i++ {
			orders.Async(func(*int) { time.Sleep(time.Duration(i*i%700) * time.Microsecond) })
			if i%50 == 0 {
				orders.Async(func(*int) { time.Sleep(30 * time.Millisecond) })
			}
			key := "ann"
			if i%3 == 0 {
				key = fmt.Sprintf("customer %d", i%40)
			}
			carts.At(key).Do(func(*int) {})
			if i%200 == 7 {
				func() {
					defer func() { _ = recover() }()
					carts.At("bob").Do(func(*int) { panic("no such item") })
				}()
			}
			time.Sleep(400 * time.Microsecond)
		}
	}()
}
