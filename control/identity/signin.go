package identity

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

var (
	// ErrLogin means that an answer does not belong to a question of this browser: it took too long, was asked in
	// another tab since, or was never asked.
	ErrLogin = errors.New("this sign-in was not begun in this browser, or too long ago")
	// ErrDenied means that the person, or the issuer, said no.
	ErrDenied = errors.New("the sign-in was declined")
	// ErrRefused means that what the issuer said about the person is not to be believed.
	ErrRefused = errors.New("the issuer's answer was refused")
	// ErrIssuer means that the issuer cannot be reached or does not work.
	ErrIssuer = errors.New("the issuer does not answer")
	// ErrNoIssuer means that no issuer of this name is configured.
	ErrNoIssuer = errors.New("no such issuer")
)

// SignIn takes a person to an issuer and believes what it says on the way back: the code flow of OpenID Connect, with
// PKCE, a state and a nonce.
type SignIn struct {
	store    Store
	callback string
	now      func() time.Time
	client   *http.Client
	sealer   sealer
	parties  []*party
}

// A party is one issuer and what discovery found out about it.
type party struct {
	Issuer
	mu       sync.Mutex
	provider *oidc.Provider
	named    bool // it puts its own name into its answers (RFC 9207)
}

// A SignInConfig says where we are and whom we believe.
type SignInConfig struct {
	URL     string   // control's own address; answers come back to URL + /signin/callback
	Key     [32]byte // seals the login cookie
	Issuers []Issuer
	Now     func() time.Time
	Client  *http.Client // nil: one with a timeout
}

// NewSignIn asks nobody anything yet: an issuer that is down must not keep us from starting.
func NewSignIn(cfg SignInConfig, store Store) (*SignIn, error) {
	base, err := url.Parse(cfg.URL)
	if err != nil || base.Host == "" {
		return nil, fmt.Errorf("sign-in: %q is no address", cfg.URL)
	}
	sealer, err := newSealer(cfg.Key, base.Scheme == "https")
	if err != nil {
		return nil, fmt.Errorf("sign-in: %w", err)
	}
	s := &SignIn{store: store, callback: strings.TrimSuffix(cfg.URL, "/") + "/signin/callback",
		now: cfg.Now, client: cfg.Client, sealer: sealer}
	if s.now == nil {
		s.now = time.Now
	}
	if s.client == nil {
		s.client = &http.Client{Timeout: 10 * time.Second}
	}
	for _, issuer := range cfg.Issuers {
		s.parties = append(s.parties, &party{Issuer: issuer})
	}
	return s, nil
}

// CookieName is the name of the cookie that Begin sends.
func (s *SignIn) CookieName() string { return s.sealer.name() }

// Issuers lists where one can sign in.
func (s *SignIn) Issuers() []Issuer {
	issuers := make([]Issuer, len(s.parties))
	for i, p := range s.parties {
		issuers[i] = p.Issuer
	}
	return issuers
}

// Begin says where to send the browser, and which cookie to send with it.
func (s *SignIn) Begin(ctx context.Context, issuer, next string) (address string, cookie *http.Cookie, err error) {
	p, config, _, err := s.discover(ctx, issuer)
	if err != nil {
		return "", nil, err
	}
	l := login{
		Issuer: p.Name, State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(),
		Next: SafeNext(next), Expires: s.now().Add(LoginLife).Unix(),
	}
	if cookie, err = s.sealer.seal(l); err != nil {
		return "", nil, fmt.Errorf("sign-in: %w", err)
	}
	address = config.AuthCodeURL(l.State, oidc.Nonce(l.Nonce), oauth2.S256ChallengeOption(l.Verifier))
	return address, cookie, nil
}

// Finish reads the issuer's answer, and says who signed in and where they wanted to go.
func (s *SignIn) Finish(ctx context.Context, r *http.Request) (person Person, next string, err error) {
	l, err := s.sealer.open(r, s.now())
	if err != nil {
		return Person{}, "", err
	}
	query := r.URL.Query()
	if subtle.ConstantTimeCompare([]byte(query.Get("state")), []byte(l.State)) != 1 {
		return Person{}, "", fmt.Errorf("%w: the answer is to another question", ErrLogin)
	}
	p, config, provider, err := s.discover(ctx, l.Issuer)
	if err != nil {
		return Person{}, "", err
	}
	if iss := query.Get("iss"); iss != p.URL && (iss != "" || p.named) {
		return Person{}, "", fmt.Errorf("%w: it comes from another issuer", ErrRefused)
	}
	if word := query.Get("error"); word != "" {
		return Person{}, l.Next, fmt.Errorf("%w (%.40q)", ErrDenied, word)
	}

	ctx = oidc.ClientContext(ctx, s.client)
	answer, err := config.Exchange(ctx, query.Get("code"), oauth2.VerifierOption(l.Verifier))
	if refused, ok := errors.AsType[*oauth2.RetrieveError](err); ok && refused.Response.StatusCode < 500 {
		return Person{}, l.Next, fmt.Errorf("%w: the code was not taken (%.40q)", ErrRefused, refused.ErrorCode)
	}
	if err != nil {
		return Person{}, l.Next, fmt.Errorf("%w: %w", ErrIssuer, err)
	}
	claims, err := s.verify(ctx, p, provider, answer, l.Nonce)
	if err != nil {
		return Person{}, l.Next, err
	}
	person, err = s.store.SavePerson(ctx, claims.person(p.URL, s.now()))
	if err != nil {
		return Person{}, l.Next, fmt.Errorf("sign-in: %w", err)
	}
	return person, l.Next, nil
}

// Forget makes the browser drop the login cookie; it is of no use twice.
func (s *SignIn) Forget() *http.Cookie { return s.sealer.cookie("", -1) }

type claims struct {
	Subject       string `json:"sub"`
	Email         string `json:"email"`
	EmailVerified any    `json:"email_verified"` // some issuers write "true" as a string
	Name          string `json:"name"`
	AuthorizedFor string `json:"azp"`
}

func (c claims) person(issuer string, now time.Time) Person {
	p := Person{Issuer: issuer, Subject: c.Subject, Name: cut(c.Name, 200), Created: now}
	if c.EmailVerified == true || c.EmailVerified == "true" {
		p.Email = cut(c.Email, 320)
	}
	return p
}

// verify believes an ID token only if the issuer signed it, for us, not long ago, and in answer to this very question.
func (s *SignIn) verify(ctx context.Context, p *party, provider *oidc.Provider, answer *oauth2.Token, nonce string) (claims, error) {
	raw, ok := answer.Extra("id_token").(string)
	if !ok {
		return claims{}, fmt.Errorf("%w: there is no ID token in it", ErrRefused)
	}
	token, err := provider.Verifier(&oidc.Config{ClientID: p.ClientID, Now: s.now}).Verify(ctx, raw)
	if err != nil {
		return claims{}, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	if subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(nonce)) != 1 {
		return claims{}, fmt.Errorf("%w: its nonce is not ours", ErrRefused)
	}
	if token.AccessTokenHash != "" {
		if err := token.VerifyAccessToken(answer.AccessToken); err != nil {
			return claims{}, fmt.Errorf("%w: %w", ErrRefused, err)
		}
	}
	var c claims
	if err := token.Claims(&c); err != nil {
		return claims{}, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	if len(token.Audience) > 1 && c.AuthorizedFor == "" || c.AuthorizedFor != "" && c.AuthorizedFor != p.ClientID {
		return claims{}, fmt.Errorf("%w: it was made for another party", ErrRefused)
	}
	if c.Subject == "" || len(c.Subject) > 255 {
		return claims{}, fmt.Errorf("%w: it names nobody", ErrRefused)
	}
	return c, nil
}

// discover finds an issuer's addresses and keys, and remembers the first success.
func (s *SignIn) discover(ctx context.Context, name string) (*party, *oauth2.Config, *oidc.Provider, error) {
	for _, p := range s.parties {
		if p.Name != name {
			continue
		}
		provider, err := p.discover(oidc.ClientContext(ctx, s.client))
		if err != nil {
			return nil, nil, nil, err
		}
		return p, &oauth2.Config{
			ClientID: p.ClientID, ClientSecret: p.Secret, Endpoint: provider.Endpoint(),
			RedirectURL: s.callback, Scopes: []string{oidc.ScopeOpenID, "email", "profile"},
		}, provider, nil
	}
	return nil, nil, nil, ErrNoIssuer
}

func (p *party) discover(ctx context.Context) (*oidc.Provider, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.provider != nil {
		return p.provider, nil
	}
	// The provider fetches keys long after this request: it keeps the client of ctx and not its deadline.
	provider, err := oidc.NewProvider(ctx, p.URL)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrIssuer, err)
	}
	var more struct {
		Named bool `json:"authorization_response_iss_parameter_supported"`
	}
	if err := provider.Claims(&more); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrIssuer, err)
	}
	p.provider, p.named = provider, more.Named
	return provider, nil
}

// cut shortens text to n bytes at a character's end.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}
