package vips

import (
	"bytes"
	"testing"
)

// maxFuzzPixels keeps a fuzzing round short; the law is about whatever passes the cap.
const maxFuzzPixels = 1 << 18

func seed(f *testing.F) {
	for _, data := range files(f, corners(24, 16)) {
		f.Add(data)
		f.Add(data[:len(data)*2/3])
	}
	f.Add(withOrientation(encodeJPEG(f, corners(24, 16)), 6))
	f.Add(withProfile(encodeJPEG(f, corners(24, 16)), profile("Swapped", primaries[1], primaries[2], primaries[0])))
	for _, data := range bombs(f) {
		f.Add(data)
	}
	f.Add(cmyk(f))
	f.Add([]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"))
	f.Add(bytes.Repeat([]byte{0xFF, 0xD8, 0xFF, 0xDA}, 8))
}

// FuzzProbe: whatever the bytes, there is an error or a header that makes sense.
func FuzzProbe(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		info, err := Probe(data)
		if err != nil {
			return
		}
		if info.Width < 1 || info.Height < 1 || info.Bands < 1 || info.Orientation < 1 || info.Orientation > 8 ||
			!info.Format.CanLoad() || info.Format != Sniff(data) {
			t.Errorf("%d bytes have a header that cannot be: %+v", len(data), info)
		}
	})
}

// FuzzLoad: whatever the bytes, nothing larger than the cap is decoded, and what is decoded can be worked on and has the
// size that was asked for.
func FuzzLoad(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		before := bytes.Clone(data)
		img, err := Load(data, LoadConfig{MaxPixels: maxFuzzPixels, FailOn: FailOnNone})
		if err != nil {
			return
		}
		defer img.Close()
		if pixels := img.Width() * img.Height(); pixels > maxFuzzPixels {
			t.Fatalf("%d pixels were let through, at most %d", pixels, maxFuzzPixels)
		}
		if img.ToSRGB() != nil || img.ResizeTo(9, 7) != nil || img.AutoRotate() != nil {
			return
		}
		if img.Bands() != 3 && img.Bands() != 4 {
			t.Fatalf("sRGB has %d bands", img.Bands())
		}
		if w, h := img.Width(), img.Height(); w*h != 63 || w+h != 16 {
			t.Fatalf("9 x 7 was asked for, %d x %d came", w, h)
		}
		b, err := img.Encode(EncodeConfig{Format: JPEG, StripMetadata: true})
		if err != nil {
			t.Fatalf("a decoded picture cannot be written: %v", err)
		}
		defer b.Close()
		if info, err := Probe(b.Bytes()); err != nil || info.Pixels() != 63 {
			t.Fatalf("what was written reads as %+v, %v", info, err)
		}
		if !bytes.Equal(data, before) {
			t.Fatal("the source was changed")
		}
	})
}

// FuzzMemory: a JPEG that is decoded into memory at once is what libvips makes of it line by line, to the bit, however broken; at the
// sizes in between it has the size that it should.
func FuzzMemory(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		if Sniff(data) != JPEG {
			return
		}
		for _, cfg := range []LoadConfig{{}, {Shrink: 2}, {FailOn: FailOnNone}, {Shrink: 4, FailOn: FailOnNone}} {
			cfg.MaxPixels = maxFuzzPixels
			decoded := func(at bool) ([]byte, error) {
				img, err := Load(data, cfg)
				if err != nil {
					return nil, err
				}
				defer img.Close()
				if !at {
					img.jpeg = nil
				}
				if err := img.CopyMemory(); err != nil {
					return nil, err
				}
				r, err := img.Raster()
				return bytes.Clone(r.Pix), err
			}
			once, err := decoded(true)
			lines, errLines := decoded(false)
			if err == nil && errLines == nil && !bytes.Equal(once, lines) {
				t.Fatalf("%+v: not the same pixels", cfg)
			}
			// libvips reads on to the end of the file and may trip over what lies there; what it can read we can.
			if err != nil && errLines == nil {
				t.Fatalf("%+v: %v, and libvips decodes it", cfg, err)
			}
		}
		for _, e := range []int{1, 3, 5, 8} {
			img, err := Load(data, LoadConfig{Eighths: e, MaxPixels: maxFuzzPixels, FailOn: FailOnNone})
			if err != nil {
				continue
			}
			info, _ := Probe(data)
			if err := img.CopyMemory(); err == nil && img.Bands() != 4 {
				if w, h := img.Width(), img.Height(); (w != info.Width*e/8 || h != info.Height*e/8) && e != 3 && e != 5 {
					t.Fatalf("at %d/8 of %d x %d it is %d x %d", e, info.Width, info.Height, w, h)
				}
			}
			img.Close()
		}
	})
}
