package fetch

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"syscall"
	"time"
)

// A conn is one connection to one address that was checked. It belongs to one goroutine, or to the pool.
type conn struct {
	key     connKey
	socket  net.Conn
	stream  net.Conn // the socket, or TLS over it
	in      *lens
	r       *bufio.Reader
	records *records // nil without TLS
	idle    *time.Timer
}

// A connKey holds the address and not only the name, so that a name which now leads elsewhere, past another check, does
// not find a connection to where it led before.
type connKey struct {
	addr         netip.AddrPort
	scheme, host string
}

func (c *Client) dial(ctx context.Context, key connKey) (*conn, error) {
	socket, err := c.dialer.DialContext(ctx, "tcp", key.addr.String())
	if err != nil {
		return nil, err
	}
	cn := &conn{key: key, socket: socket, stream: socket}
	if key.scheme == "https" {
		cn.records = &records{r: socket}
		cn.records.head = cn.records.space[:0]
		secure := tls.Client(recorded{socket, cn.records}, &tls.Config{
			ServerName: key.host, RootCAs: c.cfg.RootCAs, NextProtos: []string{"http/1.1"}, ClientSessionCache: c.sessions,
		})
		if err := secure.HandshakeContext(ctx); err != nil {
			cn.close()
			return nil, err
		}
		cn.stream = secure
	}
	cn.in = &lens{r: cn.stream}
	cn.r = bufio.NewReader(cn.in)
	return cn, nil
}

// recorded is a socket read record by record.
type recorded struct {
	net.Conn
	records *records
}

func (r recorded) Read(p []byte) (int, error) { return r.records.Read(p) }

// ask sends a request and waits for the head of the final answer. It ends when ctx does: then the deadline of the socket
// is put into the past.
func (cn *conn) ask(req *http.Request) (*http.Response, error) {
	cn.in.bytes = 0
	w := bufio.NewWriterSize(cn.stream, 1<<10)
	if err := req.Write(w); err != nil {
		return nil, err
	}
	if err := w.Flush(); err != nil {
		return nil, err
	}
	for range 5 {
		cn.in.budget = maxHeader
		resp, err := http.ReadResponse(cn.r, req)
		if err != nil {
			return nil, err
		}
		if resp.StatusCode >= 200 || resp.StatusCode == http.StatusSwitchingProtocols {
			cn.in.budget = -1
			return resp, nil
		}
	}
	return nil, errHeader // nothing but "100 Continue" and the like
}

// wipe zeroes what passed through the memory under this connection. All that was asked for has been read, or the
// connection is of no more use.
func (cn *conn) wipe() {
	if cn.in != nil {
		cn.in.wipe()
	}
	if cn.records != nil {
		cn.records.wipe()
	}
}

func (cn *conn) close() {
	cn.socket.Close() // not stream: a farewell under TLS could wait for a peer that reads nothing
	cn.wipe()
}

// quiet tells that the peer has neither closed an idle connection nor sent what nobody asked for.
func (cn *conn) quiet() bool {
	if cn.r.Buffered() > 0 {
		return false
	}
	raw, err := cn.socket.(syscall.Conn).SyscallConn()
	if err != nil {
		return false
	}
	var peeked error
	if err := raw.Read(func(fd uintptr) bool {
		var b [1]byte
		_, _, peeked = syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		return true
	}); err != nil {
		return false
	}
	return peeked == syscall.EAGAIN
}

// A pool keeps idle connections, each for a short while.
type pool struct {
	mu    sync.Mutex
	idle  map[connKey][]*conn // the longest idle in front
	count int
}

const (
	maxIdle        = 256
	maxIdlePerHost = 32
	idleTime       = 30 * time.Second
)

// take returns an idle connection that still stands, or nil.
func (p *pool) take(key connKey) *conn {
	for {
		p.mu.Lock()
		list := p.idle[key]
		if len(list) == 0 {
			p.mu.Unlock()
			return nil
		}
		cn := list[len(list)-1]
		p.drop(cn)
		p.mu.Unlock()
		if cn.idle.Stop() && cn.quiet() {
			return cn
		}
		cn.close()
	}
}

// give keeps a connection whose answer has been read to its end, or closes it where there are enough.
func (p *pool) give(cn *conn) {
	cn.wipe()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.count >= maxIdle || len(p.idle[cn.key]) >= maxIdlePerHost {
		cn.socket.Close()
		return
	}
	p.count++
	p.idle[cn.key] = append(p.idle[cn.key], cn)
	cn.idle = time.AfterFunc(idleTime, func() {
		p.mu.Lock()
		mine := p.drop(cn)
		p.mu.Unlock()
		if mine {
			cn.close()
		}
	})
}

// drop takes cn out of the pool, and tells whether it was there. The caller holds mu.
func (p *pool) drop(cn *conn) bool {
	list := p.idle[cn.key]
	for i := range list {
		if list[i] != cn {
			continue
		}
		list = append(list[:i], list[i+1:]...)
		if len(list) == 0 {
			delete(p.idle, cn.key)
		} else {
			p.idle[cn.key] = list
		}
		p.count--
		return true
	}
	return false
}

// connect finds or makes a connection for u. fresh asks for a new one.
func (c *Client) connect(ctx context.Context, u *url.URL, fresh bool) (cn *conn, reused bool, err error) {
	addrs, err := c.resolve(ctx, u)
	if err != nil {
		return nil, false, err
	}
	for i, addr := range addrs {
		key := connKey{addr, u.Scheme, u.Hostname()}
		if !fresh {
			if cn := c.pool.take(key); cn != nil {
				connections.WithLabelValues("reused").Inc()
				return cn, true, nil
			}
		}
		attempt, cancel := withShare(ctx, len(addrs)-i)
		cn, err = c.dial(attempt, key)
		cancel()
		if err == nil {
			connections.WithLabelValues("new").Inc()
			return cn, false, nil
		}
		if ctx.Err() != nil {
			break
		}
	}
	return nil, false, err // of the address tried last
}

// withShare gives an attempt its part of the time left, so that one dead address does not use up that of the next.
func withShare(ctx context.Context, attempts int) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok || attempts <= 1 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, time.Until(deadline)/time.Duration(attempts))
}

const maxAddresses = 4 // of one name that are tried

// resolve finds the addresses behind u that we may connect to; it fails when there is none.
func (c *Client) resolve(ctx context.Context, u *url.URL) ([]netip.AddrPort, error) {
	var found []netip.Addr
	if addr, err := netip.ParseAddr(u.Hostname()); err == nil {
		found = []netip.Addr{addr}
	} else if found, err = c.cfg.Resolver.LookupNetIP(ctx, "ip", u.Hostname()); err != nil {
		return nil, err
	}
	number, err := net.LookupPort("tcp", port(u))
	if err != nil {
		return nil, err
	}
	var addrs []netip.AddrPort
	var refused error
	for _, addr := range found {
		if err := c.guard.check(addr); err != nil {
			refused = err
		} else if len(addrs) < maxAddresses {
			addrs = append(addrs, netip.AddrPortFrom(addr.Unmap(), uint16(number)))
		}
	}
	switch {
	case len(addrs) > 0:
		return addrs, nil
	case refused != nil:
		return nil, refused
	}
	return nil, fmt.Errorf("%s has no address", u.Hostname())
}
