package cluster

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/hashicorp/memberlist"
)

// A meta is what a node says of itself that changes slowly; it travels as memberlist's node metadata. A longer one than
// memberlist.MetaMaxSize would panic inside it, so Start refuses texts that could not fit (TestMetaFits).
type meta struct {
	Draining bool
	Bundle   uint64 // number of the newest bundle
	Region   string
	Node     string // the stable name; memberlist's own is new at every boot
	Address  string // public URL
	Build    string
	Started  uint64 // unix microseconds
}

const metaVersion = 1

// The longest each text may be, in bytes.
const (
	maxRegion  = 64
	maxNode    = 96
	maxAddress = 200
	maxBuild   = 96
)

var errMeta = errors.New("not the metadata of an edge node")

// append writes m: version, flags, bundle (8 bytes, little endian), then each text behind its length in one byte,
// then the start (8 bytes). Fields are added at the end only.
func (m meta) append(dst []byte) []byte {
	var flags byte
	if m.Draining {
		flags |= 1
	}
	dst = append(dst, metaVersion, flags)
	dst = binary.LittleEndian.AppendUint64(dst, m.Bundle)
	for _, text := range []string{m.Region, m.Node, m.Address, m.Build} {
		dst = append(dst, byte(len(text)))
		dst = append(dst, text...)
	}
	return binary.LittleEndian.AppendUint64(dst, m.Started)
}

// check names the text that is too long.
func (m meta) check() error {
	for _, text := range []struct {
		name, value string
		max         int
	}{{"region", m.Region, maxRegion}, {"node", m.Node, maxNode}, {"address", m.Address, maxAddress}, {"build", m.Build, maxBuild}} {
		if len(text.value) > text.max {
			return fmt.Errorf("the %s is %d bytes long; the pool carries %d", text.name, len(text.value), text.max)
		}
	}
	if m.Region == "" || m.Node == "" {
		return errors.New("a node needs a region and a name")
	}
	return nil
}

// readMeta reads what append wrote; what follows the fields known here is of a newer edge and is left alone.
func readMeta(b []byte) (m meta, err error) {
	if len(b) < 10 || len(b) > memberlist.MetaMaxSize || b[0] < metaVersion {
		return meta{}, errMeta
	}
	m.Draining = b[1]&1 != 0
	m.Bundle = binary.LittleEndian.Uint64(b[2:])
	b = b[10:]
	for _, text := range []*string{&m.Region, &m.Node, &m.Address, &m.Build} {
		if len(b) == 0 || len(b) < 1+int(b[0]) {
			return meta{}, errMeta
		}
		*text, b = string(b[1:1+b[0]]), b[1+b[0]:]
	}
	if len(b) < 8 {
		return meta{}, errMeta
	}
	m.Started = binary.LittleEndian.Uint64(b)
	return m, m.check()
}
