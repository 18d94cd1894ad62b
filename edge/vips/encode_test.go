package vips

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/jpeg"
	"image/png"
	"slices"
	"testing"
)

func encode(t *testing.T, img *Image, cfg EncodeConfig) []byte {
	t.Helper()
	b, err := img.Encode(cfg)
	if err != nil {
		t.Fatalf("%s: %v", cfg.Format, err)
	}
	defer b.Close()
	return bytes.Clone(b.Bytes())
}

// segments are the markers of a JPEG up to its first scan.
func segments(t *testing.T, file []byte) (markers []byte, payload map[byte][]byte) {
	t.Helper()
	payload = map[byte][]byte{}
	for at := 2; at+4 <= len(file); {
		if file[at] != 0xFF {
			t.Fatalf("no marker at %d", at)
		}
		marker, length := file[at+1], int(binary.BigEndian.Uint16(file[at+2:]))
		markers = append(markers, marker)
		payload[marker] = file[at+4 : at+2+length]
		if marker == 0xDA {
			return markers, payload
		}
		at += 2 + length
	}
	t.Fatal("no scan")
	return nil, nil
}

// chunks are the names of a PNG's chunks.
func chunks(file []byte) (names []string, payload map[string][]byte) {
	payload = map[string][]byte{}
	for at := 8; at+12 <= len(file); {
		n, name := int(binary.BigEndian.Uint32(file[at:])), string(file[at+4:at+8])
		names = append(names, name)
		payload[name] = file[at+8 : at+8+n]
		at += 12 + n
	}
	return names, payload
}

func TestEncodeReadsBack(t *testing.T) {
	pix := opaque(corners(64, 48).Pix)
	img := fromPixels(t, pix, 64, 48, 3)
	for f := JPEG; f <= AVIF; f++ {
		file := encode(t, img, EncodeConfig{Format: f, Quality: 95, StripMetadata: true})
		if got := Sniff(file); got != f {
			t.Errorf("%s came out as %s", f, got)
		}
		got, w, h, bands := pixels(t, file, LoadConfig{}, (*Image).ToSRGB)
		if w != 64 || h != 48 {
			t.Errorf("%s is %d x %d, want 64 x 48", f, w, h)
		}
		for i, c := range quarters(got, w, h, bands) {
			if !near(c[:3], asRead[i], 12) {
				t.Errorf("%s: %s is %v, want %v", f, names[i], c, asRead[i])
			}
		}
		// Go reads it too, where it can.
		switch f {
		case JPEG, PNG:
			decode := map[Format]func([]byte) (image.Image, error){
				JPEG: func(b []byte) (image.Image, error) { return jpeg.Decode(bytes.NewReader(b)) },
				PNG:  func(b []byte) (image.Image, error) { return png.Decode(bytes.NewReader(b)) },
			}[f]
			theirs, err := decode(file)
			if err != nil {
				t.Fatalf("%s: Go says %v", f, err)
			}
			r, g, b, _ := theirs.At(16, 12).RGBA()
			if !near([]byte{byte(r >> 8), byte(g >> 8), byte(b >> 8)}, asRead[0], 12) {
				t.Errorf("%s: Go sees %d %d %d top left, want red", f, r>>8, g>>8, b>>8)
			}
		}
	}
}

func TestEncodeAlpha(t *testing.T) {
	pix := bytes.Repeat([]byte{200, 100, 50, 128}, 32*32)
	img := fromPixels(t, pix, 32, 32, 4)
	for _, f := range []Format{PNG, WebP, AVIF} {
		got, _, _, bands := pixels(t, encode(t, img, EncodeConfig{Format: f, Quality: 95}), LoadConfig{})
		if bands != 4 || !near(got[:4], []byte{200, 100, 50, 128}, 6) {
			t.Errorf("%s: half clear came back as %v of %d bands", f, got[:4], bands)
		}
	}
	img = fromPixels(t, pix, 32, 32, 4)
	got, _, _, bands := pixels(t, encode(t, img, EncodeConfig{Format: JPEG, Quality: 95, Background: &RGB{0, 0, 0}}), LoadConfig{})
	if bands != 3 || !near(got[:3], []byte{100, 50, 25}, 4) {
		t.Errorf("half clear on black came back as %v of %d bands", got[:3], bands)
	}
}

func TestDensity(t *testing.T) {
	img := fromPixels(t, noise(16, 16, 3), 16, 16, 3)
	for _, dpi := range []float64{72, 300, 600, 1200} {
		_, parts := segments(t, encode(t, img, EncodeConfig{Format: JPEG, DPI: dpi, StripMetadata: true}))
		want := append([]byte("JFIF\x00\x01\x01\x01"), byte(int(dpi)>>8), byte(int(dpi)), byte(int(dpi)>>8), byte(int(dpi)), 0, 0)
		if got := parts[0xE0]; !bytes.Equal(got, want) {
			t.Errorf("%v dpi: JFIF holds %x, want %x", dpi, got, want)
		}
		file := encode(t, img, EncodeConfig{Format: PNG, DPI: dpi, StripMetadata: true})
		_, png := chunks(file)
		// Pixels a metre, on both axes.
		phys := png["pHYs"]
		if len(phys) != 9 || phys[8] != 1 {
			t.Fatalf("%v dpi: pHYs holds %x", dpi, phys)
		}
		x, y := binary.BigEndian.Uint32(phys), binary.BigEndian.Uint32(phys[4:])
		if want := dpi / 0.0254; float64(x) < want-1 || float64(x) > want+1 || x != y {
			t.Errorf("%v dpi: pHYs holds %d and %d, want %.0f", dpi, x, y, want)
		}
		for _, f := range []Format{JPEG, PNG} {
			info, err := Probe(encode(t, img, EncodeConfig{Format: f, DPI: dpi, StripMetadata: true}))
			if err != nil || info.DPI < dpi-0.1 || info.DPI > dpi+0.1 {
				t.Errorf("%s of %v dpi is read back as %v, %v", f, dpi, info.DPI, err)
			}
		}
	}
}

// TestStrip: nothing of what a camera wrote beside the picture is left, and nothing of a profile.
func TestStrip(t *testing.T) {
	source := encodeJPEG(t, corners(64, 48))
	source = withProfile(source, profile("Secret profile", primaries[0], primaries[1], primaries[2]))
	source = withSegment(source, 0xE1, []byte("http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta xmlns:x='adobe:ns:meta/'>canary</x:xmpmeta>"))
	source = withSegment(source, 0xED, []byte("Photoshop 3.0\x008BIM\x04\x04\x00\x00\x00\x00\x00\x0b\x1c\x02\x05\x00\x06canary\x00"))
	source = withSegment(source, 0xFE, []byte("canary comment"))
	source = withOrientation(source, 6)
	for f := JPEG; f <= AVIF; f++ {
		img, err := Load(source, LoadConfig{})
		if err != nil {
			t.Fatal(err)
		}
		if err := img.ToSRGB(); err != nil {
			t.Fatal(err)
		}
		if err := img.AutoRotate(); err != nil {
			t.Fatal(err)
		}
		file := encode(t, img, EncodeConfig{Format: f, DPI: 72, StripMetadata: true})
		img.Close()
		for _, mark := range []string{"canary", "Exif", "xmpmeta", "Photoshop", "ICC_PROFILE", "iCCP", "Secret"} {
			if bytes.Contains(file, []byte(mark)) {
				t.Errorf("%s: %q is still there", f, mark)
			}
		}
		switch f {
		case JPEG:
			markers, _ := segments(t, file)
			allowed := []byte{0xE0, 0xDB, 0xC0, 0xC4, 0xDA}
			for _, m := range markers {
				if !slices.Contains(allowed, m) {
					t.Errorf("a stripped JPEG holds a segment %#x", m)
				}
			}
		case PNG:
			kinds, _ := chunks(file)
			for _, k := range kinds {
				if !slices.Contains([]string{"IHDR", "pHYs", "IDAT", "IEND"}, k) {
					t.Errorf("a stripped PNG holds a chunk %s", k)
				}
			}
		}
	}
}

// TestKeep: where metadata is kept, the orientation that has been applied is not, nor the camera's small picture of the
// whole scene, nor the profile of colours that are now sRGB.
func TestKeep(t *testing.T) {
	source := encodeJPEG(t, corners(64, 48))
	source = withProfile(source, profile("Swapped", primaries[1], primaries[2], primaries[0]))
	source = withSegment(source, 0xE1, []byte("http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta xmlns:x='adobe:ns:meta/'>kept</x:xmpmeta>"))
	// EXIF with an orientation of 6 and, in its second directory, a small picture of 6 bytes.
	source = withSegment(source, 0xE1, []byte("Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08"+
		"\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x1a"+
		"\x00\x03\x01\x03\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00"+
		"\x02\x01\x00\x04\x00\x00\x00\x01\x00\x00\x00\x44\x02\x02\x00\x04\x00\x00\x00\x01\x00\x00\x00\x06\x00\x00\x00\x00canary"))
	img, err := Load(source, LoadConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer img.Close()
	if err := img.ToSRGB(); err != nil {
		t.Fatal(err)
	}
	if err := img.AutoRotate(); err != nil {
		t.Fatal(err)
	}
	file := encode(t, img, EncodeConfig{Format: JPEG})
	if bytes.Contains(file, []byte("canary")) {
		t.Error("the camera's small picture is still there")
	}
	info, err := Probe(file)
	if err != nil {
		t.Fatal(err)
	}
	if info.Orientation != 1 || info.Width != 48 || info.ICC {
		t.Errorf("kept: %+v, want 48 wide, orientation 1, no profile", info)
	}
	if !bytes.Contains(file, []byte("<x:xmpmeta")) {
		t.Error("XMP was to be kept, and is not")
	}
}

func TestSubsampling(t *testing.T) {
	img := fromPixels(t, noise(32, 32, 3), 32, 32, 3)
	for _, full := range []bool{false, true} {
		_, parts := segments(t, encode(t, img, EncodeConfig{Format: JPEG, Subsample444: full, StripMetadata: true}))
		// The sampling factors of the three components stand behind the size in the frame header.
		want := map[bool]string{false: "\x22\x11\x11", true: "\x11\x11\x11"}[full]
		sof := parts[0xC0]
		if got := string([]byte{sof[7], sof[10], sof[13]}); got != want {
			t.Errorf("full colour %v: the factors are %x, want %x", full, got, want)
		}
	}
}

func TestProgressive(t *testing.T) {
	img := fromPixels(t, noise(32, 32, 3), 32, 32, 3)
	for progressive, want := range map[bool]byte{false: 0xC0, true: 0xC2} {
		markers, _ := segments(t, encode(t, img, EncodeConfig{Format: JPEG, Progressive: progressive, StripMetadata: true}))
		if !slices.Contains(markers, want) {
			t.Errorf("progressive %v: the frames are %x, want %x among them", progressive, markers, want)
		}
	}
}

func TestQuality(t *testing.T) {
	img := fromPixels(t, noise(64, 64, 3), 64, 64, 3)
	for _, f := range []Format{JPEG, WebP, AVIF} {
		low, high := encode(t, img, EncodeConfig{Format: f, Quality: 20}), encode(t, img, EncodeConfig{Format: f, Quality: 95})
		if len(low) >= len(high) {
			t.Errorf("%s: quality 20 has %d bytes and 95 has %d", f, len(low), len(high))
		}
		unset, standard := encode(t, img, EncodeConfig{Format: f}), encode(t, img, EncodeConfig{Format: f, Quality: f.DefaultQuality()})
		if !bytes.Equal(unset, standard) {
			t.Errorf("%s: no quality is not %d", f, f.DefaultQuality())
		}
	}
	for _, cfg := range []EncodeConfig{{Format: JPEG, Quality: 101}, {Format: JPEG, Quality: -1}, {Format: PNG, DPI: -1}, {Format: PNG, Compression: 10}} {
		if b, err := img.Encode(cfg); err == nil {
			b.Close()
			t.Errorf("%+v is taken", cfg)
		}
	}
}

// TestDeterministic: the same pixels make the same bytes.
func TestDeterministic(t *testing.T) {
	source := encodeJPEG(t, corners(300, 200))
	for f := JPEG; f <= AVIF; f++ {
		var first []byte
		for i := range 3 {
			img, err := Load(source, LoadConfig{Shrink: 2})
			if err != nil {
				t.Fatal(err)
			}
			if err := img.ResizeTo(77, 51); err != nil {
				t.Fatal(err)
			}
			file := encode(t, img, EncodeConfig{Format: f, StripMetadata: true})
			img.Close()
			if i == 0 {
				first = file
			} else if !bytes.Equal(file, first) {
				t.Errorf("%s: run %d makes other bytes, from %d on", f, i, firstDifference(file, first))
			}
		}
	}
}

func TestFormatSides(t *testing.T) {
	img := fromPixels(t, make([]byte, 3*16384), 16384, 1, 3)
	if b, err := img.Encode(EncodeConfig{Format: WebP}); err == nil {
		b.Close()
		t.Error("a WebP of 16384 pixels is taken")
	}
}

func TestBuffer(t *testing.T) {
	img := fromPixels(t, noise(16, 16, 3), 16, 16, 3)
	b, err := img.Encode(EncodeConfig{Format: PNG})
	if err != nil {
		t.Fatal(err)
	}
	if b.Len() == 0 || b.Len() != len(b.Bytes()) {
		t.Errorf("%d bytes, and %d of them to be had", b.Len(), len(b.Bytes()))
	}
	b.Close()
	b.Close()
	if b.Bytes() != nil || b.Len() != 0 {
		t.Errorf("a closed buffer has %d bytes", b.Len())
	}
	var never *Buffer
	never.Close()
}
