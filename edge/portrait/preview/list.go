package preview

// A colour is sRGB with alpha, 0 to 255, not premultiplied.
type colour struct{ r, g, b, a uint8 }

func (c colour) faint(a uint8) colour { return colour{c.r, c.g, c.b, a} }

var (
	white = colour{255, 255, 255, 255}
	paper = colour{0xfb, 0xfa, 0xf7, 255}
	ink   = colour{0x16, 0x18, 0x1d, 255}
	soft  = colour{0x56, 0x5a, 0x63, 255}
	rule  = colour{0xd9, 0xd6, 0xcc, 255}
	guide = colour{0x0b, 0x5c, 0x8a, 255}
)

// A point of the page, in units from its top left corner.
type point struct{ x, y float64 }

// A box of the page.
type box struct{ x0, y0, x1, y1 float64 }

func (b box) corners() []point {
	return []point{{b.x0, b.y0}, {b.x1, b.y0}, {b.x1, b.y1}, {b.x0, b.y1}}
}

// A page is what is shown: a list of things drawn one upon the other, and the same in words for those who cannot see it.
type page struct {
	width, height float64
	list          []any // of the types below
	picture       box   // where the picture lies
	title, text   string
}

func (p *page) add(ops ...any) { p.list = append(p.list, ops...) }

// What a list is made of. Lengths are units of the page.
type (
	// ground is under all of the page.
	ground struct{ fill colour }

	// photo is where the picture goes.
	photo struct{ at box }

	// area is a filled outline.
	area struct {
		points []point
		fill   colour
	}

	// stroke is a line along points.
	stroke struct {
		points []point
		closed bool
		ink    colour
		width  float64
		dash   []float64 // drawn and left out, in turn; nil: all of it is drawn
	}

	// disc is a circle. fill or ink is not drawn where its alpha is 0.
	disc struct {
		at     point
		radius float64
		fill   colour
		ink    colour
		width  float64
		dash   []float64
	}

	// words are one line of text.
	words struct {
		at    point // where the base line begins; with middle set, where the text is centred
		text  string
		size  float64 // of the em
		width float64 // of the line, by the font's own advances
		bold  bool
		ink   colour
		align align
	}

	// begin opens a group that stands for one thing, which it names; end closes it.
	begin struct{ name string }
	end   struct{}
)

type align int

const (
	fromLeft align = iota
	centred
	fromRight
)
