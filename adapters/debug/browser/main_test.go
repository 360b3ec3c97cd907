// Package browser_test opens the pages of packages debug and flight in a Chromium, and uses
// them.
package browser_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/go-desync/go-desync/adapters/debug"
	"github.com/go-desync/go-desync/adapters/flight"
)

// patience is how long a page may take for anything.
const patience = 60 * time.Second

// browser is the context of the one browser that all tests share; nil without one.
var browser context.Context

func TestMain(m *testing.M) {
	path := find()
	if path == "" {
		if os.Getenv("DESYNC_BROWSER") == "require" {
			fmt.Println("FAIL: " + none)
			os.Exit(1)
		}
		os.Exit(m.Run()) // each test says that it is skipped
	}
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(path), chromedp.WindowSize(1280, 900))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	ctx, stop := chromedp.NewExecAllocator(context.Background(), options...)
	browser, _ = chromedp.NewContext(ctx)
	if err := chromedp.Do(browser); err != nil {
		fmt.Printf("FAIL: %s does not start: %v\n", path, err)
		os.Exit(1)
	}
	code := m.Run()
	stop()
	os.Exit(code)
}

const none = "there is no Chromium; install one with: sudo apt-get install chromium-headless-shell"

// find returns the path of a Chromium, or "".
func find() string {
	for _, name := range []string{"chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// A tab is one of the browser. It notes what its pages ask for, and what they complain of.
type tab struct {
	t   *testing.T
	ctx context.Context

	mu         sync.Mutex
	requests   []string
	complaints []string
}

func open(t *testing.T) *tab {
	t.Helper()
	if browser == nil {
		t.Skip(none)
	}
	ctx, cancel := chromedp.NewContext(browser)
	ctx, stop := context.WithTimeout(ctx, patience)
	t.Cleanup(func() { stop(); cancel() })
	p := &tab{t: t, ctx: ctx}
	err := chromedp.Listen(ctx, func(event any) {
		p.mu.Lock()
		defer p.mu.Unlock()
		switch e := event.(type) {
		case *network.EventRequestWillBeSent:
			p.requests = append(p.requests, e.Request.URL)
		case *log.EventEntryAdded:
			p.complaints = append(p.complaints, fmt.Sprintf("%s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL))
		case *runtime.EventConsoleAPICalled:
			p.complaints = append(p.complaints, fmt.Sprintf("console %v", e.Type))
		case *runtime.EventExceptionThrown:
			p.complaints = append(p.complaints, fmt.Sprintf("exception: %v", e.ExceptionDetails))
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, steps...); err != nil {
		p.t.Fatal(err)
	}
}

// wait waits until an expression of the page is true.
func (p *tab) wait(expression string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience/2)
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool]("!!("+expression+")", chromedp.WithPollingInterval(20*time.Millisecond))); err != nil {
		text, _ := chromedp.Run(p.ctx, chromedp.Evaluate[string]("document.body.innerText"))
		p.t.Fatalf("%s does not become true: %v\n%s", expression, err, text)
	}
}

// eval returns the value of an expression of the page, as a text.
func (p *tab) eval(expression string) string {
	p.t.Helper()
	text, err := chromedp.Run(p.ctx, chromedp.Evaluate[string]("String("+expression+")"))
	if err != nil {
		p.t.Fatalf("%s: %v", expression, err)
	}
	return text
}

// quiet fails the test if a page has complained of anything, or has asked for anything that
// does not begin with one of prefixes.
func (p *tab) quiet(prefixes ...string) {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.requests) == 0 {
		p.t.Error("no request was noted: this check could not fail")
	}
	for _, complaint := range p.complaints {
		p.t.Errorf("the page complains: %s", complaint)
	}
	for _, url := range p.requests {
		if !slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(url, prefix) }) {
			p.t.Errorf("the page asks for %s", url)
		}
	}
}

// serve serves the page of a recorder and returns its address.
func serve(t *testing.T, r *flight.Recorder, opts ...debug.Option) (url string, server *httptest.Server) {
	t.Helper()
	mux := http.NewServeMux()
	debug.Register(mux, r, opts...)
	server = httptest.NewServer(mux)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return server.URL + debug.Path, server
}
