package portrait

import (
	"math"
	"strconv"
	"strings"
)

// A Head is where the head is, by two points in pixels of the upright picture, measured from its top left corner. The crown
// is the top that the document counts: of the hair or of the skull (document.HeadTop).
type Head struct{ CrownX, CrownY, ChinX, ChinY float64 }

// ParseHead reads "crownX,crownY,chinX,chinY".
func ParseHead(s string) (Head, error) {
	parts := strings.Split(s, ",")
	if len(parts) != 4 || len(s) > 200 {
		return Head{}, badHead(HeadMalformed, "it must be four numbers, crownX,crownY,chinX,chinY")
	}
	var v [4]float64
	for i, p := range parts {
		p = strings.TrimSpace(p)
		if strings.ContainsAny(p, "xXpP_") { // hexadecimal and 1_000, which Go reads and nobody means
			return Head{}, badHead(HeadMalformed, "%q is not a number", p)
		}
		n, err := strconv.ParseFloat(p, 64)
		if err != nil && !math.IsInf(n, 0) {
			return Head{}, badHead(HeadMalformed, "%q is not a number", p)
		}
		v[i] = n
	}
	h := Head{v[0], v[1], v[2], v[3]}
	return h, h.finite()
}

// String is what ParseHead reads.
func (h Head) String() string {
	var b []byte
	for i, v := range []float64{h.CrownX, h.CrownY, h.ChinX, h.ChinY} {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendFloat(b, v, 'g', -1, 64)
	}
	return string(b)
}

// Limits of what is taken for a head.
const (
	leastHead = 16.0 // pixels: below that there is no face to speak of
	mostTilt  = 45.0 // degrees: beyond that the picture lies on its side
)

// finite refuses what no picture is needed to refuse.
func (h Head) finite() error {
	for _, v := range []float64{h.CrownX, h.CrownY, h.ChinX, h.ChinY} {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return badHead(HeadNotFinite, "crown and chin must be numbers")
		}
	}
	return nil
}

// check says whether this can be a head in an upright picture of this size.
func (h Head) check(width, height int) error {
	if err := h.finite(); err != nil {
		return err
	}
	inside := func(x, y float64) bool { return x >= 0 && y >= 0 && x <= float64(width) && y <= float64(height) }
	switch {
	case !inside(h.CrownX, h.CrownY):
		return badHead(HeadOutside, "the crown is not in the picture of %d × %d pixels", width, height)
	case !inside(h.ChinX, h.ChinY):
		return badHead(HeadOutside, "the chin is not in the picture of %d × %d pixels", width, height)
	}
	return h.usable()
}

// usable says whether a photo can be made of a head that lies anywhere.
func (h Head) usable() error {
	switch {
	case h.length() < leastHead:
		return badHead(HeadSmall, "crown and chin are %.0f pixels apart, at least %.0f are needed", h.length(), leastHead)
	case math.Abs(h.tilt()) > mostTilt:
		return badHead(HeadUpsideDown, "the crown must be above the chin: turn the picture upright")
	}
	return nil
}

// length from crown to chin in pixels.
func (h Head) length() float64 { return math.Hypot(h.ChinX-h.CrownX, h.ChinY-h.CrownY) }

// tilt in degrees, clockwise as one looks at the picture: 0 when the crown is straight above the chin.
func (h Head) tilt() float64 {
	return math.Atan2(h.CrownX-h.ChinX, h.ChinY-h.CrownY) * 180 / math.Pi
}
