package wire

import (
	"encoding/base64"
	"net/url"
	"strings"
)

func badSource(reason string) error { return &OptionError{Option: "source", Reason: reason} }

// decodeSource reads what follows the options: "plain/" and an escaped URL, or a URL in base64url that may be cut
// by slashes anywhere. "@ext" after the first and ".ext" after the second name a format.
func decodeSource(s string) (source, extension string, err error) {
	mark := "."
	encoded, plain := strings.CutPrefix(s, "plain/")
	if plain {
		mark = "@"
	} else {
		encoded = strings.ReplaceAll(s, "/", "")
	}
	encoded, extension, _ = strings.Cut(encoded, mark)
	switch {
	case encoded == "":
		return "", "", badSource("is missing")
	case strings.Contains(extension, mark):
		return "", "", badSource("names a format twice; write %40 for an @ in the address itself")
	case plain:
		source, err = url.PathUnescape(encoded)
	default:
		source, err = decodeBase64(encoded)
	}
	if err != nil {
		return "", "", badSource("is neither plain/ with an escaped address nor an address in base64url")
	}
	for i := range len(source) {
		if source[i] < ' ' || source[i] == 0x7f {
			return "", "", badSource("is not an address")
		}
	}
	return source, extension, nil
}

// PlainSource writes a source as a path ends with it, readably. What would end the path, name a format or be
// decoded on the way is escaped.
func PlainSource(source string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	b.WriteString("plain/")
	for i := range len(source) {
		if c := source[i]; c <= ' ' || c >= 0x7f || strings.IndexByte(`%?@#"<>\^{|}`+"`", c) >= 0 {
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// EncodedSource writes a source as a path ends with it, in base64url.
func EncodedSource(source string) string { return base64.RawURLEncoding.EncodeToString([]byte(source)) }
