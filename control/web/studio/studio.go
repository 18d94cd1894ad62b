package studio

import (
	"bytes"
	"embed"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"
)

//go:embed all:dist
var embedded embed.FS

// Config says whom the page may talk to besides the program that serves it.
type Config struct {
	// Edges are the addresses of the edges as the region directory has them now; asked once for every page view, since
	// nodes come and go. Only the origin (scheme, host, port) of each is used.
	Edges func() []string
	// Payments are the origins whose pay page may be shown in a frame.
	Payments []string
}

// Handler serves the app at /studio and below. Where it was not built yet, it says which command builds it.
func Handler(cfg Config) http.Handler {
	dist, err := fs.Sub(embedded, "dist")
	if err != nil {
		panic(err) // the folder is embedded by name; it cannot be missing
	}
	return handler(dist, cfg)
}

// Built reports whether the app was there when this program was compiled.
func Built() bool {
	_, err := fs.Stat(embedded, "dist/index.html")
	return err == nil
}

func handler(dist fs.FS, cfg Config) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "The studio is a page: GET it.", http.StatusMethodNotAllowed)
			return
		}
		name := strings.Trim(strings.TrimPrefix(path.Clean(r.URL.Path), "/studio"), "/")
		headers(w.Header(), cfg)
		switch {
		case name == "":
			page(w, r, dist)
		case strings.HasPrefix(path.Base(name), "."): // what git needs to see is nobody else's business
			missing(w)
		default:
			asset(w, r, dist, name)
		}
	})
}

// headers are the same on every answer, so that no file of the app can be framed, sniffed or used as a looser page.
func headers(h http.Header, cfg Config) {
	connect, frame := []string{"'self'"}, origins(cfg.Payments)
	if cfg.Edges != nil {
		connect = append(connect, origins(cfg.Edges())...)
	}
	if len(frame) == 0 {
		frame = []string{"'none'"}
	}
	h.Set("Content-Security-Policy", strings.Join([]string{
		"default-src 'none'",
		"script-src 'self'",
		"style-src 'self'",
		"img-src 'self' blob: data:",
		"media-src blob:",
		"connect-src " + strings.Join(connect, " "),
		"frame-src " + strings.Join(frame, " "),
		"base-uri 'none'",
		"form-action 'none'",
		"frame-ancestors 'none'",
	}, "; "))
	h.Set("Permissions-Policy", "camera=(self), microphone=(), geolocation=(), display-capture=(), browsing-topics=()")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
}

// origins cuts addresses down to what a policy may hold. An address that is no http(s) URL is left out: it could
// otherwise smuggle a directive of its own into the header.
func origins(addresses []string) []string {
	var list []string
	seen := map[string]bool{}
	for _, address := range addresses {
		u, err := url.Parse(address)
		if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || strings.ContainsAny(u.Host, " ;,'\"") {
			continue
		}
		origin := u.Scheme + "://" + u.Host
		if !seen[origin] {
			seen[origin] = true
			list = append(list, origin)
		}
	}
	return list
}

func page(w http.ResponseWriter, r *http.Request, dist fs.FS) {
	body, err := fs.ReadFile(dist, "index.html")
	if err != nil {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = w.Write([]byte(unbuilt))
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache") // it names the hashed files, so it must be asked for again
	http.ServeContent(w, r, "index.html", time.Time{}, bytes.NewReader(body))
}

const unbuilt = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>The studio is not built</title>
<h1>The studio is not built yet</h1>
<p>This program was compiled before the page was. Run <code>make build</code> in the repository (it needs Node 20 or newer), then start it again.</p>
`

// kinds are the types of what the build writes. A host's own table of them must not decide whether a script runs.
var kinds = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".png": "image/png",
	".svg": "image/svg+xml",
}

// asset serves a file of dist. What Vite put under assets/ carries its digest in its name and can be kept for good.
func asset(w http.ResponseWriter, r *http.Request, dist fs.FS, name string) {
	body, coding, err := pick(dist, name, r.Header.Get("Accept-Encoding"))
	if err != nil {
		missing(w)
		return
	}
	h := w.Header()
	if kind := kinds[path.Ext(name)]; kind != "" {
		h.Set("Content-Type", kind)
	}
	if strings.HasPrefix(name, "assets/") {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		h.Set("Cache-Control", "no-cache")
	}
	h.Set("Vary", "Accept-Encoding")
	if coding != "" {
		h.Set("Content-Encoding", coding)
		h.Set("Content-Length", strconv.Itoa(len(body)))
		if r.Method == http.MethodGet {
			_, _ = w.Write(body)
		}
		return
	}
	http.ServeContent(w, r, path.Base(name), time.Time{}, bytes.NewReader(body))
}

// pick prefers the copy that the build compressed beside the file, where the browser takes it.
func pick(dist fs.FS, name, accept string) (body []byte, coding string, err error) {
	for _, c := range []struct{ coding, suffix string }{{"br", ".br"}, {"gzip", ".gz"}} {
		if !strings.Contains(accept, c.coding) {
			continue
		}
		if body, err := fs.ReadFile(dist, name+c.suffix); err == nil {
			return body, c.coding, nil
		}
	}
	body, err = fs.ReadFile(dist, name)
	return body, "", err
}

func missing(w http.ResponseWriter) {
	w.Header().Set("Cache-Control", "no-store")
	http.Error(w, "There is no such file in the studio.", http.StatusNotFound)
}
