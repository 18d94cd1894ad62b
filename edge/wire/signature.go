package wire

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
)

// ErrSignature says that a path was not signed with the key it names, or was altered since.
var ErrSignature = errors.New("the signature does not fit")

// SignatureSize is the whole signature in bytes; imgproxy allows shorter ones by configuration.
const SignatureSize = sha256.Size

// A KeyPair signs URLs as imgproxy does: HMAC-SHA256 under Key of Salt followed by the path.
type KeyPair struct{ Key, Salt []byte }

// Sign returns the whole signature of path, which begins with a slash and is all that follows the signature.
func Sign(k KeyPair, path string) string {
	sum := k.sum(path)
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// Verify reports whether signature is that of path, cut to size bytes (1 to 32). Because it compares spellings
// rather than decoded bytes, padding, spare bits and line breaks, which base64 would forgive, are refused: a
// signed URL has one form, and a cache holds it once.
func Verify(k KeyPair, signature, path string, size int) error {
	if size < 1 || size > SignatureSize {
		return fmt.Errorf("a signature of %d bytes: %w", size, ErrSignature)
	}
	if len(k.Key) == 0 || len(signature) != base64.RawURLEncoding.EncodedLen(size) {
		return ErrSignature // without a key anybody could sign
	}
	sum := k.sum(path)
	var want [(SignatureSize*8 + 5) / 6]byte
	base64.RawURLEncoding.Encode(want[:], sum[:size])
	if subtle.ConstantTimeCompare([]byte(signature), want[:len(signature)]) != 1 {
		return ErrSignature
	}
	return nil
}

// sum is HMAC-SHA256 (RFC 2104) of salt and path. It is written out because crypto/hmac makes two hashes on the heap
// for each call, which costs as much as hashing; this stays on the stack but for a very long path. FuzzVerify holds
// it against crypto/hmac.
func (k KeyPair) sum(path string) [SignatureSize]byte {
	var key [sha256.BlockSize]byte
	if len(k.Key) > len(key) {
		short := sha256.Sum256(k.Key)
		copy(key[:], short[:])
	} else {
		copy(key[:], k.Key)
	}
	var room [512]byte
	text := room[:0]
	for _, b := range key {
		text = append(text, b^0x36)
	}
	text = append(text, k.Salt...)
	text = append(text, path...)
	inner := sha256.Sum256(text)
	text = room[:0]
	for _, b := range key {
		text = append(text, b^0x5c)
	}
	return sha256.Sum256(append(text, inner[:]...))
}
