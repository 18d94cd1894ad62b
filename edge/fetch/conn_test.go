package fetch

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
)

// names is a resolver that says what the test wants, anew at each question.
type names func(host string) []string

func (n names) LookupNetIP(_ context.Context, _, host string) (addrs []netip.Addr, err error) {
	for _, text := range n(host) {
		addrs = append(addrs, netip.MustParseAddr(text))
	}
	return addrs, nil
}

func TestTheAddressDialledIsTheOneChecked(t *testing.T) {
	asked := 0
	url := serve(t, send(picture))
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(url, "http://"))
	only := []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}

	rebinding := client(t, Config{CIDRs: only, Resolver: names(func(string) []string {
		asked++
		return [][]string{{"127.0.0.1"}, {"127.0.0.2"}}[(asked-1)%2] // the second is refused
	})})
	for i, want := range []error{nil, ErrPrivate, nil} {
		// The connection of the first request stands idle during the second, which must not find it.
		if _, err := rebinding.Get(t.Context(), "http://a.example:"+port, Conditions{}); !errors.Is(err, want) {
			t.Errorf("request %d of a name that leads elsewhere each time: %v, want %v", i+1, err, want)
		}
	}
	if asked != 3 {
		t.Errorf("%d questions for 3 requests: one must be checked and dialled from the same answer", asked)
	}

	mixed := client(t, Config{CIDRs: only, Resolver: names(func(string) []string {
		return []string{"10.0.0.1", "::ffff:169.254.169.254", "127.0.0.1"}
	})})
	if _, err := mixed.Get(t.Context(), "http://b.example:"+port, Conditions{}); err != nil {
		t.Errorf("a name with an address that is allowed, among others: %v, want none", err)
	}

	elsewhere, err := net.Listen("tcp", "127.0.0.2:"+port)
	if err != nil {
		t.Fatal(err)
	}
	other := &httptest.Server{Listener: elsewhere, Config: &http.Server{Handler: send([]byte("other"))}}
	other.Start()
	defer other.Close()
	answers := []string{"127.0.0.1", "127.0.0.2"}
	moved := client(t, Config{Resolver: names(func(string) []string {
		defer func() { answers = answers[1:] }()
		return answers[:1]
	})})
	for i, want := range []string{string(picture), "other"} {
		s, err := moved.Get(t.Context(), "http://d.example:"+port, Conditions{})
		if err != nil || string(s.Body) != want {
			t.Errorf("request %d of a name that has moved: %v, or what its old address serves", i+1, err)
		}
	}

	dead := client(t, Config{CIDRs: loopback, Resolver: names(func(string) []string {
		return []string{"127.0.0.9", "127.0.0.1"} // nobody listens at the first
	})})
	if _, err := dead.Get(t.Context(), "http://c.example:"+port, Conditions{}); err != nil {
		t.Errorf("a name whose first address is dead: %v, want none", err)
	}
}

// connected counts the connections a server sees.
func connected(t *testing.T, handler http.HandlerFunc) (*httptest.Server, *atomic.Int32) {
	var n atomic.Int32
	s := httptest.NewUnstartedServer(handler)
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			n.Add(1)
		}
	}
	t.Cleanup(s.Close)
	return s, &n
}

func TestConnectionsAreUsedAgain(t *testing.T) {
	for _, secure := range []bool{false, true} {
		server, n := connected(t, func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/":
				http.Redirect(w, r, "/chunked", http.StatusFound)
			case "/chunked":
				w.(http.Flusher).Flush()
			}
			w.Write(picture)
		})
		pool := x509.NewCertPool()
		if secure {
			server.StartTLS()
			pool.AddCert(server.Certificate())
		} else {
			server.Start()
		}
		c := client(t, Config{RootCAs: pool})
		for range 20 {
			for _, path := range []string{"/sized", "/", "/chunked"} {
				s, err := c.Get(t.Context(), server.URL+path, Conditions{})
				if err != nil || !bytes.Equal(s.Body, picture) {
					t.Fatalf("%s: %v, or another picture", path, err)
				}
			}
		}
		// A redirect's long body is not read, so its connection is not used again.
		if got := n.Load(); got > 21 {
			t.Errorf("TLS %t: %d connections for 60 fetches, want at most 21", secure, got)
		}
	}
}

// A server may close an idle connection at any time, or send into it what nobody asked for. Neither is seen by callers.
func TestAnIdleConnectionIsNotTrusted(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	const answer = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"
	idle, spoiled := make(chan struct{}), make(chan struct{})
	go func() {
		for i := range 4 {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			defer conn.Close()
			conn.Read(make([]byte, 4096))
			io.WriteString(conn, answer+"good")
			<-idle
			switch i {
			case 0:
				conn.Close()
			case 1:
				io.WriteString(conn, answer+"evil")
			case 2:
				go func() {
					conn.Read(make([]byte, 4096)) // takes the next request, and closes without an answer
					conn.Close()
				}()
			}
			spoiled <- struct{}{}
		}
	}()
	c := client(t, Config{})
	for i := range 4 {
		s, err := c.Get(t.Context(), "http://"+l.Addr().String(), Conditions{})
		if err != nil || string(s.Body) != "good" {
			t.Fatalf("request %d: %v, %+v; want good", i+1, err, s)
		}
		idle <- struct{}{}
		<-spoiled
	}
}

func TestIdleConnectionsAreBounded(t *testing.T) {
	p := pool{idle: map[connKey][]*conn{}}
	give := func(host string) {
		near, far := net.Pipe()
		t.Cleanup(func() { far.Close() })
		p.give(&conn{key: connKey{host: host}, socket: near})
	}
	for range 2 * maxIdlePerHost {
		give("one")
	}
	if got := len(p.idle[connKey{host: "one"}]); got != maxIdlePerHost {
		t.Errorf("%d connections kept for one host, want %d", got, maxIdlePerHost)
	}
	for i := range 2 * maxIdle {
		give(fmt.Sprint(i))
	}
	kept := 0
	for _, list := range p.idle {
		kept += len(list)
		for _, cn := range list {
			cn.idle.Stop()
		}
	}
	if kept != maxIdle || p.count != maxIdle {
		t.Errorf("%d kept and %d counted, want %d", kept, p.count, maxIdle)
	}
}
