package wire

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"hash/crc32"
	"testing"
)

// usageVector is a row of testdata/usage.json.
type usageVector struct {
	Name  string     `json:"name"`
	Hex   string     `json:"hex"`
	Usage *usageJSON `json:"usage,omitempty"` // nil: refused
}

type usageJSON struct {
	Seq     uint64 `json:"seq,string"` // as text: a number of JavaScript has 53 bits
	Time    uint32 `json:"time"`
	Org     uint32 `json:"org"`
	Op      uint8  `json:"op"`
	Outcome uint8  `json:"outcome"`
	Units   uint32 `json:"units"`
	Order   uint64 `json:"order,string"`
}

func (u usageJSON) usage() Usage {
	return Usage{u.Seq, u.Time, u.Org, Op(u.Op), Outcome(u.Outcome), u.Units, u.Order}
}

func usageVectors() []usageVector {
	small := usageJSON{1, 1795521600, 0, 1, 0, 1, 0}
	each := usageJSON{0x0102030405060708, 0x090a0b0c, 0x0d0e0f10, 4, 2, 0x11121314, 0x15161718191a1b1c}
	most := usageJSON{1<<64 - 1, 1<<32 - 1, 1<<32 - 1, 255, 255, 1<<32 - 1, 1<<64 - 1}
	write := func(u usageJSON) string { return hex.EncodeToString(AppendUsage(nil, u.usage())) }
	// changed is the small record with a byte replaced, and its checksum made good where again is true.
	changed := func(at int, to byte, again bool) string {
		b := AppendUsage(nil, small.usage())
		b[at] = to
		if again {
			binary.LittleEndian.PutUint32(b[36:], crc32.Checksum(b[:36], crc32.MakeTable(crc32.Castagnoli)))
		}
		return hex.EncodeToString(b)
	}
	return []usageVector{
		{"smallest", write(small), &small},
		{"each byte another", write(each), &each},
		{"largest, of an operation yet to come", write(most), &most},
		{"with another record behind", write(small) + write(each), &small},
		{"cut", write(small)[:78], nil},
		{"a bit altered", changed(12, 1, false), nil},
		{"checksum altered", changed(39, 0, false), nil},
		{"version 0", changed(0, 0, true), nil},
		{"version 2", changed(0, 2, true), nil},
		{"fourth byte not zero", changed(3, 1, true), nil},
		{"last byte before the checksum not zero", changed(35, 1, true), nil},
		{"no operation", changed(1, 0, true), nil},
		{"no number", changed(4, 0, true), nil},
		{"zeros", hex.EncodeToString(make([]byte, UsageSize)), nil},
		{"nothing", "", nil},
	}
}

func TestUsageVectors(t *testing.T) {
	for _, v := range vectors(t, "usage.json", usageVectors()) {
		b, err := hex.DecodeString(v.Hex)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ReadUsage(b)
		if v.Usage == nil {
			if !errors.Is(err, ErrUsage) {
				t.Errorf("%s: %+v, %v; want ErrUsage", v.Name, got, err)
			}
		} else if err != nil || got != v.Usage.usage() {
			t.Errorf("%s: %+v, %v; want %+v", v.Name, got, err, *v.Usage)
		}
	}
	// The layout itself, byte by byte, so that writer and reader cannot change together unseen.
	const want = "01040200" + "0807060504030201" + "0c0b0a09" + "100f0e0d" + "14131211" + "1c1b1a1918171615" + "00000000"
	if got := hex.EncodeToString(AppendUsage(nil, usageVectors()[1].Usage.usage()))[:72]; got != want {
		t.Errorf("layout is %s, want %s", got, want)
	}
}

func TestAppendUsageAppends(t *testing.T) {
	u := Usage{Seq: 5, Op: OpMatte}
	if got := AppendUsage([]byte("before"), u); string(got[:6]) != "before" || !bytes.Equal(got[6:], AppendUsage(nil, u)) || len(got) != 6+UsageSize {
		t.Errorf("appended to something: %q", got)
	}
}

func TestUsageNames(t *testing.T) {
	for got, want := range map[string]string{
		OpImage.String(): "image", OpPhoto.String(): "photo", OpCheck.String(): "check", OpMatte.String(): "matte", OpSheet.String(): "sheet",
		Op(9).String(): "op 9", OutcomeOK.String(): "ok", OutcomeRefused.String(): "refused", OutcomeFailed.String(): "failed", Outcome(9).String(): "outcome 9",
	} {
		if got != want {
			t.Errorf("name %q, want %q", got, want)
		}
	}
}

// A record that is read is written back byte for byte: it holds nothing but what Usage shows.
func FuzzReadUsage(f *testing.F) {
	for _, v := range usageVectors() {
		b, _ := hex.DecodeString(v.Hex)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if u, err := ReadUsage(b); err == nil && !bytes.Equal(AppendUsage(nil, u), b[:UsageSize]) {
			t.Errorf("%x is read as %+v, which is written %x", b, u, AppendUsage(nil, u))
		}
		if len(b) >= UsageSize { // whatever the bytes, a good checksum must not make them unreadable by luck
			b = bytes.Clone(b[:UsageSize])
			b[0], b[3], b[32], b[33], b[34], b[35] = usageVersion, 0, 0, 0, 0, 0
			binary.LittleEndian.PutUint32(b[36:], crc32.Checksum(b[:36], castagnoli))
			u, err := ReadUsage(b)
			if noNumber := b[1] == 0 || binary.LittleEndian.Uint64(b[4:]) == 0; noNumber != (err != nil) || err == nil && !bytes.Equal(AppendUsage(nil, u), b) {
				t.Errorf("%x is read as %+v, %v", b, u, err)
			}
		}
	})
}
