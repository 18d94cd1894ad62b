package sheet

import "image"

// Sizes in millimetres and points that the eye and scissors are used to.
const (
	tickLength = 3.0
	tickAway   = 1.0
	tickNear   = 0.5              // where there is no room for more, as between photos
	tickWidth  = 0.25 * 25.4 / 72 // a quarter of a point
	hairline   = 0.2
)

// edges are the four lines around a rectangle that lie outside it by out of their w pixels.
func edges(r image.Rectangle, out, w int) [4]image.Rectangle {
	o := r.Inset(-out)
	return [4]image.Rectangle{
		image.Rect(o.Min.X, o.Min.Y, o.Max.X, o.Min.Y+w), image.Rect(o.Min.X, o.Max.Y-w, o.Max.X, o.Max.Y),
		image.Rect(o.Min.X, o.Min.Y+w, o.Min.X+w, o.Max.Y-w), image.Rect(o.Max.X-w, o.Min.Y+w, o.Max.X, o.Max.Y-w),
	}
}

// frame puts a grey line around each photo, outside it: a white ground has no edge that could be seen.
func (l *Layout) frame(w int) {
	for _, t := range l.Tiles {
		lines := edges(l.Photo(t), w, w)
		l.Lines = append(l.Lines, lines[:]...)
	}
}

// share puts one grey line along each cut of photos that touch, half of it on either side.
func (l *Layout) share(w int) {
	seen := map[image.Rectangle]bool{}
	sheet := image.Rect(0, 0, l.Width, l.Height)
	for _, t := range l.Tiles {
		r := l.Photo(t)
		for _, line := range [...]image.Rectangle{
			image.Rect(r.Min.X-w/2, r.Min.Y, r.Min.X-w/2+w, r.Max.Y), image.Rect(r.Max.X-w/2, r.Min.Y, r.Max.X-w/2+w, r.Max.Y),
			image.Rect(r.Min.X, r.Min.Y-w/2, r.Max.X, r.Min.Y-w/2+w), image.Rect(r.Min.X, r.Max.Y-w/2, r.Max.X, r.Max.Y-w/2+w),
		} {
			if line = line.Intersect(sheet); !line.Empty() && !seen[line] {
				seen[line] = true
				l.Lines = append(l.Lines, line)
			}
		}
	}
}

// tick marks the ends of each cut: from every corner of every photo outwards both ways, as far as there is nothing else. A
// mark stays near away from all photos, which is a block at least, so that it is in no block of a JPEG that a photo is in.
func (l *Layout) tick(length, away, near, w int) {
	seen := map[image.Rectangle]bool{}
	add := func(r image.Rectangle) {
		if !r.Empty() && !seen[r] && !(l.HasBar() && r.Overlaps(l.label.box.Inset(-block))) {
			seen[r] = true
			l.Ticks = append(l.Ticks, r)
		}
	}
	for i, t := range l.Tiles {
		r := l.Photo(t)
		for _, y := range [2]int{r.Min.Y - w, r.Max.Y} {
			from, to := l.reach(i, r.Min.X, -1, y, w, length, away, near, false)
			add(image.Rect(to, y, from, y+w))
			from, to = l.reach(i, r.Max.X, 1, y, w, length, away, near, false)
			add(image.Rect(from, y, to, y+w))
		}
		for _, x := range [2]int{r.Min.X - w, r.Max.X} {
			from, to := l.reach(i, r.Min.Y, -1, x, w, length, away, near, true)
			add(image.Rect(x, to, x+w, from))
			from, to = l.reach(i, r.Max.Y, 1, x, w, length, away, near, true)
			add(image.Rect(x, from, x+w, to))
		}
	}
}

// reach is where a mark runs from and to along one axis, in the direction dir from a photo's edge; equal when there is no
// room for one that could be seen. The mark lies at across, w wide, on the other axis, which is x when down.
func (l *Layout) reach(tile, edge, dir, across, w, length, away, near int, down bool) (from, to int) {
	space := away + length // until something is in the way
	sheet := image.Pt(l.Width, l.Height)
	for j, t := range l.Tiles {
		o := l.Photo(t).Inset(-near)
		if down {
			o = image.Rect(o.Min.Y, o.Min.X, o.Max.Y, o.Max.X)
		}
		if j == tile || o.Max.Y <= across || o.Min.Y >= across+w {
			continue
		}
		if dir > 0 && o.Max.X > edge {
			space = min(space, o.Min.X-edge)
		} else if dir < 0 && o.Min.X < edge {
			space = min(space, edge-o.Max.X)
		}
	}
	if down {
		sheet = image.Pt(l.Height, l.Width)
	}
	if across < 0 || across+w > sheet.Y {
		return 0, 0
	}
	if dir > 0 {
		space = min(space, sheet.X-edge)
	} else {
		space = min(space, edge)
	}
	if space < away+length {
		away = near
	}
	if space-away < max(2*w, 2) {
		return 0, 0
	}
	return edge + dir*away, edge + dir*space
}
