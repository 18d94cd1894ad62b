package wire

import (
	"encoding/base64"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// An option is one word of the grammar: its names, how many arguments it takes at most, and what it sets.
type option struct {
	names []string
	most  int
	set   func(*Options, []string) *OptionError
}

// grammar is every option we know. Whatever is not here is refused: an option that is silently ignored would
// answer another picture than the one asked for.
var grammar = []option{
	{[]string{"resize", "rs"}, 8, (*Options).setResize},
	{[]string{"size", "s"}, 7, (*Options).setSize},
	{[]string{"resizing_type", "rt"}, 1, (*Options).setResizeType},
	{[]string{"width", "w"}, 1, func(o *Options, a []string) *OptionError { return dimension(&o.Width, a[0]) }},
	{[]string{"height", "h"}, 1, func(o *Options, a []string) *OptionError { return dimension(&o.Height, a[0]) }},
	{[]string{"enlarge", "el"}, 1, func(o *Options, a []string) *OptionError { return boolean(&o.Enlarge, a[0]) }},
	{[]string{"extend", "ex"}, 4, (*Options).setExtend},
	{[]string{"crop", "c"}, 5, (*Options).setCrop},
	{[]string{"gravity", "g"}, 3, func(o *Options, a []string) *OptionError { return gravity(&o.Gravity, a, true) }},
	{[]string{"rotate", "rot"}, 1, (*Options).setRotate},
	{[]string{"quality", "q"}, 1, func(o *Options, a []string) *OptionError { return whole(&o.Quality, a[0], 100) }},
	{[]string{"format", "f", "ext"}, 1, (*Options).setFormat},
	// imgproxy has no such options, so there are no short forms of its that we could share, and one of ours might be its next.
	{[]string{"matte"}, 1, func(o *Options, a []string) *OptionError { return boolean(&o.Matte, a[0]) }},
	{[]string{"document"}, 1, func(o *Options, a []string) *OptionError { return word(&o.Document, a[0]) }},
	{[]string{"mode"}, 1, (*Options).setMode},
	{[]string{"head"}, 4, (*Options).setHead},
	{[]string{"sheet"}, 3, (*Options).setSheet},
	{[]string{"background", "bg"}, 3, (*Options).setBackground},
	{[]string{"blur", "bl"}, 1, func(o *Options, a []string) *OptionError { return number(&o.Blur, a[0], 0, MaxBlur) }},
	{[]string{"sharpen", "sh"}, 1, func(o *Options, a []string) *OptionError { return number(&o.Sharpen, a[0], 0, MaxSharpen) }},
	{[]string{"strip_metadata", "sm"}, 1, func(o *Options, a []string) *OptionError { return boolean(&o.StripMetadata, a[0]) }},
	{[]string{"auto_rotate", "ar"}, 1, func(o *Options, a []string) *OptionError { return boolean(&o.AutoRotate, a[0]) }},
	{[]string{"cachebuster", "cb"}, 1, func(o *Options, a []string) *OptionError { o.CacheBuster = a[0]; return nil }},
	{[]string{"expires", "exp"}, 1, (*Options).setExpires},
	{[]string{"filename", "fn"}, 2, (*Options).setFilename},
}

var byName = func() map[string]*option {
	index := make(map[string]*option)
	for i := range grammar {
		for _, name := range grammar[i].names {
			index[name] = &grammar[i]
		}
	}
	return index
}()

// OptionNames lists every option, its long name first.
func OptionNames() [][]string {
	names := make([][]string, len(grammar))
	for i := range grammar {
		names[i] = append([]string(nil), grammar[i].names...)
	}
	return names
}

// ParsePath reads options and source of a signed path, which begins with a slash. A segment without a colon ends
// the options and starts the source. The error is an *OptionError.
func ParsePath(path string) (Options, error) {
	rest, ok := strings.CutPrefix(path, "/")
	if !ok {
		return Options{}, badSource("is missing")
	}
	o := DefaultOptions()
	for first := true; ; first = false {
		segment, after, more := strings.Cut(rest, "/")
		if !strings.Contains(segment, ":") {
			if first && isResizeType(segment) {
				return Options{}, &OptionError{segment, "", "looks like the basic URL form, which imgproxy gave up: write resize:" + segment}
			}
			break
		}
		if err := o.apply(segment); err != nil {
			return Options{}, err
		}
		if !more {
			return Options{}, badSource("is missing")
		}
		rest = after
	}
	source, extension, err := decodeSource(rest)
	if err != nil {
		return Options{}, err
	}
	if extension != "" {
		if err := o.apply("format:" + extension); err != nil {
			return Options{}, &OptionError{"extension", shorten(extension), "is not the name of a picture format"}
		}
	}
	o.Source = source
	if err := o.agree(strings.TrimSuffix(path[1:], rest)); err != nil {
		return Options{}, err
	}
	return o, nil
}

// ParseOptions reads options that have no source with them, such as "rs:fit:300:300/q:80". None at all are the
// defaults. The error is an *OptionError.
func ParseOptions(s string) (Options, error) {
	o := DefaultOptions()
	s = strings.ReplaceAll(strings.Trim(s, "/"), "%3A", ":")
	if s == "" {
		return o, nil
	}
	for segment := range strings.SplitSeq(s, "/") {
		if !strings.Contains(segment, ":") {
			return Options{}, &OptionError{shorten(segment), "", "has no argument"}
		}
		if err := o.apply(segment); err != nil {
			return Options{}, err
		}
	}
	if err := o.agree(s); err != nil {
		return Options{}, err
	}
	return o, nil
}

// apply reads one option; a later one of the same name wins over an earlier.
func (o *Options) apply(segment string) error {
	name, rest, _ := strings.Cut(segment, ":")
	known := byName[name]
	if known == nil {
		return &OptionError{shorten(name), "", "is not one that we know"}
	}
	args := strings.Split(rest, ":")
	if len(args) > known.most {
		return &OptionError{name, shorten(rest), "has more arguments than the " + strconv.Itoa(known.most) + " it may have"}
	}
	if err := known.set(o, args); err != nil {
		err.Option = name
		return err
	}
	return nil
}

func (o *Options) setResize(args []string) *OptionError {
	if args[0] != "" {
		if err := o.setResizeType(args[:1]); err != nil {
			return err
		}
	}
	return o.setSize(args[1:])
}

// setSize keeps what an empty argument leaves out.
func (o *Options) setSize(args []string) *OptionError {
	for i, arg := range args[:min(len(args), 3)] {
		if arg == "" {
			continue
		}
		var err *OptionError
		switch i {
		case 0:
			err = dimension(&o.Width, arg)
		case 1:
			err = dimension(&o.Height, arg)
		case 2:
			err = boolean(&o.Enlarge, arg)
		}
		if err != nil {
			return err
		}
	}
	switch {
	case len(args) < 4:
		return nil
	case args[3] != "":
		return o.setExtend(args[3:])
	case len(args) > 4:
		return gravity(&o.ExtendGravity, args[4:], false)
	}
	return nil
}

func (o *Options) setResizeType(args []string) *OptionError {
	if o.Resize.UnmarshalText([]byte(args[0])) != nil {
		return bad(args[0], "is none of "+strings.Join(resizeTypes[:], ", "))
	}
	return nil
}

func isResizeType(s string) bool { return new(ResizeType).UnmarshalText([]byte(s)) == nil }

func (o *Options) setExtend(args []string) *OptionError {
	if err := boolean(&o.Extend, args[0]); err != nil {
		return err
	}
	if len(args) > 1 {
		return gravity(&o.ExtendGravity, args[1:], false)
	}
	return nil
}

func (o *Options) setCrop(args []string) *OptionError {
	var c Crop
	if o.Crop != nil {
		c = *o.Crop
	}
	if err := number(&c.W, args[0], 0, MaxDimension); err != nil {
		return err
	}
	if len(args) > 1 {
		if err := number(&c.H, args[1], 0, MaxDimension); err != nil {
			return err
		}
	}
	if len(args) > 2 {
		var g Gravity
		if c.Gravity != nil {
			g = *c.Gravity
		}
		if err := gravity(&g, args[2:], true); err != nil {
			return err
		}
		c.Gravity = &g
	}
	o.Crop = &c
	return nil
}

func (o *Options) setRotate(args []string) *OptionError {
	n, err := strconv.Atoi(args[0])
	if err != nil || n%90 != 0 {
		return bad(args[0], "is not a multiple of 90")
	}
	o.Rotate = (n%360 + 360) % 360
	return nil
}

func (o *Options) setFormat(args []string) *OptionError {
	f, ok := ParseFormat(args[0])
	if !ok {
		return bad(args[0], "is not the name of a picture format")
	}
	o.Format = f
	return nil
}

func (o *Options) setBackground(args []string) *OptionError {
	value := strings.Join(args, ":")
	if value == "" {
		o.Background = nil
		return nil
	}
	c, err := ParseRGB(value)
	if err != nil {
		return bad(value, "is not a colour: write fff, ffffff or 255:255:255")
	}
	o.Background = &c
	return nil
}

func (o *Options) setExpires(args []string) *OptionError {
	n, err := strconv.ParseInt(args[0], 10, 64)
	if err != nil || n < 0 {
		return bad(args[0], "is not a time in seconds since 1970")
	}
	o.Expires = n
	return nil
}

// setFilename keeps a name that a header can carry on one line and a file system takes as one name.
func (o *Options) setFilename(args []string) *OptionError {
	file := args[0]
	if len(args) > 1 {
		var encoded bool
		if err := boolean(&encoded, args[1]); err != nil {
			return err
		}
		if encoded {
			decoded, err := decodeBase64(file)
			if err != nil {
				return bad(file, "is not base64url")
			}
			file = decoded
		}
	}
	if file == "" || len(file) > 255 || !utf8.ValidString(file) ||
		strings.ContainsFunc(file, func(r rune) bool { return unicode.IsControl(r) || r == '/' || r == '\\' }) {
		return bad(file, "is not a file name")
	}
	o.Filename = file
	return nil
}

// gravity reads kind, x and y. An offset that is left out keeps what was set before, as in imgproxy.
func gravity(to *Gravity, args []string, smart bool) *OptionError {
	g := *to
	if g.Kind.UnmarshalText([]byte(args[0])) != nil {
		return bad(args[0], "is none of "+strings.Join(gravityKinds[:], ", "))
	}
	least, most := -float64(MaxDimension), float64(MaxDimension)
	switch {
	case g.Kind == Smart && !smart:
		return bad(args[0], "cannot place a picture on its canvas")
	case g.Kind == Smart:
		if len(args) > 1 {
			return bad(args[1], "is an offset, and sm takes none")
		}
		g.X, g.Y = 0, 0
	case g.Kind == FocusPoint:
		if len(args) != 3 {
			return bad(args[0], "needs x and y")
		}
		least, most = 0, 1
	}
	for i, arg := range args[1:] {
		if err := number([]*float64{&g.X, &g.Y}[i], arg, least, most); err != nil {
			return err
		}
	}
	*to = g
	return nil
}

func dimension(to *int, s string) *OptionError { return whole(to, s, MaxDimension) }

func whole(to *int, s string, most int) *OptionError {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > most {
		return bad(s, "is not a whole number from 0 to "+strconv.Itoa(most))
	}
	*to = n
	return nil
}

func number(to *float64, s string, least, most float64) *OptionError {
	n, err := strconv.ParseFloat(s, 64)
	if strings.ContainsAny(s, "xX_") || err != nil || !(n >= least && n <= most) { // which is false for NaN
		return bad(s, "is not a number from "+strconv.FormatFloat(least, 'f', -1, 64)+" to "+strconv.FormatFloat(most, 'f', -1, 64))
	}
	*to = n + 0 // which takes the sign from a zero
	return nil
}

// boolean takes the spellings that imgproxy takes. It reads any other as false; we would rather be asked again.
func boolean(to *bool, s string) *OptionError {
	switch s {
	case "1", "t", "T", "true", "TRUE", "True":
		*to = true
	case "0", "f", "F", "false", "FALSE", "False":
		*to = false
	default:
		return bad(s, "is neither true nor false: write 1 or 0")
	}
	return nil
}

func bad(value, reason string) *OptionError {
	if value == "" {
		return &OptionError{Reason: "has an empty argument, which " + reason}
	}
	return &OptionError{Value: shorten(value), Reason: reason}
}

func decodeBase64(s string) (string, error) {
	if i := strings.IndexAny(s, "\r\n"); i >= 0 { // which the decoder would skip
		return "", base64.CorruptInputError(i)
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(strings.TrimRight(s, "="))
	return string(b), err
}
