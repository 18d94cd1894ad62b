package wire

import "strings"

// The options of a document photo. A document's rules leave nothing open but what these say: size, quality, metadata and
// all else are its own. So an option that would make another picture is refused beside document, and named.

// ModeCrop is the document photo that is turned, scaled and cut, and in which nothing is replaced.
const ModeCrop = "crop"

// What may be asked of a sheet.
const (
	MaxCopies = 999
	MinGap    = 0.5 // mm, or 0
	MaxGap    = 50
)

// A Head is where a head is, in pixels of the upright picture from its top left corner. The crown is the top that the
// document counts.
type Head struct {
	CrownX float64 `json:"crown_x"`
	CrownY float64 `json:"crown_y"`
	ChinX  float64 `json:"chin_x"`
	ChinY  float64 `json:"chin_y"`
}

func (o *Options) setMode(args []string) *OptionError {
	if args[0] != ModeCrop {
		return bad(args[0], "is not "+ModeCrop)
	}
	o.Mode = ModeCrop
	return nil
}

func (o *Options) setHead(args []string) *OptionError {
	if len(args) != 4 {
		return bad(strings.Join(args, ":"), "is not four numbers: crownX:crownY:chinX:chinY")
	}
	var h Head
	for i, to := range []*float64{&h.CrownX, &h.CrownY, &h.ChinX, &h.ChinY} {
		if err := number(to, args[i], 0, MaxDimension); err != nil {
			return err
		}
	}
	o.Head = &h
	return nil
}

// setSheet reads a paper, by its name or its sides, how many copies are on it, and how far apart. What is left out of an option that
// comes twice stays as it was.
func (o *Options) setSheet(args []string) *OptionError {
	if err := word(&o.Sheet, strings.ToLower(args[0])); err != nil {
		return err
	}
	if len(args) > 1 {
		if err := whole(&o.Copies, args[1], MaxCopies); err != nil {
			return err
		}
	}
	if len(args) > 2 {
		var gap float64
		if err := number(&gap, args[2], 0, MaxGap); err != nil {
			return err
		}
		if gap != 0 && gap < MinGap {
			return bad(args[2], "is neither 0 nor 0.5 or more millimetres")
		}
		o.Gap = &gap
	}
	return nil
}

// word reads an id: of a document, or of a paper.
func word(to *string, s string) *OptionError {
	const most = 64
	if s == "" || len(s) > most || strings.ContainsFunc(s, func(r rune) bool {
		return r != '-' && r != '.' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}) {
		return bad(s, "is not a name of letters, digits, dots and hyphens")
	}
	*to = s
	return nil
}

// agree refuses options that contradict one another. text is what they were read from, so that the error can name the
// one to leave out as it was written.
func (o *Options) agree(text string) error {
	if o.Document == "" {
		return o.alone(text)
	}
	if mask := o.contrary(); mask != 0 {
		return o.written(text, "makes another picture than the document asks for: leave it out", func(one Options) bool { return one.contrary()&mask != 0 })
	}
	if o.Mode == ModeCrop && o.Background != nil {
		return o.written(text, "cannot be had with mode:"+ModeCrop+", which replaces nothing", func(one Options) bool { return one.Background != nil })
	}
	// How a size is met says nothing where no size is given; some clients always write it.
	o.Resize, o.Enlarge, o.Gravity, o.ExtendGravity = Fit, false, Gravity{}, Gravity{}
	return nil
}

// alone refuses what is said of a document photo where there is none.
func (o *Options) alone(text string) error {
	const reason = "is of a document photo: name its document as well"
	switch {
	case o.Format == JSON, o.Format == PDF:
		return o.written(text, reason, func(one Options) bool { return one.Format == o.Format })
	case o.Mode != "":
		return o.written(text, reason, func(one Options) bool { return one.Mode != "" })
	case o.Head != nil:
		return o.written(text, reason, func(one Options) bool { return one.Head != nil })
	case o.Sheet != "":
		return o.written(text, reason, func(one Options) bool { return one.Sheet != "" })
	}
	return nil
}

// contrary marks what would make another picture than the one a document's rules make.
func (o *Options) contrary() (mask uint) {
	for i, asked := range [...]bool{
		o.Width != 0, o.Height != 0, o.Extend, o.Crop != nil, o.Rotate != 0, o.Quality != 0, o.Matte,
		o.Blur != 0, o.Sharpen != 0, !o.StripMetadata, !o.AutoRotate,
	} {
		if asked {
			mask |= 1 << i
		}
	}
	return mask
}

// written is the refusal of the last option in text that, read by itself, is the one looked for. Where none is, it was the
// extension behind the source, which only a format can be.
func (o *Options) written(text, reason string, is func(Options) bool) error {
	refused := &OptionError{"extension", o.Format.String(), reason}
	for segment := range strings.SplitSeq(strings.Trim(text, "/"), "/") {
		one := DefaultOptions()
		if one.apply(segment) == nil && is(one) {
			name, value, _ := strings.Cut(segment, ":")
			refused.Option, refused.Value = name, shorten(value)
		}
	}
	return refused
}
