package wire

import (
	"errors"
	"strings"
)

// ErrTarget says that a request target is not /i/{key}/{signature}/{options and source}.
var ErrTarget = errors.New("not the address of a signed picture")

// A Target is a signed URL taken apart. Path is what is signed.
type Target struct {
	KeyID     KeyID
	Signature string
	Path      string
}

// SplitTarget takes apart a request target as it came over the wire, undecoded: what is signed is its spelling.
// The query is not part of it. PyPI's imgproxy writes two slashes before the signature, which count as one. Two
// things that proxies do to a URL on its way are undone, as imgproxy undoes them: "%3A" for ":" among the options,
// and "https:/" for "https://" where a plain source begins.
func SplitTarget(raw string) (Target, error) {
	raw, _, _ = strings.Cut(raw, "?")
	if !strings.HasPrefix(raw, "/") { // a request through a proxy may name scheme and host (RFC 9112, 3.2.2)
		_, rest, ok := strings.Cut(raw, "://")
		slash := strings.IndexByte(rest, '/')
		if !ok || slash < 0 {
			return Target{}, ErrTarget
		}
		raw = rest[slash:]
	}
	rest, ok := strings.CutPrefix(raw, "/i/")
	if !ok {
		return Target{}, ErrTarget
	}
	key, rest, _ := strings.Cut(rest, "/")
	rest = strings.TrimPrefix(rest, "/")
	slash := strings.IndexByte(rest, '/')
	if key == "" || slash <= 0 || slash == len(rest)-1 {
		return Target{}, ErrTarget
	}
	return Target{KeyID: KeyID(key), Signature: rest[:slash], Path: restore(rest[slash:])}, nil
}

// String is the target in its plainest spelling.
func (t Target) String() string { return "/i/" + string(t.KeyID) + "/" + t.Signature + t.Path }

// restore undoes what proxies do to a path.
func restore(path string) string {
	options, source, plain := strings.Cut(path, "/plain/")
	options = strings.ReplaceAll(options, "%3A", ":")
	if !plain {
		return options
	}
	if scheme, rest, ok := strings.Cut(source, ":/"); ok && isScheme(scheme) && rest != "" && rest[0] != '/' {
		if scheme == "local" { // imgproxy's scheme for files, which has no host
			rest = "/" + rest
		}
		source = scheme + "://" + rest
	}
	return options + "/plain/" + source
}

// isScheme follows RFC 3986, 3.1.
func isScheme(s string) bool {
	for i := range len(s) {
		c := s[i] | 0x20
		letter := 'a' <= c && c <= 'z'
		if !letter && (i == 0 || !('0' <= s[i] && s[i] <= '9' || strings.IndexByte("+-.", s[i]) >= 0)) {
			return false
		}
	}
	return s != ""
}
