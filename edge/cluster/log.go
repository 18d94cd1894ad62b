package cluster

import (
	"bytes"
	"context"
	"log"
	"log/slog"
)

// logger takes down what memberlist says, as a field of a fixed sentence. It is for whoever debugs: what matters to an
// operator is in our own lines and metrics.
func logger(to *slog.Logger) *log.Logger { return log.New(lines{to}, "", 0) }

type lines struct{ to *slog.Logger }

func (l lines) Write(p []byte) (int, error) {
	if l.to.Enabled(context.Background(), slog.LevelDebug) {
		l.to.Debug("memberlist says.", "text", string(bytes.TrimSpace(p)))
	}
	return len(p), nil
}
