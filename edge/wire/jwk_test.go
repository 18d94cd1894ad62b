package wire

import (
	"encoding/json"
	"errors"
	"testing"
	"time"
)

func TestJWK(t *testing.T) {
	good := NewJWK("k", public(testKey("active")))
	for name, test := range map[string]struct {
		change func(*JWK)
		ok     bool
	}{
		"as made":             {func(*JWK) {}, true},
		"alg and use left":    {func(j *JWK) { j.Algorithm, j.Use = "", "" }, true},
		"alg as RFC 9864":     {func(j *JWK) { j.Algorithm = "Ed25519" }, true},
		"kty of another":      {func(j *JWK) { j.KeyType = "EC" }, false},
		"crv of another":      {func(j *JWK) { j.Curve = "X25519" }, false},
		"alg of another":      {func(j *JWK) { j.Algorithm = "HS256" }, false},
		"use for encryption":  {func(j *JWK) { j.Use = "enc" }, false},
		"x missing":           {func(j *JWK) { j.X = "" }, false},
		"x short":             {func(j *JWK) { j.X = j.X[:40] }, false},
		"x padded":            {func(j *JWK) { j.X += "=" }, false},
		"x with a line break": {func(j *JWK) { j.X = j.X[:42] + "\n" }, false},
	} {
		j := good
		test.change(&j)
		key, err := j.PublicKey()
		if test.ok != (err == nil) || err != nil && !errors.Is(err, ErrJWK) || err == nil && !key.Equal(public(testKey("active"))) {
			t.Errorf("%s: %x, %v; want ok = %v", name, key, err, test.ok)
		}
	}
}

func TestJWKValid(t *testing.T) {
	now := time.Unix(1000, 0)
	for _, test := range []struct {
		notBefore, expires int64
		want               bool
	}{{0, 0, true}, {1000, 0, true}, {1001, 0, false}, {0, 1001, true}, {0, 1000, false}, {999, 1001, true}} {
		if got := (JWK{NotBefore: test.notBefore, Expires: test.expires}).Valid(now); got != test.want {
			t.Errorf("from %d to %d at 1000: valid = %v, want %v", test.notBefore, test.expires, got, test.want)
		}
	}
}

// A key that is taken is written back in the same letters.
func FuzzJWK(f *testing.F) {
	for _, j := range []JWK{NewJWK("k", public(testKey("active"))), {KeyType: "RSA"}, {KeyType: "OKP", Curve: "Ed25519", X: "AA"}} {
		b, err := json.Marshal(j)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var j JWK
		if json.Unmarshal(b, &j) != nil {
			return
		}
		key, err := j.PublicKey()
		if err != nil {
			return
		}
		if got := NewJWK(j.ID, key); got.X != j.X || len(key) != 32 {
			t.Errorf("%s is read as %x and written as %s", b, key, got.X)
		}
	})
}
