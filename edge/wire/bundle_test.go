package wire

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
)

// bundleVectors is testdata/bundle.json: sealed bundles, what they hold, and what must not be taken for one.
type bundleVectors struct {
	PublicKey string         `json:"public_key"`
	Bundles   []bundleVector `json:"bundles"`
}

type bundleVector struct {
	Name    string  `json:"name"`
	Sealed  string  `json:"sealed"`
	Refused string  `json:"refused,omitempty"` // bundle: by anybody; region: by an edge in "eu"
	Bundle  *Bundle `json:"bundle,omitempty"`
}

func makeBundleVectors(t testing.TB) bundleVectors {
	key, thief := testKey("bundle"), testKey("thief")
	seal := func(b Bundle) string {
		data, err := SealBundle(b, key)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	b := makeTokenVectors().Bundle
	b.Keys = []Key{{ID: "k1", Org: "org-1", OrgIndex: 4, SecretSHA256: HashSecret("secret"), KeyHex: "6b6579", SaltHex: "73616c74",
		Scopes: []string{"images"}, Regions: []string{"eu"}, Plan: "p3"}}
	b.Plans = map[string]Plan{"p3": {MPx: 24, RPS: 10, Ops: []string{"matte"}, Mark: true}}
	b.Switches = map[string]bool{"matte": true}
	good := seal(b)
	other := b
	other.Region, other.Number = "us", 8

	var envelope sealed
	if err := json.Unmarshal([]byte(good), &envelope); err != nil {
		t.Fatal(err)
	}
	tampered := func(change func(*sealed)) string {
		e := sealed{bytes.Clone(envelope.Payload), bytes.Clone(envelope.Signature)}
		change(&e)
		data, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	byThief, err := SealBundle(b, thief)
	if err != nil {
		t.Fatal(err)
	}
	return bundleVectors{
		PublicKey: base64.RawURLEncoding.EncodeToString(public(key)),
		Bundles: []bundleVector{
			{"good", good, "", &b},
			{"empty", seal(Bundle{Number: 1, Region: "eu"}), "", &Bundle{Number: 1, Region: "eu"}},
			{"members of a later version", tampered(func(e *sealed) {
				e.Payload = []byte(`{"number":9,"region":"eu","later":{"a":[1]}}`)
				e.Signature = by(key)(append([]byte(bundleDomain), e.Payload...))
			}), "", &Bundle{Number: 9, Region: "eu"}},
			{"of another region", seal(other), "region", &other},
			{"forged", string(byThief), "bundle", nil},
			{"payload altered", tampered(func(e *sealed) { e.Payload = bytes.Replace(e.Payload, []byte(`"number":7`), []byte(`"number":8`), 1) }), "bundle", nil},
			{"signature altered", tampered(func(e *sealed) { e.Signature[0] ^= 1 }), "bundle", nil},
			{"signature missing", tampered(func(e *sealed) { e.Signature = nil }), "bundle", nil},
			{"signed without its domain", tampered(func(e *sealed) { e.Signature = by(key)(e.Payload) }), "bundle", nil},
			{"signed, but no bundle", tampered(func(e *sealed) {
				e.Payload = []byte(`"number"`)
				e.Signature = by(key)(append([]byte(bundleDomain), e.Payload...))
			}), "bundle", nil},
			{"truncated", good[:len(good)/2], "bundle", nil},
			{"payload truncated", tampered(func(e *sealed) { e.Payload = e.Payload[:len(e.Payload)/2] }), "bundle", nil},
			{"something behind", good + "{}", "bundle", nil},
			{"unsealed", string(envelope.Payload), "bundle", nil},
			{"nothing", "", "bundle", nil},
		},
	}
}

func TestBundleVectors(t *testing.T) {
	file := vectors(t, "bundle.json", makeBundleVectors(t))
	pub, err := decodeKey(file.PublicKey, 32)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range file.Bundles {
		t.Run(v.Name, func(t *testing.T) {
			got, err := OpenBundle([]byte(v.Sealed), pub)
			if v.Bundle == nil {
				if !errors.Is(err, ErrBundle) {
					t.Errorf("opens as %+v, %v; want ErrBundle", got, err)
				}
				return
			}
			if err != nil || !reflect.DeepEqual(got, *v.Bundle) {
				t.Errorf("opens as\n%+v, %v; want\n%+v", got, err, *v.Bundle)
			}
		})
	}
	if _, err := OpenBundle([]byte(file.Bundles[0].Sealed), nil); !errors.Is(err, ErrBundle) {
		t.Errorf("without a key: %v, want ErrBundle", err)
	}
	if _, err := OpenBundle(make([]byte, MaxBundle+1), pub); !errors.Is(err, ErrBundle) {
		t.Errorf("over the limit: %v, want ErrBundle", err)
	}
}

// What opens was signed: sealing it with another's key instead never opens, and it can be sealed again.
func FuzzOpenBundle(f *testing.F) {
	for _, v := range makeBundleVectors(f).Bundles {
		f.Add([]byte(v.Sealed))
	}
	key, thief := testKey("bundle"), testKey("thief")
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := OpenBundle(data, public(key))
		if err != nil {
			if !errors.Is(err, ErrBundle) {
				t.Errorf("%q: %v, want ErrBundle", data, err)
			}
			return
		}
		if _, err := OpenBundle(data, public(thief)); err == nil {
			t.Errorf("%q opens with two keys", data)
		}
		again, err := SealBundle(b, key)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := OpenBundle(again, public(key)); err != nil || !sameJSON(got, b) {
			t.Errorf("%+v is sealed and opens as %+v, %v", b, got, err)
		}
	})
}

// sameJSON reports whether two values are written the same: empty and absent lists are.
func sameJSON(a, b any) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

func TestResidency(t *testing.T) {
	for _, test := range []struct {
		regions    []string
		token, key bool
	}{
		{nil, false, true}, // a token must say; a key may leave it out
		{[]string{"eu"}, true, true},
		{[]string{"us", "eu"}, true, true},
		{[]string{"us"}, false, false},
		{[]string{"*"}, true, true},
		{[]string{"EU"}, false, false},
		{[]string{""}, false, false},
	} {
		token, key := Resident(test.regions, "eu"), Key{Regions: test.regions}.Resident("eu")
		if token != test.token || key != test.key {
			t.Errorf("%q in eu: token %v, key %v; want %v, %v", test.regions, token, key, test.token, test.key)
		}
	}
}

func TestPair(t *testing.T) {
	if pair, err := (Key{KeyHex: "6B6579", SaltHex: "73616c74"}).Pair(); err != nil || string(pair.Key) != "key" || string(pair.Salt) != "salt" {
		t.Errorf("pair is %q, %v", pair, err)
	}
	for _, k := range []Key{{ID: "k", KeyHex: "6"}, {ID: "k", KeyHex: "zz"}, {ID: "k", SaltHex: "zz"}} {
		if _, err := k.Pair(); err == nil || !strings.Contains(err.Error(), "k is not hexadecimal") {
			t.Errorf("pair of %+v: %v", k, err)
		}
	}
}
