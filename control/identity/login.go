package identity

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// LoginLife is how long somebody may take at the issuer.
const LoginLife = 10 * time.Minute

// A login is what the browser carries to the issuer and back, sealed: so the server keeps nothing for those who never
// return, and the answer is good only in the browser that asked.
type login struct {
	Issuer   string `json:"i"`
	State    string `json:"s"`
	Nonce    string `json:"n"`
	Verifier string `json:"v"`
	Next     string `json:"x"`
	Expires  int64  `json:"e"` // Unix seconds; a browser's own clock is not trusted
}

// sealer keeps logins in a cookie that nobody can read or write but us.
type sealer struct {
	aead   cipher.AEAD
	secure bool
}

func newSealer(key [32]byte, secure bool) (sealer, error) {
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return sealer{}, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	return sealer{aead: aead, secure: secure}, err
}

func (s sealer) name() string { return cookieName("login", s.secure) }

func (s sealer) seal(l login) (*http.Cookie, error) {
	plain, err := json.Marshal(l)
	if err != nil {
		return nil, err
	}
	sealed := s.aead.Seal(nil, nil, plain, []byte(s.name()))
	return s.cookie(base64.RawURLEncoding.EncodeToString(sealed), LoginLife), nil
}

func (s sealer) open(r *http.Request, now time.Time) (login, error) {
	cookie, err := r.Cookie(s.name())
	if err != nil {
		return login{}, fmt.Errorf("%w: the browser brought no login cookie", ErrLogin)
	}
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(cookie.Value)
	if err != nil {
		return login{}, fmt.Errorf("%w: the login cookie is broken", ErrLogin)
	}
	plain, err := s.aead.Open(nil, nil, sealed, []byte(s.name()))
	if err != nil {
		return login{}, fmt.Errorf("%w: the login cookie is not ours", ErrLogin)
	}
	var l login
	if err := json.Unmarshal(plain, &l); err != nil {
		return login{}, fmt.Errorf("%w: the login cookie is broken", ErrLogin)
	}
	if now.Unix() >= l.Expires {
		return login{}, fmt.Errorf("%w: more than %v have passed", ErrLogin, LoginLife)
	}
	return l, nil
}

func (s sealer) cookie(value string, life time.Duration) *http.Cookie {
	c := &http.Cookie{Name: s.name(), Value: value, Path: "/", MaxAge: int(life / time.Second),
		Secure: s.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode}
	if value == "" {
		c.MaxAge = -1
	}
	return c
}
