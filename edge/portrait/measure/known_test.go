package measure_test

import (
	"math"
	"testing"

	"github.com/professionalaistudio/studio/edge/portrait/measure"
)

// An edge that a lens has widened by a known blur is found as wide as that, whatever its contrast: 2.563 σ from 10 to 90 %. A
// wide and faint one has slopes of a few levels, which whole levels make look narrower.
func TestEdgeWidth(t *testing.T) {
	for _, sigma := range []float64{0.8, 1.2, 2, 3} {
		for _, contrast := range []float64{60, 120} {
			c := newPerson().draw()
			c.each(func(x, _, _ float64, rgb *[3]float64) { // an edge between the eyes, slightly slanted, and nothing else
				*rgb = grey(128 - contrast/2*math.Copysign(1, x))
			})
			c = c.turned(9)
			c.blur(sigma, sigma)
			got := everything(t, c.picture(), &c.points, nil, measure.Box{})["Detail.Edge"]
			want := 100 * 2.563 * sigma / c.eye
			slack := 0.12
			if sigma*60/contrast > 2 {
				slack = 0.25
			}
			if !got.Known || math.Abs(got.Value-want) > slack*want {
				t.Errorf("a contrast of %g blurred by %g: %.2f %% of the eye distance (%s), want %.2f", contrast, sigma, got.Value, got.Why, want)
			}
		}
	}
}

// Irises of every natural colour are not red, in white light and in a warm one; pupils that mirror a flash are, the pale too.
func TestRedAndNotRed(t *testing.T) {
	iris := func(rgb [3]float64, warm bool) float64 {
		c := newPerson().draw()
		c.each(func(x, y, _ float64, p *[3]float64) {
			if math.Hypot(math.Abs(x)-0.5, y) < 0.06 {
				*p = rgb
			}
		})
		if warm {
			c.lit(func(_, _, _ float64) [3]float64 { return [3]float64{1.15, 0.9, 0.6} })
		}
		return everything(t, c.picture(), &c.points, nil, measure.Box{})["Eyes.Red"].Value
	}
	for name, rgb := range map[string][3]float64{
		"brown": {107, 68, 35}, "dark brown": {62, 38, 24}, "hazel": {140, 104, 60}, "amber": {184, 104, 42}, "green": {96, 110, 72}, "blue": {98, 126, 160}, "grey": {120, 124, 128},
	} {
		if white, warm := iris(rgb, false), iris(rgb, true); white > 0.02 || warm > 0.02 {
			t.Errorf("%s: %.3f red in white light, %.3f in warm", name, white, warm)
		}
	}
	for name, rgb := range map[string][3]float64{"a flash": {210, 40, 50}, "a weak one": {150, 70, 76}, "a dark one": {110, 30, 30}, "a pale one": {230, 120, 130}} {
		if white, warm := iris(rgb, false), iris(rgb, true); white < 0.08 || warm < 0.08 {
			t.Errorf("%s: %.3f red in white light, %.3f in warm", name, white, warm)
		}
	}
}
