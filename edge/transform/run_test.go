package transform

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"slices"
	"testing"
	"time"

	"github.com/professionalaistudio/studio/edge/vips"
	"github.com/professionalaistudio/studio/edge/wire"
)

// slope is a picture in which a colour tells the place: red grows to the right by one a pixel, green downward by two, and
// blue is 40. So what a cut shows can be read off its pixels. Its sides are imgproxy's, 200 x 100.
func slope() *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, 200, 100))
	for y := range 100 {
		for x := range 200 {
			img.SetNRGBA(x, y, color.NRGBA{uint8(x), uint8(2 * y), 40, 255})
		}
	}
	return img
}

func asPNG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asJPEG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 100}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// withOrientation puts an EXIF block with nothing but an orientation into a JPEG.
func withOrientation(file []byte, orientation int) []byte {
	exif := "\xff\xe1\x00\x22Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00" +
		string(rune(orientation)) + "\x00\x00\x00\x00\x00\x00"
	return slices.Concat(file[:2], []byte(exif), file[2:])
}

func run(t *testing.T, data []byte, options string, out wire.Format) (*Result, []byte) {
	t.Helper()
	o, err := wire.ParseOptions(options)
	if err != nil {
		t.Fatalf("%s: %v", options, err)
	}
	r, err := Run(t.Context(), data, o, out, Limits{MaxPixels: 1 << 24})
	if err != nil {
		t.Fatalf("%s: %v", options, err)
	}
	file := bytes.Clone(r.Buf.Bytes())
	r.Buf.Close()
	return r, file
}

func decoded(t *testing.T, file []byte) image.Image {
	t.Helper()
	img, _, err := image.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func at(img image.Image, x, y int) color.NRGBA {
	return color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA)
}

func close(a, b color.NRGBA, slack int) bool {
	for _, d := range []int{int(a.R) - int(b.R), int(a.G) - int(b.G), int(a.B) - int(b.B), int(a.A) - int(b.A)} {
		if d > slack || d < -slack {
			return false
		}
	}
	return true
}

// TestPixels: each row says which rectangle of the source fills which rectangle of the result; the colours in it must be
// those of the places it shows.
func TestPixels(t *testing.T) {
	type box struct{ x0, y0, x1, y1 float64 }
	whole := box{0, 0, 200, 100}
	source := asPNG(t, slope())
	for _, test := range []struct {
		options string
		w, h    int
		shows   box  // of the source
		on      *box // of the result; nil: all of it
		turn    int  // quarter turns clockwise between the two
	}{
		{"w:100", 100, 50, whole, nil, 0},
		{"rs:fit:50:50", 50, 25, whole, nil, 0},
		{"rs:fit:300:300:1", 300, 150, whole, nil, 0},
		{"rs:fill:50:50", 50, 50, box{52, 0, 152, 100}, nil, 0}, // (100 - 50 + 1) / 2 = 25.5, to even 26, doubled
		{"rs:fill:50:50/g:no", 50, 50, box{52, 0, 152, 100}, nil, 0},
		{"rs:fill:50:50/g:ea", 50, 50, box{100, 0, 200, 100}, nil, 0},
		{"rs:fill:50:50/g:we:10", 50, 50, box{20, 0, 120, 100}, nil, 0}, // pixels of the scaled picture
		{"rs:fill:50:50/g:we:0.1", 50, 50, box{20, 0, 120, 100}, nil, 0},
		{"rs:fill:50:50/g:fp:0.75:0.5", 50, 50, box{100, 0, 200, 100}, nil, 0},
		{"rs:fill:50:50/g:fp:0.6:0.5", 50, 50, box{70, 0, 170, 100}, nil, 0},
		{"rs:fill-down:300:125", 200, 83, box{0, 9, 200, 92}, nil, 0}, // (17 + 1) / 2
		{"rs:force:80:80", 80, 80, whole, nil, 0},
		{"c:60:40:nowe", 60, 40, box{0, 0, 60, 40}, nil, 0},
		{"c:60:40:soea:5:7", 60, 40, box{135, 53, 195, 93}, nil, 0},
		{"c:0.5:0.5", 100, 50, box{50, 26, 150, 76}, nil, 0},
		{"c:60:40:no/g:so", 60, 40, box{70, 0, 130, 40}, nil, 0}, // the crop's own gravity wins; 70.5 to even
		{"c:60:40/g:so", 60, 40, box{70, 60, 130, 100}, nil, 0},
		{"c:60:40:nowe/w:30", 30, 20, box{0, 0, 60, 40}, nil, 0},
		{"c:60:40:nowe/rs:fill:20:20/g:ea", 20, 20, box{20, 0, 60, 40}, nil, 0},
		{"rot:90", 100, 200, whole, nil, 1},
		{"rot:180", 200, 100, whole, nil, 2},
		{"rot:270/w:50", 50, 100, whole, nil, 3},
		{"rot:90/c:100:60:no", 100, 60, box{0, 0, 60, 100}, nil, 1}, // the top as seen is the left as stored
		{"rot:90/rs:fill:50:50/g:no", 50, 50, box{0, 0, 100, 100}, nil, 1},
		{"s:300:300/ex:1", 300, 300, whole, &box{50, 100, 250, 200}, 0}, // 50.5 and 100.5, to even
		{"s:300:300/ex:1:soea", 300, 300, whole, &box{100, 200, 300, 300}, 0},
		{"s:300:300/ex:1:nowe:10:20/bg:00f", 300, 300, whole, &box{10, 20, 210, 120}, 0},
		{"s:300:150/ex:1:no:0.1", 300, 150, whole, &box{80, 0, 280, 100}, 0}, // a part of the canvas
	} {
		r, file := run(t, source, test.options, wire.PNG)
		img := decoded(t, file)
		if b := img.Bounds(); r.Width != test.w || r.Height != test.h || b.Dx() != test.w || b.Dy() != test.h {
			t.Errorf("%s: %d x %d is said and %d x %d is there, want %d x %d", test.options, r.Width, r.Height, b.Dx(), b.Dy(), test.w, test.h)
			continue
		}
		on := box{0, 0, float64(test.w), float64(test.h)}
		if test.on != nil {
			on = *test.on
		}
		for _, p := range [][2]float64{{0.1, 0.1}, {0.9, 0.15}, {0.5, 0.5}, {0.12, 0.9}, {0.88, 0.85}} {
			x, y := int(on.x0+p[0]*(on.x1-on.x0)), int(on.y0+p[1]*(on.y1-on.y0))
			// The middle of that pixel, as parts of the rectangle, turned back to the source.
			u, v := (float64(x)+0.5-on.x0)/(on.x1-on.x0), (float64(y)+0.5-on.y0)/(on.y1-on.y0)
			for range test.turn {
				u, v = v, 1-u
			}
			sx, sy := test.shows.x0+u*(test.shows.x1-test.shows.x0), test.shows.y0+v*(test.shows.y1-test.shows.y0)
			want := color.NRGBA{uint8(sx), uint8(2*sy - 0.5), 40, 255}
			if got := at(img, x, y); !close(got, want, 2) {
				t.Errorf("%s: at %d,%d there is %v, want %v, the source's %.1f,%.1f", test.options, x, y, got, want, sx, sy)
			}
		}
	}
}

// TestEveryTurn: a picture of four colours, held in eight ways and rotated in four, looks as asSeen says.
func TestEveryTurn(t *testing.T) {
	img := image.NewNRGBA(image.Rect(0, 0, 64, 48))
	colours := []color.NRGBA{{255, 0, 0, 255}, {0, 255, 0, 255}, {0, 0, 255, 255}, {255, 255, 255, 255}}
	for y := range 48 {
		for x := range 64 {
			img.SetNRGBA(x, y, colours[x/32+2*(y/24)])
		}
	}
	file := asJPEG(t, img)
	stored := Size{64, 48}
	for orientation := 1; orientation <= 8; orientation++ {
		for rotate := 0; rotate < 360; rotate += 90 {
			for _, auto := range []bool{true, false} {
				o := wire.DefaultOptions()
				o.Rotate, o.AutoRotate = rotate, auto
				r, err := Run(t.Context(), withOrientation(file, orientation), o, wire.PNG, Limits{})
				if err != nil {
					t.Fatal(err)
				}
				got := decoded(t, r.Buf.Bytes())
				r.Buf.Close()
				held := orientation
				if !auto {
					held = 1
				}
				for i, p := range []image.Point{{16, 12}, {48, 12}, {16, 36}, {48, 36}} {
					seen, u, v := asSeen(held, rotate, stored, p.X, p.Y)
					if r.Width != seen.Width || r.Height != seen.Height {
						t.Fatalf("orientation %d (applied %v), rotated by %d: %d x %d, want %v", orientation, auto, rotate, r.Width, r.Height, seen)
					}
					if c := at(got, u, v); !close(c, colours[i], 8) {
						t.Errorf("orientation %d (applied %v), rotated by %d: at %d,%d there is %v, want %v", orientation, auto, rotate, u, v, c, colours[i])
					}
				}
			}
		}
	}
}

// TestShrunkCrop: a crop cuts the same part of a JPEG that the decoder has shrunk.
func TestShrunkCrop(t *testing.T) {
	big := image.NewNRGBA(image.Rect(0, 0, 1600, 800))
	for y := range 800 {
		for x := range 1600 {
			big.SetNRGBA(x, y, color.NRGBA{uint8(x / 8), uint8(y / 4), 40, 255})
		}
	}
	for _, out := range []wire.Format{wire.PNG} {
		_, file := run(t, asJPEG(t, big), "c:800:400:soea:40:60/w:100", out)
		img := decoded(t, file)
		// The cut begins at 1600-800-40 = 760 and 800-400-60 = 340.
		for _, p := range []image.Point{{5, 5}, {95, 5}, {50, 25}, {95, 45}} {
			x, y := 760+8*(float64(p.X)+0.5), 340+8*(float64(p.Y)+0.5)
			if got, want := at(img, p.X, p.Y), (color.NRGBA{uint8(x / 8), uint8(y / 4), 40, 255}); !close(got, want, 3) {
				t.Errorf("at %v there is %v, want %v", p, got, want)
			}
		}
	}
}

func TestBackground(t *testing.T) {
	clear := image.NewNRGBA(image.Rect(0, 0, 40, 40))
	for i := range 40 * 40 {
		clear.SetNRGBA(i%40, i/40, color.NRGBA{200, 100, 0, 128})
	}
	grey := image.NewGray(image.Rect(0, 0, 40, 40))
	for i := range grey.Pix {
		grey.Pix[i] = 90
	}
	for _, test := range []struct {
		name    string
		source  image.Image
		options string
		out     wire.Format
		x, y    int
		want    color.NRGBA
	}{
		{"stays clear", clear, "", wire.PNG, 20, 20, color.NRGBA{200, 100, 0, 128}},
		{"on white in a JPEG", clear, "", wire.JPEG, 20, 20, color.NRGBA{227, 177, 127, 255}},
		{"on a colour", clear, "bg:0000ff", wire.PNG, 20, 20, color.NRGBA{100, 50, 127, 255}},
		{"a canvas is clear", slope(), "s:200:200/ex:1", wire.PNG, 5, 5, color.NRGBA{0, 0, 0, 0}},
		{"a canvas is white in a JPEG", slope(), "s:200:200/ex:1", wire.JPEG, 5, 5, color.NRGBA{255, 255, 255, 255}},
		{"a canvas has the colour", slope(), "s:200:200/ex:1/bg:ff8000", wire.PNG, 5, 5, color.NRGBA{255, 128, 0, 255}},
		{"grey on a colour", grey, "s:40:80/ex:1/bg:ff8000", wire.PNG, 5, 5, color.NRGBA{255, 128, 0, 255}},
		{"grey stays grey on it", grey, "s:40:80/ex:1/bg:ff8000", wire.PNG, 20, 40, color.NRGBA{90, 90, 90, 255}},
	} {
		_, file := run(t, asPNG(t, test.source), test.options, test.out)
		if got := at(decoded(t, file), test.x, test.y); !close(got, test.want, 3) && (got.A != 0 || test.want.A != 0) {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}

// TestFilters: a blurred edge rises as the Gaussian says, and a sharpened one steeper than before.
func TestFilters(t *testing.T) {
	edge := image.NewNRGBA(image.Rect(0, 0, 80, 40))
	for i := range 80 * 40 {
		v := uint8(60)
		if i%80 >= 40 {
			v = 180
		}
		edge.SetNRGBA(i%80, i/80, color.NRGBA{v, v, v, 255})
	}
	row := func(options string) image.Image {
		_, file := run(t, asPNG(t, edge), options, wire.PNG)
		return decoded(t, file)
	}
	rise := func(img image.Image) int { return int(at(img, 41, 20).R) - int(at(img, 38, 20).R) }
	// 120·(Φ(0.5)−Φ(−0.5)) = 46
	if plain, blurred := rise(row("")), rise(row("bl:3")); plain != 120 || blurred < 36 || blurred > 56 {
		t.Errorf("the edge rises by %d, and blurred by %d; want 120, and about 46", plain, blurred)
	}
	// Sharpening makes the bright side of an edge brighter and the dark side darker.
	if img := row("sh:2"); at(img, 41, 20).R < 190 || at(img, 38, 20).R > 50 {
		t.Errorf("sharpened, the sides of the edge are %d and %d, want more than 60 and 180 apart", at(img, 38, 20).R, at(img, 41, 20).R)
	}
	// What wire lets through can be done.
	for _, options := range []string{"bl:1000", "sh:10", "bl:0.01"} {
		run(t, asPNG(t, edge), options, wire.JPEG)
	}
}

// TestSmart: the cut goes to what there is to see.
func TestSmart(t *testing.T) {
	img := image.NewNRGBA(image.Rect(0, 0, 300, 100))
	for y := range 100 {
		for x := range 300 {
			img.SetNRGBA(x, y, color.NRGBA{190, 190, 190, 255})
			if dx, dy := x-250, y-50; dx*dx+dy*dy < 900 {
				img.SetNRGBA(x, y, color.NRGBA{uint8(190 + (x*y)%60), uint8(60 + x%60), 20, 255})
			}
		}
	}
	for _, options := range []string{"rs:fill:100:100/g:sm", "c:100:100:sm"} {
		_, file := run(t, asPNG(t, img), options, wire.PNG)
		seen := 0
		for i := range 100 * 100 {
			if at(decoded(t, file), i%100, i/100).B == 20 {
				seen++
				break
			}
		}
		if seen == 0 {
			t.Errorf("%s shows nothing but the wall", options)
		}
	}
}

func TestEncoders(t *testing.T) {
	source := asPNG(t, slope())
	sizes := map[wire.Format]int{}
	for f := wire.JPEG; f <= wire.AVIF; f++ {
		r, file := run(t, source, "q:90", f)
		info, err := vips.Probe(file)
		if err != nil || fromVips(info.Format) != f || r.Format != f {
			t.Errorf("%s was asked for: %s is said, %s is there, %v", f, r.Format, info.Format, err)
		}
		if f != wire.PNG {
			_, small := run(t, source, "q:30", f)
			if len(small) >= len(file) {
				t.Errorf("%s: quality 30 has %d bytes and 90 has %d", f, len(small), len(file))
			}
		}
		sizes[f] = len(file)
	}
	// The defaults are imgproxy's: 80, and 79 and 63.
	for f, q := range map[wire.Format]string{wire.JPEG: "q:80", wire.WebP: "q:79", wire.AVIF: "q:63"} {
		_, unset := run(t, source, "", f)
		if _, standard := run(t, source, q, f); !bytes.Equal(unset, standard) {
			t.Errorf("%s without a quality is not what %s makes", f, q)
		}
	}
	// Format conversions from each to each.
	for from := wire.JPEG; from <= wire.AVIF; from++ {
		_, file := run(t, source, "", from)
		for to := wire.JPEG; to <= wire.AVIF; to++ {
			if r, _ := run(t, file, "w:60", to); r.Width != 60 || r.Height != 30 || r.Format != to {
				t.Errorf("%s to %s: %d x %d %s", from, to, r.Width, r.Height, r.Format)
			}
		}
	}
}

func TestMetadata(t *testing.T) {
	dense, err := vips.Load(asJPEG(t, slope()), vips.LoadConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer dense.Close()
	file, err := dense.Encode(vips.EncodeConfig{Format: vips.JPEG, Quality: 100, DPI: 300, StripMetadata: true})
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	marked := withOrientation(bytes.Clone(file.Bytes()), 6)
	if info, err := vips.Probe(marked); err != nil || info.DPI < 299 || info.DPI > 301 {
		t.Fatalf("the source says %v dpi, %v; want 300", info.DPI, err)
	}
	_, stripped := run(t, marked, "", wire.JPEG)
	if bytes.Contains(stripped, []byte("Exif")) {
		t.Error("EXIF is there after strip_metadata, which is the default")
	}
	if info, err := vips.Probe(stripped); err != nil || info.DPI < 71.9 || info.DPI > 72.1 {
		t.Errorf("a stripped JPEG says %v dpi, %v; want 72", info.DPI, err)
	}
	_, kept := run(t, marked, "sm:0", wire.JPEG)
	info, err := vips.Probe(kept)
	if err != nil || !bytes.Contains(kept, []byte("Exif")) || info.Orientation != 1 || info.Width != 100 {
		t.Errorf("sm:0: %+v, %v; want EXIF, upright, 100 wide", info, err)
	}
	_, lying := run(t, marked, "sm:0/ar:0", wire.JPEG)
	if info, err := vips.Probe(lying); err != nil || info.Orientation != 6 || info.Width != 200 {
		t.Errorf("sm:0/ar:0: %+v, %v; want orientation 6 and 200 wide", info, err)
	}
}

func TestErrors(t *testing.T) {
	good := asJPEG(t, slope())
	o := wire.DefaultOptions()
	huge := bytes.Clone(good)
	i := bytes.Index(huge, []byte{8, 0, 100, 0, 200})
	copy(huge[i:], []byte{8, 0xC3, 0x50, 0xC3, 0x50})
	for name, test := range map[string]struct {
		data []byte
		out  wire.Format
		want error
	}{
		"nothing":          {nil, wire.JPEG, ErrNotImage},
		"text":             {[]byte("this is not a picture at all"), wire.JPEG, ErrNotImage},
		"svg":              {[]byte("<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>"), wire.JPEG, ErrNotImage},
		"heic":             {append([]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), make([]byte, 99)...), wire.JPEG, ErrUnsupportedInput},
		"cut short":        {good[:len(good)/2], wire.JPEG, ErrBroken},
		"header cut short": {good[:100], wire.JPEG, ErrBroken},
		"a bomb":           {huge, wire.JPEG, ErrTooLarge},
		"gif out":          {good, wire.GIF, ErrUnsupportedOutput},
	} {
		r, err := Run(t.Context(), test.data, o, test.out, Limits{MaxPixels: 50_000_000})
		if !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
		if r != nil {
			t.Errorf("%s: there is a result beside the error", name)
		}
	}
}

// TestContext: a request that has ended is not worked on, and one that ends while its picture is decoded stops it.
func TestContext(t *testing.T) {
	data := photo(t, 3000, 2000)
	gone := errors.New("the client is gone")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(gone)
	if _, err := Run(ctx, data, wire.DefaultOptions(), wire.JPEG, Limits{}); !errors.Is(err, gone) {
		t.Errorf("with a context that has ended: %v, want %v", err, gone)
	}
	// A picture that would be worked on for long: six million pixels into an AVIF. Broken off while it is decoded, it
	// never reaches the encoder, which could not be stopped.
	ctx, cancel = context.WithCancelCause(t.Context())
	info, err := vips.Probe(data)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := New(info, wire.DefaultOptions(), wire.AVIF, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	cancel(gone)
	for range 20 { // the watcher runs on a goroutine of its own, and may come late once
		w := &work{Plan: plan, started: time.Now()}
		if err = w.open(ctx, data); err == nil {
			err = w.scale()
		}
		w.close()
		if err != nil {
			break
		}
	}
	if !errors.Is(err, vips.ErrInterrupted) {
		t.Errorf("broken off while decoding: %v, want %v", err, vips.ErrInterrupted)
	}
}

func TestTimings(t *testing.T) {
	for options, want := range map[string][]string{
		"w:50":             {"decode", "transform", "encode"},
		"w:50/rot:90/bl:1": {"decode", "transform", "encode"},
	} {
		r, _ := run(t, asPNG(t, slope()), options, wire.JPEG)
		var got []string
		for _, s := range r.Timings {
			got = append(got, s.Name)
			if s.Took < 0 {
				t.Errorf("%s: %s took %v", options, s.Name, s.Took)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: the stages are %v, want %v", options, got, want)
		}
	}
}

// TestNothingHeld: after a thousand pictures, good and bad, libvips holds nothing.
func TestNothingHeld(t *testing.T) {
	good := asJPEG(t, slope())
	before := vips.MemoryStats()
	for i := range 1000 {
		data := good
		if i%3 == 0 {
			data = good[:len(good)*(i%100)/100]
		}
		o, err := wire.ParseOptions([]string{"rs:fill:30:30/g:sm", "c:0.5:0.5/rot:90", "bl:1/s:90:90/ex:1"}[i%3])
		if err != nil {
			t.Fatal(err)
		}
		if r, err := Run(t.Context(), data, o, wire.JPEG, Limits{MaxPixels: 1 << 20}); err == nil {
			r.Buf.Close()
		}
	}
	// A worker of libvips frees its own buffers when it next runs, which may be after the picture is closed.
	after := vips.MemoryStats()
	for deadline := time.Now().Add(5 * time.Second); after.Buffers != before.Buffers && time.Now().Before(deadline); after = vips.MemoryStats() {
		time.Sleep(10 * time.Millisecond)
	}
	if after.Buffers != before.Buffers || after.Files != 0 {
		t.Errorf("libvips holds %+v, before it held %+v", after, before)
	}
}

// FuzzRun: whatever the bytes and the options, there is an error or a picture of the planned size within the limits.
func FuzzRun(f *testing.F) {
	good := asJPEG(f, slope())
	for _, options := range []string{"rs:fill:30:30/g:sm", "c:0.5:0.5:soea/rot:90", "bl:1/s:90:90/ex:1", "rs:force:1:500:1/sh:1", "w:10/bg:fff/sm:0/ar:0"} {
		f.Add(good, options, uint8(1))
		f.Add(good[:len(good)/2], options, uint8(2))
		f.Add(asPNG(f, slope()), options, uint8(3))
		f.Add(withOrientation(good, 7), options, uint8(1))
	}
	limits := Limits{MaxPixels: 1 << 17}
	f.Fuzz(func(t *testing.T, data []byte, options string, out uint8) {
		o, err := wire.ParseOptions(options)
		if err != nil {
			return
		}
		o.Blur = min(o.Blur, 20)
		format := wire.JPEG + wire.Format(out%3)
		info, err := vips.Probe(data)
		if err != nil {
			return
		}
		p, err := New(info, o, format, limits)
		if err != nil {
			return
		}
		r, err := Run(t.Context(), data, o, format, limits)
		if err != nil {
			return
		}
		defer r.Buf.Close()
		if r.Width != p.Result.Width || r.Height != p.Result.Height || int64(r.Width)*int64(r.Height) > limits.MaxPixels {
			t.Errorf("%q: %d x %d came, %v was planned, %d pixels are allowed", options, r.Width, r.Height, p.Result, limits.MaxPixels)
		}
		if got, err := vips.Probe(r.Buf.Bytes()); err != nil || got.Width != r.Width || got.Height != r.Height {
			t.Errorf("%q: what was written reads as %+v, %v", options, got, err)
		}
	})
}
