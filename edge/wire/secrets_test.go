package wire

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// secretVectors is testdata/secrets.json: the texts that people copy into settings.
type secretVectors struct {
	APISecrets []secretVector `json:"api_secrets"`
	NodeTokens []secretVector `json:"node_tokens"`
}

type secretVector struct {
	Name   string `json:"name"`
	Text   string `json:"text"`
	ID     string `json:"id,omitempty"` // key or node; empty: refused
	SHA256 string `json:"sha256,omitempty"`
}

func makeSecretVectors(t testing.TB) secretVectors {
	key, err := NewAPIKey(bytes.NewReader(bytes.Repeat([]byte{1, 77, 9, 130, 201, 42, 3, 61}, 64)))
	if err != nil {
		t.Fatal(err)
	}
	s, id := key.Secret, string(key.ID)
	node := NodeToken{"eu-1", base64.RawURLEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32)), public(testKey("bundle"))}
	n := node.String()
	return secretVectors{
		APISecrets: []secretVector{
			{"good", s, id, HashSecret(s)},
			{"checksum of another", s[:len(s)-6] + "000000", "", ""},
			{"a letter altered", s[:30] + string(s[30]^1) + s[31:], "", ""},
			{"two letters changed over", s[:40] + s[41:42] + s[40:41] + s[42:], "", ""},
			{"id in capitals", strings.Replace(s, id, strings.ToUpper(id), 1), "", ""},
			{"shorter", s[:len(s)-1], "", ""},
			{"longer", s + "0", "", ""},
			{"a space behind", s + " ", "", ""},
			{"another prefix", "pas_test_" + s[9:], "", ""},
			{"id alone", "pas_live_" + id, "", ""},
			{"nothing", "", "", ""},
		},
		NodeTokens: []secretVector{
			{"good", n, "eu-1", HashSecret(node.Secret)},
			{"another prefix", "pasm" + n[4:], "", ""},
			{"no node", strings.Replace(n, "eu-1", "", 1), "", ""},
			{"node with a space", strings.Replace(n, "eu-1", "eu 1", 1), "", ""},
			{"node too long", strings.Replace(n, "eu-1", strings.Repeat("a", 65), 1), "", ""},
			{"secret short", strings.Replace(n, node.Secret, node.Secret[:40], 1), "", ""},
			{"key short", n[:len(n)-3], "", ""},
			{"a part more", n + ".a", "", ""},
			{"a line break behind", n + "\n", "", ""},
			{"nothing", "", "", ""},
		},
	}
}

func TestSecretVectors(t *testing.T) {
	file := vectors(t, "secrets.json", makeSecretVectors(t))
	for _, v := range file.APISecrets {
		if id, ok := ParseAPISecret(v.Text); ok != (v.ID != "") || ok && (string(id) != v.ID || HashSecret(v.Text) != v.SHA256) {
			t.Errorf("API secret, %s: id %q, %v; want %q", v.Name, id, ok, v.ID)
		}
	}
	for _, v := range file.NodeTokens {
		got, err := ParseNodeToken(v.Text)
		if got.Node != v.ID || (err == nil) != (v.ID != "") || err == nil && HashSecret(got.Secret) != v.SHA256 {
			t.Errorf("node token, %s: %q, %v; want %q", v.Name, got.Node, err, v.ID)
		}
	}
}

func TestNewSecretsAreTaken(t *testing.T) {
	seen := make(map[string]bool)
	for range 100 {
		key, err := NewAPIKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if id, ok := ParseAPISecret(key.Secret); !ok || id != key.ID || seen[key.Secret] {
			t.Errorf("%+v is read as id %q, %v", key, id, ok)
		}
		if pair, err := (Key{KeyHex: key.KeyHex, SaltHex: key.SaltHex}).Pair(); err != nil || len(pair.Key) != 32 || len(pair.Salt) != 32 {
			t.Errorf("pair of %d and %d bytes, %v; want 32 and 32", len(pair.Key), len(pair.Salt), err)
		}
		seen[key.Secret] = true
	}
	if _, err := NewAPIKey(bytes.NewReader(make([]byte, 100))); err == nil {
		t.Error("a key was made of too few random bytes")
	}
	token, err := NewNodeToken("eu-1", public(testKey("bundle")))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := ParseNodeToken(token.String()); err != nil || got.String() != token.String() {
		t.Errorf("%v is read as %v, %v", token, got, err)
	}
	if _, err := NewNodeToken("eu 1", public(testKey("bundle"))); err == nil {
		t.Error("a node token was made for a name that cannot be read back")
	}
}

func TestSecretsStayOutOfLogs(t *testing.T) {
	key, err := NewAPIKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	token, err := NewNodeToken("eu-1", public(testKey("bundle")))
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("made", "key", key, "node", token)
	for _, secret := range []string{key.Secret, key.KeyHex, key.SaltHex, token.Secret} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log holds %s: %s", secret, log.String())
		}
	}
	if !strings.Contains(log.String(), string(key.ID)) || !strings.Contains(log.String(), "eu-1") {
		t.Errorf("the log does not say which key and node: %s", log.String())
	}
}

// A secret that is taken is its parts and their checksum.
func FuzzParseAPISecret(f *testing.F) {
	for _, v := range makeSecretVectors(f).APISecrets {
		f.Add(v.Text)
	}
	f.Fuzz(func(t *testing.T, s string) {
		id, ok := ParseAPISecret(s)
		if !ok {
			return
		}
		body, sum := s[:len(s)-6], s[len(s)-6:]
		if checksum(body) != sum || !strings.HasPrefix(s, fmt.Sprintf("pas_live_%s_", id)) || len(id) != 16 {
			t.Errorf("%q is taken with id %q", s, id)
		}
	})
}

// A node token that is taken has one spelling.
func FuzzParseNodeToken(f *testing.F) {
	for _, v := range makeSecretVectors(f).NodeTokens {
		f.Add(v.Text)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got, err := ParseNodeToken(s); err == nil && got.String() != s {
			t.Errorf("%q is read as %+v, which is written %q", s, got, got.String())
		}
	})
}
