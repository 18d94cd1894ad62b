package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// HEAD answers with what GET would answer, whatever that is.
func TestHead(t *testing.T) {
	n, src := start(t), sources(t)
	for _, address := range []string{
		n.sign("w:50", src.URL+"/slope.png"),
		n.sign("f:webp", src.URL+"/tagged/slope.png"),
		n.sign("w:50", src.URL+"/missing.png"),
		n.public + "/health",
		n.public + "/v1/documents",
	} {
		get, head := get(t, address), ask(t, http.MethodHead, address, nil)
		if head.StatusCode != get.StatusCode || len(head.body) != 0 {
			t.Errorf("HEAD answers %d with %d bytes, GET %d", head.StatusCode, len(head.body), get.StatusCode)
		}
		for name := range get.Header {
			if slices.Contains([]string{"Date", "X-Request-Id", "Server-Timing"}, name) {
				continue
			}
			if a, b := head.Header.Get(name), get.Header.Get(name); a != b {
				t.Errorf("%s is %q on HEAD and %q on GET", name, a, b)
			}
		}
	}
}

// One source in two sizes, two formats or with other options is as many tags; the same twice is one.
func TestETags(t *testing.T) {
	n, src := start(t), sources(t)
	tag := func(options, path string, header ...string) string {
		t.Helper()
		a := get(t, n.sign(options, src.URL+path), header...).ok(t)
		got := a.Header.Get("ETag")
		if !regexp.MustCompile(`^"[\w.-]+"$`).MatchString(got) {
			t.Errorf("the tag is %s, want a strong one", got)
		}
		return got
	}
	seen := map[string]string{}
	for _, v := range []struct{ options, path string }{
		{"w:50", "/slope.png"}, {"w:60", "/slope.png"}, {"w:50/f:webp", "/slope.png"}, {"w:50", "/glass.png"},
		{"w:50", "/tagged/slope.png"}, {"w:60", "/tagged/slope.png"}, {"w:50/f:webp", "/tagged/slope.png"}, {"w:50", "/tagged/glass.png"},
	} {
		got := tag(v.options, v.path)
		if other, ok := seen[got]; ok {
			t.Errorf("%s of %s and %s have one tag", v.options, v.path, other)
		}
		seen[got] = v.options + " of " + v.path
	}
	if a, b := tag("w:50", "/slope.png"), tag("w:50/cb:2/exp:32503680000/fn:x", "/slope.png"); a != b {
		t.Errorf("what does not change the bytes changed the tag from %s to %s", a, b)
	}
	if a, b := tag("w:50", "/slope.png"), tag("width:50/h:0", "/slope.png"); a != b {
		t.Errorf("two spellings of one picture have the tags %s and %s", a, b)
	}
	if a, b := tag("w:50", "/slope.jpg", "Accept", "image/webp"), tag("w:50", "/slope.jpg"); a == b {
		t.Error("WebP and JPEG of one address have one tag")
	}
}

func TestConditionalRequests(t *testing.T) {
	n, src := start(t), sources(t)
	for _, path := range []string{"/slope.png", "/tagged/slope.png"} { // ours alone, and one that carries the source's
		address := n.sign("w:50", src.URL+path)
		first := get(t, address).ok(t)
		tag, modified := first.Header.Get("ETag"), first.Header.Get("Last-Modified")
		for name, test := range map[string]struct {
			header []string
			status int
		}{
			"the tag":                     {[]string{"If-None-Match", tag}, 304},
			"the tag, weakened":           {[]string{"If-None-Match", "W/" + tag}, 304},
			"the tag among others":        {[]string{"If-None-Match", `"a", ` + tag + `, "b"`}, 304},
			"a star":                      {[]string{"If-None-Match", "*"}, 304},
			"another tag":                 {[]string{"If-None-Match", `"other"`}, 200},
			"the tag of another size":     {[]string{"If-None-Match", get(t, n.sign("w:60", src.URL+path)).Header.Get("ETag")}, 200},
			"the tag of another format":   {[]string{"If-None-Match", tag, "Accept", "image/webp"}, 200},
			"another tag and a good date": {[]string{"If-None-Match", `"other"`, "If-Modified-Since", time.Now().UTC().Format(http.TimeFormat)}, 200},
			"the date":                    {[]string{"If-Modified-Since", modified}, 304},
			"an earlier date":             {[]string{"If-Modified-Since", "Mon, 02 Jan 2006 15:04:05 GMT"}, 200},
			"no date":                     {[]string{"If-Modified-Since", "yesterday"}, 200},
		} {
			if modified == "" && strings.Contains(name, "date") {
				continue
			}
			t.Run(path+" "+name, func(t *testing.T) {
				a := get(t, address, test.header...)
				if a.StatusCode != test.status {
					t.Fatalf("the answer is %d, want %d", a.StatusCode, test.status)
				}
				if a.StatusCode != 304 {
					return
				}
				if len(a.body) != 0 {
					t.Errorf("304 comes with %d bytes", len(a.body))
				}
				if got := a.Header.Get("ETag"); got != tag && got != "" {
					t.Errorf("304 has the tag %s, want %s", got, tag)
				}
				if !strings.Contains(a.Header.Get("Cache-Control"), "max-age=31536000") || a.Header.Get("Vary") == "" {
					t.Errorf("304 lacks Cache-Control or Vary: %v", a.Header)
				}
			})
		}
		if t.Failed() {
			continue
		}
	}
	// Once the source has changed, its tag holds no more.
	address := n.sign("w:50", src.URL+"/slope.png")
	tag := get(t, address).ok(t).Header.Get("ETag")
	src.files["/slope.png"] = asPNG(slope(100, 100))
	if a := get(t, address, "If-None-Match", tag); a.StatusCode != 200 || a.Header.Get("ETag") == tag {
		t.Errorf("a source that changed is answered %d with the tag %s, want 200 and another", a.StatusCode, a.Header.Get("ETag"))
	}
}

func TestAccept(t *testing.T) {
	n, src := start(t), sources(t)
	for _, test := range []struct{ accept, source, options, want string }{
		{"image/avif,image/webp,*/*", "/slope.jpg", "w:50", "image/avif"},
		{"image/webp,image/avif", "/slope.jpg", "w:50", "image/avif"},
		{"image/webp,*/*;q=0.8", "/slope.jpg", "w:50", "image/webp"},
		{"IMAGE/WebP", "/slope.jpg", "w:50", "image/webp"},
		{"image/avif;q=0,image/webp;q=0.5", "/slope.jpg", "w:50", "image/webp"},
		{"image/webp;q=0.000", "/slope.jpg", "w:50", "image/jpeg"},
		{"*/*", "/slope.jpg", "w:50", "image/jpeg"},
		{"image/*", "/slope.jpg", "w:50", "image/jpeg"},
		{"", "/slope.jpg", "w:50", "image/jpeg"},
		{"", "/slope.png", "w:50", "image/png"}, // the source's, which every client shows
		{"", "/slope.gif", "w:50", "image/jpeg"},
		{"", "/slope.tiff", "w:50", "image/png"}, // Go writes TIFFs with an alpha channel
		{"", "/glass.png", "w:50", "image/png"},
		{"image/webp", "/glass.png", "w:50", "image/webp"},
		{"image/avif,image/webp", "/slope.jpg", "w:50/f:png", "image/png"}, // named is named
	} {
		a := get(t, n.sign(test.options, src.URL+test.source), "Accept", test.accept).ok(t)
		if got := a.Header.Get("Content-Type"); got != test.want {
			t.Errorf("%s with Accept %q is answered in %s, want %s", test.source, test.accept, got, test.want)
		}
		if got, want := a.Header.Get("Vary"), strings.Contains(test.options, "f:"); strings.Contains(got, "Accept") == want {
			t.Errorf("%s has Vary %q", test.options, got)
		}
	}
}

func TestHeadersOfAnAnswer(t *testing.T) {
	n, src := start(t), sources(t)
	a := get(t, n.sign("w:50", src.URL+"/slope.png"), "X-Request-Id", "from-the-client_1").ok(t)
	for name, want := range map[string]string{
		"Cache-Control":               "max-age=31536000, public",
		"X-Content-Type-Options":      "nosniff",
		"Content-Security-Policy":     "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox",
		"X-Request-Id":                "from-the-client_1",
		"Access-Control-Allow-Origin": "*",
		"Timing-Allow-Origin":         "*",
		"Content-Length":              fmt.Sprint(len(a.body)),
	} {
		if got := a.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if got := a.Header.Get("Server"); got != "" {
		t.Errorf("Server is %q, want nothing", got)
	}
	if _, err := http.ParseTime(a.Header.Get("Last-Modified")); err != nil {
		t.Errorf("Last-Modified is %q, want the source's", a.Header.Get("Last-Modified"))
	}
	for _, id := range []string{"", "with space", strings.Repeat("x", 65), "semi;colon"} {
		got := get(t, n.public+"/health", "X-Request-Id", id).Header.Get("X-Request-Id")
		if !regexp.MustCompile(`^[a-f0-9]{24}$`).MatchString(got) {
			t.Errorf("the request id %q came back as %q, want one of ours", id, got)
		}
	}
}

func TestServerTiming(t *testing.T) {
	n, src := start(t), sources(t)
	stages := func(a answer) (names []string) {
		for item := range strings.SplitSeq(a.Header.Get("Server-Timing"), ", ") {
			name, duration, ok := strings.Cut(item, ";dur=")
			var ms float64
			if _, err := fmt.Sscan(duration, &ms); !ok || err != nil || ms < 0 || ms > 60_000 {
				t.Errorf("%q is no stage with its milliseconds", item)
			}
			names = append(names, name)
		}
		return names
	}
	a := get(t, n.sign("w:50", src.URL+"/slope.png"))
	if got, want := stages(a), []string{"auth", "fetch", "check", "queue", "decode", "transform", "encode", "count", "total"}; !slices.Equal(got, want) {
		t.Errorf("a picture went through %v, want %v", got, want)
	}
	if got := stages(get(t, n.public+"/i/test/x/plain/y")); !slices.Equal(got, []string{"total"}) {
		t.Errorf("a wrong signature went through %v, want nothing but the total", got)
	}
}

func TestCrossOrigin(t *testing.T) {
	n := start(t, "EDGE_ORIGINS=https://studio.example,http://127.0.0.1:8080")
	preflight := func(path, origin string) answer {
		return ask(t, http.MethodOptions, n.public+path, nil, "Origin", origin,
			"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "authorization, content-type")
	}
	a := preflight("/v1/photos", "https://studio.example")
	if a.StatusCode != 204 {
		t.Errorf("a preflight from the studio is answered %d, want 204", a.StatusCode)
	}
	for name, want := range map[string]string{
		"Access-Control-Allow-Origin": "https://studio.example", "Access-Control-Allow-Methods": "POST",
		"Access-Control-Allow-Headers": "Authorization", "Access-Control-Max-Age": "7200", "Vary": "Origin",
	} {
		if got := a.Header.Get(name); !strings.Contains(got, want) {
			t.Errorf("%s is %q, want %q in it", name, got, want)
		}
	}
	preflight("/v1/photos", "https://evil.example").expect(t, "origin", 403)
	preflight("/v1/photos", "null").expect(t, "origin", 403)
	if got := preflight("/v1/photos", "https://evil.example").Header.Get("Access-Control-Allow-Origin"); got != "" {
		t.Errorf("a foreign origin is let in as %q", got)
	}
	if a := preflight("/v1/documents", n.public); a.StatusCode != 204 {
		t.Errorf("the node's own page is answered %d, want 204", a.StatusCode)
	}

	a = ask(t, http.MethodPost, n.public+"/v1/photos", nil, "Origin", "http://127.0.0.1:8080")
	if a.StatusCode != 401 || a.Header.Get("Access-Control-Allow-Origin") != "http://127.0.0.1:8080" {
		t.Errorf("a problem for the studio is %d for %q: a browser could not read it", a.StatusCode, a.Header.Get("Access-Control-Allow-Origin"))
	}
	if got := a.Header.Get("Timing-Allow-Origin"); got != "http://127.0.0.1:8080" {
		t.Errorf("Timing-Allow-Origin is %q", got)
	}
	if a := get(t, n.public+"/v1/documents", "Origin", "https://evil.example"); a.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("a foreign page may read /v1: %v", a.Header)
	}
	if a := preflight("/i/test/x/y", "https://anyone.example"); a.StatusCode != 204 || a.Header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("/i is answered %d for %q, want 204 for all", a.StatusCode, a.Header.Get("Access-Control-Allow-Origin"))
	}
}

// The queue is bounded: who finds it full is sent away at once, with a time to come back.
func TestFullQueue(t *testing.T) {
	src := sources(t)
	n := start(t, "EDGE_SLOTS=1", "EDGE_QUEUE=1", "EDGE_TIMEOUT=30s")
	address := n.sign("w:2500/el:1/f:avif", src.URL+"/patch-l.png") // half a second of work
	var wg sync.WaitGroup
	answers := make([]answer, 8)
	for i := range answers {
		wg.Go(func() { answers[i] = get(t, address) })
	}
	wg.Wait()
	busy, good := 0, 0
	for _, a := range answers {
		switch a.StatusCode {
		case 200:
			good++
		case 503:
			busy++
			a.expect(t, "busy", 503)
			var seconds int
			if _, err := fmt.Sscan(a.Header.Get("Retry-After"), &seconds); err != nil || seconds < 1 {
				t.Errorf("Retry-After is %q, want whole seconds", a.Header.Get("Retry-After"))
			}
		default:
			t.Errorf("one is answered %d", a.StatusCode)
		}
	}
	if good < 2 || busy < 1 {
		t.Errorf("of 8 at once %d were served and %d sent away, want 2 or more and 1 or more", good, busy)
	}
	get(t, n.sign("w:50", src.URL+"/slope.png")).ok(t)
}

// What takes longer than it may is answered, and its CPU is free again.
func TestTimeout(t *testing.T) {
	src := sources(t)
	n := start(t, "EDGE_SLOTS=1", "EDGE_TIMEOUT=150ms")
	get(t, n.sign("w:5000/el:1/f:avif", src.URL+"/patch-l.png")).expect(t, "timeout", 503)
	if running := n.metric("edge_admission_running_requests"); running != 1 {
		t.Errorf("%v slots are taken after the answer, want 1: the client is not kept waiting for work that C goes on with", running)
	}
	eventually(t, 60*time.Second, "the CPU is free", func() bool { return n.metric("edge_admission_running_requests") == 0 })
	get(t, n.sign("w:50", src.URL+"/slope.png")).ok(t)
}

// On SIGTERM a node says that it goes, serves on, finishes what it has begun, and ends with 0.
func TestDrain(t *testing.T) {
	src := sources(t)
	n := start(t, "EDGE_DRAIN=8s")
	address := n.sign("w:1500/el:1/f:avif", src.URL+"/patch-l.png")
	if got := n.page("/readyz"); !strings.Contains(got, `"ready": true`) {
		t.Errorf("before: /readyz says %s", got)
	}
	n.cmd.Process.Signal(syscall.SIGTERM)
	eventually(t, 5*time.Second, "/health says 503", func() bool { return get(t, n.public+"/health").StatusCode == 503 })
	if a := get(t, n.private+"/readyz"); a.StatusCode != 503 || !strings.Contains(string(a.body), "draining") {
		t.Errorf("while draining, /readyz answers %d %s", a.StatusCode, a.body)
	}
	a := get(t, address).ok(t) // new work is still taken
	if !a.Close {
		t.Error("an answer during the drain keeps its connection, want Connection: close")
	}
	begun := make(chan answer, 1)
	go func() { begun <- get(t, n.sign("w:1500/el:1/f:avif/sh:1", src.URL+"/patch-l.png")) }()
	if a := <-begun; a.StatusCode != 200 {
		t.Errorf("work that was begun is answered %d", a.StatusCode)
	}
	if err := <-n.exited; err != nil {
		t.Errorf("the edge ended with %v, want 0", err)
	}
	if !strings.Contains(n.text(), `"Stopped."`) {
		t.Error("the log does not say that it stopped")
	}
}

// The second signal ends the program at once.
func TestSecondSignal(t *testing.T) {
	n := start(t, "EDGE_DRAIN=60s")
	n.cmd.Process.Signal(syscall.SIGTERM)
	eventually(t, 5*time.Second, "the drain has begun", func() bool { return strings.Contains(n.text(), `"Draining."`) })
	began := time.Now()
	n.stop(syscall.SIGTERM)
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("after a second signal it took %s to end", took)
	}
}

// A picture in a body: as it is, in a form, in chunks; and never in a file.
func TestBodies(t *testing.T) {
	src := sources(t)
	n := start(t)
	bearer := []string{"Authorization", "Bearer " + testKey.Secret}
	form := func(fields map[string]string, photo []byte) (io.Reader, string) {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		for name, value := range fields {
			w.WriteField(name, value)
		}
		p, err := w.CreatePart(textproto.MIMEHeader{"Content-Disposition": {`form-data; name="photo"; filename="me.png"`}, "Content-Type": {"image/png"}})
		if err != nil {
			t.Fatal(err)
		}
		p.Write(photo)
		w.Close()
		return &b, w.FormDataContentType()
	}
	judge := func(t *testing.T, a answer) {
		t.Helper()
		a.ok(t)
		img, _, err := decode(a.body)
		if err != nil || img.Bounds().Size() != image.Pt(50, 25) {
			t.Errorf("the picture is %v (%v), want 50 × 25", img, err)
		}
		if a.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("what was made of a body may be cached: %q", a.Header.Get("Cache-Control"))
		}
	}
	t.Run("as it is", func(t *testing.T) {
		judge(t, ask(t, "POST", n.public+"/v1/images/w:50", bytes.NewReader(src.files["/slope.png"]), bearer...))
	})
	t.Run("in chunks", func(t *testing.T) {
		judge(t, ask(t, "POST", n.public+"/v1/images/w:50", io.MultiReader(bytes.NewReader(src.files["/slope.png"])), bearer...))
	})
	t.Run("in a form", func(t *testing.T) {
		body, kind := form(nil, src.files["/slope.png"])
		judge(t, ask(t, "POST", n.public+"/v1/images/w:50", body, append(bearer, "Content-Type", kind)...))
	})
	t.Run("with a field that is none", func(t *testing.T) {
		body, kind := form(map[string]string{"width": "50"}, src.files["/slope.png"])
		a := ask(t, "POST", n.public+"/v1/images/w:50", body, append(bearer, "Content-Type", kind)...)
		if p := a.expect(t, "malformed", 400); p.Extra["part"] != "width" {
			t.Errorf("the problem names %v, want the field", p.Extra["part"])
		}
	})
	t.Run("a large form makes no file", func(t *testing.T) {
		noise := make([]byte, 20<<20)
		copy(noise, src.files["/slope.png"])
		before := files(t, filepath.Dir(n.spool))
		body, kind := form(nil, noise)
		judge(t, ask(t, "POST", n.public+"/v1/images/w:50", body, append(bearer, "Content-Type", kind)...))
		if after := files(t, filepath.Dir(n.spool)); !slices.Equal(before, after) {
			t.Errorf("the files under TMPDIR were %v and are %v", before, after)
		}
	})
}

// files lists all but the spool's own.
func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !strings.Contains(path, "/spool/") {
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// The pages that describe the edge are there, zipped for who wants it, and may be cached.
func TestPages(t *testing.T) {
	n := start(t)
	for path, want := range map[string]string{
		"/openapi.json": `"openapi": "3.1.0"`, "/docs": "<h1>", "/problems/signature": "This link has been altered.",
		"/v1/documents": `"us-passport"`, "/v1/documents/us-passport": `"effective"`, "/health": `"serving"`,
	} {
		a := get(t, n.public+path).ok(t)
		if !strings.Contains(string(a.body), want) {
			t.Errorf("%s does not hold %s: %.200s", path, want, a.body)
		}
		if path == "/health" {
			continue
		}
		if again := get(t, n.public+path, "If-None-Match", a.Header.Get("ETag")); again.StatusCode != 304 {
			t.Errorf("%s is answered %d to its own tag, want 304", path, again.StatusCode)
		}
		zipped := get(t, n.public+path, "Accept-Encoding", "gzip").ok(t)
		if zipped.Header.Get("Content-Encoding") != "gzip" || len(zipped.body) >= len(a.body) || zipped.Header.Get("ETag") == a.Header.Get("ETag") {
			t.Errorf("%s zipped has %d bytes of %d and the tag %s", path, len(zipped.body), len(a.body), zipped.Header.Get("ETag"))
		}
	}
	var doc struct{ Servers []struct{ URL string } }
	if err := json.Unmarshal(get(t, n.public+"/openapi.json").body, &doc); err != nil || doc.Servers[0].URL != n.public {
		t.Errorf("the description is of %v (%v), want %s", doc.Servers, err, n.public)
	}
	if !strings.Contains(n.page("/metrics"), "edge_build_info") {
		t.Error("/metrics does not tell the build")
	}
}

// Nobody who was sent here before the balancer noticed loses a request.
func TestDrainLosesNobody(t *testing.T) {
	src := sources(t)
	n := start(t, "EDGE_DRAIN=12s", "EDGE_TIMEOUT=60s", "EDGE_QUEUE=100")
	address := n.sign("w:50", src.URL+"/slope.png")
	var noticed atomic.Bool // by the balancer, which asks /health
	var served atomic.Int64
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for !noticed.Load() {
				if a := get(t, address); a.StatusCode != 200 {
					t.Errorf("a request is answered %d during the drain", a.StatusCode)
				}
				served.Add(1)
			}
		})
	}
	eventually(t, 20*time.Second, "work goes on", func() bool { return served.Load() > 50 })
	n.cmd.Process.Signal(syscall.SIGTERM)
	eventually(t, 5*time.Second, "/health says 503", func() bool { return get(t, n.public+"/health").StatusCode == 503 })
	before := served.Load()
	eventually(t, 5*time.Second, "work still goes on", func() bool { return served.Load() > before+20 })
	noticed.Store(true)
	wg.Wait()
	if err := <-n.exited; err != nil {
		t.Errorf("the edge ended with %v, want 0", err)
	}
}

func TestAnUnknownSettingIsNamed(t *testing.T) {
	n := start(t, "EDGE_SLOT=3")
	if !strings.Contains(n.text(), `"setting":"EDGE_SLOT"`) {
		t.Errorf("nobody is told of EDGE_SLOT:\n%s", n.text())
	}
}
