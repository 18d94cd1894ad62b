package preview

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/professionalaistudio/studio/edge/portrait/compliance"
)

const (
	mostAdvice = 480 // characters
	textWidth  = 560.0
	leastWidth = 460.0 // of a column of text, where there are several
	between    = 40.0  // columns
	indent     = 48.0  // of text, from the badge's edge
)

// A row is one piece of the list, laid out from 0 down; draw puts it where it goes.
type row struct {
	high float64
	draw func(x, y float64)
}

// legend lays the list out, beside the picture or below it, and settles the size of the page.
func (l *layout) legend(findings []compliance.Finding, listed []*mark, more int, bottom float64, numbered bool) {
	at := l.page.picture
	right := at.x1
	if numbered {
		right += gutter
	}
	beside := l.o.Legend == Beside || l.o.Legend != Below && at.x1-at.x0 <= 1.2*(at.y1-at.y0)
	x, y, width, columns := right+between-12, at.y0, textWidth, 1
	var rows []row
	if beside {
		rows = l.rows(findings, listed, more, width)
		for columns < 3 && total(rows) > 1.4*float64(columns)*(bottom-at.y0) {
			columns++
			width = leastWidth
			rows = l.rows(findings, listed, more, width)
		}
	} else {
		x, y = margin, bottom+between/2
		wide := max(right, margin+textWidth) - margin
		columns = max(int((wide+between)/(leastWidth+between)), 1)
		width = (wide - between*float64(columns-1)) / float64(columns)
		rows = l.rows(findings, listed, more, width)
	}

	// Each column takes as much as the longest need, so that all are about as long.
	share, low := total(rows)/float64(columns), bottom
	top, n := y, 0
	for _, r := range rows {
		if n < columns-1 && y > top && y+r.high/2 > top+share {
			n++
			x, y = x+width+between, top
		}
		r.draw(x, y)
		y += r.high
		low = max(low, y)
	}
	l.page.width = math.Ceil(max(x+width, right) + margin)
	l.page.height = math.Ceil(low + margin)
}

func total(rows []row) float64 {
	sum := 0.0
	for _, r := range rows {
		sum += r.high
	}
	return sum
}

// rows of the list: the heading, the findings, what is left to say.
func (l *layout) rows(findings []compliance.Finding, listed []*mark, more int, width float64) []row {
	first, second := heading(findings)
	l.page.title, l.page.text = first, first+". "+second+"."
	head := l.block(width, piece{first, 30, true, ink}, piece{second, 18, false, soft}, piece{clean(l.o.Caption, 200), 18, false, soft})
	rows := []row{head}
	opened := false
	for _, m := range listed {
		if m.look.grave == 3 && !opened {
			opened = true
			r := l.block(width, piece{"Not judged: see for yourself", 20, true, ink})
			rows = append(rows, row{r.high + 8, func(x, y float64) {
				l.rule(x, y, width)
				r.draw(x, y+10)
			}})
			l.page.text += "\nNot judged:"
		}
		l.page.text += "\n" + m.said()
		if m.look.grave == 3 {
			rows = append(rows, l.small(m, width))
		} else {
			rows = append(rows, l.entry(m, width))
		}
	}
	if more > 0 {
		rows = append(rows, l.block(width, piece{"and " + number(float64(more)) + " more", 17, false, soft}))
	}
	if g := l.o.Guides; g != nil {
		note := "The blue bands are where this document wants things; they are no finding."
		l.page.text += "\n" + note
		r := l.block(width, piece{note, 16, false, soft})
		rows = append(rows, row{r.high, func(x, y float64) {
			l.rule(x, y, width)
			r.draw(x, y+6)
		}})
	}
	return rows
}

// rule is a thin line over an entry.
func (l *layout) rule(x, y, width float64) {
	l.page.add(stroke{[]point{{x, y}, {x + width, y}}, false, rule, 1.2, nil})
}

// A piece is a paragraph.
type piece struct {
	text string
	size float64
	bold bool
	ink  colour
}

const lead = 1.3 // from base line to base line, in ems

// block is paragraphs one below the other.
func (l *layout) block(width float64, pieces ...piece) row {
	high := 0.0
	var all []words
	for _, p := range pieces {
		for _, line := range l.ruler.wrap(p.text, p.size, p.bold, width) {
			all = append(all, l.ruler.line(point{0, high + p.size*1.02}, line, p.size, p.bold, p.ink, fromLeft))
			high += p.size * lead
		}
	}
	return row{high + 10, func(x, y float64) {
		for _, w := range all {
			w.at = point{x + w.at.x, y + w.at.y}
			l.page.add(w)
		}
	}}
}

// entry is one finding of the list.
func (l *layout) entry(m *mark, width float64) row {
	const size = 20.0
	verdict := l.ruler.line(point{width, 13 + size*1.02}, m.look.word, 17, true, m.look.ink, fromRight)
	title := l.ruler.wrap(clean(Title(m.finding.Rule), 80), size, true, width-indent-verdict.width-14)
	lines := make([]words, 0, 8)
	y := 13.0
	put := func(text string, size float64, bold bool, c colour) {
		lines = append(lines, l.ruler.line(point{indent, y + size*1.02}, text, size, bold, c, fromLeft))
		y += size * lead
	}
	for _, t := range title {
		put(t, size, true, ink)
	}
	paragraph := func(text string, size float64, c colour) {
		for _, t := range l.ruler.wrap(text, size, false, width-indent) {
			put(t, size, false, c)
		}
	}
	paragraph(measured(m.finding), 17, soft)
	paragraph(clean(m.finding.Advice, mostAdvice), 18, ink)
	paragraph(m.where, 16, soft)
	return row{max(y, 13+2*badge) + 11, func(x, y float64) {
		l.rule(x, y, width)
		l.page.add(begin{m.said()})
		sign := m.look.sign
		if m.number > 0 {
			sign = number(float64(m.number))
		}
		l.drawBadge(point{x + badge + 4, y + 13 + badge}, m.look, sign)
		for _, w := range append(lines, verdict) {
			w.at = point{x + w.at.x, y + w.at.y}
			l.page.add(w)
		}
		l.page.add(end{})
	}}
}

// small is one that was not judged: why, without the words that its heading has said.
func (l *layout) small(m *mark, width float64) row {
	why := clean(m.finding.Advice, mostAdvice)
	if rest, ok := strings.CutPrefix(why, "Not judged, because "); ok {
		first, n := utf8.DecodeRuneInString(rest)
		why = string(unicode.ToUpper(first)) + rest[n:]
	}
	return l.block(width, piece{clean(Title(m.finding.Rule), 80), 16, true, ink}, piece{why, 15, false, soft})
}
