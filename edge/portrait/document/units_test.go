package document

import (
	"math"
	"math/big"
	"strconv"
	"testing"
)

// round(mm / 25.4 * dpi), in whole numbers.
func exactPixels(mm float64, dpi int) int {
	v, ok := new(big.Rat).SetString(strconv.FormatFloat(mm, 'f', -1, 64))
	if !ok {
		panic(mm)
	}
	v.Mul(v, big.NewRat(int64(dpi)*10, 254))
	v.Add(v, big.NewRat(1, 2))
	return int(new(big.Int).Quo(v.Num(), v.Denom()).Int64())
}

// Millimetres, pixels and dpi of all rows: no number is rounded but in the one place where it must be.
func TestUnitsAreExact(t *testing.T) {
	for _, s := range All() {
		w, h := s.Size()
		if square := s.WidthMM == 51 && s.HeightMM == 51; square != (w == 50.8 && h == 50.8) {
			t.Errorf("%s is %g × %g mm, made %g × %g: only 51 × 51 mean two inches", s.ID, s.WidthMM, s.HeightMM, w, h)
		} else if !square && (w != s.WidthMM || h != s.HeightMM) {
			t.Errorf("%s is %g × %g mm, made %g × %g", s.ID, s.WidthMM, s.HeightMM, w, h)
		}
		for _, dpi := range []int{s.DPI, 300, 350, 400, 600} {
			if gotW, gotH := s.PrintPixels(float64(dpi)); gotW != exactPixels(w, dpi) || gotH != exactPixels(h, dpi) {
				t.Errorf("%s: %g × %g mm at %d dpi are %d × %d px, want %d × %d", s.ID, w, h, dpi, gotW, gotH, exactPixels(w, dpi), exactPixels(h, dpi))
			}
		}
		px, py := s.FilePixels()
		switch {
		case s.WidthPX != nil:
			if px != *s.WidthPX || py != *s.HeightPX {
				t.Errorf("%s: the file is %d × %d px, the row says %d × %d", s.ID, px, py, *s.WidthPX, *s.HeightPX)
			}
		case s.PXRange == nil && !s.Reshaped():
			if px != exactPixels(w, s.DPI) || py != exactPixels(h, s.DPI) {
				t.Errorf("%s: the file is %d × %d px, want its millimetres at %d dpi, %d × %d", s.ID, px, py, s.DPI, exactPixels(w, s.DPI), exactPixels(h, s.DPI))
			}
		}
		// The frame of the file has the print's millimetres and the file's shape, to the rounding of both sides.
		fw, fh := s.FileSize()
		if fh != h || math.Abs(fw/fh*float64(py)-float64(px)) > 1 {
			t.Errorf("%s: a frame of %g × %g mm for %d × %d px", s.ID, fw, fh, px, py)
		}
		v := s.View().Effective
		if v.WidthMM != w || v.HeightMM != h || v.WidthPX != px || v.HeightPX != py || v.DPI != s.DPI {
			t.Errorf("%s is served as %+v", s.ID, v)
		}
	}
}

// What a row gives twice, it gives alike.
func TestNumbersAgree(t *testing.T) {
	for _, s := range All() {
		w, h := s.Size()
		if s.WidthPX != nil && !s.Reshaped() {
			if a, b := float64(*s.WidthPX)/float64(*s.HeightPX), w/h; math.Abs(a/b-1) > 0.01 {
				t.Errorf("%s: %d × %d px are %.4f, %g × %g mm are %.4f", s.ID, *s.WidthPX, *s.HeightPX, a, w, h, b)
			}
		}
		if s.PXImpliedDPI > 0 {
			if got := float64(*s.WidthPX) / w * 25.4; math.Abs(got-float64(s.PXImpliedDPI)) > 0.5 {
				t.Errorf("%s: %d px over %g mm are %.1f dpi, the row says %d", s.ID, *s.WidthPX, w, got, s.PXImpliedDPI)
			}
		}
		if s.HeadHeightRatioDerived {
			if !computed(s.HeadHeightRatio.Min*s.HeightMM, s.HeadHeightMM.Min) || !computed(s.HeadHeightRatio.Max*s.HeightMM, s.HeadHeightMM.Max) {
				t.Errorf("%s: shares %v are not those of %v of %g mm", s.ID, *s.HeadHeightRatio, *s.HeadHeightMM, s.HeightMM)
			}
		}
		for name, pair := range map[string][2]*Band{
			"head": {s.HeadHeightMM, s.HeadHeightRatio}, "eyes": {s.EyeLineMM, s.EyeLineRatio}, "top": {s.TopMarginMM, s.TopMarginRatio},
		} {
			if pair[0] == nil || pair[1] == nil {
				continue
			}
			// Where they are two rules and not one, there must be room that both leave.
			if both := pair[0].Both(pair[1].Scale(h)); both.Min > both.Max {
				t.Errorf("%s: %s in millimetres %v and in shares %v exclude each other", s.ID, name, *pair[0], *pair[1])
			}
		}
	}
}

// A byte window is one that a JPEG of the row's pixels can hit: a face of a whole 24-bit picture takes between a twentieth and
// two bytes a pixel, and what is too small may be padded.
func TestByteWindowsCanBeHit(t *testing.T) {
	for _, s := range All() {
		least, most := s.Bytes()
		if least > most {
			t.Errorf("%s: %d to %d bytes", s.ID, least, most)
		}
		w, h := s.FilePixels()
		if perPixel := float64(most) / float64(w*h); perPixel < 0.1 {
			t.Errorf("%s: %d bytes for %d × %d px are %.3f a pixel", s.ID, most, w, h, perPixel)
		}
		if ratio := s.MaxCompression(); ratio > 0 && float64(3*w*h)/ratio > float64(most) {
			t.Errorf("%s: %d × %d px compressed %g times at most have more than %d bytes", s.ID, w, h, ratio, most)
		}
	}
}

// contradictory are the rows whose numbers cannot all hold; the pack says so of each.
func TestContradictions(t *testing.T) {
	for _, s := range All() {
		want := s.ID == "lb-passport" || s.ID == "ph-passport" || s.ID == "ru-internal-passport"
		if (s.Contradiction() != "") != want {
			t.Errorf("%s: contradiction %q", s.ID, s.Contradiction())
		}
	}
}
