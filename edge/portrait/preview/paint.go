package preview

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"math"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"

	"github.com/professionalaistudio/studio/edge/portrait/compliance"
)

// mostPainted is how many pixels a painted page may have; a list that would need more is painted smaller.
const mostPainted = 16 << 20

// PNG draws what SVG draws, as pixels: the picture's longer side has as many as it has, but at least 640, for letters need them,
// and at most MaxSide. The same arguments give the same bytes on the same build. The error wraps ErrPicture.
func PNG(p Picture, findings []compliance.Finding, o Options) ([]byte, error) {
	return painted(p, findings, o, encodePNG)
}

// JPEG is PNG in a fifth of the bytes.
func JPEG(p Picture, findings []compliance.Finding, o Options) ([]byte, error) {
	return painted(p, findings, o, func(out *buffer, img *image.RGBA) error {
		return jpeg.Encode(out, img, &jpeg.Options{Quality: embedded})
	})
}

func painted(p Picture, findings []compliance.Finding, o Options, encode func(*buffer, *image.RGBA) error) ([]byte, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	page, err := lay(p, findings, o)
	if err != nil {
		return nil, err
	}
	img, err := p.paint(page, o.mostOf())
	if err != nil {
		return nil, err
	}
	defer clear(img.Pix)
	out := &buffer{make([]byte, 0, len(img.Pix)/4)}
	if err := encode(out, img); err != nil {
		out.wipe()
		return nil, err
	}
	return out.data, nil
}

// paint paints a page.
func (p Picture) paint(page *page, most int) (*image.RGBA, error) {
	pix, own, err := p.pixels()
	if err != nil {
		return nil, err
	}
	if own {
		defer clear(pix)
	}
	side := float64(min(max(p.Width, p.Height, textSide), most))
	k := min(side/long, math.Sqrt(mostPainted/(page.width*page.height)))
	img := image.NewRGBA(image.Rect(0, 0, int(math.Ceil(page.width*k)), int(math.Ceil(page.height*k))))
	r, err := newRuler()
	if err != nil {
		return nil, err
	}
	b := &brush{img: img, k: k, ruler: r, faces: map[letters]font.Face{}}
	for _, op := range page.list {
		switch op := op.(type) {
		case ground:
			draw.Draw(img, img.Rect, image.NewUniform(op.fill.uniform()), image.Point{}, draw.Src)
		case photo:
			at := image.Rect(b.pixel(op.at.x0), b.pixel(op.at.y0), b.pixel(op.at.x1), b.pixel(op.at.y1))
			at.Max.X, at.Max.Y = max(at.Max.X, at.Min.X+1), max(at.Max.Y, at.Min.Y+1)
			scaled(img, at.Intersect(img.Rect), pix, p.Width, p.Height)
		case area:
			b.fill(op.fill, op.points)
		case stroke:
			points := op.points
			if op.closed {
				points = append(points[:len(points):len(points)], points[0])
			}
			b.line(points, op.dash, op.width, op.ink)
		case disc:
			b.disc(op)
		case words:
			if err = b.words(op); err != nil {
				clear(img.Pix)
				return nil, err
			}
		}
	}
	return img, nil
}

// A brush paints on pixels; k is pixels per unit.
type brush struct {
	img   *image.RGBA
	k     float64
	z     vector.Rasterizer
	ruler *ruler
	faces map[letters]font.Face
}

type letters struct {
	size float64
	bold bool
}

func (c colour) uniform() color.NRGBA { return color.NRGBA{c.r, c.g, c.b, c.a} }

func (b *brush) pixel(v float64) int { return int(math.Round(v * b.k)) }

// fill paints what lies inside any of the outlines, which have to run the same way around where they overlap.
func (b *brush) fill(c colour, outlines ...[]point) {
	around := boundsOf(outlines)
	at := image.Rect(int(math.Floor(around.x0*b.k)), int(math.Floor(around.y0*b.k)), int(math.Ceil(around.x1*b.k)), int(math.Ceil(around.y1*b.k))).Intersect(b.img.Rect)
	if at.Empty() || c.a == 0 {
		return
	}
	b.z.Reset(at.Dx(), at.Dy())
	put := func(p point) (x, y float32) {
		return float32(p.x*b.k - float64(at.Min.X)), float32(p.y*b.k - float64(at.Min.Y))
	}
	for _, o := range outlines {
		b.z.MoveTo(put(o[0]))
		for _, p := range o[1:] {
			b.z.LineTo(put(p))
		}
		b.z.ClosePath()
	}
	b.z.Draw(b.img, at, image.NewUniform(c.uniform()), image.Point{})
}

// line paints along points: a quadrangle for each piece, and a disc where two meet. With a dash the ends are cut straight, without
// one they are round, as in the SVG.
func (b *brush) line(points []point, dash []float64, width float64, c colour) {
	if len(points) < 2 {
		return
	}
	var outlines [][]point
	half := width / 2
	for _, run := range dashed(points, dash) {
		for i := range len(run) - 1 {
			p, q := run[i], run[i+1]
			if d := apart(p, q); d > 0 {
				nx, ny := -(q.y-p.y)/d*half, (q.x-p.x)/d*half
				outlines = append(outlines, []point{{p.x + nx, p.y + ny}, {p.x - nx, p.y - ny}, {q.x - nx, q.y - ny}, {q.x + nx, q.y + ny}})
			}
			if i > 0 || dash == nil {
				outlines = append(outlines, circle(p, half))
			}
		}
		if dash == nil {
			outlines = append(outlines, circle(run[len(run)-1], half))
		}
	}
	if len(outlines) > 0 {
		b.fill(c, outlines...)
	}
}

// circle as a polygon, running the way of line's quadrangles.
func circle(at point, radius float64) []point {
	n := min(max(int(radius*3), 12), 64)
	out := make([]point, n)
	for i := range out {
		s, c := math.Sincos(float64(i) * 2 * math.Pi / float64(n))
		out[i] = point{at.x + c*radius, at.y + s*radius}
	}
	return out
}

// dashed cuts a line into what is drawn of it.
func dashed(points []point, dash []float64) [][]point {
	if dash == nil {
		return [][]point{points}
	}
	var runs [][]point
	run := []point{points[0]}
	i, left := 0, dash[0]
	for k := range len(points) - 1 {
		p, q := points[k], points[k+1]
		for d := apart(p, q); d > 0; d = apart(p, q) {
			if d < left {
				left -= d
				run = append(run, q)
				break
			}
			p = point{p.x + (q.x-p.x)*left/d, p.y + (q.y-p.y)*left/d}
			if i%2 == 0 {
				runs = append(runs, append(run, p))
			}
			i++
			run, left = []point{p}, dash[i%len(dash)]
		}
	}
	if i%2 == 0 && len(run) > 1 {
		runs = append(runs, run)
	}
	return runs
}

func (b *brush) disc(d disc) {
	if d.fill.a > 0 {
		b.fill(d.fill, circle(d.at, d.radius))
	}
	if d.ink.a > 0 {
		c := circle(d.at, d.radius)
		b.line(append(c, c[0]), d.dash, d.width, d.ink)
	}
}

// words paints a line of text, each letter where the layout has put it.
func (b *brush) words(w words) error {
	face, err := b.face(letters{w.size, w.bold})
	if err != nil {
		return err
	}
	x := w.at.x
	switch w.align {
	case centred:
		x -= w.width / 2
	case fromRight:
		x -= w.width
	}
	src := image.NewUniform(w.ink.uniform())
	for _, c := range w.text {
		dot := fixed.Point26_6{X: fixed.Int26_6(math.Round(x * b.k * 64)), Y: fixed.Int26_6(math.Round(w.at.y * b.k * 64))}
		if at, mask, from, _, ok := face.Glyph(dot, c); ok {
			draw.DrawMask(b.img, at, src, image.Point{}, mask, from, draw.Over)
		}
		x += b.ruler.advance(c, w.bold) * w.size
	}
	return nil
}

func (b *brush) face(l letters) (font.Face, error) {
	if f, ok := b.faces[l]; ok {
		return f, nil
	}
	both, err := fonts()
	if err != nil {
		return nil, err
	}
	f, err := opentype.NewFace(both[weight(l.bold)], &opentype.FaceOptions{Size: l.size * b.k, DPI: 72, Hinting: font.HintingNone})
	if err != nil {
		return nil, fmt.Errorf("preview: letters of %.1f pixels: %w", l.size*b.k, err)
	}
	b.faces[l] = f
	return f, nil
}
