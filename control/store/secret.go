package store

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// A Secret is the one value that is kept beside the database and not in it: a copy of the database alone gives away
// no private key and no salt. Several control planes on one database share it.
type Secret [32]byte

// ErrSecret means that something was sealed with another secret, or altered since.
var ErrSecret = errors.New("sealed with another secret, or altered")

// LoadSecret reads the secret from a file that only its owner can read, and makes the file if there is none.
func LoadSecret(path string) (Secret, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return Secret{}, fmt.Errorf("store: secret: %w", err)
	}
	if err := makeSecret(path); err != nil {
		return Secret{}, fmt.Errorf("store: secret: %w", err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return Secret{}, fmt.Errorf("store: secret: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return Secret{}, fmt.Errorf("store: secret: %s may be read by others (%v): chmod 600 it", path, info.Mode().Perm())
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return Secret{}, fmt.Errorf("store: secret: %w", err)
	}
	var s Secret
	if copy(s[:], data) != len(s) || len(data) != len(s) {
		return Secret{}, fmt.Errorf("store: secret: %s holds %d bytes, want %d", path, len(data), len(s))
	}
	return s, nil
}

// makeSecret writes a new secret unless the file exists. It is written whole under another name and linked, so that
// two programs that start together end with the same one, and none reads half.
func makeSecret(path string) error {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".secret-*") // 0600
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	var s Secret
	rand.Read(s[:])
	if _, err := file.Write(s[:]); err != nil {
		file.Close()
		return err
	}
	if err := errors.Join(file.Sync(), file.Close()); err != nil {
		return err
	}
	if err := os.Link(file.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// Key derives the key for one purpose. A purpose is a fixed word of ours, never a stranger's.
func (s Secret) Key(purpose string) [32]byte {
	key, err := hkdf.Key(sha256.New, s[:], nil, "studio control: "+purpose, 32)
	if err != nil {
		panic(err) // only for lengths that 32 is not
	}
	return [32]byte(key)
}

// seal encrypts what a column keeps. The place is bound in: a sealed value moved to another row does not open.
func (db *DB) seal(place, id string, plain []byte) []byte {
	return db.aead().Seal(nil, nil, plain, []byte(place+"\x00"+id))
}

// open decrypts what seal made for the same place.
func (db *DB) open(place, id string, sealed []byte) ([]byte, error) {
	plain, err := db.aead().Open(nil, nil, sealed, []byte(place+"\x00"+id))
	if err != nil {
		return nil, fmt.Errorf("store: %s %s: %w", place, id, ErrSecret)
	}
	return plain, nil
}

func (db *DB) aead() cipher.AEAD {
	key := db.secret.Key("columns")
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic(err) // only for key lengths that 32 is not
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err)
	}
	return aead
}
