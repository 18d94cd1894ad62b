package wire

import (
	"encoding/base64"
	"strconv"
	"strings"
)

// String writes the options, without the source, in one form: ParseOptions reads it back to the same options, and
// options that mean the same are written the same.
func (o Options) String() string {
	def := DefaultOptions()
	var b strings.Builder
	put := func(name string, args ...string) {
		if b.Len() > 0 {
			b.WriteByte('/')
		}
		b.WriteString(name)
		for _, arg := range args {
			b.WriteByte(':')
			b.WriteString(arg)
		}
	}
	if o.Resize != def.Resize || o.Width != 0 || o.Height != 0 || o.Enlarge {
		put("rs", o.Resize.String(), strconv.Itoa(o.Width), strconv.Itoa(o.Height), bit(o.Enlarge))
	}
	if o.Extend || o.ExtendGravity != def.ExtendGravity {
		put("ex", append([]string{bit(o.Extend)}, o.ExtendGravity.args()...)...)
	}
	if o.Gravity != def.Gravity {
		put("g", o.Gravity.args()...)
	}
	if o.Crop != nil {
		args := []string{decimal(o.Crop.W), decimal(o.Crop.H)}
		if o.Crop.Gravity != nil {
			args = append(args, o.Crop.Gravity.args()...)
		}
		put("c", args...)
	}
	if o.Rotate != 0 {
		put("rot", strconv.Itoa(o.Rotate))
	}
	if o.Quality != 0 {
		put("q", strconv.Itoa(o.Quality))
	}
	if o.Format != FormatAuto {
		put("f", o.Format.String())
	}
	if o.Matte {
		put("matte", bit(true))
	}
	if o.Document != "" {
		put("document", o.Document)
	}
	if o.Mode != "" {
		put("mode", o.Mode)
	}
	if h := o.Head; h != nil {
		put("head", decimal(h.CrownX), decimal(h.CrownY), decimal(h.ChinX), decimal(h.ChinY))
	}
	if o.Sheet != "" {
		args := []string{o.Sheet}
		if o.Copies != 0 || o.Gap != nil {
			args = append(args, strconv.Itoa(o.Copies))
		}
		if o.Gap != nil {
			args = append(args, decimal(*o.Gap))
		}
		put("sheet", args...)
	}
	if o.Background != nil {
		put("bg", o.Background.String())
	}
	if o.Blur != 0 {
		put("bl", decimal(o.Blur))
	}
	if o.Sharpen != 0 {
		put("sh", decimal(o.Sharpen))
	}
	if o.StripMetadata != def.StripMetadata {
		put("sm", bit(o.StripMetadata))
	}
	if o.AutoRotate != def.AutoRotate {
		put("ar", bit(o.AutoRotate))
	}
	if o.CacheBuster != "" {
		put("cb", o.CacheBuster)
	}
	if o.Expires != 0 {
		put("exp", strconv.FormatInt(o.Expires, 10))
	}
	if o.Filename != "" {
		put("fn", base64.RawURLEncoding.EncodeToString([]byte(o.Filename)), "1")
	}
	return b.String()
}

// Path writes options and source as a path that can be signed.
func (o Options) Path() string {
	options := o.String()
	if options != "" {
		options = "/" + options
	}
	return options + "/" + EncodedSource(o.Source)
}

func (g Gravity) args() []string {
	if g.Kind == Smart {
		return []string{g.Kind.String()}
	}
	return []string{g.Kind.String(), decimal(g.X), decimal(g.Y)}
}

func bit(b bool) string {
	if b {
		return "1"
	}
	return "0"
}

func decimal(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
