package main

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/professionalaistudio/studio/edge/portrait"
	"github.com/professionalaistudio/studio/edge/portrait/compliance"
)

// What fails stands first, with its advice in lines that fit; what passes has none; in the end a sentence says what it comes to.
func TestTable(t *testing.T) {
	findings := []compliance.Finding{
		{Rule: "file.size", Verdict: compliance.Pass, Value: new(192864.0), Unit: "bytes", Advice: "It is fine."},
		{Rule: "edit.background", Verdict: compliance.Pass, Value: new(0.0), Unit: "%", Advice: "The background is as it was taken."},
		{Rule: "eyes.distance", Verdict: compliance.Warn, Value: new(52.7), Min: new(90.0), Unit: "px", Advice: "Come closer, to 59 % of the distance, or use a camera with more pixels than this one has."},
		{Rule: "head.size", Verdict: compliance.Fail, Value: new(37.25), Min: new(25.0), Max: new(35.0), Unit: "mm", Advice: "Take two steps back."},
		{Rule: "eyes.gaze", Verdict: compliance.NotAssessed, Advice: "Not judged."},
	}
	var b bytes.Buffer
	table(&b, findings, 44)
	want := `fail  head.size        37.25 mm (25 to 35)
      Take two steps back.
warn  eyes.distance    52.7 px (at least 90)
      Come closer, to 59 % of the distance,
      or use a camera with more pixels than
      this one has.
pass  file.size        192864 bytes
pass  edit.background  0 %
`
	if b.String() != want {
		t.Errorf("the table is\n%swant\n%s", b.String(), want)
	}

	result := &portrait.Result{Document: "us-visa", Findings: findings}
	for path, want := range map[string]string{
		"out.jpg": "The photo cannot be used for us-visa as it is, because of head.size; it is in out.jpg. The background is as it was taken. Judged: 2 pass, 1 warn, 1 fail; not judged: 1 ",
		"":        "The photo cannot be used for us-visa as it is, because of head.size. The background is",
	} {
		if got := conclusion(result, path); !strings.HasPrefix(got, want) {
			t.Errorf("it comes to\n%s, want\n%s", got, want)
		}
	}
	result.Findings = findings[:3]
	if got, want := conclusion(result, "out.jpg"), "The photo can be used for us-visa; look at 1 warning first; it is in out.jpg. The"; !strings.HasPrefix(got, want) {
		t.Errorf("with a warning it comes to\n%s, want\n%s", got, want)
	}
	result.Findings, result.Sheet = findings[:1], &portrait.Photo{}
	if got, want := conclusion(result, "out.jpg"), "The photo can be used for us-visa; a sheet of it is in out.jpg. Judged"; !strings.HasPrefix(got, want) {
		t.Errorf("a sheet comes to\n%s, want\n%s", got, want)
	}
}

func TestNumbersForPeople(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 33.1: "33.1", 33.14159: "33.14", 192864.4: "192864", 0.15484: "0.1548", -4: "-4", -0.00001: "0", 600: "600", 1234.5: "1234", 0.5: "0.5"} {
		if got := number(&v); got != want {
			t.Errorf("%v is written %s, want %s", v, got, want)
		}
	}
	if got := measured(compliance.Finding{Value: new(600.0), Min: new(600.0), Max: new(600.0), Unit: "px"}); got != "600 px (600)" {
		t.Errorf("one size that is right is %q", got)
	}
	if got := enumerate([]string{"a", "b", "c", "d", "e", "f"}); got != "a, b, c, d and 2 more" {
		t.Errorf("six rules are %q", got)
	}
}

// No line is longer than it may be, unless it is one word; nothing is lost.
func TestWrap(t *testing.T) {
	text := "Ümläute zählen einfach, and a-word-that-is-much-too-long-for-it stands alone, at 59 % of it."
	for width := 20; width < 100; width++ {
		lines := wrap(text, width)
		if strings.Join(lines, " ") != text {
			t.Fatalf("at %d columns it reads %q", width, lines)
		}
		for _, line := range lines {
			if utf8.RuneCountInString(line) > width && strings.Contains(line, " ") || strings.HasPrefix(line, "%") {
				t.Errorf("at %d columns there is the line %q", width, line)
			}
		}
	}
}

// Whoever runs `edge photo` at a terminal reads a table that fits it, and what it comes to.
func TestPhotoOnATerminal(t *testing.T) {
	screen, tty := openTerminal(t)
	out := t.TempDir() + "/a.jpg"
	cmd := edgeProgram(t, "photo", portraitFile, "-document", "us-passport", "-o", out)
	cmd.Stdout = tty
	if status := statusOf(cmd.Run()); status != failing {
		t.Errorf("the status is %d, want %d", status, failing)
	}
	stands := lines(screen())
	if !strings.HasPrefix(stands[0], "fail  bg.") {
		t.Errorf("first there stands %q, want what fails", stands[0])
	}
	for _, line := range stands {
		if n := utf8.RuneCountInString(line); n > 60 && !strings.Contains(line, out) {
			t.Errorf("%d columns are taken of 60: %q", n, line)
		}
	}
	if end := strings.Join(stands, " "); !strings.Contains(end, "The photo cannot be used for us-passport as it is, because of bg.") || !strings.Contains(end, "is in "+out) {
		t.Errorf("in the end there stands %q", stands[max(0, len(stands)-5):])
	}
}
