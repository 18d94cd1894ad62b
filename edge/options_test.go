package main

import (
	"bytes"
	"encoding/base64"
	"image"
	_ "image/jpeg"
	_ "image/png"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "golang.org/x/image/webp"

	"github.com/professionalaistudio/studio/edge/wire"
)

// An optionRow is one question to a running edge, and what the rule of its option says the answer must be. Sizes are
// those of imgproxy's tables (source 200 × 100), places are worked out from its arithmetic: a box is filled by scaling
// to cover it, and a cut of w out of W that is held in the middle begins at (W - w + 1) / 2, half to even.
type optionRow struct {
	options string
	source  string // default slope.png
	w, h    int
	// shows is the part of the source, in its pixels as seen, that fills the picture, or the part of it named by on.
	shows *box
	on    *box
	turn  int // clockwise, after which shows is seen
	also  func(*testing.T, answer, image.Image)
}

type box struct{ x0, y0, x1, y1 float64 }

var whole = &box{0, 0, slopeWidth, slopeHeight}

var optionRows = []optionRow{
	// resize, rs: the five types.
	{options: "rs:fit:50:50", w: 50, h: 25, shows: whole},
	{options: "resize:fit:50:50", w: 50, h: 25, shows: whole},
	{options: "rs:fit:300:300", w: 200, h: 100, shows: whole},
	{options: "rs:fit:300:300:1", w: 300, h: 150, shows: whole},
	{options: "rs:fit:300:125:true", w: 250, h: 125, shows: whole},
	{options: "rs:fit:300:50", w: 100, h: 50, shows: whole},
	{options: "rs:fit:100:300", w: 100, h: 50, shows: whole},
	{options: "rs:fill:50:50", w: 50, h: 50, shows: &box{52, 0, 152, 100}},
	{options: "resize:fill:50:50:0", w: 50, h: 50, shows: &box{52, 0, 152, 100}},
	{options: "rs:fill:300:300", w: 200, h: 100, shows: whole},
	{options: "rs:fill:300:300:1", w: 300, h: 300, shows: &box{50, 0, 150, 100}},
	{options: "rs:fill:300:50", w: 200, h: 50, shows: &box{0, 26, 200, 76}},
	{options: "rs:fill:100:300", w: 100, h: 100, shows: &box{50, 0, 150, 100}},
	{options: "rs:fill-down:300:300", w: 100, h: 100, shows: &box{50, 0, 150, 100}},
	{options: "rs:fill-down:300:125", w: 200, h: 83, shows: &box{0, 9, 200, 92}},
	{options: "rs:fill-down:50:50", w: 50, h: 50, shows: &box{52, 0, 152, 100}},
	{options: "rs:force:50:80", w: 50, h: 80, shows: whole},
	{options: "rs:force:50:0", w: 50, h: 100, shows: whole},
	{options: "rs:auto:50:100", w: 50, h: 25, shows: whole},
	{options: "rs:auto:100:20", w: 100, h: 20, shows: &box{0, 32, 200, 72}},
	{options: "rs:fit:0:50", w: 100, h: 50, shows: whole},
	{options: "rs:fit:50:0", w: 50, h: 25, shows: whole},
	{options: "rs:fill:300:300:0:1", w: 300, h: 300, shows: whole, on: &box{50, 100, 250, 200}},
	{options: "rs:fit:300:300:0:1:no", w: 300, h: 300, shows: whole, on: &box{50, 0, 250, 100}},

	// size, s: the same without the type.
	{options: "s:50:50", w: 50, h: 25, shows: whole},
	{options: "size:50:50", w: 50, h: 25, shows: whole},
	{options: "s:300:300:1", w: 300, h: 150, shows: whole},
	{options: "s:300:300:0:1", w: 300, h: 300, shows: whole, on: &box{50, 100, 250, 200}},
	{options: "s:300:125:0:1:ea", w: 300, h: 125, shows: whole, on: &box{100, 13, 300, 113}},

	// resizing_type, rt.
	{options: "rt:fill/s:50:50", w: 50, h: 50, shows: &box{52, 0, 152, 100}},
	{options: "resizing_type:fill/s:50:50", w: 50, h: 50, shows: &box{52, 0, 152, 100}},
	{options: "rt:fill-down/s:300:300", w: 100, h: 100, shows: &box{50, 0, 150, 100}},
	{options: "rt:force/s:60:60", w: 60, h: 60, shows: whole},
	{options: "rt:auto/s:50:100", w: 50, h: 25, shows: whole},
	{options: "rt:fit/s:50:100", w: 50, h: 25, shows: whole},

	// width and height.
	{options: "w:50", w: 50, h: 25, shows: whole},
	{options: "width:50", w: 50, h: 25, shows: whole},
	{options: "h:50", w: 100, h: 50, shows: whole},
	{options: "height:50", w: 100, h: 50, shows: whole},
	{options: "w:0/h:0", w: 200, h: 100, shows: whole},
	{options: "w:10/w:50", w: 50, h: 25, shows: whole}, // a later one wins

	// enlarge, el.
	{options: "w:400/el:1", w: 400, h: 200, shows: whole},
	{options: "w:400/enlarge:t", w: 400, h: 200, shows: whole},
	{options: "w:400/el:0", w: 200, h: 100, shows: whole},
	{options: "w:400/el:1/el:False", w: 200, h: 100, shows: whole},

	// extend, ex: the picture on a larger canvas, which is transparent in a PNG.
	{options: "s:300:300/ex:1", w: 300, h: 300, shows: whole, on: &box{50, 100, 250, 200}},
	{options: "s:300:300/extend:TRUE", w: 300, h: 300, shows: whole, on: &box{50, 100, 250, 200}},
	{options: "s:300:300/ex:0", w: 200, h: 100, shows: whole},
	{options: "s:300:300/ex:1:no", w: 300, h: 300, shows: whole, on: &box{50, 0, 250, 100}},
	{options: "s:300:300/ex:1:soea", w: 300, h: 300, shows: whole, on: &box{100, 200, 300, 300}},
	{options: "s:300:300/ex:1:nowe:10:20", w: 300, h: 300, shows: whole, on: &box{10, 20, 210, 120}},
	{options: "s:300:0/ex:1", w: 300, h: 100, shows: whole, on: &box{50, 0, 250, 100}},
	{options: "s:50:50/ex:1/bg:ff0000", w: 50, h: 50, shows: whole, on: &box{0, 13, 50, 38}, also: colourAt(25, 3, 255, 0, 0)},

	// gravity, g: the sides.
	{options: "rs:fill:50:50/g:ce", w: 50, h: 50, shows: &box{52, 0, 152, 100}},
	{options: "rs:fill:50:50/gravity:ce", w: 50, h: 50, shows: &box{52, 0, 152, 100}},
	{options: "rs:fill:50:50/g:ea", w: 50, h: 50, shows: &box{100, 0, 200, 100}},
	{options: "rs:fill:50:50/g:we", w: 50, h: 50, shows: &box{0, 0, 100, 100}},
	{options: "rs:fill:200:50/g:no", w: 200, h: 50, shows: &box{0, 0, 200, 50}},
	{options: "rs:fill:200:50/g:so", w: 200, h: 50, shows: &box{0, 50, 200, 100}},
	{options: "c:50:50/g:noea", w: 50, h: 50, shows: &box{150, 0, 200, 50}},
	{options: "c:50:50/g:nowe", w: 50, h: 50, shows: &box{0, 0, 50, 50}},
	{options: "c:50:50/g:soea", w: 50, h: 50, shows: &box{150, 50, 200, 100}},
	{options: "c:50:50/g:sowe", w: 50, h: 50, shows: &box{0, 50, 50, 100}},
	// Offsets: pixels from 1 on, else a part of the picture; inward from the edge.
	{options: "rs:fill:50:50/g:we:10", w: 50, h: 50, shows: &box{20, 0, 120, 100}},
	{options: "rs:fill:50:50/g:we:0.1:0", w: 50, h: 50, shows: &box{20, 0, 120, 100}},
	{options: "rs:fill:50:50/g:ea:10:0", w: 50, h: 50, shows: &box{80, 0, 180, 100}},
	{options: "rs:fill:50:50/g:ce:5:0", w: 50, h: 50, shows: &box{62, 0, 162, 100}},
	{options: "rs:fill:50:50/g:ce:-500:0", w: 50, h: 50, shows: &box{0, 0, 100, 100}},
	{options: "rs:fill:200:50/g:no:0:10", w: 200, h: 50, shows: &box{0, 10, 200, 60}},
	{options: "rs:fill:200:50/g:so:0:10", w: 200, h: 50, shows: &box{0, 40, 200, 90}},
	// Focus point: the centre of the cut, kept inside.
	{options: "rs:fill:50:50/g:fp:0.4:0.5", w: 50, h: 50, shows: &box{30, 0, 130, 100}},
	{options: "rs:fill:50:50/g:fp:0:0", w: 50, h: 50, shows: &box{0, 0, 100, 100}},
	{options: "rs:fill:50:50/g:fp:1:1", w: 50, h: 50, shows: &box{100, 0, 200, 100}},
	{options: "c:40:40/g:fp:0.5:0.25", w: 40, h: 40, shows: &box{80, 5, 120, 45}},
	// Smart: where the eye goes.
	{options: "c:100:100/g:sm", source: "patch-l.png", w: 100, h: 100, also: holdsPatch},
	{options: "c:100:100/g:sm", source: "patch-r.png", w: 100, h: 100, also: holdsPatch},
	{options: "rs:fill:60:60/g:sm", source: "patch-r.png", w: 60, h: 60, also: holdsPatch},

	// crop, c: before resizing; pixels, parts, or all of a side.
	{options: "c:100:50", w: 100, h: 50, shows: &box{50, 26, 150, 76}},
	{options: "crop:100:50", w: 100, h: 50, shows: &box{50, 26, 150, 76}},
	{options: "c:0.5:0.5", w: 100, h: 50, shows: &box{50, 26, 150, 76}},
	{options: "c:0.5", w: 100, h: 100, shows: &box{50, 0, 150, 100}},
	{options: "c:0:40", w: 200, h: 40, shows: &box{0, 30, 200, 70}},
	{options: "c:5000:50", w: 200, h: 50, shows: &box{0, 26, 200, 76}},
	{options: "c:50:50:sowe", w: 50, h: 50, shows: &box{0, 50, 50, 100}},
	{options: "c:50:50:sowe/g:noea", w: 50, h: 50, shows: &box{0, 50, 50, 100}}, // its own gravity wins
	{options: "c:100:50:nowe:10:20", w: 100, h: 50, shows: &box{10, 20, 110, 70}},
	{options: "c:100:100:we/w:50", w: 50, h: 50, shows: &box{0, 0, 100, 100}},
	{options: "c:100:50:fp:0.25:0.25", w: 100, h: 50, shows: &box{0, 0, 100, 50}},
	{options: "c:100:100:sm", source: "patch-l.png", w: 100, h: 100, also: holdsPatch},

	// rotate, rot: clockwise.
	{options: "rot:0", w: 200, h: 100, shows: whole},
	{options: "rot:90", w: 100, h: 200, shows: whole, turn: 90},
	{options: "rotate:90", w: 100, h: 200, shows: whole, turn: 90},
	{options: "rot:180", w: 200, h: 100, shows: whole, turn: 180},
	{options: "rot:270", w: 100, h: 200, shows: whole, turn: 270},
	{options: "rot:-90", w: 100, h: 200, shows: whole, turn: 270},
	{options: "rot:450", w: 100, h: 200, shows: whole, turn: 90},
	{options: "rs:fit:100:150/rot:90", w: 75, h: 150, shows: whole, turn: 90},

	// quality, q: a JPEG's tables are those of the quality that was asked for.
	{options: "q:40/f:jpg", w: 200, h: 100, shows: whole, also: jpegQuality(40)},
	{options: "quality:95/f:jpeg", w: 200, h: 100, shows: whole, also: jpegQuality(95)},
	{options: "q:0/f:jpg", w: 200, h: 100, shows: whole, also: jpegQuality(80)},

	// format, f, ext.
	{options: "f:jpg", w: 200, h: 100, shows: whole, also: formatIs("image/jpeg", "jpg")},
	{options: "f:jpeg", w: 200, h: 100, shows: whole, also: formatIs("image/jpeg", "jpg")},
	{options: "format:png", w: 200, h: 100, shows: whole, also: formatIs("image/png", "png")},
	{options: "ext:webp", w: 200, h: 100, shows: whole, also: formatIs("image/webp", "webp")},
	{options: "f:avif", w: 200, h: 100, also: formatIs("image/avif", "avif")},
	{options: "f:png/f:webp", w: 200, h: 100, shows: whole, also: formatIs("image/webp", "webp")},
	{options: "f:avif/w:50", source: "slope.tiff", w: 50, h: 25, also: formatIs("image/avif", "avif")},
	{options: "f:png", source: "slope.gif", w: 200, h: 100, also: formatIs("image/png", "png")},
	{options: "f:png", source: "slope.tiff", w: 200, h: 100, shows: whole},
	{options: "f:png", source: "slope.jpg", w: 200, h: 100, shows: whole},

	// matte: people alone, before anything else is done.
	{options: "matte:1", source: "person.jpg", w: 360, h: 359, also: cutOut(1)},
	{options: "matte:true/w:90", source: "person.jpg", w: 90, h: 90, also: cutOut(.25)},
	{options: "matte:1/f:webp", source: "person.jpg", w: 360, h: 359, also: formatIs("image/webp", "webp")},
	{options: "matte:1/bg:ff0000", source: "person.jpg", w: 360, h: 359, also: colourAt(8, 8, 255, 0, 0)},
	{options: "matte:1/c:100:100:nowe", source: "person.jpg", w: 100, h: 100, also: clearAt(8, 8)},
	{options: "matte:1/matte:0", w: 200, h: 100, shows: whole},

	// document and what is said of its photo. The sizes are the documents': 2 × 2 inches at 300 dpi, 35 × 45 mm at 600.
	{options: "document:us-passport/f:jpg", source: "person.jpg", w: 600, h: 600, also: formatIs("image/jpeg", "jpg")},
	{options: "document:de-passport/f:jpg", source: "person.jpg", w: 827, h: 1063, also: named(`inline; filename="de-passport.jpg"`)},
	{options: "document:us-passport/f:jpg/g:ce/rs:auto:0:0:0", source: "person.jpg", w: 600, h: 600}, // as PyPI's client always writes
	{options: "document:us-passport/head:174:22:174:232/f:jpg", source: "person.jpg", w: 600, h: 600},
	{options: "document:us-passport/mode:crop/f:jpg", source: "person.jpg", w: 600, h: 600},
	{options: "document:us-passport/sheet:10x15/f:jpg", source: "person.jpg", w: 1181, h: 1772},
	{options: "document:generic-cv-square/bg:00f/f:png", source: "person.jpg", w: 1000, h: 1000, also: colourAt(20, 20, 0, 0, 255)},

	// background, bg: under what is transparent.
	{options: "bg:ff0000", source: "glass.png", w: 64, h: 64, also: colourAt(50, 32, 255, 0, 0)},
	{options: "background:0f0", source: "glass.png", w: 64, h: 64, also: colourAt(50, 32, 0, 255, 0)},
	{options: "bg:10:20:30", source: "glass.png", w: 64, h: 64, also: colourAt(50, 32, 10, 20, 30)},
	{options: "bg:ff0000", source: "glass.png", w: 64, h: 64, also: colourAt(10, 32, 0, 0, 255)},
	{options: "bg:ff0000/bg:", source: "glass.png", w: 64, h: 64, also: clearAt(50, 32)},
	{options: "f:png", source: "glass.png", w: 64, h: 64, also: clearAt(50, 32)},
	{options: "f:jpg/q:95", source: "glass.png", w: 64, h: 64, also: colourAt(50, 32, 255, 255, 255)}, // JPEG: on white

	// blur, bl: an edge becomes the integral of a Gaussian.
	{options: "bl:3", source: "edge.png", w: 64, h: 32, also: blurred(3)},
	{options: "blur:1.5", source: "edge.png", w: 64, h: 32, also: blurred(1.5)},
	{options: "bl:0", source: "edge.png", w: 64, h: 32, also: both(colourAt(31, 16, 0, 0, 0), colourAt(32, 16, 255, 255, 255))},

	// sharpen, sh: an edge overshoots on both sides, and what lies flat stays.
	{options: "sh:1", source: "soft.png", w: 64, h: 32, also: sharpened},
	{options: "sharpen:2", source: "soft.png", w: 64, h: 32, also: sharpened},
	{options: "sh:0", source: "soft.png", w: 64, h: 32, also: both(colourAt(31, 16, 100, 100, 100), colourAt(32, 16, 150, 150, 150))},

	// strip_metadata, sm.
	{options: "sm:1/f:jpg", source: "turned.jpg", w: 100, h: 200, also: holdsArtist(false)},
	{options: "strip_metadata:1/f:jpg", source: "turned.jpg", w: 100, h: 200, also: holdsArtist(false)},
	{options: "f:jpg", source: "turned.jpg", w: 100, h: 200, also: holdsArtist(false)},
	{options: "sm:0/f:jpg", source: "turned.jpg", w: 100, h: 200, also: holdsArtist(true)},

	// auto_rotate, ar: the source says that it was taken with the camera on its side.
	{options: "f:png", source: "turned.jpg", w: 100, h: 200, shows: whole, turn: 90},
	{options: "ar:1", source: "turned.jpg", w: 100, h: 200, shows: whole, turn: 90},
	{options: "ar:0", source: "turned.jpg", w: 200, h: 100, shows: whole},
	{options: "auto_rotate:f", source: "turned.jpg", w: 200, h: 100, shows: whole},

	// cachebuster, cb: another address, the same bytes.
	{options: "w:50/cb:one", w: 50, h: 25, shows: whole},
	{options: "w:50/cachebuster:two", w: 50, h: 25, shows: whole},

	// expires, exp: the answer may not be kept longer than its address is good.
	{options: "exp:" + inAnHour, w: 200, h: 100, shows: whole, also: ageAtMost(3600)},
	{options: "expires:" + inAnHour, w: 200, h: 100, shows: whole, also: ageAtMost(3600)},
	{options: "exp:32503680000", w: 200, h: 100, shows: whole, also: ageAtMost(31536000)}, // the year 3000
	{options: "exp:0", w: 200, h: 100, shows: whole, also: ageAtMost(31536000)},

	// filename, fn.
	{options: "fn:holiday", w: 200, h: 100, shows: whole, also: named(`inline; filename="holiday.png"`)},
	{options: "filename:holiday", w: 200, h: 100, shows: whole, also: named(`inline; filename="holiday.png"`)},
	{options: "fn:holiday.png", w: 200, h: 100, shows: whole, also: named(`inline; filename="holiday.png"`)},
	{options: "fn:" + base64.RawURLEncoding.EncodeToString([]byte("Städte")) + ":1", w: 200, h: 100, shows: whole,
		also: named(`inline; filename="St_dte.png"; filename*=UTF-8''St%C3%A4dte.png`)},
	{options: "fn:plain:0", w: 200, h: 100, shows: whole, also: named(`inline; filename="plain.png"`)},
	{options: "f:png", w: 200, h: 100, shows: whole, also: named(`inline; filename="slope.png"`)}, // the source's
}

var inAnHour = strconv.FormatInt(time.Now().Add(time.Hour).Unix(), 10)

func TestEveryOption(t *testing.T) {
	n, src := start(t), sources(t)
	for _, row := range optionRows {
		t.Run(row.options, func(t *testing.T) {
			name := row.source
			if name == "" {
				name = "slope.png"
			}
			options := row.options
			if !strings.Contains(options, "f:") && !strings.Contains(options, "format:") && !strings.Contains(options, "ext:") {
				options += "/f:png" // so that every pixel is what it was made
			}
			a := get(t, n.sign(options, src.URL+"/"+name)).ok(t)
			if row.w == 0 {
				t.Fatal("a row without a size judges nothing")
			}
			img := row.judge(t, a)
			if row.also != nil {
				row.also(t, a, img)
			}
		})
	}
}

// Every option and alias of the grammar has a row that judges it; a new one without a row fails here.
func TestEveryOptionHasARow(t *testing.T) {
	for _, names := range wire.OptionNames() {
		for _, name := range names {
			if !slices.ContainsFunc(optionRows, func(row optionRow) bool {
				return slices.ContainsFunc(strings.Split(row.options, "/"), func(o string) bool { return strings.HasPrefix(o, name+":") })
			}) {
				t.Errorf("the option %s is taken, and no row judges it", name)
			}
			if !slices.ContainsFunc(refusedRows, func(row refusedRow) bool { return row.option == name }) && name != "cachebuster" && name != "cb" {
				t.Errorf("the option %s is taken, and no row refuses a bad value of it", name)
			}
		}
	}
}

// judge compares the size and the places that the picture shows with the rule.
func (row optionRow) judge(t *testing.T, a answer) image.Image {
	t.Helper()
	if a.Header.Get("Content-Type") == "image/avif" {
		if w, h := avifSize(a.body); w != row.w || h != row.h {
			t.Errorf("the picture is %d × %d, want %d × %d", w, h, row.w, row.h)
		}
		return nil
	}
	img, kind, err := decode(a.body)
	if err != nil {
		t.Fatalf("%d bytes of %s: %v", len(a.body), a.Header.Get("Content-Type"), err)
	}
	if size := img.Bounds().Size(); size != image.Pt(row.w, row.h) {
		t.Fatalf("the picture is %d × %d, want %d × %d", size.X, size.Y, row.w, row.h)
	}
	if row.shows == nil {
		return img
	}
	on := box{0, 0, float64(row.w), float64(row.h)}
	if row.on != nil {
		on = *row.on
	}
	slack := 1.5 // colours are rounded twice
	if kind != "png" || strings.HasSuffix(row.source, ".jpg") {
		slack = 10 // and half of them are guessed
	}
	for _, fy := range []float64{.2, .5, .8} {
		for _, fx := range []float64{.2, .5, .8} {
			x, y := int(on.x0+fx*(on.x1-on.x0)), int(on.y0+fy*(on.y1-on.y0))
			// Where in the picture as seen the middle of this pixel lies, as parts of what is shown.
			px, py := (float64(x)+.5-on.x0)/(on.x1-on.x0), (float64(y)+.5-on.y0)/(on.y1-on.y0)
			switch row.turn { // back to the source
			case 90:
				px, py = py, 1-px
			case 180:
				px, py = 1-px, 1-py
			case 270:
				px, py = 1-py, px
			}
			want := slopeAt(row.shows.x0+px*(row.shows.x1-row.shows.x0), row.shows.y0+py*(row.shows.y1-row.shows.y0), slopeWidth, slopeHeight)
			if got := at(img, x, y); !near(got, want, slack) {
				t.Errorf("pixel %d, %d is %v, want about %v", x, y, got, want)
			}
		}
	}
	if row.on != nil && row.also == nil { // the canvas around it is clear
		for _, p := range []image.Point{{0, 0}, {row.w - 1, 0}, {0, row.h - 1}, {row.w - 1, row.h - 1}} {
			inside := float64(p.X) >= on.x0 && float64(p.X) < on.x1 && float64(p.Y) >= on.y0 && float64(p.Y) < on.y1
			if _, _, _, alpha := img.At(p.X, p.Y).RGBA(); (alpha != 0) != inside {
				t.Errorf("the canvas at %v has alpha %d, and the picture lies at %v", p, alpha>>8, on)
			}
		}
	}
	return img
}

// A refusedRow is an address that is refused, and the option that the problem must name.
type refusedRow struct{ options, option string }

var refusedRows = []refusedRow{
	// Options of imgproxy that we do not have are refused, not skipped: the answer would be another picture.
	{"trim:10", "trim"}, {"padding:10", "padding"}, {"dpr:2", "dpr"}, {"watermark:1", "watermark"}, {"zoom:2", "zoom"},
	{"preset:sharp", "preset"}, {"raw:1", "raw"}, {"min-width:10", "min-width"}, {"flip:1:1", "flip"}, {"pixelate:3", "pixelate"},
	{"brightness:10", "brightness"}, {"att:1", "att"}, {"keep_copyright:1", "keep_copyright"}, {"xyz:1", "xyz"}, {"W:50", "W"},

	{"rs:stretch:10:10", "rs"}, {"resize:fit:-1:10", "resize"}, {"rs:fit:10:10:maybe", "rs"}, {"rs:fit:10:10:1:2", "rs"},
	{"rs:fit:10:10:1:1:sm", "rs"}, {"rs:fit:1e3:10", "rs"}, {"rs:fit:10:10:1:1:ce:0:0:9", "rs"},
	{"s:10:x", "s"}, {"size:10:10:yes", "size"}, {"s:99999999999999999999", "s"},
	{"rt:cover", "rt"}, {"resizing_type:", "resizing_type"},
	{"w:-5", "w"}, {"width:wide", "width"}, {"h:5.5", "h"}, {"height:", "height"}, {"w:50:50", "w"},
	{"el:yes", "el"}, {"enlarge:2", "enlarge"}, {"el:", "el"}, {"el:tRUE", "el"},
	{"ex:on", "ex"}, {"extend:-1", "extend"}, {"ex:1:sm", "ex"}, {"ex:1:middle", "ex"},
	{"c:-1:5", "c"}, {"crop:a:b", "crop"}, {"c:NaN", "c"}, {"c:10:10:up", "c"}, {"c:Inf", "c"},
	{"g:up", "g"}, {"gravity:", "gravity"}, {"g:fp:0.5", "g"}, {"g:fp:2:0.5", "g"}, {"g:fp:NaN:0", "g"}, {"g:sm:5", "g"}, {"g:ce:x", "g"},
	{"rot:45", "rot"}, {"rotate:right", "rotate"}, {"rot:", "rot"},
	{"q:101", "q"}, {"quality:-1", "quality"}, {"q:high", "q"},
	{"f:docx", "f"}, {"format:", "format"}, {"ext:exe", "ext"},
	{"matte:person", "matte"}, {"matte:", "matte"}, {"matte:1:1", "matte"},
	{"document:", "document"}, {"document:us:passport", "document"}, {"mode:crop", "mode"}, {"document:us-passport/mode:fast", "mode"},
	{"document:us-passport/head:1:2:3", "head"}, {"head:1:2:3:4", "head"}, {"document:us-passport/sheet:a99", "sheet"}, {"sheet:a4", "sheet"},
	{"document:us-passport/w:50", "w"}, {"document:us-passport/crop:9:9", "crop"}, {"quality:80/document:us-passport", "quality"},
	{"document:us-passport/matte:1", "matte"}, {"document:us-passport/watermark:1", "watermark"}, {"document:us-passport/sm:0", "sm"},
	{"bg:red", "bg"}, {"background:1:2", "background"}, {"bg:256:0:0", "bg"}, {"bg:ff", "bg"},
	{"bl:-1", "bl"}, {"blur:much", "blur"}, {"bl:NaN", "bl"}, {"bl:1e9", "bl"},
	{"sh:-1", "sh"}, {"sharpen:x", "sharpen"}, {"sh:Inf", "sh"},
	{"sm:maybe", "sm"}, {"strip_metadata:", "strip_metadata"},
	{"ar:on", "ar"}, {"auto_rotate:3", "auto_rotate"},
	{"exp:soon", "exp"}, {"expires:-1", "expires"},
	{"fn:", "fn"}, {"filename:a:perhaps", "filename"}, {"fn:***:1", "fn"},
	{"cb:a:b", "cb"},
}

func TestWhatIsRefusedIsNamed(t *testing.T) {
	n, src := start(t), sources(t)
	for _, row := range refusedRows {
		t.Run(row.options, func(t *testing.T) {
			a := get(t, n.sign(row.options, src.URL+"/slope.png"))
			p := a.expect(t, "option", http.StatusNotFound) // imgproxy's status for a bad option
			if p.Extra["option"] != row.option {
				t.Errorf("the problem names %v, want %s: %s", p.Extra["option"], row.option, p.Detail)
			}

			// The same on a body, where the status says whose fault it is.
			a = ask(t, http.MethodPost, n.public+"/v1/images/"+row.options, bytes.NewReader(src.files["/slope.png"]),
				"Authorization", "Bearer "+testKey.Secret, "Content-Type", "image/png")
			p = a.expect(t, "option", http.StatusBadRequest)
			if p.Extra["option"] != row.option {
				t.Errorf("on a body the problem names %v, want %s", p.Extra["option"], row.option)
			}
		})
	}
}

// What is known by name and not written here is refused as such.
func TestFormatsThatAreNotWritten(t *testing.T) {
	n, src := start(t), sources(t)
	for _, f := range []string{"gif", "tiff", "heic", "jxl", "bmp", "ico", "svg"} {
		get(t, n.sign("f:"+f, src.URL+"/slope.png")).expect(t, "format", http.StatusUnprocessableEntity)
	}
}

// Sources are plain or in base64, with or without a format behind them.
func TestSources(t *testing.T) {
	n, src := start(t), sources(t)
	address := src.URL + "/slope.png"
	encoded := base64.RawURLEncoding.EncodeToString([]byte(address))
	for name, test := range map[string]struct{ path, kind string }{
		"plain":                             {"/w:50/plain/" + address, "image/png"},
		"plain with a format":               {"/w:50/plain/" + address + "@webp", "image/webp"},
		"plain, escaped":                    {"/w:50/plain/" + strings.NewReplacer(":", "%3A", "/", "%2F").Replace(address) + "@png", "image/png"},
		"plain, an escaped name":            {"/w:10/plain/" + src.URL + "/gro%25C3%259Fes%2520%25C3%259C.png@jpg", "image/jpeg"},
		"base64":                            {"/w:50/" + encoded, "image/png"},
		"base64 with a format":              {"/w:50/" + encoded + ".jpg", "image/jpeg"},
		"base64, cut by slashes":            {"/w:50/" + encoded[:10] + "/" + encoded[10:20] + "/" + encoded[20:] + ".png", "image/png"},
		"base64 with its padding":           {"/w:50/" + base64.URLEncoding.EncodeToString([]byte(address)) + ".png", "image/png"},
		"no options":                        {"/plain/" + address + "@png", "image/png"},
		"the format behind wins over an f:": {"/f:jpg/plain/" + address + "@png", "image/png"},
	} {
		t.Run(name, func(t *testing.T) {
			a := get(t, n.signPath(test.path)).ok(t)
			if got := a.Header.Get("Content-Type"); got != test.kind {
				t.Errorf("the type is %s, want %s", got, test.kind)
			}
		})
	}
	for name, path := range map[string]string{
		"two formats":   "/plain/" + address + "@png@jpg",
		"two endings":   "/" + encoded + ".png.jpg",
		"not base64":    "/w:50/***",
		"nothing":       "/w:50/plain/",
		"basic URL":     "/fit/300/300/no/0/plain/" + address,
		"odd extension": "/plain/" + address + "@docx",
	} {
		t.Run(name, func(t *testing.T) {
			get(t, n.signPath(path)).expect(t, "option", http.StatusNotFound)
		})
	}
}
