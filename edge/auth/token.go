package auth

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/professionalaistudio/studio/edge/wire"
)

// maxToken bounds what is parsed before a signature is checked; ours have 600 bytes.
const maxToken = 8 << 10

// Token returns the caller of an access token. The order of checks is that of trust: form, key, signature, claims,
// revocation, and last the region, since only what a good token says is worth an answer that names other regions.
func (v *Verifier) Token(raw string) (Caller, error) {
	c, err := v.token(raw)
	if err != nil {
		refused.WithLabelValues(reason(err)).Inc()
	}
	return c, err
}

func (v *Verifier) token(raw string) (Caller, error) {
	s := v.now.Load()
	if s.bundle.Issuer == "" { // which the library would take for leave not to check it
		if v.following.Load() {
			return Caller{}, fmt.Errorf("%w: this edge has not heard from its control plane yet", ErrToken)
		}
		return Caller{}, fmt.Errorf("%w: this edge stands alone, and takes the secrets of its static keys only", ErrToken)
	}
	if len(raw) > maxToken {
		return Caller{}, fmt.Errorf("%w: it is longer than %d bytes", ErrToken, maxToken)
	}
	if !written(raw) {
		return Caller{}, fmt.Errorf("%w: it is not written as a token is", ErrToken)
	}
	var c claims
	parsed, err := s.parser.ParseWithClaims(raw, &c, func(t *jwt.Token) (any, error) { return v.signingKey(s, t.Header) })
	if err != nil {
		return Caller{}, fmt.Errorf("%w: %w", ErrToken, explain(err))
	}
	life := c.ExpiresAt - c.IssuedAt
	switch {
	case c.IssuedAt <= 0:
		return Caller{}, fmt.Errorf("%w: it does not say when it was issued", ErrToken)
	case life <= 0 || life > wire.MaxTokenLife:
		return Caller{}, fmt.Errorf("%w: it claims to live for %d s, and %d are allowed", ErrToken, life, wire.MaxTokenLife)
	case len(c.Regions) == 0:
		return Caller{}, fmt.Errorf("%w: it does not say where the photo may be", ErrToken)
	}
	kid, _ := parsed.Header["kid"].(string)
	for _, id := range [...][2]string{
		{wire.RevokeSession, c.Session}, {wire.RevokeSubject, c.Subject}, {wire.RevokeOrg, string(c.Org)}, {wire.RevokeKey, kid},
	} {
		if id[1] != "" && c.IssuedAt < s.bundle.Revocations[wire.RevocationKey(id[0], id[1])] {
			return Caller{}, ErrRevoked
		}
	}
	if !wire.Resident(c.Regions, v.cfg.Region) {
		return Caller{}, &RegionError{c.Regions}
	}
	caller := Caller{
		Org: c.Org, OrgIndex: c.OrgIndex, Subject: c.Subject, Session: c.Session, Scopes: strings.Fields(c.Scope), Regions: c.Regions,
		Mark: c.Entitlements != nil && c.Entitlements.Mark, Order: c.Order, OrderNumber: c.OrderNumber, Document: c.Document,
		TokenID: c.ID, Expires: time.Unix(c.ExpiresAt, 0),
	}
	if k, ok := s.keys.byID[wire.KeyID(c.Subject)]; ok && k.Org == c.Org { // a token that a key was exchanged for
		caller.Key = k.ID
	}
	return caller, nil
}

// written reports whether raw has only the letters of a token. The library's decoder skips line breaks, and would
// take one token in many spellings.
func written(raw string) bool {
	for i := range len(raw) {
		c := raw[i]
		if !('0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z' || c == '-' || c == '_' || c == '.') {
			return false
		}
	}
	return true
}

// signingKey is the key that a header names, if the header says nothing but what ours say. A list of what is allowed
// covers crit, jku, x5u, embedded keys, and whatever is thought of next.
func (v *Verifier) signingKey(s *snapshot, header map[string]any) (any, error) {
	for name := range header {
		if name != "alg" && name != "typ" && name != "kid" {
			return nil, errHeader
		}
	}
	if header["typ"] != wire.TokenType {
		return nil, errType
	}
	kid, _ := header["kid"].(string)
	key, ok := s.signed[kid]
	if !ok {
		v.wantKey()
		return nil, errKey
	}
	if !key.Valid(v.cfg.Now()) {
		return nil, errKey
	}
	return key.public, nil
}

var (
	errHeader = errors.New("its header says more than ours do")
	errType   = errors.New("its type is not " + wire.TokenType)
	errKey    = errors.New("we do not know the key that signed it")
)

// explain puts into our words what the library found; its own repeat a stranger's text.
func explain(err error) error {
	for _, ours := range []error{errHeader, errType, errKey} {
		if errors.Is(err, ours) {
			return ours
		}
	}
	for _, known := range []struct {
		err error
		why string
	}{
		{jwt.ErrTokenSignatureInvalid, "its signature does not fit"},
		{jwt.ErrTokenRequiredClaimMissing, "a claim is missing"},
		{jwt.ErrTokenExpired, "it has expired"},
		{jwt.ErrTokenNotValidYet, "its time has not come"},
		{jwt.ErrTokenUsedBeforeIssued, "it was issued in the future"},
		{jwt.ErrTokenInvalidAudience, "it is for another service"},
		{jwt.ErrTokenInvalidIssuer, "somebody else issued it"},
	} {
		if errors.Is(err, known.err) {
			return errors.New(known.why)
		}
	}
	return errors.New("it cannot be read")
}

// claims are ours with the one more that the library may be asked for.
type claims struct {
	wire.Claims
	NotBefore int64 `json:"nbf"`
}

func (c *claims) GetExpirationTime() (*jwt.NumericDate, error) { return date(c.ExpiresAt), nil }
func (c *claims) GetIssuedAt() (*jwt.NumericDate, error)       { return date(c.IssuedAt), nil }
func (c *claims) GetNotBefore() (*jwt.NumericDate, error)      { return date(c.NotBefore), nil }
func (c *claims) GetIssuer() (string, error)                   { return c.Issuer, nil }
func (c *claims) GetSubject() (string, error)                  { return c.Subject, nil }
func (c *claims) GetAudience() (jwt.ClaimStrings, error)       { return jwt.ClaimStrings{c.Audience}, nil }

func date(at int64) *jwt.NumericDate {
	if at == 0 {
		return nil
	}
	return jwt.NewNumericDate(time.Unix(at, 0))
}
