package vips

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"math"
	"testing"

	"github.com/h2non/bimg"
)

// pixels opens a file, runs steps and returns what there is then.
func pixels(t *testing.T, data []byte, cfg LoadConfig, steps ...func(*Image) error) (pix []byte, width, height, bands int) {
	t.Helper()
	img, err := Load(data, cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer img.Close()
	for _, step := range steps {
		if err := step(img); err != nil {
			t.Fatal(err)
		}
	}
	bands = img.Bands()
	pix, width, height, err = img.Pixels()
	if err != nil {
		t.Fatal(err)
	}
	return pix, width, height, bands
}

// near reports whether two colours differ by at most slack in each sample.
func near(got, want []byte, slack int) bool {
	for i := range want {
		if d := int(got[i]) - int(want[i]); d > slack || d < -slack {
			return false
		}
	}
	return len(got) == len(want)
}

var names = [4]string{"top left", "top right", "bottom left", "bottom right"}

// quarters are the colours in the middle of the four quarters of a picture.
func quarters(pix []byte, width, height, bands int) [4][]byte {
	at := func(x, y int) []byte { return pix[bands*(y*width+x):][:bands] }
	l, r, o, u := width/4, width*3/4, height/4, height*3/4
	return [4][]byte{at(l, o), at(r, o), at(l, u), at(r, u)}
}

var asRead = [4][]byte{{255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {255, 255, 255}}

func TestFormats(t *testing.T) {
	for f, data := range files(t, corners(64, 48)) {
		info, err := Probe(data)
		if err != nil {
			t.Errorf("%s: %v", f, err)
			continue
		}
		if info.Format != f || info.Width != 64 || info.Height != 48 || info.Orientation != 1 {
			t.Errorf("%s: the header says %+v, want 64 x 48 upright", f, info)
		}
		if want := map[bool]int{true: 2, false: 1}[f == GIF]; info.Pages != want {
			t.Errorf("%s: %d pages, want %d", f, info.Pages, want)
		}
		pix, w, h, bands := pixels(t, data, LoadConfig{MaxPixels: 64 * 48}, (*Image).ToSRGB)
		if w != 64 || h != 48 || bands < 3 {
			t.Errorf("%s: decoded to %d x %d of %d bands, want 64 x 48 of 3", f, w, h, bands)
		}
		for i, got := range quarters(pix, w, h, bands) {
			if !near(got[:3], asRead[i], 12) {
				t.Errorf("%s: %s is %v, want %v", f, names[i], got, asRead[i])
			}
		}
	}
}

// TestProbeAgainstBimg: bimg reads the same headers by another way and says the same.
func TestProbeAgainstBimg(t *testing.T) {
	for f, data := range files(t, corners(70, 30)) {
		if f == AVIF {
			continue // bimg knows its brand, but has no loader for it
		}
		info, err := Probe(data)
		if err != nil {
			t.Fatal(err)
		}
		meta, err := bimg.Metadata(data)
		if err != nil {
			t.Fatal(err)
		}
		if meta.Size.Width != info.Width || meta.Size.Height != info.Height || meta.Channels != info.Bands ||
			meta.Alpha != info.Alpha || meta.Type != info.Format.String() {
			t.Errorf("%s: bimg says %+v, we say %+v", f, meta, info)
		}
	}
}

func TestSniff(t *testing.T) {
	heif := func(major string, compatible ...string) []byte {
		b := binary.BigEndian.AppendUint32(nil, uint32(16+4*len(compatible)))
		b = append(append(b, "ftyp"...), major+"\x00\x00\x00\x00"...)
		for _, c := range compatible {
			b = append(b, c...)
		}
		return append(b, make([]byte, 64)...)
	}
	for name, test := range map[string]struct {
		data []byte
		want Format
	}{
		"nothing":                  {nil, Unknown},
		"eleven bytes":             {[]byte("\xff\xd8\xff\xe0\x00\x10JFIF\x00"), Unknown},
		"avif":                     {heif("avif", "mif1", "miaf"), AVIF},
		"avif behind mif1":         {heif("mif1", "miaf", "avif"), AVIF},
		"heic":                     {heif("heic", "mif1"), HEIC},
		"heic behind mif1":         {heif("mif1", "heic"), HEIC},
		"svg":                      {[]byte("<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'></svg>"), Unknown},
		"pdf":                      {[]byte("%PDF-1.7\n1 0 obj <<>>"), Unknown},
		"wav":                      {[]byte("RIFF\x24\x00\x00\x00WAVEfmt \x10\x00"), Unknown},
		"WEBP without RIFF":        {[]byte("RAFF\x24\x00\x00\x00WEBPVP8 \x10\x00"), Unknown},
		"text":                     {[]byte("what a lovely picture this is"), Unknown},
		"a bitmap":                 {[]byte("BM\x36\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00(\x00"), Unknown},
		"a portable pixmap":        {[]byte("P6 2 2 255\nabcdefghijkl"), Unknown},
		"an ISO file of no brand":  {heif("isom", "mp41"), Unknown},
		"a brand list that lies":   {append([]byte("\xff\xff\xff\xffftypmif1"), make([]byte, 20)...), HEIC},
		"a brand list that is cut": {[]byte("\x00\x00\x00\x20ftypmif1\x00\x00"), HEIC},
	} {
		if got := Sniff(test.data); got != test.want {
			t.Errorf("%s is taken for %s, want %s", name, got, test.want)
		}
	}
}

// TestBlockedLoaders: what we did not choose cannot be opened, however it is asked for.
func TestBlockedLoaders(t *testing.T) {
	for name, data := range map[string][]byte{
		"svg": []byte("<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><rect width='9' height='9'/></svg>"),
		"pdf": []byte("%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj 3 0 obj<</Type/Page/MediaBox[0 0 9 9]/Parent 2 0 R>>endobj\ntrailer<</Root 1 0 R>>"),
		"ppm": []byte("P6 2 2 255\nabcdefghijkl"),
		"bmp": append([]byte("BM\x3a\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00\x28\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x01\x00\x18\x00"), make([]byte, 28)...),
	} {
		if _, err := Probe(data); !errors.Is(err, ErrUnknown) {
			t.Errorf("%s: Probe says %v, want %v", name, err, ErrUnknown)
		}
		// bimg asks libvips for any loader that takes it.
		if _, err := bimg.NewImage(data).Process(bimg.Options{Width: 4, Type: bimg.PNG}); err == nil {
			t.Errorf("%s was opened by libvips", name)
		}
	}
}

func TestBombs(t *testing.T) {
	before := MemoryStats().Peak
	for name, data := range bombs(t) {
		info, err := Probe(data)
		if err == nil && (info.Width != 50_000 || info.Height != 50_000) {
			t.Errorf("%s: the header says %d x %d, want 50000 x 50000: the test's file is not what it should be", name, info.Width, info.Height)
		}
		img, err := Load(data, LoadConfig{MaxPixels: 50_000_000})
		if img != nil {
			img.Close()
		}
		// libheif has a limit of its own for what an AVIF may say.
		if !errors.Is(err, ErrTooLarge) && !(name == "avif" && errors.Is(err, ErrBroken)) {
			t.Errorf("%s: %v, want %v", name, err, ErrTooLarge)
		}
	}
	if grown := MemoryStats().Peak - before; grown > 1<<20 {
		t.Errorf("refusing bombs took %d bytes of pixels", grown)
	}
}

func TestScans(t *testing.T) {
	// A progressive JPEG of one pixel block with thousands of scans that change nothing.
	sof := []byte{8, 0, 64, 0, 64, 1, 1, 0x11, 0}
	file := []byte{0xFF, 0xD8}
	file = append(withSegment(file, 0xC2, sof), bytes.Repeat([]byte{0xFF, 0xDA, 0, 8, 1, 1, 0, 1, 1, 0x10, 0x55}, 5000)...)
	if _, err := Probe(file); !errors.Is(err, ErrTooLarge) {
		t.Errorf("5000 scans: %v, want %v", err, ErrTooLarge)
	}
	// Go has no progressive encoder; ours makes ten scans.
	img, err := FromPixels(noise(64, 64, 3), 64, 64, 3)
	if err != nil {
		t.Fatal(err)
	}
	defer img.Close()
	b, err := img.Encode(EncodeConfig{Format: JPEG, Progressive: true})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if _, err := Probe(b.Bytes()); err != nil {
		t.Errorf("an honest progressive JPEG: %v", err)
	}
}

// TestTiles: a TIFF of a few pixels whose tile would take hundreds of megabytes (libvips refuses it), or whose pixel has
// hundreds of samples (we do), is refused by its header.
func TestTiles(t *testing.T) {
	file := func(order binary.AppendByteOrder, tile uint32, samples, bits uint16) []byte {
		mark := "II*\x00"
		if order == binary.BigEndian {
			mark = "MM\x00*"
		}
		tags := [][3]uint32{{256, 4, 16}, {257, 4, 16}, {258, 3, uint32(bits)}, {259, 3, 1}, {262, 3, 1}, {277, 3, uint32(samples)},
			{322, 4, tile}, {323, 4, tile}, {324, 4, 8}, {325, 4, 64}}
		b := order.AppendUint32([]byte(mark), 8+64)
		b = append(b, make([]byte, 64)...)
		b = order.AppendUint16(b, uint16(len(tags)))
		for _, tag := range tags {
			b = order.AppendUint16(order.AppendUint16(b, uint16(tag[0])), uint16(tag[1]))
			b = order.AppendUint32(b, 1)
			if tag[1] == 3 {
				b = order.AppendUint16(order.AppendUint16(b, uint16(tag[2])), 0)
			} else {
				b = order.AppendUint32(b, tag[2])
			}
		}
		return order.AppendUint32(b, 0)
	}
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		for name, test := range map[string]struct {
			data []byte
			want error
		}{
			"an honest tile":    {file(order, 256, 1, 8), nil},
			"wide samples":      {file(order, 4096, 1, 64), ErrBroken},
			"many samples":      {file(order, 1024, 200, 8), ErrBroken},
			"a tile that wraps": {file(order, 1<<31, 8, 64), ErrBroken},
			"200 samples":       {file(order, 16, 200, 8), ErrUnsupported},
		} {
			if _, err := Probe(test.data); !errors.Is(err, test.want) {
				t.Errorf("%v, %s: %v, want %v", order, name, err, test.want)
			}
		}
	}
}

// TestTruncated: a picture that ends early is an error, not grey.
func TestTruncated(t *testing.T) {
	random := image.NewNRGBA(image.Rect(0, 0, 200, 160))
	copy(random.Pix, noise(200, 160, 4))
	for i := 3; i < len(random.Pix); i += 4 {
		random.Pix[i] = 255
	}
	for f, data := range files(t, random) {
		cut := data[:len(data)*6/10]
		img, err := Load(cut, LoadConfig{})
		if err == nil {
			err = img.CopyMemory()
			img.Close()
		}
		if !errors.Is(err, ErrBroken) {
			t.Errorf("%s, cut: %v, want %v", f, err, ErrBroken)
		}
		var op *OpError
		if !errors.As(err, &op) || op.Op == "" {
			t.Errorf("%s, cut: %v does not say in which step", f, err)
		}
	}
	// And the same through the step that decodes as it scales, and through the writer.
	cut := files(t, random)[JPEG]
	cut = cut[:len(cut)/2]
	for name, do := range map[string]func(*Image) error{
		"ResizeTo": func(img *Image) error { return img.ResizeTo(50, 40) },
		"Resample": func(img *Image) error { return img.Resample([6]float64{.3, 0, 0, 0, .3, 0}, 60, 48, White) },
		"Encode":   func(img *Image) error { _, err := img.Encode(EncodeConfig{Format: PNG}); return err },
		"Pixels":   func(img *Image) error { _, _, _, err := img.Pixels(); return err },
	} {
		img, err := Load(cut, LoadConfig{})
		if err != nil {
			t.Fatal(err)
		}
		if err := do(img); !errors.Is(err, ErrBroken) {
			t.Errorf("%s of a cut JPEG: %v, want %v", name, err, ErrBroken)
		}
		img.Close()
	}
}

func TestUnsupported(t *testing.T) {
	heic := append([]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), make([]byte, 100)...)
	if _, err := Probe(heic); !errors.Is(err, ErrUnsupported) {
		t.Errorf("heic: %v, want %v", err, ErrUnsupported)
	}
	img, err := FromPixels([]byte{1, 2, 3}, 1, 1, 3)
	if err != nil {
		t.Fatal(err)
	}
	defer img.Close()
	for _, f := range []Format{Unknown, GIF, TIFF, HEIC, Format(99)} {
		if _, err := img.Encode(EncodeConfig{Format: f}); !errors.Is(err, ErrUnsupported) {
			t.Errorf("writing %s: %v, want %v", f, err, ErrUnsupported)
		}
	}
}

func TestShrinkOnLoad(t *testing.T) {
	big := corners(800, 600)
	jpg, webp := encodeJPEG(t, big), encodeOurs(t, big, WebP)
	for _, shrink := range []int{0, 1, 2, 4, 8} {
		pix, w, h, bands := pixels(t, jpg, LoadConfig{Shrink: shrink})
		if by := max(shrink, 1); w != 800/by || h != 600/by {
			t.Errorf("a JPEG at 1/%d is %d x %d, want %d x %d", by, w, h, 800/by, 600/by)
		}
		for i, got := range quarters(pix, w, h, bands) {
			if !near(got, asRead[i], 12) {
				t.Errorf("at 1/%d %s is %v, want %v", shrink, names[i], got, asRead[i])
			}
		}
	}
	for _, scale := range []float64{1, 0.5, 0.37, 0.01} {
		_, w, h, _ := pixels(t, webp, LoadConfig{Scale: scale})
		if wantW, wantH := int(math.Round(800*scale)), int(math.Round(600*scale)); w != wantW || h != wantH {
			t.Errorf("a WebP at %v is %d x %d, want %d x %d", scale, w, h, wantW, wantH)
		}
	}
	// Until nothing is left of a side: libvips 8.14 aborts then.
	for _, size := range [][2]int{{6000, 1}, {1, 6000}, {6000, 3}, {6000, 7}, {6000, 8}} {
		data := encodeJPEG(t, image.NewGray(image.Rect(0, 0, size[0], size[1])))
		for _, shrink := range []int{2, 4, 8} {
			img, err := Load(data, LoadConfig{Shrink: shrink})
			if fits := min(size[0], size[1]) >= shrink; fits != (err == nil) {
				t.Errorf("%v at 1/%d: %v", size, shrink, err)
			}
			img.Close()
		}
	}
	for name, cfg := range map[string]LoadConfig{
		"1/3": {Shrink: 3}, "1/16": {Shrink: 16}, "twice": {Scale: 2}, "nothing": {Scale: math.NaN()}, "minus": {Scale: -1},
	} {
		if img, err := Load(jpg, cfg); err == nil {
			img.Close()
			t.Errorf("loading at %s is taken", name)
		}
	}
}

// TestOrientations: the eight ways in which a camera may have been held. The table says which corner of the stored picture
// is seen where: EXIF 2.32, tag 0x0112.
func TestOrientations(t *testing.T) {
	stored := encodeJPEG(t, corners(64, 48))
	// Indexes into asRead of what is seen top left, top right, bottom left, bottom right.
	for orientation, seen := range map[int][4]int{
		1: {0, 1, 2, 3}, 2: {1, 0, 3, 2}, 3: {3, 2, 1, 0}, 4: {2, 3, 0, 1},
		5: {0, 2, 1, 3}, 6: {2, 0, 3, 1}, 7: {3, 1, 2, 0}, 8: {1, 3, 0, 2},
	} {
		data := withOrientation(stored, orientation)
		info, err := Probe(data)
		if err != nil {
			t.Fatal(err)
		}
		wantW, wantH := 64, 48
		if orientation >= 5 {
			wantW, wantH = 48, 64
		}
		if w, h := info.Upright(); info.Orientation != orientation || w != wantW || h != wantH {
			t.Errorf("orientation %d: the header says %d and %d x %d upright, want %d x %d", orientation, info.Orientation, w, h, wantW, wantH)
		}
		pix, w, h, bands := pixels(t, data, LoadConfig{}, (*Image).AutoRotate, func(img *Image) error {
			if o := img.Orientation(); o != 1 {
				t.Errorf("orientation %d: %d is left to do after AutoRotate", orientation, o)
			}
			return img.AutoRotate() // a second time changes nothing
		})
		if w != wantW || h != wantH {
			t.Errorf("orientation %d: upright it is %d x %d, want %d x %d", orientation, w, h, wantW, wantH)
		}
		for i, got := range quarters(pix, w, h, bands) {
			if want := asRead[seen[i]]; !near(got, want, 12) {
				t.Errorf("orientation %d: %s is %v, want %v", orientation, names[i], got, want)
			}
		}
	}
	for _, orientation := range []int{0, 9, 200} {
		if info, err := Probe(withOrientation(stored, orientation)); err != nil || info.Orientation != 1 {
			t.Errorf("orientation %d: %d and %v, want it to count as 1", orientation, info.Orientation, err)
		}
	}
}

// Every pixel of a JPEG that is turned as it is decoded goes where EXIF 2.32, tag 0x0112 says, whatever its size, in colour and in grey.
func TestUprightAtOnce(t *testing.T) {
	for _, size := range [][2]int{{1, 1}, {5, 3}, {33, 65}, {100, 64}, {700, 500}, {800, 600}} {
		w, h := size[0], size[1]
		for _, bands := range []int{1, 3} {
			img := fromPixels(t, noise(w, h, bands), w, h, bands)
			file := encode(t, img, EncodeConfig{Format: JPEG, Quality: 95})
			img.Close()
			stored, _, _, _ := pixels(t, file, LoadConfig{})
			for orientation, at := range map[int]func(x, y int) (int, int){
				2: func(x, y int) (int, int) { return w - 1 - x, y },
				3: func(x, y int) (int, int) { return w - 1 - x, h - 1 - y },
				4: func(x, y int) (int, int) { return x, h - 1 - y },
				5: func(x, y int) (int, int) { return y, x },
				6: func(x, y int) (int, int) { return h - 1 - y, x },
				7: func(x, y int) (int, int) { return h - 1 - y, w - 1 - x },
				8: func(x, y int) (int, int) { return y, w - 1 - x },
			} {
				got, gotW, gotH, _ := pixels(t, withOrientation(file, orientation), LoadConfig{}, (*Image).CopyUpright, func(img *Image) error {
					if o := img.Orientation(); o != 1 {
						t.Errorf("orientation %d: %d is left to do", orientation, o)
					}
					return nil
				})
				wantW, wantH := w, h
				if orientation >= 5 {
					wantW, wantH = h, w
				}
				if gotW != wantW || gotH != wantH {
					t.Fatalf("orientation %d of %d x %d: %d x %d", orientation, w, h, gotW, gotH)
				}
				for y := range h {
					for x := range w {
						X, Y := at(x, y)
						if a, b := stored[bands*(y*w+x):][:bands], got[bands*(Y*wantW+X):][:bands]; !bytes.Equal(a, b) {
							t.Fatalf("orientation %d of %d x %d: %d,%d is %v at %d,%d, want %v", orientation, w, h, x, y, b, X, Y, a)
						}
					}
				}
			}
		}
	}
}

func TestColours(t *testing.T) {
	gray := image.NewGray(image.Rect(0, 0, 20, 20))
	gray16 := image.NewGray16(gray.Rect)
	rgb16 := image.NewNRGBA64(gray.Rect)
	clear8 := image.NewNRGBA(gray.Rect)
	palette := image.NewPaletted(gray.Rect, color.Palette{color.NRGBA{10, 200, 30, 255}, color.NRGBA{1, 2, 3, 0}})
	for i := range 20 * 20 {
		x, y := i%20, i/20
		gray.Set(x, y, color.Gray{77})
		gray16.Set(x, y, color.Gray16{77 * 257})
		rgb16.Set(x, y, color.NRGBA64{200 * 257, 100 * 257, 50 * 257, 128 * 257})
		clear8.Set(x, y, color.NRGBA{200, 100, 50, 128})
		palette.SetColorIndex(x, y, 0)
	}
	solid16 := image.NewRGBA64(gray.Rect)
	for i := range 20 * 20 {
		solid16.Set(i%20, i/20, color.NRGBA64{200 * 257, 100 * 257, 50 * 257, 65535})
	}
	saturated := image.NewNRGBA(gray.Rect)
	for i := range 20 * 20 {
		saturated.Set(i%20, i/20, color.NRGBA{255, 0, 0, 255})
	}
	red := encodeJPEG(t, saturated)
	for name, test := range map[string]struct {
		data    []byte
		srgb    []byte // what ToSRGB makes of a pixel
		display []byte // and ToDisplay
		slack   int
	}{
		"grey jpeg":                 {encodeJPEG(t, gray), []byte{77, 77, 77}, []byte{77}, 1},
		"grey png":                  {encodePNG(t, gray), []byte{77, 77, 77}, []byte{77}, 0},
		"grey png, 16 bit":          {encodePNG(t, gray16), []byte{77, 77, 77}, []byte{77}, 1},
		"png, 16 bit":               {encodePNG(t, solid16), []byte{200, 100, 50}, []byte{200, 100, 50}, 1},
		"png, 16 bit, half clear":   {encodePNG(t, rgb16), []byte{200, 100, 50, 128}, []byte{200, 100, 50, 128}, 1},
		"png, half clear":           {encodePNG(t, clear8), []byte{200, 100, 50, 128}, []byte{200, 100, 50, 128}, 0},
		"png with a palette":        {encodePNG(t, palette), []byte{10, 200, 30}, []byte{10, 200, 30}, 0},
		"tiff, 16 bit":              {encodeTIFF(t, solid16), []byte{200, 100, 50}, []byte{200, 100, 50}, 1},
		"tiff, grey":                {encodeTIFF(t, gray), []byte{77, 77, 77}, []byte{77}, 0},
		"cmyk jpeg":                 {cmyk(t), []byte{0, 145, 196}, []byte{0, 145, 196}, 12},
		"sRGB profile":              {withProfile(red, profile("sRGB built-in", primaries[1], primaries[2], primaries[0])), []byte{255, 0, 0}, []byte{255, 0, 0}, 3},
		"profile, colours swapped":  {withProfile(red, profile("Swapped", primaries[1], primaries[2], primaries[0])), []byte{0, 255, 0}, []byte{0, 255, 0}, 12},
		"a profile that is rubbish": {withProfile(red, bytes.Repeat([]byte("rubbish "), 40)), []byte{255, 0, 0}, []byte{255, 0, 0}, 3},
	} {
		for how, want := range map[string][]byte{"ToSRGB": test.srgb, "ToDisplay": test.display} {
			step := (*Image).ToSRGB
			if how == "ToDisplay" {
				step = (*Image).ToDisplay
			}
			pix, w, _, bands := pixels(t, test.data, LoadConfig{}, step)
			got := pix[bands*(8*w+8):][:bands]
			if len(got) == 4 && len(want) == 3 && got[3] == 255 { // alpha that hides nothing
				got = got[:3]
			}
			if !near(got, want, test.slack) {
				t.Errorf("%s: %s makes it %v, want %v", name, how, got, want)
			}
		}
	}
}

// TestFirstFrame: of an animation the first frame is shown.
func TestFirstFrame(t *testing.T) {
	pix, w, h, bands := pixels(t, encodeGIF(t, corners(64, 48)), LoadConfig{}, (*Image).ToSRGB)
	if h != 48 {
		t.Fatalf("an animation of two frames is %d high, want 48", h)
	}
	for i, got := range quarters(pix, w, h, bands) {
		if !near(got[:3], asRead[i], 0) {
			t.Errorf("%s of the first frame is %v, want %v", names[i], got, asRead[i])
		}
	}
}

func TestFromPixelsRefuses(t *testing.T) {
	for name, f := range map[string]func() (*Image, error){
		"too few bytes":   func() (*Image, error) { return FromPixels(make([]byte, 11), 2, 2, 3) },
		"too many bytes":  func() (*Image, error) { return FromPixels(make([]byte, 13), 2, 2, 3) },
		"no width":        func() (*Image, error) { return FromPixels(nil, 0, 2, 3) },
		"five bands":      func() (*Image, error) { return FromPixels(make([]byte, 20), 2, 2, 5) },
		"negative height": func() (*Image, error) { return FromPixels(nil, 2, -2, 3) },
	} {
		if img, err := f(); err == nil {
			img.Close()
			t.Errorf("%s is taken", name)
		}
	}
}
