package preview

import (
	"fmt"
	"strings"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// fonts are the two that are drawn with: regular and bold.
var fonts = sync.OnceValues(func() (both [2]*sfnt.Font, err error) {
	for i, ttf := range [][]byte{goregular.TTF, gobold.TTF} {
		if both[i], err = opentype.Parse(ttf); err != nil {
			return both, fmt.Errorf("preview: the font: %w", err)
		}
	}
	return both, nil
})

// A ruler measures text by the fonts' own advances, so that a line has one width on every page. One goroutine's.
type ruler struct {
	fonts [2]*sfnt.Font
	buf   sfnt.Buffer
	seen  [2]map[rune]float64
}

func newRuler() (*ruler, error) {
	both, err := fonts()
	if err != nil {
		return nil, err
	}
	return &ruler{fonts: both, seen: [2]map[rune]float64{{}, {}}}, nil
}

func weight(bold bool) int {
	if bold {
		return 1
	}
	return 0
}

// advance of a character, in ems. One that the font lacks is as wide as the box that stands for it.
func (r *ruler) advance(c rune, bold bool) float64 {
	w := weight(bold)
	if a, ok := r.seen[w][c]; ok {
		return a
	}
	f := r.fonts[w]
	em := fixed.Int26_6(f.UnitsPerEm()) << 6
	i, err := f.GlyphIndex(&r.buf, c)
	if err != nil {
		i = 0
	}
	a, err := f.GlyphAdvance(&r.buf, i, em, font.HintingNone)
	if err != nil {
		a = em / 2
	}
	r.seen[w][c] = float64(a) / float64(em)
	return r.seen[w][c]
}

// width of a line of text.
func (r *ruler) width(text string, size float64, bold bool) float64 {
	sum := 0.0
	for _, c := range text {
		sum += r.advance(c, bold)
	}
	return sum * size
}

// line is a text that fits on one line.
func (r *ruler) line(at point, text string, size float64, bold bool, ink colour, a align) words {
	return words{at, text, size, r.width(text, size, bold), bold, ink, a}
}

// wrap parts a text into lines of at most a width. A word that is wider is cut.
func (r *ruler) wrap(text string, size float64, bold bool, width float64) []string {
	var lines []string
	line, used := "", 0.0
	space := r.advance(' ', bold) * size
	for word := range strings.FieldsSeq(text) {
		w := r.width(word, size, bold)
		if line != "" && used+space+w <= width {
			line, used = line+" "+word, used+space+w
			continue
		}
		if line != "" {
			lines, line, used = append(lines, line), "", 0
		}
		for w > width {
			n, part := 0, 0.0
			for i, c := range word {
				if a := r.advance(c, bold) * size; i == 0 || part+a <= width {
					n, part = i+len(string(c)), part+a
				} else {
					break
				}
			}
			lines, word, w = append(lines, word[:n]), word[n:], r.width(word[n:], size, bold)
		}
		line, used = word, w
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}
