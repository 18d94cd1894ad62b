package metering

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// Control ships over HTTP: POST {URL}/internal/usage?node=…&boot=… with the records as they are. It answers 200 with its
// watermark, or 409 with it where they leave a gap.
type Control struct {
	URL, Node, Token string
	Client           *http.Client // nil = one with a timeout
}

// A StatusError is an answer other than those two.
type StatusError struct{ Code int }

func (e *StatusError) Error() string { return fmt.Sprintf("control answered %d", e.Code) }

var defaultClient = &http.Client{Timeout: 30 * time.Second}

// Ship implements Shipper.
func (c *Control) Ship(ctx context.Context, boot string, records []byte) (uint64, error) {
	query := url.Values{"node": {c.Node}, "boot": {boot}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL+"/internal/usage?"+query.Encode(), bytes.NewReader(records))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/octet-stream")
	req.Header.Set("Authorization", "Bearer "+c.Token)
	client := c.Client
	if client == nil {
		client = defaultClient
	}
	resp, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusConflict {
		return 0, &StatusError{resp.StatusCode}
	}
	var answer struct {
		Watermark *uint64 `json:"watermark"`
	}
	body := io.LimitReader(resp.Body, 64<<10)
	if err := json.NewDecoder(body).Decode(&answer); err != nil {
		return 0, fmt.Errorf("control's answer: %w", err)
	}
	if answer.Watermark == nil {
		return 0, fmt.Errorf("control's answer of %d holds no watermark", resp.StatusCode)
	}
	io.Copy(io.Discard, body)
	if resp.StatusCode == http.StatusConflict {
		return *answer.Watermark, ErrGap
	}
	return *answer.Watermark, nil
}
