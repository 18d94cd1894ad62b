package sheet

import (
	"cmp"
	"errors"
	"fmt"
	"image"
	"math"
	"slices"
)

// ErrDoesNotFit is more than the paper holds inside its margins.
var ErrDoesNotFit = errors.New("more than the paper holds")

// Options of a layout, in millimetres.
type Options struct {
	Margin float64 // 0 to 50, kept free at the edges: home printers leave 3 to 5 mm blank
	Gap    float64 // between photos, 0.5 to 50; 0 puts them edge to edge with one shared line to cut along
	DPI    float64 // 150 to 2540; 0 means 300
	Bare   bool    // photos alone: no lines, no ticks, no bar
}

// Usual is what a sheet is laid out with when nobody says: margins that every printer keeps, gaps that scissors forgive.
var Usual = Options{Margin: 5, Gap: 2}

// Vector is the density to lay a PDF out at: a pixel is a hundredth of a millimetre, and none is ever painted.
const Vector = 2540

const (
	mostSpacing = 50.0
	leastGap    = 0.5 // the lines around two photos lie in it
	leastPhoto  = 10.0
	mostItems   = 16
	mostCopies  = 999
)

// An Item is one kind of photo on a sheet.
type Item struct {
	Width, Height float64 // mm, 10 to 500
	Count         int     // copies; 0 fills what is left. Several that fill get as many each, and what then fits still.
}

// A Tile is one photo's place: its top left corner, and whose copy it is.
type Tile struct {
	image.Point
	Item int
}

// A Layout is where everything goes, in pixels.
type Layout struct {
	Paper         Paper // turned as it holds most
	Width, Height int
	DPI           float64 // of the sheet and of each photo on it
	Items         []Item
	Sizes         []image.Point     // of each item's photo
	Tiles         []Tile            // those of the first item first, row by row
	Ticks         []image.Rectangle // black, at the ends of cuts
	Lines         []image.Rectangle // light grey, around or between photos
	label         label
}

// block is the side of a JPEG's block in pixels.
const block = 8

// Fit fills the paper with photos of width × height millimetres.
func Fit(paper Paper, width, height float64, o Options) (Layout, error) {
	return Lay(paper, []Item{{Width: width, Height: height}}, o)
}

// Lay lays items out, upright, the paper turned whichever way holds more. The same arguments make the same layout. One item
// alone comes out as often as Paper.Count says. The error is an ErrDoesNotFit where the paper is too small for all that
// is wanted.
func Lay(paper Paper, items []Item, o Options) (Layout, error) {
	if o.DPI == 0 {
		o.DPI = 300
	}
	if err := check(paper, items, o); err != nil {
		return Layout{}, err
	}
	kinds := kindsOf(items, o.Gap)
	best, err := pack(paper.Width-2*o.Margin+o.Gap, paper.Height-2*o.Margin+o.Gap, kinds)
	if turned, err2 := pack(paper.Height-2*o.Margin+o.Gap, paper.Width-2*o.Margin+o.Gap, kinds); err2 == nil && (err != nil || turned.betterThan(best)) {
		best, err, paper = turned, nil, paper.turned()
	}
	if err != nil {
		return Layout{}, fmt.Errorf("%s: %w: %s with margins of %g mm", wanted(items), err, paper.Name, o.Margin)
	}
	px := func(mm float64) int { return int(math.Round(mm / 25.4 * o.DPI)) }
	l := Layout{Paper: paper, Width: px(paper.Width), Height: px(paper.Height), DPI: o.DPI, Items: slices.Clone(items)}
	for _, item := range items {
		l.Sizes = append(l.Sizes, image.Pt(px(item.Width), px(item.Height)))
	}
	l.place(best, kinds, o)
	if !o.Bare {
		l.label = l.placeLabel(l.clearance(o))
		if o.Gap > 0 {
			l.frame(max(px(hairline), 1))
			l.tick(px(tickLength), max(px(tickAway), block), max(px(tickNear), block), max(px(tickWidth), 1))
		} else {
			l.share(max(px(hairline), 1))
		}
	}
	return l, nil
}

// clearance is how many pixels around a photo are its own.
func (l Layout) clearance(o Options) int {
	if o.Gap > 0 {
		return block
	}
	return 1
}

// Photo is the place of a tile on the sheet.
func (l Layout) Photo(t Tile) image.Rectangle {
	return image.Rectangle{t.Point, t.Add(l.Sizes[t.Item])}
}

// HasBar says whether there was room for the bar of 20 mm: a blank strip 4 mm wide will do, or 3 where photos touch.
func (l Layout) HasBar() bool { return !l.label.box.Empty() }

func check(paper Paper, items []Item, o Options) error {
	in := func(v, least, most float64) bool { return v >= least && v <= most } // false of NaN
	if !in(paper.Width, leastPhoto, mostPaper) || !in(paper.Height, leastPhoto, mostPaper) || paper.Width*paper.Height > mostArea {
		return fmt.Errorf("%w: %g × %g mm", ErrPaper, paper.Width, paper.Height)
	}
	if !in(o.Margin, 0, mostSpacing) || o.Gap != 0 && !in(o.Gap, leastGap, mostSpacing) {
		return fmt.Errorf("sheet: a margin of %g mm (0 to %g), a gap of %g (0, or %g to %g)", o.Margin, mostSpacing, o.Gap, leastGap, mostSpacing)
	}
	if !in(o.DPI, 150, Vector) {
		return fmt.Errorf("sheet: %g dpi, of 150 to %d", o.DPI, Vector)
	}
	if len(items) == 0 || len(items) > mostItems {
		return fmt.Errorf("sheet: %d kinds of photos, of 1 to %d", len(items), mostItems)
	}
	for _, item := range items {
		if !in(item.Width, leastPhoto, mostPaper) || !in(item.Height, leastPhoto, mostPaper) || item.Count < 0 || item.Count > mostCopies {
			return fmt.Errorf("sheet: %d photos of %g × %g mm; %g to %g mm a side and at most %d copies go",
				item.Count, item.Width, item.Height, leastPhoto, mostPaper, mostCopies)
		}
	}
	return nil
}

// wanted names the items for an error.
func wanted(items []Item) string {
	text := ""
	for i, item := range items {
		if i > 0 {
			text += " and "
		}
		text += fmt.Sprintf("%d of %g × %g mm", max(item.Count, 1), item.Width, item.Height)
	}
	return text
}

// A kind is all items of one size: the paper does not care whose copies lie in one row.
type kind struct {
	w, h    float64 // mm, gap included
	count   int     // of the items that say one
	fillers int     // items that fill
	items   []int
}

// kindsOf groups items by their size, the largest first.
func kindsOf(items []Item, gap float64) []kind {
	var kinds []kind
	for i, item := range items {
		w, h := item.Width+gap, item.Height+gap
		at := slices.IndexFunc(kinds, func(k kind) bool { return k.w == w && k.h == h })
		if at < 0 {
			at = len(kinds)
			kinds = append(kinds, kind{w: w, h: h})
		}
		k := &kinds[at]
		k.items = append(k.items, i)
		k.count += item.Count
		if item.Count == 0 {
			k.fillers++
		}
	}
	slices.SortStableFunc(kinds, func(a, b kind) int { return cmp.Compare(b.w*b.h, a.w*a.h) })
	return kinds
}

// deal gives n places of a kind to its items: each what it wants, the rest in turn to those that fill.
func deal(k kind, items []Item, n int) []int {
	counts := make([]int, len(k.items))
	var fill []int
	for at, i := range k.items {
		counts[at] = items[i].Count
		n -= counts[at]
		if items[i].Count == 0 {
			fill = append(fill, at)
		}
	}
	for i := 0; n > 0 && len(fill) > 0; i, n = i+1, n-1 {
		counts[fill[i%len(fill)]]++
	}
	return counts
}

// Page is a page of one photo's own size, for a PDF of a single print.
func Page(width, height float64) (Layout, error) {
	return Lay(Paper{Width: width, Height: height}, []Item{{width, height, 1}}, Options{DPI: Vector, Bare: true})
}
