package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
)

var nameForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

func name(s string) bool { return nameForm.MatchString(s) }

// nodeForm lets a host's full name through.
var nodeForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$`)

// check judges every setting by itself and against the others, and puts CPUs where 0 stood for them.
func (c *Config) check() (faults Faults) {
	bad := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }

	c.checkAddresses(bad)
	if !name(c.Region) {
		bad("EDGE_REGION must be 1 to 64 letters, digits, - and _, but is %q", c.Region)
	}
	if c.Node != "" && !nodeForm.MatchString(c.Node) {
		bad("EDGE_NODE must be 1 to 128 letters, digits, ., - and _, but is %q", c.Node)
	}

	switch {
	case c.ControlURL == "" && c.NodeToken != "":
		bad("EDGE_NODE_TOKEN is set, but EDGE_CONTROL_URL is not: set both or neither")
	case c.ControlURL != "" && c.NodeToken == "":
		bad("EDGE_CONTROL_URL is set, but EDGE_NODE_TOKEN is not: set both or neither")
	}
	seen := map[string]bool{}
	for _, key := range c.Keys {
		if seen[key.ID] {
			bad("EDGE_KEYS has the id %s twice", key.ID)
		}
		seen[key.ID] = true
	}
	if c.SignatureSize < 1 || c.SignatureSize > 32 {
		bad("EDGE_SIGNATURE_SIZE must be 1 to 32, but is %d", c.SignatureSize)
	}

	if c.Slots < 0 {
		bad("EDGE_SLOTS must not be negative, but is %d", c.Slots)
	}
	if c.Queue < 0 {
		bad("EDGE_QUEUE must not be negative, but is %d", c.Queue)
	}
	if c.Slots == 0 {
		c.Slots = runtime.GOMAXPROCS(0)
	}
	if c.Queue == 0 {
		c.Queue = 10 * c.Slots
	}
	if c.Timeout <= 0 {
		bad("EDGE_TIMEOUT must be more than nothing, but is %s", c.Timeout)
	}
	if c.Drain < 0 {
		bad("EDGE_DRAIN must not be negative, but is %s", c.Drain)
	}
	if c.MaxPixels < 1 {
		bad("EDGE_MAX_PIXELS must be at least 1, but is %d", c.MaxPixels)
	}
	if c.MaxBytes < 1 {
		bad("EDGE_MAX_BYTES must be at least 1, but is %d", c.MaxBytes)
	}
	if c.MaxFrames < 1 {
		bad("EDGE_MAX_FRAMES must be at least 1, but is %d", c.MaxFrames)
	}

	c.checkFiles(bad)
	switch {
	case c.Documents != "" && c.DocumentsKey == nil:
		bad("EDGE_DOCUMENTS is set, but EDGE_DOCUMENTS_KEY is not: a rule pack is used only if the key that it was signed with is named")
	case c.Documents == "" && c.DocumentsKey != nil:
		bad("EDGE_DOCUMENTS_KEY is set, but EDGE_DOCUMENTS is not: set both or neither")
	}
	if c.Spool != "" {
		abs, err := filepath.Abs(c.Spool)
		if err != nil {
			bad("EDGE_SPOOL must be a folder, but is %q", c.Spool)
		}
		c.Spool = abs
		if info, err := os.Stat(c.Spool); err == nil && !info.IsDir() {
			bad("EDGE_SPOOL must be a folder, but %s is a file", c.Spool)
		}
	}
	return faults
}

// checkFiles judges where nets, the library that runs them and rules are; what is in the files is judged when they are loaded.
func (c *Config) checkFiles(bad func(string, ...any)) {
	for _, f := range []struct {
		name, kind string
		path       *string
		folder     bool
	}{{"EDGE_MODELS", "folder", &c.Models, true}, {"EDGE_ONNXRUNTIME", "file", &c.ONNXRuntime, false}, {"EDGE_DOCUMENTS", "file", &c.Documents, false}} {
		if *f.path == "" {
			continue
		}
		if abs, err := filepath.Abs(*f.path); err == nil {
			*f.path = abs
		}
		switch info, err := os.Stat(*f.path); {
		case err != nil:
			bad("%s names %q, which cannot be read: %v", f.name, *f.path, errors.Unwrap(err))
		case info.IsDir() != f.folder || !f.folder && !info.Mode().IsRegular():
			bad("%s must be a %s, but %s is none", f.name, f.kind, *f.path)
		}
	}
}

// checkAddresses judges what is listened on, linked to and joined.
func (c *Config) checkAddresses(bad func(string, ...any)) {
	for _, l := range []struct{ name, address string }{
		{"EDGE_LISTEN", c.Listen}, {"EDGE_PRIVATE_LISTEN", c.PrivateListen}, {"EDGE_GOSSIP_LISTEN", c.GossipListen},
	} {
		if _, err := net.ResolveTCPAddr("tcp", l.address); err != nil {
			bad("%s must be an address such as 127.0.0.1:8081, but is %q", l.name, l.address)
		}
	}
	for _, address := range c.GossipJoin {
		if host, port, err := net.SplitHostPort(address); err != nil || host == "" || port == "" {
			bad("EDGE_GOSSIP_JOIN must be host:port, but has %q", address)
		}
	}
	if len(c.GossipKeys) == 0 && !loopback(c.GossipListen) {
		bad("EDGE_GOSSIP_KEYS must be set, since EDGE_GOSSIP_LISTEN %s is beyond loopback", c.GossipListen)
	}

	if (c.TLSCert == "") != (c.TLSKey == "") {
		bad("EDGE_TLS_CERT and EDGE_TLS_KEY go together: set both or neither")
	}
	for _, f := range []struct{ name, path string }{{"EDGE_TLS_CERT", c.TLSCert}, {"EDGE_TLS_KEY", c.TLSKey}} {
		if f.path == "" {
			continue
		}
		file, err := os.Open(f.path)
		if err != nil {
			bad("%s names %q, which cannot be read: %v", f.name, f.path, errors.Unwrap(err))
			continue
		}
		file.Close()
	}

	for _, l := range []struct {
		name    string
		address *string
	}{{"EDGE_PUBLIC_URL", &c.PublicURL}, {"EDGE_CONTROL_URL", &c.ControlURL}} {
		if *l.address == "" {
			continue
		}
		if _, err := parseWeb(*l.address); err != nil {
			bad("%s must be an http or https address without a query, but is %q", l.name, *l.address)
		}
		*l.address = strings.TrimRight(*l.address, "/")
	}
	for i, origin := range c.Origins {
		u, err := parseWeb(origin)
		if err != nil || strings.Trim(u.Path, "/") != "" {
			bad("EDGE_ORIGINS must be origins such as https://studio.example, but has %q", origin)
			continue
		}
		c.Origins[i] = originOf(u)
	}
	for _, pattern := range c.AllowedSources {
		if !strings.HasPrefix(pattern, "http://") && !strings.HasPrefix(pattern, "https://") {
			bad("EDGE_ALLOWED_SOURCES must be prefixes that begin with http:// or https://, but has %q", pattern)
		}
	}
}

// parseWeb parses an address of the web that may have a path and nothing after it.
func parseWeb(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	if (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return nil, errors.New("not an address of the web")
	}
	return u, nil
}

// originOf is an address as a browser writes it in Origin: no path, lower case, no default port.
func originOf(u *url.URL) string {
	host := strings.ToLower(u.Host)
	if u.Scheme == "http" {
		host = strings.TrimSuffix(host, ":80")
	} else {
		host = strings.TrimSuffix(host, ":443")
	}
	return u.Scheme + "://" + host
}

// loopback tells whether an address to listen on can be reached from this machine alone.
func loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return true // the address itself is the fault, and is named elsewhere
	}
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || (err == nil && ip.IsLoopback())
}

// Public is how clients reach this node, given the address it really listens on (a port of 0 is one by then).
func (c *Config) Public(listening net.Addr) string {
	if c.PublicURL != "" {
		return c.PublicURL
	}
	scheme := "http"
	if c.TLSCert != "" {
		scheme = "https"
	}
	address := c.Listen
	if listening != nil {
		address = listening.String()
	}
	host, port, err := net.SplitHostPort(address)
	if ip, e := netip.ParseAddr(host); err == nil && (host == "" || e == nil && ip.IsUnspecified()) {
		host = "127.0.0.1"
	}
	return scheme + "://" + net.JoinHostPort(host, port)
}
