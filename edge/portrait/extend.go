package portrait

import (
	"math"

	"github.com/professionalaistudio/studio/edge/portrait/measure"
)

// How even the strip along an edge must be before it is carried on: the limits of bg.uniform. Hair or a shoulder that
// touches the edge breaks them at once.
const (
	evenLight  = 4.0 // standard deviation of lightness
	evenChroma = 3.0
	stripDepth = 3.0 // mm of the photo
)

// extend fills what lies beyond the capture with the background next to it. It reports false, and the picture is of no
// use, when the strip along the edge is not even: then nothing may be made up.
func extend(pix []byte, c crop, width, height int) bool {
	m := c.affine
	k := math.Sqrt(math.Abs(m[0]*m[4] - m[1]*m[3])) // output pixels per capture pixel
	rim := 2 / k
	depth := stripDepth * c.scale / k
	w, h := float64(width), float64(height)
	// outside says whether a point of the capture lies beyond a side that the photo crosses, or so near that the kernel has
	// mixed it with nothing.
	outside := func(u, v float64) bool {
		return c.beyond[0] > 0 && u < rim || c.beyond[1] > 0 && v < rim || c.beyond[2] > 0 && u > w-rim || c.beyond[3] > 0 && v > h-rim
	}
	var strip measure.Spread // along those sides alone: the others say nothing of what is beyond
	for y := range c.height {
		for x := range c.width {
			u, v := c.back(float64(x)+0.5, float64(y)+0.5)
			if outside(u, v) {
				continue
			}
			if c.beyond[0] > 0 && u < rim+depth || c.beyond[1] > 0 && v < rim+depth || c.beyond[2] > 0 && u > w-rim-depth {
				at := pix[3*(y*c.width+x):]
				strip.Add(at[0], at[1], at[2])
			}
		}
	}
	if d := strip.Deviation(); strip.Count() == 0 || d.L > evenLight || d.A > evenChroma || d.B > evenChroma {
		return false
	}
	// Each pixel beyond takes the mean of a patch of the strip nearest to it, so that a soft gradient goes on.
	source := append([]byte(nil), pix...)
	defer clear(source)
	patch := int(stripDepth * c.scale / 2)
	step := max(patch/4, 1)
	for y := range c.height {
		for x := range c.width {
			u, v := c.back(float64(x)+0.5, float64(y)+0.5)
			if !outside(u, v) {
				continue
			}
			cu, cv := clamp(u, rim+depth/2, w-rim-depth/2), clamp(v, rim+depth/2, h-rim-depth/2)
			cx, cy := int(m[0]*cu+m[1]*cv+m[2]), int(m[3]*cu+m[4]*cv+m[5])
			var sum [3]int
			n := 0
			for py := cy - patch; py <= cy+patch; py += step {
				for px := cx - patch; px <= cx+patch; px += step {
					if px < 0 || py < 0 || px >= c.width || py >= c.height {
						continue
					}
					if outside(c.back(float64(px)+0.5, float64(py)+0.5)) {
						continue
					}
					at := source[3*(py*c.width+px):]
					sum[0], sum[1], sum[2] = sum[0]+int(at[0]), sum[1]+int(at[1]), sum[2]+int(at[2])
					n++
				}
			}
			if n == 0 {
				return false
			}
			at := pix[3*(y*c.width+x):]
			for i := range 3 {
				at[i] = uint8((sum[i] + n/2) / n)
			}
		}
	}
	return true
}

func clamp(v, low, high float64) float64 { return min(max(v, low), max(low, high)) }
