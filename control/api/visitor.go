package api

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"github.com/professionalaistudio/studio/control/region"
	"github.com/professionalaistudio/studio/control/token"
	"github.com/professionalaistudio/studio/edge/wire"
)

var minted = promauto.NewCounterVec(prometheus.CounterOpts{
	Name: "control_api_tokens_total", Help: "Access tokens handed out, by what they were for.",
}, []string{"for"})

// studioToken gives somebody who has not signed in a token to try with: one region, photos and checks, and what it
// makes is marked. It names nobody; its subject lives as long as the token.
func (a *API) studioToken(w http.ResponseWriter, r *http.Request) {
	if err := a.sameOrigin(r); err != nil {
		a.fail(w, r, err)
		return
	}
	if wait, ok := a.visitors.allow(network(r, a.cfg.Proxies)); !ok {
		a.busy(w, wait)
		return
	}
	var ask struct {
		Region string `json:"region"`
	}
	if err := decode(w, r, &ask); err != nil {
		a.fail(w, r, err)
		return
	}
	in, err := a.pick(r.Context(), ask.Region)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	visitor := "vis_" + rand.Text()
	signed, err := a.Tokens.Mint(r.Context(), wire.Claims{
		Subject: visitor, Session: visitor, Regions: []string{in.ID}, Scope: wire.ScopePhotos + " " + wire.ScopeChecks,
		Entitlements: &wire.Entitlements{Mark: true},
	})
	if err != nil {
		a.fail(w, r, err)
		return
	}
	minted.WithLabelValues("visitor").Inc()
	a.json(w, http.StatusOK, bearer{
		AccessToken: signed, TokenType: "Bearer", ExpiresIn: int(token.Life / time.Second), Region: in.ID, Edge: in.Edges[0].Address,
	})
}

// pick finds a region that takes work. None named is right where there is only one.
func (a *API) pick(ctx context.Context, id string) (region.Region, error) {
	all, err := a.Regions.Directory(ctx)
	if err != nil {
		return region.Region{}, err
	}
	if id == "" && len(all) == 1 {
		return all[0], nil
	}
	if id == "" && len(all) > 1 {
		return region.Region{}, fmt.Errorf("%w: name a region", errMalformed)
	}
	for _, one := range all {
		if one.ID == id {
			return one, nil
		}
	}
	return region.Region{}, errRegion
}
