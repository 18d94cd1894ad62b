package fetch

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"
)

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

// picture is 300 kB that no gzip makes smaller.
var picture = func() []byte {
	b := make([]byte, 300_000)
	rand.NewChaCha8([32]byte{1}).Read(b)
	return b
}()

func client(t *testing.T, cfg Config) *Client {
	t.Helper()
	if cfg.CIDRs == nil {
		cfg.CIDRs = loopback
	}
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func serve(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return s.URL
}

// raw serves what no http.Server would: each connection gets the text, and is closed.
func raw(t *testing.T, text string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				conn.Read(make([]byte, 4096))
				io.WriteString(conn, text)
			}()
		}
	}()
	return "http://" + l.Addr().String()
}

func send(b []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.Write(b) }
}

func pack(b []byte) []byte {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write(b)
	z.Close()
	return packed.Bytes()
}

func TestGetBringsThePicture(t *testing.T) {
	for name, handler := range map[string]http.HandlerFunc{
		"with its length": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", fmt.Sprint(len(picture)))
			w.Write(picture)
		},
		"chunked": func(w http.ResponseWriter, _ *http.Request) {
			for b := picture; len(b) > 0; b = b[min(len(b), 7001):] {
				w.Write(b[:min(len(b), 7001)])
				w.(http.Flusher).Flush()
			}
		},
		"until the connection ends": func(w http.ResponseWriter, _ *http.Request) {
			conn, _, _ := w.(http.Hijacker).Hijack()
			defer conn.Close()
			io.WriteString(conn, "HTTP/1.0 200 OK\r\n\r\n")
			conn.Write(picture)
		},
		"packed unasked": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(pack(picture))
		},
		"after early hints": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusEarlyHints)
			w.Write(picture)
		},
		"after ten redirects": func(w http.ResponseWriter, r *http.Request) {
			if n := len(r.URL.Path); n < 11 {
				http.Redirect(w, r, r.URL.Path+"x", []int{301, 302, 303, 307, 308}[n%5])
				return
			}
			w.Write(picture)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := client(t, Config{}).Get(t.Context(), serve(t, handler), Conditions{})
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(s.Body, picture) {
				t.Errorf("got %d bytes, want the %d that were sent", len(s.Body), len(picture))
			}
			whole := s.Body[:cap(s.Body)]
			s.Wipe()
			s.Wipe()
			if s.Body != nil || !bytes.Equal(whole, make([]byte, len(whole))) {
				t.Error("the picture is still there after Wipe")
			}
		})
	}
}

func TestGetTellsWhatWentWrong(t *testing.T) {
	const limit = 100_000
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
	}
	redirect := func(to string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", to)
			w.WriteHeader(http.StatusFound)
		}
	}
	bomb := pack(make([]byte, 20<<20))
	stalled := make(chan struct{})
	defer close(stalled)
	stall := func(before string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			if before != "" {
				io.WriteString(w, before)
				w.(http.Flusher).Flush()
			}
			<-stalled
		}
	}
	for name, test := range map[string]struct {
		url  string
		want error
	}{
		"too large by its own word": {raw(t, "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\nx"), ErrTooLarge},
		"too large by counting":     {serve(t, send(picture)), ErrTooLarge},
		"one byte too large":        {serve(t, send(picture[:limit+1])), ErrTooLarge},
		"a bomb in gzip": {serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(bomb)
		}), ErrTooLarge},
		"short of its length":     {raw(t, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"), ErrIncomplete},
		"short of its last chunk": {raw(t, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"), ErrIncomplete},
		"short in gzip": {serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(pack(picture[:9999])[:5000])
		}), ErrIncomplete},
		"not gzip":          {raw(t, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nhalf"), ErrIncomplete},
		"brotli":            {raw(t, "HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 4\r\n\r\nhalf"), ErrUnreachable},
		"not HTTP":          {raw(t, "220 smtp.example ESMTP\r\n"), ErrUnreachable},
		"nothing":           {raw(t, ""), ErrUnreachable},
		"an endless head":   {raw(t, "HTTP/1.1 200 OK\r\n"+strings.Repeat("X: "+strings.Repeat("y", 990)+"\r\n", 200)+"\r\n"), ErrUnreachable},
		"nothing but hints": {raw(t, strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 50)+"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"), ErrUnreachable},
		"nobody listens":    {"http://127.0.0.1:" + deadPort(t), ErrUnreachable},
		"no such name":      {"http://nobody.invalid/", ErrUnreachable},
		"a certificate of nobody": {func() string {
			s := httptest.NewUnstartedServer(send(picture))
			s.Config.ErrorLog = log.New(io.Discard, "", 0)
			s.StartTLS()
			t.Cleanup(s.Close)
			return s.URL
		}(), ErrUnreachable},
		"slow from the start":         {serve(t, stall("")), ErrTimeout},
		"slow in the middle":          {serve(t, stall("half")), ErrTimeout},
		"404":                         {serve(t, status(404)), &StatusError{404}},
		"500":                         {serve(t, status(500)), &StatusError{500}},
		"204":                         {serve(t, status(204)), &StatusError{204}},
		"206":                         {serve(t, status(206)), &StatusError{206}},
		"101":                         {raw(t, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"), &StatusError{101}},
		"304 to no condition":         {serve(t, status(304)), &StatusError{304}},
		"302 to nowhere":              {serve(t, status(302)), &StatusError{302}},
		"in circles":                  {serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/", http.StatusFound) }), ErrRedirects},
		"to another scheme":           {serve(t, redirect("file:///etc/passwd")), ErrRefused},
		"to gopher":                   {serve(t, redirect("gopher://127.0.0.1/")), ErrRefused},
		"to a mail server":            {serve(t, redirect("http://127.0.0.1:25/")), ErrRefused},
		"to a user":                   {serve(t, redirect("//user@127.0.0.1/")), ErrRefused},
		"to the inside":               {serve(t, redirect("http://10.0.0.1/")), ErrPrivate},
		"to metadata":                 {serve(t, redirect("http://169.254.169.254/latest/meta-data/")), ErrPrivate},
		"to metadata, mapped":         {serve(t, redirect("http://[::ffff:169.254.169.254]/")), ErrPrivate},
		"to metadata by NAT64":        {serve(t, redirect("http://[64:ff9b::a9fe:a9fe]/")), ErrPrivate},
		"to everywhere":               {serve(t, redirect("http://0.0.0.0/")), ErrPrivate},
		"private from the start":      {"http://192.168.1.1/", ErrPrivate},
		"a file":                      {"file:///etc/passwd", ErrRefused},
		"a user":                      {"http://user:secret@127.0.0.1/", ErrRefused},
		"a port of mail":              {"http://127.0.0.1:25/", ErrRefused},
		"a port of SIP, with noughts": {"http://127.0.0.1:0005060/", ErrRefused},
		"no host":                     {"http:///x", ErrRefused},
		"no URL":                      {"http://[::1", ErrRefused},
		"a zone":                      {"http://[fe80::1%25eth0]/", ErrRefused},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := Config{MaxBytes: limit, Timeout: time.Minute}
			if test.want == ErrTimeout {
				cfg.Timeout = 200 * time.Millisecond
			}
			c := client(t, cfg)
			s, err := c.Get(t.Context(), test.url, Conditions{})
			var status, want *StatusError
			if errors.As(test.want, &want) {
				if !errors.As(err, &status) || *status != *want {
					t.Errorf("got %v, want %v", err, want)
				}
			} else if !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
			if s != nil {
				t.Errorf("a source of %d bytes came with the error", len(s.Body))
			}
			if err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("the error quotes the URL: %v", err)
			}
		})
	}
}

// deadPort was just free.
func deadPort(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

func TestExactlyTheLimitIsNotTooLarge(t *testing.T) {
	for name, handler := range map[string]http.HandlerFunc{
		"with its length": send(picture[:1000]), // short enough for http.Server to know
		"chunked": func(w http.ResponseWriter, _ *http.Request) {
			w.(http.Flusher).Flush()
			w.Write(picture[:1000])
		},
	} {
		if s, err := client(t, Config{MaxBytes: 1000}).Get(t.Context(), serve(t, handler), Conditions{}); err != nil || len(s.Body) != 1000 {
			t.Errorf("%s: %v, want 1000 bytes of at most 1000", name, err)
		}
	}
}

func TestTheCallersContextIsItsOwnError(t *testing.T) {
	gone := errors.New("client gone")
	ctx, cancel := context.WithCancelCause(t.Context())
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		cancel(gone)
		<-r.Context().Done()
	})
	if _, err := client(t, Config{}).Get(ctx, url, Conditions{}); !errors.Is(err, gone) || errors.Is(err, ErrTimeout) {
		t.Errorf("got %v, want %v", err, gone)
	}
}

func TestConditionsBringNotModified(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"abc"`)
		w.Header().Set("Last-Modified", "Mon, 02 Nov 2026 10:00:00 GMT")
		w.Header().Set("Cache-Control", "max-age=60")
		w.Header().Set("Expires", "Tue, 03 Nov 2026 10:00:00 GMT")
		if r.Header.Get("If-None-Match") == `"abc"` || r.Header.Get("If-Modified-Since") != "" {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Write(picture)
	})
	want := Source{ETag: `"abc"`, LastModified: "Mon, 02 Nov 2026 10:00:00 GMT", CacheControl: "max-age=60", Expires: "Tue, 03 Nov 2026 10:00:00 GMT"}
	for cond, modified := range map[Conditions]bool{
		{}:                                   true,
		{IfNoneMatch: `"other"`}:             true,
		{IfNoneMatch: `"abc"`}:               false,
		{IfModifiedSince: want.LastModified}: false,
	} {
		s, err := client(t, Config{}).Get(t.Context(), url, cond)
		if err != nil {
			t.Fatal(err)
		}
		if s.NotModified == modified || (len(s.Body) > 0) != modified {
			t.Errorf("%+v: not modified %t with %d bytes, want modified %t", cond, s.NotModified, len(s.Body), modified)
		}
		s.Body, s.NotModified = nil, false
		if fmt.Sprint(*s) != fmt.Sprint(want) {
			t.Errorf("%+v: told %+v, want %+v", cond, *s, want)
		}
	}
}

// What a redirect leads to learns nothing of where we came from, and nothing that a server set.
func TestNothingIsCarriedAlong(t *testing.T) {
	var headers []http.Header
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		headers = append(headers, r.Header)
		if r.URL.Path == "/secret" {
			w.Header().Set("Set-Cookie", "session=1; Path=/")
			http.Redirect(w, r, "/next#fragment", http.StatusFound)
			return
		}
		w.Write(picture)
	})
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1") // nobody listens there
	t.Setenv("http_proxy", "http://127.0.0.1:1")
	if _, err := client(t, Config{UserAgent: "studio/1"}).Get(t.Context(), url+"/secret?token=1", Conditions{}); err != nil {
		t.Fatal(err)
	}
	for i, got := range headers {
		want := http.Header{"User-Agent": {"studio/1"}, "Accept-Encoding": {"identity"}}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("request %d carried %v, want %v", i+1, got, want)
		}
	}
	if len(headers) != 2 {
		t.Errorf("%d requests, want 2", len(headers))
	}
}

func TestTheAllowListHoldsOnEveryHop(t *testing.T) {
	other := serve(t, send(picture))
	first := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/out":
			http.Redirect(w, r, other+"/pub/x", http.StatusFound)
		case "/aside":
			http.Redirect(w, r, "/private/x", http.StatusFound)
		case "/pub/in":
			http.Redirect(w, r, "x", http.StatusFound)
		default:
			w.Write(picture)
		}
	})
	c := client(t, Config{Allowed: []string{first + "/pub/", first + "/out", first + "/aside"}})
	for path, want := range map[string]error{
		"/pub/x": nil, "/pub/in": nil, "/private/x": ErrRefused, "/out": ErrRefused, "/aside": ErrRefused,
		"/pub/%2e%2e/private/x": ErrRefused,
	} {
		if _, err := c.Get(t.Context(), first+path, Conditions{}); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", path, err, want)
		}
	}
}

func TestNewReportsEveryFault(t *testing.T) {
	_, err := New(Config{Allowed: []string{"https://fine.example/", "ftp://x", "https://a@b/", "https://a/../b"}})
	for _, want := range []string{"ftp://x", "https://a@b/", "https://a/../b"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
}

func TestTheURLIsSentAsItIs(t *testing.T) {
	var got string
	base := serve(t, func(w http.ResponseWriter, r *http.Request) { got = r.RequestURI; w.Write(picture) })
	const want = "/a%2Fb/%C3%A9//c.jpg?x=a+b%20c&y=%2F&z"
	if _, err := client(t, Config{}).Get(t.Context(), base+want, Conditions{}); err != nil || got != want {
		t.Errorf("%v, the server was asked for %s, want %s", err, got, want)
	}
	if _, err := url.Parse(base + got); err != nil {
		t.Error(err)
	}
}

func BenchmarkGet(b *testing.B) {
	s := httptest.NewServer(send(make([]byte, 2<<20)))
	defer s.Close()
	c, err := New(Config{CIDRs: loopback})
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(2 << 20)
	for b.Loop() {
		s, err := c.Get(b.Context(), s.URL, Conditions{})
		if err != nil {
			b.Fatal(err)
		}
		s.Wipe()
	}
}
