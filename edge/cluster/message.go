package cluster

import (
	"encoding/binary"
	"errors"
	"math"
)

// A message is what travels between nodes by gossip. Origin and Seq name it, so that each node passes it on once and a
// newer load of a node takes the place of the older one.
type message struct {
	Kind    byte // kindLoad, or a kind of the owner's with its high bit set on the wire
	Origin  string
	Seq     uint64
	Payload []byte
}

// kindLoad is this package's own kind; the owner's kinds are sent with ownKind set.
const (
	kindLoad byte = 0
	ownKind  byte = 0x80
)

// MaxPayload is the longest message that Broadcast takes, in bytes: it has to fit a UDP packet beside others.
const MaxPayload = 1000

var errMessage = errors.New("not a message of an edge node")

// append writes m: kind, length and text of the origin, sequence (8 bytes, little endian), payload.
func (m message) append(dst []byte) []byte {
	dst = append(dst, m.Kind, byte(len(m.Origin)))
	dst = append(dst, m.Origin...)
	dst = binary.LittleEndian.AppendUint64(dst, m.Seq)
	return append(dst, m.Payload...)
}

// readMessage reads what append wrote. The payload is a copy: memberlist uses its buffer again.
func readMessage(b []byte) (message, error) {
	if len(b) < 2 || len(b) < 2+int(b[1])+8 || len(b) > 2+255+8+MaxPayload {
		return message{}, errMessage
	}
	origin, rest := b[2:2+b[1]], b[2+b[1]:]
	m := message{Kind: b[0], Origin: string(origin), Seq: binary.LittleEndian.Uint64(rest), Payload: append([]byte(nil), rest[8:]...)}
	if m.Origin == "" || m.Kind != kindLoad && m.Kind&ownKind == 0 {
		return message{}, errMessage
	}
	return m, nil
}

// loadPayload and readLoad carry a load as a 32-bit float.
func loadPayload(load float64) []byte {
	return binary.LittleEndian.AppendUint32(nil, math.Float32bits(float32(load)))
}

func readLoad(b []byte) (float64, error) {
	if len(b) != 4 {
		return 0, errMessage
	}
	load := float64(math.Float32frombits(binary.LittleEndian.Uint32(b)))
	if math.IsNaN(load) || load < 0 || load > 1e6 {
		return 0, errMessage
	}
	return load, nil
}
