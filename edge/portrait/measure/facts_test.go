package measure

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"slices"
	"testing"
	"time"
)

// A small JPEG and PNG of the standard library: neither carries a density nor anything else beyond its picture.
func plainJPEG() []byte {
	var b bytes.Buffer
	img := image.NewRGBA(image.Rect(0, 0, 20, 30))
	img.Set(3, 4, color.RGBA{200, 10, 10, 255})
	jpeg.Encode(&b, img, nil)
	return b.Bytes()
}

func plainPNG() []byte {
	var b bytes.Buffer
	png.Encode(&b, image.NewNRGBA(image.Rect(0, 0, 20, 30)))
	return b.Bytes()
}

func segment(mark byte, body string) []byte {
	s := []byte{0xff, mark}
	s = binary.BigEndian.AppendUint16(s, uint16(len(body)+2))
	return append(s, body...)
}

// with puts segments behind the start of a JPEG.
func with(segments ...[]byte) []byte {
	plain := plainJPEG()
	return slices.Concat(plain[:2], slices.Concat(segments...), plain[2:])
}

func jfif(unit byte, x, y uint16) []byte {
	body := append([]byte("JFIF\x00\x01\x02"), unit)
	body = binary.BigEndian.AppendUint16(body, x)
	body = binary.BigEndian.AppendUint16(body, y)
	return segment(0xe0, string(append(body, 0, 0)))
}

// tiff builds an EXIF body: entries of the first directory, each {tag, type, count, value}, then data.
func tiff(entries [][4]uint32, next uint32, data ...byte) string {
	b := []byte("II*\x00\x08\x00\x00\x00")
	b = binary.LittleEndian.AppendUint16(b, uint16(len(entries)))
	for _, e := range entries {
		b = binary.LittleEndian.AppendUint16(b, uint16(e[0]))
		b = binary.LittleEndian.AppendUint16(b, uint16(e[1]))
		b = binary.LittleEndian.AppendUint32(b, e[2])
		b = binary.LittleEndian.AppendUint32(b, e[3])
	}
	b = binary.LittleEndian.AppendUint32(b, next)
	return "Exif\x00\x00" + string(append(b, data...))
}

func TestRead(t *testing.T) {
	base := Facts{Format: "jpg", Width: 20, Height: 30, Bits: 8, Samples: 3, Subsampled: true}
	for name, test := range map[string]struct {
		data []byte
		want func(*Facts)
		tail int
	}{
		"a plain JPEG":                 {data: plainJPEG(), want: func(*Facts) {}},
		"300 dpi":                      {data: with(jfif(1, 300, 300)), want: func(f *Facts) { f.DPIX, f.DPIY = 300, 300 }},
		"per centimetre":               {data: with(jfif(2, 100, 100)), want: func(f *Facts) { f.DPIX, f.DPIY = 254, 254 }},
		"an aspect is no density":      {data: with(jfif(0, 1, 1)), want: func(*Facts) {}},
		"comments are counted":         {data: with(segment(0xfe, "abc"), segment(0xfe, "de")), want: func(f *Facts) { f.Comment = 5 }},
		"data behind the end":          {data: append(plainJPEG(), 1, 2, 3), want: func(*Facts) {}, tail: 3},
		"another picture behind it":    {data: append(plainJPEG(), plainJPEG()...), want: func(*Facts) {}, tail: len(plainJPEG())},
		"a GPS position":               {data: with(segment(0xe1, tiff([][4]uint32{{tagGPSIFD, 4, 1, 26}}, 0, 1, 0))), want: func(f *Facts) { f.EXIF, f.GPS = true, true }},
		"an empty GPS directory":       {data: with(segment(0xe1, tiff([][4]uint32{{tagGPSIFD, 4, 1, 26}}, 0, 0, 0))), want: func(f *Facts) { f.EXIF = true }},
		"turned":                       {data: with(segment(0xe1, tiff([][4]uint32{{tagOrientation, 3, 1, 6}}, 0))), want: func(f *Facts) { f.EXIF, f.Orientation = true, 6 }},
		"a thumbnail":                  {data: with(segment(0xe1, tiff(nil, 14, 0, 0))), want: func(f *Facts) { f.EXIF, f.Thumbnail = true, true }},
		"a serial number":              {data: with(segment(0xe1, tiff([][4]uint32{{tagBodySerial, 2, 2, 0x41}}, 0))), want: func(f *Facts) { f.EXIF, f.Serial = true, true }},
		"software":                     {data: with(segment(0xe1, tiff([][4]uint32{{tagSoftware, 2, 4, 0x00434241}}, 0))), want: func(f *Facts) { f.EXIF, f.Software = true, "ABC" }},
		"an EXIF density":              {data: with(segment(0xe1, tiff([][4]uint32{{tagXResolution, 5, 1, 50}, {tagYResolution, 5, 1, 50}, {tagResolutionUnit, 3, 1, 2}}, 0, 0x2c, 1, 0, 0, 1, 0, 0, 0))), want: func(f *Facts) { f.EXIF, f.EXIFDPI = true, 300 }},
		"a lens":                       {data: with(segment(0xe1, tiff([][4]uint32{{tagFocal35, 3, 1, 26}}, 0))), want: func(f *Facts) { f.EXIF, f.Focal35 = true, 26 }},
		"a day":                        {data: with(segment(0xe1, tiff([][4]uint32{{tagTaken, 2, 20, 26}}, 0, []byte("2026:11:01 09:30:00\x00")...))), want: func(f *Facts) { f.EXIF, f.Taken = true, time.Date(2026, 11, 1, 9, 30, 0, 0, time.UTC) }},
		"a clock never set":            {data: with(segment(0xe1, tiff([][4]uint32{{tagTaken, 2, 20, 26}}, 0, []byte("0000:00:00 00:00:00\x00")...))), want: func(f *Facts) { f.EXIF = true }},
		"an editor's notes":            {data: with(segment(0xe1, "http://ns.adobe.com/xap/1.0/\x00<x xmpMM:History=''/>")), want: func(f *Facts) { f.XMP, f.EditorNotes = true, true }},
		"XMP":                          {data: with(segment(0xe1, "http://ns.adobe.com/xap/1.0/\x00<x/>")), want: func(f *Facts) { f.XMP = true }},
		"an sRGB profile":              {data: with(segment(0xe2, "ICC_PROFILE\x00\x01\x01....sRGB IEC61966-2.1")), want: func(f *Facts) { f.Profile = "srgb" }},
		"another profile":              {data: with(segment(0xe2, "ICC_PROFILE\x00\x01\x01....Display P3")), want: func(f *Facts) { f.Profile = "other" }},
		"IPTC and content credentials": {data: with(segment(0xed, "Photoshop 3.0\x00"), segment(0xeb, "JP")), want: func(f *Facts) { f.IPTC, f.Credentials = true, true }},
	} {
		t.Run(name, func(t *testing.T) {
			want := base
			want.Bytes = len(test.data)
			test.want(&want)
			got, err := Read(test.data)
			if tail := got.Trailing(test.data); tail != test.tail {
				t.Errorf("%d bytes behind the end, want %d", tail, test.tail)
			}
			if got.picture = 0; err != nil || got != want {
				t.Errorf("read\n%+v, %v, want\n%+v", got, err, want)
			}
		})
	}
}

func TestReadPNG(t *testing.T) {
	plain := plainPNG()
	phys := chunk("pHYs", binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, 11811), 11811), 1)
	data := slices.Concat(plain[:33], phys, chunk("sRGB", nil, 0), plain[33:])
	got, err := Read(data)
	if err != nil || got.Width != 20 || got.Height != 30 || math.Abs(got.DPI()-300) > 0.01 || got.Profile != "srgb" || got.Samples != 4 {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := Read(plain); err != nil || got.DPI() != 0 {
		t.Errorf("a PNG without pHYs has %g dpi, %v", got.DPI(), err)
	}
}

func chunk(kind string, body []byte, more ...byte) []byte {
	body = append(body, more...)
	c := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	c = append(append(c, kind...), body...)
	return append(c, 0, 0, 0, 0) // nobody here checks the sum
}

func TestDPIAgreesOrIsNone(t *testing.T) {
	for _, test := range []struct {
		f    Facts
		want float64
	}{
		{Facts{DPIX: 300, DPIY: 300}, 300}, {Facts{DPIX: 300, DPIY: 72}, 0}, {Facts{EXIFDPI: 600}, 600},
		{Facts{DPIX: 300, DPIY: 300, EXIFDPI: 300}, 300}, {Facts{DPIX: 72, DPIY: 72, EXIFDPI: 300}, 0}, {Facts{}, 0},
	} {
		if got := test.f.DPI(); got != test.want {
			t.Errorf("%+v is %g dpi, want %g", test.f, got, test.want)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	plain := plainJPEG()
	for name, data := range map[string][]byte{
		"nothing":             nil,
		"text":                []byte("this is not a picture"),
		"only the start":      plain[:2],
		"cut in a segment":    plain[:40],
		"a segment too long":  {0xff, 0xd8, 0xff, 0xe0, 0xff, 0xff, 1, 2},
		"a scan but no frame": slices.Concat([]byte{0xff, 0xd8}, segment(0xda, "123456")),
		"a PNG's signature":   pngSignature,
		"a PNG cut short":     plainPNG()[:60],
	} {
		if got, err := Read(data); !errors.Is(err, ErrFacts) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// FuzzRead: whatever is read, a comment put behind the start of a JPEG changes nothing but the count of bytes and of
// comments. That is what padding a file to its window relies on.
func FuzzRead(f *testing.F) {
	f.Add(plainJPEG())
	f.Add(plainPNG())
	f.Add(with(jfif(1, 300, 300), segment(0xe1, tiff([][4]uint32{{tagExifIFD, 4, 1, 8}, {tagGPSIFD, 4, 1, 8}}, 8)), segment(0xfe, "x")))
	f.Add([]byte{0xff, 0xd8, 0xff, 0xff, 0xff, 0xfe, 0, 2})
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := Read(data)
		if err != nil {
			if !errors.Is(err, ErrFacts) {
				t.Errorf("%v is no ErrFacts", err)
			}
			return
		}
		if got.Trailing(data) < 0 || got.Trailing(data) > len(data) || got.Comment > len(data) || got.Width < 0 || got.Height < 0 {
			t.Errorf("%+v of %d bytes", got, len(data))
		}
		if got.Format == "jpg" {
			more, err := Read(slices.Concat(data[:2], segment(0xfe, "pad"), data[2:]))
			got.Bytes, got.Comment, got.picture = got.Bytes+7, got.Comment+3, got.picture+7
			if err != nil || more != got {
				t.Errorf("padded\n%+v, %v, want\n%+v", more, err, got)
			}
		}
	})
}
