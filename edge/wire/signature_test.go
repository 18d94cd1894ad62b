package wire

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
)

// signatureVector is a row of testdata/signature.json.
type signatureVector struct {
	Name      string `json:"name"`
	KeyHex    string `json:"key"`
	SaltHex   string `json:"salt"`
	Path      string `json:"path"`
	Size      int    `json:"size"`
	Signature string `json:"signature"`
	Valid     bool   `json:"valid"`
}

// signatureVectors are imgproxy's own, from its tests and manual, and what must not pass for them.
func signatureVectors() []signatureVector {
	const (
		key, salt = "746573742d6b6579", "746573742d73616c74" // test-key, test-salt
		whole     = "oWaL7QoW5TsgbuiS9-5-DI8S3Ibbo1gdB2SteJh3a20"
	)
	return []signatureVector{
		{"imgproxy: whole", key, salt, "/asd", 32, whole, true},
		{"imgproxy: cut to 8 bytes", key, salt, "/asd", 8, "oWaL7QoW5Ts", true},
		{"imgproxy: second pair", "746573742d6b657932", "746573742d73616c7432", "/asd", 32, "jYz1UZ7j1BCdSzH3pZhaYf0iuz0vusoOTdqJsUT6WXI", true},
		{"imgproxy: plain source", key, salt, "/rs:fill:4:4/plain/local:///test1.png", 32, "My9d3xq_PYpVHsPrCyww0Kh1w5KZeZhIlWhsa4az1TI", true},
		{"imgproxy: manual", "736563726574", "68656C6C6F",
			"/rs:fill:300:400:0/g:sm/aHR0cDovL2V4YW1w/bGUuY29tL2ltYWdl/cy9jdXJpb3NpdHku/anBn.png", 32,
			"oKfUtW34Dvo2BGQehJFR4Nr0_rIjOtdtzJ3QFsUcXH8", true},
		{"cut, where it must be whole", key, salt, "/asd", 32, "oWaL7QoW5Ts", false},
		{"whole, where it must be cut", key, salt, "/asd", 8, whole, false},
		{"padded", key, salt, "/asd", 32, whole + "=", false},
		{"spare bits set", key, salt, "/asd", 32, whole[:42] + "1", false},
		{"spare bits set, cut", key, salt, "/asd", 8, "oWaL7QoW5Tt", false},
		{"a line break", key, salt, "/asd", 32, whole[:20] + "\n" + whole[20:], false},
		{"the other alphabet", key, salt, "/asd", 32, strings.ReplaceAll(whole, "-", "+"), false},
		{"altered", key, salt, "/asd", 32, "p" + whole[1:], false},
		{"another path", key, salt, "/asD", 32, whole, false},
		{"another key", "746573742d6b657a", salt, "/asd", 32, whole, false},
		{"another salt", key, "746573742d73616c75", "/asd", 32, whole, false},
		{"no key", "", salt, "/asd", 32, Sign(KeyPair{Salt: []byte("test-salt")}, "/asd"), false},
		{"empty", key, salt, "/asd", 32, "", false},
		{"no bytes", key, salt, "/asd", 0, "", false},
		{"too many bytes", key, salt, "/asd", 33, whole, false},
	}
}

func TestSignatureVectors(t *testing.T) {
	for _, v := range vectors(t, "signature.json", signatureVectors()) {
		t.Run(v.Name, func(t *testing.T) {
			pair := mustPair(t, v.KeyHex, v.SaltHex)
			err := Verify(pair, v.Signature, v.Path, v.Size)
			if v.Valid != (err == nil) || err != nil && !errors.Is(err, ErrSignature) {
				t.Errorf("Verify(%q, %q, %d) = %v, want valid = %v", v.Signature, v.Path, v.Size, err, v.Valid)
			}
			if v.Valid && v.Size == SignatureSize && Sign(pair, v.Path) != v.Signature {
				t.Errorf("Sign(%q) = %s, want %s", v.Path, Sign(pair, v.Path), v.Signature)
			}
		})
	}
}

func mustPair(t testing.TB, keyHex, saltHex string) KeyPair {
	t.Helper()
	pair, err := Key{KeyHex: keyHex, SaltHex: saltHex}.Pair()
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

// What verifies is what Sign makes, cut to size, and what Sign makes is the HMAC of salt and path.
func FuzzVerify(f *testing.F) {
	for _, v := range signatureVectors() {
		key, _ := hex.DecodeString(v.KeyHex)
		salt, _ := hex.DecodeString(v.SaltHex)
		f.Add(key, salt, v.Signature, v.Path, v.Size)
	}
	f.Add([]byte(strings.Repeat("k", 200)), []byte(strings.Repeat("s", 200)), "", "/"+strings.Repeat("p", 600), 32)
	f.Fuzz(func(t *testing.T, key, salt []byte, signature, path string, size int) {
		pair := KeyPair{key, salt}
		whole := Sign(pair, path)
		mac := hmac.New(sha256.New, key)
		mac.Write(append(append([]byte{}, salt...), path...))
		sum := mac.Sum(nil)
		if want := base64.RawURLEncoding.EncodeToString(sum); whole != want {
			t.Errorf("Sign = %s, crypto/hmac says %s", whole, want)
		}
		if size >= 1 && size <= 32 && len(key) > 0 {
			if err := Verify(pair, base64.RawURLEncoding.EncodeToString(sum[:size]), path, size); err != nil {
				t.Errorf("what Sign made does not verify: %v", err)
			}
		}
		if err := Verify(pair, signature, path, size); err == nil && signature != base64.RawURLEncoding.EncodeToString(sum[:size]) {
			t.Errorf("%q verifies, but is not what Sign makes of %q", signature, path)
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	pair := mustPair(b, strings.Repeat("6b", 32), strings.Repeat("73", 32))
	path := "/rs:fit:600:600/q:80/plain/https://images.example.com/2026/11/some-picture-of-a-house.jpg@webp"
	signature := Sign(pair, path)
	b.ReportAllocs()
	for b.Loop() {
		if err := Verify(pair, signature, path, SignatureSize); err != nil {
			b.Fatal(err)
		}
	}
}
