package wire

import (
	"crypto"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

// tokenVectors is testdata/tokens.json: what an edge in Region that holds Bundle says of each token at Now.
// Package auth runs all of them; here they are made, with the standard library alone.
type tokenVectors struct {
	Now    int64         `json:"now"`
	Leeway int64         `json:"leeway"`
	Region string        `json:"region"`
	Bundle Bundle        `json:"bundle"`
	Tokens []tokenVector `json:"tokens"`
}

type tokenVector struct {
	Name    string  `json:"name"`
	Token   string  `json:"token"`
	Refused string  `json:"refused,omitempty"` // token (401), revoked (401) or region (403); empty: taken
	Claims  *Claims `json:"claims,omitempty"`  // of a token that is taken
}

// testKey is a key whose seed anybody can compute: it protects nothing.
func testKey(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte("professional ai studio test key: " + name))
	return ed25519.NewKeyFromSeed(seed[:])
}

func public(k ed25519.PrivateKey) ed25519.PublicKey { return k.Public().(ed25519.PublicKey) }

var testNow = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC).Unix()

// compact writes a token of header and payload as they are, signed by sign.
func compact(header, payload string, sign func(text []byte) []byte) string {
	text := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString([]byte(payload))
	return text + "." + base64.RawURLEncoding.EncodeToString(sign([]byte(text)))
}

func by(key ed25519.PrivateKey) func([]byte) []byte {
	return func(text []byte) []byte { return ed25519.Sign(key, text) }
}

func hs256(secret []byte) func([]byte) []byte {
	return func(text []byte) []byte {
		mac := hmac.New(sha256.New, secret)
		mac.Write(text)
		return mac.Sum(nil)
	}
}

func rs256(text []byte) []byte {
	der, err := base64.StdEncoding.DecodeString(testRSA)
	if err != nil {
		panic(err)
	}
	key, err := x509.ParsePKCS1PrivateKey(der)
	if err != nil {
		panic(err)
	}
	sum := sha256.Sum256(text)
	signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:])
	if err != nil {
		panic(err)
	}
	return signature
}

func makeTokenVectors() tokenVectors {
	const header = `{"alg":"EdDSA","typ":"at+jwt","kid":"active"}`
	active, next, old, future, thief := testKey("active"), testKey("next"), testKey("old"), testKey("future"), testKey("thief")
	v := tokenVectors{
		Now: testNow, Leeway: 30, Region: "eu",
		Bundle: Bundle{
			Number: 7, Issued: testNow - 10, Region: "eu", Issuer: "https://control.example",
			JWKS: JWKS{Keys: []JWK{NewJWK("active", public(active)), NewJWK("next", public(next)), NewJWK("old", public(old)), NewJWK("future", public(future))}},
			Revocations: map[string]int64{
				"sid:signed-out": testNow - 60, "sub:gone": testNow - 60, "org:closed": testNow - 60, "kid:next": testNow - 300,
				"sid:same-second": testNow - 120,
			},
		},
	}
	v.Bundle.JWKS.Keys[2].Expires = testNow - 1
	v.Bundle.JWKS.Keys[3].NotBefore = testNow + 1

	good := Claims{
		Issuer: "https://control.example", Audience: "edge", Subject: "key-1", Org: "org-1", OrgIndex: 4, Session: "session-1",
		Regions: []string{"eu", "us"}, Scope: "photos checks", IssuedAt: testNow - 120, ExpiresAt: testNow + 780, ID: "token-1",
		Entitlements: &Entitlements{Plan: "p3", MPx: 24, RPS: 10, Ops: []string{"matte", "sheet"}, Mark: true},
	}
	with := func(change func(*Claims)) Claims {
		c := good
		change(&c)
		return c
	}
	payload := func(c any) string {
		b, err := json.Marshal(c)
		if err != nil {
			panic(err)
		}
		return string(b)
	}
	// without is the good payload with a claim taken out or replaced by something that a Claims cannot hold.
	without := func(name string, instead any) string {
		var m map[string]any
		if err := json.Unmarshal([]byte(payload(good)), &m); err != nil {
			panic(err)
		}
		for n, value := range m {
			if f, ok := value.(float64); ok {
				m[n] = int64(f)
			}
		}
		if m[name] = instead; instead == nil {
			delete(m, name)
		}
		return payload(m)
	}
	taken := func(name string, c Claims) {
		v.Tokens = append(v.Tokens, tokenVector{Name: name, Token: compact(header, payload(c), by(active)), Claims: &c})
	}
	refused := func(why, name, token string) {
		v.Tokens = append(v.Tokens, tokenVector{Name: name, Token: token, Refused: why})
	}
	forged := func(name, header string, sign func([]byte) []byte) {
		refused("token", name, compact(header, payload(good), sign))
	}
	says := func(why, name, payload string) { refused(why, name, compact(header, payload, by(active))) }

	taken("good", good)
	taken("residency everywhere", with(func(c *Claims) { c.Regions = []string{"*"} }))
	taken("order token", with(func(c *Claims) {
		c.Order, c.OrderNumber, c.Document, c.ID, c.Entitlements = "o-1", 9, "us-passport", "ord_o-1", &Entitlements{}
	}))
	taken("life of an hour", with(func(c *Claims) { c.ExpiresAt = c.IssuedAt + 3600 }))
	taken("expired within the leeway", with(func(c *Claims) { c.ExpiresAt = testNow - 29 }))
	taken("issued within the leeway", with(func(c *Claims) { c.IssuedAt = testNow + 29 }))
	taken("issued in the second of its revocation", with(func(c *Claims) { c.Session = "same-second" }))
	taken("issued after its revocation", with(func(c *Claims) { c.Session, c.IssuedAt = "signed-out", testNow-59 }))

	// The algorithm.
	x := NewJWK("", public(active)).X
	forged("HS256 with the public key as secret", `{"alg":"HS256","typ":"at+jwt","kid":"active"}`, hs256(public(active)))
	forged("HS256 with the JWK's x as secret", `{"alg":"HS256","typ":"at+jwt","kid":"active"}`, hs256([]byte(x)))
	forged("HS256 with an empty secret", `{"alg":"HS256","typ":"at+jwt","kid":"active"}`, hs256(nil))
	forged("RS256", `{"alg":"RS256","typ":"at+jwt","kid":"active"}`, rs256)
	for _, none := range []string{"none", "None", "NONE", "nOnE", ""} {
		forged("alg "+fmt.Sprintf("%q", none)+" unsigned", `{"alg":"`+none+`","typ":"at+jwt","kid":"active"}`, func([]byte) []byte { return nil })
	}
	forged("alg none with a good signature", `{"alg":"none","typ":"at+jwt","kid":"active"}`, by(active))
	forged("alg named Ed25519", `{"alg":"Ed25519","typ":"at+jwt","kid":"active"}`, by(active))
	forged("alg missing", `{"typ":"at+jwt","kid":"active"}`, by(active))
	forged("alg a number", `{"alg":1,"typ":"at+jwt","kid":"active"}`, by(active))
	// The header.
	for _, typ := range []string{`"typ":"JWT",`, `"typ":"at+JWT",`, `"typ":"application/at+jwt",`, `"typ":"id+jwt",`, `"typ":["at+jwt"],`, ``} {
		forged("typ: "+typ, `{"alg":"EdDSA",`+typ+`"kid":"active"}`, by(active))
	}
	for _, extra := range []string{
		`"crit":["exp"]`, `"crit":[]`, `"crit":["b64"],"b64":false`, `"b64":false`,
		`"jku":"https://thief.example/jwks.json"`, `"x5u":"https://thief.example/cert.pem"`, `"x5c":["MIIB"]`, `"x5t":"AAAA"`, `"cty":"JWT"`,
	} {
		forged("header "+extra, `{"alg":"EdDSA","typ":"at+jwt","kid":"active",`+extra+`}`, by(active))
	}
	embedded, _ := json.Marshal(NewJWK("active", public(thief)))
	forged("key in the header, signed with it", `{"alg":"EdDSA","typ":"at+jwt","kid":"active","jwk":`+string(embedded)+`}`, by(thief))
	forged("our key in the header", `{"alg":"EdDSA","typ":"at+jwt","kid":"active","jwk":`+string(embedded)+`}`, by(active))
	forged("jku and the thief's signature", `{"alg":"EdDSA","typ":"at+jwt","kid":"active","jku":"https://thief.example/"}`, by(thief))
	forged("kid unknown", `{"alg":"EdDSA","typ":"at+jwt","kid":"nobody"}`, by(active))
	forged("kid missing", `{"alg":"EdDSA","typ":"at+jwt"}`, by(active))
	forged("kid a path", `{"alg":"EdDSA","typ":"at+jwt","kid":"../../dev/null"}`, by(active))
	forged("kid a number", `{"alg":"EdDSA","typ":"at+jwt","kid":1}`, by(active))
	forged("kid of another key", `{"alg":"EdDSA","typ":"at+jwt","kid":"next"}`, by(active))
	forged("kid of a key that has expired", `{"alg":"EdDSA","typ":"at+jwt","kid":"old"}`, by(old))
	forged("kid of a key whose time has not come", `{"alg":"EdDSA","typ":"at+jwt","kid":"future"}`, by(future))
	forged("header no object", `["EdDSA","at+jwt","active"]`, by(active))
	// The signature.
	forged("another's signature", header, by(thief))
	forged("signature of nothing", header, func([]byte) []byte { return by(active)(nil) })
	forged("signature cut", header, func(text []byte) []byte { return by(active)(text)[:63] })
	forged("signature longer", header, func(text []byte) []byte { return append(by(active)(text), 0) })
	forged("signature altered", header, func(text []byte) []byte { s := by(active)(text); s[10] ^= 1; return s })
	forged("signature of zeros", header, func([]byte) []byte { return make([]byte, 64) })
	whole := compact(header, payload(good), by(active))
	parts := strings.Split(whole, ".")
	more := base64.RawURLEncoding.EncodeToString([]byte(payload(with(func(c *Claims) { c.Scope = "photos checks images mattes" }))))
	refused("token", "payload altered", parts[0]+"."+more+"."+parts[2])
	refused("token", "header altered", base64.RawURLEncoding.EncodeToString([]byte(header+" "))+"."+parts[1]+"."+parts[2])
	refused("token", "signature missing", parts[0]+"."+parts[1]+".")
	refused("token", "two parts", parts[0]+"."+parts[1])
	refused("token", "four parts", whole+"."+parts[2])
	refused("token", "five parts, as an encrypted token has", whole+".."+parts[2])
	refused("token", "padded", whole+"==")
	refused("token", "spare bits set", whole[:len(whole)-1]+string(sibling(whole[len(whole)-1])))
	refused("token", "a line break", whole[:20]+"\n"+whole[20:])
	refused("token", "a line break in the signature", whole[:len(whole)-20]+"\n"+whole[len(whole)-20:])
	refused("token", "a space behind", whole+" ")
	refused("token", "nothing", "")
	refused("token", "dots", "..")
	refused("token", "too long", compact(header, payload(with(func(c *Claims) { c.Session = strings.Repeat("a", 20000) })), by(active)))
	// Time.
	says("token", "exp missing", without("exp", nil))
	says("token", "exp null", strings.Replace(without("exp", 1), `"exp":1`, `"exp":null`, 1))
	says("token", "exp a text", without("exp", fmt.Sprint(testNow+60)))
	says("token", "exp zero", without("exp", 0))
	says("token", "iat missing", without("iat", nil))
	says("token", "life over an hour", payload(with(func(c *Claims) { c.ExpiresAt = c.IssuedAt + 3601 })))
	says("token", "life of a year", payload(with(func(c *Claims) { c.ExpiresAt = c.IssuedAt + 365*86400 })))
	says("token", "life that overflows", payload(with(func(c *Claims) { c.IssuedAt, c.ExpiresAt = -1<<62, 1<<62+1 })))
	says("token", "expires before it is issued", payload(with(func(c *Claims) { c.IssuedAt, c.ExpiresAt = testNow+20, testNow+10 })))
	says("token", "expired", payload(with(func(c *Claims) { c.ExpiresAt = testNow - 31 })))
	says("token", "not yet issued", payload(with(func(c *Claims) { c.IssuedAt = testNow + 31 })))
	says("token", "not yet good", without("nbf", testNow+31))
	// Who and for whom.
	says("token", "aud another", payload(with(func(c *Claims) { c.Audience = "control" })))
	says("token", "aud missing", without("aud", nil))
	says("token", "aud empty", payload(with(func(c *Claims) { c.Audience = "" })))
	says("token", "iss another", payload(with(func(c *Claims) { c.Issuer = "https://control.example.thief.example" })))
	says("token", "iss with a slash", payload(with(func(c *Claims) { c.Issuer += "/" })))
	says("token", "iss missing", without("iss", nil))
	says("token", "payload no object", `"edge"`)
	says("token", "payload no JSON", `{`)
	// Where.
	says("region", "another region", payload(with(func(c *Claims) { c.Regions = []string{"us", "ap"} })))
	says("token", "no region", payload(with(func(c *Claims) { c.Regions = nil })))
	says("token", "rg missing", without("rg", nil))
	says("token", "rg a text", without("rg", "eu"))
	// Revoked.
	says("revoked", "session revoked", payload(with(func(c *Claims) { c.Session = "signed-out" })))
	says("revoked", "subject revoked", payload(with(func(c *Claims) { c.Subject = "gone" })))
	says("revoked", "organisation revoked", payload(with(func(c *Claims) { c.Org = "closed" })))
	says("revoked", "revoked, and of another region", payload(with(func(c *Claims) { c.Org, c.Regions = "closed", []string{"us"} })))
	refused("revoked", "signing key revoked", compact(`{"alg":"EdDSA","typ":"at+jwt","kid":"next"}`, payload(with(func(c *Claims) { c.IssuedAt = testNow - 301 })), by(next)))
	return v
}

// sibling is the base64 digit that differs from c in its lowest bit, which the last digit of a signature spares.
func sibling(c byte) byte {
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	return digits[strings.IndexByte(digits, c)^1]
}

func TestTokenVectors(t *testing.T) {
	v := vectors(t, "tokens.json", makeTokenVectors())
	seen := make(map[string]bool)
	for _, token := range v.Tokens {
		if seen[token.Name] {
			t.Errorf("two vectors are called %q", token.Name)
		}
		seen[token.Name] = true
		if (token.Claims == nil) != (token.Refused != "") {
			t.Errorf("%s: refused %q and claims %v", token.Name, token.Refused, token.Claims)
		}
	}
	// The good token is signed by the key it names: else every refusal would prove nothing.
	parts := strings.Split(v.Tokens[0].Token, ".")
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		t.Fatal(err)
	}
	key, err := v.Bundle.JWKS.Keys[0].PublicKey()
	if err != nil || !ed25519.Verify(key, []byte(parts[0]+"."+parts[1]), signature) {
		t.Errorf("the good token does not verify with %x, %v", key, err)
	}
}

// testRSA signs the RS256 vector. It was made for that and is known to all.
const testRSA = "MIIEowIBAAKCAQEAkhO8KzxS56l/5/tzgtqpNDYPbgdpIH/okH8ifJzo08ilvVA8xzvKZX0Q4a6/Fmnv63lk3KQpF+DOo" +
	"SZSndUvwtbG/8utNY5U4sN1wnWjIgi1egcwei2J2rqiponBhjCpIPbTbGvKqUxx55137NWFcX5eQV7mKJGme+HcGrB6Z8cE80cY20r6tfZZb3y" +
	"wCtp7m4FAkVhcBKFP66q8+ek90FxaR1a+TK9YV+PRGraUZ89kU2ThXd4Cm+KKGHQD7D92n+2sz4xHy0fg1rt2TQUBxoRAtGCcsxu5zhCCEQeqR" +
	"oAv/jJx3UHzwVK4Wu+vAIz8mhj921pQuFDDT/w4kTck0QIDAQABAoIBAAFRzFFXqigNj+o4i0KTVxPxqRIFXx28Cg3EGDun7zJ6jYS4RNRH5fw" +
	"ktRJU0cUSD+jAn/ieQwDENxmdjwF9+4B3EDUfUeE59+pUeavYBDE6guknR3jTEHu5U97NP8JGjkCN+jrwflQpLJ46/epVw27TBWbxxIJ5TlewI" +
	"pzbGz/0uMhTSQtbc+U+s3TWC1qqatbQSQH6FDSsmaVj0iEEeUgj5JeV0CPKTlNAMdfMp4sTHvXaH4Nix9UtRITivPryw/f+dmUTKKbGXMNXjV5" +
	"86auhaxUoKmq8z2U2F0jBNqpZxKlXi0nPhhq6lXP8DfKxpBWd6lzA+mQ78s/8A4SL8wECgYEAwqUCjUxTm4Nnir2ek1tReNGi1x1I4RZG4dbKa" +
	"UYq73utaAOZpgaM2iR0wrYEJdNBHommestzmpOfoi0bH7JXxHexmR1h56S2UBIWZksoNh7SooSgeY+2ZcSoFraYjbksa/cjdiJ3shWCwKsevZc" +
	"qZNfxgifsBe0/YdCBPhSAg0UCgYEAwB+JJFyW1IR2SbStmOtPR3IIALD++ALC8K4wGkIveU78d63xGwpELDr+Jpyyt1iXxV4IMEw8CqUw4BG48" +
	"xCAYWV0IAEPruHOTk0oNuio1cxphpYhL7h8n0VOQlbCY6jQu8OCmkdpbauDx9+YwYU9ESkSvEa+OrORywpdyc/4jh0CgYA5NUKAwRQ5uu9tybm" +
	"X2dkiR4sy6nqHHYML0ZOASY1JAfK/hX9dWsN/QgPHTrP9Yg/bp910beO2ZPkgM12rfUFqjzt1ozspWDH1aruGqURSU9DYz15THDghxSEaO+Suk" +
	"uRJf0O+7vZ7MvNRKXpJguqE5SsodA9c1pQwbZXu5xu2eQKBgQCIhuCCQnm809TrU8X5YV6ZOuOM+jp2LCAzwNTWFCqAXizzL1yjBoyjkdiBv+E" +
	"QgZh43PWcvM/+EJ3G3VE9CYDxtZLsG1T1xelBo3rsajFwnS5wQcebjdKhrDKM2fKRt6l9hNYOpKi7EqM3KiH3g6N9yl5SBUOxm2IDk35Kp8vN0" +
	"QKBgAsyJT0OI2nn1emCXnJpPNQNtIygW9tOVF6YykCaTilR5sQRVcA6yGFniKiDgG1iPM8SuLfigwzaI87rEn6jTIvzY9p2wxLXHpBDA72VFHL" +
	"P28Lzv7lniztHhkGopAGaQiDhTRhEpUPznDPdQL4NJIJt14D67l/DrPA2ZwrQUT+E"
