package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/professionalaistudio/studio/edge/wire"
)

// beatEvery is how often control hears from a node; it takes one for gone after some missed beats.
const beatEvery = 2 * time.Second

// A beat is what a node says of itself to the region directory.
type beat struct {
	Node      string  `json:"node"`
	Region    string  `json:"region"`
	Address   string  `json:"address"` // where clients reach it
	Build     string  `json:"build"`
	Documents string  `json:"documents"` // digest of its rule pack, which control fetches when it is new
	Load      float64 `json:"load"`
	Draining  bool    `json:"draining"`
	Bundle    uint64  `json:"bundle"`

	// ReceiptKey is what its receipts are checked with. Control keeps it, for the time when this node is gone.
	ReceiptKey wire.ReceiptKey `json:"receipt_key"`
}

// heartbeat tells control of this node until ctx ends.
type heartbeat struct {
	control, token string
	client         *http.Client
	now            func() beat
	soon           <-chan struct{} // a change that cannot wait for the next beat
	log            *slog.Logger
}

func (h *heartbeat) run(ctx context.Context) {
	ticker := time.NewTicker(beatEvery)
	defer ticker.Stop()
	failing := false
	for {
		err := h.send(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && !failing: // once for an outage, not every two seconds
			h.log.Warn("The control plane does not hear this node.", "error", err)
		case err == nil && failing:
			h.log.Info("The control plane hears this node again.")
		}
		failing = err != nil
		select {
		case <-ctx.Done():
			return
		case <-h.soon:
		case <-ticker.C:
		}
	}
}

func (h *heartbeat) send(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	body, err := json.Marshal(h.now())
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.control+"/internal/heartbeat", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+h.token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := h.client.Do(req)
	if err != nil {
		var at *url.Error
		if errors.As(err, &at) {
			err = at.Err
		}
		return fmt.Errorf("heartbeat: %w", err)
	}
	defer resp.Body.Close()
	io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)) // so that the connection can be used again
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("heartbeat: the control plane answers with status %d", resp.StatusCode)
	}
	return nil
}
