package store

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"time"
)

var crockford = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// NewID makes an identifier in the form of a ULID: 26 letters and digits, 48 bits of time and 80 of chance. New rows
// land at the end of an index, and a list by id is a list by age.
func NewID() string {
	var b [20]byte // 160 bits are 32 letters; the last 128 bits are ours, and the first six letters say nothing
	binary.BigEndian.PutUint64(b[2:10], uint64(time.Now().UnixMilli()))
	rand.Read(b[10:])
	return crockford.EncodeToString(b[:])[6:]
}
