package vips

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"testing"

	"golang.org/x/image/tiff"
)

// The pictures of the tests are made here, by Go's own encoders where it has one, so that what we read was not written by
// what we test.

// corners is a picture whose four corners can be told apart: red, green, blue and white, in the order of reading. Its
// sides differ, so that a turn shows.
func corners(width, height int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			c := color.NRGBA{255, 255, 255, 255}
			switch {
			case x < width/2 && y < height/2:
				c = color.NRGBA{255, 0, 0, 255}
			case y < height/2:
				c = color.NRGBA{0, 255, 0, 255}
			case x < width/2:
				c = color.NRGBA{0, 0, 255, 255}
			}
			img.SetNRGBA(x, y, c)
		}
	}
	return img
}

func encodeJPEG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func encodePNG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func encodeTIFF(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := tiff.Encode(&b, img, &tiff.Options{Compression: tiff.Deflate}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// encodeGIF makes an animation of two frames: the picture, and then all black.
func encodeGIF(t testing.TB, img image.Image) []byte {
	t.Helper()
	palette := color.Palette{color.White, color.Black, color.RGBA{255, 0, 0, 255}, color.RGBA{0, 255, 0, 255}, color.RGBA{0, 0, 255, 255}}
	first, second := image.NewPaletted(img.Bounds(), palette), image.NewPaletted(img.Bounds(), palette)
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			first.Set(x, y, img.At(x, y))
			second.SetColorIndex(x, y, 1)
		}
	}
	var b bytes.Buffer
	err := gif.EncodeAll(&b, &gif.GIF{Image: []*image.Paletted{first, second}, Delay: []int{5, 5}})
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// encodeOurs writes a format that Go cannot write.
func encodeOurs(t testing.TB, img *image.NRGBA, f Format) []byte {
	t.Helper()
	bands, pix := 4, img.Pix
	if img.Opaque() {
		bands, pix = 3, nil
		for i := 0; i < len(img.Pix); i += 4 {
			pix = append(pix, img.Pix[i:i+3]...)
		}
	}
	ours, err := FromPixels(pix, img.Rect.Dx(), img.Rect.Dy(), bands)
	if err != nil {
		t.Fatal(err)
	}
	defer ours.Close()
	b, err := ours.Encode(EncodeConfig{Format: f, Quality: 95, Subsample444: true, StripMetadata: true})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	return bytes.Clone(b.Bytes())
}

// files is one picture in every format that is read.
func files(t testing.TB, img *image.NRGBA) map[Format][]byte {
	t.Helper()
	return map[Format][]byte{
		JPEG: encodeJPEG(t, img), PNG: encodePNG(t, img), GIF: encodeGIF(t, img), TIFF: encodeTIFF(t, img),
		WebP: encodeOurs(t, img, WebP), AVIF: encodeOurs(t, img, AVIF),
	}
}

// withOrientation puts an EXIF block with nothing but an orientation into a JPEG.
func withOrientation(file []byte, orientation int) []byte {
	exif := []byte("Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00")
	exif = append(exif, byte(orientation), 0, 0, 0, 0, 0, 0)
	return withSegment(file, 0xE1, exif)
}

// withSegment puts a segment behind the start of a JPEG.
func withSegment(file []byte, marker byte, payload []byte) []byte {
	out := append([]byte{}, file[:2]...)
	out = append(out, 0xFF, marker)
	out = binary.BigEndian.AppendUint16(out, uint16(len(payload)+2))
	out = append(out, payload...)
	return append(out, file[2:]...)
}

// withProfile puts a colour profile into a JPEG.
func withProfile(file, profile []byte) []byte {
	return withSegment(file, 0xE2, append([]byte("ICC_PROFILE\x00\x01\x01"), profile...))
}

// profile is an ICC profile of a display with a gamma of 2.2 and these primaries, as XYZ relative to D50.
func profile(name string, red, green, blue [3]float64) []byte {
	type tag struct {
		name string
		data []byte
	}
	xyz := func(v [3]float64) []byte {
		b := []byte("XYZ \x00\x00\x00\x00")
		for _, f := range v {
			b = binary.BigEndian.AppendUint32(b, uint32(int32(f*65536+0.5)))
		}
		return b
	}
	curve := append([]byte("curv\x00\x00\x00\x00\x00\x00\x00\x01"), 0x02, 0x33, 0, 0)
	desc := binary.BigEndian.AppendUint32([]byte("desc\x00\x00\x00\x00"), uint32(len(name)+1))
	desc = append(append(desc, name...), make([]byte, 1+4+4+2+1+67)...)
	for len(desc)%4 != 0 {
		desc = append(desc, 0)
	}
	tags := []tag{
		{"desc", desc}, {"wtpt", xyz([3]float64{0.9642, 1, 0.8249})}, {"cprt", []byte("text\x00\x00\x00\x00none\x00\x00\x00\x00")},
		{"rXYZ", xyz(red)}, {"gXYZ", xyz(green)}, {"bXYZ", xyz(blue)},
		{"rTRC", curve}, {"gTRC", curve}, {"bTRC", curve},
	}
	head := make([]byte, 128)
	head[8] = 2
	copy(head[12:], "mntrRGB XYZ ")
	copy(head[36:], "acsp")
	binary.BigEndian.PutUint32(head[68:], 0xF6D6) // D50
	binary.BigEndian.PutUint32(head[72:], 0x10000)
	binary.BigEndian.PutUint32(head[76:], 0xD32D)
	out := binary.BigEndian.AppendUint32(head, uint32(len(tags)))
	at := len(out) + 12*len(tags)
	var body []byte
	for _, tg := range tags {
		out = append(out, tg.name...)
		out = binary.BigEndian.AppendUint32(out, uint32(at+len(body)))
		out = binary.BigEndian.AppendUint32(out, uint32(len(tg.data)))
		body = append(body, tg.data...)
	}
	out = append(out, body...)
	binary.BigEndian.PutUint32(out, uint32(len(out)))
	return out
}

// sRGB's primaries relative to D50.
var primaries = [3][3]float64{{0.4361, 0.2225, 0.0139}, {0.3851, 0.7169, 0.0971}, {0.1431, 0.0606, 0.7141}}

// bombs are files of a few bytes whose headers promise 50,000 x 50,000 pixels.
func bombs(t testing.TB) map[string][]byte {
	t.Helper()
	const side = 50_000
	small := corners(32, 32)
	patch := func(file []byte, old, with []byte) []byte {
		t.Helper()
		at := bytes.Index(file, old)
		if at < 0 {
			t.Fatalf("%x is not in the file", old)
		}
		out := bytes.Clone(file)
		copy(out[at:], with)
		return out
	}
	u16 := func(v uint16) []byte { return binary.BigEndian.AppendUint16(nil, v) }
	u32 := func(v uint32) []byte { return binary.BigEndian.AppendUint32(nil, v) }
	size := func(v uint32) []byte { return append(u32(v), u32(v)...) }

	png := patch(encodePNG(t, small), size(32), size(side))
	binary.BigEndian.PutUint32(png[29:], crc32.ChecksumIEEE(png[12:29]))
	gif := bytes.Clone(encodeGIF(t, small))
	binary.LittleEndian.PutUint16(gif[6:], side)
	binary.LittleEndian.PutUint16(gif[8:], side)
	for at := range gif[:len(gif)-9] { // the frames
		if bytes.Equal(gif[at:at+9], []byte{0x2C, 0, 0, 0, 0, 32, 0, 32, 0}) {
			binary.LittleEndian.PutUint16(gif[at+5:], side)
			binary.LittleEndian.PutUint16(gif[at+7:], side)
		}
	}
	// A TIFF holds its sides as numbers of its directory: tags 256 and 257, and the rows of its one strip, 278.
	tif := bytes.Clone(encodeTIFF(t, small))
	dir := int(binary.LittleEndian.Uint32(tif[4:]))
	for i := range int(binary.LittleEndian.Uint16(tif[dir:])) {
		entry := tif[dir+2+12*i:]
		switch binary.LittleEndian.Uint16(entry) {
		case 256, 257, 278:
			binary.LittleEndian.PutUint16(entry[2:], 4)
			binary.LittleEndian.PutUint32(entry[8:], side)
		}
	}
	return map[string][]byte{
		"jpeg": patch(encodeJPEG(t, small), append([]byte{8}, append(u16(32), u16(32)...)...), append([]byte{8}, append(u16(side), u16(side)...)...)),
		"png":  png,
		"gif":  gif,
		"tiff": tif,
		"avif": patch(encodeOurs(t, small, AVIF), append([]byte("ispe\x00\x00\x00\x00"), size(32)...), append([]byte("ispe\x00\x00\x00\x00"), size(side)...)),
	}
}

// broken is every file of the formats we read, cut short, bent, or not a picture at all.
func broken(t testing.TB) [][]byte {
	t.Helper()
	var out [][]byte
	for _, file := range files(t, corners(64, 48)) {
		for _, part := range []float64{0.02, 0.2, 0.5, 0.8, 0.97} {
			out = append(out, file[:int(float64(len(file))*part)])
		}
		for at := 16; at < len(file); at += max(1, len(file)/7) {
			bent := bytes.Clone(file)
			bent[at] ^= 0x5A
			out = append(out, bent)
		}
	}
	for _, file := range bombs(t) {
		out = append(out, file)
	}
	return append(out, nil, []byte("GIF89a"), []byte("\xff\xd8\xff"), []byte("<svg xmlns='http://www.w3.org/2000/svg'/>"),
		[]byte("%PDF-1.4 nothing to see"), bytes.Repeat([]byte{0}, 100), []byte("RIFF\x10\x00\x00\x00WEBPVP8 "))
}

func cmyk(t testing.TB) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/cmyk.jpg")
	if err != nil {
		t.Fatal(err)
	}
	return data
}
