package measure_test

import (
	"fmt"
	"maps"
	"math"
	"strings"
	"testing"

	"github.com/professionalaistudio/studio/edge/portrait/compliance"
)

// The ten tones of the Monk Skin Tone scale (Monk, 2019), lightest first, as it publishes them.
var monk = [...]string{"#F6EDE4", "#F3E7DB", "#F7EAD0", "#EADABA", "#D7BD96", "#A07E56", "#825C43", "#604134", "#3A312A", "#292420"}

// toned is the plain shot with another skin. Light hair goes with dark skin, so that hair can still be told from it.
func toned(tone string) *shot {
	s := plain()
	c := hex(tone)
	s.person.skin = [3]float64{float64(c[0]), float64(c[1]), float64(c[2])}
	if c[0] < 0x70 {
		s.person.hair = [3]float64{12, 11, 11}
	}
	s.person.brows = s.person.hair
	return s
}

// Skin tone decides nothing: what the light does to the picture has one verdict in all ten groups, whichever it is.
func TestSkinToneDecidesNothing(t *testing.T) {
	rules := []string{"face.exposure", "face.contrast", "face.lighting", "face.shadow", "face.hotspot", "face.colour_cast", "face.is_colour", "face.blur",
		"face.motion_blur", "face.noise", "face.posterised", "eyes.red", "mouth.teeth", "face.smooth_filter"}
	all := func(v compliance.Verdict) map[string]compliance.Verdict {
		m := map[string]compliance.Verdict{}
		for _, r := range rules {
			m[r] = v
		}
		return m
	}
	with := func(changes ...any) map[string]compliance.Verdict {
		m := all(pass)
		for i := 0; i < len(changes); i += 2 {
			m[changes[i].(string)] = changes[i+1].(compliance.Verdict)
		}
		return m
	}
	dim := func(k float64) func(*canvas) {
		return func(c *canvas) { c.lit(func(_, _, _ float64) [3]float64 { return grey(k) }) }
	}
	for _, test := range []struct {
		name  string
		fault func(*canvas)
		want  map[string]compliance.Verdict
	}{
		{"as it is", func(*canvas) {}, with()},
		{"half of the light", dim(0.5), with()},
		{"a sixth of the light", dim(0.15), with("face.exposure", warn)},
		{"a twentieth of the light", dim(0.05), with("face.exposure", fail)},
		{"a yellow lamp", func(c *canvas) {
			c.lit(func(_, _, _ float64) [3]float64 { return [3]float64{1, 0.8, 0.28} })
		}, with("face.colour_cast", fail)},
		{"light from one side", side(2.8), with("face.shadow", fail, "face.lighting", warn)},
		{"out of focus", func(c *canvas) { c.blur(3, 3) }, with("face.blur", fail, "face.smooth_filter", none)},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var table strings.Builder
			for i, tone := range monk {
				s := toned(tone)
				s.capture = s.draw()
				test.fault(s.capture)
				found := s.measured(t)
				got := map[string]compliance.Verdict{}
				for _, r := range rules {
					got[r] = found[r].Verdict
				}
				number := func(rule string) float64 {
					if v := found[rule].Value; v != nil {
						return *v
					}
					return math.NaN()
				}
				fmt.Fprintf(&table, "tone %2d: exposure %.1f %s, contrast %.1f, sides %.2f, cast %.1f, edge %.2f, chroma %.1f\n", i+1, number("face.exposure"),
					got["face.exposure"], number("face.contrast"), number("face.shadow"), number("face.colour_cast"), number("face.blur"), number("face.is_colour"))
				if !maps.Equal(got, test.want) {
					for _, r := range rules {
						if got[r] != test.want[r] {
							t.Errorf("tone %d (%s): %s is %s, want %s: %s", i+1, tone, r, got[r], test.want[r], found[r].Advice)
						}
					}
				}
			}
			t.Log("\n" + table.String())
		})
	}
}
