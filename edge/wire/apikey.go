package wire

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"io"
	"log/slog"
	"strings"
)

// An API key's secret is pas_live_<id>_<secret><checksum>: 16, 43 and 6 letters and digits. The prefix and the
// checksum let a scanner of leaked secrets be sure of one without asking us, and let us refuse a mistyped one
// without looking it up.
const (
	secretPrefix   = "pas_live_"
	idLength       = 16
	secretLength   = 43 // 256 bits
	checksumLength = 6
	base62         = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

// An APIKey is shown once, when it is made.
type APIKey struct {
	ID      KeyID
	Secret  string // in full, as a client sends it
	KeyHex  string // what URLs are signed with
	SaltHex string
}

// LogValue keeps the secrets out of logs.
func (k APIKey) LogValue() slog.Value { return slog.StringValue(string(k.ID)) }

// NewAPIKey makes a key from random bytes, crypto/rand.Reader but for tests.
func NewAPIKey(random io.Reader) (APIKey, error) {
	id, err := randomWord(random, base62[:10]+base62[36:], idLength) // small letters: it stands in URLs
	if err != nil {
		return APIKey{}, err
	}
	secret, err := randomWord(random, base62, secretLength)
	if err != nil {
		return APIKey{}, err
	}
	pair := make([]byte, 64)
	if _, err := io.ReadFull(random, pair); err != nil {
		return APIKey{}, fmt.Errorf("random bytes for a key: %w", err)
	}
	body := secretPrefix + id + "_" + secret
	return APIKey{
		ID: KeyID(id), Secret: body + checksum(body),
		KeyHex: hex.EncodeToString(pair[:32]), SaltHex: hex.EncodeToString(pair[32:]),
	}, nil
}

// ParseAPISecret returns the id inside a secret, if it is one by form and checksum.
func ParseAPISecret(s string) (KeyID, bool) {
	rest, ok := strings.CutPrefix(s, secretPrefix)
	if !ok || len(rest) != idLength+1+secretLength+checksumLength || rest[idLength] != '_' {
		return "", false
	}
	id, secret := rest[:idLength], rest[idLength+1:]
	if strings.Trim(id, base62[:10]+base62[36:]) != "" || strings.Trim(secret, base62) != "" {
		return "", false
	}
	body := s[:len(s)-checksumLength]
	return KeyID(id), s[len(body):] == checksum(body)
}

// HashSecret is what is kept of a secret. The secrets are random, so a plain hash is as good as a slow one.
func HashSecret(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// checksum is the CRC-32 (IEEE) of s in six digits of base 62.
func checksum(s string) string {
	n := crc32.ChecksumIEEE([]byte(s))
	var b [checksumLength]byte
	for i := range b {
		b[len(b)-1-i] = base62[n%62]
		n /= 62
	}
	return string(b[:])
}

// randomWord draws letters of alphabet, each as likely as another.
func randomWord(random io.Reader, alphabet string, length int) (string, error) {
	word := make([]byte, 0, length)
	fair := 256 - 256%len(alphabet)
	for buf := make([]byte, 64); len(word) < length; {
		if _, err := io.ReadFull(random, buf); err != nil {
			return "", fmt.Errorf("random bytes for a key: %w", err)
		}
		for _, c := range buf {
			if int(c) < fair && len(word) < length {
				word = append(word, alphabet[int(c)%len(alphabet)])
			}
		}
	}
	return string(word), nil
}
