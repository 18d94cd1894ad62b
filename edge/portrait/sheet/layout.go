package sheet

import (
	"errors"
	"fmt"
	"image"
	"math"
)

// ErrDoesNotFit is a photo larger than the paper inside its margins.
var ErrDoesNotFit = errors.New("the photo does not fit on the paper")

// Options of a layout, in millimetres. The zero value of DPI is 300.
type Options struct {
	Margin float64 // kept free at the edges: home printers leave 3 to 5 mm blank
	Gap    float64 // between photos; 0 puts them edge to edge with one shared line to cut along
	DPI    float64
	Most   int // copies wanted; 0 fills the paper
}

// Usual is what a sheet is laid out with when nobody says: margins that every printer keeps, gaps that scissors forgive.
var Usual = Options{Margin: 5, Gap: 2}

// A Layout is where everything goes, in pixels.
type Layout struct {
	Paper         Paper
	Width, Height int     // of the sheet, turned as it holds most
	DPI           float64 // of the sheet and of each photo on it
	Tile          image.Point
	Tiles         []image.Point // top left corners, row by row
	Columns, Rows int
	Ticks         []image.Rectangle // black, at the ends of cuts
	Lines         []image.Rectangle // light grey, around or between photos
	label         label
}

// block is the side of a JPEG's block in pixels.
const block = 8

// Sizes in millimetres and points that the eye and scissors are used to.
const (
	tickLength = 3.0
	tickAway   = 1.0
	tickWidth  = 0.25 * 25.4 / 72 // a quarter of a point
	hairline   = 0.2
)

// Fit lays out photos of width × height millimetres.
func Fit(paper Paper, width, height float64, o Options) (Layout, error) {
	if o.DPI == 0 {
		o.DPI = 300
	}
	for _, v := range []float64{paper.Width, paper.Height, width, height, o.DPI} {
		if !(v > 0 && v < 10_000) {
			return Layout{}, fmt.Errorf("sheet: a size of %g", v)
		}
	}
	if !(o.Margin >= 0 && o.Gap >= 0) || o.Most < 0 {
		return Layout{}, fmt.Errorf("sheet: margin %g, gap %g, %d copies", o.Margin, o.Gap, o.Most)
	}
	columns, rows := paper.grid(width, height, o.Margin, o.Gap)
	turned := paper.turned()
	if c, r := turned.grid(width, height, o.Margin, o.Gap); c*r > columns*rows {
		paper, columns, rows = turned, c, r
	}
	if columns*rows == 0 {
		return Layout{}, fmt.Errorf("%w: %g × %g mm on %s with margins of %g mm", ErrDoesNotFit, width, height, paper.Name, o.Margin)
	}
	px := func(mm float64) int { return int(math.Round(mm / 25.4 * o.DPI)) }
	l := Layout{
		Paper: paper, Width: px(paper.Width), Height: px(paper.Height), DPI: o.DPI,
		Tile: image.Pt(px(width), px(height)), Columns: columns, Rows: rows,
	}
	count := columns * rows
	if o.Most > 0 && o.Most < count {
		count = o.Most
		l.Columns = min(columns, count)
		l.Rows = (count + l.Columns - 1) / l.Columns
	}
	xs := spread(l.Width, l.Tile.X, l.Columns, px(o.Margin), px(o.Gap))
	ys := spread(l.Height, l.Tile.Y, l.Rows, px(o.Margin), px(o.Gap))
	for i := range count {
		l.Tiles = append(l.Tiles, image.Pt(xs[i%l.Columns], ys[i/l.Columns]))
	}
	clear := 1 // pixels between a photo and the label
	if o.Gap > 0 {
		clear = block
	}
	l.label = placeLabel(l, xs, ys, clear)
	if o.Gap > 0 {
		l.frames(px(hairline))
		l.ticks(xs, ys, px(tickLength), px(tickAway), max(px(tickWidth), 1))
	} else {
		l.shared(max(px(hairline), 1))
	}
	return l, nil
}

// spread places n photos along one side of the paper, centred. With gaps every photo starts at a multiple of block, which
// may widen or narrow a gap by less than one; edge to edge they lie where they must.
func spread(paper, photo, n, margin, gap int) []int {
	pitch := photo + gap
	if gap >= block {
		up := (pitch + block - 1) / block * block
		if pitch = up; (n-1)*up+photo+2*margin > paper {
			pitch = up - block
		}
	}
	total := (n-1)*pitch + photo
	first := (paper - total) / 2
	if gap >= block {
		first = first / block * block
		if first < margin && paper-total-first-block >= margin {
			first += block
		}
	}
	at := make([]int, n)
	for i := range at {
		at[i] = first + i*pitch
	}
	return at
}

// frames puts a grey line around each photo, outside it: a white ground has no edge that could be seen.
func (l *Layout) frames(w int) {
	w = max(w, 1)
	for _, t := range l.Tiles {
		r := image.Rectangle{t, t.Add(l.Tile)}
		out := r.Inset(-w)
		l.Lines = append(l.Lines,
			image.Rect(out.Min.X, out.Min.Y, out.Max.X, r.Min.Y), image.Rect(out.Min.X, r.Max.Y, out.Max.X, out.Max.Y),
			image.Rect(out.Min.X, r.Min.Y, r.Min.X, r.Max.Y), image.Rect(r.Max.X, r.Min.Y, out.Max.X, r.Max.Y))
	}
}

// shared puts one grey line along each cut of photos that touch.
func (l *Layout) shared(w int) {
	seen := map[image.Rectangle]bool{}
	for _, t := range l.Tiles {
		r := image.Rectangle{t, t.Add(l.Tile)}
		for _, line := range []image.Rectangle{
			image.Rect(r.Min.X-w/2, r.Min.Y, r.Min.X-w/2+w, r.Max.Y), image.Rect(r.Max.X-w/2, r.Min.Y, r.Max.X-w/2+w, r.Max.Y),
			image.Rect(r.Min.X, r.Min.Y-w/2, r.Max.X, r.Min.Y-w/2+w), image.Rect(r.Min.X, r.Max.Y-w/2, r.Max.X, r.Max.Y-w/2+w),
		} {
			if !seen[line] {
				seen[line] = true
				l.Lines = append(l.Lines, line)
			}
		}
	}
}

// ticks puts marks at the ends of each cut: full ones in the margin, short ones in the gaps, none where a photo or the
// label would be touched.
func (l *Layout) ticks(xs, ys []int, length, away, w int) {
	add := func(r image.Rectangle) {
		if !r.Empty() && r.In(image.Rect(0, 0, l.Width, l.Height)) && !r.Overlaps(l.label.box) {
			l.Ticks = append(l.Ticks, r)
		}
	}
	// Along one axis: the stretches beside photos in which a mark may lie, from outside the first to outside the last.
	stretches := func(at []int, photo int) [][2]int {
		s := [][2]int{{at[0] - away - length, at[0] - away}}
		for i := 1; i < len(at); i++ {
			from, to := at[i-1]+photo+block, at[i]-block/2
			s = append(s, [2]int{from, to})
		}
		end := at[len(at)-1] + photo
		return append(s, [2]int{end + max(away, block), end + max(away, block) + length})
	}
	for _, s := range stretches(xs, l.Tile.X) {
		for _, y := range ys {
			add(image.Rect(s[0], y-w, s[1], y))
			add(image.Rect(s[0], y+l.Tile.Y, s[1], y+l.Tile.Y+w))
		}
	}
	for _, s := range stretches(ys, l.Tile.Y) {
		for _, x := range xs {
			add(image.Rect(x-w, s[0], x, s[1]))
			add(image.Rect(x+l.Tile.X, s[0], x+l.Tile.X+w, s[1]))
		}
	}
}
