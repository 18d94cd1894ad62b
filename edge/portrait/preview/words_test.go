package preview

import (
	"math"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/professionalaistudio/studio/edge/portrait/compliance"
)

// Every rule of the catalogue has a title, nothing else has one, and no two are the same.
func TestEveryRuleHasATitle(t *testing.T) {
	said := map[string]string{}
	for _, id := range compliance.Rules() {
		text, ok := titles[id]
		if !ok {
			t.Errorf("%s has no title", id)
		}
		if other := said[text]; other != "" {
			t.Errorf("%s and %s are both called %q", id, other, text)
		}
		said[text] = id
	}
	for id := range titles {
		if !slices.Contains(compliance.Rules(), id) {
			t.Errorf("%s has a title and is no rule", id)
		}
	}
	if got := Title("new.rule"); got != "new.rule" {
		t.Errorf("a rule without a title is called %q, want its id", got)
	}
}

// The studio calls the rules the same.
func TestTitlesAreTheStudios(t *testing.T) {
	source, err := os.ReadFile("../../../control/web/studio/src/rules.ts")
	if err != nil {
		t.Skip("the studio is not here: ", err)
	}
	found := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^  '?([a-z0-9_.]+)'?: '(.*)',$`).FindAllStringSubmatch(string(source), -1) {
		found[m[1]] = m[2]
	}
	for id, want := range titles {
		if found[id] != want {
			t.Errorf("%s is %q here and %q in the studio", id, want, found[id])
		}
	}
}

func TestMeasured(t *testing.T) {
	for want, f := range map[string]compliance.Finding{
		"30.2 mm, asked: 25 to 35 mm":                             {Value: new(30.24), Min: new(25.0), Max: new(35.0), Unit: "mm"},
		"300 dpi, asked: 300 dpi":                                 {Value: new(300.0), Min: new(300.0), Max: new(300.0), Unit: "dpi"},
		"2.1 mm, asked: at least 2.5 mm":                          {Value: new(2.1), Min: new(2.5), Unit: "mm"},
		"0.46, asked: at most 0.5":                                {Value: new(0.4567), Max: new(0.5)},
		"−1.5°, asked: −8 to 8°":                                  {Value: new(-1.5), Min: new(-8.0), Max: new(8.0), Unit: "deg"},
		"0.38 ×, asked: at most 1.2 ×":                            {Value: new(0.376), Max: new(1.2), Unit: "times"},
		"1,234,567 bytes":                                         {Value: new(1234567.0), Unit: "bytes"},
		"asked: 29 to 34 mm":                                      {Min: new(29.0), Max: new(34.0), Unit: "mm"},
		"5.28 %, asked: at most 7 % of the way from eyes to chin": {Value: new(5.28), Max: new(7.0), Unit: "% of the way from eyes to chin"},
	} {
		if got := measured(f); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for name, f := range map[string]compliance.Finding{
		"nothing": {}, "a number without unit or limit": {Value: new(0.0)},
		"none of what there must be none of": {Value: new(0.0), Max: new(0.0), Unit: "count"},
		"no number":                          {Value: new(math.NaN()), Min: new(math.Inf(-1)), Max: new(math.Inf(1)), Unit: "mm"},
	} {
		if got := measured(f); got != "" {
			t.Errorf("%s: %q, want nothing", name, got)
		}
	}
}

func TestHeading(t *testing.T) {
	of := func(v ...compliance.Verdict) (all []compliance.Finding) {
		for _, x := range v {
			all = append(all, compliance.Finding{Verdict: x})
		}
		return all
	}
	for want, findings := range map[string][]compliance.Finding{
		"1 rule fails": of(compliance.Fail, compliance.Warn), "2 rules fail": of(compliance.Fail, compliance.Pass, compliance.Fail),
		"Nothing fails, 1 point to look at": of(compliance.Pass, compliance.Warn), "Nothing we measured fails": of(compliance.Pass, "excellent"),
	} {
		if got, _ := heading(findings); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	// A verdict that nobody knows is not a pass.
	if _, got := heading(of(compliance.Pass, "excellent", compliance.NotAssessed)); got != "1 fine · 0 to look at · 0 failing · 2 not judged" {
		t.Errorf("counted %q", got)
	}
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"plain":                     "plain",
		"two\nlines\tand \x00 more": "two lines and more",
		"\u202ereversed\u2066":      "reversed",
		"bad \xff\xfe utf-8":        "bad � utf-8",
		"\ufffe":                    "�",
		strings.Repeat("é", 50):     strings.Repeat("é", 19) + "…",
	} {
		if got := clean(in, 20); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
	if got := clean(strings.Repeat("😀", 1<<20), 480); len([]rune(got)) != 480 {
		t.Errorf("%d characters are left", len([]rune(got)))
	}
}

// No line is wider than it may be, and no word is lost.
func TestWrap(t *testing.T) {
	r, err := newRuler()
	if err != nil {
		t.Fatal(err)
	}
	text := "The face is turned by 17 degrees: turn it back until the nose points into the camera, " + strings.Repeat("unbroken", 40) + " within 5."
	for _, width := range []float64{30, 120, 560} {
		lines := r.wrap(text, 20, false, width)
		for _, line := range lines {
			if w := r.width(line, 20, false); w > width {
				t.Errorf("%q is %.1f wide, and %.0f is the most", line, w, width)
			}
		}
		squeeze := func(s string) string { return strings.ReplaceAll(s, " ", "") }
		if got := squeeze(strings.Join(lines, "")); got != squeeze(text) {
			t.Errorf("at %.0f wide %q is left", width, got)
		}
	}
	if got := r.wrap("  ", 20, false, 100); got != nil {
		t.Errorf("of nothing there are lines: %q", got)
	}
}
