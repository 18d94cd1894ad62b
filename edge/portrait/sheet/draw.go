package sheet

import (
	"encoding/binary"
	"fmt"
	"image"
	"slices"
)

const lineGrey = 200 // of the hairlines: seen on white paper, gone beside a photo

// Draw paints the whole sheet, RGB, with the photo of each item at its places.
func (l Layout) Draw(photos ...[]byte) ([]byte, error) {
	sheet := make([]byte, 3*l.Width*l.Height)
	return sheet, l.Paint(sheet, image.Rect(0, 0, l.Width, l.Height), photos...)
}

// Paint paints the part r of the sheet into dst, RGB, row by row. photos are the pixels of each item's photo, RGB, of its
// size. A sheet of A4 at 600 dpi is 100 MB; its parts repeat (Patches), so nobody need hold it whole.
func (l Layout) Paint(dst []byte, r image.Rectangle, photos ...[]byte) error {
	if !r.In(image.Rect(0, 0, l.Width, l.Height)) || len(dst) != 3*r.Dx()*r.Dy() {
		return fmt.Errorf("sheet: %v in %d bytes, of a sheet of %d × %d", r, len(dst), l.Width, l.Height)
	}
	if len(photos) != len(l.Sizes) {
		return fmt.Errorf("sheet: %d photos for %d items", len(photos), len(l.Sizes))
	}
	for i, size := range l.Sizes {
		if len(photos[i]) != 3*size.X*size.Y {
			return fmt.Errorf("sheet: a photo of %d bytes for %d × %d pixels", len(photos[i]), size.X, size.Y)
		}
	}
	for i := range dst {
		dst[i] = 255
	}
	row := func(x0, x1, y int) []byte { return dst[3*((y-r.Min.Y)*r.Dx()+x0-r.Min.X):][:3*(x1-x0)] }
	for _, t := range l.Tiles {
		part := l.Photo(t).Intersect(r)
		for y := part.Min.Y; y < part.Max.Y; y++ {
			copy(row(part.Min.X, part.Max.X, y), photos[t.Item][3*((y-t.Y)*l.Sizes[t.Item].X+part.Min.X-t.X):])
		}
	}
	fill := func(rects []image.Rectangle, v byte) {
		for _, rect := range rects {
			part := rect.Intersect(r)
			for y := part.Min.Y; y < part.Max.Y; y++ {
				pix := row(part.Min.X, part.Max.X, y)
				for i := range pix {
					pix[i] = v
				}
			}
		}
	}
	fill(l.Lines, lineGrey)
	fill(l.Ticks, 0)
	part := l.label.box.Intersect(r)
	if part.Empty() {
		return nil
	}
	ink, err := l.label.ink()
	if err != nil {
		return fmt.Errorf("sheet: %w", err)
	}
	for y := part.Min.Y; y < part.Max.Y; y++ {
		black := ink.Pix[ink.PixOffset(part.Min.X-l.label.box.Min.X, y-l.label.box.Min.Y):]
		pix := row(part.Min.X, part.Max.X, y)
		for x := range part.Dx() {
			keep := uint16(255 - black[x])
			for c := range 3 {
				pix[3*x+c] = byte(uint16(pix[3*x+c]) * keep / 255)
			}
		}
	}
	return nil
}

// A Patch is a part of the sheet. Those that look alike name the first of their kind.
type Patch struct {
	image.Rectangle
	Like int // index of the first patch that looks the same; its own when it is the first
}

// Patches cuts the sheet into parts that do not overlap, each with one photo in it, or none, or a row that is there again;
// all else is white. Copies look alike, so a sheet takes as much memory as one photo of each item, and its marks.
func (l Layout) Patches() []Patch {
	const many, low = 100, 1 << 23 // photos, and pixels of a row: joining hundreds of patches takes longer than their rows take memory
	c := cutter{l: l, first: map[string]int{}}
	ys := cuts(0, l.Height, l.Tiles, func(t Tile) (from, to int) { return t.Y, t.Y + l.Sizes[t.Item].Y })
	rows := make([]image.Rectangle, len(ys)-1)
	looks := make([]string, len(rows))
	times := map[string]int{}
	for i := range rows {
		rows[i] = image.Rect(0, ys[i], l.Width, ys[i+1])
		looks[i] = c.look(rows[i])
		times[looks[i]]++
	}
	for i, r := range rows {
		if len(l.Tiles) > many && times[looks[i]] > 1 && r.Dx()*r.Dy() <= low {
			c.add(r)
		} else {
			c.cut(r, l.Tiles)
		}
	}
	return c.patches
}

type cutter struct {
	l       Layout
	patches []Patch
	first   map[string]int // by how it looks
}

// cut takes a part of the sheet apart along lines that cross no photo, first from side to side and then from top to bottom.
func (c *cutter) cut(r image.Rectangle, tiles []Tile) {
	tiles = slices.Clone(tiles)
	tiles = slices.DeleteFunc(tiles, func(t Tile) bool { return !c.l.Photo(t).Overlaps(r) })
	if len(tiles) == 0 {
		c.halve(r)
		return
	}
	span := func(t Tile) (from, to int) { p := c.l.Photo(t); return max(p.Min.Y, r.Min.Y), min(p.Max.Y, r.Max.Y) }
	if ys := cuts(r.Min.Y, r.Max.Y, tiles, span); len(ys) > 2 {
		for i := 1; i < len(ys); i++ {
			c.cut(image.Rect(r.Min.X, ys[i-1], r.Max.X, ys[i]), tiles)
		}
		return
	}
	span = func(t Tile) (from, to int) { p := c.l.Photo(t); return max(p.Min.X, r.Min.X), min(p.Max.X, r.Max.X) }
	if xs := cuts(r.Min.X, r.Max.X, tiles, span); len(xs) > 2 {
		for i := 1; i < len(xs); i++ {
			c.cut(image.Rect(xs[i-1], r.Min.Y, xs[i], r.Max.Y), tiles)
		}
		return
	}
	c.add(r)
}

// halve takes a part without photos apart until what is left of it has ink in it, or is small: lines around a large blank
// are no reason to hold the blank.
func (c *cutter) halve(r image.Rectangle) {
	const small = 1 << 18 // pixels
	r = c.inked(r)
	switch mid := r.Min.Add(r.Max).Div(2); {
	case r.Empty():
	case r.Dx()*r.Dy() <= small:
		c.add(r)
	case r.Dx() > r.Dy():
		c.halve(image.Rect(r.Min.X, r.Min.Y, mid.X, r.Max.Y))
		c.halve(image.Rect(mid.X, r.Min.Y, r.Max.X, r.Max.Y))
	default:
		c.halve(image.Rect(r.Min.X, r.Min.Y, r.Max.X, mid.Y))
		c.halve(image.Rect(r.Min.X, mid.Y, r.Max.X, r.Max.Y))
	}
}

// cuts are where the stretch from to to may be cut so that every photo stays whole, its ends included.
func cuts(from, to int, tiles []Tile, span func(Tile) (int, int)) []int {
	spans := make([][2]int, len(tiles))
	for i, t := range tiles {
		spans[i][0], spans[i][1] = span(t)
	}
	slices.SortFunc(spans, func(a, b [2]int) int { return a[0] - b[0] })
	at := []int{from}
	end := from
	for _, s := range spans {
		if s[0] >= end {
			at = append(at, end, s[0])
		}
		end = max(end, s[1])
	}
	return slices.Compact(append(at, end, to))
}

// inked is what of a part without photos is not white.
func (c *cutter) inked(r image.Rectangle) (ink image.Rectangle) {
	for _, rects := range [][]image.Rectangle{c.l.Lines, c.l.Ticks, {c.l.label.box}} {
		for _, rect := range rects {
			ink = ink.Union(rect.Intersect(r))
		}
	}
	return ink
}

func (c *cutter) add(r image.Rectangle) {
	key := c.look(r)
	like, known := c.first[key]
	if !known {
		like = len(c.patches)
		c.first[key] = like
	}
	c.patches = append(c.patches, Patch{r, like})
}

// look is the same for parts that are painted the same: their size, and what lies where in them.
func (c *cutter) look(r image.Rectangle) string {
	var seen [][5]int
	part := func(what int, rect image.Rectangle, whole bool) {
		in := rect.Intersect(r)
		if in.Empty() {
			return
		}
		if whole { // it matters which part of it is seen
			in = rect
		}
		in = in.Sub(r.Min)
		seen = append(seen, [5]int{what, in.Min.X, in.Min.Y, in.Max.X, in.Max.Y})
	}
	for _, t := range c.l.Tiles {
		part(t.Item, c.l.Photo(t), true)
	}
	for what, rects := range map[int][]image.Rectangle{-1: c.l.Lines, -2: c.l.Ticks} {
		for _, rect := range covering(rects, r) {
			part(what, rect, false)
		}
	}
	part(-3, c.l.label.box, true)
	slices.SortFunc(seen, func(a, b [5]int) int { return slices.Compare(a[:], b[:]) })
	key := binary.AppendVarint(binary.AppendVarint(nil, int64(r.Dx())), int64(r.Dy()))
	for _, s := range slices.Compact(seen) {
		for _, v := range s {
			key = binary.AppendVarint(key, int64(v))
		}
	}
	return string(key)
}

// covering are the rectangles as they are seen in r, without those that lie within others: photos that touch share lines, and
// the line of a smaller one is part of that of its neighbour.
func covering(rects []image.Rectangle, r image.Rectangle) []image.Rectangle {
	var seen []image.Rectangle
	for _, rect := range rects {
		in := rect.Intersect(r)
		if in.Empty() || slices.ContainsFunc(seen, in.In) {
			continue
		}
		seen = append(slices.DeleteFunc(seen, func(s image.Rectangle) bool { return s.In(in) }), in)
	}
	return seen
}
