package sheet

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// plain is a JPEG of one colour.
func plain(t testing.TB, width, height int, c color.Color) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for i := range width * height {
		img.Set(i%width, i/width, c)
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// The colours of items; each is far from white, black and grey in its own channel.
var colours = []color.RGBA{{200, 60, 60, 255}, {60, 160, 60, 255}, {60, 60, 200, 255}}

// printed are the photos of a layout at 300 dpi, as JPEGs.
func printed(t testing.TB, l Layout) [][]byte {
	photos := make([][]byte, len(l.Items))
	for i, item := range l.Items {
		photos[i] = plain(t, int(math.Round(item.Width/25.4*300)), int(math.Round(item.Height/25.4*300)), colours[i])
	}
	return photos
}

// pdfs are the sheets that are looked at: a German one and an American one, mixed ones in both styles, a single print.
func pdfs(t testing.TB) map[string]Layout {
	lay := func(paper string, items []Item, o Options) Layout {
		p, err := ParsePaper(paper)
		if err != nil {
			t.Fatal(err)
		}
		o.DPI = Vector
		l, err := Lay(p, items, o)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	single, err := Page(35, 45)
	if err != nil {
		t.Fatal(err)
	}
	three := []Item{{35, 45, 4}, {50.8, 50.8, 4}, {26, 32, 0}}
	return map[string]Layout{
		"german": lay("10x15", []Item{{35, 45, 0}}, Usual), "american": lay("4x6in", []Item{{50.8, 50.8, 0}}, Usual),
		"mixed": lay("a4", three, Usual), "touching": lay("a4", three, Options{Margin: 3}), "single": single,
	}
}

// A reader that goes by the table of objects finds each where it says, and each photo once, byte for byte.
func TestPDFStructure(t *testing.T) {
	for name, l := range pdfs(t) {
		t.Run(name, func(t *testing.T) {
			photos := printed(t, l)
			file, err := l.PDF(photos...)
			if err != nil {
				t.Fatal(err)
			}
			again, err := l.PDF(photos...)
			if err != nil || !bytes.Equal(file, again) {
				t.Errorf("the same sheet makes other bytes (%v)", err)
			}
			tail := file[bytes.LastIndex(file, []byte("startxref")):]
			at, err := strconv.Atoi(strings.Fields(string(tail))[1])
			if err != nil {
				t.Fatal(err)
			}
			table := strings.Split(string(file[at:]), "\n")
			if table[0] != "xref" || table[1] != fmt.Sprintf("0 %d", 6+len(photos)) {
				t.Fatalf("the table begins %q", table[:2])
			}
			for n := 1; n < 6+len(photos); n++ {
				line := table[2+n]
				offset, err := strconv.Atoi(line[:10])
				if want := fmt.Sprintf("%d 0 obj\n", n); len(line) != 19 || err != nil || !bytes.HasPrefix(file[offset:], []byte(want)) {
					t.Errorf("%q leads to %.20q, want %q", line, file[offset:], want)
				}
			}
			for i, photo := range photos {
				if got := bytes.Count(file, photo); got != 1 {
					t.Errorf("photo %d is there %d times", i, got)
				}
				if got, want := strings.Count(string(file), fmt.Sprintf("/P%d Do", i)), count(l, i); got != want {
					t.Errorf("photo %d is placed %d times, want %d", i, got, want)
				}
			}
			box := regexp.MustCompile(`MediaBox\[0 0 ([0-9.]+) ([0-9.]+)\]`).FindSubmatch(file)
			for i, mm := range []float64{l.Paper.Width, l.Paper.Height} {
				v, err := strconv.ParseFloat(string(box[1+i]), 64)
				if got := v / 72 * 25.4; err != nil || math.Abs(got-mm) > 0.001 {
					t.Errorf("the page is %g mm (%v), want %g", got, err, mm)
				}
			}
			for _, word := range []string{"Date", "Author", "Creator", "Title", "/ID"} {
				if bytes.Contains(file, []byte(word)) {
					t.Errorf("there is a %s in it", word)
				}
			}
		})
	}
}

func count(l Layout, item int) (n int) {
	for _, tile := range l.Tiles {
		if tile.Item == item {
			n++
		}
	}
	return n
}

// The file is written into memory that is large enough from the start: growing would leave a copy of photos behind.
func TestPDFDoesNotGrow(t *testing.T) {
	a4, _ := ParsePaper("a4")
	items := make([]Item, mostItems)
	photos := make([][]byte, mostItems)
	used := 0
	for i := range items {
		items[i] = Item{Width: 20, Height: 20, Count: 1}
		photos[i] = plain(t, 100, 100, colours[i%3])
		used += len(photos[i])
	}
	l, err := Lay(a4, items, Options{DPI: Vector})
	if err != nil {
		t.Fatal(err)
	}
	file, err := l.PDF(photos...)
	if err != nil {
		t.Fatal(err)
	}
	content, err := l.content()
	if err != nil {
		t.Fatal(err)
	}
	// What is not photos and page is at most what PDF sets aside, the heads of the images besides.
	if rest := len(file) - used - len(content); rest > 2048+256*len(photos) {
		t.Errorf("%d bytes beside the photos and the page", rest)
	}
	if grown := cap(file) - used - len(content) - 2048 - 256*len(photos); grown < 0 || grown > 150*len(photos) {
		t.Errorf("a buffer of %d bytes is not the one that was made", cap(file))
	}
}

func TestPDFRefuses(t *testing.T) {
	l, err := Page(35, 45)
	if err != nil {
		t.Fatal(err)
	}
	good := plain(t, 413, 531, colours[0])
	if _, err := l.PDF(good); err != nil {
		t.Errorf("a good photo: %v", err)
	}
	for what, photos := range map[string][][]byte{
		"none": {}, "two": {good, good}, "nothing": {nil}, "text": {[]byte("GIF89a, not a JPEG")}, "a start": {good[:100]},
		"another shape": {plain(t, 413, 413, colours[0])}, "turned": {plain(t, 531, 413, colours[0])},
	} {
		if _, err := l.PDF(photos...); err == nil {
			t.Errorf("%s goes", what)
		}
	}
	if _, _, colours, err := jpegHeader(good); err != nil || colours != 3 {
		t.Errorf("%d colours (%v)", colours, err)
	}
}

// The header is read as image/jpeg reads it, or refused; nothing else happens.
func FuzzJPEGHeader(f *testing.F) {
	f.Add(plain(f, 20, 30, colours[0]))
	f.Add([]byte("\xff\xd8\xff\xc0\x00\x0b\x08\x00\x10\x00\x20\x01\x01\x11\x00\xff\xda\x00\x02"))
	f.Add([]byte("\xff\xd8\xff\xff\xff\xff\xe0\x00\x02"))
	f.Fuzz(func(t *testing.T, data []byte) {
		w, h, colours, err := jpegHeader(data)
		if err != nil {
			return
		}
		cfg, err := jpeg.DecodeConfig(bytes.NewReader(data))
		if err == nil && (cfg.Width != w || cfg.Height != h) {
			t.Errorf("%d × %d, and by image/jpeg %d × %d", w, h, cfg.Width, cfg.Height)
		}
		if w < 1 || h < 1 || colours != 1 && colours != 3 {
			t.Errorf("%d × %d in %d colours", w, h, colours)
		}
	})
}

// tool finds a program of poppler-utils, or says that the test is not run.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not here: apt-get install poppler-utils", name)
	}
	return path
}

func command(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(tool(t, name), args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v: %s", name, err, out)
	}
	return string(out)
}

// A real reader sees the page that we mean: its size, each photo in its place to a pixel of 300 dpi, and a bar of 20 mm.
func TestPDFRendered(t *testing.T) {
	for name, l := range pdfs(t) {
		t.Run(name, func(t *testing.T) {
			dir := t.ArtifactDir()
			file, err := l.PDF(printed(t, l)...)
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, name+".pdf")
			if err := os.WriteFile(path, file, 0o600); err != nil {
				t.Fatal(err)
			}
			info := command(t, "pdfinfo", path)
			size := regexp.MustCompile(`Page size: +([0-9.]+) x ([0-9.]+) pts`).FindStringSubmatch(info)
			if size == nil || strings.Contains(info, "CreationDate") || !strings.Contains(info, "Producer:") {
				t.Fatalf("pdfinfo says %s", info)
			}
			for i, mm := range []float64{l.Paper.Width, l.Paper.Height} {
				pts, _ := strconv.ParseFloat(size[1+i], 64)
				if got := pts / 72 * 25.4; math.Abs(got-mm) > 0.01 {
					t.Errorf("the page is %.3f mm, want %g", got, mm)
				}
			}
			images := command(t, "pdfimages", "-list", path)
			if got := strings.Count(images, " jpeg "); got != len(l.Tiles) { // it lists every use, and the object behind it
				t.Errorf("pdfimages lists %d photos, want %d:\n%s", got, len(l.Tiles), images)
			}
			const dpi = 300
			command(t, "pdftoppm", "-r", strconv.Itoa(dpi), path, filepath.Join(dir, name))
			pages, _ := filepath.Glob(filepath.Join(dir, name) + "*.ppm")
			if len(pages) != 1 {
				t.Fatalf("it has %d pages", len(pages))
			}
			page := readPPM(t, pages[0])
			scale := dpi / l.DPI
			for _, tile := range l.Tiles {
				item := l.Items[tile.Item]
				left, top := float64(tile.X)*scale, float64(tile.Y)*scale
				right, bottom := left+item.Width/25.4*dpi, top+item.Height/25.4*dpi
				x, y := int(left+right)/2, int(top+bottom)/2
				is := func(x, y int) bool { return near(page.at(x, y), colours[tile.Item]) }
				got := []float64{edge(x, -1, func(x int) bool { return is(x, y) }), edge(y, -1, func(y int) bool { return is(x, y) }),
					edge(x, 1, func(x int) bool { return is(x, y) }), edge(y, 1, func(y int) bool { return is(x, y) })}
				for i, want := range []float64{left, top, right, bottom} {
					slack := 1.0
					if len(l.Lines) > 0 && l.Lines[0].Overlaps(l.Photo(l.Tiles[0])) { // half of the line lies on the photo
						slack += hairline / 2 / 25.4 * dpi
					}
					if math.Abs(got[i]-want) > slack {
						t.Errorf("the photo at %v has its edges at %v px, want %.1f %.1f %.1f %.1f", tile.Point, got, left, top, right, bottom)
						break
					}
				}
			}
			if !l.HasBar() {
				return
			}
			if got := page.bar(l, scale) / dpi * 25.4; math.Abs(got-20) > 0.1 {
				t.Errorf("the bar is %.2f mm", got)
			} else {
				t.Logf("the bar is %.2f mm", got)
			}
		})
	}
}

// edge is where what holds at from ends, going by dir: the border of the last pixel.
func edge(from, dir int, holds func(int) bool) float64 {
	at := from
	for holds(at) {
		at += dir
	}
	if dir > 0 {
		return float64(at)
	}
	return float64(at + 1)
}

func near(a, b color.RGBA) bool {
	off := func(p, q uint8) bool { return max(p, q)-min(p, q) > 40 }
	return !off(a.R, b.R) && !off(a.G, b.G) && !off(a.B, b.B)
}

type ppm struct {
	pix           []byte
	width, height int
}

func readPPM(t *testing.T, path string) ppm {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var p ppm
	var most int
	if _, err := fmt.Sscanf(string(data[:min(len(data), 40)]), "P6\n%d %d\n%d\n", &p.width, &p.height, &most); err != nil || most != 255 {
		t.Fatalf("%s: %v", path, err)
	}
	p.pix = data[len(data)-3*p.width*p.height:]
	return p
}

func (p ppm) at(x, y int) color.RGBA {
	if x < 0 || y < 0 || x >= p.width || y >= p.height {
		return color.RGBA{}
	}
	at := p.pix[3*(y*p.width+x):]
	return color.RGBA{at[0], at[1], at[2], 255}
}

// bar measures the bar: the stretch between the outermost dark pixels along it, in the part of the label left of the text.
func (p ppm) bar(l Layout, scale float64) float64 {
	box := l.label.box
	first, last := math.Inf(1), math.Inf(-1)
	long := int(20.6 / 25.4 * l.DPI * scale)
	r := image.Rect(int(float64(box.Min.X)*scale)-2, int(float64(box.Min.Y)*scale)-2, int(float64(box.Max.X)*scale)+2, int(float64(box.Max.Y)*scale)+2)
	if l.label.turned {
		r.Max.Y = r.Min.Y + long
	} else {
		r.Max.X = r.Min.X + long
	}
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			if p.at(x, y).G < 128 && p.at(x, y).R < 128 && p.at(x, y).B < 128 {
				at := float64(x)
				if l.label.turned {
					at = float64(y)
				}
				first, last = min(first, at), max(last, at+1)
			}
		}
	}
	return last - first
}
