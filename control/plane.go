package main

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"github.com/professionalaistudio/studio/control/api"
	"github.com/professionalaistudio/studio/control/billing"
	"github.com/professionalaistudio/studio/control/billing/fakepay"
	"github.com/professionalaistudio/studio/control/config"
	"github.com/professionalaistudio/studio/control/identity"
	"github.com/professionalaistudio/studio/control/identity/devidp"
	"github.com/professionalaistudio/studio/control/org"
	"github.com/professionalaistudio/studio/control/privacy"
	"github.com/professionalaistudio/studio/control/region"
	"github.com/professionalaistudio/studio/control/store"
	"github.com/professionalaistudio/studio/control/token"
	"github.com/professionalaistudio/studio/control/usage"
	"github.com/professionalaistudio/studio/control/web"
	"github.com/professionalaistudio/studio/control/web/console"
	"github.com/professionalaistudio/studio/control/web/studio"
	"github.com/professionalaistudio/studio/edge/wire"
)

// plane is everything that answers, and what runs behind it.
type plane struct {
	api        *api.API
	site       *web.Site
	background []func(context.Context) error
}

// newPlane makes the services and joins them; this is the only place that knows them all.
func newPlane(ctx context.Context, s settings, db *store.DB, ports *ports, stopping context.Context, log *slog.Logger) (*plane, error) {
	p := &plane{}
	secret, err := store.LoadSecret(s.SecretFile)
	if err != nil {
		return nil, err
	}

	// Who there is.
	issuers := s.issuers
	if ports.devidp != nil {
		local := identity.Issuer{Name: config.DevIDP, URL: "http://" + ports.devidp.Addr().String(), ClientID: "studio", Secret: rand.Text()}
		server, err := devidp.New(local.URL, devidp.Client{ID: local.ClientID, Secret: local.Secret, Redirects: []string{s.URL.String() + "/signin/callback"}})
		if err != nil {
			return nil, err
		}
		issuers = append(issuers, local)
		p.background = append(p.background, func(ctx context.Context) error { return server.Serve(ctx, ports.devidp, log) })
	}
	signIn, err := identity.NewSignIn(identity.SignInConfig{URL: s.URL.String(), Key: secret.Key("sign-in cookie"), Issuers: issuers}, db)
	if err != nil {
		return nil, err
	}
	sessions := identity.NewSessions(db, s.URL.Scheme == "https", time.Now, log)

	// What edges believe, and hear of at once: keys, and what changes them.
	var tokens *token.Service
	orgs := org.New(org.Config{Changed: func(ctx context.Context) {
		if err := tokens.Refresh(ctx); err != nil { // the number has moved in the database: at the latest, Run notices
			log.Warn("edges hear of a changed key a moment later", "error", err)
		}
	}, Revoked: func(ctx context.Context, key wire.KeyID) error {
		// Times in tokens are whole seconds: the one that has begun counts as before.
		return tokens.Revoke(ctx, wire.RevokeSubject, string(key), time.Now().Add(time.Second))
	}}, db)
	tokens, err = token.New(ctx, token.Config{Issuer: s.URL.String(), Keys: orgs.WireKeys}, db, log)
	if err != nil {
		return nil, err
	}
	regions := region.New(region.Config{BundleKey: tokens.BundleKey()}, db, log)

	// What is sold, and what was used: an order that an edge has delivered goes from one to the other.
	delivered := func(context.Context, uint64, time.Time) error { return nil }
	services := api.Services{Sessions: sessions, Orgs: orgs, Tokens: tokens, Regions: regions}
	var payPages []string
	if ports.fakepay != nil {
		till, err := p.fakepay(s, ports.fakepay, log)
		if err != nil {
			return nil, err
		}
		payPages = []string{"http://" + ports.fakepay.Addr().String()}
		services.Billing = billing.New(billing.Config{Prices: prices(s.Prices)}, db, till, tokens, regions, log)
		delivered = services.Billing.Delivered
		p.background = append(p.background, services.Billing.Run)
	}
	services.Usage = usage.New(db, delivered, time.Now, log)

	// What answers.
	p.api = api.New(api.Config{URL: s.URL, Proxies: s.Proxies, PerNet: s.PerNetwork, Stopping: stopping}, services, log)
	p.site, err = web.New(web.Config{URL: s.URL, GAID: s.GAID}, web.Parts{
		SignIn: signIn, Sessions: sessions, Orgs: orgs, Documents: regions, Consents: privacy.New(db, time.Now),
	}, log)
	if err != nil {
		return nil, err
	}
	if _, err := console.Mount(console.Config{URL: s.URL}, p.site, orgs, services.Usage, regions, log); err != nil {
		return nil, err
	}
	app := studio.Handler(studio.Config{Edges: edges(regions, log), Payments: payPages})
	p.site.Handle("/studio", app)
	p.site.Handle("/studio/", app)

	p.background = append(p.background, tokens.Run, services.Usage.Run, regions.Run, sweep(sessions, log))
	return p, nil
}

// fakepay starts the stand-in for a payment provider and returns the till that talks to it. Its key and secret are
// made anew at each start: both sides of it are here.
func (p *plane) fakepay(s settings, l net.Listener, log *slog.Logger) (*fakepay.Client, error) {
	key, secret, base := rand.Text(), []byte(rand.Text()+rand.Text()), s.URL.String()
	cfg := fakepay.Config{Key: key, Secret: secret, Webhook: base + "/webhooks/payments/" + fakepay.Name, Frame: base}
	if s.StateDir != "" {
		cfg.File = filepath.Join(s.StateDir, "fakepay.json")
	}
	server, err := fakepay.NewServer(cfg, log)
	if err != nil {
		return nil, err
	}
	p.background = append(p.background, func(ctx context.Context) error { return server.Serve(ctx, l) })
	return fakepay.NewClient("http://"+l.Addr().String(), key, [][]byte{secret}, func(order string) string {
		return base + "/studio?order=" + order
	}), nil
}

func prices(p config.Prices) billing.Prices {
	all := billing.Prices{Default: billing.Price(p.Default), Documents: map[string]billing.Price{}}
	for id, price := range p.Documents {
		all.Documents[id] = billing.Price(price)
	}
	return all
}

// edges is where the studio's page may send photos: what the directory has now.
func edges(regions *region.Service, log *slog.Logger) func() []string {
	return func() []string {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		all, err := regions.Directory(ctx)
		if err != nil {
			log.Error("the studio's page was made without edges", "error", err)
		}
		var addresses []string
		for _, r := range all {
			for _, e := range r.Edges {
				addresses = append(addresses, e.Address)
			}
		}
		return addresses
	}
}

// sweep forgets sessions that have ended by themselves.
func sweep(sessions *identity.Sessions, log *slog.Logger) func(context.Context) error {
	return func(ctx context.Context) error {
		tick := time.NewTicker(time.Hour)
		defer tick.Stop()
		for {
			if _, err := sessions.Sweep(ctx); err != nil && ctx.Err() == nil {
				log.Error("old sessions could not be forgotten", "error", err)
			}
			select {
			case <-ctx.Done():
				return nil
			case <-tick.C:
			}
		}
	}
}

// ServeHTTP sends a request to the pages or to the JSON.
func (p *plane) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for _, prefix := range api.Prefixes {
		if r.URL.Path == prefix || strings.HasSuffix(prefix, "/") && strings.HasPrefix(r.URL.Path, prefix) {
			p.api.ServeHTTP(w, r)
			return
		}
	}
	p.site.ServeHTTP(w, r)
}
