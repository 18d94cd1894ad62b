package main

import (
	"bytes"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/professionalaistudio/studio/edge/wire"
)

const portraitHeadOption = "head:174:22:174:232"

// The document photo at a signed address is the one that is posted for, to the byte, and so is that of the options on a body.
func TestPhotoBySignedURL(t *testing.T) {
	n, src := start(t), sources(t)
	posted := postPhoto(t, n, "/v1/photos?document=us-passport&head="+portraitHead, "Accept", "image/jpeg").ok(t)
	address := n.sign("document:us-passport/"+portraitHeadOption, src.URL+"/person.jpg")
	a := get(t, address).ok(t)
	if !bytes.Equal(a.body, posted.body) {
		t.Errorf("by URL it is %d bytes of %s, want the %d that are posted for", len(a.body), a.Header.Get("Content-Type"), len(posted.body))
	}
	for _, name := range []string{"Content-Type", "Content-Disposition", "Content-Security-Policy", "X-Findings-Failed"} {
		if got, want := a.Header.Get(name), posted.Header.Get(name); got != want || want == "" {
			t.Errorf("%s is %q by URL, %q where it is posted for", name, got, want)
		}
	}
	if got := a.Header.Get("Cache-Control"); got != "max-age=31536000, public" {
		t.Errorf("Cache-Control is %q, want a year as of any signed URL", got)
	}
	if r, _ := n.receipt(a.Header.Get("X-Receipt")); r.Document != "us-passport" || r.Photo != "" || r.Order != 0 {
		t.Errorf("its receipt says %+v, want us-passport, no hash and no order", r)
	}
	for _, stage := range []string{"auth", "fetch", "check", "queue", "decode", "encode", "count", "total"} {
		if timing := a.Header.Get("Server-Timing"); !strings.Contains(timing, stage+";dur=") {
			t.Errorf("Server-Timing is %s, and lacks %s", timing, stage)
		}
	}

	onBody := postPhoto(t, n, "/v1/images/document:us-passport/"+portraitHeadOption, "Accept", "image/avif,image/webp,*/*").ok(t)
	if !bytes.Equal(onBody.body, posted.body) || onBody.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("on a body it is %d bytes with Cache-Control %q, want the same %d and no-store", len(onBody.body), onBody.Header.Get("Cache-Control"), len(posted.body))
	}
	if got := get(t, n.sign("document:us-passport/"+portraitHeadOption+"/fn:me.jpg", src.URL+"/person.jpg")).ok(t); got.Header.Get("Content-Disposition") != `inline; filename="me.jpg"` {
		t.Errorf("with fn:me.jpg it is called %s", got.Header.Get("Content-Disposition"))
	}
}

// HEAD tells all that GET does; a client that has the photo is not sent it again; other options and other formats have other tags.
func TestPhotoIsCached(t *testing.T) {
	n, src := start(t), sources(t)
	address := func(options string) string {
		return n.sign("document:us-passport/"+portraitHeadOption+options, src.URL+"/person.jpg")
	}
	a := get(t, address("")).ok(t)
	tag := a.Header.Get("ETag")
	if tag == "" || strings.HasPrefix(tag, "W/") {
		t.Fatalf("the tag is %q, want a strong one", tag)
	}
	head := ask(t, http.MethodHead, address(""), nil)
	for _, name := range []string{"Content-Length", "Content-Type", "Content-Disposition", "ETag", "X-Findings-Failed"} {
		if head.StatusCode != 200 || head.Header.Get(name) != a.Header.Get(name) {
			t.Errorf("HEAD answers %d with %s %q, GET %q", head.StatusCode, name, head.Header.Get(name), a.Header.Get(name))
		}
	}
	if again := get(t, address(""), "If-None-Match", tag); again.StatusCode != 304 || again.Header.Get("ETag") != tag || len(again.body) != 0 {
		t.Errorf("a client that has it is answered %d with the tag %q", again.StatusCode, again.Header.Get("ETag"))
	}
	seen := map[string]string{tag: "itself"}
	for _, options := range []string{"/mode:crop", "/sheet:10x15", "/f:json", "/document:us-visa"} {
		other := get(t, address(options)).ok(t).Header.Get("ETag")
		if twin, taken := seen[other]; taken || other == "" {
			t.Errorf("with %s the tag is %q, as that of %s", options, other, twin)
		}
		seen[other] = options
	}
}

// The findings come with the photo inside, as /v1/photos has them, where the format is json or Accept asks for it.
func TestFindingsBySignedURL(t *testing.T) {
	n, src := start(t), sources(t)
	options := "document:us-passport/" + portraitHeadOption
	posted := readPhoto(t, postPhoto(t, n, "/v1/photos?document=us-passport&head="+portraitHead, "Accept", "application/json").ok(t).body)
	for name, a := range map[string]answer{
		"format":    get(t, n.sign(options+"/f:json", src.URL+"/person.jpg"), "Accept", "image/webp"),
		"extension": get(t, n.signPath("/"+options+"/"+wire.PlainSource(src.URL+"/person.jpg")+"@json")),
		"accept":    get(t, n.sign(options, src.URL+"/person.jpg"), "Accept", "application/json"),
		"body":      postPhoto(t, n, "/v1/images/"+options+"/f:json"),
		"asked for": postPhoto(t, n, "/v1/images/"+options, "Accept", "application/json"),
	} {
		p := readPhoto(t, a.ok(t).body)
		if a.Header.Get("Content-Type") != "application/json" || p.Document != "us-passport" || p.Pack != posted.Pack || len(p.Findings) != len(posted.Findings) {
			t.Errorf("%s: %s, the findings of %q by %q: %d, want %d by %q", name, a.Header.Get("Content-Type"), p.Document, p.Pack, len(p.Findings), len(posted.Findings), posted.Pack)
		}
		if p.Photo == nil || p.Photo.Data != posted.Photo.Data || p.Photo.Affine != posted.Photo.Affine {
			t.Errorf("%s: the photo inside is not the one that is posted for", name)
		}
		if !bytes.Contains(a.body, []byte(`"receipt":"ey`)) {
			t.Errorf("%s: no receipt goes with the findings", name)
		}
		if tag := a.Header.Get("ETag"); name == "accept" {
			if got := a.Header.Get("Vary"); !strings.Contains(got, "Accept") {
				t.Errorf("Vary is %q, and the answer hangs on Accept", got)
			}
			if again := get(t, n.sign(options, src.URL+"/person.jpg"), "Accept", "application/json", "If-None-Match", tag); again.StatusCode != 304 || !strings.HasPrefix(tag, "W/") {
				t.Errorf("findings with the tag %s are answered %d to who has them, want a weak tag and 304", tag, again.StatusCode)
			}
			if got := a.Header.Get("Cache-Control"); got != "max-age=86400, public" {
				t.Errorf("findings may be kept for %q, want a day: they judge how old the photo is", got)
			}
		}
	}
}

// What is printed comes as a PDF too, the one that is posted for.
func TestPhotoToPrint(t *testing.T) {
	n, src := start(t), sources(t)
	posted := postPhoto(t, n, "/v1/photos?document=de-passport&sheet=10x15&copies=4&gap=0&format=pdf&head="+portraitHead, "Accept", "*/*").ok(t)
	for name, a := range map[string]answer{
		"format":    get(t, n.sign("document:de-passport/"+portraitHeadOption+"/sheet:10x15:4:0/f:pdf", src.URL+"/person.jpg")),
		"extension": get(t, n.signPath("/document:de-passport/"+portraitHeadOption+"/sheet:10x15:4:0/"+wire.PlainSource(src.URL+"/person.jpg")+"@pdf")),
		"body":      postPhoto(t, n, "/v1/images/document:de-passport/"+portraitHeadOption+"/sheet:10x15:4:0/f:pdf"),
	} {
		a.ok(t)
		if kind, called := a.Header.Get("Content-Type"), a.Header.Get("Content-Disposition"); kind != "application/pdf" || called != `inline; filename="de-passport.pdf"` {
			t.Errorf("%s: the answer is %s, called %s", name, kind, called)
		}
		if !bytes.Equal(a.body, posted.body) || !bytes.HasPrefix(a.body, []byte("%PDF-")) {
			t.Errorf("%s: it is %d bytes that begin with %q, want the %d that are posted for", name, len(a.body), a.body[:5], len(posted.body))
		}
	}
}

// What can go wrong has the statuses of signed URLs there, and those of the API on a body.
func TestPhotoOptionsRefuse(t *testing.T) {
	n, src := start(t), sources(t)
	for name, test := range map[string]struct {
		options, source string
		word            string
		signed, body    int
		extra           string
	}{
		"an unknown document":     {"document:xx-passport", "person.jpg", "document-unknown", 404, 404, ""},
		"an unknown paper":        {"document:us-passport/sheet:a99", "person.jpg", "option", 404, 400, "sheet"},
		"another size":            {"document:us-passport/rs:fit:300:300", "person.jpg", "option", 404, 400, "rs"},
		"a format it has not":     {"document:us-passport/f:webp", "person.jpg", "format", 422, 422, ""},
		"a barred background":     {"document:us-passport/bg:fff", "person.jpg", "edit-barred", 422, 422, ""},
		"a head outside":          {"document:us-passport/head:1:1:9999:9999", "person.jpg", "head", 422, 422, ""},
		"nobody":                  {"document:us-passport", "slope.png", "no-face", 422, 422, ""},
		"no picture":              {"document:us-passport", "text.jpg", "not-an-image", 422, 415, ""},
		"cut short":               {"document:us-passport/head:60:10:60:60", "cut.jpg", "broken-image", 422, 422, ""},
		"findings of no document": {"f:json", "person.jpg", "option", 404, 400, "f"},
	} {
		t.Run(name, func(t *testing.T) {
			p := get(t, n.sign(test.options, src.URL+"/"+test.source)).expect(t, test.word, test.signed)
			if test.extra != "" && p.Extra["option"] != test.extra {
				t.Errorf("it names %v, want %s: %s", p.Extra["option"], test.extra, p.Detail)
			}
			ask(t, http.MethodPost, n.public+"/v1/images/"+test.options, bytes.NewReader(src.files["/"+test.source]),
				"Authorization", "Bearer "+testKey.Secret).expect(t, test.word, test.body)
		})
	}
	// Of an unknown document no source is fetched.
	get(t, n.sign("document:xx-passport", "https://127.0.0.1:1/x.jpg")).expect(t, "document-unknown", 404)
}

// A document photo needs its scope beside that of images, on a token as on a key, and is counted as what it is.
func TestPhotoOptionsAreScopedAndCounted(t *testing.T) {
	src, p := sources(t), newPlane(t)
	n := start(t, p.settings()...)
	n.ready()
	options := "document:us-passport/" + portraitHeadOption
	post := func(options, scope string) answer {
		token := p.token(func(c *wire.Claims) { c.Scope = scope })
		return ask(t, http.MethodPost, n.public+"/v1/images/"+options, bytes.NewReader(sample(t)), "Authorization", "Bearer "+token)
	}
	if got := post(options, "images mattes").expect(t, "scope", 403); got.Extra["scope"] != "photos" {
		t.Errorf("the scope that is missing is %v, want photos", got.Extra["scope"])
	}
	post(options, "photos").expect(t, "scope", 403)
	customer := testKey
	customer.ID, customer.Key, customer.Salt = "customer", []byte{0, 255}, []byte{255, 0}
	address := signedURL(n.public, customer, "/"+options+"/"+wire.PlainSource(src.URL+"/person.jpg"), wire.SignatureSize)
	get(t, address).expect(t, "scope", 403)

	post(options, "images photos").ok(t)
	post(options+"/sheet:10x15", "images photos").ok(t)
	p.change(func(b *wire.Bundle) { b.Keys[0].Scopes = append(b.Keys[0].Scopes, wire.ScopePhotos) })
	eventually(t, 10*time.Second, "the key has the scope", func() bool { return get(t, address).StatusCode == 200 })
	eventually(t, 10*time.Second, "all three are counted", func() bool { return len(p.records()) == 3 })
	get(t, signedURL(n.public, customer, "/sheet:10x15/"+options+"/"+wire.PlainSource(src.URL+"/person.jpg"), wire.SignatureSize)).ok(t)
	eventually(t, 10*time.Second, "the sheet is counted too", func() bool { return len(p.records()) == 4 })
	for i, want := range []wire.Op{wire.OpPhoto, wire.OpSheet, wire.OpPhoto, wire.OpSheet} {
		if u := p.records()[i]; u.Op != want || u.Units != 1 || u.Outcome != wire.OutcomeOK {
			t.Errorf("record %d is %+v, want one %v", i, u, want)
		}
	}
}

// The photo inside findings is a file of its own.
func TestPhotoInsideFindings(t *testing.T) {
	n, src := start(t), sources(t)
	p := readPhoto(t, get(t, n.sign("document:de-passport/sheet:10x15/f:json", src.URL+"/person.jpg")).ok(t).body)
	if p.Photo == nil || p.Sheet == nil || p.Photo.Width != 827 || p.Photo.Height != 1063 {
		t.Fatalf("inside are %+v and %+v, want 35 × 45 mm at 600 dpi and a sheet", p.Photo, p.Sheet)
	}
	sheet, err := base64.StdEncoding.DecodeString(p.Sheet.Data)
	if err != nil {
		t.Fatal(err)
	}
	a := get(t, n.sign("document:de-passport/sheet:10x15", src.URL+"/person.jpg")).ok(t)
	if !bytes.Equal(a.body, sheet) {
		t.Errorf("alone the sheet is %d bytes, inside the findings %d", len(a.body), len(sheet))
	}
}
