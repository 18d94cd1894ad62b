package sheet

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// A Paper is what is printed on, upright, in millimetres.
type Paper struct {
	Name          string // as ParsePaper reads it
	Width, Height float64
}

// The paper that a caller may describe. The largest sheet that photo printers take is A3+, 329 × 483 mm.
const (
	leastPaper = 20.0
	mostPaper  = 500.0
	mostArea   = 160_000.0 // mm²: at 600 dpi 89 million pixels
)

// ErrPaper is a paper that ParsePaper does not know or that is too small or too large.
var ErrPaper = errors.New("not a paper")

var papers = []Paper{
	{"9x13", 90, 130}, {"10x15", 100, 150}, {"4x6", 101.6, 152.4}, {"13x18", 130, 180}, {"5x7", 127, 177.8}, {"3r", 88.9, 127},
	{"a6", 105, 148}, {"a5", 148, 210}, {"a4", 210, 297}, {"letter", 215.9, 279.4},
}

// Papers are those with a name: what shops and printers sell.
func Papers() []Paper { return append([]Paper(nil), papers...) }

// FindPaper by its name, in any case.
func FindPaper(name string) (Paper, bool) {
	for _, p := range papers {
		if strings.EqualFold(p.Name, name) {
			return p, true
		}
	}
	return Paper{}, false
}

// Names of all papers, for a message.
func Names() string {
	names := make([]string, len(papers))
	for i, p := range papers {
		names[i] = p.Name
	}
	return strings.Join(names, ", ")
}

var units = []struct {
	name string
	mm   float64
}{{"mm", 1}, {"cm", 10}, {"in", 25.4}}

// ParsePaper reads a name (a4, 10x15) or two sides and their unit, in either order: 210x297mm, 13x18cm, 3.5x5in. Two bare
// numbers are a name or nothing: 4x6 are inches and 10x15 centimetres, and which of them 8x12 is would be a guess. The
// error is an ErrPaper that says what to write.
func ParsePaper(s string) (Paper, error) {
	if p, ok := FindPaper(s); ok {
		return p, nil
	}
	lower := strings.ToLower(s)
	for _, unit := range units {
		sides, ok := strings.CutSuffix(lower, unit.name)
		if !ok {
			continue
		}
		first, second, ok := strings.Cut(sides, "x")
		a, good := side(first)
		b, also := side(second)
		if !ok || !good || !also {
			break
		}
		p := Paper{Name: lower, Width: min(a, b) * unit.mm, Height: max(a, b) * unit.mm}
		if p.Width < leastPaper || p.Height > mostPaper || p.Width*p.Height > mostArea {
			return Paper{}, fmt.Errorf("%w: %s is not from %g to %g mm a side and at most %g cm²", ErrPaper, p.Name, leastPaper, mostPaper, mostArea/100)
		}
		return p, nil
	}
	return Paper{}, fmt.Errorf("%w: %.20q is none of %s, nor two sides with their unit as in 210x297mm or 4x6in", ErrPaper, s, Names())
}

// side reads digits, and a point among them: what strconv takes besides, a sign, an exponent, Inf, is no length of a paper.
func side(s string) (float64, bool) {
	if s == "" || len(s) > 8 || strings.Trim(s, "0123456789.") != "" {
		return 0, false
	}
	v, err := strconv.ParseFloat(s, 64)
	return v, err == nil && v > 0
}

// Count is how many photos of this size fit on the paper, upright, the paper turned whichever way holds more, with
// margin at the edges and gap between photos; all in millimetres.
func (p Paper) Count(width, height, margin, gap float64) int {
	c, r := p.grid(width, height, margin, gap)
	tc, tr := p.turned().grid(width, height, margin, gap)
	return max(c*r, tc*tr)
}

func (p Paper) turned() Paper { return Paper{p.Name, p.Height, p.Width} }

func (p Paper) grid(width, height, margin, gap float64) (columns, rows int) {
	return along(p.Width-2*margin+gap, width+gap), along(p.Height-2*margin+gap, height+gap)
}

// along is how many fit side by side. 100 mm hold exactly two of 45 and two margins of 5.
func along(space, one float64) int {
	const even = 1e-9
	return max(int(math.Floor(space/one+even)), 0)
}
