package sheet

import (
	"bytes"
	"errors"
	"image"
	"testing"
)

// The counts of geometry §9: margin 5 mm and gap 2 mm, then margin 3 mm and no gap.
func TestCounts(t *testing.T) {
	type pair struct{ gap, none int }
	columns := []struct {
		papers []string
		counts []pair
	}{
		{[]string{"10x15", "4x6"}, []pair{{6, 8}, {2, 2}, {2, 2}, {4, 4}, {4, 4}, {4, 6}, {12, 12}, {10, 12}, {4, 4}, {4, 8}, {2, 2}, {8, 9}, {6, 6}}},
		{[]string{"13x18"}, []pair{{9, 9}, {6, 6}, {4, 4}, {8, 9}, {4, 8}, {9, 10}, {20, 20}, {18, 18}, {9, 9}, {9, 9}, {4, 6}, {12, 16}, {8, 12}}},
		{[]string{"5x7"}, []pair{{9, 9}, {6, 6}, {4, 4}, {8, 9}, {4, 8}, {9, 10}, {18, 20}, {18, 18}, {9, 9}, {9, 9}, {4, 6}, {12, 16}, {8, 12}}},
		{[]string{"3r"}, []pair{{4, 4}, {2, 2}, {2, 2}, {2, 4}, {2, 4}, {4, 4}, {8, 9}, {8, 9}, {4, 4}, {4, 4}, {2, 2}, {4, 8}, {2, 6}}},
		{[]string{"a4"}, []pair{{30, 32}, {15, 20}, {12, 16}, {20, 28}, {18, 21}, {32, 36}, {56, 66}, {50, 64}, {25, 32}, {28, 32}, {15, 16}, {36, 45}, {24, 35}}},
		{[]string{"letter"}, []pair{{28, 30}, {15, 20}, {10, 12}, {20, 25}, {18, 20}, {28, 32}, {54, 64}, {50, 56}, {28, 28}, {28, 28}, {15, 16}, {36, 45}, {24, 30}}},
	}
	photos := [][2]float64{{35, 45}, {50.8, 50.8}, {50, 70}, {40, 50}, {40, 60}, {33, 48}, {26, 32}, {25, 35}, {35, 49}, {36, 47}, {50, 60}, {30, 40}, {40, 40}}
	for _, column := range columns {
		for _, name := range column.papers {
			paper, ok := FindPaper(name)
			if !ok {
				t.Fatal(name)
			}
			for i, photo := range photos {
				got := pair{paper.Count(photo[0], photo[1], 5, 2), paper.Count(photo[0], photo[1], 3, 0)}
				if got != column.counts[i] {
					t.Errorf("%g × %g on %s: %v, want %v", photo[0], photo[1], name, got, column.counts[i])
				}
			}
		}
	}
}

func TestSheetPixels(t *testing.T) {
	for name, want := range map[string][4]int{
		"10x15": {1181, 1772, 2362, 3543}, "4x6": {1200, 1800, 2400, 3600}, "13x18": {1535, 2126, 3071, 4252}, "5x7": {1500, 2100, 3000, 4200},
		"3R": {1050, 1500, 2100, 3000}, "A4": {2480, 3508, 4961, 7016}, "Letter": {2550, 3300, 5100, 6600},
	} {
		paper, ok := FindPaper(name)
		if !ok {
			t.Fatal(name)
		}
		for i, dpi := range []float64{300, 600} {
			o := Usual
			o.DPI = dpi
			l, err := Fit(paper, 35, 45, o)
			if err != nil {
				t.Fatal(err)
			}
			short, long := min(l.Width, l.Height), max(l.Width, l.Height)
			if short != want[2*i] || long != want[2*i+1] {
				t.Errorf("%s at %g dpi: %d × %d, want %d × %d", name, dpi, short, long, want[2*i], want[2*i+1])
			}
		}
	}
}

// every lays every photo of the table out on every paper, both ways, at both densities.
func every(t *testing.T, do func(t *testing.T, l Layout, o Options)) {
	for _, paper := range Papers() {
		for _, photo := range [][2]float64{{35, 45}, {50.8, 50.8}, {50, 70}, {40, 50}, {33, 48}, {26, 32}, {25, 35}, {36, 47}, {12.2, 16.3}} {
			for _, o := range []Options{{5, 2, 300, 0}, {5, 2, 600, 0}, {3, 0, 300, 0}, {5, 2, 300, 3}} {
				l, err := Fit(paper, photo[0], photo[1], o)
				if err != nil {
					t.Errorf("%s of %v: %v", paper.Name, photo, err)
					continue
				}
				want := paper.Count(photo[0], photo[1], o.Margin, o.Gap)
				if o.Most > 0 {
					want = min(want, o.Most)
				}
				if len(l.Tiles) != want {
					t.Errorf("%s holds %d of %v, want %d", paper.Name, len(l.Tiles), photo, want)
				}
				do(t, l, o)
			}
		}
	}
}

func TestNothingOverlaps(t *testing.T) {
	every(t, func(t *testing.T, l Layout, o Options) {
		sheet := image.Rect(0, 0, l.Width, l.Height)
		var photos []image.Rectangle
		for _, at := range l.Tiles {
			photos = append(photos, image.Rectangle{at, at.Add(l.Tile)})
		}
		margin := int(o.Margin/25.4*l.DPI) - block // the grid of 8 pixels may cost less than one
		for i, p := range photos {
			if !p.In(sheet.Inset(margin)) {
				t.Errorf("%s %v: photo %v is in the margin of %v", l.Paper.Name, l.Tile, p, sheet)
			}
			for _, q := range photos[i+1:] {
				if p.Overlaps(q) {
					t.Errorf("%s: %v overlaps %v", l.Paper.Name, p, q)
				}
			}
			for _, tick := range l.Ticks {
				if p.Overlaps(tick) {
					t.Errorf("%s: the tick %v is in the photo %v", l.Paper.Name, tick, p)
				}
			}
			if p.Overlaps(l.label.box) {
				t.Errorf("%s: the label %v is in the photo %v", l.Paper.Name, l.label.box, p)
			}
		}
		if l.label.box.Empty() || !l.label.box.In(sheet) {
			t.Errorf("%s of %v at %g: label at %v", l.Paper.Name, l.Tile, l.DPI, l.label.box)
		}
	})
}

// Left margin, photos, gaps and right margin are the sheet.
func TestPositionsSum(t *testing.T) {
	every(t, func(t *testing.T, l Layout, o Options) {
		row := l.Tiles[:min(l.Columns, len(l.Tiles))]
		sum, end := 0, 0
		for _, at := range row {
			sum += at.X - end + l.Tile.X
			end = at.X + l.Tile.X
		}
		if sum += l.Width - end; sum != l.Width {
			t.Errorf("%s: %d pixels of %d", l.Paper.Name, sum, l.Width)
		}
		if left, right := row[0].X, l.Width-end; left-right > block || right-left > 2*block {
			t.Errorf("%s: %d pixels left, %d right", l.Paper.Name, left, right)
		}
	})
}

// What makes copies come out of a JPEG alike: they start on its blocks, and the blocks that they share with their
// surroundings show the same.
func TestCopiesAreAlikeInBlocks(t *testing.T) {
	every(t, func(t *testing.T, l Layout, o Options) {
		if o.Gap == 0 || l.Width*l.Height > 4_000_000 { // the large ones are no other, and slow
			return
		}
		tile := bytes.Repeat([]byte{10, 90, 200}, l.Tile.X*l.Tile.Y)
		sheet, err := l.Draw(tile)
		if err != nil {
			t.Fatal(err)
		}
		up := func(v int) int { return (v + 7) / 8 * 8 }
		around := func(at image.Point) []byte {
			var seen []byte
			for y := at.Y; y < at.Y+up(l.Tile.Y); y++ {
				seen = append(seen, sheet[3*(y*l.Width+at.X):][:3*up(l.Tile.X)]...)
			}
			return seen
		}
		first := around(l.Tiles[0])
		for _, at := range l.Tiles {
			if at.X%8 != 0 || at.Y%8 != 0 {
				t.Errorf("%s: a photo at %v", l.Paper.Name, at)
			}
			if !bytes.Equal(around(at), first) {
				t.Errorf("%s %v: the blocks of the photo at %v differ from those of the first", l.Paper.Name, l.Tile, at)
			}
		}
	})
}

func TestBandsAreTheSheet(t *testing.T) {
	every(t, func(t *testing.T, l Layout, o Options) {
		if l.Width*l.Height > 4_000_000 {
			return
		}
		tile := make([]byte, 3*l.Tile.X*l.Tile.Y)
		for i := range tile {
			tile[i] = byte(i * 7)
		}
		whole, err := l.Draw(tile)
		if err != nil {
			t.Fatal(err)
		}
		var drawn [][]byte
		var joined []byte
		for i, b := range l.Bands() {
			if b.Like == i {
				band := make([]byte, 3*l.Width*(b.Y1-b.Y0))
				if err := l.DrawBand(band, b.Y0, b.Y1, tile); err != nil {
					t.Fatal(err)
				}
				drawn = append(drawn, band)
			} else {
				drawn = append(drawn, drawn[b.Like])
			}
			joined = append(joined, drawn[i]...)
		}
		if !bytes.Equal(joined, whole) {
			t.Errorf("%s %v: the bands are not the sheet", l.Paper.Name, l.Tile)
		}
	})
}

// The bar's outer edges are 20 mm apart in pixels of the sheet.
func TestBarIsTwentyMillimetres(t *testing.T) {
	for _, dpi := range []float64{300, 600} {
		ink := drawLabel(dpi)
		first, last := -1, -1
		b := ink.Bounds()
		for x := range int(21 * dpi / 25.4) {
			for y := range b.Dy() {
				if ink.AlphaAt(x, y).A == 255 && x < int(20.5*dpi/25.4) {
					if first < 0 {
						first = x
					}
					last = x
				}
			}
		}
		if got, want := float64(last+1-first)*25.4/dpi, 20.0; got < want-0.05 || got > want+0.05 {
			t.Errorf("at %g dpi the bar is %.2f mm", dpi, got)
		}
	}
}

func TestFitRefuses(t *testing.T) {
	small, _ := FindPaper("3r")
	if _, err := Fit(small, 100, 150, Usual); !errors.Is(err, ErrDoesNotFit) {
		t.Errorf("10 × 15 cm on 3R: %v", err)
	}
	for _, o := range []Options{{Margin: -1}, {Gap: -1}, {Most: -1}, {DPI: -300}} {
		if _, err := Fit(small, 35, 45, o); err == nil {
			t.Errorf("%+v is laid out", o)
		}
	}
	if _, ok := FindPaper("a5"); ok {
		t.Error("a5 is found")
	}
	l, _ := Fit(small, 35, 45, Usual)
	if _, err := l.Draw(make([]byte, 12)); err == nil {
		t.Error("a photo of 12 bytes is drawn")
	}
}
