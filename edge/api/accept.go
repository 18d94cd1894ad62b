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

// choose is the format of an answer that names none: the smallest that the client says it shows, else one that every
// client shows and that can hold the picture.
func choose(accept string, alpha bool) wire.Format {
	switch {
	case names(accept, wire.AVIF.MIME()):
		return wire.AVIF
	case names(accept, wire.WebP.MIME()):
		return wire.WebP
	case alpha:
		return wire.PNG
	}
	return wire.JPEG
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
