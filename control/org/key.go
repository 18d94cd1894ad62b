package org

import (
	"log/slog"
	"time"

	"github.com/professionalaistudio/studio/edge/wire"
)

// A Key is an API key as control keeps it.
type Key struct {
	ID              wire.KeyID
	Org             wire.OrgID
	OrgIndex        uint32
	Purpose         string // what its owner calls it
	SecretSHA256    string
	KeyHex, SaltHex string // what URLs are signed with; at rest, sealed
	Scopes          []string
	Regions         []string // where its photos may be; none named: everywhere
	Created         time.Time
	LastUsed        time.Time // the day, not the hour: enough to find a key that nobody needs
	Revoked         time.Time
}

// Live says whether the key is good.
func (k Key) Live() bool { return k.Revoked.IsZero() }

// LogValue keeps the secrets out of logs.
func (k Key) LogValue() slog.Value { return slog.StringValue(string(k.ID)) }

func (k Key) wire() wire.Key {
	return wire.Key{
		ID: k.ID, Org: k.Org, OrgIndex: k.OrgIndex, SecretSHA256: k.SecretSHA256,
		KeyHex: k.KeyHex, SaltHex: k.SaltHex, Scopes: k.Scopes, Regions: k.Regions,
	}
}
