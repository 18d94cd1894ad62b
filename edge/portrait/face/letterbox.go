package face

import (
	"cmp"
	"image"
	"math"
	"slices"

	"github.com/professionalaistudio/studio/edge/vips"
)

// detection is how many numbers the detector gives for a cell: a score, a box, five points.
const detection = 15

// When the weaker of two boxes is taken for the same face: over this IoU, or with so much of the smaller within the larger, for an eye
// or a nose is no second face. models/evaluation/detector.py has the same.
const (
	overlap = 0.45
	within  = 0.6
)

// most bounds what a picture may claim to show.
const most = 200

// A letterbox is how a picture is shown to the detector: scaled so that its long side fills the input, in the middle, the rest grey.
type letterbox struct {
	width, height int // of the picture as shown
	left, top     int
	kx, ky        float64 // its pixels for one of the picture
}

func fit(width, height, boxWidth, boxHeight int) letterbox {
	k := min(float64(boxWidth)/float64(width), float64(boxHeight)/float64(height))
	shown := func(side, box int) int { return min(max(int(math.RoundToEven(float64(side)*k)), 1), box) }
	b := letterbox{width: shown(width, boxWidth), height: shown(height, boxHeight)}
	b.left, b.top = (boxWidth-b.width)/2, (boxHeight-b.height)/2
	b.kx, b.ky = float64(b.width)/float64(width), float64(b.height)/float64(height)
	return b
}

// grey is what is beside the picture.
const grey = 128

// fill writes the input of the net.
func (b letterbox) fill(r, to vips.Raster) error {
	shown := image.Rect(b.left, b.top, b.left+b.width, b.top+b.height)
	for y := range to.Height {
		row := to.Pix[3*y*to.Width:][:3*to.Width]
		if y >= shown.Min.Y && y < shown.Max.Y {
			paint(row[:3*shown.Min.X], grey)
			paint(row[3*shown.Max.X:], grey)
		} else {
			paint(row, grey)
		}
	}
	return r.AverageInto(image.Rect(0, 0, r.Width, r.Height), to, shown)
}

func paint(row []byte, v byte) {
	for i := range row {
		row[i] = v
	}
}

// back takes a place in the net's input, counted from the centre of its first pixel, to the picture, counted from its corner.
func (b letterbox) back(x, y float32) Point {
	return Point{(float64(x) + 0.5 - float64(b.left)) / b.kx, (float64(y) + 0.5 - float64(b.top)) / b.ky}
}

// faces reads what the detector says: what is sure enough, once each, the largest first.
func (b letterbox) faces(out []float32, threshold float64) []Face {
	var all []Face
	for ; len(out) >= detection; out = out[detection:] {
		row := out[:detection]
		if !(float64(row[0]) >= threshold) || slices.ContainsFunc(row, func(v float32) bool { return v-v != 0 }) {
			continue
		}
		low, high := b.back(row[1], row[2]), b.back(row[3], row[4])
		f := Face{Box: Box{low.X, low.Y, high.X, high.Y}, Score: min(float64(row[0]), 1)}
		for i := range f.Points {
			f.Points[i] = b.back(row[5+2*i], row[6+2*i])
		}
		if f.Box.Width() > 0 && f.Box.Height() > 0 {
			all = append(all, f)
		}
	}
	slices.SortStableFunc(all, func(a, b Face) int { return cmp.Compare(b.Score, a.Score) })
	var kept []Face
	for _, f := range all {
		if len(kept) < most && !slices.ContainsFunc(kept, func(k Face) bool { return f.Box.same(k.Box) }) {
			kept = append(kept, f)
		}
	}
	slices.SortStableFunc(kept, func(a, b Face) int { return cmp.Compare(b.Box.area(), a.Box.area()) })
	return kept
}

func (b Box) area() float64 { return max(b.Width(), 0) * max(b.Height(), 0) }

// same tells whether two boxes are taken for one face.
func (b Box) same(o Box) bool {
	shared := Box{max(b.X0, o.X0), max(b.Y0, o.Y0), min(b.X1, o.X1), min(b.Y1, o.Y1)}
	if shared.Width() <= 0 || shared.Height() <= 0 {
		return false
	}
	common := shared.area()
	return common > overlap*(b.area()+o.area()-common) || common > within*min(b.area(), o.area())
}
