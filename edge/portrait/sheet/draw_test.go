package sheet

import (
	"bytes"
	"image"
	"math"
	"testing"
)

// What makes copies come out of a JPEG alike: they start on its blocks, and the blocks that they share with their
// surroundings show the same.
func TestCopiesAreAlikeInBlocks(t *testing.T) {
	every(t, 150, func(t *testing.T, l Layout, o Options) {
		if !l.aligned(o) || o.Margin == 0 || l.Width*l.Height > 2_200_000 { // the large ones are no other, and slow
			return
		}
		sheet, err := l.Draw(painted(l)...)
		if err != nil {
			t.Fatal(err)
		}
		around := func(tile Tile) (seen []byte) {
			r := l.Photo(tile)
			r = image.Rect(r.Min.X/8*8, r.Min.Y/8*8, (r.Max.X+7)/8*8, (r.Max.Y+7)/8*8).Intersect(image.Rect(0, 0, l.Width, l.Height))
			for y := r.Min.Y; y < r.Max.Y; y++ {
				seen = append(seen, sheet[3*(y*l.Width+r.Min.X):][:3*r.Dx()]...)
			}
			return seen
		}
		first := map[int][]byte{}
		for _, tile := range l.Tiles {
			if tile.X%8 != l.Tiles[0].X%8 || tile.Y%8 != l.Tiles[0].Y%8 {
				t.Errorf("one photo is at %v and another at %v", l.Tiles[0].Point, tile.Point)
			}
			seen := around(tile)
			if first[tile.Item] == nil {
				first[tile.Item] = seen
			} else if !bytes.Equal(seen, first[tile.Item]) {
				t.Errorf("the blocks of the photo at %v differ from those of the first", tile.Point)
			}
		}
	})
}

// painted makes a photo for each item, no two pixels near each other the same.
func painted(l Layout) [][]byte {
	photos := make([][]byte, len(l.Sizes))
	for i, size := range l.Sizes {
		photos[i] = make([]byte, 3*size.X*size.Y)
		for at := range photos[i] {
			photos[i][at] = byte(at*7 + 31*i)
		}
	}
	return photos
}

// The patches, each kind of them painted once, make the sheet, and there is little to hold.
func TestPatchesAreTheSheet(t *testing.T) {
	every(t, 100, func(t *testing.T, l Layout, o Options) {
		if l.Width*l.Height > 2_200_000 { // the large ones are no other, and slow
			return
		}
		photos := painted(l)
		whole, err := l.Draw(photos...)
		if err != nil {
			t.Fatal(err)
		}
		joined := bytes.Repeat([]byte{255}, len(whole))
		taken := make([]bool, l.Width*l.Height)
		painted := map[int][]byte{}
		for i, p := range l.Patches() {
			if p.Like == i {
				painted[i] = make([]byte, 3*p.Dx()*p.Dy())
				if err := l.Paint(painted[i], p.Rectangle, photos...); err != nil {
					t.Fatal(err)
				}
			}
			for y := p.Min.Y; y < p.Max.Y; y++ {
				copy(joined[3*(y*l.Width+p.Min.X):], painted[p.Like][3*(y-p.Min.Y)*p.Dx():][:3*p.Dx()])
				for x := p.Min.X; x < p.Max.X; x++ {
					if taken[y*l.Width+x] {
						t.Fatalf("two patches have (%d, %d)", x, y)
					}
					taken[y*l.Width+x] = true
				}
			}
		}
		if !bytes.Equal(joined, whole) {
			t.Errorf("the patches are not the sheet")
		}
	})
}

// A full A4 at 600 dpi is 104 MB of pixels. What is held is a photo of each kind, few times over, and marks.
func TestPatchesAreSmall(t *testing.T) {
	a4, _ := ParsePaper("a4")
	for _, items := range [][]Item{
		{{35, 45, 0}}, {{26, 32, 0}}, {{12.2, 16.3, 0}}, {{35, 45, 4}, {50.8, 50.8, 4}, {26, 32, 0}}, {{35, 45, 0}, {50.8, 50.8, 0}, {26, 32, 0}, {33, 48, 0}},
	} {
		for _, o := range []Options{{5, 2, 600, false}, {3, 0, 600, false}} {
			l, err := Lay(a4, items, o)
			if err != nil {
				t.Fatal(err)
			}
			held := 0
			patches := l.Patches()
			for i, p := range patches {
				if p.Like == i {
					held += 3 * p.Dx() * p.Dy()
				}
			}
			if most := 30_000_000; held > most {
				t.Errorf("%v at gap %g: %d patches hold %d bytes, want at most %d", items, o.Gap, len(patches), held, most)
			}
			if len(patches) > 250 {
				t.Errorf("%v at gap %g: %d patches", items, o.Gap, len(patches))
			}
			t.Logf("%v at gap %g: %d tiles, %d patches, %.1f MB of %.1f", items, o.Gap, len(l.Tiles), len(patches), float64(held)/1e6, 3*float64(l.Width*l.Height)/1e6)
		}
	}
}

// The bar's outer edges are 20 mm apart in pixels of the sheet.
func TestBarIsTwentyMillimetres(t *testing.T) {
	for _, dpi := range []float64{300, 600, Vector} {
		w, err := write(sentences[0], dpi)
		if err != nil {
			t.Fatal(err)
		}
		ink, err := w.ink()
		if err != nil {
			t.Fatal(err)
		}
		first, last := -1, -1
		for x := range int(20.5 * dpi / 25.4) {
			for y := range ink.Bounds().Dy() {
				if ink.AlphaAt(x, y).A == 255 {
					if first < 0 {
						first = x
					}
					last = x
				}
			}
		}
		if got, want := float64(last+1-first)*25.4/dpi, 20.0; math.Abs(got-want) > 0.05 {
			t.Errorf("at %g dpi the bar is %.2f mm", dpi, got)
		}
	}
}
