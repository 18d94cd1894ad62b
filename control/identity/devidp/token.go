package devidp

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"math/big"
	"net/http"
	"strings"

	"github.com/golang-jwt/jwt/v5"
)

const keyID = "devidp-1"

func (s *Server) discovery(w http.ResponseWriter, r *http.Request) {
	writeJSON(w, http.StatusOK, map[string]any{
		"issuer":                                         s.Issuer,
		"authorization_endpoint":                         s.Issuer + "/authorize",
		"token_endpoint":                                 s.Issuer + "/token",
		"userinfo_endpoint":                              s.Issuer + "/userinfo",
		"jwks_uri":                                       s.Issuer + "/jwks",
		"response_types_supported":                       []string{"code"},
		"response_modes_supported":                       []string{"query"},
		"grant_types_supported":                          []string{"authorization_code"},
		"subject_types_supported":                        []string{"public"},
		"id_token_signing_alg_values_supported":          []string{"RS256"},
		"scopes_supported":                               []string{"openid", "email", "profile"},
		"claims_supported":                               []string{"sub", "name", "email", "email_verified"},
		"code_challenge_methods_supported":               []string{"S256"},
		"token_endpoint_auth_methods_supported":          []string{"client_secret_basic", "client_secret_post"},
		"authorization_response_iss_parameter_supported": true,
	})
}

func (s *Server) jwks(w http.ResponseWriter, r *http.Request) {
	encode := base64.RawURLEncoding.EncodeToString
	writeJSON(w, http.StatusOK, map[string]any{"keys": []any{map[string]string{
		"kty": "RSA", "use": "sig", "alg": "RS256", "kid": keyID,
		"n": encode(s.key.N.Bytes()), "e": encode(big.NewInt(int64(s.key.E)).Bytes()),
	}}})
}

// token exchanges a code, once, for the tokens it stands for (RFC 6749 §4.1.3, RFC 7636 §4.5).
func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 16<<10)
	refuse := func(status int, word, why string) {
		writeJSON(w, status, map[string]string{"error": word, "error_description": why})
	}
	if err := r.ParseForm(); err != nil {
		refuse(http.StatusBadRequest, "invalid_request", "the form cannot be read")
		return
	}
	id, secret, basic := r.BasicAuth()
	if !basic {
		id, secret = r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
	}
	client, known := s.client(id)
	if !known || subtle.ConstantTimeCompare([]byte(secret), []byte(client.Secret)) != 1 {
		w.Header().Set("WWW-Authenticate", `Basic realm="devidp"`)
		refuse(http.StatusUnauthorized, "invalid_client", "the client or its secret is unknown")
		return
	}
	if r.PostForm.Get("grant_type") != "authorization_code" {
		refuse(http.StatusBadRequest, "unsupported_grant_type", "only authorization_code is supported")
		return
	}

	code := r.PostForm.Get("code")
	challenge := sha256.Sum256([]byte(r.PostForm.Get("code_verifier")))
	now := s.Now()
	s.mu.Lock()
	g, known := s.codes[code]
	switch {
	case known && g.token != "": // a code used twice may have been stolen
		delete(s.access, g.token)
		known = false
	case known && (now.After(g.expires) || g.client != client.ID || g.redirect != r.PostForm.Get("redirect_uri") ||
		subtle.ConstantTimeCompare([]byte(g.challenge), []byte(base64.RawURLEncoding.EncodeToString(challenge[:]))) != 1):
		known = false
		delete(s.codes, code) // a wrong verifier does not get a second guess
	case known:
		used := g
		used.token = rand.Text()
		s.codes[code] = used
		g.token, g.expires = used.token, now.Add(tokenLife)
		s.access[g.token] = g
	}
	s.mu.Unlock()
	if !known {
		refuse(http.StatusBadRequest, "invalid_grant", "the code is unknown, used, too old, or not for this client, address or verifier")
		return
	}

	idToken, err := s.sign(g)
	if err != nil {
		refuse(http.StatusInternalServerError, "server_error", err.Error())
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{
		"access_token": g.token, "token_type": "Bearer", "expires_in": int(tokenLife.Seconds()),
		"scope": "openid email profile", "id_token": idToken,
	})
}

// sign makes the ID token, as the levers would have it.
func (s *Server) sign(g grant) (string, error) {
	now := s.Now()
	half := sha256.Sum256([]byte(g.token))
	claims := jwt.MapClaims{
		"iss": s.Issuer, "sub": g.user.Subject, "aud": g.client, "nonce": g.nonce,
		"iat": now.Unix(), "exp": now.Add(tokenLife).Unix(), "auth_time": now.Unix(),
		"at_hash": base64.RawURLEncoding.EncodeToString(half[:16]),
		"name":    g.user.Name, "email": g.user.Email, "email_verified": true,
	}
	if g.nonce == "" {
		delete(claims, "nonce")
	}
	if s.Mangle != nil {
		s.Mangle(claims)
	}
	key := s.key
	if s.Forge {
		if s.stranger == nil {
			var err error
			if s.stranger, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
				return "", err
			}
		}
		key = s.stranger
	}
	token := jwt.NewWithClaims(jwt.SigningMethodRS256, claims)
	token.Header["kid"] = keyID
	return token.SignedString(key)
}

func (s *Server) userinfo(w http.ResponseWriter, r *http.Request) {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	s.mu.Lock()
	g, known := s.access[token]
	s.mu.Unlock()
	if !known || s.Now().After(g.expires) {
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
		writeJSON(w, http.StatusUnauthorized, map[string]string{"error": "invalid_token"})
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{
		"sub": g.user.Subject, "name": g.user.Name, "email": g.user.Email, "email_verified": true,
	})
}
