package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/professionalaistudio/studio/edge/wire"
)

// A plane stands in for control: it signs bundles and tokens, and keeps what edges tell it. It knows the contract and
// nothing of our control plane.
type plane struct {
	*httptest.Server
	t         *testing.T
	bundleKey ed25519.PrivateKey
	tokenKey  ed25519.PrivateKey
	node      wire.NodeToken

	quit    context.Context // ends the long polls
	leave   context.CancelFunc
	mu      sync.Mutex
	bundle  wire.Bundle
	changed chan struct{}
	usage   map[string][]wire.Usage // by boot
	beats   []beat
}

const planeKid = "k1"

func newPlane(t *testing.T) *plane {
	t.Helper()
	seed := func(b byte) ed25519.PrivateKey {
		return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{b}, ed25519.SeedSize))
	}
	p := &plane{t: t, bundleKey: seed(1), tokenKey: seed(2), changed: make(chan struct{}), usage: map[string][]wire.Usage{}}
	p.quit, p.leave = context.WithCancel(context.Background())
	node, err := wire.NewNodeToken("local-test", p.bundleKey.Public().(ed25519.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	p.node = node
	p.bundle = wire.Bundle{
		Number: 1, Issued: time.Now().Unix(), Region: "local", Issuer: "https://control.example",
		JWKS: wire.JWKS{Keys: []wire.JWK{wire.NewJWK(planeKid, p.tokenKey.Public().(ed25519.PublicKey))}},
		Keys: []wire.Key{{ID: "customer", Org: "org_1", OrgIndex: 7, KeyHex: "00ff", SaltHex: "ff00", Scopes: []string{wire.ScopeImages}}},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /internal/bundle", p.serveBundle)
	mux.HandleFunc("POST /internal/usage", p.takeUsage)
	mux.HandleFunc("POST /internal/heartbeat", p.takeBeat)
	p.Server = httptest.NewServer(p.known(mux))
	t.Cleanup(p.stop)
	return p
}

// stop makes it unreachable.
func (p *plane) stop() {
	p.leave()
	p.CloseClientConnections()
	p.Close()
}

func (p *plane) known(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+p.node.String() {
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (p *plane) serveBundle(w http.ResponseWriter, r *http.Request) {
	have, _ := strconv.ParseUint(r.URL.Query().Get("have"), 10, 64)
	for {
		p.mu.Lock()
		bundle, changed := p.bundle, p.changed
		p.mu.Unlock()
		if bundle.Number > have {
			sealed, err := wire.SealBundle(bundle, p.bundleKey)
			if err != nil {
				p.t.Error(err)
			}
			w.Write(sealed)
			return
		}
		select {
		case <-changed:
		case <-r.Context().Done():
			return
		case <-p.quit.Done():
			return
		case <-time.After(5 * time.Second):
			w.WriteHeader(http.StatusNoContent)
			return
		}
	}
}

// change publishes the next bundle.
func (p *plane) change(with func(*wire.Bundle)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bundle.Number++
	p.bundle.Issued = time.Now().Unix()
	with(&p.bundle)
	close(p.changed)
	p.changed = make(chan struct{})
}

func (p *plane) takeUsage(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	boot := r.URL.Query().Get("boot")
	for ; len(body) >= wire.UsageSize; body = body[wire.UsageSize:] {
		u, err := wire.ReadUsage(body)
		if err != nil {
			p.t.Error(err)
		}
		if mark := uint64(len(p.usage[boot])); u.Seq == mark+1 {
			p.usage[boot] = append(p.usage[boot], u)
		} else if u.Seq > mark+1 {
			w.WriteHeader(http.StatusConflict)
			break
		}
	}
	fmt.Fprintf(w, `{"watermark":%d}`, len(p.usage[boot]))
}

func (p *plane) takeBeat(w http.ResponseWriter, r *http.Request) {
	var b beat
	if err := json.NewDecoder(r.Body).Decode(&b); err != nil {
		p.t.Error(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.beats = append(p.beats, b)
	w.WriteHeader(http.StatusNoContent)
}

// records are all that has arrived.
func (p *plane) records() (all []wire.Usage) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, list := range p.usage {
		all = append(all, list...)
	}
	return all
}

func (p *plane) lastBeat() (beat, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.beats) == 0 {
		return beat{}, false
	}
	return p.beats[len(p.beats)-1], true
}

// settings make an edge this plane's.
func (p *plane) settings() []string {
	return []string{"EDGE_CONTROL_URL=" + p.URL, "EDGE_NODE_TOKEN=" + p.node.String()}
}

// claims are those of a good token; with changes them.
func (p *plane) claims(with func(*wire.Claims)) wire.Claims {
	now := time.Now().Unix()
	c := wire.Claims{
		Issuer: "https://control.example", Audience: "edge", Subject: "sub_1", Org: "org_1", OrgIndex: 7, Session: "sid_1",
		Regions: []string{"local"}, Scope: "images photos checks", IssuedAt: now, ExpiresAt: now + 900, ID: fmt.Sprint("jti_", now),
	}
	if with != nil {
		with(&c)
	}
	return c
}

// token signs claims as control does.
func (p *plane) token(with func(*wire.Claims)) string {
	return p.sign(map[string]any{"typ": "at+jwt", "alg": "EdDSA", "kid": planeKid}, p.claims(with))
}

// sign makes a token of any header and any claims: what an attacker would write, with a signature that fits.
func (p *plane) sign(header map[string]any, claims any) string {
	part := func(v any) string {
		b, err := json.Marshal(v)
		if err != nil {
			p.t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(b)
	}
	text := part(header) + "." + part(claims)
	return text + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(p.tokenKey, []byte(text)))
}

// ready waits until the edge has its first bundle.
func (n *node) ready() {
	n.t.Helper()
	eventually(n.t, 15*time.Second, "the edge is ready", func() bool { return get(n.t, n.private+"/readyz").StatusCode == 200 })
}
