package api

import (
	"fmt"
	"net/http"

	"github.com/golang-jwt/jwt/v5"

	"github.com/professionalaistudio/studio/edge/wire"
)

// org says which organisation a request speaks for: by an access token that we minted for a key, or by the session of
// a person who belongs to it.
func (a *API) org(r *http.Request) (index uint32, err error) {
	if raw, ok := bearerOf(r); ok {
		c, err := a.verify(raw)
		if err != nil {
			return 0, fmt.Errorf("%w: %w", errToken, err)
		}
		if c.Org == "" || c.OrgIndex == 0 {
			return 0, errOrg // a visitor's or an order's token
		}
		return c.OrgIndex, nil
	}
	p, ok := a.Sessions.Person(r.Context(), r)
	if !ok {
		return 0, errSignIn
	}
	o, err := a.Orgs.ForPerson(r.Context(), p.ID)
	if err != nil {
		return 0, err
	}
	return o.Index, nil
}

// accessClaims is what is read here of a token of ours.
type accessClaims struct {
	jwt.RegisteredClaims
	Org      wire.OrgID `json:"org"`
	OrgIndex uint32     `json:"ox"`
}

// verify believes what edges believe, and for the same reasons: one algorithm, one type, our issuer, an end.
func (a *API) verify(raw string) (accessClaims, error) {
	var c accessClaims
	parser := jwt.NewParser(
		jwt.WithValidMethods([]string{wire.TokenAlgorithm}), jwt.WithIssuer(a.cfg.URL.String()),
		jwt.WithAudience(wire.TokenAudience), jwt.WithExpirationRequired(), jwt.WithIssuedAt(),
		jwt.WithTimeFunc(a.cfg.Now), jwt.WithStrictDecoding(),
	)
	_, err := parser.ParseWithClaims(raw, &c, func(t *jwt.Token) (any, error) {
		if t.Header["typ"] != wire.TokenType {
			return nil, fmt.Errorf("type %.20q", t.Header["typ"])
		}
		for _, foreign := range []string{"crit", "jku", "jwk", "x5u", "x5c"} {
			if _, has := t.Header[foreign]; has {
				return nil, fmt.Errorf("header %s", foreign)
			}
		}
		for _, key := range a.Tokens.JWKS().Keys {
			if key.ID == t.Header["kid"] && key.Valid(a.cfg.Now()) {
				return key.PublicKey()
			}
		}
		return nil, fmt.Errorf("key %.40q", t.Header["kid"])
	})
	return c, err
}
