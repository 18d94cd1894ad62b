package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"image"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/professionalaistudio/studio/edge/wire"
)

// Every kind of bad input has its type and its status, on a signed URL those of imgproxy.
func TestBadSignedURLs(t *testing.T) {
	src := sources(t)
	n := start(t, "EDGE_MAX_BYTES=2MiB", "EDGE_MAX_PIXELS=1M", "EDGE_TIMEOUT=1500ms",
		"EDGE_SOURCE_CIDRS=127.0.0.1/32", "EDGE_ALLOWED_SOURCES=http://127.0.0.1:*/,http://127.0.0.2:*/,http://10.0.0.1/,http://nosuchhost.invalid/")
	good := n.sign("w:50", src.URL+"/slope.png")
	port := src.URL[strings.LastIndex(src.URL, ":"):]
	refused, err := net.Listen("tcp", "127.0.0.1:0") // an address where nobody listens any more
	if err != nil {
		t.Fatal(err)
	}
	refused.Close()

	for name, test := range map[string]struct {
		url    string
		word   string
		status int
	}{
		"wrong signature":            {strings.Replace(good, "w:50", "w:51", 1), "signature", 403},
		"signature of another key":   {n.public + "/i/test/" + wire.Sign(wire.KeyPair{Key: []byte("other")}, "/w:50/plain/x") + "/w:50/plain/x", "signature", 403},
		"signature padded":           {strings.Replace(good, "/w:50", "=/w:50", 1), "signature", 403},
		"signature cut":              {n.public + "/i/test/" + wire.Sign(wire.KeyPair{Key: testKey.Key, Salt: testKey.Salt}, "/plain/x")[:20] + "/plain/x", "signature", 403},
		"no signature":               {n.public + "/i/test/unsafe/w:50/plain/" + src.URL + "/slope.png", "signature", 403},
		"unknown key":                {strings.Replace(good, "/i/test/", "/i/nobody/", 1), "key-unknown", 403},
		"nothing but a key":          {n.public + "/i/test", "not-found", 404},
		"nothing at all":             {n.public + "/i/", "not-found", 404},
		"expired":                    {n.sign("exp:1000000000", src.URL+"/slope.png"), "expired", 404},
		"unknown option":             {n.sign("zoom:2", src.URL+"/slope.png"), "option", 404},
		"no source":                  {n.signPath("/w:50/plain/"), "option", 404},
		"source outside the list":    {n.sign("", "http://example.com/x.png"), "source-refused", 404},
		"source is no web address":   {n.sign("", "file:///etc/passwd"), "source-refused", 404},
		"source is local":            {n.sign("", "local:///etc/passwd"), "source-refused", 404},
		"source is private":          {n.sign("", "http://10.0.0.1/x.png"), "source-refused", 404},
		"source is another loopback": {n.sign("", "http://127.0.0.2"+port+"/slope.png"), "source-refused", 404},
		"redirect off the list":      {n.sign("", src.URL+"/away?to="+url.QueryEscape("http://169.254.169.254/latest/")), "source-refused", 404},
		"redirect to another scheme": {n.sign("", src.URL+"/away?to="+url.QueryEscape("file:///etc/passwd")), "source-refused", 404},
		"redirect to loopback":       {n.sign("", src.URL+"/away?to="+url.QueryEscape("http://127.0.0.2"+port+"/slope.png")), "source-refused", 404},
		"redirects without end":      {n.sign("", src.URL+"/loop"), "source-unreachable", 404},
		"source without a server":    {n.sign("", "http://"+refused.Addr().String()+"/x.png"), "source-unreachable", 404},
		"source without an address":  {n.sign("", "http://nosuchhost.invalid/x.png"), "source-unreachable", 404},
		"source says 404":            {n.sign("", src.URL+"/missing.png"), "source-status", 404},
		"source says 410":            {n.sign("", src.URL+"/status/410"), "source-status", 410},
		"source says 500":            {n.sign("", src.URL+"/status/500"), "source-status", 502},
		"source is slow":             {n.sign("", src.URL+"/slow"), "source-slow", 504},
		"source breaks off":          {n.sign("", src.URL+"/short"), "source-incomplete", 422},
		"too many bytes":             {n.sign("", src.URL+"/large"), "too-large", 422},
		"too many pixels":            {n.sign("", src.URL+"/bomb.png"), "too-large", 422},
		"too many pixels in answer":  {n.sign("w:9000/el:1", src.URL+"/slope.png"), "too-large", 422},
		"cut short, JPEG":            {n.sign("w:50", src.URL+"/cut.jpg"), "broken-image", 422},
		"cut short, PNG":             {n.sign("w:50", src.URL+"/cut.png"), "broken-image", 422},
		"not an image":               {n.sign("w:50", src.URL+"/text.jpg"), "not-an-image", 422},
		"nothing in it":              {n.sign("w:50", src.URL+"/empty.jpg"), "not-an-image", 422},
		"a drawing":                  {n.sign("w:50", src.URL+"/drawing.svg"), "not-an-image", 422},
		"a format we do not write":   {n.sign("f:gif", src.URL+"/slope.png"), "format", 422},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := get(t, test.url)
			a.expect(t, test.word, test.status)
			if strings.Contains(string(a.body), "127.0.0.1") || strings.Contains(string(a.body), "/etc/") {
				t.Errorf("the problem repeats the source: %s", a.body)
			}
			head := ask(t, http.MethodHead, test.url, nil)
			if head.StatusCode != test.status || len(head.body) != 0 {
				t.Errorf("HEAD answers %d with %d bytes, want %d and none, as GET", head.StatusCode, len(head.body), test.status)
			}
		})
	}
}

func TestBadBodies(t *testing.T) {
	src := sources(t)
	n := start(t, "EDGE_MAX_BYTES=2MiB", "EDGE_MAX_PIXELS=1M")
	picture := src.files["/slope.png"]
	bearer := "Bearer " + testKey.Secret
	for name, test := range map[string]struct {
		method, path, kind, bearer string
		body                       []byte
		word                       string
		status                     int
	}{
		"no token":            {"POST", "/v1/images/w:50", "image/png", "", picture, "token", 401},
		"another's token":     {"POST", "/v1/images/w:50", "image/png", "Bearer someone-elses", picture, "token", 401},
		"another scheme":      {"POST", "/v1/images/w:50", "image/png", "Basic dGVzdDp0ZXN0", picture, "token", 401},
		"unknown option":      {"POST", "/v1/images/zoom:2", "image/png", bearer, picture, "option", 400},
		"a query":             {"POST", "/v1/images/w:50?w=40", "image/png", bearer, picture, "malformed", 400},
		"no body":             {"POST", "/v1/images/w:50", "image/png", bearer, nil, "malformed", 400},
		"too many bytes":      {"POST", "/v1/images/w:50", "image/png", bearer, append(bytes.Clone(picture), make([]byte, 3<<20)...), "too-large", 413},
		"too many pixels":     {"POST", "/v1/images/w:50", "image/png", bearer, src.files["/bomb.png"], "too-large", 413},
		"not an image":        {"POST", "/v1/images/w:50", "image/png", bearer, src.files["/text.jpg"], "not-an-image", 415},
		"cut short":           {"POST", "/v1/images/w:50", "image/png", bearer, src.files["/cut.png"], "broken-image", 422},
		"not a form":          {"POST", "/v1/images/w:50", "multipart/form-data; boundary=x", bearer, picture, "malformed", 400},
		"no boundary":         {"POST", "/v1/images/w:50", "multipart/form-data", bearer, picture, "malformed", 400},
		"wrong method":        {"PUT", "/v1/images/w:50", "image/png", bearer, picture, "method", 405},
		"GET of a call":       {"GET", "/v1/photos", "", bearer, nil, "method", 405},
		"no such route":       {"GET", "/v2/photos", "", bearer, nil, "not-found", 404},
		"no document":         {"POST", "/v1/photos", "image/png", bearer, picture, "malformed", 400},
		"unknown document":    {"POST", "/v1/photos?document=xx-passport", "image/png", bearer, picture, "document-unknown", 404},
		"unknown parameter":   {"POST", "/v1/photos?document=us-passport&colour=red", "image/png", bearer, picture, "malformed", 400},
		"parameter twice":     {"POST", "/v1/photos?document=us-passport&document=de-passport", "image/png", bearer, picture, "malformed", 400},
		"head of three":       {"POST", "/v1/photos?document=us-passport&head=1,2,3", "image/png", bearer, picture, "malformed", 400},
		"head outside":        {"POST", "/v1/photos?document=us-passport&head=100,10,100,4000", "image/png", bearer, picture, "head", 422},
		"nobody":              {"POST", "/v1/photos?document=us-passport", "image/png", bearer, picture, "no-face", 422},
		"odd colour":          {"POST", "/v1/photos?document=us-passport&background=red", "image/png", bearer, picture, "malformed", 400},
		"barred edit":         {"POST", "/v1/photos?document=us-passport&head=100,30,100,60&background=ffffff", "image/png", bearer, picture, "edit-barred", 422},
		"odd paper":           {"POST", "/v1/photos?document=us-passport&head=100,30,100,60&sheet=wall", "image/png", bearer, picture, "malformed", 400},
		"odd format":          {"POST", "/v1/photos?document=us-passport&head=100,30,100,60&format=gif", "image/png", bearer, picture, "malformed", 400},
		"photo is no image":   {"POST", "/v1/photos?document=us-passport&head=100,30,100,60", "image/png", bearer, src.files["/text.jpg"], "not-an-image", 415},
		"photo is cut short":  {"POST", "/v1/photos?document=us-passport&head=100,30,100,60", "image/png", bearer, src.files["/cut.png"], "broken-image", 422},
		"photo is a bomb":     {"POST", "/v1/photos?document=us-passport&head=100,30,100,60", "image/png", bearer, src.files["/bomb.png"], "too-large", 413},
		"check with a sheet":  {"POST", "/v1/checks?document=us-passport&head=100,30,100,60&sheet=a4", "image/png", bearer, picture, "malformed", 400},
		"unknown document id": {"GET", "/v1/documents/xx-passport", "", "", nil, "document-unknown", 404},
		"unknown problem":     {"GET", "/problems/nothing", "", "", nil, "not-found", 404},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			header := []string{"Content-Type", test.kind}
			if test.bearer != "" {
				header = append(header, "Authorization", test.bearer)
			}
			a := ask(t, test.method, n.public+test.path, bytes.NewReader(test.body), header...)
			a.expect(t, test.word, test.status)
			if test.status == 401 && !strings.HasPrefix(a.Header.Get("WWW-Authenticate"), "Bearer") {
				t.Errorf("WWW-Authenticate is %q, want Bearer", a.Header.Get("WWW-Authenticate"))
			}
			if test.status == 405 && a.Header.Get("Allow") == "" {
				t.Error("405 does not say what is allowed")
			}
		})
	}
}

// dial opens a connection and writes text to it.
func (n *node) dial(t *testing.T, text string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(n.public, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
	return c
}

// answerOn reads one answer off a connection.
func answerOn(t *testing.T, c net.Conn) answer {
	t.Helper()
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp, body}
}

// A client that sends a header or a body too slowly is told so, and holds no CPU meanwhile: with one slot, others are
// served.
func TestSlowClients(t *testing.T) {
	t.Parallel()
	src := sources(t)
	n := start(t, "EDGE_SLOTS=1", "EDGE_QUEUE=1")
	head := "POST /v1/images/w:50 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + testKey.Secret + "\r\nContent-Type: image/png\r\nContent-Length: 100000\r\n\r\n"
	slow := []net.Conn{
		n.dial(t, head+"\x89PNG"),     // a body that stops
		n.dial(t, head),               // one that never begins
		n.dial(t, "GET /health HTTP"), // a header that stops
	}
	for range 20 {
		get(t, n.sign("w:50", src.URL+"/slope.png")).ok(t)
	}
	if load := n.metric("edge_admission_running_requests"); load != 0 {
		t.Errorf("%v slots are taken while clients dawdle, want 0", load)
	}
	for i, c := range slow {
		c.SetReadDeadline(time.Now().Add(60 * time.Second))
		a := answerOn(t, c)
		if p := a.expect(t, "upload-slow", 408); p.Status != 408 {
			t.Errorf("slow client %d is told %d", i, p.Status)
		}
	}
}

// A client that reads its answer slowly, or not at all, holds no CPU either.
func TestSlowReader(t *testing.T) {
	src := sources(t)
	noise := image.NewNRGBA(image.Rect(0, 0, 1700, 1700)) // 8 MB that nothing compresses, more than a connection holds
	for i := range noise.Pix {
		noise.Pix[i] = byte(rand.Uint32())
	}
	src.files["/noise.png"] = asPNG(noise)
	n := start(t, "EDGE_SLOTS=1", "EDGE_QUEUE=1")
	raw := "GET " + strings.TrimPrefix(n.sign("f:png", src.URL+"/noise.png"), n.public) + " HTTP/1.1\r\nHost: x\r\n\r\n"
	answered := `edge_api_requests_total{route="/i/{key}/{signature}/{options}/{source}",status="200"}`
	lazy := n.dial(t, raw) // and nobody reads
	eventually(t, 30*time.Second, "the picture is made", func() bool { return n.metric(answered) == 1 })
	for range 5 {
		get(t, n.sign("w:50", src.URL+"/slope.png")).ok(t)
	}
	if sent := n.metric("edge_api_answer_bytes_total"); sent > 1<<20 {
		t.Errorf("%v bytes went out while nobody read, want the large picture still on its way", sent)
	}
	resp, err := http.ReadResponse(bufio.NewReader(lazy), nil) // it gets all of it in the end
	if err != nil {
		t.Fatal(err)
	}
	if size, err := io.Copy(io.Discard, resp.Body); err != nil || size != resp.ContentLength {
		t.Errorf("%d bytes of %d arrived: %v", size, resp.ContentLength, err)
	}
}

// The work for a client that has left is dropped where it is.
func TestClientGone(t *testing.T) {
	src := sources(t)
	n := start(t, "EDGE_TIMEOUT=60s")
	problemsBefore := n.metric(`edge_api_problems_total{type="cancelled"}`)
	c := n.dial(t, "GET "+strings.TrimPrefix(n.sign("w:50", src.URL+"/slow"), n.public)+" HTTP/1.1\r\nHost: x\r\n\r\n")
	eventually(t, 10*time.Second, "the request is under way", func() bool { return n.metric("edge_api_requests_in_flight") == 1 })
	c.Close()
	eventually(t, 10*time.Second, "the request has been dropped", func() bool {
		return n.metric(`edge_api_problems_total{type="cancelled"}`) == problemsBefore+1 && n.metric("edge_api_requests_in_flight") == 0
	})
	if got := n.metric(`edge_api_requests_total{route="/i/{key}/{signature}/{options}/{source}",status="499"}`); got != 1 {
		t.Errorf("%v requests are counted as 499, want 1", got)
	}
	// One that leaves in the middle of its body is gone as well.
	c = n.dial(t, "POST /v1/images/w:50 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "+testKey.Secret+"\r\nContent-Length: 100000\r\n\r\nabc")
	eventually(t, 10*time.Second, "the upload is under way", func() bool { return n.metric("edge_api_requests_in_flight") == 1 })
	c.Close()
	eventually(t, 10*time.Second, "the upload has been dropped", func() bool { return n.metric("edge_api_requests_in_flight") == 0 })
}

// What is no HTTP is answered, not crashed on.
func TestGarbage(t *testing.T) {
	n := start(t)
	for name, test := range map[string]struct {
		text   string
		status int
	}{
		"no HTTP":          {"hello\r\n\r\n", 400},
		"no host":          {"GET /health HTTP/1.1\r\n\r\n", 400},
		"a header too big": {"GET /health HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", 40<<10) + "\r\n\r\n", 431},
		"two lengths":      {"POST /v1/photos HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400},
		"a broken chunk":   {"POST /v1/images/w:50 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + testKey.Secret + "\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
	} {
		t.Run(name, func(t *testing.T) {
			c := n.dial(t, test.text)
			c.SetReadDeadline(time.Now().Add(20 * time.Second))
			if a := answerOn(t, c); a.StatusCode != test.status {
				t.Errorf("%q is answered %d, want %d", test.text[:10], a.StatusCode, test.status)
			}
		})
	}
	get(t, n.public+"/health").ok(t)
}

// usage is what a process holds: descriptors, and resident memory in bytes.
func (n *node) usage() (files int, memory int64) {
	n.t.Helper()
	dir := "/proc/" + strconv.Itoa(n.cmd.Process.Pid)
	entries, err := os.ReadDir(dir + "/fd")
	if err != nil {
		n.t.Fatal(err)
	}
	status, err := os.ReadFile(dir + "/status")
	if err != nil {
		n.t.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			fmt.Sscan(value, &memory)
		}
	}
	return len(entries), memory << 10
}

// Ten thousand bad requests of every kind leave nothing behind.
func TestTenThousandBadRequests(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	src := sources(t)
	n := start(t, "EDGE_MAX_BYTES=2MiB", "EDGE_MAX_PIXELS=1M", "EDGE_TIMEOUT=1s", "EDGE_QUEUE=500")
	bearer := "Bearer " + testKey.Secret
	address := strings.TrimPrefix(n.public, "http://")
	kinds := []func() (*http.Request, int){}
	bad := func(method, url string, body []byte, status int) {
		kinds = append(kinds, func() (*http.Request, int) {
			req, err := http.NewRequest(method, url, bytes.NewReader(body))
			if err != nil {
				panic(err)
			}
			raw, _, _ := strings.Cut(strings.TrimPrefix(url, n.public), "?")
			req.URL.Opaque = raw
			req.Header.Set("Authorization", bearer)
			return req, status
		})
	}
	good := n.sign("w:50", src.URL+"/slope.png")
	bad("GET", strings.Replace(good, "w:50", "w:51", 1), nil, 403)
	bad("GET", n.sign("zoom:2", src.URL+"/slope.png"), nil, 404)
	bad("GET", n.sign("exp:1", src.URL+"/slope.png"), nil, 404)
	bad("GET", n.sign("", src.URL+"/missing.png"), nil, 404)
	bad("GET", n.sign("", src.URL+"/short"), nil, 422)
	bad("GET", n.sign("", src.URL+"/large"), nil, 422)
	bad("GET", n.sign("", src.URL+"/bomb.png"), nil, 422)
	bad("GET", n.sign("w:50", src.URL+"/cut.jpg"), nil, 422)
	bad("GET", n.sign("w:50", src.URL+"/cut.png"), nil, 422)
	bad("GET", n.sign("w:50", src.URL+"/text.jpg"), nil, 422)
	bad("GET", n.sign("", "http://10.0.0.1/x.png"), nil, 404)
	bad("POST", n.public+"/v1/images/w:50", src.files["/cut.jpg"], 422)
	bad("POST", n.public+"/v1/images/w:50", src.files["/bomb.png"], 413)
	bad("POST", n.public+"/v1/images/w:50", make([]byte, 3<<20), 413)
	bad("POST", n.public+"/v1/photos?document=us-passport&head=100,30,100,60", src.files["/text.jpg"], 415)
	bad("POST", n.public+"/v1/photos?document=us-passport&head=100,30,100,60", src.files["/cut.png"], 422)
	bad("POST", n.public+"/v1/checks?document=nowhere", src.files["/slope.png"], 404)

	// hangUp leaves in the middle of a body, or of an answer.
	hangUp := func(i int) {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Error(err)
			return
		}
		defer c.Close()
		if i%2 == 0 {
			fmt.Fprintf(c, "POST /v1/images/w:50 HTTP/1.1\r\nHost: x\r\nAuthorization: %s\r\nContent-Length: 100000\r\n\r\nabc", bearer)
		} else {
			fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", strings.TrimPrefix(good, n.public))
		}
	}

	var wrong atomic.Int64
	flood := func(total int) {
		var wg sync.WaitGroup
		work := make(chan int)
		for range 16 {
			wg.Go(func() {
				for i := range work {
					if i%20 == 0 {
						hangUp(i / 20)
						continue
					}
					req, want := kinds[rand.IntN(len(kinds))]()
					ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
					resp, err := client.Do(req.WithContext(ctx))
					if err != nil {
						t.Errorf("%s %s: %v", req.Method, req.URL.Opaque, err)
						cancel()
						continue
					}
					io.Copy(io.Discard, resp.Body)
					resp.Body.Close()
					cancel()
					if resp.StatusCode != want {
						if wrong.Add(1) < 5 {
							t.Errorf("%s %.60s is answered %d, want %d", req.Method, req.URL.Opaque, resp.StatusCode, want)
						}
					}
				}
			})
		}
		for i := range total {
			work <- i
		}
		close(work)
		wg.Wait()
		client.CloseIdleConnections()
		eventually(t, 20*time.Second, "all requests have ended", func() bool { return n.metric("edge_api_requests_in_flight") == 0 })
		client.CloseIdleConnections()
	}

	flood(2_000) // buffers, pools and arenas reach their size
	filesBefore, memoryBefore := n.usage()
	flood(10_000)
	var files int
	var memory int64
	eventually(t, 20*time.Second, "the descriptors are those of before", func() bool {
		files, memory = n.usage()
		return files <= filesBefore+3
	})
	t.Logf("descriptors %d → %d, resident memory %.1f → %.1f MB", filesBefore, files, float64(memoryBefore)/1e6, float64(memory)/1e6)
	if grown := memory - memoryBefore; grown > 24<<20 {
		t.Errorf("memory grew by %d bytes over 10,000 bad requests, want no more than what a garbage collector leaves lying", grown)
	}
	get(t, good).ok(t)
	if buffers := n.metric("edge_vips_buffers"); buffers != 0 {
		t.Errorf("libvips holds %v pixel buffers, want 0", buffers)
	}
}
