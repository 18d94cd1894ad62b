package portrait

import (
	"math"
	"slices"
	"testing"

	"github.com/professionalaistudio/studio/edge/portrait/document"
	"github.com/professionalaistudio/studio/edge/vips"
)

// A drawn capture: an oval head on shoulders before a wall, with four dots of colours that occur nowhere else, at the
// counted top, the chin, and left and right of the head. What became of the dots is measured in the output, with nobody's
// map but the picture's own.
type drawn struct {
	width, height int
	head          Head
	tilt          float64
	dots          [4][2]float64 // crown, chin, left, right
	pix           []byte
}

var dotColours = [4][3]byte{{255, 0, 0}, {0, 0, 255}, {255, 0, 255}, {0, 255, 255}}

// draw a head of that length, upright or turned about its chin, on a wall whose shade runs evenly.
func draw(width, height int, chinX, chinY, length, tilt float64) *drawn {
	sin, cos := math.Sincos(tilt * math.Pi / 180)
	at := func(right, up float64) [2]float64 { // in head lengths from the chin
		return [2]float64{chinX + length*(cos*right+sin*up), chinY + length*(sin*right-cos*up)}
	}
	crown := at(0, 1)
	d := &drawn{width: width, height: height, tilt: tilt, head: Head{crown[0], crown[1], chinX, chinY},
		dots: [4][2]float64{crown, {chinX, chinY}, at(-0.3, 0.5), at(0.3, 0.5)}, pix: make([]byte, 3*width*height)}
	radius := 0.03 * length
	for y := range height {
		for x := range width {
			dx, dy := (float64(x)+0.5-chinX)/length, (float64(y)+0.5-chinY)/length
			right, up := cos*dx+sin*dy, sin*dx-cos*dy
			wall := 205 + 10*float64(y)/float64(height)
			c := [3]float64{wall, wall, wall + 3}
			switch {
			case right*right/(0.36*0.36)+(up-0.5)*(up-0.5)/(0.5*0.5) < 1:
				c = [3]float64{200 - 40*right, 150 - 30*right, 120}
			case up < -0.02 && math.Abs(right) < 0.2, up < -0.25+0.3*math.Abs(right)*-1 && math.Abs(right) < 0.95:
				c = [3]float64{60, 70, 90}
			}
			p := d.pix[3*(y*width+x):]
			p[0], p[1], p[2] = byte(c[0]), byte(c[1]), byte(c[2])
			for i, dot := range d.dots {
				if r := math.Hypot(float64(x)+0.5-dot[0], float64(y)+0.5-dot[1]); r < radius {
					copy(p, dotColours[i][:])
				}
			}
		}
	}
	return d
}

func (d *drawn) encode(t testing.TB, f vips.Format) []byte {
	t.Helper()
	img, err := vips.FromPixels(d.pix, d.width, d.height, 3)
	if err != nil {
		t.Fatal(err)
	}
	defer img.Close()
	b, err := img.Encode(vips.EncodeConfig{Format: f, Quality: 95, Subsample444: true})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	return slices.Clone(b.Bytes())
}

// decoded gives a file's pixels.
func unpacked(t testing.TB, file []byte) (pix []byte, width, height int) {
	t.Helper()
	img, err := vips.Load(file, vips.LoadConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer img.Close()
	if err := img.ToSRGB(); err != nil {
		t.Fatal(err)
	}
	pix, width, height, err = img.Pixels()
	if err != nil {
		t.Fatal(err)
	}
	return pix, width, height
}

// findDots measures the middle of each dot, by colour alone.
func findDots(pix []byte, width, height int) (dots [4][2]float64, found [4]bool) {
	for i, c := range dotColours {
		var n, sx, sy float64
		for y := range height {
			for x := range width {
				p := pix[3*(y*width+x):]
				d := 0
				for k := range 3 {
					d += abs(int(p[k]) - int(c[k]))
				}
				if weight := 1 - float64(d)/160; weight > 0 {
					n, sx, sy = n+weight, sx+weight*(float64(x)+0.5), sy+weight*(float64(y)+0.5)
				}
			}
		}
		if found[i] = n > 4; found[i] {
			dots[i] = [2]float64{sx / n, sy / n}
		}
	}
	return dots, found
}

func abs(v int) int { return max(v, -v) }

// forRow draws a head that suits the row: the crown is the top that it counts, and there is room on all sides.
func forRow(s document.Spec, width, height int) *drawn {
	return draw(width, height, float64(width)/2, 0.62*float64(height), 0.33*float64(height), 0)
}
