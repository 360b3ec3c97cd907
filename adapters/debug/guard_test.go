package debug_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/go-desync/go-desync/adapters/debug"
	"github.com/go-desync/go-desync/adapters/flight"
)

var paths = []string{"/", "/page.js", "/page.css", "/icon.svg", "/state.json", "/timeline.html", "/trace.json", "/why?job=1"}

func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func from(remote, host string) func(*http.Request) {
	return func(r *http.Request) { r.RemoteAddr, r.Host = remote, host }
}

func method(m string) func(*http.Request) { return func(r *http.Request) { r.Method = m } }

func TestOnlyTheSameMachineMayLook(t *testing.T) {
	r := flight.New()
	running(r, 1, "orders", 0)
	h := debug.Handler(r)
	for _, test := range []struct {
		name   string
		change func(*http.Request)
		want   int
		says   string
	}{
		{"loopback", from("127.0.0.1:1", "localhost:6060"), 200, ""},
		{"all of 127.0.0.0/8", from("127.8.9.1:1", "127.0.0.1"), 200, ""},
		{"IPv6", from("[::1]:1", "[::1]:6060"), 200, ""},
		{"IPv6 without a port", from("[::1]:1", "[::1]"), 200, ""},
		{"IPv4 in IPv6", from("[::ffff:127.0.0.1]:1", "LOCALHOST"), 200, ""},
		{"another machine", from("10.0.0.5:1", "localhost"), 403, "comes from 10.0.0.5:1"},
		{"a zone", from("[fe80::1%eth0]:1", "localhost"), 403, "comes from"},
		{"a name that leads here", from("127.0.0.1:1", "evil.example"), 403, "to evil.example"},
		{"a name that begins like an address", from("127.0.0.1:1", "127.0.0.1.evil.example:6060"), 403, "evil.example"},
		{"a name that begins like localhost", from("127.0.0.1:1", "localhost.evil.example"), 403, "evil.example"},
		{"a machine of the network", from("127.0.0.1:1", "10.0.0.1"), 403, "10.0.0.1"},
		{"no Host", from("127.0.0.1:1", ""), 403, "localhost"},
		{"a Host that is no text", from("127.0.0.1:1", "\x1b[31m\xff"), 403, `\x1b[31m\xff`},
		{"a Host without end", from("127.0.0.1:1", strings.Repeat("a", 1<<20)), 403, "aaa..."},
		{"a socket of the system", from("@", "localhost"), 403, "comes from @"},
		{"nothing known", from("", "localhost"), 403, "comes from"},
		{"a proxy", header("X-Forwarded-For", "127.0.0.1"), 403, "X-Forwarded-For"},
		{"a proxy of another kind", header("X-Forwarded-Host", ""), 403, "X-Forwarded-Host"},
		{"a proxy by the standard", header("Forwarded", "for=127.0.0.1"), 403, "Forwarded"},
		{"a proxy that says the address", header("X-Real-Ip", "127.0.0.1"), 403, "X-Real-Ip"},
		{"a proxy that says itself only", header("Via", "1.1 proxy"), 403, "Via"},
		{"the page itself", header("Sec-Fetch-Site", "same-origin"), 200, ""},
		{"the address bar", header("Sec-Fetch-Site", "none"), 200, ""},
		{"a page of another site", header("Sec-Fetch-Site", "cross-site"), 403, "another site"},
		{"a page of another port", header("Sec-Fetch-Site", "same-site"), 403, "another site"},
		{"what is no site", header("Sec-Fetch-Site", "<script>"), 403, "another site"},
	} {
		for _, path := range paths {
			w := get(h, path, test.change)
			if w.Code != test.want || !strings.Contains(w.Body.String(), test.says) {
				t.Errorf("%s: %s: %d %.300s; want %d %s", test.name, path, w.Code, w.Body, test.want, test.says)
			}
			if test.want == 403 && (w.Header().Get("Content-Type") != "text/plain; charset=utf-8" || w.Body.Len() > 600) {
				t.Errorf("%s: %s: %s of %d bytes; want a short plain text", test.name, path, w.Header().Get("Content-Type"), w.Body.Len())
			}
		}
	}
}

// Whoever clicks on a link to the page gets it. A frame or a script does not.
func TestLinksFromOtherSites(t *testing.T) {
	h := debug.Handler(flight.New())
	navigation := func(dest string) func(*http.Request) {
		return func(r *http.Request) {
			r.Header.Set("Sec-Fetch-Site", "cross-site")
			r.Header.Set("Sec-Fetch-Mode", "navigate")
			r.Header.Set("Sec-Fetch-Dest", dest)
		}
	}
	for _, path := range paths {
		want := 403
		if path == "/" {
			want = 200
		}
		if w := get(h, path, navigation("document")); w.Code != want {
			t.Errorf("a link to %s: %d, want %d", path, w.Code, want)
		}
		if w := get(h, path, navigation("iframe")); w.Code != 403 {
			t.Errorf("a frame of %s: %d, want 403", path, w.Code)
		}
	}
}

func TestAllowReplacesTheRule(t *testing.T) {
	h := debug.Handler(flight.New(), debug.Allow(func(r *http.Request) bool { return r.Header.Get("Authorization") == "secret" }))
	for _, test := range []struct {
		changes []func(*http.Request)
		want    int
	}{
		{nil, 403},
		{[]func(*http.Request){header("Authorization", "secret")}, 200},
		{[]func(*http.Request){header("Authorization", "secret"), from("10.0.0.5:1", "debug.example"), header("X-Forwarded-For", "10.0.0.9")}, 200},
		{[]func(*http.Request){header("Authorization", "secret"), header("Sec-Fetch-Site", "cross-site")}, 403},
	} {
		for _, path := range paths[:6] {
			if w := get(h, path, test.changes...); w.Code != test.want {
				t.Errorf("%s with %d changes: %d, want %d: %s", path, len(test.changes), w.Code, test.want, w.Body)
			}
		}
	}
}

func TestNothingCanBeChanged(t *testing.T) {
	h := debug.Handler(flight.New())
	for _, m := range []string{"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "get", ""} {
		for _, path := range append(paths, "/nothing") {
			if w := get(h, path, method(m)); w.Code != 405 || w.Header().Get("Allow") != "GET, HEAD" {
				t.Errorf("%q %s: %d, Allow %q; want 405", m, path, w.Code, w.Header().Get("Allow"))
			}
		}
	}
	s := httptest.NewServer(h)
	defer s.Close()
	defer s.Client().CloseIdleConnections()
	for _, path := range paths[:7] {
		res, err := s.Client().Head(s.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != 200 || res.ContentLength <= 0 {
			t.Errorf("HEAD %s: %s, length %d", path, res.Status, res.ContentLength)
		}
	}
}

func TestHeaders(t *testing.T) {
	r := flight.New()
	running(r, 1, "orders", 0)
	h := debug.Handler(r)
	for _, path := range append(paths, "/nothing", "/why", "") {
		for _, change := range []func(*http.Request){method("GET"), method("POST"), from("10.0.0.5:1", "localhost")} {
			w := get(h, "/", func(r *http.Request) {
				r.URL.Path, r.URL.RawQuery, _ = strings.Cut(path, "?")
				change(r)
			})
			for name, want := range map[string]string{
				"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer",
				"Cross-Origin-Resource-Policy": "same-origin",
			} {
				if got := w.Header().Get(name); got != want {
					t.Errorf("%s: %s is %q, want %q", path, name, got, want)
				}
			}
			policy := w.Header().Get("Content-Security-Policy")
			if !strings.HasPrefix(policy, "default-src 'none'; script-src '") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") ||
				!strings.HasSuffix(policy, "base-uri 'none'; form-action 'none'; frame-ancestors 'none'") {
				t.Errorf("%s: the policy is %q", path, policy)
			}
			if w.Header().Get("Access-Control-Allow-Origin") != "" || w.Header().Get("Set-Cookie") != "" {
				t.Errorf("%s: headers %v", path, w.Header())
			}
		}
	}
}

// The page needs nothing that its policy does not allow.
func TestPageKeepsToItsPolicy(t *testing.T) {
	h := debug.Handler(flight.New())
	html := get(h, "/").Body.String()
	for _, bad := range []string{"<style", "style=", "onclick", "onload", "http:", "https:", "javascript:"} {
		if strings.Contains(html, bad) {
			t.Errorf("the page has %q", bad)
		}
	}
	for _, script := range regexp.MustCompile(`<script[^>]*>[^<]*`).FindAllString(html, -1) {
		if script != `<script src="page.js" defer>` {
			t.Errorf("the page has the script %q", script)
		}
	}
	js := get(h, "/page.js").Body.String()
	for _, bad := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "setAttribute(\"style\""} {
		if strings.Contains(js, bad) {
			t.Errorf("the script has %q", bad)
		}
	}
	for _, link := range regexp.MustCompile(`(?:href|src)="([^"]+)"`).FindAllStringSubmatch(html, -1) {
		if w := get(h, "/"+link[1]); w.Code != 200 {
			t.Errorf("the page links to %s: %d", link[1], w.Code)
		}
	}
}

func TestRegister(t *testing.T) {
	mux := http.NewServeMux()
	debug.Register(mux, flight.New())
	for path, want := range map[string]int{
		"/debug/desync/": 200, "/debug/desync/state.json": 200, "/debug/desync": 307, "/debug/desync/../../etc/passwd": 307, "/debug/desync/x/../state.json": 307,
		"/debug/desync/nothing": 404, "/debug/desync/x/state.json": 404, "/debug/desync//state.json": 307, "/debug/desync/%2e%2e/state.json": 404, "/debug": 404,
	} {
		if w := get(mux, path); w.Code != want {
			t.Errorf("%s: %d, want %d", path, w.Code, want)
		}
	}
	if _, pattern := http.DefaultServeMux.Handler(httptest.NewRequest("GET", "/debug/desync/", nil)); pattern != "" {
		t.Errorf("http.DefaultServeMux has the pattern %q", pattern)
	}
}

func TestWrongUsePanics(t *testing.T) {
	mux, r := http.NewServeMux(), flight.New()
	debug.Register(mux, r)
	for name, test := range map[string]struct {
		call func()
		says string
	}{
		"register twice":  {func() { debug.Register(mux, r) }, debug.Path},
		"no mux":          {func() { debug.Register(nil, r) }, "mux is nil"},
		"no recorder":     {func() { debug.Register(http.NewServeMux(), nil) }, "recorder is nil"},
		"handler of none": {func() { debug.Handler(nil) }, "recorder is nil"},
		"allow nothing":   {func() { debug.Allow(nil) }, "function is nil"},
		"no columns":      {func() { debug.Table("t", nil, func() [][]string { return nil }) }, "at least one column"},
		"no rows":         {func() { debug.Table("t", []string{"a"}, nil) }, "function that returns the rows"},
	} {
		func() {
			defer func() {
				text := fmt.Sprint(recover())
				if !strings.Contains(text, test.says) {
					t.Errorf("%s: panic %q, want one that says %q", name, text, test.says)
				}
			}()
			test.call()
		}()
	}
}

func TestMountedAnywhere(t *testing.T) {
	mux := http.NewServeMux()
	mux.Handle("/admin/a/", http.StripPrefix("/admin/a", debug.Handler(flight.New())))
	if w := get(mux, "/admin/a/state.json"); w.Code != 200 {
		t.Errorf("state.json: %d %s", w.Code, w.Body)
	}
	// Without a mux that adds the slash, the handler does.
	h := http.StripPrefix("/admin", debug.Handler(flight.New()))
	if w := get(h, "/admin"); w.Code != 301 || w.Header().Get("Location") != "./admin/" {
		t.Errorf("without a slash: %d, Location %q", w.Code, w.Header().Get("Location"))
	}
	if w := get(h, "//evil.example/..//admin", func(r *http.Request) { r.URL.Path = "/admin" }); strings.Contains(w.Header().Get("Location"), "evil") {
		t.Errorf("Location %q leads elsewhere", w.Header().Get("Location"))
	}
	if w := get(debug.Handler(flight.New()), "/debug/desync/"); w.Code != 404 || !strings.Contains(w.Body.String(), "http.StripPrefix") {
		t.Errorf("without StripPrefix: %d %s", w.Code, w.Body)
	}
}

// Both packages register on http.DefaultServeMux when they are imported.
func TestImportsNothingThatRegisters(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	for dep := range strings.Lines(string(out)) {
		if dep = strings.TrimSpace(dep); dep == "expvar" || dep == "net/http/pprof" {
			t.Errorf("the package imports %s", dep)
		}
	}
	if !strings.Contains(string(out), "net/http\n") {
		t.Errorf("go list says %s", out)
	}
}
