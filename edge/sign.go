package main

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/professionalaistudio/studio/edge/api"
	"github.com/professionalaistudio/studio/edge/config"
	"github.com/professionalaistudio/studio/edge/wire"
)

func signCommand(c *console, args []string) error {
	fs := c.flags("sign")
	id := fs.String("key", "", "id of the key in EDGE_KEYS (default: the first)")
	base := fs.String("base", "", "address of the edge (default: EDGE_PUBLIC_URL)")
	words, err := parse(fs, args, "OPTIONS", "SOURCE")
	if err != nil {
		return err
	}
	cfg, err := c.settings()
	if err != nil {
		return err
	}
	if *base == "" {
		*base = cfg.Public(nil)
	}
	key, err := pick(cfg.Keys, *id)
	if err != nil {
		return err
	}
	path, err := signedPath(words[0], words[1])
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(c.out, signedURL(*base, key, path, cfg.SignatureSize))
	return err
}

func pick(keys []config.Key, id string) (config.Key, error) {
	if len(keys) == 0 {
		return config.Key{}, errors.New("EDGE_KEYS is empty: set it to id:hexkey:hexsalt of the key to sign with")
	}
	for _, key := range keys {
		if id == "" || key.ID == id {
			return key, nil
		}
	}
	return config.Key{}, fmt.Errorf("EDGE_KEYS has no key %q", id)
}

// signedPath is what is signed: the options as they were written, and the source readably. A source may end in @ and a
// format's name, as in a URL; any other @ belongs to the address. What an edge would refuse is refused here.
func signedPath(options, source string) (string, error) {
	extension := ""
	if before, after, ok := cutLast(source, "@"); ok {
		if _, known := wire.ParseFormat(after); known {
			source, extension = before, "@"+after
		}
	}
	path := "/" + wire.PlainSource(source) + extension
	if options = strings.Trim(options, "/"); options != "" {
		path = "/" + options + path
	}
	o, err := wire.ParsePath(path)
	if err == nil {
		_, err = api.PhotoRequest(o)
	}
	if err != nil {
		return "", err
	}
	return path, nil
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

func signedURL(base string, key config.Key, path string, size int) string {
	signature := wire.Sign(wire.KeyPair{Key: key.Key, Salt: key.Salt}, path)
	if size < wire.SignatureSize {
		whole, err := base64.RawURLEncoding.DecodeString(signature)
		if err != nil {
			panic(err) // Sign writes nothing else
		}
		signature = base64.RawURLEncoding.EncodeToString(whole[:size])
	}
	return strings.TrimRight(base, "/") + "/i/" + key.ID + "/" + signature + path
}
