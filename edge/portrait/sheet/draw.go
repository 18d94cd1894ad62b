package sheet

import (
	"fmt"
	"image"
)

const lineGrey = 200 // of the hairlines: seen on white paper, gone beside a photo

// Draw paints the whole sheet, RGB, with a photo of Tile pixels at every place.
func (l Layout) Draw(tile []byte) ([]byte, error) {
	sheet := make([]byte, 3*l.Width*l.Height)
	return sheet, l.DrawBand(sheet, 0, l.Height, tile)
}

// DrawBand paints the rows y0 to y1 (exclusive) into dst. A sheet of A4 at 600 dpi is 100 MB; its bands repeat (Bands), so
// nobody need hold it whole.
func (l Layout) DrawBand(dst []byte, y0, y1 int, tile []byte) error {
	if len(tile) != 3*l.Tile.X*l.Tile.Y || y0 < 0 || y1 > l.Height || y0 > y1 || len(dst) != 3*l.Width*(y1-y0) {
		return fmt.Errorf("sheet: a photo of %d bytes, rows %d to %d in %d bytes", len(tile), y0, y1, len(dst))
	}
	for i := range dst {
		dst[i] = 255
	}
	band := image.Rect(0, y0, l.Width, y1)
	for _, t := range l.Tiles {
		r := image.Rectangle{t, t.Add(l.Tile)}.Intersect(band)
		for y := r.Min.Y; y < r.Max.Y; y++ {
			copy(dst[3*((y-y0)*l.Width+r.Min.X):][:3*r.Dx()], tile[3*(y-t.Y)*l.Tile.X:])
		}
	}
	fill := func(rects []image.Rectangle, v byte) {
		for _, r := range rects {
			r = r.Intersect(band)
			for y := r.Min.Y; y < r.Max.Y; y++ {
				row := dst[3*((y-y0)*l.Width+r.Min.X):][:3*r.Dx()]
				for i := range row {
					row[i] = v
				}
			}
		}
	}
	fill(l.Lines, lineGrey)
	fill(l.Ticks, 0)
	r := l.label.box.Intersect(band)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		ink := l.label.ink.Pix[l.label.ink.PixOffset(r.Min.X-l.label.box.Min.X, y-l.label.box.Min.Y):]
		row := dst[3*((y-y0)*l.Width+r.Min.X):]
		for x := range r.Dx() {
			keep := uint16(255 - ink[x])
			for c := range 3 {
				row[3*x+c] = byte(uint16(row[3*x+c]) * keep / 255)
			}
		}
	}
	return nil
}

// A Band is a strip of the sheet. Those that look alike name the first of their kind.
type Band struct {
	Y0, Y1 int
	Like   int // index of the first band that looks the same; its own when it is the first
}

// Bands cuts the sheet into strips: the rows of photos, which repeat, and what lies between them.
func (l Layout) Bands() []Band {
	var bands []Band
	first := map[int]int{} // by number of photos in the row: a last row may hold fewer
	at := 0
	for i := 0; i < len(l.Tiles); i += l.Columns {
		y, n := l.Tiles[i].Y, min(l.Columns, len(l.Tiles)-i)
		row := image.Rect(0, y, l.Width, y+l.Tile.Y)
		if y > at {
			bands = append(bands, Band{at, y, len(bands)})
		}
		b := Band{y, y + l.Tile.Y, len(bands)}
		if !l.label.box.Overlaps(row) && l.gapped() {
			if like, ok := first[n]; ok {
				b.Like = like
			} else {
				first[n] = b.Like
			}
		}
		bands = append(bands, b)
		at = b.Y1
	}
	if at < l.Height {
		bands = append(bands, Band{at, l.Height, len(bands)})
	}
	return bands
}

// gapped layouts keep their lines and ticks out of the rows above and below a photo's own.
func (l Layout) gapped() bool { return len(l.Ticks) > 0 }
