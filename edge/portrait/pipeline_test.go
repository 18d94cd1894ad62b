package portrait

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/professionalaistudio/studio/edge/portrait/compliance"
	"github.com/professionalaistudio/studio/edge/portrait/document"
	"github.com/professionalaistudio/studio/edge/portrait/measure"
	"github.com/professionalaistudio/studio/edge/vips"
	"github.com/professionalaistudio/studio/edge/wire"
)

func finding(t testing.TB, r *Result, rule string) compliance.Finding {
	t.Helper()
	i := slices.IndexFunc(r.Findings, func(f compliance.Finding) bool { return f.Rule == rule })
	if i < 0 {
		t.Fatalf("there is no %s", rule)
	}
	return r.Findings[i]
}

// Every row of the pack, through the whole pipeline: the file is what the row asks, the dots lie where the map says, and the
// head that they measure is inside the band.
func TestEveryRowMade(t *testing.T) {
	p := New(Config{}, nil)
	captures := map[string][]byte{}
	d := forRow(document.Spec{}, 1000, 1250)
	captures["jpg"] = d.encode(t, vips.JPEG)
	for _, s := range document.All() {
		t.Run(s.ID, func(t *testing.T) {
			r, err := p.Photo(t.Context(), captures["jpg"], Request{Document: s.ID, Head: &d.head})
			if err != nil {
				t.Fatal(err)
			}
			facts, err := measure.Read(r.Photo.Data)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.CheckPixels(facts.Width, facts.Height); err != nil || facts.Width != r.Photo.Width || facts.Height != r.Photo.Height {
				t.Errorf("%d × %d pixels: %v", facts.Width, facts.Height, err)
			}
			least, most := s.Bytes()
			if facts.Bytes < least || facts.Bytes > most {
				t.Errorf("%d bytes, want %d to %d", facts.Bytes, least, most)
			}
			if facts.DPI() != float64(s.DPI) || r.Photo.DPI != float64(s.DPI) || facts.EXIF || facts.XMP || facts.Profile != "" || facts.Progressive || facts.Trailing(r.Photo.Data) != 0 {
				t.Errorf("%+v", facts)
			}
			pix, w, h := unpacked(t, r.Photo.Data)
			dots, found := findDots(pix, w, h)
			for i, dot := range d.dots {
				m := r.Photo.Affine
				x, y := m[0]*dot[0]+m[1]*dot[1]+m[2], m[3]*dot[0]+m[4]*dot[1]+m[5]
				if !found[i] || math.Hypot(dots[i][0]-x, dots[i][1]-y) > 1 {
					t.Errorf("dot %d is at %.1f (found %v), the map says %.1f, %.1f", i, dots[i], found[i], x, y)
				}
			}
			scale := fileFrame(s).scale
			head := math.Hypot(dots[0][0]-dots[1][0], dots[0][1]-dots[1][1]) / scale
			if b := s.Head().Band; head < b.Min-max(0.15, 1/scale) || head > b.Max+max(0.15, 1/scale) {
				t.Errorf("the head measures %.2f mm, the row has %v", head, b)
			}
			if got := *finding(t, r, "head.size").Value; math.Abs(got-head) > max(0.15, 1/scale) {
				t.Errorf("head.size says %.2f mm, the picture %.2f", got, head)
			}
			for _, rule := range compliance.Failed(r.Findings) {
				if rule != "route" && rule != "face.pixelation" {
					t.Errorf("%s fails: %s", rule, finding(t, r, rule).Advice)
				}
			}
		})
	}
}

// Turned, and of twice the size: the picture is the same to the eye.
func TestSamePicture(t *testing.T) {
	p := New(Config{}, nil)
	make := func(d *drawn) []byte {
		r, err := p.Photo(t.Context(), d.encode(t, vips.PNG), Request{Document: "jp-passport", Head: &d.head})
		if err != nil {
			t.Fatal(err)
		}
		pix, _, _ := unpacked(t, r.Photo.Data)
		return pix
	}
	upright := make(draw(1400, 1600, 700, 1000, 500, 0))
	for name, d := range map[string]*drawn{
		"turned":            draw(1400, 1600, 700, 1000, 500, 7),
		"turned back":       draw(1400, 1600, 650, 980, 500, -5.3),
		"twice the size":    draw(2800, 3200, 1400, 2000, 1000, 0),
		"larger and turned": draw(2800, 3200, 1300, 2100, 1100, 4),
	} {
		other := make(d)
		var sum float64
		for i := range upright {
			sum += math.Abs(float64(upright[i]) - float64(other[i]))
		}
		if mean := sum / float64(len(upright)); mean > 3 { // the wall's shade stays with the capture
			t.Errorf("%s: a mean difference of %.2f", name, mean)
		}
	}
}

// A capture that is stored lying on its side is made as if it stood.
func TestOrientation(t *testing.T) {
	p := New(Config{}, nil)
	d := forRow(document.Spec{}, 800, 1000)
	lying := &drawn{width: 1000, height: 800, pix: make([]byte, len(d.pix))}
	for y := range 1000 { // stored turned left, to be turned right: orientation 6
		for x := range 800 {
			copy(lying.pix[3*((799-x)*1000+y):][:3], d.pix[3*(y*800+x):])
		}
	}
	exif := []byte("Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00\x00\x00\x00\x00")
	stored := lying.encode(t, vips.JPEG)
	app1 := append(binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(exif)+2)), exif...)
	stored = slices.Concat(stored[:2], app1, stored[2:])
	r, err := p.Photo(t.Context(), stored, Request{Document: "us-passport", Head: &d.head})
	if err != nil {
		t.Fatal(err)
	}
	pix, w, h := unpacked(t, r.Photo.Data)
	dots, found := findDots(pix, w, h)
	for i, dot := range d.dots {
		m := r.Photo.Affine
		x, y := m[0]*dot[0]+m[1]*dot[1]+m[2], m[3]*dot[0]+m[4]*dot[1]+m[5]
		if !found[i] || math.Hypot(dots[i][0]-x, dots[i][1]-y) > 1 {
			t.Errorf("dot %d is at %.1f (found %v), the map says %.1f, %.1f", i, dots[i], found[i], x, y)
		}
	}
}

// Decoding at a half and at a quarter moves nothing.
func TestShrinkOnLoad(t *testing.T) {
	p := New(Config{}, nil)
	for _, length := range []float64{600, 1100, 1500} {
		d := draw(int(3*length), int(3*length), 1.5*length+3, 2*length+5, length, 0)
		r, err := p.Photo(t.Context(), d.encode(t, vips.JPEG), Request{Document: "us-passport", Head: &d.head})
		if err != nil {
			t.Fatal(err)
		}
		pix, w, h := unpacked(t, r.Photo.Data)
		dots, _ := findDots(pix, w, h)
		m := r.Photo.Affine
		for i, dot := range d.dots {
			x, y := m[0]*dot[0]+m[1]*dot[1]+m[2], m[3]*dot[0]+m[4]*dot[1]+m[5]
			if math.Hypot(dots[i][0]-x, dots[i][1]-y) > 0.5 {
				t.Errorf("a head of %g pixels: dot %d is at %.2f, the map says %.2f, %.2f", length, i, dots[i], x, y)
			}
		}
	}
}

func TestFormats(t *testing.T) {
	p := New(Config{}, nil)
	d := forRow(document.Spec{}, 800, 1000)
	capture := d.encode(t, vips.JPEG)
	r, err := p.Photo(t.Context(), capture, Request{Document: "sg-passport", Head: &d.head, Format: wire.PNG})
	if err != nil {
		t.Fatal(err)
	}
	facts, err := measure.Read(r.Photo.Data)
	if err != nil || facts.Format != "png" || math.Abs(facts.DPI()-300) > 0.01 || facts.Samples != 3 || r.Photo.Type != "image/png" {
		t.Errorf("%+v, %v", facts, err)
	}
	for _, ask := range []Request{{Document: "us-visa", Format: wire.PNG}, {Document: "us-passport", Format: wire.WebP}} {
		ask.Head = &d.head
		if _, err := p.Photo(t.Context(), capture, ask); !errors.Is(err, ErrFormat) {
			t.Errorf("%s as %v: %v", ask.Document, ask.Format, err)
		}
	}
	for _, format := range []vips.Format{vips.PNG, vips.WebP, vips.AVIF} { // captures of other kinds
		if _, err := p.Photo(t.Context(), d.encode(t, format), Request{Document: "us-passport", Head: &d.head}); err != nil {
			t.Errorf("from %v: %v", format, err)
		}
	}
}

func TestErrors(t *testing.T) {
	p := New(Config{MaxPixels: 2_000_000}, nil)
	d := forRow(document.Spec{}, 800, 1000)
	capture := d.encode(t, vips.JPEG)
	fine := func() Request { return Request{Document: "us-passport", Head: &d.head} }
	at := func(h Head) Request { r := fine(); r.Head = &h; return r }
	with := func(change func(*Request)) Request { r := fine(); change(&r); return r }
	nan := math.NaN()
	for name, test := range map[string]struct {
		data []byte
		ask  Request
		want error
	}{
		"no such document":      {capture, with(func(r *Request) { r.Document = "atlantis" }), ErrDocumentUnknown},
		"no document":           {capture, with(func(r *Request) { r.Document = "" }), ErrDocumentUnknown},
		"a barred background":   {capture, with(func(r *Request) { r.Background = &wire.RGB{} }), ErrEditBarred},
		"another background":    {capture, with(func(r *Request) { r.Document, r.Background = "generic-cv-square", &wire.RGB{} }), ErrBackgroundUnavailable},
		"no head":               {capture, with(func(r *Request) { r.Head = nil }), ErrNoHead},
		"no such paper":         {capture, with(func(r *Request) { r.Sheet = "a0" }), ErrPaper},
		"text":                  {[]byte("this is not a picture at all"), fine(), ErrNotImage},
		"nothing":               {nil, fine(), ErrNotImage},
		"SVG":                   {[]byte(`<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>`), fine(), ErrNotImage},
		"cut short":             {capture[:len(capture)/2], fine(), ErrBroken},
		"cut in the header":     {capture[:40], fine(), ErrBroken},
		"a bomb":                {bomb(50_000, 50_000), fine(), ErrTooLarge},
		"a head that is no one": {capture, at(Head{nan, 1, 2, 3}), ErrHead},
		"a head outside":        {capture, at(Head{400, 100, 400, 1001}), ErrHead},
		"a head upside down":    {capture, at(Head{400, 500, 400, 100}), ErrHead},
		"a head of no size":     {capture, at(Head{400, 500, 400, 500}), ErrHead},
	} {
		t.Run(name, func(t *testing.T) {
			if r, err := p.Photo(t.Context(), test.data, test.ask); !errors.Is(err, test.want) {
				t.Errorf("Photo: %v, %v, want %v", r != nil, err, test.want)
			}
			if test.want == ErrNoHead || test.want == ErrPaper {
				return
			}
			if r, err := p.Check(t.Context(), test.data, test.ask); !errors.Is(err, test.want) {
				t.Errorf("Check: %v, %v, want %v", r != nil, err, test.want)
			}
		})
	}
	t.Run("a head too large", func(t *testing.T) {
		var short *ErrCannotFit
		if _, err := p.Photo(t.Context(), capture, at(Head{400, 10, 400, 990})); !errors.As(err, &short) || short.Short != ShortAround {
			t.Errorf("%v", err)
		}
	})
	t.Run("a print larger than its paper", func(t *testing.T) {
		var short *ErrCannotFit
		if _, err := p.Photo(t.Context(), capture, with(func(r *Request) { r.Document, r.Sheet = "ua-passport-child", "3r" })); !errors.As(err, &short) || short.Short != ShortPaper {
			t.Errorf("%v", err)
		}
	})
	t.Run("nobody waits any more", func(t *testing.T) {
		gone := errors.New("the client went away")
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(gone)
		if _, err := p.Photo(ctx, capture, fine()); !errors.Is(err, gone) {
			t.Errorf("Photo: %v", err)
		}
		if _, err := p.Check(ctx, capture, fine()); !errors.Is(err, gone) {
			t.Errorf("Check: %v", err)
		}
	})
}

// bomb is a PNG whose header promises that many pixels, and next to nothing of them after it.
func bomb(width, height uint32) []byte {
	chunk := func(kind string, body []byte) []byte {
		c := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
		c = append(append(c, kind...), body...)
		return binary.BigEndian.AppendUint32(c, crc32.ChecksumIEEE(c[4:]))
	}
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, width), height)
	return slices.Concat([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", append(head, 8, 2, 0, 0, 0)), chunk("IDAT", make([]byte, 8192)), chunk("IEND", nil))
}

// The same request makes the same bytes, also with two at a time.
func TestDeterministic(t *testing.T) {
	p := New(Config{}, nil)
	d := forRow(document.Spec{}, 800, 1000)
	capture := d.encode(t, vips.JPEG)
	ask := Request{Document: "cn-visa", Head: &d.head, Sheet: "10x15", Mark: true}
	results := make(chan *Result, 4)
	for range 4 {
		go func() {
			r, err := p.Photo(context.Background(), capture, ask)
			if err != nil {
				t.Error(err)
			}
			results <- r
		}()
	}
	first := <-results
	for range 3 {
		if r := <-results; r == nil || first == nil || !bytes.Equal(r.Photo.Data, first.Photo.Data) || !bytes.Equal(r.Sheet.Data, first.Sheet.Data) {
			t.Error("two runs differ")
		}
	}
}

func TestMarked(t *testing.T) {
	p := New(Config{}, nil)
	d := forRow(document.Spec{}, 800, 1000)
	capture := d.encode(t, vips.JPEG)
	ask := Request{Document: "us-passport", Head: &d.head, Sheet: "10x15"}
	plain, err := p.Photo(t.Context(), capture, ask)
	if err != nil {
		t.Fatal(err)
	}
	ask.Mark = true
	marked, err := p.Photo(t.Context(), capture, ask)
	if err != nil {
		t.Fatal(err)
	}
	if marked.Photo.Width != plain.Photo.Width || marked.Photo.DPI != plain.Photo.DPI || marked.Photo.Affine != plain.Photo.Affine {
		t.Errorf("a preview of another size: %d × %d", marked.Photo.Width, marked.Photo.Height)
	}
	for i, f := range marked.Findings { // of the photo that will be bought
		if g := plain.Findings[i]; f.Verdict != g.Verdict || f.Advice != g.Advice {
			t.Errorf("%s is %q of the preview and %q of the photo", f.Rule, f.Advice, g.Advice)
		}
	}
	for _, pair := range [][2]*Photo{{&plain.Photo, &marked.Photo}, {plain.Sheet, marked.Sheet}} {
		a, w, h := unpacked(t, pair[0].Data)
		b, _, _ := unpacked(t, pair[1].Data)
		changed := 0
		for i := range a {
			if abs(int(a[i])-int(b[i])) > 12 {
				changed++
			}
		}
		if share := float64(changed) / float64(len(a)); share < 0.08 {
			t.Errorf("the mark changes %.1f %% of %d × %d", share*100, w, h)
		}
	}
}

func TestSheet(t *testing.T) {
	p := New(Config{}, nil)
	d := draw(1600, 2000, 800, 1240, 660, 0)
	capture := d.encode(t, vips.JPEG)
	for _, test := range []struct {
		id, paper     string
		width, height int
		dpi           float64
		copies        int
	}{
		{"us-passport", "10x15", 1181, 1772, 300, 2},
		{"jp-passport", "4x6", 1200, 1800, 300, 6},
		{"fi-passport", "13x18", 1535, 2126, 300, 9}, // the file is 353 dpi of itself, the print 300
		{"hk-passport", "10x15", 2362, 3543, 600, 4}, // the file is 3:4, the print 4:5
		{"de-passport", "a4", 4961, 7016, 600, 30},
	} {
		t.Run(test.id, func(t *testing.T) {
			s := spec(t, test.id)
			r, err := p.Photo(t.Context(), capture, Request{Document: test.id, Head: &d.head, Sheet: test.paper})
			if err != nil {
				t.Fatal(err)
			}
			facts, err := measure.Read(r.Sheet.Data)
			if err != nil || facts.DPI() != test.dpi || facts.Subsampled || r.Sheet.DPI != test.dpi {
				t.Errorf("%+v, %v", facts, err)
			}
			pix, w, h := unpacked(t, r.Sheet.Data)
			if min(w, h) != test.width || max(w, h) != test.height {
				t.Errorf("%d × %d, want %d × %d", w, h, test.width, test.height)
			}
			laid, err := p.plans(s, Request{Sheet: test.paper})
			if err != nil || len(laid.Tiles) != test.copies {
				t.Fatalf("%d copies, want %d, %v", len(laid.Tiles), test.copies, err)
			}
			copyAt := func(i int) []byte {
				var c []byte
				for y := range laid.Sizes[0].Y {
					at := 3 * ((laid.Tiles[i].Y+y)*w + laid.Tiles[i].X)
					c = append(c, pix[at:at+3*laid.Sizes[0].X]...)
				}
				return c
			}
			first := copyAt(0)
			for i := range laid.Tiles {
				if !bytes.Equal(copyAt(i), first) {
					t.Errorf("copy %d differs from the first after decoding", i)
				}
			}
			// The head on paper, measured by the dots of the first copy.
			dots, _ := findDots(first, laid.Sizes[0].X, laid.Sizes[0].Y)
			head := (dots[1][1] - dots[0][1]) * 25.4 / test.dpi
			if b := s.Head().Band; head < b.Min-0.15 || head > b.Max+0.15 {
				t.Errorf("the head is %.2f mm on paper, the row has %v", head, b)
			}
			m := r.Sheet.Affine
			x := m[0]*d.dots[0][0] + m[1]*d.dots[0][1] + m[2] - float64(laid.Tiles[0].X)
			if math.Abs(x-dots[0][0]) > 1 {
				t.Errorf("the crown of the first copy is at %.1f, the map says %.1f", dots[0][0], x)
			}
		})
	}
}

// An even wall is carried on where nothing forbids it, a pattern never is.
func TestExtend(t *testing.T) {
	p := New(Config{}, nil)
	d := draw(1000, 1000, 500, 465, 400, 0) // 65 pixels above the crown, where Colombia asks for 10 mm: 125
	even := d.encode(t, vips.JPEG)
	r, err := p.Photo(t.Context(), even, Request{Document: "co-passport", Head: &d.head})
	if err != nil {
		t.Fatal(err)
	}
	if f := finding(t, r, "head.margin"); f.Verdict != compliance.Warn || !strings.Contains(f.Advice, "carried on") {
		t.Errorf("head.margin: %s, %s", f.Verdict, f.Advice)
	}
	pix, w, _ := unpacked(t, r.Photo.Data)
	for x := range w / 5 {
		if above, below := pix[3*x], pix[3*(60*w+x)]; abs(int(above)-int(below)) > 4 {
			t.Fatalf("column %d: the wall carried on is %d, the wall %d", x, above, below)
		}
	}
	var short *ErrCannotFit
	if _, err := p.Photo(t.Context(), even, Request{Document: "cn-passport", Head: &Head{500, 30, 500, 430}}); !errors.As(err, &short) || short.Short != ShortAbove {
		t.Errorf("cn-passport, where edits are risky: %v", err)
	}
	for y := range 60 { // stripes along the top
		for x := range d.width {
			if x/20%2 == 0 {
				copy(d.pix[3*(y*d.width+x):][:3], []byte{20, 90, 40})
			}
		}
	}
	short = nil
	if _, err := p.Photo(t.Context(), d.encode(t, vips.JPEG), Request{Document: "co-passport", Head: &d.head}); !errors.As(err, &short) || short.Short != ShortAbove {
		t.Errorf("a pattern: %v", err)
	}
}

func TestCheck(t *testing.T) {
	p := New(Config{}, nil)
	d := forRow(document.Spec{}, 1000, 1250)
	capture := d.encode(t, vips.JPEG)
	ask := Request{Document: "us-visa", Head: &d.head}
	made, err := p.Photo(t.Context(), capture, ask)
	if err != nil {
		t.Fatal(err)
	}
	verdicts := func(data []byte, r Request) map[string]compliance.Verdict {
		got, err := p.Check(t.Context(), data, r)
		if err != nil {
			t.Fatal(err)
		}
		if got.Photo.Data != nil || got.Sheet != nil {
			t.Error("a check has made a picture")
		}
		m := map[string]compliance.Verdict{}
		for _, f := range got.Findings {
			m[f.Rule] = f.Verdict
		}
		return m
	}
	is := func(name string, got map[string]compliance.Verdict, want map[string]compliance.Verdict) {
		t.Helper()
		for rule, v := range want {
			if got[rule] != v {
				t.Errorf("%s: %s is %s, want %s", name, rule, got[rule], v)
			}
		}
	}
	is("a capture", verdicts(capture, ask), map[string]compliance.Verdict{
		"head.size": "pass", "head.margin": "pass", "pose.roll": "pass", "file.size": "not_assessed", "file.dpi": "not_assessed", "route": "pass"})
	is("a capture without a head", verdicts(capture, Request{Document: "us-visa"}), map[string]compliance.Verdict{
		"head.size": "not_assessed", "file.size": "not_assessed", "route": "pass"})
	is("too near", verdicts(capture, Request{Document: "us-visa", Head: &Head{500, 20, 500, 1240}}), map[string]compliance.Verdict{
		"head.size": "not_assessed", "head.margin": "fail"})

	// The finished photo, with the head where the map has put it.
	put := func(x, y float64) (float64, float64) {
		m := made.Photo.Affine
		return m[0]*x + m[1]*y + m[2], m[3]*x + m[4]*y + m[5]
	}
	var there Head
	there.CrownX, there.CrownY = put(d.head.CrownX, d.head.CrownY)
	there.ChinX, there.ChinY = put(d.head.ChinX, d.head.ChinY)
	is("the finished photo", verdicts(made.Photo.Data, Request{Document: "us-visa", Head: &there}), map[string]compliance.Verdict{
		"head.size": "pass", "head.margin": "pass", "head.center": "pass", "file.size": "pass", "file.pixels": "pass", "file.dpi": "pass",
		"file.format": "pass", "file.jpeg_ratio": "pass", "file.exif": "pass", "face.pixelation": "not_assessed"})
	small := there
	small.CrownY += 150
	is("a finished photo with a small head", verdicts(made.Photo.Data, Request{Document: "us-visa", Head: &small}), map[string]compliance.Verdict{"head.size": "fail"})
	if _, err := p.Check(t.Context(), capture[:len(capture)*2/3], ask); !errors.Is(err, ErrBroken) {
		t.Errorf("a capture cut short: %v", err)
	}
}

func TestTimings(t *testing.T) {
	p := New(Config{}, nil)
	d := forRow(document.Spec{}, 800, 1000)
	r, err := p.Photo(t.Context(), d.encode(t, vips.JPEG), Request{Document: "us-passport", Head: &d.head, Sheet: "10x15", Mark: true})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range r.Timings {
		names = append(names, s.Name)
	}
	if want := strings.Fields("probe decode solve measure render encode judge mark sheet"); !slices.Equal(names, want) {
		t.Errorf("stages %v, want %v", names, want)
	}
	photo := r.Photo.Data
	r.Wipe()
	if r.Photo.Data != nil || r.Sheet.Data != nil || !bytes.Equal(photo, make([]byte, len(photo))) {
		t.Error("something is left of the pictures")
	}
}

// Photos of documents that cannot be filed are made, and say so.
func TestRoute(t *testing.T) {
	p := New(Config{}, nil)
	d := forRow(document.Spec{}, 800, 1000)
	capture := d.encode(t, vips.JPEG)
	for id, want := range map[string]compliance.Verdict{"us-passport": "pass", "de-passport": "fail", "se-passport": "fail", "ca-passport": "fail", "nl-passport": "warn", "mx-passport": "warn"} {
		r, err := p.Photo(t.Context(), capture, Request{Document: id, Head: &d.head})
		if err != nil {
			t.Fatal(err)
		}
		if f := finding(t, r, "route"); f.Verdict != want || f.Source == "" || f.Advice == "" {
			t.Errorf("%s: %+v, want %s", id, f, want)
		}
	}
}
