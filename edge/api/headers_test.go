package api

import (
	"mime"
	"strings"
	"testing"
	"time"

	"github.com/professionalaistudio/studio/edge/wire"
)

func TestDisposition(t *testing.T) {
	for name, test := range map[string]struct {
		o    wire.Options
		f    wire.Format
		want string
	}{
		"the source's name":        {wire.Options{Source: "https://a.example/p/photo.png?x=1"}, wire.WebP, `inline; filename="photo.webp"`},
		"an escaped one":           {wire.Options{Source: "https://a.example/a%20b.png"}, wire.JPEG, `inline; filename="a b.jpg"`},
		"a source without a name":  {wire.Options{Source: "https://a.example/"}, wire.JPEG, `inline; filename="image.jpg"`},
		"no source":                {wire.Options{}, wire.PNG, `inline; filename="image.png"`},
		"one that is given":        {wire.Options{Filename: "holiday"}, wire.AVIF, `inline; filename="holiday.avif"`},
		"with its ending":          {wire.Options{Filename: "holiday.JPG"}, wire.JPEG, `inline; filename="holiday.jpg"`},
		"with another ending":      {wire.Options{Filename: "holiday.png"}, wire.JPEG, `inline; filename="holiday.png.jpg"`},
		"quotes":                   {wire.Options{Filename: `a"b\c`}, wire.JPEG, `inline; filename="a\"b\\c.jpg"`},
		"beyond ASCII":             {wire.Options{Filename: "Ü"}, wire.JPEG, `inline; filename="_.jpg"; filename*=UTF-8''%C3%9C.jpg`},
		"a line break in a source": {wire.Options{Source: "https://a.example/a%0d%0aX:%20b.png"}, wire.JPEG, `inline; filename="a__X: b.jpg"`},
	} {
		t.Run(name, func(t *testing.T) {
			got := disposition(test.o, test.f)
			if got != test.want {
				t.Errorf("it is %s, want %s", got, test.want)
			}
			if _, _, err := mime.ParseMediaType(got); err != nil {
				t.Errorf("%s cannot be read back: %v", got, err)
			}
		})
	}
}

// Whatever a file is called, the header is one line and says the name.
func FuzzDisposition(f *testing.F) {
	f.Add("holiday", "https://a.example/x.png")
	f.Add("a\"b\\c;*=\x00ü", "https://a.example/%0d%0a")
	f.Fuzz(func(t *testing.T, name, source string) {
		got := disposition(wire.Options{Filename: name, Source: source}, wire.JPEG)
		if strings.ContainsAny(got, "\r\n\x00") {
			t.Errorf("%q makes the header %q", name, got)
		}
		kind, parameters, err := mime.ParseMediaType(got)
		if err != nil || kind != "inline" || !strings.HasSuffix(parameters["filename"], ".jpg") {
			t.Errorf("%q makes %q, which reads as %s %q: %v", name, got, kind, parameters, err)
		}
	})
}

func TestMaxAge(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	for expires, want := range map[int64]time.Duration{
		0: year, now.Unix() + 60: time.Minute, now.Unix() - 60: 0, now.Unix() + 10*365*24*3600: year,
	} {
		if got := maxAge(wire.Options{Expires: expires}, now); got != want {
			t.Errorf("a link that expires at %d may be kept for %s, want %s", expires, got, want)
		}
	}
}

func TestNames(t *testing.T) {
	for accept, want := range map[string]wire.Format{
		"":                                 wire.FormatAuto,
		"*/*":                              wire.FormatAuto,
		"image/*":                          wire.FormatAuto,
		"image/webp":                       wire.WebP,
		"text/html, image/webp;q=0.1":      wire.WebP,
		"image/webp;q=0":                   wire.FormatAuto,
		"image/webp; q=0.0, image/avif":    wire.AVIF,
		"image/webp;level=1;q=0.00":        wire.FormatAuto,
		"image/webpx":                      wire.FormatAuto,
		" IMAGE/AVIF ;q=1 , image/webp":    wire.AVIF,
		"image/avif;q=0,image/webp;q=0.01": wire.WebP,
	} {
		if got := newest(accept); got != want {
			t.Errorf("Accept %q gets %v, want %v", accept, got, want)
		}
	}
	for accept, want := range map[string]bool{
		"application/json": true, "": false, "*/*": false, "image/jpeg": false, "image/*, application/json": false,
		"application/json, image/jpeg": true, "text/plain, Application/JSON;q=0.9": true,
	} {
		if got := prefersJSON(accept); got != want {
			t.Errorf("Accept %q wants JSON: %v, want %v", accept, got, want)
		}
	}
}

func TestTags(t *testing.T) {
	a := variant{libvips: "8.14.1", options: wire.Options{Width: 50, Source: "https://a.example/x"}, format: wire.WebP}
	tag := a.etag(`"source"`, nil)
	if source, ok := a.sourceTag(tag); !ok || source != `"source"` {
		t.Errorf("%s carries %s (%v), want the source's", tag, source, ok)
	}
	for name, b := range map[string]variant{
		"another size":    {a.libvips, "", wire.Options{Width: 60, Source: a.options.Source}, a.format},
		"another format":  {a.libvips, "", a.options, wire.JPEG},
		"another source":  {a.libvips, "", wire.Options{Width: 50, Source: "https://a.example/y"}, a.format},
		"another libvips": {"8.15.0", "", a.options, a.format},
		"other nets":      {a.libvips, "77ab", a.options, a.format},
	} {
		if _, ok := b.sourceTag(tag); ok {
			t.Errorf("%s takes the tag for its own", name)
		}
		if b.etag(`"source"`, nil) == tag || b.etag("", []byte("x")) == a.etag("", []byte("x")) {
			t.Errorf("%s has the same tag", name)
		}
	}
	for _, source := range []string{`W/"weak"`, "", `"`, "unquoted", `"a b"`, `"` + strings.Repeat("x", 500) + `"`} {
		if got := a.etag(source, []byte("body")); strings.Contains(got, ".") {
			t.Errorf("the source's tag %.20q is carried in %s, want the body's hash", source, got)
		}
	}
	for _, forged := range []string{"", `""`, `"x.y"`, `"` + a.hash("") + `."`, tag[:len(tag)-2] + `"`} {
		if source, ok := a.sourceTag(forged); ok {
			t.Errorf("%s is taken to carry %q", forged, source)
		}
	}
}
