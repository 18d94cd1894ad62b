package main

import (
	"encoding/hex"
	"fmt"

	"github.com/professionalaistudio/studio/edge/config"
	"github.com/professionalaistudio/studio/edge/wire"
)

// staticKeys are EDGE_KEYS as the verifier knows keys. They have every scope, and no organisation: index 0.
func staticKeys(keys []config.Key) []wire.Key {
	list := make([]wire.Key, len(keys))
	for i, k := range keys {
		list[i] = wire.Key{ID: wire.KeyID(k.ID), KeyHex: hex.EncodeToString(k.Key), SaltHex: hex.EncodeToString(k.Salt)}
		if k.Secret != "" {
			list[i].SecretSHA256 = wire.HashSecret(k.Secret)
		}
	}
	return list
}

// nodeToken reads EDGE_NODE_TOKEN. The settings have seen to it that it is there where there is a control plane.
func nodeToken(cfg config.Config) (wire.NodeToken, error) {
	if cfg.NodeToken == "" {
		return wire.NodeToken{}, nil
	}
	t, err := wire.ParseNodeToken(cfg.NodeToken)
	if err != nil {
		return t, fmt.Errorf("settings: EDGE_NODE_TOKEN: %w", err)
	}
	return t, nil
}
