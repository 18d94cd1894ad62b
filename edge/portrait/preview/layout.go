package preview

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/professionalaistudio/studio/edge/portrait/compliance"
)

// Legend is where the list of findings stands.
type Legend string

const (
	Auto   Legend = ""       // beside an upright or a square picture, below a wide one
	Beside Legend = "beside" // on the right
	Below  Legend = "below"
)

// Options of a preview. The zero value draws and lists what fails or warns, and counts the rest.
type Options struct {
	Caption   string  // a line under the counts, as the caller likes: "Swiss passport, rule pack 2026-11"; none where empty
	Guides    *Guides // where the document wants things; nil: not drawn
	Passes    bool    // draw what passes, faintly and without a number
	NotJudged bool    // list what was not judged, small and with its reason
	Legend    Legend
	MaxSide   int // most pixels of the picture's longer side; a larger one is reduced first. 0: 1600; 320 to 8000
}

const (
	mostListed = 100 // findings; a catalogue has fewer, and a stranger's answer may have any number
	margin     = 26.0
)

// A mark is a finding that is listed.
type mark struct {
	finding compliance.Finding
	look    look
	number  int // on the picture; 0: it is nowhere on this one
	where   string
}

// said is a mark in a sentence or three.
func (m *mark) said() string {
	parts := []string{fmt.Sprintf("%s: %s.", clean(Title(m.finding.Rule), 80), m.look.word)}
	if m.number > 0 {
		parts[0] = strconv.Itoa(m.number) + ". " + parts[0]
	}
	if n := measured(m.finding); n != "" {
		parts = append(parts, n+".")
	}
	if a := clean(m.finding.Advice, mostAdvice); a != "" {
		parts = append(parts, a)
	}
	if m.where != "" {
		parts = append(parts, m.where)
	}
	return strings.Join(parts, " ")
}

// A layout is a page in the making.
type layout struct {
	page  *page
	ruler *ruler
	o     Options
	unit  float64 // of the page, per pixel of what findings speak of
}

// lay makes the page of a picture.
func lay(p Picture, findings []compliance.Finding, o Options) (*page, error) {
	r, err := newRuler()
	if err != nil {
		return nil, err
	}
	perPixel := long / float64(max(p.Width, p.Height))
	wide, high := float64(p.Width)*perPixel, float64(p.Height)*perPixel
	l := &layout{page: &page{}, ruler: r, o: o, unit: perPixel / p.scale()}

	// Whether anything has a number decides how much room is beside the picture, which decides where it lies.
	l.page.picture = box{margin, margin, margin + wide, margin + high}
	figures, listed, more := l.sort(p, findings)
	numbered := 0
	for _, f := range figures {
		if len(f.marks) > 0 {
			numbered++
		}
	}
	if numbered > 0 {
		l.page.picture = box{margin + gutter, margin, margin + gutter + wide, margin + high}
		figures, listed, more = l.sort(p, findings)
	}

	l.page.add(ground{paper}, photo{l.page.picture})
	l.page.add(stroke{l.page.picture.corners(), true, rule, 1, nil})
	l.guides()
	bottom := l.drawFigures(figures)
	l.legend(findings, listed, more, bottom, numbered > 0)
	return l.page, nil
}

// sort parts findings into what is drawn and what is listed, and numbers what is both: the gravest first, each in the order in
// which it came. more is how many are left out of the list.
func (l *layout) sort(p Picture, findings []compliance.Finding) (figures []*figure, listed []*mark, more int) {
	n := 0
	for grave := range 4 {
		if grave == 2 && !l.o.Passes || grave == 3 && !l.o.NotJudged {
			continue
		}
		for _, f := range findings {
			k := lookOf(f.Verdict)
			if k.grave != grave {
				continue
			}
			if len(listed) >= mostListed || len(figures) >= 2*mostListed {
				if grave != 2 {
					more++
				}
				continue
			}
			m := &mark{finding: f, look: k}
			var fig *figure
			drawn := false
			if f.Place != nil && grave < 3 {
				switch {
				case f.Place.On == p.On:
					fig, drawn = l.figureOf(f.Rule, f.Place)
				case f.Place.On == compliance.Capture:
					m.where = "To be seen in the picture as it was taken."
				case f.Place.On == compliance.Output:
					m.where = "To be seen in the finished photo."
				}
			}
			if drawn {
				fig.look = k
				if old := find(figures, fig); old != nil {
					fig = old
				} else {
					figures = append(figures, fig)
				}
				if grave < 2 {
					n++
					m.number = n
					fig.marks = append(fig.marks, m)
				}
			}
			if grave != 2 {
				listed = append(listed, m)
			}
		}
	}
	return figures, listed, more
}

func find(figures []*figure, like *figure) *figure {
	for _, f := range figures {
		if f.same(like) {
			return f
		}
	}
	return nil
}

// drawFigures draws them, the gravest on top, then the numbers beside the picture, and says how far down those reach.
func (l *layout) drawFigures(figures []*figure) float64 {
	var numbered []*figure
	for i := len(figures) - 1; i >= 0; i-- {
		f := figures[i]
		f.draw(l.page)
	}
	for _, f := range figures {
		if len(f.marks) > 0 {
			numbered = append(numbered, f)
		}
	}
	at := l.page.picture
	bottom := at.y1
	for _, c := range l.columns(numbered) {
		bottom = max(bottom, c.place(at.y0, at.y1-at.y0))
		l.drawColumn(c)
	}
	return math.Ceil(bottom)
}
