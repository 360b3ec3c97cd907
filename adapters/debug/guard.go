package debug

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"path"
	"strings"
)

// policy is the Content-Security-Policy of the page.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// protect sets the headers that every answer has.
func protect(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
}

// refusedSite returns why a request that a page of another site has made is refused. A click
// on a link to the page is not one; the site that has the link learns nothing.
func refusedSite(r *http.Request) string {
	switch site := r.Header.Get("Sec-Fetch-Site"); site {
	case "", "none", "same-origin":
		return ""
	default:
		link := r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document"
		if link && (r.URL.Path == "/" || r.URL.Path == "") {
			return ""
		}
		return fmt.Sprintf("A page of another site has asked for this (Sec-Fetch-Site: %s). Open the address yourself.", short(site))
	}
}

// notLocal returns why a request is not one of this machine. A loopback address alone does
// not show it: any site can have a name that leads to 127.0.0.1, and a browser takes it there.
// And a proxy on this machine hands over the requests of others.
func notLocal(r *http.Request) string {
	const otherwise = " To look from elsewhere, make a tunnel (ssh -L), or have the program allow it (debug.Allow)."
	if !loopback(r.RemoteAddr) {
		return "This page is for requests from the same machine, and this one comes from " + short(r.RemoteAddr) + "." + otherwise
	}
	if !loopback(r.Host) {
		return "This page is for requests to localhost, and this one is to " + short(r.Host) + "." + otherwise
	}
	for name := range r.Header {
		if name == "Forwarded" || name == "Via" || name == "X-Real-Ip" || strings.HasPrefix(name, "X-Forwarded") {
			return "This page is for requests from the same machine, and this one has come through a proxy: it has a header " + short(name) + "." + otherwise
		}
	}
	return ""
}

// loopback reports whether a host, with or without a port, is a loopback address or localhost.
func loopback(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = strings.TrimSuffix(strings.TrimPrefix(hostport, "["), "]")
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// fail answers with a status and a text that says why.
func fail(w http.ResponseWriter, status int, why string) {
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	fmt.Fprintf(w, "%d %s\n\n%s\n", status, http.StatusText(status), why)
}

// short quotes what a request has brought if it is not plain, and cuts it.
func short(s string) string {
	if len(s) > 100 {
		s = s[:100] + "..."
	}
	if q := fmt.Sprintf("%+q", s); q[1:len(q)-1] != s {
		return q
	}
	return s
}

// toPage sends a request for the page without its last slash to the page, where its links
// work. The path as it was before http.StripPrefix is that of the request line.
func toPage(w http.ResponseWriter, r *http.Request) {
	was, err := url.ParseRequestURI(r.RequestURI)
	if err != nil {
		fail(w, http.StatusNotFound, "The address of the page ends in a slash.")
		return
	}
	w.Header().Set("Location", "./"+url.PathEscape(path.Base(was.Path))+"/")
	w.WriteHeader(http.StatusMovedPermanently)
}
