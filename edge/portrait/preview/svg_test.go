package preview

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/professionalaistudio/studio/edge/portrait/compliance"
)

// elements reads an SVG as strictly as a browser reads XML, and says what is in it.
func elements(t testing.TB, svg []byte) (names map[string]int, text string) {
	t.Helper()
	names = map[string]int{}
	d := xml.NewDecoder(bytes.NewReader(svg))
	var all strings.Builder
	for depth := 0; ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return names, all.String()
		}
		if err != nil {
			t.Fatalf("no XML: %v in %.300s", err, svg)
		}
		switch token := token.(type) {
		case xml.StartElement:
			if depth == 0 && names["svg"] > 0 {
				t.Fatal("two roots")
			}
			depth++
			names[token.Name.Local]++
			for _, a := range token.Attr {
				if strings.HasPrefix(a.Name.Local, "on") || a.Name.Local == "style" || a.Name.Local == "href" && !strings.HasPrefix(a.Value, "data:image/jpeg;base64,") {
					t.Errorf("%s has %s=%.60q", token.Name.Local, a.Name.Local, a.Value)
				}
			}
		case xml.EndElement:
			depth--
		case xml.CharData:
			all.Write(token)
			all.WriteByte('\n')
		}
	}
}

var allowed = []string{"svg", "title", "desc", "image", "path", "circle", "text", "g"}

// An SVG is whole in itself and says in words what it shows.
func TestSVG(t *testing.T) {
	p, findings := sample(t)
	svg, err := SVG(p, findings, Options{Caption: "Swiss passport", NotJudged: true, Passes: true, Guides: &Guides{Eyes: &Span{100, 140}}})
	if err != nil {
		t.Fatal(err)
	}
	names, text := elements(t, svg)
	for name := range names {
		if !strings.Contains(" "+strings.Join(allowed, " ")+" ", " "+name+" ") {
			t.Errorf("there is a %s in it", name)
		}
	}
	if names["image"] != 1 || names["title"] < 2 || names["desc"] != 1 {
		t.Errorf("%v", names)
	}
	head, _, _ := strings.Cut(string(svg), "<image")
	for _, want := range []string{`role="img"`, `aria-labelledby="preview-title preview-desc"`, `<title id="preview-title">5 rules fail</title>`,
		"5 rules fail. 37 fine · 7 to look at · 5 failing · 22 not judged.",
		"1. Even background: Fails. 18.6 L, asked: at most 4 L. The background has a pattern",
		"Height of the head: Look again. 33.7 mm, asked: 29 to 34 mm.", "Not judged:\n", "To be seen in the finished photo."} {
		if !strings.Contains(head, want) {
			t.Errorf("its description lacks %q", want)
		}
	}
	for _, want := range []string{"Swiss passport", "Shoulders level", "−4.03°, asked: −4 to 4°", "eyes", "The finished file was not measured."} {
		if !strings.Contains(text, want) {
			t.Errorf("its text lacks %q", want)
		}
	}
	for rest := string(svg); ; { // a name space is no reference
		_, after, ok := strings.Cut(rest, "http")
		if !ok {
			break
		}
		if !strings.HasPrefix(after, "://www.w3.org/2000/svg\"") && !strings.HasPrefix(after, "://www.w3.org/1999/xlink\"") {
			t.Errorf("it refers to http%.40s", after)
		}
		rest = after
	}
}

// A stranger's text stays text.
func TestTextIsEscaped(t *testing.T) {
	f := one(`<script>alert("1")</script>`, compliance.Fail, [2]float64{5, 5})
	f.Advice, f.Unit = `]]> & </text><image href='http://evil.example/x'/>`, `<b> "x"`
	svg, err := SVG(grey(20, 20, 200), []compliance.Finding{f}, Options{Caption: "</svg><!-- & "})
	if err != nil {
		t.Fatal(err)
	}
	names, text := elements(t, svg)
	if names["script"] != 0 || names["image"] != 1 || names["svg"] != 1 {
		t.Errorf("%v", names)
	}
	for _, want := range []string{`<script>alert("1")</script>`, `]]> & </text>`, "</svg><!-- &"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q was lost", want)
		}
	}
}

// No verdict is told by colour alone: the line and the badge of each have a form of their own.
func TestVerdictsDifferInForm(t *testing.T) {
	shapes := func(v compliance.Verdict) (dash string, corners int) {
		page := pageOf(t, grey(100, 100, 128), []compliance.Finding{one("head.size", v, [2]float64{50, 10}, [2]float64{50, 90})}, Options{Passes: true})
		ink := lookOf(v).ink
		for _, op := range page.list {
			switch op := op.(type) {
			case stroke:
				if op.ink.r == ink.r && op.ink.g == ink.g && len(op.points) == 2 && dash == "" && op.width >= 2 {
					dash = "full"
					if op.dash != nil {
						dash = num(op.dash[0])
					}
				}
			case area:
				if len(op.points) == 8 || op.fill == looks[compliance.Warn].wash {
					corners = len(op.points)
				}
			}
		}
		return dash, corners
	}
	for v, want := range map[compliance.Verdict]struct {
		dash    string
		corners int
	}{compliance.Fail: {"full", 8}, compliance.Warn: {"13", 4}, compliance.Pass: {"2.5", 0}} {
		if dash, corners := shapes(v); dash != want.dash || corners != want.corners {
			t.Errorf("%s has a line %q and a badge of %d corners, want %q and %d", v, dash, corners, want.dash, want.corners)
		}
	}
}

// What is drawn follows the options: passes are counted unless asked for, what was not judged is listed when asked for, and what
// is to be seen in the other picture is listed and said to be.
func TestWhatIsListed(t *testing.T) {
	findings := []compliance.Finding{
		one("head.size", compliance.Pass, [2]float64{50, 10}, [2]float64{50, 90}),
		{Rule: "photo.mirror", Verdict: compliance.NotAssessed, Advice: "Not judged, because a picture cannot tell: see for yourself."},
		{Rule: "eye.line", Verdict: compliance.Fail, Place: &compliance.Place{On: compliance.Output, Points: [][2]float64{{1, 1}, {2, 2}}}},
	}
	count := func(o Options) (strokes int, text string) {
		page := pageOf(t, grey(100, 100, 128), findings, o)
		for _, op := range page.list {
			switch op := op.(type) {
			case stroke:
				strokes++
			case words:
				text += op.text + "\n"
			}
		}
		return strokes, text
	}
	without, text := count(Options{})
	if strings.Contains(text, "Not mirrored") || strings.Contains(text, "Height of the head") || !strings.Contains(text, "Height of the eyes") ||
		!strings.Contains(text, "To be seen in the finished photo.") || strings.Contains(text, "\n1\n") {
		t.Errorf("without options: %s", text)
	}
	if _, text := count(Options{NotJudged: true}); !strings.Contains(text, "Not mirrored") || !strings.Contains(text, "A picture cannot tell: see for yourself.") {
		t.Errorf("with what was not judged: %s", text)
	}
	if with, text := count(Options{Passes: true}); with <= without || strings.Contains(text, "Height of the head") {
		t.Errorf("with what passes there are %d strokes, without %d, and the text is %s", with, without, text)
	}
}

// A stranger's answer may have any number of findings.
func TestEndlessFindings(t *testing.T) {
	findings := make([]compliance.Finding, 100_000)
	for i := range findings {
		findings[i] = one("x", compliance.Fail, [2]float64{float64(i % 100), float64(i / 100 % 100)})
	}
	page := pageOf(t, grey(100, 100, 128), findings, Options{})
	if len(page.list) > 20_000 || page.width*page.height > 1e8 {
		t.Errorf("%d things on %.0f × %.0f", len(page.list), page.width, page.height)
	}
	if !strings.Contains(page.title, "100000 rules fail") {
		t.Errorf("it is called %q", page.title)
	}
}

func FuzzSVG(f *testing.F) {
	f.Add("head.size", "fail", "Move.", "mm", 1.5, 30, 40, 1.0, []byte("0123456789abcdef0123456789abcdef"))
	f.Add("eyes.open", "warn", "\x00<&\xff\u202e", "", math.NaN(), 1, 900, 4.0, bytes.Repeat([]byte{0x7f, 0xf0, 0, 0, 0, 0, 0, 0}, 8))
	f.Add("face.lighting", "pass", strings.Repeat("w", 3000), "%", math.Inf(1), 64, 2, 0.0, bytes.Repeat([]byte{0x40, 0x39, 0, 0, 0, 0, 0, 0, 0x40}, 40))
	f.Fuzz(func(t *testing.T, rule, verdict, advice, unit string, value float64, width, height int, scale float64, numbers []byte) {
		width, height = 1+abs(width%300), 1+abs(height%300)
		p := grey(width, height, 90)
		p.Scale = scale
		var points [][2]float64
		for len(numbers) >= 16 {
			var xy [2]float64
			for k := range xy {
				bits := uint64(0)
				for _, b := range numbers[8*k : 8*k+8] {
					bits = bits<<8 | uint64(b)
				}
				xy[k] = math.Float64frombits(bits)
			}
			points, numbers = append(points, xy), numbers[16:]
		}
		findings := []compliance.Finding{
			{Rule: rule, Verdict: compliance.Verdict(verdict), Value: &value, Min: &value, Max: &value, Unit: unit, Advice: advice,
				Place: &compliance.Place{On: compliance.Capture, Points: points}},
			{Rule: advice, Verdict: compliance.Warn, Unit: rule, Value: &value, Advice: unit, Place: &compliance.Place{On: unit, Points: points}},
			{Rule: "eyes.gaze", Verdict: compliance.Fail, Place: &compliance.Place{On: compliance.Capture, Points: points}},
		}
		o := Options{Caption: advice, Passes: true, NotJudged: true, Guides: &Guides{Eyes: &Span{value, scale}, Centre: &Span{scale, value}, Chin: &Span{value, value}},
			Legend: Legend(unit), MaxSide: 320}
		svg, err := SVG(p, findings, o)
		if err != nil {
			if !errors.Is(err, ErrPicture) {
				t.Fatal(err)
			}
			return
		}
		names, _ := elements(t, svg)
		for name := range names {
			if !strings.Contains(" "+strings.Join(allowed, " ")+" ", " "+name+" ") {
				t.Errorf("there is a %s in it", name)
			}
		}
		if width+height < 200 { // pixels take longer
			if _, err := JPEG(p, findings, o); err != nil {
				t.Fatal(err)
			}
		}
	})
}
