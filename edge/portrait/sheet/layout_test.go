package sheet

import (
	"errors"
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// sizes are those of documents.
var sizes = [][2]float64{{35, 45}, {50.8, 50.8}, {50, 70}, {40, 50}, {33, 48}, {26, 32}, {25, 35}, {36, 47}, {12.2, 16.3}, {22, 30}, {38, 46}}

// every does something with sheets of one kind, on every paper at both densities in either style, and with random mixtures.
func every(t *testing.T, random int, do func(t *testing.T, l Layout, o Options)) {
	t.Helper()
	lay := func(p Paper, items []Item, o Options) {
		l, err := Lay(p, items, o)
		if errors.Is(err, ErrDoesNotFit) {
			return
		}
		if err != nil {
			t.Fatalf("%v of %v: %v", p, items, err)
		}
		t.Run(name(l, o), func(t *testing.T) { do(t, l, o) })
	}
	for _, paper := range Papers() {
		for _, size := range sizes {
			for _, o := range []Options{{5, 2, 300, false}, {5, 2, 600, false}, {3, 0, 300, false}} {
				lay(paper, []Item{{size[0], size[1], 0}}, o)
			}
		}
		lay(paper, []Item{{35, 45, 3}}, Usual)
		lay(paper, []Item{{12.2, 16.3, 0}}, Options{Margin: 5, Gap: 2, DPI: 150})
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range random {
		lay(drawn(r))
	}
}

// drawn is a random sheet: any paper, up to five kinds of documents' or of any size, sometimes of the same.
func drawn(r *rand.Rand) (Paper, []Item, Options) {
	p := papers[r.IntN(len(papers))]
	if r.IntN(3) == 0 {
		p = Paper{"any", 60 + math.Round(r.Float64()*1400)/10, 60 + math.Round(r.Float64()*2400)/10}
	}
	items := make([]Item, 1+r.IntN(5))
	for i := range items {
		size := sizes[r.IntN(len(sizes))]
		if r.IntN(4) == 0 {
			size = [2]float64{10 + math.Round(r.Float64()*600)/10, 10 + math.Round(r.Float64()*700)/10}
		}
		items[i] = Item{size[0], size[1], r.IntN(5)}
	}
	o := Options{
		Margin: []float64{0, 3, 5, 5, 7.3}[r.IntN(5)], Gap: []float64{0, 0.5, 1, 2, 2, 5.5}[r.IntN(6)],
		DPI: []float64{150, 300, 300, 600, Vector}[r.IntN(5)],
	}
	return p, items, o
}

func name(l Layout, o Options) string {
	return fmt.Sprintf("%s of %s, margin %g, gap %g at %g dpi", l.Paper.Name, strings.ReplaceAll(fmt.Sprint(l.Items), " ", ","), o.Margin, o.Gap, l.DPI)
}

// What must hold of every sheet.
func TestNothingOverlaps(t *testing.T) {
	mixed := 0
	every(t, 600, func(t *testing.T, l Layout, o Options) {
		if len(l.Items) > 1 {
			mixed++
		}
		exact := func(mm float64) float64 { return mm / 25.4 * l.DPI }
		sheet := image.Rect(0, 0, l.Width, l.Height)
		if math.Abs(float64(l.Width)-exact(l.Paper.Width)) > 0.5 || math.Abs(float64(l.Height)-exact(l.Paper.Height)) > 0.5 {
			t.Errorf("%v is %d × %d pixels", l.Paper, l.Width, l.Height)
		}
		// Photos that are rounded up by half a pixel and touch push one another; with gaps these take it up.
		slack := 1
		if !l.aligned(o) {
			slack = 1 + min(len(l.Tiles), int(max(l.Paper.Width, l.Paper.Height)/10))
		}
		safe := sheet.Inset(int(exact(o.Margin)) - slack)
		clear := l.clearance(o) - 1
		copies := make([]int, len(l.Items))
		for i, tile := range l.Tiles {
			p := l.Photo(tile)
			copies[tile.Item]++
			if item := l.Items[tile.Item]; math.Abs(float64(p.Dx())-exact(item.Width)) > 0.5 || math.Abs(float64(p.Dy())-exact(item.Height)) > 0.5 {
				t.Errorf("%d × %d pixels are not %g × %g mm", p.Dx(), p.Dy(), item.Width, item.Height)
			}
			if !p.In(safe) {
				t.Errorf("the photo %v is in the margin of %v", p, safe)
			}
			for _, other := range l.Tiles[i+1:] {
				if p.Inset(-int(max(exact(o.Gap)-8, exact(o.Gap)/2, 0))).Overlaps(l.Photo(other)) {
					t.Errorf("%v is too close to %v", p, l.Photo(other))
				}
			}
			for _, tick := range l.Ticks {
				if p.Inset(-clear).Overlaps(tick) {
					t.Errorf("the tick %v is in the blocks of the photo %v", tick, p)
				}
			}
			if l.HasBar() && p.Overlaps(l.label.box) {
				t.Errorf("the bar %v is in the photo %v", l.label.box, p)
			}
			if o.Gap > 0 {
				for _, line := range l.Lines {
					if p.Overlaps(line) {
						t.Errorf("the line %v is in the photo %v", line, p)
					}
				}
			}
		}
		for i, item := range l.Items {
			if item.Count > 0 && copies[i] != item.Count || copies[i] == 0 {
				t.Errorf("%d copies of %+v", copies[i], item)
			}
		}
		for _, mark := range append(append([]image.Rectangle{}, l.Ticks...), l.Lines...) {
			if mark.Empty() || !mark.In(sheet) && o.Gap == 0 {
				t.Errorf("a mark at %v on %v", mark, sheet)
			}
		}
		for _, tick := range l.Ticks {
			if !tick.In(sheet) || tick.Overlaps(l.label.box) {
				t.Errorf("a tick at %v, the bar at %v", tick, l.label.box)
			}
		}
		if long := exact(tickLength) - 1; o.Gap > 0 && o.Margin >= 5 && len(l.Ticks) < 8 {
			t.Errorf("%d ticks of %g pixels", len(l.Ticks), long)
		}
		if (o.Margin >= 4 || o.Margin >= 3 && o.Gap == 0) && !l.HasBar() || l.HasBar() && !l.label.box.In(sheet) {
			t.Errorf("the bar is at %v", l.label.box)
		}
	})
	if mixed < 150 {
		t.Errorf("%d mixed sheets were laid out; more were meant to", mixed)
	}
}

// aligned says whether the sheet's gaps have room for photos to start on blocks.
func (l Layout) aligned(o Options) bool { return o.Gap/25.4*l.DPI >= 2*block-0.5 }

// Photos stand in the middle of the sheet.
func TestCentred(t *testing.T) {
	every(t, 100, func(t *testing.T, l Layout, o Options) {
		var all image.Rectangle
		for _, tile := range l.Tiles {
			all = all.Union(l.Photo(tile))
		}
		for _, off := range []int{l.Width - all.Max.X - all.Min.X, l.Height - all.Max.Y - all.Min.Y} {
			if off < -2*block || off > 2*block {
				t.Errorf("%v on %d × %d", all, l.Width, l.Height)
			}
		}
	})
}

func TestTheSameTwice(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 40 {
		p, items, o := drawn(r)
		a, err := Lay(p, items, o)
		b, err2 := Lay(p, items, o)
		if (err == nil) != (err2 == nil) || !reflect.DeepEqual(a.Tiles, b.Tiles) || !reflect.DeepEqual(a.Ticks, b.Ticks) || a.label.box != b.label.box {
			t.Errorf("%v of %v comes out in two ways", p, items)
		}
	}
}

// shelves is what a person would do: rows of one kind after the other, and of the last as many as go.
func shelves(p Paper, items []Item, o Options) (filled int, ok bool) {
	left := p.Height - 2*o.Margin + o.Gap
	for _, item := range items {
		columns, _ := p.grid(item.Width, item.Height, o.Margin, o.Gap)
		rows := 0
		if columns == 0 {
			return 0, false
		}
		if item.Count == 0 {
			rows = along(left, item.Height+o.Gap)
			filled += rows * columns
		} else {
			rows = (item.Count + columns - 1) / columns
		}
		if left -= float64(rows) * (item.Height + o.Gap); left < -1e-9 {
			return 0, false
		}
	}
	return filled, true
}

// No sheet holds less than rows of one kind after the other would, whichever way the paper is turned.
func TestNoWorseThanShelves(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	better, same := 0, 0
	for range 1500 {
		p, items, o := drawn(r)
		for i := range items {
			if items[i].Count = 1 + r.IntN(8); i == len(items)-1 && r.IntN(2) == 0 {
				items[i].Count = 0
			}
		}
		o.DPI = 300
		want, ok := shelves(p, items, o)
		if other, also := shelves(p.turned(), items, o); also && (!ok || other > want) {
			want, ok = other, true
		}
		last := items[len(items)-1]
		if ok && last.Count == 0 && want == 0 {
			continue // nothing of the last goes in: rows alone would leave it out
		}
		l, err := Lay(p, items, o)
		if err != nil {
			if ok {
				t.Errorf("%v of %v with %+v: %v", p, items, o, err)
			}
			continue
		}
		filled := 0
		for _, tile := range l.Tiles {
			if tile.Item == len(items)-1 && last.Count == 0 {
				filled++
			}
		}
		switch {
		case filled < want:
			t.Errorf("%v of %v with %+v: %d fill it, and in rows %d would", p, items, o, filled, want)
		case filled > want || !ok:
			better++
		default:
			same++
		}
	}
	t.Logf("%d sheets hold more than rows do, %d as much", better, same)
}

// Items that fill get as many each; those of one size share rows.
func TestShares(t *testing.T) {
	a4, _ := ParsePaper("a4")
	for _, test := range []struct {
		items []Item
		want  []int
	}{
		{[]Item{{35, 45, 0}}, []int{30}},
		{[]Item{{35, 45, 7}, {35, 45, 0}}, []int{7, 23}},
		{[]Item{{35, 45, 0}, {35, 45, 0}, {35, 45, 0}}, []int{10, 10, 10}},
		{[]Item{{35, 45, 4}, {50.8, 50.8, 4}}, []int{4, 4}},
		{[]Item{{35, 45, 30}}, []int{30}},
	} {
		l, err := Lay(a4, test.items, Usual)
		if err != nil {
			t.Errorf("%v: %v", test.items, err)
			continue
		}
		got := make([]int, len(test.items))
		for _, tile := range l.Tiles {
			got[tile.Item]++
		}
		if !reflect.DeepEqual(got, test.want) {
			t.Errorf("%v: %v copies, want %v", test.items, got, test.want)
		}
		if l.Tiles[0].Item != 0 {
			t.Errorf("%v: the first tile is of item %d", test.items, l.Tiles[0].Item)
		}
	}
	both, err := Lay(a4, []Item{{35, 45, 0}, {50.8, 50.8, 0}}, Usual)
	if err != nil {
		t.Fatal(err)
	}
	got := make([]int, 2)
	for _, tile := range both.Tiles {
		got[tile.Item]++
	}
	if min(got[0], got[1]) < 9 {
		t.Errorf("two that fill an A4 get %v copies, want 9 of each at least", got)
	}
}

// What is rounded up pushes on what stands beside and below it: two photos of 18 mm are 426 pixels high, one of 36 mm is 425.
func TestRoundedUpBeside(t *testing.T) {
	for name, across := range map[string]bool{"across": true, "down": false} {
		tree := tree{
			nodes: []node{{0, 1, 1, across, 1, 2}, {1, 1, 2, across, 3, 4}, {0, 2, 1, across, 3, 4}, {kind: -1}, {kind: -1}},
			sizes: []image.Point{{425, 425}, {213, 213}}, pitch: []image.Point{{425, 425}, {213, 213}}, tiles: make([][]image.Point, 2),
		}
		if !across {
			tree.nodes[1].columns, tree.nodes[1].rows = 2, 1
			tree.nodes[2].columns, tree.nodes[2].rows = 1, 2
		}
		tree.place(0, image.Point{})
		var photos []image.Rectangle
		for kind, places := range tree.tiles {
			for _, p := range places {
				photos = append(photos, image.Rectangle{p, p.Add(tree.sizes[kind])})
			}
		}
		all := image.Rectangle{}
		for i, p := range photos {
			all = all.Union(p)
			for _, q := range photos[i+1:] {
				if p.Overlaps(q) {
					t.Errorf("%s: %v overlaps %v", name, p, q)
				}
			}
		}
		if len(photos) != 5 || tree.bounds != all {
			t.Errorf("%s: %v in %v", name, photos, tree.bounds)
		}
	}
}

func TestBare(t *testing.T) {
	a4, _ := ParsePaper("a4")
	l, err := Fit(a4, 35, 45, Options{Margin: 5, Gap: 2, Bare: true})
	if err != nil || len(l.Tiles) != 30 || len(l.Lines)+len(l.Ticks) != 0 || l.HasBar() {
		t.Errorf("%d photos, %d lines, %d ticks, a bar: %v (%v)", len(l.Tiles), len(l.Lines), len(l.Ticks), l.HasBar(), err)
	}
	if got := len(l.Patches()); got != 30 {
		t.Errorf("%d patches for 30 photos and nothing else", got)
	}
}

func TestLayRefuses(t *testing.T) {
	small, _ := ParsePaper("3r")
	a4, _ := ParsePaper("a4")
	for what, test := range map[string]struct {
		paper Paper
		items []Item
	}{
		"larger than the paper": {small, []Item{{100, 150, 0}}}, "more than go": {a4, []Item{{35, 45, 31}}},
		"two that do not go together": {small, []Item{{50, 70, 2}, {50.8, 50.8, 1}}}, "one that fills and finds no room": {a4, []Item{{35, 45, 30}, {50.8, 50.8, 0}}},
	} {
		if l, err := Lay(test.paper, test.items, Usual); !errors.Is(err, ErrDoesNotFit) {
			t.Errorf("%s: %d photos (%v)", what, len(l.Tiles), err)
		}
	}
	nan := math.NaN()
	one := []Item{{35, 45, 0}}
	for _, o := range []Options{{Margin: -1}, {Margin: 51}, {Margin: nan}, {Gap: -1}, {Gap: 0.1}, {Gap: 51}, {Gap: nan}, {DPI: -300}, {DPI: 72}, {DPI: 9600}, {DPI: nan}} {
		if _, err := Lay(small, one, o); err == nil {
			t.Errorf("%+v is laid out", o)
		}
	}
	for _, items := range [][]Item{nil, make([]Item, 17), {{35, 45, -1}}, {{35, 45, 1000}}, {{9, 45, 0}}, {{35, nan, 0}}, {{35, 501, 0}}} {
		if _, err := Lay(small, items, Usual); err == nil || errors.Is(err, ErrDoesNotFit) {
			t.Errorf("%v: %v", items, err)
		}
	}
	for _, p := range []Paper{{"", 5, 100}, {"", 100, 600}, {"", 480, 480}, {"", nan, 100}} {
		if _, err := Lay(p, one, Usual); !errors.Is(err, ErrPaper) {
			t.Errorf("%v: %v", p, err)
		}
	}
	l, _ := Fit(small, 35, 45, Usual)
	whole := image.Rect(0, 0, l.Width, l.Height)
	if _, err := l.Draw(make([]byte, 12)); err == nil {
		t.Error("a photo of 12 bytes is painted")
	}
	if _, err := l.Draw(); err == nil {
		t.Error("no photo is painted")
	}
	if err := l.Paint(make([]byte, 3*l.Width*l.Height), whole.Add(image.Pt(1, 0)), painted(l)...); err == nil {
		t.Error("what is beside the sheet is painted")
	}
}

func BenchmarkLay(b *testing.B) {
	a4, _ := ParsePaper("a4")
	for name, items := range map[string][]Item{
		"one":   {{35, 45, 0}},
		"mixed": {{35, 45, 4}, {50.8, 50.8, 4}, {26, 32, 0}},
		"fills": {{35, 45, 0}, {50.8, 50.8, 0}, {26, 32, 0}},
		"five":  {{35, 45, 3}, {50.8, 50.8, 3}, {26, 32, 2}, {33, 48, 2}, {40, 50, 0}},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := Lay(a4, items, Usual); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
