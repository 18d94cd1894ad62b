package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"image"
	"math"
	"mime/multipart"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/professionalaistudio/studio/edge/portrait/compliance"
)

// A person who does not exist, whose crown and chin were read off the picture (testdata/README.md).
const (
	portraitFile = "testdata/portrait-1.jpg"
	portraitHead = "174,22,174,232"
)

// photoAnswer is the JSON of interface.md, read as a stranger would.
type photoAnswer struct {
	Document string
	Pack     string
	Findings []compliance.Finding
	Photo    *photoOutput
	Sheet    *photoOutput
}

type photoOutput struct {
	Type          string
	Width, Height int
	DPI           float64
	Affine        [6]float64
	Data          string
}

func (a photoAnswer) finding(t *testing.T, rule string) compliance.Finding {
	t.Helper()
	for _, f := range a.Findings {
		if f.Rule == rule {
			return f
		}
	}
	t.Fatalf("there is no finding %s", rule)
	return compliance.Finding{}
}

func readPhoto(t *testing.T, data []byte) photoAnswer {
	t.Helper()
	var p photoAnswer
	if err := json.Unmarshal(data, &p); err != nil {
		t.Fatalf("%v: %.300s", err, data)
	}
	return p
}

func sample(t *testing.T) []byte {
	t.Helper()
	data, err := os.ReadFile(portraitFile)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func postPhoto(t *testing.T, n *node, query string, header ...string) answer {
	t.Helper()
	return ask(t, http.MethodPost, n.public+query, bytes.NewReader(sample(t)),
		append([]string{"Authorization", "Bearer " + testKey.Secret, "Content-Type", "image/jpeg"}, header...)...)
}

// A US passport photo by hand: 2 × 2 inches at 300 dpi, a head of 25 to 35 mm, and an affine that says what was cut.
func TestPhoto(t *testing.T) {
	n := start(t)
	a := postPhoto(t, n, "/v1/photos?document=us-passport&head="+portraitHead, "Accept", "application/json").ok(t)
	if got := a.Header.Get("Content-Type"); got != "application/json" {
		t.Errorf("the type is %s, want application/json", got)
	}
	p := readPhoto(t, a.body)
	if p.Document != "us-passport" || p.Pack == "" || p.Photo == nil || p.Sheet != nil {
		t.Fatalf("the answer is for %q of pack %q", p.Document, p.Pack)
	}
	data, err := base64.StdEncoding.DecodeString(p.Photo.Data)
	if err != nil {
		t.Fatal(err)
	}
	img, kind, err := image.Decode(bytes.NewReader(data))
	if err != nil || kind != "jpeg" || p.Photo.Type != "image/jpeg" {
		t.Fatalf("the photo is a %s said to be %s: %v", kind, p.Photo.Type, err)
	}
	if size := img.Bounds().Size(); size != image.Pt(600, 600) || p.Photo.Width != 600 || p.Photo.Height != 600 {
		t.Errorf("the photo is %v, said to be %d × %d, want 600 × 600", size, p.Photo.Width, p.Photo.Height)
	}
	if p.Photo.DPI != 300 || jfifDPI(data) != 300 {
		t.Errorf("the density is said to be %v and written as %d, want 300", p.Photo.DPI, jfifDPI(data))
	}
	// Where the affine takes crown and chin, a ruler on the print finds the head.
	m := p.Photo.Affine
	at := func(x, y float64) (float64, float64) { return m[0]*x + m[1]*y + m[2], m[3]*x + m[4]*y + m[5] }
	cx, cy := at(174, 22)
	hx, hy := at(174, 232)
	head := math.Hypot(hx-cx, hy-cy) / 300 * 25.4
	if head < 25 || head > 35 {
		t.Errorf("the head is %.1f mm high, want 25 to 35", head)
	}
	size := p.finding(t, "head.size")
	if size.Value == nil || math.Abs(*size.Value-head) > 0.1 {
		t.Errorf("the finding says %v, and the affine %.2f mm", size.Value, head)
	}
	if size.Verdict != compliance.Pass {
		t.Errorf("head.size is %s, want pass", size.Verdict)
	}
	if len(p.Findings) < 62 {
		t.Errorf("there are %d findings, want one for each of the 62 rules", len(p.Findings))
	}
	if got := p.finding(t, "eyes.gaze"); got.Verdict == compliance.NotAssessed {
		t.Errorf("eyes.gaze is not judged: %s", got.Advice)
	}

	// The same as a picture.
	a = postPhoto(t, n, "/v1/photos?document=us-passport&head="+portraitHead, "Accept", "image/jpeg").ok(t)
	if !bytes.Equal(a.body, data) || a.Header.Get("Content-Type") != "image/jpeg" {
		t.Errorf("as a picture it is %d bytes of %s, want the %d of the JSON", len(a.body), a.Header.Get("Content-Type"), len(data))
	}
	if got := a.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("a photo may be cached: %q", got)
	}
}

func jfifDPI(data []byte) int {
	i := bytes.Index(data[:64], []byte("JFIF\x00"))
	if i < 0 || data[i+7] != 1 { // dots per inch
		return 0
	}
	x, y := int(data[i+8])<<8|int(data[i+9]), int(data[i+10])<<8|int(data[i+11])
	if x != y {
		return -1
	}
	return x
}

// Everything may stand in a form as well; a field that is there twice is refused.
func TestPhotoForm(t *testing.T) {
	n := start(t)
	post := func(query string, fields map[string]string) answer {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		for name, value := range fields {
			w.WriteField(name, value)
		}
		p, err := w.CreateFormFile("photo", "me.jpg")
		if err != nil {
			t.Fatal(err)
		}
		p.Write(sample(t))
		w.Close()
		return ask(t, http.MethodPost, n.public+"/v1/photos"+query, &b,
			"Authorization", "Bearer "+testKey.Secret, "Content-Type", w.FormDataContentType(), "Accept", "application/json")
	}
	p := readPhoto(t, post("", map[string]string{"document": "de-passport", "head": portraitHead}).ok(t).body)
	if p.Document != "de-passport" || p.Photo.Width != 827 || p.Photo.Height != 1063 {
		t.Errorf("the photo is %d × %d for %s, want 35 × 45 mm at 600 dpi for de-passport", p.Photo.Width, p.Photo.Height, p.Document)
	}
	post("?document=us-passport", map[string]string{"document": "de-passport", "head": portraitHead}).expect(t, "malformed", 400)
}

// A sheet of 10 × 15 cm at the photo's density comes beside the photo, and alone where one picture is asked for.
func TestSheet(t *testing.T) {
	n := start(t)
	p := readPhoto(t, postPhoto(t, n, "/v1/photos?document=de-passport&sheet=10x15&head="+portraitHead, "Accept", "application/json").ok(t).body)
	if p.Sheet == nil {
		t.Fatal("there is no sheet")
	}
	long, short := max(p.Sheet.Width, p.Sheet.Height), min(p.Sheet.Width, p.Sheet.Height)
	if want := 15 / 2.54 * p.Sheet.DPI; math.Abs(float64(long)-want) > 0.02*want {
		t.Errorf("the sheet is %d × %d at %v dpi, want 10 × 15 cm", p.Sheet.Width, p.Sheet.Height, p.Sheet.DPI)
	}
	if want := 10 / 2.54 * p.Sheet.DPI; math.Abs(float64(short)-want) > 0.03*want {
		t.Errorf("the sheet is %d × %d at %v dpi, want 10 × 15 cm", p.Sheet.Width, p.Sheet.Height, p.Sheet.DPI)
	}
	a := postPhoto(t, n, "/v1/photos?document=de-passport&sheet=10x15&head="+portraitHead, "Accept", "image/*").ok(t)
	cfg, _, err := image.DecodeConfig(bytes.NewReader(a.body))
	if err != nil || cfg.Width != p.Sheet.Width || cfg.Height != p.Sheet.Height {
		t.Errorf("one picture is %d × %d (%v), want the sheet's %d × %d", cfg.Width, cfg.Height, err, p.Sheet.Width, p.Sheet.Height)
	}
}

func TestCheck(t *testing.T) {
	n := start(t)
	a := postPhoto(t, n, "/v1/checks?document=us-passport&head="+portraitHead).ok(t)
	p := readPhoto(t, a.body)
	if p.Photo != nil || p.Sheet != nil || bytes.Contains(a.body, []byte(`"photo"`)) {
		t.Error("a check answers with a picture")
	}
	if len(p.Findings) < 62 {
		t.Errorf("there are %d findings, want one for each of the 62 rules", len(p.Findings))
	}
	if usage := n.metric("edge_metering_records_total"); usage != 1 {
		t.Errorf("%v records were counted, want 1", usage)
	}
}

// A sheet of several documents, of one capture: a PDF in true millimetres, with what each document says of its photo.
func TestMixedSheet(t *testing.T) {
	n := start(t)
	a := postPhoto(t, n, "/v1/photos?document=jp-passport&sheet=a4&copies=4&with=br-passport:2,in-visa&format=pdf", "Accept", "application/json").ok(t)
	var p struct {
		Sheet struct{ Type, Data string }
		With  []struct {
			Document string
			Findings []compliance.Finding
		}
	}
	if err := json.Unmarshal(a.body, &p); err != nil {
		t.Fatal(err)
	}
	pdf, err := base64.StdEncoding.DecodeString(p.Sheet.Data)
	if err != nil || p.Sheet.Type != "application/pdf" || !bytes.HasPrefix(pdf, []byte("%PDF-1.7")) || !bytes.Contains(pdf, []byte("/MediaBox[0 0 595.2756 841.8898]")) {
		t.Errorf("the sheet is %s of %d bytes: %v", p.Sheet.Type, len(pdf), err)
	}
	if got := bytes.Count(pdf, []byte("/Subtype/Image")); got != 3 {
		t.Errorf("there are %d pictures in it, want one for each document", got)
	}
	if len(p.With) != 2 || p.With[0].Document != "br-passport" || p.With[1].Document != "in-visa" || len(p.With[0].Findings) < 62 {
		t.Errorf("the other documents say %+v", p.With)
	}
	a = postPhoto(t, n, "/v1/photos?document=jp-passport&format=pdf", "Accept", "application/pdf").ok(t)
	if got := a.Header.Get("Content-Type"); got != "application/pdf" || !strings.Contains(a.Header.Get("Content-Disposition"), `"jp-passport.pdf"`) {
		t.Errorf("one photo as a PDF is %s, %s", got, a.Header.Get("Content-Disposition"))
	}
	for query, word := range map[string]string{
		"copies=3": "malformed", "sheet=a4&copies=0": "malformed", "sheet=a4&gap=0.1": "malformed", "sheet=a4&with=": "malformed",
		"sheet=3r&copies=99": "cannot-fit", "sheet=a4&with=xx-passport": "document-unknown", "sheet=8x12": "malformed", "sheet=NaNxNaNmm": "malformed",
	} {
		if p := postPhoto(t, n, "/v1/photos?document=jp-passport&"+query).problem(t); p.Type != word {
			t.Errorf("%s is %s: %s, want %s", query, p.Type, p.Detail, word)
		}
	}
}
