package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"strconv"
)

// ErrUsage says that bytes are not a usage record.
var ErrUsage = errors.New("not a usage record")

// UsageSize is the length of a usage record: fixed, so that a spool can be cut anywhere and read again.
//
//	 0  version   1
//	 1  op        uint8
//	 2  outcome   uint8
//	 3  zero
//	 4  seq       uint64, little endian as all that follow
//	12  time      uint32, unix seconds
//	16  org       uint32, index of the organisation
//	20  units     uint32
//	24  order     uint64, 0 for none
//	32  zero      4 bytes
//	36  checksum  CRC-32C of all before
const UsageSize = 40

const usageVersion = 1

// Usage is one thing that was done. It is numbers only: no field could hide a photo or a name.
type Usage struct {
	Seq     uint64 // from 1 on, without a gap, for each start of a node
	Time    uint32
	Org     uint32
	Op      Op
	Outcome Outcome
	Units   uint32
	Order   uint64
}

// An Op is what was done.
type Op uint8

const (
	OpImage Op = 1 // a signed URL, or its options on a body
	OpPhoto Op = 2 // a document photo
	OpCheck Op = 3 // findings alone
	OpMatte Op = 4 // a background removed
	OpSheet Op = 5 // a photo with its sheet
)

func (o Op) String() string {
	switch o {
	case OpImage:
		return "image"
	case OpPhoto:
		return "photo"
	case OpCheck:
		return "check"
	case OpMatte:
		return "matte"
	case OpSheet:
		return "sheet"
	}
	return "op " + strconv.Itoa(int(o)) // of a newer edge
}

// An Outcome is how it went.
type Outcome uint8

const (
	OutcomeOK      Outcome = 0
	OutcomeRefused Outcome = 1 // the caller's input could not be used
	OutcomeFailed  Outcome = 2 // our fault
)

func (o Outcome) String() string {
	switch o {
	case OutcomeOK:
		return "ok"
	case OutcomeRefused:
		return "refused"
	case OutcomeFailed:
		return "failed"
	}
	return "outcome " + strconv.Itoa(int(o))
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// AppendUsage appends the record of u to dst.
func AppendUsage(dst []byte, u Usage) []byte {
	start := len(dst)
	dst = append(dst, usageVersion, byte(u.Op), byte(u.Outcome), 0)
	dst = binary.LittleEndian.AppendUint64(dst, u.Seq)
	dst = binary.LittleEndian.AppendUint32(dst, u.Time)
	dst = binary.LittleEndian.AppendUint32(dst, u.Org)
	dst = binary.LittleEndian.AppendUint32(dst, u.Units)
	dst = binary.LittleEndian.AppendUint64(dst, u.Order)
	dst = append(dst, 0, 0, 0, 0)
	return binary.LittleEndian.AppendUint32(dst, crc32.Checksum(dst[start:], castagnoli))
}

// ReadUsage reads the record at the start of b. What a disk left half written or zeroed is refused, and so is a
// record without a number or an operation: no version ever wrote one.
func ReadUsage(b []byte) (Usage, error) {
	if len(b) < UsageSize {
		return Usage{}, fmt.Errorf("%d bytes of %d: %w", len(b), UsageSize, ErrUsage)
	}
	b = b[:UsageSize]
	if got, want := crc32.Checksum(b[:36], castagnoli), binary.LittleEndian.Uint32(b[36:]); got != want {
		return Usage{}, fmt.Errorf("checksum %08x, not %08x: %w", got, want, ErrUsage)
	}
	if b[0] != usageVersion {
		return Usage{}, fmt.Errorf("version %d: %w", b[0], ErrUsage)
	}
	if b[3] != 0 || binary.LittleEndian.Uint32(b[32:]) != 0 {
		return Usage{}, fmt.Errorf("bytes that version %d leaves zero are not: %w", usageVersion, ErrUsage)
	}
	u := Usage{
		Op:      Op(b[1]),
		Outcome: Outcome(b[2]),
		Seq:     binary.LittleEndian.Uint64(b[4:]),
		Time:    binary.LittleEndian.Uint32(b[12:]),
		Org:     binary.LittleEndian.Uint32(b[16:]),
		Units:   binary.LittleEndian.Uint32(b[20:]),
		Order:   binary.LittleEndian.Uint64(b[24:]),
	}
	if u.Seq == 0 || u.Op == 0 {
		return Usage{}, fmt.Errorf("record %d of operation %d: %w", u.Seq, u.Op, ErrUsage)
	}
	return u, nil
}
