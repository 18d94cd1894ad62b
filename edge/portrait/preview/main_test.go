package preview

import (
	"bytes"
	"encoding/json"
	"image"
	"image/png"
	"os"
	"testing"

	"github.com/professionalaistudio/studio/edge/portrait/compliance"
)

// sample is the portrait of nobody and what was found in it.
func sample(t testing.TB) (Picture, []compliance.Finding) {
	t.Helper()
	data, err := os.ReadFile("../../testdata/portrait-1.jpg")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile("testdata/findings.json")
	if err != nil {
		t.Fatal(err)
	}
	var findings []compliance.Finding
	if err := json.Unmarshal(raw, &findings); err != nil {
		t.Fatal(err)
	}
	cfg, _, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return Picture{On: compliance.Capture, Data: data, Width: cfg.Width, Height: cfg.Height}, findings
}

// grey is a picture of one shade.
func grey(width, height int, shade byte) Picture {
	return Picture{On: compliance.Capture, Pix: bytes.Repeat([]byte{shade}, 3*width*height), Width: width, Height: height}
}

// one finding in one place.
func one(rule string, v compliance.Verdict, points ...[2]float64) compliance.Finding {
	return compliance.Finding{Rule: rule, Verdict: v, Value: new(1.5), Max: new(1.0), Unit: "mm", Advice: "Do something else.",
		Place: &compliance.Place{On: compliance.Capture, Points: points}}
}

func painting(t testing.TB, p Picture, findings []compliance.Finding, o Options) image.Image {
	t.Helper()
	data, err := PNG(p, findings, o)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func pageOf(t testing.TB, p Picture, findings []compliance.Finding, o Options) *page {
	t.Helper()
	page, err := lay(p, findings, o)
	if err != nil {
		t.Fatal(err)
	}
	return page
}
