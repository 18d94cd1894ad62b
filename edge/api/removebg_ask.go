package api

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/image/colornames"

	"github.com/professionalaistudio/studio/edge/portrait"
	"github.com/professionalaistudio/studio/edge/wire"
)

var (
	noSource = removalFault{"missing_source", "No image given",
		"Please provide the source image in the image_url, image_file or image_file_b64 parameter."}
	manySources = removalFault{"multiple_sources",
		"Multiple image sources given: Please provide either the image_url, image_file or image_file_b64 parameter.", ""}
	manyBackgrounds = removalFault{"multiple_bg_sources",
		"Multiple background sources given: Please provide either the bg_color, the bg_image_url or the bg_image_file parameter.", ""}
)

// removalSizes is how many pixels a result may have. Those that are older names of others are still taken.
var removalSizes = map[string]int64{
	"preview": 250_000, "small": 250_000, "regular": 250_000, "medium": 1_500_000, "hd": 4_000_000,
	"full": 25_000_000, "4k": 25_000_000, "auto": 25_000_000, "50MP": 50_000_000, "50mp": 50_000_000,
}

// largestPNG is how many pixels remove.bg's documentation gives a PNG, whatever the size.
const largestPNG = 10_000_000

// removalRequest reads what is asked for. Everything that is wrong is said at once. level is how fine the type is to be told.
func removalRequest(f *removalForm) (ask portrait.Removal, level string, err error) {
	sources := 0
	for _, given := range []bool{len(f.image) > 0, len(f.encoded) > 0, f.fields["image_url"] != ""} {
		if given {
			sources++
		}
	}
	switch {
	case slices.ContainsFunc(f.faults, func(fault removalFault) bool {
		return fault.Code == manySources.Code || fault.Code == "invalid_"+fieldEncoded
	}):
	case sources == 0 && !slices.ContainsFunc(f.faults, func(fault removalFault) bool { return fault.Code == "invalid_image_url" }):
		f.faults = append(f.faults, noSource)
	case sources > 1:
		f.faults = append(f.faults, manySources)
	case len(f.encoded) > 0:
		f.image = f.encoded
	}
	for _, name := range []string{"image_url", "bg_image_url"} {
		if address := f.fields[name]; address != "" && !webAddress(address) {
			f.fault(name, "")
		}
	}
	size := f.shape(&ask)
	f.place(&ask)
	f.background(&ask)
	f.ignored()
	level = f.choice("type_level", "1", "none", "2", "latest")
	switch kind := f.choice("type", "auto", "person", "product", "car", "animal", "graphic", "graphics", "transportation"); kind {
	case "auto", "person", "":
	default:
		f.faults = append(f.faults, removalFault{"unknown_foreground", "Could not identify foreground in image.",
			"Only people are cut out here. With type=" + kind + " nothing would be found; leave it out, or ask for type=person."})
	}
	if len(f.faults) > 0 {
		return ask, level, f.faults
	}
	ask.MaxPixels, ask.MaxResult = size, size
	opaque := ask.Background != nil && ask.Background.Opacity == 255 || len(f.behind) > 0 || f.fields["bg_image_url"] != ""
	if ask.Format == wire.PNG && !ask.Zip || ask.Format == wire.FormatAuto && !ask.Zip && (ask.Alpha || !opaque) {
		ask.MaxResult = min(size, largestPNG)
	}
	return ask, level, nil
}

// choice is the value of a field that is one of a few, the first where it is not given.
func (f *removalForm) choice(name string, values ...string) string {
	value, given := f.fields[name]
	switch {
	case !given:
		return values[0]
	case slices.Contains(values, value):
		return value
	}
	f.fault(name, "It is none of "+strings.Join(values, ", ")+".")
	return ""
}

// truth is the value of a field that is true or false.
func (f *removalForm) truth(name string) bool {
	switch value, given := f.fields[name]; strings.ToLower(value) {
	case "true", "1":
		return true
	case "false", "0":
	default:
		if given {
			f.fault(name, "It is neither true nor false.")
		}
	}
	return false
}

// shape reads how large the result may be and what it is.
func (f *removalForm) shape(ask *portrait.Removal) (size int64) {
	name, given := f.fields["size"]
	if !given {
		name = "preview"
	}
	if size = removalSizes[name]; size == 0 {
		f.fault("size", "It is none of preview, full, 50MP, auto, medium, hd, and the older small, regular and 4k.")
	}
	switch f.choice("format", "auto", "png", "jpg", "jpeg", "webp", "zip") {
	case "png":
		ask.Format = wire.PNG
	case "jpg", "jpeg":
		ask.Format = wire.JPEG
	case "webp":
		ask.Format = wire.WebP
	case "zip":
		ask.Zip = true
	}
	ask.Alpha = f.choice("channels", "rgba", "alpha") == "alpha"
	return size
}

// place reads what of the picture is looked at, and where in the result it goes.
func (f *removalForm) place(ask *portrait.Removal) {
	if text, given := f.fields["roi"]; given {
		region, ok := parseRegion(text)
		if !ok {
			f.fault("roi", "Write two corners, as in 0% 0% 100% 100% or 10px 10px 300px 200px.")
		}
		ask.Region = region
	}
	ask.Crop = f.truth("crop")
	if text, given := f.fields["crop_margin"]; given {
		margin, ok := parseMargin(text)
		if !ok {
			f.fault("crop_margin", "Write one, two or four of up to 50% or 500px, as in 30px or 10% 5%.")
		}
		ask.Margin = margin
	}
	if text, given := f.fields["scale"]; given {
		scale, ok := parseScale(text)
		if !ok {
			f.fault("scale", "Write original, or 10% to 100%.")
		}
		ask.Scale = scale
	}
	if ask.Scale > 0 {
		ask.Anchor = &portrait.Anchor{X: 0.5, Y: 0.5}
	}
	if text, given := f.fields["position"]; given {
		anchor, ok := parsePosition(text)
		if !ok {
			f.fault("position", "Write original, center, or one or two of 0% to 100%.")
		}
		ask.Anchor = anchor
	}
}

// background reads what is to be behind. A picture is filled in once it is here.
func (f *removalForm) background(ask *portrait.Removal) {
	text, coloured := f.fields["bg_color"]
	given := 0
	for _, is := range []bool{coloured, f.fields["bg_image_url"] != "", len(f.behind) > 0} {
		if is {
			given++
		}
	}
	if given > 1 {
		f.faults = append(f.faults, manyBackgrounds)
	}
	if !coloured {
		return
	}
	colour, opacity, ok := parseColour(text)
	if !ok {
		f.fault("bg_color", "Write 3, 4, 6 or 8 hexadecimal digits or the name of a colour, as in 81d4fa, fff or green.")
	}
	if opacity > 0 {
		ask.Background = &portrait.Backdrop{Colour: colour, Opacity: opacity}
	}
}

// ignored reads what is for other things than people, and changes nothing of them; and shadows, which are not made here.
func (f *removalForm) ignored() {
	f.truth("add_shadow") // of cars
	f.choice("shadow_method", "latest", "legacy")
	if _, given := f.fields["semitransparency"]; given {
		f.truth("semitransparency") // of the windows of cars
	}
	for _, name := range []string{"shadow_type", "shadow_type[person]"} {
		if kind, given := f.fields[name]; given && kind != "none" && (kind != "car" || name != "shadow_type") {
			f.fault(name, "No shadows are made here: leave it out, or ask for none.")
		}
	}
	if text, given := f.fields["shadow_opacity"]; given && text != "auto" {
		if n, err := strconv.ParseUint(text, 10, 8); err != nil || n > 100 {
			f.fault("shadow_opacity", "It is neither auto nor 0 to 100.")
		}
	}
}

// parseLength reads "12.5%" or "30px"; of pixels, 0 needs no unit. It may be negative.
func parseLength(s string) (l portrait.Length, ok bool) {
	number, percent := strings.CutSuffix(s, "%")
	if !percent {
		var pixels bool
		if number, pixels = strings.CutSuffix(s, "px"); !pixels && strings.Trim(s, "0.") != "" {
			return l, false
		}
	}
	if len(number) > 12 || strings.Trim(number, "0123456789.-") != "" { // no exponents, nothing infinite
		return l, false
	}
	v, err := strconv.ParseFloat(number, 64)
	return portrait.Length{Value: v, Percent: percent}, err == nil
}

// parseLengths reads some of them, parted by spaces.
func parseLengths(s string) (all []portrait.Length, ok bool) {
	for word := range strings.FieldsSeq(s) {
		l, ok := parseLength(word)
		if !ok || len(all) == 4 {
			return nil, false
		}
		all = append(all, l)
	}
	return all, len(all) > 0
}

// parseRegion reads "x1 y1 x2 y2".
func parseRegion(s string) (*portrait.Region, bool) {
	l, ok := parseLengths(s)
	if !ok || len(l) != 4 {
		return nil, false
	}
	return &portrait.Region{X1: l[0], Y1: l[1], X2: l[2], Y2: l[3]}, true
}

// parseMargin reads one length for all sides, two for above and below and beside, or four clockwise from above.
func parseMargin(s string) (portrait.Margin, bool) {
	l, ok := parseLengths(s)
	if !ok || len(l) == 3 {
		return portrait.Margin{}, false
	}
	for _, l := range l {
		if most := 500.0; l.Value < 0 || l.Value > most || l.Percent && l.Value > 50 {
			return portrait.Margin{}, false
		}
	}
	switch len(l) {
	case 1:
		return portrait.Margin{Top: l[0], Right: l[0], Bottom: l[0], Left: l[0]}, true
	case 2:
		return portrait.Margin{Top: l[0], Right: l[1], Bottom: l[0], Left: l[1]}, true
	}
	return portrait.Margin{Top: l[0], Right: l[1], Bottom: l[2], Left: l[3]}, true
}

// parseScale reads "original", which is 0, or 10 to 100 per cent.
func parseScale(s string) (float64, bool) {
	if s == "original" {
		return 0, true
	}
	l, ok := parseLength(s)
	if !ok || !l.Percent || l.Value < 10 || l.Value > 100 {
		return 0, false
	}
	return l.Value / 100, true
}

// parsePosition reads "original", which is nil, "center", or per cents across and down.
func parsePosition(s string) (*portrait.Anchor, bool) {
	switch s {
	case "original":
		return nil, true
	case "center":
		return &portrait.Anchor{X: 0.5, Y: 0.5}, true
	}
	l, ok := parseLengths(s)
	if !ok || len(l) > 2 {
		return nil, false
	}
	for _, l := range l {
		if !l.Percent || l.Value < 0 || l.Value > 100 {
			return nil, false
		}
	}
	return &portrait.Anchor{X: l[0].Value / 100, Y: l[len(l)-1].Value / 100}, true
}

// parseColour reads 3, 4, 6 or 8 hexadecimal digits, the last quarter of which is opacity, or a name of CSS.
func parseColour(s string) (c wire.RGB, opacity uint8, ok bool) {
	s = strings.ToLower(strings.TrimPrefix(s, "#"))
	switch s {
	case "transparent":
		return c, 0, true
	case "rebeccapurple": // younger than the list
		return wire.RGB{R: 0x66, G: 0x33, B: 0x99}, 255, true
	}
	if named, known := colornames.Map[s]; known {
		return wire.RGB{R: named.R, G: named.G, B: named.B}, 255, true
	}
	long := s
	if len(s) == 3 || len(s) == 4 {
		long = ""
		for _, digit := range s {
			long += fmt.Sprintf("%c%c", digit, digit)
		}
	}
	if len(long) == 6 {
		long += "ff"
	}
	n, err := strconv.ParseUint(long, 16, 32)
	if err != nil || len(long) != 8 {
		return c, 0, false
	}
	return wire.RGB{R: uint8(n >> 24), G: uint8(n >> 16), B: uint8(n >> 8)}, uint8(n), true
}
