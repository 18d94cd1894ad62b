package config

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// set parses text into the field v. Its errors continue a sentence that begins with the setting's name.
func set(v reflect.Value, text string) (err error) {
	switch p := v.Addr().Interface().(type) {
	case *string:
		*p = text
	case *int:
		if *p, err = strconv.Atoi(text); err != nil {
			return errors.New("must be a whole number")
		}
	case *time.Duration:
		if *p, err = time.ParseDuration(text); err != nil {
			return errors.New("must be a duration such as 15s or 2m")
		}
	case *Bytes:
		*p, err = parseBytes(text)
	case *Count:
		*p, err = parseCount(text)
	case *[]string:
		*p = list(text)
	case *[]netip.Prefix:
		*p, err = each(text, parsePrefix)
	case *[]Key:
		*p, err = each(text, parseKey)
	case *[][]byte:
		*p, err = each(text, parseGossipKey)
	case *ed25519.PublicKey:
		*p, err = parsePublicKey(text)
	default:
		panic(fmt.Sprintf("config: a setting of type %s cannot be read", v.Type()))
	}
	return err
}

func list(text string) (items []string) {
	for item := range strings.SplitSeq(text, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}

// each parses the items of a list; the first wrong one is told by its place, since it may be a secret.
func each[T any](text string, parse func(string) (T, error)) (all []T, err error) {
	for i, item := range list(text) {
		one, err := parse(item)
		if err != nil {
			return nil, fmt.Errorf("item %d %w", i+1, err)
		}
		all = append(all, one)
	}
	return all, nil
}

func parsePrefix(s string) (netip.Prefix, error) {
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return p, errors.New("must be a range such as 10.0.0.0/8")
	}
	return p.Masked(), nil
}

var units = []struct {
	suffix string
	size   float64
}{
	{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30},
	{"kB", 1e3}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"B", 1}, {"", 1},
}

func parseBytes(s string) (Bytes, error) {
	for _, u := range units {
		if number, ok := strings.CutSuffix(s, u.suffix); ok {
			if n, ok := scaled(number, u.size); ok {
				return Bytes(n), nil
			}
			break
		}
	}
	return 0, errors.New("must be a size such as 32MiB")
}

func parseCount(s string) (Count, error) {
	for _, u := range []struct {
		suffix string
		size   float64
	}{{"k", 1e3}, {"M", 1e6}, {"G", 1e9}, {"", 1}} {
		if number, ok := strings.CutSuffix(s, u.suffix); ok {
			if n, ok := scaled(number, u.size); ok {
				return Count(n), nil
			}
			break
		}
	}
	return 0, errors.New("must be a number such as 50M")
}

// scaled multiplies, and refuses what is no number or leaves the range in which a float64 counts exactly.
func scaled(number string, size float64) (int64, bool) {
	n, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if n *= size; err != nil || !(n >= -1<<53 && n <= 1<<53) {
		return 0, false
	}
	return int64(n), true
}

func parseKey(s string) (k Key, err error) {
	parts := strings.SplitN(s, ":", 4)
	if len(parts) < 3 {
		return k, errors.New("must be id:hexkey:hexsalt[:secret]")
	}
	k.ID = parts[0]
	if !name(k.ID) {
		return k, errors.New("must begin with an id of 1 to 64 letters, digits, - and _")
	}
	if k.Key, err = hex.DecodeString(parts[1]); err != nil || len(k.Key) == 0 {
		return k, fmt.Errorf("(%s) must have its key in hex", k.ID)
	}
	if k.Salt, err = hex.DecodeString(parts[2]); err != nil {
		return k, fmt.Errorf("(%s) must have its salt in hex", k.ID)
	}
	if len(parts) == 4 {
		if k.Secret = parts[3]; len(k.Secret) < 16 {
			return k, fmt.Errorf("(%s) must have a secret of 16 characters or more", k.ID)
		}
	}
	return k, nil
}

func parseGossipKey(s string) ([]byte, error) {
	key, err := hex.DecodeString(s)
	if err != nil {
		key, err = base64.StdEncoding.DecodeString(s)
	}
	if err != nil || (len(key) != 16 && len(key) != 24 && len(key) != 32) {
		return nil, errors.New("must be 16, 24 or 32 bytes in hex or base64")
	}
	return key, nil
}

// parsePublicKey reads an Ed25519 key: its 32 bytes in base64 or hex, or as `openssl pkey -pubout` writes it, with its two
// lines of dashes or, where a setting is one line, without them. One that is wrong is empty rather than nil: it was set.
func parsePublicKey(s string) (ed25519.PublicKey, error) {
	none := ed25519.PublicKey{}
	wrong := errors.New("must be an Ed25519 public key: PEM, or 32 bytes in base64 or hex")
	der := []byte(nil)
	if strings.HasPrefix(s, "-----BEGIN") {
		block, rest := pem.Decode([]byte(s + "\n"))
		if block == nil || strings.TrimSpace(string(rest)) != "" {
			return none, wrong
		}
		if strings.Contains(block.Type, "PRIVATE") {
			return none, errors.New("must be a public key, and is a private one: whoever holds that can sign packs, so it belongs on no node")
		}
		der = block.Bytes
	} else if key, err := hex.DecodeString(s); err == nil && len(key) == ed25519.PublicKeySize {
		return key, nil
	} else if data, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(strings.NewReplacer("-", "+", "_", "/").Replace(s), "=")); err == nil {
		if len(data) == ed25519.PublicKeySize {
			return data, nil
		}
		der = data
	}
	key, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return none, wrong
	}
	if key, ok := key.(ed25519.PublicKey); ok {
		return key, nil
	}
	return none, wrong
}
