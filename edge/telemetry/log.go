package telemetry

import (
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"time"
)

// fields are the names whose values a log may hold. Everything else is withheld: its name is printed and its value is
// not, so that a new field is a reviewed line here and not an accident there. None may carry a photo, a token, an
// address of a person, a query string, a signed URL or the address of a source.
var fields = map[string]bool{
	slog.TimeKey: true, slog.LevelKey: true, slog.MessageKey: true,

	// one request
	"request": true, "route": true, "status": true, "type": true, "seconds": true, "bytes": true, "stage": true,

	// a node and its neighbours
	"address": true, "build": true, "member": true, "name": true, "neighbour": true, "node": true, "private": true, "public": true, "region": true,
	"slots": true, "queue": true, "load": true, "draining": true, "kind": true, "libvips": true, "onnxruntime": true, "models": true, "documents": true, "pack": true,

	// what was counted and shipped
	"boot": true, "bundle": true, "count": true, "first": true, "last": true, "number": true, "segment": true,
	"from": true, "missing": true, "records": true, "sequence": true, "step": true, "to": true, "watermark": true,

	// what went wrong, and what was done
	"abi": true, "attempt": true, "error": true, "file": true, "host": true, "limit": true, "reason": true, "retry": true,
	"setting": true, "signal": true, "silent": true, "after": true, "wait": true, "why": true,
}

const withheld = "withheld"

// Log writes JSON lines to w: a fixed sentence and fields, of which only those of the list above keep their values.
func Log(w io.Writer) *slog.Logger {
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{ReplaceAttr: allow}))
}

func allow(_ []string, a slog.Attr) slog.Attr {
	if !fields[a.Key] {
		return slog.String(a.Key, withheld)
	}
	switch a.Value.Kind() {
	case slog.KindString:
		if a.Key == "route" { // a template of ours, which looks like what it is the template of
			return a
		}
		return slog.String(a.Key, Scrub(a.Value.String()))
	case slog.KindDuration:
		return slog.Float64(a.Key, a.Value.Duration().Seconds())
	case slog.KindAny:
		switch v := a.Value.Any().(type) {
		case error:
			return slog.String(a.Key, Scrub(v.Error()))
		case slog.Level, time.Time:
			return a
		case fmt.Stringer:
			return slog.String(a.Key, Scrub(v.String()))
		default:
			return slog.String(a.Key, withheld)
		}
	}
	return a
}

// secrets are shapes that the text of an error may hold although nobody meant it to: net/http prints the address it
// could not reach, and a parser the value it could not parse.
var secrets = []struct {
	shape *regexp.Regexp
	word  string
}{
	{regexp.MustCompile(`(?i)\b[a-z][a-z0-9+.-]*:/{1,2}[^\s"'<>]+`), "[address]"},
	{regexp.MustCompile(`/i/[^\s"'<>]+`), "[signed address]"},
	{regexp.MustCompile(`\beyJ[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]*){0,2}`), "[token]"},
	{regexp.MustCompile(`\bpas(n\.|_live_|_test_)[A-Za-z0-9._-]+`), "[secret]"},
	{regexp.MustCompile(`(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]+`), "[credential]"},
	{regexp.MustCompile(`\?[A-Za-z0-9_.-]+=[^\s"'<>]*`), "[query]"},
	{regexp.MustCompile(`\b[A-Za-z0-9+/_-]{120,}={0,2}`), "[data]"},
}

// longest is how much text one field may hold: a log line is a sentence, and a photo is longer.
const longest = 500

// Scrub takes out of s whatever looks like an address, a token or data.
func Scrub(s string) string {
	for _, secret := range secrets {
		s = secret.shape.ReplaceAllString(s, secret.word)
	}
	if len(s) > longest {
		s = s[:longest] + "…"
	}
	return s
}
