package sheet

import (
	"errors"
	"math"
	"testing"
)

// The counts of geometry §9: margin 5 mm and gap 2 mm, then margin 3 mm and no gap. Said by arithmetic, and laid out.
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
			paper, err := ParsePaper(name)
			if err != nil {
				t.Fatal(err)
			}
			for i, photo := range photos {
				want := column.counts[i]
				if got := (pair{paper.Count(photo[0], photo[1], 5, 2), paper.Count(photo[0], photo[1], 3, 0)}); got != want {
					t.Errorf("%g × %g on %s: %v, want %v", photo[0], photo[1], name, got, want)
				}
				var laid pair
				for dpi, o := range map[float64]*int{300: &laid.gap, 600: &laid.none} {
					options := Options{Margin: 5, Gap: 2, DPI: dpi}
					if o == &laid.none {
						options.Margin, options.Gap = 3, 0
					}
					l, err := Fit(paper, photo[0], photo[1], options)
					if err != nil {
						t.Error(err)
					}
					*o = len(l.Tiles)
				}
				if laid != want {
					t.Errorf("%g × %g laid out on %s: %v, want %v", photo[0], photo[1], name, laid, want)
				}
			}
		}
	}
	exact, _ := ParsePaper("103.6x103.6mm") // (103.6 + 2) / 35.2 is a little under 3 as a computer has it
	if got := exact.Count(33.2, 33.2, 0, 2); got != 9 {
		t.Errorf("%v holds %d photos of 33.2 mm with gaps of 2, want 9", exact, got)
	}
	inches, _ := ParsePaper("4x6")
	if got := inches.Count(50.8, 50.8, 0, 0); got != 6 {
		t.Errorf("full bleed, 4 × 6 inches hold %d American squares, want 6", got)
	}
}

func TestSheetPixels(t *testing.T) {
	for name, want := range map[string][4]int{
		"10x15": {1181, 1772, 2362, 3543}, "4x6": {1200, 1800, 2400, 3600}, "13x18": {1535, 2126, 3071, 4252}, "5x7": {1500, 2100, 3000, 4200},
		"3R": {1050, 1500, 2100, 3000}, "A4": {2480, 3508, 4961, 7016}, "Letter": {2550, 3300, 5100, 6600}, "210x297mm": {2480, 3508, 4961, 7016},
	} {
		paper, err := ParsePaper(name)
		if err != nil {
			t.Fatal(err)
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

func TestParsePaper(t *testing.T) {
	for s, want := range map[string][2]float64{
		"a4": {210, 297}, "A4": {210, 297}, "10x15": {100, 150}, "4x6": {101.6, 152.4}, "4x6in": {101.6, 152.4}, "6x4IN": {101.6, 152.4},
		"297x210mm": {210, 297}, "10.5x14.8cm": {105, 148}, "3.5x5in": {88.9, 127}, "20x20mm": {20, 20}, "329x483mm": {329, 483},
	} {
		p, err := ParsePaper(s)
		if err != nil || math.Abs(p.Width-want[0]) > 1e-9 || math.Abs(p.Height-want[1]) > 1e-9 {
			t.Errorf("%s is %v (%v), want %v mm", s, p, err, want)
		}
	}
	for _, s := range []string{
		"", "x", "mm", "xmm", "wall", "8x12", "10x15x20mm", "210x297", "210 x 297mm", "-210x297mm", "0x297mm", "1e2x297mm", "infxinfmm", "NaNxNaNmm",
		"19x100mm", "501x100mm", "500x500mm", "210xmm", "0x1p4mm", "1_0x15cm", "1..5x20cm", "10.0000000000001x15cm",
	} {
		if p, err := ParsePaper(s); !errors.Is(err, ErrPaper) {
			t.Errorf("%q is %v (%v)", s, p, err)
		}
	}
}

// Whatever is read is upright, within the limits, and read again from its name.
func FuzzParsePaper(f *testing.F) {
	for _, p := range Papers() {
		f.Add(p.Name)
	}
	for _, s := range []string{"210x297mm", "4x6in", "10.5x14.8cm", "0x0mm", "1e9x1mm", "500x320mm", "İ4", "10×15cm"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParsePaper(s)
		if err != nil {
			if !errors.Is(err, ErrPaper) || p != (Paper{}) {
				t.Errorf("%q: %v, %v", s, p, err)
			}
			return
		}
		if !(p.Width >= leastPaper && p.Width <= p.Height && p.Height <= mostPaper && p.Width*p.Height <= mostArea) {
			t.Errorf("%q is %v", s, p)
		}
		if again, err := ParsePaper(p.Name); err != nil || again != p {
			t.Errorf("%q is %v, and by its name %v (%v)", s, p, again, err)
		}
		if _, err := Fit(p, 10, 10, Options{}); err != nil {
			t.Errorf("nothing fits on %v: %v", p, err)
		}
	})
}
