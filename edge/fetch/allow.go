package fetch

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// A pattern is a prefix of the URLs that may be fetched. It is compared part by part and never as one text: as a text,
// https://good.example would also begin https://good.example@evil.example and https://good.example.evil.example.
//
// In the host, * stands for any letters, dots among them; as port, for any port; in the path, for anything up to the next
// slash. The host must match whole; the path is a prefix, so that only one that ends in a slash keeps to its folder.
type pattern struct {
	scheme, port string
	host         *regexp.Regexp
	folders      []*regexp.Regexp // segments of the path that must match whole
	last         *regexp.Regexp   // and the one that need only begin so; nil = any path
}

func parsePattern(text string) (pattern, error) {
	scheme, rest, ok := strings.Cut(text, "://")
	scheme = strings.ToLower(scheme)
	if !ok || scheme != "http" && scheme != "https" {
		return pattern{}, fmt.Errorf("source pattern %q must begin with http:// or https://", text)
	}
	if strings.ContainsAny(rest, "?#@\\") {
		return pattern{}, fmt.Errorf("source pattern %q must not hold any of ? # @ \\", text)
	}
	authority, path, _ := strings.Cut(rest, "/")
	host, port := splitPort(authority)
	if port == "" {
		port = defaultPort(scheme)
	}
	if host == "" { // https:// alone: any host, on any port
		host, port = "*", "*"
	}
	host, err := asciiHost(host, "*")
	if err != nil {
		return pattern{}, fmt.Errorf("source pattern %q: %w", text, err)
	}
	p := pattern{scheme: scheme, port: port, host: wildcard(host, "$")}
	if path == "" {
		return p, nil
	}
	for segment := range strings.SplitSeq(path, "/") {
		plain, err := url.PathUnescape(segment)
		if err != nil || climbs(plain) {
			return pattern{}, fmt.Errorf("source pattern %q has a path that no URL has", text)
		}
		if p.last != nil {
			p.folders = append(p.folders, regexp.MustCompile(p.last.String()+"$"))
		}
		p.last = wildcard(plain, "")
	}
	return p, nil
}

// wildcard makes an expression from text: * is anything up to a slash, all else stands for itself. Go's expressions take
// time in proportion to what they read, whatever a stranger sends.
func wildcard(text, end string) *regexp.Regexp {
	return regexp.MustCompile(`(?s)^` + strings.ReplaceAll(regexp.QuoteMeta(text), `\*`, `[^/]*`) + end)
}

// admits expects a URL that parseSource has passed.
func (p pattern) admits(u *url.URL) bool {
	if u.Scheme != p.scheme || !p.host.MatchString(u.Hostname()) || p.port != "*" && p.port != port(u) {
		return false
	}
	if p.last == nil {
		return true
	}
	path := strings.Split(strings.TrimPrefix(u.EscapedPath(), "/"), "/")
	if len(path) <= len(p.folders) {
		return false
	}
	for i, segment := range path {
		plain, err := url.PathUnescape(segment)
		switch {
		case err != nil || climbs(plain): // a server may look in another folder for it
			return false
		case i < len(p.folders) && !p.folders[i].MatchString(plain):
			return false
		case i == len(p.folders) && !p.last.MatchString(plain):
			return false
		}
	}
	return true
}

// climbs tells of a segment that holds a step to another folder, perhaps behind an escaped slash.
func climbs(segment string) bool {
	for step := range strings.FieldsFuncSeq(segment, func(r rune) bool { return r == '/' || r == '\\' }) {
		if step == "." || step == ".." {
			return true
		}
	}
	return false
}
