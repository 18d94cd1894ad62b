package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"
)

// kinds are the types of our files; what a host's own table says must not matter.
var kinds = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
	".svg": "image/svg+xml", ".jpg": "image/jpeg", ".txt": "text/plain; charset=utf-8",
}

// asset is the address of a file of ours. It names the content, so that a browser may keep it for good.
func asset(name string) (string, error) {
	digest, err := digest(name)
	return "/static/" + name + "?v=" + digest, err
}

var digests sync.Map

func digest(name string) (string, error) {
	if d, ok := digests.Load(name); ok {
		return d.(string), nil
	}
	data, err := staticFiles.ReadFile("static/" + name)
	if err != nil {
		return "", fmt.Errorf("asset %s: %w", name, err)
	}
	sum := sha256.Sum256(data)
	d := hex.EncodeToString(sum[:6])
	digests.Store(name, d)
	return d, nil
}

func (s *Site) static(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	digest, err := digest(name)
	if err != nil {
		s.missing(w, r)
		return
	}
	if r.URL.Query().Get("v") == digest {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		w.Header().Set("Cache-Control", "no-cache")
	}
	s.file(w, r, name, digest)
}

// sample serves the portrait that the examples use. Any page, and any edge, may fetch it.
func (s *Site) sample(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	if name != "portrait.jpg" && name != "LICENSE.txt" {
		s.missing(w, r)
		return
	}
	digest, err := digest(name)
	if err != nil {
		s.Fail(w, r, err)
		return
	}
	w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.Header().Set("Cache-Control", "public, max-age=3600")
	s.file(w, r, name, digest)
}

func (s *Site) file(w http.ResponseWriter, r *http.Request, name, digest string) {
	data, err := staticFiles.ReadFile("static/" + name)
	if err != nil {
		s.Fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", kinds[path.Ext(name)])
	w.Header().Set("ETag", `"`+digest+`"`)
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(data))
}

func (s *Site) robots(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", kinds[".txt"])
	fmt.Fprint(w, "User-agent: *\nDisallow: /account\nDisallow: /console\nDisallow: /signin\n")
}

// securityText is RFC 9116. It must not be good for more than a year; half of one, counted from the month's start so
// that it does not change with every request.
func (s *Site) securityText(w http.ResponseWriter, r *http.Request) {
	now := s.cfg.Now().UTC()
	expires := time.Date(now.Year(), now.Month()+6, 1, 0, 0, 0, 0, time.UTC)
	w.Header().Set("Content-Type", kinds[".txt"])
	fmt.Fprintf(w, "Contact: %s\nExpires: %s\nPreferred-Languages: en\nCanonical: %s\nPolicy: %s\n", s.cfg.Contact,
		expires.Format(time.RFC3339), s.at("/.well-known/security.txt"), Repository+"/blob/main/.github/SECURITY.md")
}

// gpc says that we act on Sec-GPC, as https://w3c.github.io/gpc/ asks sites to.
func (s *Site) gpc(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, "{\"gpc\":true,\"lastUpdate\":%q}\n", PolicyVersion)
}

// at is the whole address of a path of ours.
func (s *Site) at(path string) string { return strings.TrimSuffix(s.cfg.URL.String(), "/") + path }
