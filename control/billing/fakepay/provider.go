package fakepay

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/professionalaistudio/studio/control/billing"
)

// Name is what the provider is called in settings and in the address of its webhook.
const Name = "fakepay"

// Client is the shop's side: a billing.Provider that talks to a Server.
type Client struct {
	base    string
	key     string
	secrets [][]byte
	back    func(order string) string
	http    *http.Client
}

var _ billing.Provider = (*Client)(nil)

// NewClient talks to the server at base. secrets are those that webhooks may be signed with, two during a rotation;
// back says where a person goes after paying outside a frame.
func NewClient(base, key string, secrets [][]byte, back func(order string) string) *Client {
	return &Client{base, key, secrets, back, &http.Client{Timeout: 10 * time.Second}}
}

// Name is fakepay.
func (c *Client) Name() string { return Name }

// Open makes a session, or finds the one made before.
func (c *Client) Open(ctx context.Context, o billing.Order) (billing.Payment, error) {
	var made struct {
		session
		URL string `json:"url"`
	}
	err := c.call(ctx, "/v1/sessions", session{
		Order: o.ID, Amount: o.Amount, Currency: o.Currency, Text: "One photo: " + o.Document, Return: c.back(o.ID),
	}, &made)
	return billing.Payment{ID: made.ID, URL: made.URL}, err
}

// Capture takes the money.
func (c *Client) Capture(ctx context.Context, payment string) error {
	return c.call(ctx, "/v1/sessions/"+url.PathEscape(payment)+"/capture", nil, nil)
}

// Read believes a webhook that the server signed within the last minutes.
func (c *Client) Read(n billing.Notice, now time.Time) (billing.Event, error) {
	id := n.Header("webhook-id")
	if err := billing.VerifyWebhook(c.secrets, id, n.Header("webhook-timestamp"), n.Header("webhook-signature"), n.Body, now); err != nil {
		return billing.Event{}, err
	}
	var m message
	if err := json.Unmarshal(n.Body, &m); err != nil {
		return billing.Event{}, fmt.Errorf("%w: signed, but not JSON: %w", billing.ErrSignature, err)
	}
	kind := billing.Other
	if m.Type == "payment."+paid {
		kind = billing.Paid
	}
	// The header's id is what was signed for delivery; the body's is the same event under the same signature.
	return billing.Event{
		Provider: Name, ID: id, Kind: kind, Order: m.Data.Order, Payment: m.Data.Session,
		Amount: m.Data.Amount, Currency: m.Data.Currency,
	}, nil
}

func (c *Client) call(ctx context.Context, path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("fakepay: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+path, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("fakepay: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+c.key)
	req.Header.Set("Content-Type", "application/json")
	resp, err := c.http.Do(req)
	if err != nil {
		return fmt.Errorf("fakepay: %w", err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if err != nil {
		return fmt.Errorf("fakepay: %w", err)
	}
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("fakepay answered with %d: %s", resp.StatusCode, bytes.TrimSpace(answer))
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return fmt.Errorf("fakepay: %w", err)
	}
	return nil
}
