package api

import (
	"net/url"
	"path"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/professionalaistudio/studio/edge/wire"
)

// year is how long a signed URL may be cached: what it shows is named by its options and its source.
const year = 365 * 24 * time.Hour

// maxAge is how long from now a picture may be kept: a year, or less if its address expires before.
func maxAge(o wire.Options, now time.Time) time.Duration {
	if o.Expires == 0 {
		return year
	}
	return max(0, min(year, time.Unix(o.Expires, 0).Sub(now)))
}

// disposition is Content-Disposition: shown in place, with a name if it is saved (RFC 6266, and RFC 8187 for what ASCII
// cannot say). The name is the option's, else the source's, with the ending of what is really inside.
func disposition(o wire.Options, f wire.Format) string {
	stem := o.Filename
	if stem == "" {
		stem = sourceName(o.Source)
	}
	return named(stem, "."+f.Extension())
}

// named is Content-Disposition for a name and the ending that it is to have.
func named(stem, ending string) string {
	if strings.EqualFold(path.Ext(stem), ending) {
		stem = stem[:len(stem)-len(ending)]
	}
	name := stem + ending

	var plain, encoded strings.Builder
	ascii := true
	for _, r := range name {
		switch {
		case r == '"' || r == '\\':
			plain.WriteByte('\\')
			plain.WriteRune(r)
		case r < ' ' || r == 0x7f:
			plain.WriteByte('_')
		case r >= utf8.RuneSelf:
			plain.WriteByte('_')
			ascii = false
		default:
			plain.WriteRune(r)
		}
	}
	value := `inline; filename="` + plain.String() + `"`
	if ascii {
		return value
	}
	const attr = "!#$&+-.^_`|~" // what RFC 8187 leaves as it is, beside letters and digits
	for i := range len(name) {
		if c := name[i]; '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z' || strings.IndexByte(attr, c) >= 0 {
			encoded.WriteByte(c)
		} else {
			const hex = "0123456789ABCDEF"
			encoded.Write([]byte{'%', hex[c>>4], hex[c&15]})
		}
	}
	return value + "; filename*=UTF-8''" + encoded.String()
}

// sourceName is the last part of a source's path without its ending, if it has one that a file could be called.
func sourceName(source string) string {
	const none = "image"
	u, err := url.Parse(source)
	if err != nil {
		return none
	}
	name := path.Base(u.Path)
	if name = strings.TrimSuffix(name, path.Ext(name)); name == "" || name == "." || name == "/" || !utf8.ValidString(name) {
		return none
	}
	if len(name) > 200 {
		return none
	}
	return name
}
