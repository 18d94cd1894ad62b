package measure_test

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/professionalaistudio/studio/edge/portrait/compliance"
	"github.com/professionalaistudio/studio/edge/portrait/document"
	"github.com/professionalaistudio/studio/edge/portrait/measure"
)

// A shot is a drawn capture, and what nets and camera would say of it.
type shot struct {
	person   person
	document string
	capture  *canvas // drawn from person when nil
	made     *canvas // the finished photo; nil: as captured
	backdrop *[3]uint8
	m        compliance.Measurements
}

// plain is a shot that nothing is wrong with.
func plain() *shot {
	taken := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	no := func() *compliance.Score { return &compliance.Score{Value: 0.02, Threshold: 0.5} }
	return &shot{person: newPerson(), document: "ch-passport", m: compliance.Measurements{
		Faces:   &compliance.Faces{},
		Pose:    &compliance.Pose{Yaw: 1, Pitch: -2},
		Traits:  &compliance.Traits{Glasses: no(), Dark: no(), Headwear: no(), Occluded: no(), Smile: no()},
		History: &compliance.History{Taken: taken, Today: taken.AddDate(0, 0, 20), Software: "17.1", Camera: measure.CameraDistance(26, 3000, 4000, 190)},
		Head: &compliance.Head{On: compliance.Output, Width: 35, Height: 45, Head: 31.5, Top: 5.4, Chin: 8.1, Hair: 3.5, HairMeasured: true, Eye: 23.8, EyeMeasured: true,
			EarToEar: 21, Side: 6, SideMeasured: true, RollCapture: 1, Upscale: 0.7},
		File: &compliance.File{Format: "jpg", Width: 413, Height: 531, Bytes: 100_000, Bits: 8, Samples: 3, DPI: 300},
	}}
}

// measured takes every measurement and joins them, as package portrait does: each group of numbers is the same struct there
// and here, or this does not build.
func (s *shot) measured(t testing.TB) map[string]compliance.Finding {
	t.Helper()
	spec, ok := document.Find(s.document)
	if !ok {
		t.Fatalf("no document %s", s.document)
	}
	look := func(c *canvas) *measure.Scene {
		scene, err := measure.Look(c.picture(), &c.points, c.matte(), measure.Box{})
		if err != nil {
			t.Fatal(err)
		}
		return scene
	}
	if s.made == nil {
		s.made = s.capture
	}
	capture, made := look(s.capture), look(s.made)
	defer capture.Wipe()
	defer made.Wipe()
	m := s.m
	m.Features = new(compliance.Features(s.capture.points.Measure(1)))
	m.Light = new(compliance.Light(capture.Light()))
	m.Tone = new(compliance.Tone(capture.Tone()))
	m.Detail = new(compliance.Detail(capture.Detail()))
	m.Eyes = new(compliance.Eyes(capture.Eyes()))
	m.Hair = new(compliance.Hair(capture.Hair()))
	m.Figure, m.Made = new(compliance.Figure(capture.Figure())), new(compliance.Figure(made.Figure()))
	var colours [][3]uint8
	for _, c := range spec.Background {
		colours = append(colours, hex(c.Hex))
	}
	m.Ground, m.GroundOn = new(compliance.Ground(made.Ground(colours...))), compliance.Output
	m.Grain, m.MadeGrain = new(compliance.Grain(capture.Grain())), new(compliance.Grain(made.Grain()))
	if s.backdrop != nil {
		m.Replaced, m.Fringe = true, measure.Fringe(s.made.picture(), s.made.matte(), *s.backdrop)
	}
	m.Unchanged = measure.Changed(s.made.picture(), s.capture.picture(), &s.made.points)
	found := map[string]compliance.Finding{}
	for _, f := range compliance.Check(m, spec) {
		found[f.Rule] = f
	}
	return found
}

func hex(s string) (c [3]uint8) {
	for i := range c {
		for _, d := range s[1+2*i : 3+2*i] {
			c[i] = c[i]<<4 | uint8(strings.IndexRune("0123456789ABCDEF", d))
		}
	}
	return c
}

var drawings = struct {
	sync.Mutex
	of map[person]func() *canvas
}{of: map[person]func() *canvas{}}

// draw the person, once for each; the canvas is the caller's own.
func (s *shot) draw() *canvas {
	drawings.Lock()
	drawn, ok := drawings.of[s.person]
	if !ok {
		drawn = sync.OnceValue(s.person.draw)
		drawings.of[s.person] = drawn
	}
	drawings.Unlock()
	return drawn().clone()
}

// replaced puts the person on a new background, by the matte of the capture.
func replaced(s *shot) {
	s.backdrop = &[3]uint8{0xd9, 0xd9, 0xd9}
	s.made = s.capture.clone()
	for i, a := range s.made.alpha {
		for k := range 3 {
			if p := &s.made.pix[3*i+k]; a < 255 {
				*p = byte((int(*p)*int(a) + int(s.backdrop[k])*(255-int(a)) + 127) / 255)
			}
		}
	}
}

func (c *canvas) clone() *canvas {
	d := *c
	d.pix, d.alpha = slices.Clone(c.pix), slices.Clone(c.alpha)
	return &d
}

func glasses(s *shot) { s.m.Traits.Glasses.Value = 0.97 }

// americanFile is a file as the American visa asks for it, on its white wall.
func americanFile(s *shot) {
	s.m.File = &compliance.File{Format: "jpg", Width: 600, Height: 600, Bytes: 120_000, Bits: 8, Samples: 3, DPI: 300}
	s.person.wall = grey(250)
}

const (
	pass = compliance.Pass
	warn = compliance.Warn
	fail = compliance.Fail
	none = compliance.NotAssessed
)

// hairRules are told by colour, and not at all where something else is as dark.
var hairRules = []string{"eyes.hair", "brows.visible", "face.hair_over"}

// A fault is one thing that is wrong with a photo: the verdict of its rule, and what else must follow from it and why.
type fault struct {
	rule     string
	name     string
	document string        // ch-passport unless said
	base     func(*shot)   // both pictures have this: it is no fault
	person   func(*person) // changed before drawing
	canvas   func(*canvas) // changed on the drawing
	shot     func(*shot)   // changed in what is measured of it
	want     compliance.Verdict
	also     map[string]compliance.Verdict // consequences
	because  string
}

func follows(v compliance.Verdict, rules ...string) map[string]compliance.Verdict {
	m := map[string]compliance.Verdict{}
	for _, r := range rules {
		m[r] = v
	}
	return m
}

func grey(v float64) [3]float64 { return [3]float64{v, v, v} }

var faults = []fault{
	{rule: "file.format", name: "progressive", shot: func(s *shot) { s.m.File.Progressive = true }, want: fail},
	{rule: "file.size", name: "too many bytes", document: "us-visa", base: americanFile, shot: func(s *shot) { s.m.File.Bytes = 900_000 }, want: fail},
	{rule: "file.pixels", name: "too few", shot: func(s *shot) { s.m.File.Width = 400 }, want: fail},
	{rule: "file.dpi", name: "not said", shot: func(s *shot) { s.m.File.DPI = 0 }, want: fail},
	{rule: "file.jpeg_ratio", name: "squeezed", document: "us-visa", base: americanFile, shot: func(s *shot) { s.m.File.Bytes = 50_000 }, want: fail},
	{rule: "file.exif", name: "a position", shot: func(s *shot) { s.m.File.Private = []string{"a GPS position"} }, want: fail},
	{rule: "edit.traces", name: "an editor's name", shot: func(s *shot) { s.m.History.Software = "Adobe Photoshop 25.0" }, want: warn},

	{rule: "eyes.open", name: "one eye closed", person: func(p *person) { p.open = 0.05 }, want: fail,
		also: follows(none, "eyes.gaze"), because: "a closed eye looks nowhere"},
	{rule: "eyes.distance", name: "far away", person: func(p *person) { *p = p.scaled(0.75) }, want: warn},
	{rule: "eyes.gaze", name: "looking aside", person: func(p *person) { p.gaze = 0.11 }, want: fail},
	{rule: "eyes.red", name: "a flash", canvas: func(c *canvas) {
		c.each(func(x, y, _ float64, rgb *[3]float64) {
			if math.Hypot(math.Abs(x)-0.5, y) < 0.05 {
				*rgb = [3]float64{205, 45, 52}
			}
		})
	}, want: fail},
	{rule: "eyes.hair", name: "a strand over an eye", person: func(p *person) { p.strand = true }, want: fail},
	{rule: "brows.visible", name: "a fringe", person: func(p *person) { p.fringe = 0.55 }, want: warn},
	{rule: "glasses.present", name: "where they are not allowed", document: "generic-icao-35x45", shot: glasses, want: fail,
		also: follows(none, hairRules...), because: "a frame is as dark as hair"},
	{rule: "glasses.tint", name: "dark lenses", base: glasses, canvas: func(c *canvas) {
		c.lit(func(x, y, _ float64) [3]float64 {
			if math.Hypot((math.Abs(x)-0.5)/0.36, (y-0.06)/0.28) < 1 {
				return grey(0.25)
			}
			return grey(1)
		})
	}, shot: func(s *shot) { s.m.Traits.Dark.Value = 0.9 }, want: fail},
	{rule: "glasses.glare", name: "a lamp in a lens", base: glasses, canvas: func(c *canvas) {
		c.each(func(x, y, _ float64, rgb *[3]float64) {
			if math.Hypot((x-0.53)/0.12, (y+0.03)/0.05) < 1 {
				*rgb = grey(255)
			}
		})
	}, want: fail},
	{rule: "mouth.closed", name: "open", person: func(p *person) { p.gap = 0.25 }, want: fail},
	{rule: "mouth.smile", name: "a smile", person: func(p *person) { p.lift = 0.2 }, want: warn, base: func(s *shot) { s.m.Traits.Smile = nil }},
	{rule: "mouth.teeth", name: "teeth", person: func(p *person) { p.gap = 0.09 }, canvas: func(c *canvas) {
		c.each(func(x, y, _ float64, rgb *[3]float64) {
			if u := x / mouthHalf; math.Abs(u) < 0.8 && math.Abs(y-1.15) < 0.04*(1-u*u) {
				*rgb = [3]float64{226, 220, 208}
			}
		})
	}, want: fail},
	{rule: "expression", name: "raised brows", person: func(p *person) { p.raise = 0.12 }, want: warn},
	{rule: "ears.visible", name: "behind hair", document: "mx-passport", base: func(s *shot) { s.person.wall = grey(250) },
		person: func(p *person) { p.longHair = true }, want: fail},
	{rule: "face.single", name: "somebody else", shot: func(s *shot) { s.m.Faces = &compliance.Faces{Second: 0.4} }, want: fail},
	{rule: "face.hair_over", name: "a lock over the cheek", person: func(p *person) { p.lock = true }, want: warn},
	{rule: "face.veil_mask", name: "a mask", shot: func(s *shot) { s.m.Traits.Occluded.Value = 0.9 }, want: fail},
	{rule: "head.hat", name: "where it is not allowed", document: "fr-passport", shot: func(s *shot) { s.m.Traits.Headwear.Value = 0.9 }, want: fail,
		also: follows(none, append([]string{"ears.visible"}, hairRules...)...), because: "hair is told by what is seen of it"},

	{rule: "face.exposure", name: "the person in the dark", canvas: func(c *canvas) {
		c.lit(func(_, _, alpha float64) [3]float64 { return grey(1 - 0.86*alpha) })
	}, want: warn},
	{rule: "face.exposure", name: "burnt out", canvas: func(c *canvas) {
		c.lit(func(x, y, _ float64) [3]float64 {
			// The forehead in four spots, none of them large.
			for _, at := range [][2]float64{{-0.45, -0.6}, {-0.15, -0.6}, {0.15, -0.6}, {0.45, -0.6}} {
				if math.Hypot(x-at[0], y-at[1]) < 0.078 {
					return grey(6)
				}
			}
			return grey(1)
		})
	}, want: warn},
	{rule: "face.contrast", name: "a foggy lens", canvas: func(c *canvas) {
		c.each(func(_, _, alpha float64, rgb *[3]float64) {
			for k := range rgb {
				rgb[k] += 0.55 * alpha * (205 - rgb[k])
			}
		})
	}, want: warn, also: follows(none, append([]string{"ears.visible", "face.smooth_filter"}, hairRules...)...), because: "in fog, hair and pores are not told from skin"},
	{rule: "face.lighting", name: "one side a little brighter", canvas: side(1.3), want: warn},
	{rule: "face.shadow", name: "light from one side", canvas: side(2.6), want: fail,
		also: mergedVerdicts(follows(none, hairRules...), follows(warn, "face.lighting")), because: "the dark half is as dark as hair, and the cheeks are lit unlike"},
	{rule: "face.hotspot", name: "a shining nose", canvas: func(c *canvas) {
		c.each(func(x, y, _ float64, rgb *[3]float64) {
			if math.Hypot(x, y-0.35) < 0.11 {
				*rgb = grey(254)
			}
		})
	}, want: warn},
	{rule: "face.colour_cast", name: "a yellow lamp", document: "jp-passport", canvas: func(c *canvas) {
		c.lit(func(_, _, _ float64) [3]float64 { return [3]float64{1.15, 0.9, 0.33} })
	}, want: fail},
	{rule: "face.is_colour", name: "black and white", canvas: func(c *canvas) {
		c.each(func(_, _, _ float64, rgb *[3]float64) { *rgb = grey(0.299*rgb[0] + 0.587*rgb[1] + 0.114*rgb[2]) })
	}, want: fail},
	{rule: "face.blur", name: "out of focus", canvas: func(c *canvas) { c.blur(2.4, 2.4) }, want: fail,
		also: follows(none, "face.smooth_filter"), because: "what is blurred has no texture to miss"},
	{rule: "face.motion_blur", name: "moved sideways", canvas: func(c *canvas) { c.blur(5, 0) }, want: warn,
		also: follows(none, "face.smooth_filter"), because: "what is smeared has no texture to miss"},
	{rule: "face.noise", name: "a dark room", canvas: func(c *canvas) {
		rng := rand.New(rand.NewPCG(3, 4))
		c.each(func(_, _, _ float64, rgb *[3]float64) {
			for k := range rgb {
				rgb[k] += 22 * rng.NormFloat64()
			}
		})
	}, want: warn, also: follows(none, "face.motion_blur"), because: "grain is as fine along a movement as across it"},
	{rule: "face.pixelation", name: "magnified", shot: func(s *shot) { s.m.Head.Upscale = 2.5 }, want: fail},
	{rule: "face.pixelation", name: "a small picture made large", canvas: func(c *canvas) {
		for i := range c.alpha {
			x, y := i%c.w/2*2, i/c.w/2*2
			copy(c.pix[3*i:3*i+3], c.pix[3*(y*c.w+x):])
		}
	}, want: fail},
	{rule: "face.posterised", name: "few levels", canvas: func(c *canvas) {
		c.each(func(_, _, _ float64, rgb *[3]float64) {
			for k := range rgb {
				rgb[k] = math.Round(rgb[k]/7) * 7
			}
		})
	}, want: fail},
	{rule: "face.distortion", name: "an arm's length", shot: func(s *shot) { s.m.History.Camera = measure.CameraDistance(26, 3000, 4000, 480) }, want: fail},
	{rule: "face.smooth_filter", name: "no pores", person: func(p *person) { p.smooth = true }, want: warn},

	{rule: "shoulders.level", name: "one hangs", person: func(p *person) { p.shoulder = 10 }, want: fail},
	{rule: "shoulders.visible", name: "hardly any", person: func(p *person) { p.narrow = 0.4 }, want: fail,
		also: follows(none, "shoulders.level"), because: "there is nothing to be level"},
	{rule: "bg.uniform", name: "a pattern", canvas: behind(func(x, y float64) [3]float64 {
		return grey(1 + 0.3*math.Sin(2*math.Pi*x/0.38)*math.Sin(2*math.Pi*y/0.38))
	}), want: warn},
	{rule: "bg.colour", name: "green", person: func(p *person) { p.wall = [3]float64{200, 226, 196} }, want: fail},
	{rule: "bg.lightness", name: "a grey wall", document: "jp-passport", person: func(p *person) { p.wall = grey(150) }, want: warn},
	{rule: "bg.shadow", name: "beside the head", canvas: behind(func(x, y float64) [3]float64 {
		return grey(1 - 0.5*math.Exp(-((x-1.9)*(x-1.9)+(y+0.2)*(y+0.2))/(2*0.35*0.35)))
	}), want: fail},
	{rule: "bg.objects", name: "a picture on the wall", canvas: func(c *canvas) {
		c.each(func(x, y, alpha float64, rgb *[3]float64) {
			if x < -1.95 && y < -1.6 && alpha == 0 {
				*rgb = [3]float64{120, 90, 60}
			}
		})
	}, want: fail},
	{rule: "bg.contrast", name: "grey hair on grey", person: func(p *person) { p.hair = [3]float64{200, 200, 200} }, want: fail,
		also: follows(none, append([]string{"ears.visible"}, hairRules...)...), because: "light hair is not told from a highlight"},
	{rule: "bg.gradient", name: "a lamp on one side", canvas: behind(func(x, _ float64) [3]float64 { return grey(1 + 0.085*x) }), want: fail},
	{rule: "clothes.match_bg", name: "a shirt like the wall", person: func(p *person) { p.cloth = [3]float64{209, 209, 211} }, want: fail},

	{rule: "matte.holes", name: "a hole in the chest", base: replaced, shot: func(s *shot) {
		s.capture.cut(func(x, y float64) bool { return math.Hypot(x, y-3.1) < 0.16 })
		replaced(s)
	}, want: fail},
	{rule: "matte.fringe", name: "a dark rim", base: replaced, shot: func(s *shot) {
		for i, a := range s.made.alpha {
			if a > 0 && a < 255 {
				copy(s.made.pix[3*i:], []byte{40, 60, 40})
			}
		}
	}, want: fail},
	{rule: "matte.cut_hair", name: "at the top edge", person: func(p *person) { p.at[1] = 180 }, want: fail},
	{rule: "matte.ears_clipped", name: "half an ear", base: replaced, shot: func(s *shot) {
		s.capture.cut(func(x, y float64) bool { return x > 1.22 && y > -0.2 && y < 0.62 })
		replaced(s)
	}, want: fail},
	{rule: "photo.age", name: "a year old", shot: func(s *shot) { s.m.History.Taken = s.m.History.Today.AddDate(-1, 0, 0) }, want: fail},
	{rule: "identity.unchanged", name: "a spot removed", shot: func(s *shot) {
		s.made = s.capture.clone()
		i := 3 * (int(s.made.at[1]+0.9*s.made.eye)*s.made.w + int(s.made.at[0]+0.5*s.made.eye))
		s.made.pix[i] += 9
	}, want: fail},

	{rule: "pose.yaw", name: "turned", shot: func(s *shot) { s.m.Pose.Yaw = 14 }, want: fail},
	{rule: "pose.pitch", name: "lowered", shot: func(s *shot) { s.m.Pose.Pitch = 9 }, want: warn},
	{rule: "pose.roll", name: "tilted", shot: func(s *shot) { s.m.Head.RollCapture = 18 }, want: fail},
	{rule: "head.size", name: "too small", shot: func(s *shot) { s.m.Head.Head = 24 }, want: fail},
	{rule: "head.center", name: "to the right", shot: func(s *shot) { s.m.Head.Axis = 5 }, want: fail},
	{rule: "head.margin", name: "at the top edge", shot: func(s *shot) { s.m.Head.Hair = -1 }, want: fail},
	{rule: "head.width", name: "too wide", document: "nl-passport", base: func(s *shot) { s.m.Head.EarToEar = 18 }, shot: func(s *shot) { s.m.Head.EarToEar = 21.5 }, want: fail},
	{rule: "eye.line", name: "too low", document: "generic-icao-35x45", shot: func(s *shot) { s.m.Head.Eye = 19 }, want: fail},
}

// side lights one half of the person more than the other, softly.
func side(times float64) func(*canvas) {
	return func(c *canvas) {
		c.lit(func(x, _, alpha float64) [3]float64 {
			k := 0.5 + 0.5*math.Tanh(4*x)
			return grey(1 + alpha*(math.Pow(times, -k)-1))
		})
	}
}

// behind lights the wall.
func behind(f func(x, y float64) [3]float64) func(*canvas) {
	return func(c *canvas) {
		c.lit(func(x, y, alpha float64) [3]float64 {
			k := f(x, y)
			for i := range k {
				k[i] = 1 + (1-alpha)*(k[i]-1)
			}
			return k
		})
	}
}

func (c *canvas) cut(in func(x, y float64) bool) {
	for i := range c.alpha {
		if in((float64(i%c.w)+0.5-c.at[0])/c.eye, (float64(i/c.w)+0.5-c.at[1])/c.eye) {
			c.alpha[i] = 0
		}
	}
}

func mergedVerdicts(a, b map[string]compliance.Verdict) map[string]compliance.Verdict {
	m := maps.Clone(a)
	maps.Copy(m, b)
	return m
}

// shoot makes the shot of a fault, or the one without it.
func (f fault) shoot(with bool) *shot {
	s := plain()
	if f.document != "" {
		s.document = f.document
	}
	if f.base != nil && f.capturelessBase() {
		f.base(s)
	}
	if with && f.person != nil {
		f.person(&s.person)
	}
	s.capture = s.draw()
	if f.base != nil && !f.capturelessBase() {
		f.base(s)
	}
	if with && f.canvas != nil {
		f.canvas(s.capture)
	}
	if with && f.shot != nil {
		f.shot(s)
	}
	return s
}

// capturelessBase says that the base is something to draw rather than something done to the drawing.
func (f fault) capturelessBase() bool { return !strings.HasPrefix(f.rule, "matte.") }

// Each rule has two pictures, one that passes and one with that fault put in, and nothing else changes its verdict but what
// follows from it.
func TestFaults(t *testing.T) {
	for _, f := range faults {
		t.Run(f.rule+"/"+f.name, func(t *testing.T) {
			t.Parallel()
			good, bad := f.shoot(false).measured(t), f.shoot(true).measured(t)
			if got := good[f.rule]; got.Verdict != pass {
				t.Errorf("without the fault it is %s: %s", got.Verdict, got.Advice)
			}
			if got := bad[f.rule]; got.Verdict != f.want {
				t.Errorf("it is %s, want %s: %s", got.Verdict, f.want, got.Advice)
			}
			for _, rule := range compliance.Rules() {
				want, follows := f.also[rule]
				switch {
				case rule == f.rule:
				case follows && bad[rule].Verdict != want:
					t.Errorf("%s is %s, but follows as %s: %s", rule, bad[rule].Verdict, want, bad[rule].Advice)
				case !follows && bad[rule].Verdict != good[rule].Verdict:
					t.Errorf("%s turns from %s to %s: %s", rule, good[rule].Verdict, bad[rule].Verdict, bad[rule].Advice)
				}
			}
			if (f.because == "") != (f.also == nil) {
				t.Error("a consequence has a reason")
			}
		})
	}
}

// never are the rules that nothing here judges.
var never = []string{"eyes.contact_lens", "glasses.frame", "face.makeup", "clothes.uniform", "photo.of_photo", "photo.mirror", "child.rules"}

// rows are what a row and what was asked for decide, and no picture.
var rows = []string{"route", "edit.background"}

// Every rule that is judged has its fault.
func TestEveryJudgedRuleHasAFault(t *testing.T) {
	for _, rule := range compliance.Rules() {
		has := slices.ContainsFunc(faults, func(f fault) bool { return f.rule == rule })
		if judged := !slices.Contains(never, rule) && !slices.Contains(rows, rule); has != judged {
			t.Errorf("%s: judged %v, has a fault %v", rule, judged, has)
		}
	}
}

// The shot without a fault passes in every rule that is judged at all.
func TestNothingWrong(t *testing.T) {
	s := plain()
	s.capture = s.draw()
	for rule, f := range s.measured(t) {
		kept := []string{"edit.background", "matte.holes", "matte.fringe", "matte.ears_clipped", "head.width"} // not judged of a kept background, or of this row
		want := pass
		switch {
		case slices.Contains(kept, rule) || slices.Contains(never, rule):
			want = none
		case rule == "route":
			want = warn
		}
		if f.Verdict != want {
			t.Errorf("%s is %s, want %s: %s", rule, f.Verdict, want, f.Advice)
		}
	}
}
