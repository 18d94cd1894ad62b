package fakepay

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/professionalaistudio/studio/control/billing"
)

// Levers make webhooks arrive as badly as a real provider's may.
type Levers struct {
	Copies   int           // how many more times each is sent
	Delay    time.Duration // before each is sent
	Disorder bool          // every two are sent the other way round
}

// A message is the body of a webhook.
type message struct {
	ID      string `json:"id"`
	Type    string `json:"type"` // payment.paid, payment.declined, payment.captured
	Created int64  `json:"created"`
	Data    data   `json:"data"`
}

type data struct {
	Session  string `json:"session"`
	Order    string `json:"order"`
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
}

// retries is how long after each failed attempt the next is made. A real provider goes on for three days.
var retries = []time.Duration{200 * time.Millisecond, time.Second, 5 * time.Second, 15 * time.Second, time.Minute, 5 * time.Minute}

// hold is how long a webhook waits for another to be disordered with.
const hold = time.Second

// A sender delivers webhooks, each in a goroutine of its own, until it is stopped.
type sender struct {
	url    string
	secret []byte
	client *http.Client
	fail   func(id string, err error)

	mu     sync.Mutex
	levers Levers
	held   chan struct{} // closed to let the webhook go that waits to be overtaken; nil when none does

	ctx  context.Context // ends when the server does
	sent sync.WaitGroup
}

func (s *sender) set(l Levers) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.levers = l
}

// send has a webhook about a session delivered.
func (s *sender) send(kind string, one session) {
	m := message{"evt_" + rand.Text(), "payment." + kind, time.Now().Unix(), data{one.ID, one.Order, one.Amount, one.Currency}}
	body, err := json.Marshal(m)
	if err != nil {
		panic(err) // strings and numbers always marshal
	}
	s.mu.Lock()
	levers := s.levers
	wait, overtake := s.turn()
	s.mu.Unlock()
	s.sent.Go(func() {
		if wait != nil {
			select {
			case <-wait:
			case <-time.After(hold):
			case <-s.ctx.Done():
				return
			}
		}
		for range 1 + levers.Copies {
			if !s.pause(levers.Delay) {
				return
			}
			s.deliver(m.ID, body)
		}
		if overtake != nil {
			close(overtake)
		}
	})
}

// turn says, when webhooks are to be disordered, whether this one waits to be overtaken or overtakes the one that does.
func (s *sender) turn() (wait, overtake chan struct{}) {
	if !s.levers.Disorder {
		return nil, nil
	}
	if s.held == nil {
		s.held = make(chan struct{})
		return s.held, nil
	}
	overtake, s.held = s.held, nil
	return nil, overtake
}

func (s *sender) deliver(id string, body []byte) {
	for attempt := 0; ; attempt++ {
		err := s.post(id, body)
		if err == nil {
			return
		}
		if attempt == len(retries) {
			s.fail(id, err)
			return
		}
		if !s.pause(retries[attempt]) {
			return
		}
	}
}

// post makes one attempt. The timestamp is of the attempt, as Standard Webhooks has it; the id is the event's.
func (s *sender) post(id string, body []byte) error {
	ctx, cancel := context.WithTimeout(s.ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	now := time.Now()
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("webhook-id", id)
	req.Header.Set("webhook-timestamp", strconv.FormatInt(now.Unix(), 10))
	req.Header.Set("webhook-signature", billing.SignWebhook(s.secret, id, now, body))
	resp, err := s.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10))
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("webhook answered with %d", resp.StatusCode)
	}
	return nil
}

func (s *sender) pause(d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-s.ctx.Done():
		return false
	}
}
