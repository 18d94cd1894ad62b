package portrait

import (
	"fmt"
	"math"

	"github.com/professionalaistudio/studio/edge/portrait/compliance"
	"github.com/professionalaistudio/studio/edge/portrait/document"
)

// A frame is what is to be filled: its size in pixels, and how many of them are a millimetre of the photo.
type frame struct {
	width, height int
	scale         float64 // pixels per millimetre
}

func (f frame) mm() (width, height float64) {
	return float64(f.width) / f.scale, float64(f.height) / f.scale
}

// fileFrame is the frame of the file of a row, printFrame that of a print at some density. Both are as many millimetres
// high; the height sets the scale, so that a pixel of rounding in the width does not stretch a face.
func fileFrame(s document.Spec) frame {
	_, h := s.FileSize()
	px, py := s.FilePixels()
	return frame{px, py, float64(py) / h}
}

func printFrame(s document.Spec, dpi float64) frame {
	_, h := s.Size()
	px, py := s.PrintPixels(dpi)
	return frame{px, py, float64(py) / h}
}

// A crop is a solved one.
type crop struct {
	frame
	affine  [6]float64 // upright capture to output, both in pixels from the corner
	head    float64    // mm, from chin to counted top
	chin    float64    // mm from the top edge
	slack   float64    // mm to the nearest limit
	both    bool       // an unspecified top fits read either way
	dropped []string   // rules that had to give way
	beyond  [4]float64 // mm of the photo that lie outside the capture: left, top, right, bottom
}

// upscale is output pixels per capture pixel.
func (c crop) upscale() float64 { return math.Hypot(c.affine[0], c.affine[1]) }

// at takes a point of the upright capture to the output.
func (c crop) at(x, y float64) (float64, float64) {
	m := c.affine
	return m[0]*x + m[1]*y + m[2], m[3]*x + m[4]*y + m[5]
}

// back takes a point of the output to the upright capture.
func (c crop) back(x, y float64) (float64, float64) {
	m := c.affine
	det := m[0]*m[4] - m[1]*m[3]
	dx, dy := x-m[2], y-m[5]
	return (m[4]*dx - m[1]*dy) / det, (m[0]*dy - m[3]*dx) / det
}

// padded says whether part of the photo lies outside the capture.
func (c crop) padded() bool { return c.beyond != [4]float64{} }

// A pose is the head in the capture as the crop sees it: straightened, or as it was taken where that is forbidden.
type pose struct {
	refX, refY    float64    // what goes to the middle of the photo, and to the chin's row
	right, down   [2]float64 // the photo's axes in the capture
	length        float64    // of the head along down, in pixels
	width, height float64    // of the capture
}

func poseOf(h Head, s document.Spec, width, height int) pose {
	p := pose{refX: h.ChinX, refY: h.ChinY, right: [2]float64{1, 0}, down: [2]float64{0, 1}, length: h.ChinY - h.CrownY, width: float64(width), height: float64(height)}
	if !s.MayStraighten() {
		p.refX = (h.ChinX + h.CrownX) / 2
		return p
	}
	p.length = h.length()
	p.down = [2]float64{(h.ChinX - h.CrownX) / p.length, (h.ChinY - h.CrownY) / p.length}
	p.right = [2]float64{p.down[1], -p.down[0]}
	return p
}

// affine is the map that makes the head that high, with the chin that far down and the face that far right of the middle.
func (p pose) affine(f frame, at point, off float64) [6]float64 {
	w, _ := f.mm()
	k := at.head / p.length * f.scale // output pixels per capture pixel
	a, b := k*p.right[0], k*p.right[1]
	d, e := k*p.down[0], k*p.down[1]
	return [6]float64{
		a, b, (w/2+off)*f.scale - a*p.refX - b*p.refY,
		d, e, at.chin*f.scale - d*p.refX - e*p.refY,
	}
}

// A reach is how many pixels of the capture the photo may go beyond its left, top, right and bottom edge.
type reach [4]float64

// even is what an edge that is met may be crossed by in rounding.
const even = 0.05

var nowhere = reach{even, even, even, even}

// inside are the rules that keep the four corners of the photo in the capture, or within reach of it.
func (p pose) inside(f frame, off float64, to reach) []half {
	w, h := f.mm()
	edges := []struct {
		axis     int     // of the capture
		sign     float64 // +1 keeps above 0, -1 keeps below the size
		boundary float64
	}{{0, 1, -to[0]}, {1, 1, -to[1]}, {0, -1, p.width + to[2]}, {1, -1, p.height + to[3]}}
	ref := [2]float64{p.refX, p.refY}
	var rules []half
	for _, e := range edges {
		if math.IsInf(e.boundary, 0) {
			continue
		}
		for _, x := range []float64{0, w} {
			for _, y := range []float64{0, h} {
				// The corner in the capture is ref + ((x-w/2-off)·right + (y-chin)·down)/s, with s = head/length mm a
				// pixel; times s it is linear in head and chin.
				r := half{
					a: (ref[e.axis] - e.boundary) / p.length,
					b: -p.down[e.axis],
					k: (x-w/2-off)*p.right[e.axis] + y*p.down[e.axis],
				}
				rules = append(rules, half{a: e.sign * r.a, b: e.sign * r.b, k: e.sign * r.k})
			}
		}
	}
	return rules
}

// hair is how the room above the hair is treated.
type hairRoom int

const (
	hairClear hairRoom = iota // a millimetre, counted in the slack
	hairIn                    // the hair is in the photo
	hairFree                  // it may be cut
)

// An attempt is one way of reading a row and of giving way.
type attempt struct {
	head, top            []float64 // readings: factors on the head as counted
	hair                 hairRoom
	noChin, noTop, noEye bool
}

func (a attempt) dropped() (names []string) {
	for _, d := range []struct {
		is   bool
		name string
	}{{a.hair == hairFree, "hair room"}, {a.noChin, "chin gap"}, {a.noTop, "top margin"}, {a.noEye, "eye line"}} {
		if d.is {
			names = append(names, d.name)
		}
	}
	return names
}

// attempts are the ways in which a row may be satisfied, best first: both readings of the top where the source is silent,
// then rules giving way in the order of geometry §4.2. The head's height never does.
func attempts(s document.Spec, m model) []attempt {
	counted := []float64{1}
	var list []attempt
	if s.HeadTop == document.Unspecified {
		either := []float64{1, max(m.hair, 1)}
		list = append(list, attempt{head: either, top: either}, attempt{head: either, top: counted})
	}
	for _, a := range []attempt{
		{}, {hair: hairIn}, {hair: hairFree}, {hair: hairFree, noChin: true}, {hair: hairFree, noChin: true, noTop: true},
		{hair: hairFree, noChin: true, noTop: true, noEye: true},
	} {
		a.head, a.top = counted, counted
		list = append(list, a)
	}
	return list
}

// rules of a row in a frame, as the attempt reads them, for a head like m.
func (a attempt) rules(s document.Spec, f frame, m model) []half {
	_, h := f.mm()
	var rules []half
	// band puts a value, linear in head and chin, into a band.
	band := func(v half, b document.Band, head bool) {
		if !math.IsInf(b.Min, 0) {
			rules = append(rules, half{v.a, v.b, v.k - b.Min, true, head})
		}
		if !math.IsInf(b.Max, 0) {
			rules = append(rules, half{-v.a, -v.b, b.Max - v.k, true, head})
		}
	}
	for _, r := range a.head {
		band(half{a: r}, s.Head().Band, true)
	}
	if r, ok := s.Eye(); ok && !a.noEye {
		band(half{a: m.eyes, b: -1, k: h}, r.Band, false)
	}
	if r, ok := s.Top(); ok && !a.noTop {
		for _, reading := range a.top {
			band(half{a: -reading, b: 1}, r.Band, false)
		}
	}
	if r, ok := s.HeadWidth(); ok && m.ears > 0 && !a.noChin {
		band(half{a: m.ears}, r.Band, true)
	}
	if !a.noChin {
		if r, ok := s.Chin(); ok {
			band(half{b: -1, k: h}, r.Band, false)
		}
		band(half{b: -1, k: h}, document.Band{Min: compliance.NeckRoom, Max: math.Inf(1)}, false)
	}
	switch a.hair {
	case hairClear:
		band(half{a: -m.hair, b: 1}, document.Band{Min: compliance.HairRoom, Max: math.Inf(1)}, false)
	case hairIn:
		rules = append(rules, half{a: -m.hair, b: 1})
	}
	return rules
}

// fit solves a row for a head, whatever the capture.
func fit(s document.Spec, f frame, m model) (at point, a attempt, slack float64) {
	_, h := f.mm()
	list := attempts(s, m)
	for _, a = range list {
		if at, slack, ok := solve(a.rules(s, f, m), h); ok {
			return at, a, slack
		}
	}
	// With everything dropped the head's height alone remains, and a band is never empty.
	return point{s.Head().Min, h}, list[len(list)-1], 0
}

// A limit says how far a photo may reach beyond its capture. Below, it never may: nobody has a bust that floats.
type limit struct{ left, top, right bool }

// within keeps it inside.
var within = limit{}

// about says that an even background may be carried on above and beside.
func about(s document.Spec) limit { return limit{s.MayExtend(), s.MayExtend(), s.MayExtend()} }

func (l limit) reach() reach {
	to := nowhere
	for i, may := range []bool{l.left, l.top, l.right} {
		if may {
			to[i] = math.Inf(1)
		}
	}
	return to
}

// find solves the crop of a row for a head in a capture. The photo lies inside the capture if the row can be satisfied so,
// with the face out of the middle as far as the row allows if need be. Otherwise it may reach as far as beyond says.
func find(s document.Spec, f frame, h figure, width, height int, beyond limit) (crop, error) {
	p := poseOf(h.Head, s, width, height)
	if p.length < leastHead {
		return crop{}, badHead(HeadSmall, "the head is %.0f pixels high, at least %.0f are needed", p.length, leastHead)
	}
	if h.hairCut || s.HeadTop == document.HairTop && h.CrownY < 1 {
		return crop{}, &ErrCannotFit{Short: ShortAbove, Reason: "the hair touches the edge of the picture",
			Advice: "Take the photo again with space above the head: what is cut off cannot be put back."}
	}
	_, row, _ := fit(s, f, h.model)
	w, hh := f.mm()
	try := func(off float64, to reach) (crop, bool) {
		for _, a := range attempts(s, h.model) {
			// A row that cannot be satisfied anywhere gives way as it must; a capture that is too narrow makes nothing
			// but the room for hair give way.
			if len(a.dropped()) > len(row.dropped()) {
				break
			}
			if at, slack, ok := solve(append(a.rules(s, f, h.model), p.inside(f, off, to)...), hh); ok {
				return crop{
					frame: f, affine: p.affine(f, at, off), head: at.head, chin: at.chin, slack: slack,
					both: len(a.head) > 1, dropped: a.dropped(), beyond: p.beyond(f, at, off),
				}, true
			}
		}
		return crop{}, false
	}
	most := s.Centre(w).Max * 0.9
	const steps = 10
	for i := range 2*steps + 1 { // 0, then to either side, further and further
		off := most * float64((i+1)/2) / steps
		if i%2 == 1 {
			off = -off
		}
		if c, ok := try(off, nowhere); ok {
			return c, nil
		}
	}
	if beyond != within {
		if c, ok := try(0, beyond.reach()); ok {
			return c, nil
		}
	}
	return crop{}, p.lacking(f, most, try)
}

// beyond says how many millimetres of the photo lie outside each side of the capture.
func (p pose) beyond(f frame, at point, off float64) (mm [4]float64) {
	w, h := f.mm()
	s := at.head / p.length
	for _, x := range []float64{0, w} {
		for _, y := range []float64{0, h} {
			dx, dy := (x-w/2-off)/s, (y-at.chin)/s
			u := p.refX + dx*p.right[0] + dy*p.down[0]
			v := p.refY + dx*p.right[1] + dy*p.down[1]
			for i, out := range []float64{-u, -v, u - p.width, v - p.height} {
				if out > 2*even {
					mm[i] = max(mm[i], out*s)
				}
			}
		}
	}
	return mm
}

// lacking finds out what there is too little of: the side that, were there more of it, would let the photo be made, and
// how much more is the least.
func (p pose) lacking(f frame, most float64, try func(float64, reach) (crop, bool)) error {
	w, h := f.mm()
	any := func(to reach) (crop, bool) {
		for _, off := range []float64{0, -most, most} {
			if c, ok := try(off, to); ok {
				return c, true
			}
		}
		return crop{}, false
	}
	for _, lack := range []struct {
		side  [4]bool
		short Short
		what  string
		do    string
	}{
		{[4]bool{1: true}, ShortAbove, "above the head", "with more space above the head"},
		{[4]bool{0: true, 2: true}, ShortBeside, "beside the head", "in the middle, with more space on both sides"},
		{[4]bool{3: true}, ShortBelow, "below the chin", "with the shoulders in the picture: step back or lower the camera"},
		{[4]bool{true, true, true, true}, ShortAround, "around the head", "from further away"},
	} {
		with := func(pixels float64) reach {
			to := nowhere
			for i, is := range lack.side {
				if is {
					to[i] = pixels
				}
			}
			return to
		}
		low, high := 0.0, 20*p.length
		c, ok := any(with(high))
		if !ok {
			continue
		}
		for high-low > 0.5 {
			mid := (low + high) / 2
			if better, ok := any(with(mid)); ok {
				c, high = better, mid
			} else {
				low = mid
			}
		}
		perPixel := c.head / p.length
		px := math.Ceil(high)
		e := &ErrCannotFit{Short: lack.short, Pixels: px, MM: px * perPixel}
		e.Reason = fmt.Sprintf("%.0f pixels (%.1f mm of the photo) are missing %s", px, e.MM, lack.what)
		e.Advice = fmt.Sprintf("Take the photo again %s: at least %.0f pixels are missing.", lack.do, px)
		share := p.length / p.height
		if most := share / max(h/perPixel/p.height, w/perPixel/p.width); most < share {
			e.Advice = fmt.Sprintf("Take the photo again %s: the head is %.0f %% of the picture's height and may be %.0f %% at most.", lack.do, share*100, most*100)
		}
		return e
	}
	return &ErrCannotFit{Short: ShortAround, Reason: "the head fills the picture", Advice: "Take the photo again from further away."}
}
