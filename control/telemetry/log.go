package telemetry

import (
	"context"
	"io"
	"log/slog"
)

// fields is every key a log line may carry: ids of requests, machines and orders, counts, times, words of ours. What
// could name or let in a person (mail, address, token, secret, query) is not on it, so a careless line leaks nothing.
var fields = map[string]bool{
	"address": true, // of a listener or an edge, never of a visitor
	"attempt": true, "boot": true, "build": true, "bundle": true, "bytes": true, "count": true, "digest": true,
	"document": true, "duration_ms": true, "error": true, "event": true, "id": true, "key": true, "kid": true, "org": true,
	"method": true, "name": true, "node": true, "number": true, "order": true, "outcome": true, "provider": true,
	"reason": true, "records": true, "region": true, "request": true, "route": true, "stack": true, "state": true,
	"status": true, "version": true, "wait_ms": true, "watermark": true,
}

// Withheld stands where a log line had a field that may not be logged.
const Withheld = "[withheld]"

// NewLog writes JSON lines to w, at level and above, with the fields of the list and no others.
func NewLog(w io.Writer, level slog.Leveler) *slog.Logger {
	return slog.New(listed{slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level})})
}

// listed is a slog handler that withholds the value of every field which is not on the list.
type listed struct{ slog.Handler }

func (h listed) Handle(ctx context.Context, r slog.Record) error {
	clean := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	r.Attrs(func(a slog.Attr) bool {
		clean.AddAttrs(withhold(a))
		return true
	})
	return h.Handler.Handle(ctx, clean)
}

func (h listed) WithAttrs(attrs []slog.Attr) slog.Handler {
	clean := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		clean[i] = withhold(a)
	}
	return listed{h.Handler.WithAttrs(clean)}
}

func (h listed) WithGroup(name string) slog.Handler { return listed{h.Handler.WithGroup(name)} }

func withhold(a slog.Attr) slog.Attr {
	value := a.Value.Resolve()
	switch {
	case value.Kind() == slog.KindGroup:
		members := value.Group()
		clean := make([]slog.Attr, len(members))
		for i, m := range members {
			clean[i] = withhold(m)
		}
		return slog.Attr{Key: a.Key, Value: slog.GroupValue(clean...)}
	case !fields[a.Key]:
		return slog.String(a.Key, Withheld)
	case value.Kind() == slog.KindAny:
		// A struct of ours may grow a secret one day; only an error's text and plain values are written.
		if err, ok := value.Any().(error); ok {
			return slog.String(a.Key, err.Error())
		}
		return slog.String(a.Key, Withheld)
	}
	return slog.Attr{Key: a.Key, Value: value}
}
