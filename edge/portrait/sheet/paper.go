package sheet

import (
	"math"
	"strings"
)

// A Paper is a size that shops and printers sell, upright, in millimetres.
type Paper struct {
	Name          string
	Width, Height float64
}

var papers = []Paper{
	{"10x15", 100, 150}, {"4x6", 101.6, 152.4}, {"13x18", 130, 180}, {"5x7", 127, 177.8}, {"3r", 88.9, 127}, {"a4", 210, 297}, {"letter", 215.9, 279.4},
}

// Papers are all sizes, smallest names first as they are offered.
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

// Count is how many photos of this size fit on the paper, upright, the paper turned whichever way holds more, with
// margin at the edges and gap between photos; all in millimetres.
func (p Paper) Count(width, height, margin, gap float64) int {
	c, r := p.grid(width, height, margin, gap)
	tc, tr := p.turned().grid(width, height, margin, gap)
	return max(c*r, tc*tr)
}

func (p Paper) turned() Paper { return Paper{p.Name, p.Height, p.Width} }

func (p Paper) grid(width, height, margin, gap float64) (columns, rows int) {
	along := func(paper, photo float64) int {
		const even = 1e-9 // 100 mm holds exactly two of 45 and two margins of 5
		return max(int(math.Floor((paper-2*margin+gap)/(photo+gap)+even)), 0)
	}
	return along(p.Width, width), along(p.Height, height)
}
