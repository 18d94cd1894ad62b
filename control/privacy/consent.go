package privacy

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

var recorded = promauto.NewCounterVec(prometheus.CounterOpts{
	Name: "control_privacy_choices_total", Help: "Choices recorded, by where they were made and what was chosen.",
}, []string{"source", "choice"})

// ErrChoice means that a choice cannot be recorded: an unknown purpose or source, or an id that is not ours.
var ErrChoice = errors.New("not a choice that can be recorded")

// A Purpose is what a person may agree to. What is needed for the service to work is not asked for.
type Purpose string

// Analytics is the counting of visits by a third party.
const Analytics Purpose = "analytics"

// Purposes lists all there are.
var Purposes = []Purpose{Analytics}

// A Source is where a choice was made.
type Source string

// The sources of a choice.
const (
	Banner   Source = "banner"
	Settings Source = "settings"
	Signal   Source = "gpc" // Sec-GPC or DNT: the browser refused for the person
)

// A Policy is the text that was agreed to.
type Policy struct {
	Version string // its date
	Digest  string // SHA-256 of the text, in hexadecimal
}

// A Consent is one choice.
type Consent struct {
	ID       string // the person's, from their cookie; a later choice has the same
	Policy   Policy
	Purposes []Purpose // agreed to; none is a refusal
	Source   Source
	At       time.Time
}

// Allows says whether a purpose was agreed to.
func (c Consent) Allows(p Purpose) bool { return slices.Contains(c.Purposes, p) }

// A Store keeps the log.
type Store interface {
	// AppendConsent adds a choice. There is no way to change or remove one.
	AppendConsent(ctx context.Context, c Consent) error
	// Consents lists the choices of an id, oldest first.
	Consents(ctx context.Context, id string) ([]Consent, error)
}

// A Service records choices.
type Service struct {
	store Store
	now   func() time.Time
}

// New makes a service.
func New(store Store, now func() time.Time) *Service { return &Service{store, now} }

// Record adds a choice to the log. An empty id is given one; the caller puts it into the cookie.
func (s *Service) Record(ctx context.Context, id string, policy Policy, purposes []Purpose, source Source) (Consent, error) {
	if id == "" {
		id = rand.Text()
	}
	c := Consent{id, policy, slices.Clone(purposes), source, s.now()}
	slices.Sort(c.Purposes)
	c.Purposes = slices.Compact(c.Purposes)
	if err := c.check(); err != nil {
		return Consent{}, err
	}
	if err := s.store.AppendConsent(ctx, c); err != nil {
		return Consent{}, fmt.Errorf("record consent: %w", err)
	}
	choice := "refused"
	if len(c.Purposes) > 0 {
		choice = "accepted"
	}
	recorded.WithLabelValues(string(source), choice).Inc()
	return c, nil
}

// History lists the choices of an id, oldest first: what a person is shown who asks.
func (s *Service) History(ctx context.Context, id string) ([]Consent, error) {
	all, err := s.store.Consents(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("consents: %w", err)
	}
	return all, nil
}

// check keeps strangers' text out of a log that is never cleaned.
func (c Consent) check() error {
	if len(c.ID) != 26 || strings.Trim(c.ID, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") != "" {
		return fmt.Errorf("id: %w", ErrChoice)
	}
	for _, p := range c.Purposes {
		if !slices.Contains(Purposes, p) {
			return fmt.Errorf("purpose: %w", ErrChoice)
		}
	}
	if !slices.Contains([]Source{Banner, Settings, Signal}, c.Source) {
		return fmt.Errorf("source: %w", ErrChoice)
	}
	if c.Source == Signal && len(c.Purposes) > 0 {
		return fmt.Errorf("a browser's refusal agrees to nothing: %w", ErrChoice)
	}
	if c.Policy.Version == "" || len(c.Policy.Digest) != 64 {
		return fmt.Errorf("policy: %w", ErrChoice)
	}
	return nil
}
