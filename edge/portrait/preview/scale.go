package preview

import (
	"image"
	"math"
)

// A tap is a source pixel's share in a pixel.
type tap struct {
	from  int
	share []float32
}

// taps are the shares of n pixels in each of m along one axis: the area that is covered when there are fewer of them, what lies
// between two when there are more.
func taps(n, m int) []tap {
	out := make([]tap, m)
	step := float64(n) / float64(m)
	for i := range out {
		if step <= 1 {
			at := min(max((float64(i)+0.5)*step-0.5, 0), float64(n-1))
			low := min(int(at), max(n-2, 0))
			part := float32(at - float64(low))
			out[i] = tap{low, []float32{1 - part, part}}
			if n == 1 {
				out[i].share = []float32{1}
			}
			continue
		}
		from, to := float64(i)*step, float64(i+1)*step
		low, high := int(from), min(int(math.Ceil(to-1e-9)), n)
		share := make([]float32, high-low)
		for k := range share {
			share[k] = float32((min(to, float64(low+k+1)) - max(from, float64(low+k))) / step)
		}
		out[i] = tap{low, share}
	}
	return out
}

// scaled paints a picture into a part of an image, as large as the part.
func scaled(dst *image.RGBA, at image.Rectangle, pix []byte, width, height int) {
	across, down := taps(width, at.Dx()), taps(height, at.Dy())
	line := make([]float32, 3*width)
	defer clear(line)
	for y, d := range down {
		clear(line)
		for k, s := range d.share {
			src := pix[3*width*(d.from+k):][:len(line)]
			for i, v := range src {
				line[i] += s * float32(v)
			}
		}
		row := dst.Pix[dst.PixOffset(at.Min.X, at.Min.Y+y):]
		for x, t := range across {
			var r, g, b float32
			for k, s := range t.share {
				i := 3 * (t.from + k)
				r, g, b = r+s*line[i], g+s*line[i+1], b+s*line[i+2]
			}
			px := row[4*x:][:4]
			px[0], px[1], px[2], px[3] = level(r), level(g), level(b), 255
		}
	}
}

func level(v float32) uint8 { return uint8(min(max(v+0.5, 0), 255)) }
