package preview

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"

	"github.com/professionalaistudio/studio/edge/portrait/compliance"
)

// A look is how a verdict is written and drawn.
type look struct {
	word  string
	sign  string // on the badge of what is drawn nowhere
	ink   colour
	wash  colour // behind the number
	dash  []float64
	grave int // the gravest first
}

var looks = map[compliance.Verdict]look{
	compliance.Fail:        {"Fails", "×", colour{0xa8, 0x26, 0x1d, 255}, colour{0xa8, 0x26, 0x1d, 255}, nil, 0},
	compliance.Warn:        {"Look again", "!", colour{0x80, 0x54, 0x0a, 255}, colour{0xfb, 0xf0, 0xd9, 255}, []float64{13, 7}, 1},
	compliance.Pass:        {"Fine", "", colour{0x14, 0x67, 0x3f, 255}, colour{0xe2, 0xf1, 0xe8, 255}, []float64{2.5, 6}, 2},
	compliance.NotAssessed: {"Not judged", "?", soft, paper, []float64{4, 5}, 3},
}

// lookOf a verdict. One that nobody knows is not judged: it must never look like a pass.
func lookOf(v compliance.Verdict) look {
	if l, ok := looks[v]; ok {
		return l
	}
	return looks[compliance.NotAssessed]
}

// tally counts findings by what their verdicts look like.
func tally(findings []compliance.Finding) (n [4]int) {
	for i := range findings {
		n[lookOf(findings[i].Verdict).grave]++
	}
	return n
}

// heading says it in a line, and counts in the next one.
func heading(findings []compliance.Finding) (first, second string) {
	n := tally(findings)
	switch {
	case n[0] > 0:
		first = plural(n[0], "rule fails", "rules fail")
	case n[1] > 0:
		first = "Nothing fails, " + plural(n[1], "point", "points") + " to look at"
	default:
		first = "Nothing we measured fails"
	}
	return first, fmt.Sprintf("%d fine · %d to look at · %d failing · %d not judged", n[2], n[1], n[0], n[3])
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// measured is what was measured, and what is asked: "30.2 mm, asked: 25 to 35 mm". Empty where there is no number to tell.
func measured(f compliance.Finding) string {
	value, low, high := known(f.Value), known(f.Min), known(f.Max)
	if value != nil && high != nil && *value == 0 && *high == 0 {
		return "" // none of something that there must be none of
	}
	unit := unitOf(f.Unit)
	limits := ""
	switch {
	case low != nil && high != nil && *low == *high:
		limits = number(*low) + unit
	case low != nil && high != nil:
		limits = number(*low) + " to " + number(*high) + unit
	case low != nil:
		limits = "at least " + number(*low) + unit
	case high != nil:
		limits = "at most " + number(*high) + unit
	}
	said := ""
	if value != nil && (limits != "" || f.Unit != "") {
		said = number(*value) + unit
		if limits != "" && len(unit) > 12 { // a long one is told once: "5.3 %, asked: at most 7 % of the way from eyes to chin"
			said = number(*value)
			if strings.HasPrefix(unit, " %") {
				said += " %"
			}
		}
	}
	switch {
	case said == "" && limits == "":
		return ""
	case limits == "":
		return said
	case said == "":
		return "asked: " + limits
	}
	return said + ", asked: " + limits
}

// unitOf is a unit as it is written after a number.
func unitOf(unit string) string {
	switch unit {
	case "":
		return ""
	case "deg":
		return "°"
	case "times":
		return " ×"
	}
	return " " + clean(unit, 60)
}

func known(v *float64) *float64 {
	if v == nil || math.IsNaN(*v) || math.IsInf(*v, 0) {
		return nil
	}
	return v
}

// number as people write it: two digits after the point below ten, one above, none that is a nought, thousands parted.
func number(v float64) string {
	if math.Abs(v) >= 1e15 {
		return strings.Replace(strconv.FormatFloat(v, 'g', 3, 64), "-", "−", 1)
	}
	digits := 1
	if math.Abs(v) < 10 {
		digits = 2
	}
	text := strconv.FormatFloat(math.Abs(v), 'f', digits, 64)
	text = strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
	whole, part, _ := strings.Cut(text, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if part != "" {
		whole += "." + part
	}
	if v < 0 && text != "0" {
		return "−" + whole
	}
	return whole
}

// clean makes one line of a text of at most so many characters: without line ends, without what XML forbids, and without the
// marks that turn the direction of what follows them.
func clean(s string, most int) string {
	if len(s) > 8*most {
		s = s[:8*most]
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case r == unicode.ReplacementChar, r == 0xfffe, r == 0xffff:
			return unicode.ReplacementChar
		case unicode.IsSpace(r), unicode.IsControl(r):
			return ' '
		case unicode.Is(unicode.Bidi_Control, r), unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "�"))
	s = strings.Join(strings.Fields(s), " ")
	if runes := []rune(s); len(runes) > most {
		s = strings.TrimSpace(string(runes[:most-1])) + "…"
	}
	return s
}
