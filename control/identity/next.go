package identity

import (
	"net/url"
	"strings"
)

// SafeNext is where to go after a sign-in: next if it is a page of this site, or else "/". A stranger may write next
// into a link, so whatever a browser could read as another site is thrown away and not mended.
func SafeNext(next string) string {
	const home = "/"
	if len(next) > 512 || !strings.HasPrefix(next, "/") {
		return home
	}
	for _, b := range []byte(next) {
		// Browsers drop tabs and line ends, and read a backslash as a slash: both can turn a path into a host.
		if b <= ' ' || b >= 0x7f || b == '\\' {
			return home
		}
	}
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || strings.HasPrefix(next, "//") {
		return home
	}
	if path := u.Path; path == "/signin" || strings.HasPrefix(path, "/signin/") || path == "/signout" {
		return home // it would go round in a circle
	}
	return next
}
