package wire

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

// grammarVector is a row of testdata/grammar.json. Options are options alone, Path is options and source.
type grammarVector struct {
	Options string   `json:"options,omitempty"`
	Path    string   `json:"path,omitempty"`
	Want    *Options `json:"want,omitempty"`
	Refused *refusal `json:"refused,omitempty"`
}

type refusal struct {
	Option string `json:"option"`
	Value  string `json:"value,omitempty"`
}

// reads, refuses and from make a row from what differs from the defaults.
func reads(options string, change func(*Options)) grammarVector {
	o := DefaultOptions()
	change(&o)
	return grammarVector{Options: options, Want: &o}
}

func refuses(options, option, value string) grammarVector {
	return grammarVector{Options: options, Refused: &refusal{option, value}}
}

func from(path, source string, format Format) grammarVector {
	o := DefaultOptions()
	o.Source, o.Format = source, format
	return grammarVector{Path: path, Want: &o}
}

func photoAs(f Format, source string) *Options {
	o := DefaultOptions()
	o.Document, o.Format, o.Source = "us-passport", f, source
	return &o
}

func grammarVectors() []grammarVector {
	same := func(*Options) {}
	box := func(o *Options) { o.Resize, o.Width, o.Height = Fill, 300, 400 }
	const encoded = "aHR0cDovL2V4YW1wbGUuY29tL2ltYWdlLmpwZw" // http://example.com/image.jpg
	const address = "http://example.com/image.jpg"
	rows := []grammarVector{
		reads("", same),
		// resize and its parts
		reads("resize:fill:300:400", box),
		reads("rs:fill:300:400", box),
		reads("rs:fill:300:400:1:1:no:10:-0.25", func(o *Options) {
			box(o)
			o.Enlarge, o.Extend, o.ExtendGravity = true, true, Gravity{North, 10, -0.25}
		}),
		reads("rs:fill-down", func(o *Options) { o.Resize = FillDown }),
		reads("rs:auto:5", func(o *Options) { o.Resize, o.Width = Auto, 5 }),
		reads("w:7/h:8/el:1/rt:force/rs:::9", func(o *Options) { o.Resize, o.Width, o.Height, o.Enlarge = Force, 7, 9, true }),
		reads("rs::::::ea:1:2", func(o *Options) { o.ExtendGravity = Gravity{East, 1, 2} }),
		reads("size:300:400:0:0", func(o *Options) { o.Width, o.Height = 300, 400 }),
		reads("s:300:400:t:T:soea", func(o *Options) {
			o.Width, o.Height, o.Enlarge, o.Extend, o.ExtendGravity = 300, 400, true, true, Gravity{Kind: SouthEast}
		}),
		reads("s:", same),
		reads("w:5/s::6", func(o *Options) { o.Width, o.Height = 5, 6 }),
		reads("resizing_type:fit", same),
		reads("rt:force", func(o *Options) { o.Resize = Force }),
		reads("width:0/w:+12", func(o *Options) { o.Width = 12 }),
		reads("height:65535", func(o *Options) { o.Height = 65535 }),
		reads("w:1/w:2/w:3", func(o *Options) { o.Width = 3 }),
		refuses("rs:fit:abc", "rs", "abc"),
		refuses("rs:crop:1:1", "rs", "crop"),
		refuses("rs:fit:1:1:0:0:ce:0:0:0", "rs", "fit:1:1:0:0:ce:0:0:0"),
		refuses("rs:fit:1:1:0:1:sm", "rs", "sm"),
		refuses("rs:fit:1:1:0::bogus", "rs", "bogus"),
		refuses("size:1:2:maybe", "size", "maybe"),
		refuses("rt:", "rt", ""),
		refuses("w:", "w", ""),
		refuses("w:-1", "w", "-1"),
		refuses("w:1.5", "w", "1.5"),
		refuses("h:65536", "h", "65536"),
		refuses("h:9999999999999999999999", "h", "9999999999999999999999"),
		refuses("w:1:2", "w", "1:2"),
		// enlarge, extend: the spellings of a boolean
		reads("enlarge:true", func(o *Options) { o.Enlarge = true }),
		reads("el:1/el:0", same),
		reads("extend:1", func(o *Options) { o.Extend = true }),
		reads("ex:1:fp:0.25:1", func(o *Options) { o.Extend, o.ExtendGravity = true, Gravity{FocusPoint, 0.25, 1} }),
		reads("ex:0:sowe:3:4/ex:1", func(o *Options) { o.Extend, o.ExtendGravity = true, Gravity{SouthWest, 3, 4} }),
		refuses("ex:1:sm", "ex", "sm"),
		refuses("ex:", "ex", ""),
		refuses("ex:yes", "ex", "yes"),
		refuses("ex:1:ce:0:0:0", "ex", "1:ce:0:0:0"),
		// crop
		reads("crop:100:200", func(o *Options) { o.Crop = &Crop{W: 100, H: 200} }),
		reads("c:0.5:0", func(o *Options) { o.Crop = &Crop{W: 0.5} }),
		reads("c:100", func(o *Options) { o.Crop = &Crop{W: 100} }),
		reads("c:1:2:no:3/c:4", func(o *Options) { o.Crop = &Crop{4, 2, &Gravity{North, 3, 0}} }),
		reads("c:1:2:sm", func(o *Options) { o.Crop = &Crop{1, 2, &Gravity{Kind: Smart}} }),
		reads("c:1:2:fp:0:1", func(o *Options) { o.Crop = &Crop{1, 2, &Gravity{FocusPoint, 0, 1}} }),
		refuses("c:", "c", ""),
		refuses("c:-1:5", "c", "-1"),
		refuses("c:1:", "c", ""),
		refuses("c:NaN:5", "c", "NaN"),
		refuses("c:Inf:5", "c", "Inf"),
		refuses("c:1:2:xx", "c", "xx"),
		refuses("c:1:2:ce:0:0:0", "c", "1:2:ce:0:0:0"),
		// gravity
		reads("gravity:ce", same),
		reads("g:sm", func(o *Options) { o.Gravity.Kind = Smart }),
		reads("g:fp:0.5:0.25", func(o *Options) { o.Gravity = Gravity{FocusPoint, 0.5, 0.25} }),
		reads("g:no:10:20/g:so", func(o *Options) { o.Gravity = Gravity{South, 10, 20} }),
		reads("g:no:10:20/g:sm", func(o *Options) { o.Gravity = Gravity{Kind: Smart} }),
		reads("g:no:10:20/g:ea:5", func(o *Options) { o.Gravity = Gravity{East, 5, 20} }),
		reads("g:ce:-0:1e2", func(o *Options) { o.Gravity = Gravity{Center, 0, 100} }),
		refuses("g:", "g", ""),
		refuses("g:sm:1", "g", "1"),
		refuses("g:sm:", "g", ""),
		refuses("g:fp", "g", "fp"),
		refuses("g:fp:0.5", "g", "fp"),
		refuses("g:fp:1.1:0", "g", "1.1"),
		refuses("g:fp:0:-0.1", "g", "-0.1"),
		refuses("g:no:", "g", ""),
		refuses("g:no:0x1p4", "g", "0x1p4"),
		refuses("g:no:1_0", "g", "1_0"),
		refuses("g:re", "g", "re"),
		refuses("g:obj:face", "g", "obj"),
		// rotate, quality, format, background
		reads("rotate:90", func(o *Options) { o.Rotate = 90 }),
		reads("rot:-90", func(o *Options) { o.Rotate = 270 }),
		reads("rot:720", same),
		reads("quality:1", func(o *Options) { o.Quality = 1 }),
		reads("q:100", func(o *Options) { o.Quality = 100 }),
		reads("q:5/q:0", same),
		reads("background:255:128:0", func(o *Options) { o.Background = &RGB{255, 128, 0} }),
		reads("bg:0aF", func(o *Options) { o.Background = &RGB{0x00, 0xaa, 0xff} }),
		reads("bg:FF8000", func(o *Options) { o.Background = &RGB{255, 128, 0} }),
		reads("bg:fff/bg:", same),
		refuses("rot:45", "rot", "45"),
		refuses("rot:", "rot", ""),
		refuses("q:101", "q", "101"),
		refuses("q:-1", "q", "-1"),
		refuses("f:best", "f", "best"),
		refuses("f:JPG", "f", "JPG"),
		refuses("f:mp4", "f", "mp4"),
		refuses("f:", "f", ""),
		refuses("bg:red", "bg", "red"),
		refuses("bg:256:0:0", "bg", "256:0:0"),
		refuses("bg:0:0", "bg", "0:0"),
		refuses("bg::", "bg", ":"),
		refuses("bg:ffff", "bg", "ffff"),
		// blur, sharpen, metadata
		reads("matte:1", func(o *Options) { o.Matte = true }),
		reads("matte:true/bg:fff", func(o *Options) { o.Matte, o.Background = true, &RGB{255, 255, 255} }),
		reads("matte:1/matte:0", same),
		refuses("matte:person", "matte", "person"),
		refuses("matte:1:0", "matte", "1:0"),
		// the document photo: its own options, and which of the others may stand beside it
		reads("document:us-passport", func(o *Options) { o.Document = "us-passport" }),
		reads("document:us-passport/mode:crop/head:512:180.5:514:1e3/sheet:A4/f:jpg", func(o *Options) {
			o.Document, o.Mode, o.Head, o.Sheet, o.Format = "us-passport", ModeCrop, &Head{512, 180.5, 514, 1000}, "a4", JPEG
		}),
		reads("bg:fff/fn:me/cb:2/exp:32503680000/document:de-passport/f:json", func(o *Options) {
			o.Document, o.Background, o.Format = "de-passport", &RGB{255, 255, 255}, JSON
			o.Filename, o.CacheBuster, o.Expires = "me", "2", 32503680000
		}),
		reads("document:us-passport/document:us-visa", func(o *Options) { o.Document = "us-visa" }),
		reads("document:us-passport/g:ce/rs:auto:0:0:0", func(o *Options) { o.Document = "us-passport" }), // which one client always writes
		reads("g:no:5:5/el:1/ex:0:so:1:2/document:us-passport/rt:fill", func(o *Options) { o.Document = "us-passport" }),
		reads("w:300/document:us-passport/w:0/q:80/q:0/sm:1/ar:1/matte:0", func(o *Options) { o.Document = "us-passport" }),
		reads("mode:crop/bg:fff/bg:/document:us-passport", func(o *Options) { o.Document, o.Mode = "us-passport", ModeCrop }),
		reads("document:us-passport/sheet:10x15:8:0/f:pdf", func(o *Options) {
			o.Document, o.Sheet, o.Copies, o.Gap, o.Format = "us-passport", "10x15", 8, new(float64), PDF
		}),
		reads("document:us-passport/sheet:a4:9:2.5/sheet:3.5x5in:0", func(o *Options) {
			gap := 2.5
			o.Document, o.Sheet, o.Gap = "us-passport", "3.5x5in", &gap
		}),
		refuses("document:", "document", ""),
		refuses("document:us:passport", "document", "us:passport"),
		refuses("document:a/b:1", "b", ""),
		refuses("document:us%2Fpassport", "document", "us%2Fpassport"),
		refuses("document:us_passport", "document", "us_passport"),
		refuses("document:"+strings.Repeat("a", 65), "document", strings.Repeat("a", 64)+"…"),
		refuses("mode:", "mode", ""),
		refuses("mode:fast", "mode", "fast"),
		refuses("head:1:2:3", "head", "1:2:3"),
		refuses("head:1:2:3:x", "head", "x"),
		refuses("head:1,2,3,4", "head", "1,2,3,4"),
		refuses("head:1:2:3:-4", "head", "-4"),
		refuses("head:NaN:2:3:4", "head", "NaN"),
		refuses("head:1:2:3:4:5", "head", "1:2:3:4:5"),
		refuses("sheet:", "sheet", ""),
		refuses("sheet:a4:", "sheet", ""),
		refuses("sheet:a4:1000", "sheet", "1000"),
		refuses("sheet:a4:4:0.2", "sheet", "0.2"),
		refuses("sheet:a4:4:51", "sheet", "51"),
		refuses("sheet:a4:4:1:1", "sheet", "a4:4:1:1"),
		refuses("mode:crop", "mode", "crop"),
		refuses("w:5/head:1:2:3:4", "head", "1:2:3:4"),
		refuses("sheet:a4/q:80", "sheet", "a4"),
		refuses("ext:json", "ext", "json"),
		refuses("f:png/format:pdf", "format", "pdf"),
		refuses("document:us-passport/rs:fill:300:400", "rs", "fill:300:400"),
		refuses("s:300/document:us-passport", "s", "300"),
		refuses("w:1/document:us-passport/g:ce/rs:auto:2:0", "rs", "auto:2:0"),
		refuses("document:us-passport/width:5/rs:fit", "width", "5"),
		refuses("document:us-passport/h:5/w:5/w:0", "h", "5"),
		refuses("document:us-passport/ex:1", "ex", "1"),
		refuses("document:us-passport/c:0.5", "c", "0.5"),
		refuses("document:us-passport/rot:90", "rot", "90"),
		refuses("document:us-passport/quality:80", "quality", "80"),
		refuses("document:us-passport/matte:1", "matte", "1"),
		refuses("document:us-passport/bl:1", "bl", "1"),
		refuses("document:us-passport/sh:1", "sh", "1"),
		refuses("document:us-passport/sm:0", "sm", "0"),
		refuses("document:us-passport/ar:0", "ar", "0"),
		refuses("document:us-passport/bg:fff/mode:crop", "bg", "fff"),
		refuses("document:us-passport/watermark:0.5", "watermark", ""),
		reads("blur:2.5", func(o *Options) { o.Blur = 2.5 }),
		reads("bl:1/bl:0", same),
		reads("sharpen:.5", func(o *Options) { o.Sharpen = 0.5 }),
		reads("sh:10", func(o *Options) { o.Sharpen = 10 }),
		reads("strip_metadata:0", func(o *Options) { o.StripMetadata = false }),
		reads("sm:f", func(o *Options) { o.StripMetadata = false }),
		reads("auto_rotate:FALSE", func(o *Options) { o.AutoRotate = false }),
		reads("ar:0/ar:1", same),
		refuses("bl:-1", "bl", "-1"),
		refuses("bl:1001", "bl", "1001"),
		refuses("sh:10.5", "sh", "10.5"),
		refuses("sh:", "sh", ""),
		refuses("sm:2", "sm", "2"),
		refuses("ar:on", "ar", "on"),
		// cachebuster, expires, filename
		reads("cachebuster:v2", func(o *Options) { o.CacheBuster = "v2" }),
		reads("cb:v2/cb:", same),
		reads("expires:32503680000", func(o *Options) { o.Expires = 32503680000 }),
		reads("exp:5/exp:0", same),
		reads("filename:photo", func(o *Options) { o.Filename = "photo" }),
		reads("fn:UGhvdG8gZHUgasO2dXI=:1", func(o *Options) { o.Filename = "Photo du jöur" }),
		reads("fn:UGhvdG8:0", func(o *Options) { o.Filename = "UGhvdG8" }),
		refuses("cb:a:b", "cb", "a:b"),
		refuses("exp:", "exp", ""),
		refuses("exp:-1", "exp", "-1"),
		refuses("exp:tomorrow", "exp", "tomorrow"),
		refuses("fn:", "fn", ""),
		refuses("fn:?:1", "fn", "?"),
		refuses("fn:a:perhaps", "fn", "perhaps"),
		refuses("fn:YQpi:1", "fn", "a\nb"),
		refuses("fn:Li4vYQ:1", "fn", "../a"),
		refuses("fn:"+strings.Repeat("a", 256), "fn", strings.Repeat("a", 64)+"…"),
		// what is not ours
		refuses("zoom:2", "zoom", ""),
		refuses("dpr:2", "dpr", ""),
		refuses("preset:sharp", "preset", ""),
		refuses("RS:fit:1:1", "RS", ""),
		refuses(":1", "", ""),
		refuses("w:5//h:6", "", ""),
		refuses("w:5/h", "h", ""),
		reads("rs%3Afill%3A300:400", box),
		reads("/rs:fill:300:400/", box),
		// sources
		from("/plain/"+address, address, FormatAuto),
		from("/plain/"+address+"@png", address, PNG),
		from("/f:webp/plain/"+address+"@png", address, PNG),
		from("/plain/"+address+"@", address, FormatAuto),
		from("/plain/http%3A%2F%2Fexample.com%2Fa%20b%40c%3Fd%25", "http://example.com/a b@c?d%", FormatAuto),
		from("/plain/images/a//b.jpg", "images/a//b.jpg", FormatAuto),
		from("/"+encoded, address, FormatAuto),
		from("/"+encoded+"==", address, FormatAuto),
		from("/"+encoded[:7]+"/"+encoded[7:9]+"/"+encoded[9:]+".webp", address, WebP),
		from("/"+encoded+".", address, FormatAuto),
		from("/"+encoded+"/.jpg", address, JPEG),
		{Path: "/document:us-passport/plain/" + address + "@json", Want: photoAs(JSON, address)},
		{Path: "/plain/" + address + "@json", Refused: &refusal{"extension", "json"}},
		{Path: "/" + encoded + ".pdf", Refused: &refusal{"extension", "pdf"}},
		{Path: "/f:json/plain/" + address, Refused: &refusal{"f", "json"}},
		{Path: "/document:us-passport/w:5/" + encoded, Refused: &refusal{"w", "5"}},
		{Path: "/w:5/plain", Refused: &refusal{"source", ""}},
		{Path: "/plain/", Refused: &refusal{"source", ""}},
		{Path: "/plain/@png", Refused: &refusal{"source", ""}},
		{Path: "/plain/http://a/b@png@webp", Refused: &refusal{"source", ""}},
		{Path: "/plain/http://a/%zz", Refused: &refusal{"source", ""}},
		{Path: "/plain/http://a/b%0Ac", Refused: &refusal{"source", ""}},
		{Path: "/plain/http://a/b@bmp2", Refused: &refusal{"extension", "bmp2"}},
		{Path: "/" + encoded + ".png.webp", Refused: &refusal{"source", ""}},
		{Path: "/" + encoded + ".exe", Refused: &refusal{"extension", "exe"}},
		{Path: "/" + encoded + ".png:1", Refused: &refusal{encoded + ".png", ""}},
		{Path: "/.png", Refused: &refusal{"source", ""}},
		{Path: "/aHR0c*", Refused: &refusal{"source", ""}},
		{Path: "/YR", Refused: &refusal{"source", ""}}, // spare bits set
		{Path: "/w:5/", Refused: &refusal{"source", ""}},
		{Path: "/w:5", Refused: &refusal{"source", ""}},
		{Path: "/", Refused: &refusal{"source", ""}},
		{Path: "", Refused: &refusal{"source", ""}},
		{Path: "/fill/300/400/" + encoded, Refused: &refusal{"fill", ""}}, // the basic form
		{Path: "/w:5/zoom:2/" + encoded, Refused: &refusal{"zoom", ""}},
	}
	for i, kind := range gravityKinds[:Smart] {
		rows = append(rows, reads("g:"+kind+":1:-2", func(o *Options) { o.Gravity = Gravity{GravityKind(i), 1, -2} }))
	}
	for _, word := range strings.Fields("1 t T true TRUE True") {
		rows = append(rows, reads("el:"+word, func(o *Options) { o.Enlarge = true }))
	}
	for _, word := range strings.Fields("0 f F false FALSE False") {
		rows = append(rows, reads("el:1/el:"+word, same))
	}
	for _, word := range strings.Fields("yes no on off TrUe tRUE 2 -1 00 01 none") {
		rows = append(rows, refuses("el:"+word, "el", word))
	}
	for i, f := range formats[1:JSON] {
		rows = append(rows, reads("format:"+f.name, func(o *Options) { o.Format = Format(i + 1) }))
	}
	for _, alias := range []string{"f:jpg", "ext:jpeg"} {
		rows = append(rows, reads(alias, func(o *Options) { o.Format = JPEG }))
	}
	return rows
}

func TestGrammarVectors(t *testing.T) {
	for _, v := range vectors(t, "grammar.json", grammarVectors()) {
		parse, text := ParseOptions, v.Options
		if v.Path != "" || v.Refused != nil && v.Refused.Option == "source" {
			parse, text = ParsePath, v.Path
		}
		t.Run(text, func(t *testing.T) {
			got, err := parse(text)
			if v.Want != nil {
				if err != nil || !reflect.DeepEqual(got, *v.Want) {
					t.Errorf("%q reads\n%s, %v; want\n%s", text, show(got), err, show(*v.Want))
				}
				return
			}
			var named *OptionError
			if !errors.As(err, &named) || !errors.Is(err, ErrOptions) {
				t.Fatalf("%q reads %s, %v; want it refused", text, show(got), err)
			}
			if named.Option != v.Refused.Option || named.Value != v.Refused.Value {
				t.Errorf("%q is refused for option %q, value %q; want %q, %q", text, named.Option, named.Value, v.Refused.Option, v.Refused.Value)
			}
		})
	}
}

func show(o Options) string {
	b, err := json.Marshal(o)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// Every name of every option has a row that takes it: a new alias without one fails here.
func TestEveryOptionHasAVector(t *testing.T) {
	used := make(map[string]bool)
	for _, v := range grammarVectors() {
		if v.Want != nil {
			for segment := range strings.SplitSeq(strings.Trim(v.Options, "/"), "/") {
				name, _, _ := strings.Cut(segment, ":")
				used[name] = true
			}
		}
	}
	for _, names := range OptionNames() {
		for _, name := range names {
			if !used[name] {
				t.Errorf("no vector takes %s", name)
			}
		}
	}
}

func TestExpired(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for expires, want := range map[int64]bool{
		0: false, now.Unix() - 1: true, now.Unix(): false, now.Unix() + 1: false, 32503680000: false,
	} {
		if got := (Options{Expires: expires}).Expired(now); got != want {
			t.Errorf("expires %d at %d: Expired = %v, want %v", expires, now.Unix(), got, want)
		}
	}
}

// An error says what to change, and never repeats a source.
func TestOptionErrorText(t *testing.T) {
	for text, want := range map[string]string{
		"zoom:2":  `option "zoom" is not one that we know`,
		"el:yes":  `option "el": "yes" is neither true nor false: write 1 or 0`,
		"w:":      `option "w" has an empty argument, which is not a whole number from 0 to 65535`,
		"w:5/h":   `option "h" has no argument`,
		"g:fp:.5": `option "g": "fp" needs x and y`,
	} {
		if _, err := ParseOptions(text); fmt.Sprint(err) != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	for _, path := range []string{"/plain/http://secret.example/@png@png", "/plain/http://secret.example/%zz", "/plain/http://secret.example/%00"} {
		if _, err := ParsePath(path); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", path, err)
		}
	}
}

// What is written as a source is read back as it was.
func TestSourcesReadBack(t *testing.T) {
	for _, source := range []string{
		"https://example.com/a.jpg", "https://example.com/a b?c=d&e=%20#f", "https://user@example.com/é@2x.png", "s3://bucket/a@b@c",
	} {
		for _, path := range []string{"/w:5/" + PlainSource(source), "/w:5/" + EncodedSource(source)} {
			target, err := SplitTarget("/i/k/s" + path)
			if err != nil || target.Path != path {
				t.Errorf("%q arrives as %q, %v", path, target.Path, err)
			}
			if got, err := ParsePath(target.Path); err != nil || got.Source != source {
				t.Errorf("%q reads as source %q, %v; want %q", path, got.Source, err, source)
			}
		}
	}
}

func seedGrammar(f *testing.F) {
	for _, v := range grammarVectors() {
		if v.Path != "" {
			f.Add(v.Path)
		} else {
			f.Add(v.Options)
			f.Add("/" + v.Options + "/plain/http://example.com/a.jpg@webp")
			f.Add("document:us-passport/" + v.Options)
		}
	}
}

// Options that are taken have one written form, which reads back to them. What is refused is named.
func FuzzParseOptions(f *testing.F) {
	seedGrammar(f)
	f.Fuzz(func(t *testing.T, s string) {
		got, err := ParseOptions(s)
		var named *OptionError
		if err != nil {
			if !errors.As(err, &named) || named.Reason == "" {
				t.Errorf("%q is refused by %#v", s, err)
			}
			return
		}
		checkOptions(t, s, got)
		again, err := ParseOptions(got.String())
		if err != nil || !reflect.DeepEqual(again, got) {
			t.Errorf("%q reads\n%s, which is written %q and reads\n%s, %v", s, show(got), got.String(), show(again), err)
		}
	})
}

// A path that is taken can be written again, and is taken the same.
func FuzzParsePath(f *testing.F) {
	seedGrammar(f)
	f.Fuzz(func(t *testing.T, path string) {
		got, err := ParsePath(path)
		if err != nil {
			if !errors.Is(err, ErrOptions) {
				t.Errorf("%q is refused by %#v", path, err)
			}
			return
		}
		if got.Source == "" || strings.ContainsAny(got.Source, "\r\n\x00") {
			t.Errorf("%q has source %q", path, got.Source)
		}
		checkOptions(t, path, got)
		again, err := ParsePath(got.Path())
		if err != nil || !reflect.DeepEqual(again, got) {
			t.Errorf("%q reads\n%s, which is written %q and reads\n%s, %v", path, show(got), got.Path(), show(again), err)
		}
	})
}

// checkOptions states what nobody after the parser has to check again.
func checkOptions(t *testing.T, text string, o Options) {
	inBox := o.Width >= 0 && o.Width <= MaxDimension && o.Height >= 0 && o.Height <= MaxDimension
	inRange := o.Quality >= 0 && o.Quality <= 100 && o.Blur >= 0 && o.Blur <= MaxBlur && o.Sharpen >= 0 && o.Sharpen <= MaxSharpen
	if !inBox || !inRange || o.Rotate%90 != 0 || o.Rotate < 0 || o.Rotate > 270 || o.Expires < 0 || o.ExtendGravity.Kind == Smart ||
		o.Resize > Auto || o.Format > PDF {
		t.Errorf("%q reads %s", text, show(o))
	}
	if o.Document == "" {
		if o.Mode != "" || o.Head != nil || o.Sheet != "" || o.Copies != 0 || o.Gap != nil || o.Format >= JSON {
			t.Errorf("%q reads %s: there is no document", text, show(o))
		}
		return
	}
	// What is left of a document photo's options when its own are taken away is nothing.
	rest := o
	rest.Document, rest.Mode, rest.Head, rest.Sheet, rest.Background, rest.Format = "", "", nil, "", nil, FormatAuto
	rest.Copies, rest.Gap = 0, nil
	rest.CacheBuster, rest.Expires, rest.Filename, rest.Source = "", 0, "", ""
	if rest != DefaultOptions() || o.Mode == ModeCrop && o.Background != nil {
		t.Errorf("%q reads %s, which contradicts its document", text, show(o))
	}
}

// Colours have one written form, which reads back.
func FuzzParseRGB(f *testing.F) {
	for _, s := range []string{"", "fff", "0aF", "FF8000", "255:128:0", "256:0:0", "+ff", "-1:0:0", "ffff", "0x1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := ParseRGB(s)
		if err != nil {
			return
		}
		if again, err := ParseRGB(c.String()); err != nil || again != c {
			t.Errorf("%q is %v, which is written %q and reads %v, %v", s, c, c.String(), again, err)
		}
	})
}

func BenchmarkParsePath(b *testing.B) {
	path := "/rs:fit:600:600/q:80/" + base64.RawURLEncoding.EncodeToString([]byte("https://images.example.com/2026/11/some-picture.jpg")) + ".webp"
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParsePath(path); err != nil {
			b.Fatal(err)
		}
	}
}
