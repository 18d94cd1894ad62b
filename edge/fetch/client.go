package fetch

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"time"
)

// Config is what may be tuned of a Client. Zero values are the defaults, and the safe choice.
type Config struct {
	Allowed      []string       // URL prefixes with *; empty = any public host
	CIDRs        []netip.Prefix // ranges that may be fetched from although they are not public
	MaxBytes     int64          // of a picture, unpacked; 0 = 32 MiB
	Timeout      time.Duration  // for all of it, redirects included; 0 = 5 s
	MaxRedirects int            // 0 = 10; below 0 = none
	UserAgent    string         // "" = studio
	RootCAs      *x509.CertPool // nil = those of the system
	Resolver     Resolver       // nil = that of the system
}

// A Resolver looks names up; *net.Resolver is one.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// A Client fetches sources. It may be used by many goroutines.
type Client struct {
	cfg      Config
	allowed  []pattern
	guard    guard
	dialer   net.Dialer
	sessions tls.ClientSessionCache
	pool     pool
}

// New reports every fault of cfg together.
func New(cfg Config) (*Client, error) {
	if cfg.MaxBytes <= 0 {
		cfg.MaxBytes = 32 << 20
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = 5 * time.Second
	}
	if cfg.MaxRedirects == 0 {
		cfg.MaxRedirects = 10
	}
	if cfg.UserAgent == "" {
		cfg.UserAgent = "studio"
	}
	if cfg.Resolver == nil {
		cfg.Resolver = net.DefaultResolver
	}
	c := &Client{
		cfg:      cfg,
		guard:    newGuard(cfg.CIDRs),
		sessions: tls.NewLRUClientSessionCache(256),
		pool:     pool{idle: map[connKey][]*conn{}},
	}
	var faults []error
	for _, text := range cfg.Allowed {
		p, err := parsePattern(text)
		if err != nil {
			faults = append(faults, err)
		}
		c.allowed = append(c.allowed, p)
	}
	return c, errors.Join(faults...)
}

// Conditions are what the caller's own client already has.
type Conditions struct{ IfNoneMatch, IfModifiedSince string }

// Get fetches a picture. The caller owns the Source and wipes it.
func (c *Client) Get(ctx context.Context, rawURL string, cond Conditions) (*Source, error) {
	start := time.Now()
	ctx, cancel := context.WithTimeoutCause(ctx, c.cfg.Timeout, ErrTimeout)
	defer cancel()
	s, err := c.follow(ctx, rawURL, cond)
	count(s, err, time.Since(start))
	return s, err
}

// follow goes from redirect to redirect. Each hop is a new URL from a stranger: scheme, form, allow-list and address are
// checked again, and nothing is carried along but the conditions: no cookie, no Referer, no credentials.
func (c *Client) follow(ctx context.Context, rawURL string, cond Conditions) (*Source, error) {
	u, err := parseSource(rawURL)
	if err != nil {
		return nil, err
	}
	for hops := 0; ; hops++ {
		if len(c.allowed) > 0 && !slices.ContainsFunc(c.allowed, func(p pattern) bool { return p.admits(u) }) {
			return nil, fmt.Errorf("fetch %s: not in the allow-list: %w", u.Hostname(), ErrRefused)
		}
		s, next, err := c.exchange(ctx, u, cond)
		if err != nil {
			return nil, fmt.Errorf("fetch %s: %w", u.Hostname(), err)
		}
		if next == nil {
			return s, nil
		}
		if hops >= c.cfg.MaxRedirects {
			return nil, fmt.Errorf("fetch %s: %w", u.Hostname(), ErrRedirects)
		}
		if err := normalize(next); err != nil {
			return nil, fmt.Errorf("fetch %s: redirected to %w: %w", u.Hostname(), err, ErrRefused)
		}
		u = next
	}
}

// exchange is one request and its answer: a source, or where else to look.
func (c *Client) exchange(ctx context.Context, u *url.URL, cond Conditions) (*Source, *url.URL, error) {
	req := &http.Request{
		Method: http.MethodGet, URL: u, Host: u.Host, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{
			"User-Agent":      {c.cfg.UserAgent},
			"Accept-Encoding": {"identity"}, // a picture is packed already
		},
	}
	if cond.IfNoneMatch != "" {
		req.Header.Set("If-None-Match", cond.IfNoneMatch)
	}
	if cond.IfModifiedSince != "" {
		req.Header.Set("If-Modified-Since", cond.IfModifiedSince)
	}
	for fresh := false; ; fresh = true {
		cn, reused, err := c.connect(ctx, u, fresh)
		if err != nil {
			return nil, nil, failure(ctx, err, ErrUnreachable)
		}
		stop := context.AfterFunc(ctx, func() { cn.socket.SetDeadline(time.Unix(1, 0)) })
		resp, err := cn.ask(req)
		if err != nil && reused && cn.in.bytes == 0 && ctx.Err() == nil {
			stop()
			cn.close() // its peer closed it while we wrote: that says nothing about the source
			continue
		}
		var s *Source
		var next *url.URL
		if err != nil {
			err = failure(ctx, err, ErrUnreachable)
		} else {
			s, next, err = c.read(ctx, u, cond, resp)
		}
		if stop() && err == nil && !resp.Close && cn.r.Buffered() == 0 {
			c.pool.give(cn)
		} else {
			cn.close()
		}
		return s, next, err
	}
}

// read makes of an answer what it is. Without an error the answer has been read to its end, or resp.Close is set.
func (c *Client) read(ctx context.Context, u *url.URL, cond Conditions, resp *http.Response) (*Source, *url.URL, error) {
	switch code := resp.StatusCode; {
	case code == http.StatusOK:
		body, err := readBody(resp, c.cfg.MaxBytes)
		if err != nil {
			return nil, nil, failure(ctx, err, ErrIncomplete)
		}
		s := newSource(resp.Header)
		s.Body = body
		return s, nil, nil
	case code == http.StatusNotModified && cond != Conditions{}:
		s := newSource(resp.Header)
		s.NotModified = true
		return s, nil, nil
	case slices.Contains([]int{301, 302, 303, 307, 308}, code) && resp.Header.Get("Location") != "":
		next, err := u.Parse(resp.Header.Get("Location"))
		if err != nil {
			return nil, nil, fmt.Errorf("redirected to no URL: %w", ErrRefused)
		}
		const short = 4 << 10 // such a body is read, so that the connection can be used again
		n, err := io.Copy(io.Discard, io.LimitReader(resp.Body, short+1))
		resp.Close = resp.Close || err != nil || n > short
		return nil, next, nil
	default:
		return nil, nil, &StatusError{Code: code}
	}
}

// failure names what went wrong. The end of ctx explains every error that follows from it; otherwise the error is one of
// ours already, or a timeout of the network, or what the caller takes it for.
func failure(ctx context.Context, err, otherwise error) error {
	var timeout interface{ Timeout() bool }
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, ErrPrivate), errors.Is(err, ErrTooLarge):
		return err
	case errors.Is(err, errCoding):
		return fmt.Errorf("%w: %w", ErrUnreachable, err)
	case errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return fmt.Errorf("%w: %w", ErrTimeout, err)
	}
	return fmt.Errorf("%w: %w", otherwise, err)
}
