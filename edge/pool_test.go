package main

import (
	"log/slog"
	"testing"
	"time"

	"github.com/professionalaistudio/studio/edge/auth"
)

// Whatever a neighbour sends, it is taken or refused; what we send, another of us takes.
func FuzzPoolState(f *testing.F) {
	make := func() *pool {
		p := &pool{keys: auth.New(auth.Config{Region: "local"}), log: slog.New(slog.DiscardHandler)}
		p.spent = auth.NewSpent(time.Now, nil)
		return p
	}
	sender := make()
	sender.spent.MarkSpent("ord_1", time.Now().Add(time.Minute))
	f.Add(sender.state())
	f.Add([]byte{})
	f.Add([]byte{255, 255, 255, 255, 255, 255, 255, 255, 255, 1})
	f.Add([]byte{3, 1, 2})
	f.Fuzz(func(t *testing.T, state []byte) {
		p := make()
		p.merge(state)
		p.hear(kindSpent, state)
		again := make()
		again.merge(p.state())
		if a, b := len(p.state()), len(again.state()); a != b {
			t.Errorf("a state of %d bytes was taken as one of %d", a, b)
		}
	})
}
