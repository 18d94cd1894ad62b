package cluster

import "encoding/binary"

// What two nodes exchange over TCP when one joins, and every PushPullInterval: the loads each knows, then the owner's
// state. Loads repeat here what gossip may have lost.

// A loadEntry is the newest load that a node told of itself.
type loadEntry struct {
	Seq  uint64
	Load float64
}

// maxLoads bounds what a neighbour may make this node remember.
const maxLoads = 4096

// appendState writes the number of loads, each as a message behind its length in two bytes, then the owner's state.
func appendState(dst []byte, loads map[string]loadEntry, owner []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(loads)))
	for name, entry := range loads {
		m := message{Kind: kindLoad, Origin: name, Seq: entry.Seq, Payload: loadPayload(entry.Load)}.append(nil)
		dst = binary.LittleEndian.AppendUint16(dst, uint16(len(m)))
		dst = append(dst, m...)
	}
	return append(dst, owner...)
}

// readState reads what appendState wrote.
func readState(b []byte) (loads map[string]loadEntry, owner []byte, err error) {
	n, size := binary.Uvarint(b)
	if size <= 0 || n > maxLoads {
		return nil, nil, errMessage
	}
	b = b[size:]
	loads = make(map[string]loadEntry, n)
	for range n {
		if len(b) < 2 {
			return nil, nil, errMessage
		}
		length := int(binary.LittleEndian.Uint16(b))
		if b = b[2:]; len(b) < length {
			return nil, nil, errMessage
		}
		m, err := readMessage(b[:length])
		if err != nil || m.Kind != kindLoad {
			return nil, nil, errMessage
		}
		load, err := readLoad(m.Payload)
		if err != nil {
			return nil, nil, err
		}
		loads[m.Origin] = loadEntry{m.Seq, load}
		b = b[length:]
	}
	return loads, b, nil
}
