package web_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/professionalaistudio/studio/control/store/storetest"
	"github.com/professionalaistudio/studio/edge/wire"
)

// The headers of each kind of answer, in full: one more, one less or another is a decision.
func TestGoldenHeaders(t *testing.T) {
	r := newRig(t, storetest.SQLite(t), "")
	every := map[string]string{
		"Content-Security-Policy":      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
		"Permissions-Policy":           "camera=(), microphone=(), geolocation=(), display-capture=(), browsing-topics=()",
		"Referrer-Policy":              "same-origin",
		"X-Content-Type-Options":       "nosniff",
	}
	const html = "text/html; charset=utf-8"
	vary := "Cookie, Sec-GPC, DNT"
	check := func(path string, status int, more map[string]string, headers ...string) {
		t.Helper()
		p := r.get(t, path, headers...)
		want := map[string]string{}
		for _, m := range []map[string]string{every, more} {
			for name, value := range m {
				want[name] = value
			}
		}
		if p.StatusCode != status {
			t.Errorf("%s: status %d, want %d", path, p.StatusCode, status)
		}
		for name, value := range want {
			if got := strings.Join(p.Header.Values(name), ", "); got != value {
				t.Errorf("%s: %s = %q, want %q", path, name, got, value)
			}
		}
		for name := range p.Header {
			switch name {
			case "Date", "Content-Length", "Etag", "Accept-Ranges":
			default:
				if _, ok := want[name]; !ok {
					t.Errorf("%s: has %s: %q besides", path, name, p.Header.Get(name))
				}
			}
		}
	}
	public := map[string]string{"Content-Type": html, "Cache-Control": "private, no-cache", "Vary": vary}
	private := map[string]string{"Content-Type": html, "Cache-Control": "no-store", "Vary": vary}
	check("/", 200, public)
	check("/documents", 200, map[string]string{"Content-Type": html, "Cache-Control": "private, no-cache", "Vary": "Accept-Language, " + vary})
	check("/documents/us-passport", 200, public)
	check("/privacy", 200, public)
	check("/problems/busy", 200, public)
	check("/nowhere", 404, private)
	check("/signin", 200, private)
	check("/console", 303, map[string]string{"Content-Type": html, "Cache-Control": "no-store", "Location": "/signin?next=%2Fconsole"})
	check("/robots.txt", 200, map[string]string{"Content-Type": "text/plain; charset=utf-8"})
	check("/.well-known/gpc.json", 200, map[string]string{"Content-Type": "application/json"})
	check("/static/site.css", 200, map[string]string{"Content-Type": "text/css; charset=utf-8", "Cache-Control": "no-cache"})
	check("/samples/portrait.jpg", 200, map[string]string{"Content-Type": "image/jpeg", "Cache-Control": "public, max-age=3600",
		"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"})
	r.signIn(t, "sample-ada", "/")
	for _, path := range []string{"/", "/console", "/account"} {
		check(path, 200, private)
	}
}

// Every page that can be reached by links from the first one answers, holds no script or style of its own, and says
// what it is.
func TestEveryLinkLeadsSomewhere(t *testing.T) {
	r := newRig(t, storetest.SQLite(t), "")
	r.site.Handle("/v1/usage", http.NotFoundHandler()) // of package api
	for _, signedIn := range []bool{false, true} {
		if signedIn {
			r.signIn(t, "sample-ada", "/")
		}
		seen := map[string]bool{"/studio": true, "/v1/usage": true}
		queue := []string{"/"}
		for len(queue) > 0 {
			path := queue[0]
			queue = queue[1:]
			p := r.get(t, path)
			if strings.HasPrefix(path, "/console") && !signedIn {
				continue
			}
			if p.StatusCode != 200 {
				t.Errorf("%s answers %d", path, p.StatusCode)
			}
			if !strings.HasPrefix(p.Header.Get("Content-Type"), "text/html") {
				continue
			}
			for _, fault := range []string{`<script>`, ` style="`, `<style`, ` onclick`, `javascript:`, `ZgotmplZ`, `<nil>`, `%!`} {
				if strings.Contains(p.body, fault) {
					t.Errorf("%s holds %q", path, fault)
				}
			}
			for _, must := range []string{`<html lang="en">`, `<meta name="viewport"`, `<main id="main"`, `href="#main"`, "</html>"} {
				if !strings.Contains(p.body, must) {
					t.Errorf("%s lacks %s", path, must)
				}
			}
			if n := strings.Count(p.body, "<h1"); n != 1 {
				t.Errorf("%s has %d first headings, want 1", path, n)
			}
			for _, m := range regexp.MustCompile(`(?:href|src)="(/[^"#]*)[^"]*"`).FindAllStringSubmatch(p.body, -1) {
				next := strings.ReplaceAll(m[1], "&amp;", "&")
				if strings.HasPrefix(next, "/studio?") || strings.Contains(next, "with=") || seen[next] {
					continue
				}
				seen[next] = true
				queue = append(queue, next)
			}
		}
		if len(seen) < 60 {
			t.Errorf("%d pages were found, want all of them", len(seen))
		}
	}
}

// Each word of a problem has its page, with what it means and what to do.
func TestProblemPages(t *testing.T) {
	r := newRig(t, storetest.SQLite(t), "")
	plain := func(s string) string {
		return strings.NewReplacer("&#39;", "'", "&#34;", `"`, "&quot;", `"`, "&amp;", "&").Replace(s)
	}
	for _, problem := range wire.Problems {
		p := r.get(t, "/problems/"+problem.Type)
		if body := plain(p.body); p.StatusCode != 200 || !strings.Contains(body, problem.Meaning) || !strings.Contains(body, problem.Remedy) || !strings.Contains(body, problem.Title) {
			t.Errorf("%s: %d, and the page lacks title, meaning or remedy", problem.Type, p.StatusCode)
		}
	}
	if p := r.get(t, "/problems/none"); p.StatusCode != 404 {
		t.Errorf("an unknown word: %d, want 404", p.StatusCode)
	}
}

func TestFiles(t *testing.T) {
	r := newRig(t, storetest.SQLite(t), "")
	link := regexp.MustCompile(`href="(/static/site\.css\?v=[0-9a-f]+)"`).FindStringSubmatch(r.get(t, "/").body)
	if link == nil {
		t.Fatal("no link to the style")
	}
	css := r.get(t, link[1])
	if css.StatusCode != 200 || !strings.Contains(css.Header.Get("Cache-Control"), "immutable") {
		t.Errorf("the style: %d, kept %q, want for good", css.StatusCode, css.Header.Get("Cache-Control"))
	}
	if p := r.get(t, link[1], "If-None-Match", css.Header.Get("ETag")); p.StatusCode != 304 {
		t.Errorf("asked again: %d, want 304", p.StatusCode)
	}
	if p := r.get(t, "/static/site.css?v=old"); strings.Contains(p.Header.Get("Cache-Control"), "immutable") {
		t.Error("another version's address is kept for good")
	}
	for _, path := range []string{"/static/none", "/static/..%2fpages%2fhome.html", "/static/", "/samples/site.css", "/samples/none.jpg"} {
		if p := r.get(t, path); p.StatusCode != 404 {
			t.Errorf("%s: %d, want 404", path, p.StatusCode)
		}
	}
	portrait := r.get(t, "/samples/portrait.jpg")
	if !bytes.HasPrefix([]byte(portrait.body), []byte("\xff\xd8\xff")) {
		t.Error("the sample is no JPEG")
	}
	if p := r.get(t, "/samples/LICENSE.txt"); !strings.Contains(p.body, "does not exist") || !strings.Contains(p.body, "MIT") {
		t.Errorf("the sample's licence is %q", p.body)
	}
	if p := r.do(t, "HEAD", "/", nil); p.StatusCode != 200 || p.body != "" || p.Header.Get("Content-Type") == "" {
		t.Errorf("HEAD: %d with %d bytes", p.StatusCode, len(p.body))
	}
	if p := r.do(t, "DELETE", "/privacy", nil); p.StatusCode != 404 && p.StatusCode != 405 {
		t.Errorf("DELETE: %d, want it refused", p.StatusCode)
	}
}

func TestWellKnown(t *testing.T) {
	r := newRig(t, storetest.SQLite(t), "")
	var gpc struct {
		GPC        bool   `json:"gpc"`
		LastUpdate string `json:"lastUpdate"`
	}
	if err := json.Unmarshal([]byte(r.get(t, "/.well-known/gpc.json").body), &gpc); err != nil || !gpc.GPC || gpc.LastUpdate == "" {
		t.Errorf("gpc.json = %+v (%v), want true and a day", gpc, err)
	}
	text := r.get(t, "/.well-known/security.txt").body
	fields := map[string]string{}
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		fields[name] = value
	}
	expires, err := time.Parse(time.RFC3339, fields["Expires"])
	if err != nil || expires.Before(now.AddDate(0, 3, 0)) || expires.After(now.AddDate(1, 0, 0)) {
		t.Errorf("security.txt expires %v (%v), want within a year and not soon", expires, err)
	}
	if !strings.HasPrefix(fields["Contact"], "https://") || fields["Canonical"] != r.URL+"/.well-known/security.txt" {
		t.Errorf("security.txt = %v", fields)
	}
}
