package preview

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/professionalaistudio/studio/edge/portrait/compliance"
	"github.com/professionalaistudio/studio/edge/portrait/document"
)

// drawn is the figure that a finding makes on a picture of 1000 × 1000 pixels, in its pixels.
func drawn(t *testing.T, f compliance.Finding) *figure {
	t.Helper()
	l := &layout{page: &page{picture: box{0, 0, 1000, 1000}}, unit: 1}
	fig, ok := l.figureOf(f.Rule, f.Place)
	if !ok {
		return nil
	}
	return fig
}

func TestForms(t *testing.T) {
	square := func(x, y, side float64) [][2]float64 {
		return [][2]float64{{x, y}, {x + side, y}, {x + side, y + side}, {x, y + side}}
	}
	oval := make([][2]float64, 26)
	for i := range oval {
		s, c := math.Sincos(float64(i) * math.Pi / 13)
		oval[i] = [2]float64{500 + 200*c, 500 + 280*s}
	}
	for name, test := range map[string]struct {
		rule   string
		points [][2]float64
		form   form
		parts  int
	}{
		"a point":                        {"x", [][2]float64{{100, 100}}, spots, 1},
		"a line":                         {"head.size", [][2]float64{{500, 100}, {500, 700}}, lines, 1},
		"the outline of a face":          {"pose.yaw", oval, regions, 1},
		"both cheeks, one after another": {"face.lighting", append(square(200, 500, 60), square(700, 500, 60)...), regions, 2},
		"a rectangle of eight points": {"x", [][2]float64{{100, 100}, {400, 100}, {700, 100}, {700, 200}, {700, 300}, {400, 300}, {100, 300}, {100, 200}},
			regions, 1},
		"the eyes, from corner to corner": {"eyes.open", [][2]float64{{300, 400}, {400, 400}, {600, 400}, {700, 400}}, lines, 2},
		"the irises":                      {"eyes.gaze", [][2]float64{{350, 400}, {650, 400}}, spots, 1},
		"the brows":                       {"expression", [][2]float64{{300, 300}, {350, 280}, {400, 300}, {600, 300}, {650, 280}, {700, 300}}, lines, 2},
		"the whole picture":               {"bg.colour", square(0, 0, 1000), frame, 1},
		"half of it":                      {"bg.objects", [][2]float64{{0, 0}, {1000, 0}, {1000, 500}, {0, 500}}, regions, 1},
		"one too small for an outline":    {"eyes.red", square(400, 400, 8), spots, 1},
		"both eyes, too small":            {"face.exposure", append(square(400, 400, 8), square(600, 400, 8)...), spots, 1},
	} {
		t.Run(name, func(t *testing.T) {
			f := drawn(t, one(test.rule, compliance.Fail, test.points...))
			if f == nil || f.form != test.form || len(f.parts) != test.parts {
				t.Errorf("%+v, want form %d in %d parts", f, test.form, test.parts)
			}
		})
	}
}

// What lies outside is cut off, and what lies nowhere is not drawn.
func TestBeyondThePicture(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for name, test := range map[string]struct {
		points [][2]float64
		want   *box // nil: nothing is drawn
	}{
		"a line across":        {[][2]float64{{-500, 400}, {1500, 600}}, &box{0, 450, 1000, 550}},
		"a line beside":        {[][2]float64{{-500, 400}, {-100, 600}}, nil},
		"a line past a corner": {[][2]float64{{-10, 100}, {100, -10}}, &box{0, 0, 90, 90}},
		"a line off a corner":  {[][2]float64{{-100, 50}, {50, -100}}, nil},
		"a region on the edge": {[][2]float64{{900, 900}, {1200, 900}, {1200, 1300}, {900, 1300}}, &box{900, 900, 1000, 1000}},
		"a region beyond":      {[][2]float64{{1100, 900}, {1200, 900}, {1200, 1300}}, nil},
		"no numbers":           {[][2]float64{{nan, 5}, {7, nan}}, nil},
		"no points":            {nil, nil},
		"one number":           {[][2]float64{{nan, 5}, {700, 300}}, &box{700, 300, 700, 300}},
		"endless":              {[][2]float64{{-inf, 300}, {inf, 300}}, &box{0, 300, 1000, 300}},
		"huge":                 {[][2]float64{{-1e300, -1e300}, {1e300, -1e300}, {1e300, 1e300}}, &box{0, 0, 1000, 1000}},
	} {
		t.Run(name, func(t *testing.T) {
			f := drawn(t, one("x", compliance.Fail, test.points...))
			switch {
			case test.want == nil && f != nil:
				t.Errorf("drawn at %v, want nothing", f.bounds)
			case test.want != nil && (f == nil || !near(f.bounds, *test.want)):
				t.Errorf("%+v, want it within %v", f, *test.want)
			}
		})
	}
}

func near(a, b box) bool {
	return math.Abs(a.x0-b.x0)+math.Abs(a.y0-b.y0)+math.Abs(a.x1-b.x1)+math.Abs(a.y1-b.y1) <= 4*edge+0.5
}

// A region has as many corners as can be seen, however many it comes with.
func TestThin(t *testing.T) {
	points := make([][2]float64, 100_000)
	for i := range points {
		s, c := math.Sincos(float64(i) * 2 * math.Pi / 100_000 * 7)
		points[i] = [2]float64{500 + 400*c, 500 + 400*s*math.Cos(float64(i))}
	}
	f := drawn(t, one("x", compliance.Fail, points...))
	if len(f.parts) != 1 || len(f.parts[0]) > corners {
		t.Errorf("%d parts, the first of %d points; at most %d", len(f.parts), len(f.parts[0]), corners)
	}
	if b := boundsOf([][]point{f.parts[0][len(f.parts[0])/2:]}); b.x1-b.x0 < 700 { // of half of the points: seven rounds are left of it
		t.Errorf("what is left lies within %v", b)
	}
}

// Findings in one place are one figure with several numbers, as grave as the gravest of them.
func TestOnePlaceIsDrawnOnce(t *testing.T) {
	findings := []compliance.Finding{
		one("bg.uniform", compliance.Warn, [][2]float64{{0, 0}, {400, 0}, {400, 400}, {0, 400}}...),
		one("head.size", compliance.Warn, [2]float64{200, 50}, [2]float64{200, 300}),
		one("bg.colour", compliance.Fail, [][2]float64{{1, 0}, {400, 1}, {399, 400}, {0, 399}}...),
		one("head.margin", compliance.Warn, [2]float64{200.4, 50.2}, [2]float64{200, 300}),
	}
	p := grey(400, 400, 128)
	l := &layout{page: &page{picture: box{0, 0, 1000, 1000}}, unit: 2.5}
	figures, listed, _ := l.sort(p, findings)
	if len(figures) != 2 || len(figures[0].marks) != 2 || len(figures[1].marks) != 2 {
		t.Fatalf("%d figures for two places", len(figures))
	}
	if figures[0].look.word != "Fails" || figures[1].look.word != "Look again" {
		t.Errorf("they look like %q and %q", figures[0].look.word, figures[1].look.word)
	}
	order := ""
	for i, m := range listed {
		order += m.finding.Rule + " "
		if m.number != i+1 {
			t.Errorf("%s has number %d in place %d", m.finding.Rule, m.number, i+1)
		}
	}
	if order != "bg.colour bg.uniform head.size head.margin " {
		t.Errorf("listed as %s: want what fails first", order)
	}
}

// Numbers never lie on one another, on the picture or outside the page, however many there are and wherever they belong.
func TestNumbersKeepApart(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{1, 2, 7, 20, 60, 100} {
		for _, size := range [][2]int{{350, 450}, {800, 300}, {1000, 20}, {20, 1000}} {
			var findings []compliance.Finding
			for range n {
				x, y := rng.Float64()*float64(size[0]), rng.Float64()*float64(size[1])*rng.Float64()
				findings = append(findings, one("x", []compliance.Verdict{compliance.Fail, compliance.Warn}[rng.IntN(2)], [2]float64{x, y}))
			}
			page := pageOf(t, grey(size[0], size[1], 128), findings, Options{})
			var at []point
			listed := false
			for i, op := range page.list {
				if w, ok := op.(words); ok && w.bold && w.size == 30 {
					listed = true // from the heading on, numbers are those of the list
				}
				w, ok := op.(words)
				if !ok || w.align != centred || listed {
					continue
				}
				if _, ok := page.list[i-1].(stroke); ok {
					at = append(at, w.at)
				}
			}
			if len(at) == 0 {
				t.Fatalf("%d findings on %v have no numbers", n, size)
			}
			b := page.picture
			for i, p := range at {
				if p.x-badge < 0 || p.y-badge < 0 || p.x+badge > page.width || p.y+badge > page.height || p.x+badge > b.x0 && p.x-badge < b.x1 && p.y-badge < b.y1 && p.y > b.y0 {
					t.Fatalf("%d findings on %v: a number at %v, the picture at %v, the page %.0f × %.0f", n, size, p, b, page.width, page.height)
				}
				for _, q := range at[:i] {
					if apart(p, q) < 2.3*badge {
						t.Fatalf("%d findings on %v: numbers at %v and %v", n, size, p, q)
					}
				}
			}
		}
	}
}

func TestGuidesOf(t *testing.T) {
	us, ok := document.Find("us-passport")
	if !ok {
		t.Fatal("no us-passport")
	}
	// 50.8 mm on 600 pixels; a head of 25 to 35 mm over a chin at 450; eyes 28 to 35 mm from the bottom.
	g := GuidesOf(us, 600, 600, 450)
	mm := 600 / 50.8
	is := func(name string, s *Span, from, to float64) {
		t.Helper()
		if s == nil || math.Abs(s.From-from) > 8 || math.Abs(s.To-to) > 8 {
			t.Errorf("%s is %v, want about %.0f to %.0f", name, s, from, to)
		}
	}
	is("the top of the head", g.HeadTop, 450-35*mm, 450-25*mm)
	is("the line of the eyes", g.Eyes, 600-35*mm, 600-28*mm)
	is("the chin", g.Chin, 450, 450)
	is("the middle", g.Centre, 270, 330)
	if g := GuidesOf(us, 600, 600, 0); g.HeadTop != nil || g.Chin != nil {
		t.Errorf("without a chin there is a band for the head at %v", g.HeadTop)
	}
	if g := GuidesOf(us, 0, 600, 0); g != nil {
		t.Errorf("of no picture there are guides: %v", g)
	}
}
