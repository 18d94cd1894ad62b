package main

import (
	"bytes"
	"image"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/professionalaistudio/studio/edge/wire"
)

// Where in the portrait of the tests there is a face, and where there is none.
var (
	inTheFace = image.Pt(174, 150)
	behind    = image.Pt(8, 8)
)

// cutOut judges a picture of the size of a portrait: people are there, and nothing is behind them.
func cutOut(scale float64) judge {
	return func(t *testing.T, _ answer, img image.Image) {
		t.Helper()
		at := func(p image.Point) image.Point { return image.Pt(int(float64(p.X)*scale), int(float64(p.Y)*scale)) }
		face, wall := at(inTheFace), at(behind)
		if _, _, _, a := img.At(face.X, face.Y).RGBA(); a != 0xffff {
			t.Errorf("in the face alpha is %d, want 255", a>>8)
		}
		if r, g, b, a := img.At(wall.X, wall.Y).RGBA(); r+g+b+a != 0 {
			t.Errorf("behind the person there is %v, want nothing", img.At(wall.X, wall.Y))
		}
	}
}

func postMatte(t *testing.T, n *node, query string, header ...string) answer {
	t.Helper()
	return ask(t, http.MethodPost, n.public+"/v1/mattes"+query, bytes.NewReader(sample(t)),
		append([]string{"Authorization", "Bearer " + testKey.Secret, "Content-Type", "image/jpeg"}, header...)...)
}

// A person without the background is a PNG of the same size, whose face is that of the photo to the pixel; the matte alone is its
// alpha; on a colour, the colour is behind.
func TestMattes(t *testing.T) {
	n := start(t)
	a := postMatte(t, n, "").ok(t)
	cut, kind, err := decode(a.body)
	if err != nil || kind != "png" || cut.Bounds().Size() != image.Pt(360, 359) {
		t.Fatalf("the answer is a %s of %v: %v", kind, cut.Bounds().Size(), err)
	}
	cutOut(1)(t, a, cut)
	photo, _, err := decode(sample(t))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := at(cut, inTheFace.X, inTheFace.Y), at(photo, inTheFace.X, inTheFace.Y); !near(got, want, 2) { // two decoders of one JPEG
		t.Errorf("in the face there is %v, in the photo %v", got, want)
	}
	for _, stage := range []string{"auth", "receive", "queue", "decode", "face", "matte", "refine", "encode", "count", "total"} {
		if timing := a.Header.Get("Server-Timing"); !strings.Contains(timing, stage+";dur=") {
			t.Errorf("Server-Timing is %s, and lacks %s", timing, stage)
		}
	}
	if got := a.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("a matte may be cached: %q", got)
	}
	if got := n.metric("edge_metering_records_total"); got != 1 {
		t.Errorf("%v records were counted, want 1", got)
	}

	alone, _, err := decode(postMatte(t, n, "?alpha=1").ok(t).body)
	if err != nil {
		t.Fatal(err)
	}
	grey, ok := alone.(*image.Gray)
	if !ok || grey.Bounds() != cut.Bounds() {
		t.Fatalf("the matte alone is a %T of %v", alone, alone.Bounds())
	}
	for y := range 359 {
		for x := range 360 {
			if got, want := grey.GrayAt(x, y).Y, at(cut, x, y).A; got != want {
				t.Fatalf("the matte at %d,%d is %d, alpha %d", x, y, got, want)
			}
		}
	}
	for query, accept := range map[string]string{"?background=%230000ff": "image/png", "?background=00f": "image/jpeg", "?background=00f&format=jpg": ""} {
		a := postMatte(t, n, query, "Accept", accept).ok(t)
		img, kind, err := decode(a.body)
		if err != nil {
			t.Fatal(err)
		}
		if want := map[bool]string{true: "jpeg", false: "png"}[query != "?background=%230000ff"]; kind != want {
			t.Errorf("%s with %s is a %s, want a %s", query, accept, kind, want)
		}
		colourAt(behind.X, behind.Y, 0, 0, 255)(t, a, img)
	}
	for accept, want := range map[string]string{"image/webp": "image/webp", "image/avif,image/webp,*/*": "image/webp", "image/png, image/webp": "image/png",
		"*/*": "image/png", "image/jpeg": "image/png"} {
		if got := postMatte(t, n, "", "Accept", accept).ok(t).Header.Get("Content-Type"); got != want {
			t.Errorf("Accept: %s is answered %s, want %s", accept, got, want)
		}
	}

	// All of it may stand in a form.
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	w.WriteField("alpha", "1")
	p, err := w.CreateFormFile("photo", "me.jpg")
	if err != nil {
		t.Fatal(err)
	}
	p.Write(sample(t))
	w.Close()
	form := ask(t, http.MethodPost, n.public+"/v1/mattes", &b, "Authorization", "Bearer "+testKey.Secret, "Content-Type", w.FormDataContentType()).ok(t)
	if img, _, err := decode(form.body); err != nil || at(img, inTheFace.X, inTheFace.Y).R != 255 {
		t.Errorf("a form is answered %v, %v", img.Bounds(), err)
	}
}

// onItsSide is img as a phone held upright stores it: turned to the left, in a JPEG whose EXIF 6, a turn to the right, undoes it.
func onItsSide(img image.Image) []byte {
	b := img.Bounds()
	lying := image.NewNRGBA(image.Rect(0, 0, b.Dy(), b.Dx()))
	for y := range b.Dy() {
		for x := range b.Dx() {
			lying.Set(y, b.Dx()-1-x, img.At(b.Min.X+x, b.Min.Y+y))
		}
	}
	return withEXIF(asJPEG(lying), 6, "x")
}

// A photo lying on its side by its EXIF is answered upright.
func TestMatteIsUpright(t *testing.T) {
	n := start(t)
	img, _, err := decode(sample(t))
	if err != nil {
		t.Fatal(err)
	}
	a := ask(t, http.MethodPost, n.public+"/v1/mattes", bytes.NewReader(onItsSide(img)), "Authorization", "Bearer "+testKey.Secret).ok(t)
	cut, _, err := decode(a.body)
	if err != nil || cut.Bounds().Size() != image.Pt(360, 359) {
		t.Fatalf("the answer is %v: %v", cut.Bounds(), err)
	}
	cutOut(1)(t, a, cut)
	for _, p := range []image.Point{inTheFace, {X: 174, Y: 60}, {X: 174, Y: 330}} { // the face, the top of the head, the clothes
		if got, want := at(cut, p.X, p.Y), at(img, p.X, p.Y); !near(got, want, 12) { // a JPEG of a JPEG
			t.Errorf("at %v is %v, want %v", p, got, want)
		}
	}
}

func TestMattesRefuse(t *testing.T) {
	n, src := start(t, "EDGE_MAX_BYTES=200000", "EDGE_MAX_PIXELS=1000000"), sources(t)
	bearer := []string{"Authorization", "Bearer " + testKey.Secret}
	for name, test := range map[string]struct {
		query  string
		body   []byte
		header []string
		word   string
		status int
	}{
		"nobody in it":          {"", src.files["/slope.png"], bearer, "no-person", 422},
		"no picture":            {"", src.files["/text.jpg"], bearer, "not-an-image", 415},
		"cut short":             {"", src.files["/cut.jpg"], bearer, "broken-image", 422},
		"too many pixels":       {"", src.files["/bomb.png"], bearer, "too-large", 413},
		"too many bytes":        {"", make([]byte, 300_000), bearer, "too-large", 413},
		"nothing":               {"", nil, bearer, "malformed", 400},
		"no token":              {"", src.files["/slope.png"], nil, "token", 401},
		"a wrong colour":        {"?background=red", src.files["/slope.png"], bearer, "malformed", 400},
		"a wrong alpha":         {"?alpha=yes", src.files["/slope.png"], bearer, "malformed", 400},
		"a format unknown":      {"?format=tiff", src.files["/slope.png"], bearer, "malformed", 400},
		"a JPEG without colour": {"?format=jpeg", src.files["/slope.png"], bearer, "malformed", 400},
		"alpha and a colour":    {"?alpha=1&background=fff", src.files["/slope.png"], bearer, "malformed", 400},
		"a parameter unknown":   {"?document=us-passport", src.files["/slope.png"], bearer, "malformed", 400},
		"a parameter twice":     {"?alpha=1&alpha=0", src.files["/slope.png"], bearer, "malformed", 400},
	} {
		t.Run(name, func(t *testing.T) {
			ask(t, http.MethodPost, n.public+"/v1/mattes"+test.query, bytes.NewReader(test.body), test.header...).expect(t, test.word, test.status)
		})
	}
	get(t, n.sign("matte:1", src.URL+"/slope.png")).expect(t, "no-person", 422)
}

// A matte needs its scope, on a token as on a key that has scopes, and is counted as one.
func TestMattesAreScopedAndCounted(t *testing.T) {
	src, p := sources(t), newPlane(t)
	n := start(t, p.settings()...)
	n.ready()
	post := func(path, scope string) answer {
		token := p.token(func(c *wire.Claims) { c.Scope = scope })
		return ask(t, http.MethodPost, n.public+path, bytes.NewReader(sample(t)), "Authorization", "Bearer "+token)
	}
	post("/v1/mattes", "images photos checks").expect(t, "scope", 403)
	post("/v1/images/matte:1/f:png", "images").expect(t, "scope", 403)
	customer := testKey
	customer.ID, customer.Key, customer.Salt = "customer", []byte{0, 255}, []byte{255, 0}
	address := signedURL(n.public, customer, "/matte:1/plain/"+src.URL+"/person.jpg", wire.SignatureSize)
	get(t, address).expect(t, "scope", 403)

	post("/v1/mattes", "mattes").ok(t)
	post("/v1/images/matte:1/f:png", "images mattes").ok(t)
	p.change(func(b *wire.Bundle) { b.Keys[0].Scopes = append(b.Keys[0].Scopes, wire.ScopeMattes) })
	eventually(t, 10*time.Second, "the key has the scope", func() bool { return get(t, address).StatusCode == 200 })
	eventually(t, 10*time.Second, "all three are counted", func() bool { return len(p.records()) == 3 })
	for i, u := range p.records() {
		if u.Op != wire.OpMatte || u.Units != 1 || u.Outcome != wire.OutcomeOK {
			t.Errorf("record %d is %+v, want one matte", i, u)
		}
	}
}

// The ETag of a matte is its own, and holds.
func TestMatteETag(t *testing.T) {
	n, src := start(t), sources(t)
	address := n.sign("matte:1/w:90", src.URL+"/person.jpg")
	a := get(t, address).ok(t)
	if got := a.Header.Get("Content-Type"); got != "image/png" {
		t.Errorf("a matte of a JPEG is answered as %s, want image/png", got)
	}
	tag := a.Header.Get("ETag")
	if plain := get(t, n.sign("w:90/f:png", src.URL+"/person.jpg")).ok(t).Header.Get("ETag"); tag == "" || tag == plain {
		t.Errorf("the tag of a matte is %s, and without it %s", tag, plain)
	}
	if again := get(t, address, "If-None-Match", tag); again.StatusCode != http.StatusNotModified {
		t.Errorf("asked again it is answered %d, want 304", again.StatusCode)
	}
}
