package measure_test

import (
	"encoding/json"
	"image"
	_ "image/jpeg"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/professionalaistudio/studio/edge/portrait/measure"
)

// portrait is one of the sample pictures, whose person does not exist, with the points in testdata.
func portrait(t testing.TB, name string) *canvas {
	t.Helper()
	data, err := os.ReadFile("testdata/portraits.json")
	if err != nil {
		t.Fatal(err)
	}
	var points map[string]measure.Points
	if err := json.Unmarshal(data, &points); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open("../../testdata/" + name + ".jpg")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, _, err := image.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	b := img.Bounds()
	c := &canvas{w: b.Dx(), h: b.Dy(), points: points[name]}
	c.pix, c.alpha = make([]byte, 3*c.w*c.h), make([]byte, c.w*c.h)
	for i := range c.alpha {
		r, g, b, _ := img.At(b.Min.X+i%c.w, b.Min.Y+i/c.w).RGBA()
		c.pix[3*i], c.pix[3*i+1], c.pix[3*i+2] = byte(r>>8), byte(g>>8), byte(b>>8)
	}
	at := func(i int) [2]float64 { return c.points[i] }
	left, right := at(measure.Iris), at(measure.Iris+measure.Right)
	c.at, c.eye = [2]float64{(left[0] + right[0]) / 2, (left[1] + right[1]) / 2}, math.Hypot(right[0]-left[0], right[1]-left[1])
	return c
}

// A drawing knows no pores, no lashes and no stubble. On people as a camera would see them each fault must move its number
// well beyond where the limit stands against the picture without it.
func TestPortraits(t *testing.T) {
	type numbers struct {
		measure.Light
		tone   measure.Tone
		detail measure.Detail
		eyes   measure.Eyes
		grain  measure.Grain
	}
	take := func(c *canvas) numbers {
		s, err := measure.Look(c.picture(), &c.points, nil, measure.Box{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Wipe()
		return numbers{s.Light(), s.Tone(), s.Detail(), s.Eyes(), s.Grain()}
	}
	rng := rand.New(rand.NewPCG(5, 6))
	for name, test := range map[string]struct {
		fault func(*canvas)
		of    func(numbers) measure.Number
		moved func(before, after float64) bool
	}{
		"blur": {func(c *canvas) { c.blur(1.5, 1.5) }, func(n numbers) measure.Number { return n.detail.Edge },
			func(b, a float64) bool { return a > b+2.2 && a > 4.2 }},
		"a movement": {func(c *canvas) { c.blur(2.6, 0) }, func(n numbers) measure.Number { return n.detail.Motion },
			func(b, a float64) bool { return a < b-0.08 && a < 0.62 }},
		"noise": {func(c *canvas) {
			c.each(func(_, _, _ float64, rgb *[3]float64) {
				for k := range rgb {
					rgb[k] += 24 * rng.NormFloat64()
				}
			})
		}, func(n numbers) measure.Number { return n.detail.Noise }, func(b, a float64) bool { return b < 4 && a > 6 }},
		"a beauty filter": {func(c *canvas) {
			soft := c.clone()
			soft.blur(2.5, 2.5)
			for i := range c.alpha {
				x, y := (float64(i%c.w)-c.at[0])/c.eye, (float64(i/c.w)-c.at[1])/c.eye
				if math.Hypot(math.Abs(x)-0.5, y) > 0.38 {
					copy(c.pix[3*i:3*i+3], soft.pix[3*i:])
				}
			}
		}, func(n numbers) measure.Number { return n.detail.Texture }, func(b, a float64) bool { return a < 0.75*b }},
		"a third of the light": {func(c *canvas) { c.lit(func(_, _, _ float64) [3]float64 { return grey(0.33) }) },
			func(n numbers) measure.Number { return n.White }, func(b, a float64) bool { return math.Abs(a/b-0.33) < 0.04 }},
		"fog": {func(c *canvas) {
			c.each(func(_, _, _ float64, rgb *[3]float64) {
				for k := range rgb {
					rgb[k] += 0.6 * (200 - rgb[k])
				}
			})
		}, func(n numbers) measure.Number { return n.Black }, func(b, a float64) bool { return b < 0.2 && a > 0.4 }},
		"a blue light": {func(c *canvas) { c.lit(func(_, _, _ float64) [3]float64 { return [3]float64{0.7, 0.95, 1.6} }) },
			func(n numbers) measure.Number { return n.tone.WhiteB }, func(b, a float64) bool { return a < b-15 }},
		"a magenta light": {func(c *canvas) { c.lit(func(_, _, _ float64) [3]float64 { return [3]float64{1.2, 0.75, 1.2} }) },
			func(n numbers) measure.Number { return n.tone.WhiteA }, func(b, a float64) bool { return a > b+15 }},
		"no colour": {func(c *canvas) {
			c.each(func(_, _, _ float64, rgb *[3]float64) { *rgb = grey((rgb[0] + rgb[1] + rgb[2]) / 3) })
		}, func(n numbers) measure.Number { return n.tone.Chroma }, func(b, a float64) bool { return b > 10 && a < 0.5 }},
		"light from the right": {func(c *canvas) {
			c.lit(func(x, _, _ float64) [3]float64 { return grey(math.Exp(0.8*math.Tanh(3*x)) / 2) })
		}, func(n numbers) measure.Number { return n.Sides }, func(b, a float64) bool { return a < 0.5*b }},
		"a spot of light": {func(c *canvas) {
			c.each(func(x, y, _ float64, rgb *[3]float64) {
				if math.Hypot(x, y-0.45) < 0.16 {
					*rgb = grey(255)
				}
			})
		}, func(n numbers) measure.Number { return n.Hotspot }, func(b, a float64) bool { return b < 0.001 && a > 0.01 }},
		"red eyes": {func(c *canvas) {
			c.each(func(x, y, _ float64, rgb *[3]float64) {
				for side := range 2 {
					at := c.points[measure.Iris+side]
					if math.Hypot(x*c.eye+c.at[0]-at[0], y*c.eye+c.at[1]-at[1]) < 0.06*c.eye {
						*rgb = [3]float64{210, 40, 50}
					}
				}
			})
		}, func(n numbers) measure.Number { return n.eyes.Red }, func(b, a float64) bool { return b < 0.02 && a > 0.08 }},
		"glare": {func(c *canvas) {
			at := c.points[measure.Iris]
			c.each(func(x, y, _ float64, rgb *[3]float64) {
				if math.Hypot((x*c.eye+c.at[0]-at[0])/2, y*c.eye+c.at[1]-at[1]) < 0.06*c.eye {
					*rgb = grey(255)
				}
			})
		}, func(n numbers) measure.Number { return n.eyes.Glare }, func(b, a float64) bool { return b < 0.015 && a > 0.05 }},
		"sixteen levels": {func(c *canvas) {
			c.each(func(_, _, _ float64, rgb *[3]float64) {
				for k := range rgb {
					rgb[k] = math.Round(rgb[k]/17) * 17
				}
			})
		}, func(n numbers) measure.Number { return n.grain.Levels }, func(b, a float64) bool { return b > 150 && a <= 16 }},
	} {
		t.Run(name, func(t *testing.T) {
			for _, who := range []string{"portrait-1", "portrait-2", "portrait-3"} {
				c := portrait(t, who)
				before := test.of(take(c))
				test.fault(c)
				after := test.of(take(c))
				if !before.Known || !after.Known || !test.moved(before.Value, after.Value) {
					t.Errorf("%s: from %.4f to %.4f (known %v %v, %s)", who, before.Value, after.Value, before.Known, after.Known, after.Why)
				}
			}
		})
	}
}

// What the three portraits are: the first smiles, the second is neutral, the third has drawn her mouth down; all look into the
// camera with open eyes and closed mouths.
func TestPortraitsFeatures(t *testing.T) {
	f := map[string]measure.Features{}
	for _, who := range []string{"portrait-1", "portrait-2", "portrait-3"} {
		f[who] = portrait(t, who).points.Measure(1)
		if open := f[who].EyesOpen.Value; open < 0.03 || open > 0.14 {
			t.Errorf("%s: the eyes are open by %.3f", who, open)
		}
		if gap := f[who].MouthOpen.Value; gap > 0.06 {
			t.Errorf("%s: the mouth is open by %.3f", who, gap)
		}
		if gaze := f[who].Gaze.Value; math.Abs(gaze) > 0.12 {
			t.Errorf("%s looks aside by %.3f", who, gaze)
		}
		if chin := f[who].Chin.Value; math.Abs(chin-1.81) > 0.25 {
			t.Errorf("%s: the chin is %.2f eye distances below the eyes", who, chin)
		}
	}
	if one, two, three := f["portrait-1"].Smile.Value, f["portrait-2"].Smile.Value, f["portrait-3"].Smile.Value; one < two+0.01 || two < three-0.02 {
		t.Errorf("corners of the mouths are up by %.3f, %.3f and %.3f", one, two, three)
	}
}
