package sheet

import (
	"cmp"
	"image"
	"math"
	"slices"
)

// place turns a packing into pixels, centred on the sheet.
//
// With gaps that have room for it, photos start at multiples of block from one another, which may widen or narrow a gap by
// less than one, and from the sheet's corner too unless they would stand in the margin then. Edge to edge they lie where
// they must; half a pixel that a photo is rounded by adds up along a row.
func (l *Layout) place(p packing, kinds []kind, o Options) {
	exact := func(mm float64) float64 { return mm / 25.4 * o.DPI }
	px := func(mm float64) int { return int(math.Round(exact(mm))) }
	aligned := px(o.Gap) >= 2*block
	pitch := func(size int, mm float64, tight bool) int {
		switch {
		case aligned && tight:
			return int(exact(mm)+1e-6) / block * block
		case aligned:
			return (size + px(o.Gap) + block - 1) / block * block
		case tight && o.Gap > 0:
			return max(int(exact(mm)), size+1)
		}
		return size + px(o.Gap)
	}
	var tiles [][]image.Point // by kind
	var bounds image.Rectangle
	margin := px(o.Margin)
	for tight := (struct{ x, y bool }{}); ; {
		t := tree{nodes: p.nodes, tiles: make([][]image.Point, len(kinds))}
		for _, k := range kinds {
			size := l.Sizes[k.items[0]]
			t.sizes = append(t.sizes, size)
			t.pitch = append(t.pitch, image.Pt(pitch(size.X, k.w, tight.x), pitch(size.Y, k.h, tight.y)))
		}
		t.place(0, image.Point{})
		tiles, bounds = t.tiles, t.bounds
		again := tight
		again.x = again.x || bounds.Dx() > l.Width-2*margin
		again.y = again.y || bounds.Dy() > l.Height-2*margin
		if again == tight {
			break
		}
		tight = again
	}
	origin := image.Pt(first(l.Width, bounds.Dx(), margin, aligned), first(l.Height, bounds.Dy(), margin, aligned))
	for i, k := range kinds {
		places := tiles[i]
		slices.SortFunc(places, func(a, b image.Point) int { return cmp.Or(cmp.Compare(a.Y, b.Y), cmp.Compare(a.X, b.X)) })
		at := 0
		for j, n := range deal(k, l.Items, len(places)) {
			for range n {
				l.Tiles = append(l.Tiles, Tile{places[at].Add(origin), k.items[j]})
				at++
			}
		}
	}
	slices.SortStableFunc(l.Tiles, func(a, b Tile) int { return cmp.Compare(a.Item, b.Item) })
}

// first is where photos begin along a side of the paper, so that they stand in its middle.
func first(paper, total, margin int, aligned bool) int {
	at := (paper - total) / 2
	if !aligned {
		return at
	}
	for _, snapped := range []int{at / block * block, (at/block + 1) * block} {
		if snapped >= margin && paper-total-snapped >= margin {
			return snapped
		}
	}
	return at
}

// A tree is a packing on its way to pixels.
type tree struct {
	nodes  []node
	sizes  []image.Point // of a photo, by kind
	pitch  []image.Point // from one photo of a block to the next
	tiles  [][]image.Point
	bounds image.Rectangle
}

// place puts what is in a node at a corner, and returns how much room it takes, gaps included. Rectangles grow and shrink
// by what their photos were rounded by, so what stands beside or below them goes by the room taken.
func (t *tree) place(at int, corner image.Point) image.Point {
	n := t.nodes[at]
	if n.kind < 0 {
		return image.Point{}
	}
	pitch := t.pitch[n.kind]
	for r := range n.rows {
		for c := range n.columns {
			p := corner.Add(image.Pt(c*pitch.X, r*pitch.Y))
			t.tiles[n.kind] = append(t.tiles[n.kind], p)
			t.bounds = t.bounds.Union(image.Rectangle{p, p.Add(t.sizes[n.kind])})
		}
	}
	w, h := n.columns*pitch.X, n.rows*pitch.Y
	if n.across {
		side := t.place(n.side, corner.Add(image.Pt(w, 0)))
		h = max(h, side.Y)
		rest := t.place(n.rest, corner.Add(image.Pt(0, h)))
		return image.Pt(max(w+side.X, rest.X), h+rest.Y)
	}
	side := t.place(n.side, corner.Add(image.Pt(0, h)))
	w = max(w, side.X)
	rest := t.place(n.rest, corner.Add(image.Pt(w, 0)))
	return image.Pt(w+rest.X, max(h+side.Y, rest.Y))
}
