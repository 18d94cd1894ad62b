package api

import (
	"strings"

	"github.com/professionalaistudio/studio/edge/wire"
)

// names tells whether an Accept header names a media type. Wildcards do not: imgproxy's clients send */* and mean
// "whatever it was", and a type at q=0 is named to keep it out.
func names(accept, mime string) bool {
	for item := range strings.SplitSeq(accept, ",") {
		kind, parameters, _ := strings.Cut(item, ";")
		if !strings.EqualFold(strings.TrimSpace(kind), mime) {
			continue
		}
		for parameter := range strings.SplitSeq(parameters, ";") {
			name, value, _ := strings.Cut(parameter, "=")
			if strings.EqualFold(strings.TrimSpace(name), "q") && strings.Trim(value, " 0.") == "" {
				return false
			}
		}
		return true
	}
	return false
}

// newest is the smallest format that the client says it shows, or FormatAuto if it names none of the new ones: then the
// answer is one that every client shows.
func newest(accept string) wire.Format {
	for _, f := range []wire.Format{wire.AVIF, wire.WebP} {
		if names(accept, f.MIME()) {
			return f
		}
	}
	return wire.FormatAuto
}

// prefersJSON tells whether a client that may have a picture or findings asks for the findings: JSON is named before
// any picture is.
func prefersJSON(accept string) bool {
	for item := range strings.SplitSeq(accept, ",") {
		kind, _, _ := strings.Cut(item, ";")
		switch kind = strings.ToLower(strings.TrimSpace(kind)); {
		case kind == "application/json":
			return true
		case strings.HasPrefix(kind, "image/"), kind == "*/*":
			return false
		}
	}
	return false
}
