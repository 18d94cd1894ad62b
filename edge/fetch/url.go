package fetch

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

const maxURL = 8 << 10 // bytes; longer ones are refused by most servers too

// parseSource reads a URL and writes its host and port in the one form that everything after compares: lower case, ASCII,
// no final dot, no port where it is the scheme's own. The error never quotes the URL, which may hold a signature.
func parseSource(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil || len(raw) > maxURL || u.Opaque != "" {
		return nil, fmt.Errorf("not a URL: %w", ErrRefused)
	}
	if err := normalize(u); err != nil {
		return nil, fmt.Errorf("%w: %w", err, ErrRefused)
	}
	return u, nil
}

func normalize(u *url.URL) error {
	if u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("scheme %q", u.Scheme)
	}
	if u.User != nil {
		return errors.New("a user name or password in the URL")
	}
	host, port := splitPort(u.Host)
	host, err := asciiHost(host, "")
	if err != nil {
		return err
	}
	if port != "" {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || n != 80 && n != 443 && n < 1024 || blockedPorts[n] {
			return fmt.Errorf("port %.5s", port)
		}
		port = strconv.FormatUint(n, 10)
	}
	switch {
	case port != "" && port != defaultPort(u.Scheme):
		u.Host = net.JoinHostPort(host, port)
	case strings.Contains(host, ":"):
		u.Host = "[" + host + "]"
	default:
		u.Host = host
	}
	u.Fragment, u.RawFragment = "", ""
	return nil
}

// blockedPorts are those above 1023 that browsers refuse too, because other protocols live there that could be made to
// understand a request (the list of the Fetch standard).
var blockedPorts = map[uint64]bool{
	1719: true, 1720: true, 1723: true, 2049: true, 3659: true, 4045: true, 4190: true, 5060: true, 5061: true, 6000: true,
	6566: true, 6665: true, 6666: true, 6667: true, 6668: true, 6669: true, 6679: true, 6697: true, 10080: true,
}

func defaultPort(scheme string) string {
	if scheme == "https" {
		return "443"
	}
	return "80"
}

func port(u *url.URL) string {
	if port := u.Port(); port != "" {
		return port
	}
	return defaultPort(u.Scheme)
}

// splitPort takes host:port apart, also where there is no port, or a * for one.
func splitPort(authority string) (host, port string) {
	host = authority
	if i := strings.LastIndexByte(authority, ':'); i > strings.LastIndexByte(authority, ']') {
		host, port = authority[:i], authority[i+1:]
	}
	return host, port
}

// asciiHost is the form in which a host is looked up. also names bytes that may stand in it besides.
func asciiHost(host, also string) (string, error) {
	if inner, ok := strings.CutPrefix(host, "["); ok {
		inner, ok = strings.CutSuffix(inner, "]")
		addr, err := netip.ParseAddr(inner)
		if !ok || err != nil || !addr.Is6() || addr.Zone() != "" {
			return "", errors.New("not an IPv6 address in brackets")
		}
		return addr.String(), nil
	}
	for _, r := range host {
		if r >= 0x80 {
			ascii, err := idna.Lookup.ToASCII(host)
			if err != nil {
				return "", errors.New("not a host name")
			}
			host = ascii
			break
		}
	}
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	for _, b := range []byte(host) {
		if !('a' <= b && b <= 'z' || '0' <= b && b <= '9' || b == '.' || b == '-' || b == '_' || strings.IndexByte(also, b) >= 0) {
			return "", errors.New("not a host name")
		}
	}
	if host == "" || len(host) > 253 {
		return "", errors.New("not a host name")
	}
	return host, nil
}
