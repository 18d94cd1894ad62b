package portrait

import (
	"image"
	"math"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// What has not been paid for is marked: the word runs slantwise over the whole photo, face and ground, again and again, so
// that no crop is free of it. Size, density and shape stay those of the finished photo: a preview that is smaller would
// not show what is bought.
//
// A half-transparent layer of known letters can be subtracted. So the picture under the letters is first coarsened to
// blocks: what was there is gone, not covered.
const (
	markWord   = "PREVIEW"
	markSlant  = -30.0 // degrees
	markHeight = 0.11  // of the photo's shorter side
	markLines  = 1.8   // line spacing over height
	markWhite  = 0.42  // how much of a letter is white
	markDark   = 0.45  // how much of its outline is black
)

// stencil is one repetition of the word: letters and the outline around them, 0 to 255.
type stencil struct{ letters, outline *image.Alpha }

var bold = sync.OnceValues(func() (*opentype.Font, error) { return opentype.Parse(gobold.TTF) })

// stencils are kept by their height in pixels: the pack's documents have a few dozen sizes between them.
var stencils sync.Map

func stencilOf(height int) (stencil, error) {
	if s, ok := stencils.Load(height); ok {
		return s.(stencil), nil
	}
	s, err := newStencil(float64(height))
	if err == nil {
		stencils.Store(height, s)
	}
	return s, err
}

func newStencil(height float64) (stencil, error) {
	parsed, err := bold()
	if err != nil {
		return stencil{}, err
	}
	face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: height * 1.38, DPI: 72, Hinting: font.HintingNone}) // capitals are 0.72 of the em
	if err != nil {
		return stencil{}, err
	}
	wide := font.MeasureString(face, markWord).Ceil()
	thick := max(int(height/14), 1)
	box := image.Rect(0, 0, wide+int(height*1.1), int(height*markLines))
	letters := image.NewAlpha(box)
	base := (box.Dy() + int(height)) / 2
	(&font.Drawer{Dst: letters, Src: image.Opaque, Face: face, Dot: fixed.P(int(height*0.55), base)}).DrawString(markWord)
	outline := image.NewAlpha(box)
	for y := range box.Dy() {
		for x := range box.Dx() {
			if v := letters.AlphaAt(x, y).A; v > 0 {
				for dy := -thick; dy <= thick; dy++ {
					for dx := -thick; dx <= thick; dx++ {
						if at := image.Pt(x+dx, y+dy); dx*dx+dy*dy <= thick*thick && at.In(box) {
							i := outline.PixOffset(at.X, at.Y)
							outline.Pix[i] = max(outline.Pix[i], v)
						}
					}
				}
			}
		}
	}
	return stencil{letters, outline}, nil
}

// mark draws the word over an RGB picture, in place. The same picture is marked with the same bytes.
func mark(pix []byte, width, height int) error {
	size := max(int(markHeight*float64(min(width, height))), 6)
	s, err := stencilOf(size)
	if err != nil {
		return err
	}
	block := max(size/5, 3)
	coarse := coarsen(pix, width, height, block)
	columns := (width + block - 1) / block
	sin, cos := math.Sincos(markSlant * math.Pi / 180)
	tw, th := s.letters.Rect.Dx(), s.letters.Rect.Dy()
	for y := range height {
		for x := range width {
			// Along and across the lines of text, from the middle of the photo, so that a word crosses the face.
			dx, dy := float64(x)+0.5-float64(width)/2, float64(y)+0.5-float64(height)/2
			u := cos*dx + sin*dy + float64(tw)/2
			v := -sin*dx + cos*dy + float64(th)/2
			line := math.Floor(v / float64(th))
			u += line * float64(tw) * 0.5 // every other line half a word further: bricks
			i := int(v-line*float64(th))*s.letters.Stride + int(u-math.Floor(u/float64(tw))*float64(tw))
			letter, rim := float64(s.letters.Pix[i])/255, float64(s.outline.Pix[i])/255
			if rim == 0 {
				continue
			}
			under := coarse[3*((y/block)*columns+x/block):]
			at := pix[3*(y*width+x):]
			for c := range 3 {
				ground := float64(at[c])*(1-rim) + float64(under[c])*rim
				dark := ground * (1 - markDark*rim*(1-letter))
				at[c] = uint8(math.Round(dark + (255-dark)*markWhite*letter))
			}
		}
	}
	return nil
}

// coarsen gives the mean colour of each block.
func coarsen(pix []byte, width, height, block int) []byte {
	columns, rows := (width+block-1)/block, (height+block-1)/block
	coarse := make([]byte, 3*columns*rows)
	for by := range rows {
		for bx := range columns {
			var sum [3]int
			n := 0
			for y := by * block; y < min((by+1)*block, height); y++ {
				for x := bx * block; x < min((bx+1)*block, width); x++ {
					for c := range 3 {
						sum[c] += int(pix[3*(y*width+x)+c])
					}
					n++
				}
			}
			for c := range 3 {
				coarse[3*(by*columns+bx)+c] = uint8(sum[c] / n)
			}
		}
	}
	return coarse
}
