package main

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"io"
	"maps"
	"math"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/professionalaistudio/studio/edge/wire"
)

const removebg = "/v1.0/removebg"

// removal posts a form to remove.bg's address; image_file and bg_image_file are files.
func removal(t *testing.T, n *node, fields map[string]string, header ...string) answer {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		var part io.Writer
		var err error
		if strings.HasSuffix(name, "_file") {
			part, err = w.CreateFormFile(name, "me.jpg")
		} else {
			part, err = w.CreateFormField(name)
		}
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(part, fields[name])
	}
	w.Close()
	return ask(t, http.MethodPost, n.public+removebg, &b, append([]string{"X-Api-Key", testKey.Secret, "Content-Type", w.FormDataContentType()}, header...)...)
}

type removalErrors struct {
	Errors []struct{ Title, Code, Detail string }
}

// refused fails unless the answer is an error in remove.bg's form, of this status and code.
func (a answer) refused(t *testing.T, status int, code string) {
	t.Helper()
	var got removalErrors
	decoder := json.NewDecoder(bytes.NewReader(a.body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&got); err != nil || len(got.Errors) == 0 {
		t.Fatalf("status %d with %.300q is not in the form of errors: %v", a.StatusCode, a.body, err)
	}
	if a.StatusCode != status || got.Errors[0].Code != code || got.Errors[0].Title == "" {
		t.Errorf("the answer is %d %+v, want %d %s", a.StatusCode, got.Errors, status, code)
	}
	if got := a.Header.Get("WWW-Authenticate"); got != "" {
		t.Errorf("%d asks for %s, as only 401 does", a.StatusCode, got)
	}
	if kind, cache := a.Header.Get("Content-Type"), a.Header.Get("Cache-Control"); kind != "application/json" || cache != "no-store" {
		t.Errorf("an error is %s and may be kept: %q", kind, cache)
	}
	if strings.Contains(string(a.body), "127.0.0.1") {
		t.Errorf("the error repeats the address: %s", a.body)
	}
}

func (a answer) number(t *testing.T, name string) int {
	t.Helper()
	var n int
	if _, err := fmt.Sscan(a.Header.Get(name), &n); err != nil {
		t.Errorf("%s is %q", name, a.Header.Get(name))
	}
	return n
}

// Every field does what its documentation says, and the headers say what was done.
func TestRemovebg(t *testing.T) {
	n, src := start(t), sources(t)
	src.files["/field.jpg"] = field(t)
	portrait, inAField := string(sample(t)), string(src.files["/field.jpg"])
	plain := removal(t, n, map[string]string{"image_file": inAField, "size": "full"}).ok(t)
	top, left, width, height := plain.number(t, "X-Foreground-Top"), plain.number(t, "X-Foreground-Left"), plain.number(t, "X-Foreground-Width"), plain.number(t, "X-Foreground-Height")
	if top < 600 || left < 1000 || height < 500 || left+width > 2000 || top+height > 1500 {
		t.Fatalf("the person is said to be at %d,%d, %d × %d", left, top, width, height)
	}
	behind, inside := image.Pt(8, 8), image.Pt(left+width/2, top+height/2)
	scaled := func(p image.Point, to image.Image) image.Point {
		return image.Pt(p.X*to.Bounds().Dx()/2000, p.Y*to.Bounds().Dy()/1500)
	}
	clear := func(t *testing.T, img image.Image) {
		t.Helper()
		if a, b := at(img, scaled(behind, img).X, scaled(behind, img).Y).A, at(img, scaled(inside, img).X, scaled(inside, img).Y).A; a != 0 || b != 255 {
			t.Errorf("alpha is %d behind the person and %d inside", a, b)
		}
	}
	on := func(c color.NRGBA) func(*testing.T, image.Image) {
		return func(t *testing.T, img image.Image) {
			t.Helper()
			if got := at(img, 2, 2); !near(got, c, 4) {
				t.Errorf("behind the person there is %v, want %v", got, c)
			}
		}
	}
	boxOf := func(img image.Image) (box image.Rectangle) {
		for y := range img.Bounds().Dy() {
			for x := range img.Bounds().Dx() {
				if at(img, x, y).A >= 8 {
					box = box.Union(image.Rect(x, y, x+1, y+1))
				}
			}
		}
		return box
	}
	// seen is where people are, as parts of the picture.
	seen := func(x1, y1, x2, y2, slack float64) func(*testing.T, image.Image) {
		return func(t *testing.T, img image.Image) {
			t.Helper()
			box := boxOf(img)
			w, h := float64(img.Bounds().Dx()), float64(img.Bounds().Dy())
			for i, d := range []float64{float64(box.Min.X)/w - x1, float64(box.Min.Y)/h - y1, float64(box.Max.X)/w - x2, float64(box.Max.Y)/h - y2} {
				if math.Abs(d) > slack {
					t.Errorf("side %d of the people, who are seen at %v of %v, is off by %.3f", i, box, img.Bounds().Size(), d)
				}
			}
		}
	}
	// within is where they are not beyond, and reach to the lower edge of.
	within := func(region image.Rectangle) func(*testing.T, image.Image) {
		return func(t *testing.T, img image.Image) {
			t.Helper()
			if box := boxOf(img); !box.In(region) || box.Max.Y != region.Max.Y || box.Dx() < 50 || box.Dy() < 50 {
				t.Errorf("people are seen at %v, and were looked for in %v", box, region)
			}
		}
	}
	l, u, r, d := float64(left)/2000, float64(top)/1500, float64(left+width)/2000, float64(top+height)/1500
	part := func(px int) int { return (px*577 + 1000) / 2000 } // of the preview
	for name, test := range map[string]struct {
		fields map[string]string
		size   image.Point // about
		kind   string
		judge  func(*testing.T, image.Image)
	}{
		"nothing asked":       {map[string]string{"image_file": portrait}, image.Pt(360, 359), "png", nil},
		"a preview":           {map[string]string{}, image.Pt(577, 433), "png", clear},
		"small":               {map[string]string{"size": "small"}, image.Pt(577, 433), "png", clear},
		"regular":             {map[string]string{"size": "regular"}, image.Pt(577, 433), "png", clear},
		"medium":              {map[string]string{"size": "medium"}, image.Pt(1414, 1060), "png", clear},
		"hd":                  {map[string]string{"size": "hd"}, image.Pt(2000, 1500), "png", clear},
		"full":                {map[string]string{"size": "full"}, image.Pt(2000, 1500), "png", clear},
		"4k":                  {map[string]string{"size": "4k"}, image.Pt(2000, 1500), "png", clear},
		"auto":                {map[string]string{"size": "auto"}, image.Pt(2000, 1500), "png", clear},
		"50MP":                {map[string]string{"size": "50MP"}, image.Pt(2000, 1500), "png", clear},
		"a person":            {map[string]string{"type": "person", "type_level": "2"}, image.Pt(577, 433), "png", clear},
		"png":                 {map[string]string{"format": "png", "bg_color": "fff"}, image.Pt(577, 433), "png", on(color.NRGBA{255, 255, 255, 255})},
		"jpg":                 {map[string]string{"format": "jpg"}, image.Pt(577, 433), "jpeg", on(color.NRGBA{255, 255, 255, 255})},
		"webp":                {map[string]string{"format": "webp"}, image.Pt(577, 433), "webp", clear},
		"the alpha":           {map[string]string{"channels": "alpha"}, image.Pt(577, 433), "png", on(color.NRGBA{0, 0, 0, 255})},
		"a region":            {map[string]string{"roi": "70% 0% 100% 100%"}, image.Pt(577, 433), "png", within(image.Rect(404, 0, 577, 433))},
		"a region in pixels":  {map[string]string{"roi": "900px 500px 2000px 1200px"}, image.Pt(577, 433), "png", within(image.Rect(260, 144, 577, 346))},
		"trimmed":             {map[string]string{"crop": "true"}, image.Pt(part(width), part(height)), "png", seen(0, 0, 1, 1, 0)},
		"with a margin":       {map[string]string{"crop": "true", "crop_margin": "10px 20px 30px 40px"}, image.Pt(part(width)+60, part(height)+40), "png", nil},
		"with parts of them":  {map[string]string{"crop": "true", "crop_margin": "50% 10%"}, image.Pt(part(width*12/10), part(2*height)), "png", seen(1.0/12, 0.25, 11.0/12, 0.75, 0.01)},
		"a margin of nothing": {map[string]string{"crop_margin": "30px"}, image.Pt(577, 433), "png", clear},
		"half as high":        {map[string]string{"scale": "50%"}, image.Pt(577, 433), "png", seen(0.5-0.25*float64(width)/float64(height)*0.75, 0.25, 0.5+0.25*float64(width)/float64(height)*0.75, 0.75, 0.01)},
		"in the middle":       {map[string]string{"position": "center"}, image.Pt(577, 433), "png", seen(0.5-(r-l)/2, 0.5-(d-u)/2, 0.5+(r-l)/2, 0.5+(d-u)/2, 0.01)},
		"in a corner":         {map[string]string{"position": "0%"}, image.Pt(577, 433), "png", seen(0, 0, r-l, d-u, 0.01)},
		"on a colour":         {map[string]string{"bg_color": "81d4fa"}, image.Pt(577, 433), "jpeg", on(color.NRGBA{0x81, 0xd4, 0xfa, 255})},
		"on a named colour":   {map[string]string{"bg_color": "green"}, image.Pt(577, 433), "jpeg", on(color.NRGBA{0, 128, 0, 255})},
		"through a colour":    {map[string]string{"bg_color": "f008"}, image.Pt(577, 433), "png", on(color.NRGBA{255, 0, 0, 0x88})},
		"on a picture":        {map[string]string{"bg_image_file": string(src.files["/slope.png"])}, image.Pt(577, 433), "jpeg", on(slopeAt(33.6, 0.6, 200, 100))}, // 2:1 on 4:3 loses a sixth on the left
		"on one fetched":      {map[string]string{"bg_image_url": src.URL + "/slope.png"}, image.Pt(577, 433), "jpeg", on(slopeAt(33.6, 0.6, 200, 100))},
		"an address":          {map[string]string{"image_url": src.URL + "/field.jpg"}, image.Pt(577, 433), "png", clear},
		"base64":              {map[string]string{"image_file_b64": base64.StdEncoding.EncodeToString([]byte(inAField))}, image.Pt(577, 433), "png", clear},
		"for cars":            {map[string]string{"add_shadow": "true", "shadow_method": "latest", "semitransparency": "true"}, image.Pt(577, 433), "png", clear},
		"what nobody knows":   {map[string]string{"feathering": "3", "image_filename": "me.jpg"}, image.Pt(577, 433), "png", clear},
	} {
		t.Run(name, func(t *testing.T) {
			fields := maps.Clone(test.fields)
			if fields["image_file"] == "" && fields["image_url"] == "" && fields["image_file_b64"] == "" {
				fields["image_file"] = inAField
			}
			a := removal(t, n, fields).ok(t)
			img, kind, err := decode(a.body)
			if err != nil || kind != test.kind || a.Header.Get("Content-Type") != "image/"+kind {
				t.Fatalf("the answer is %s, a %s, want a %s: %v", a.Header.Get("Content-Type"), kind, test.kind, err)
			}
			size := img.Bounds().Size()
			if a.number(t, "X-Width") != size.X || a.number(t, "X-Height") != size.Y {
				t.Errorf("the picture of %v is said to be %s × %s", size, a.Header.Get("X-Width"), a.Header.Get("X-Height"))
			}
			if d := size.Sub(test.size); d.X*d.X+d.Y*d.Y > 8 {
				t.Errorf("the picture has %v, want %v", size, test.size)
			}
			if got := a.Header.Get("X-Type") + " for " + a.Header.Get("X-Credits-Charged"); got != "person for 0" {
				t.Errorf("what was cut out is %s", got)
			}
			if name := a.Header.Get("Content-Disposition"); !strings.Contains(name, "no-bg."+strings.Replace(kind, "jpeg", "jpg", 1)) {
				t.Errorf("it is to be called %s", name)
			}
			if test.judge != nil {
				test.judge(t, img)
			}
		})
	}
	if got := removal(t, n, map[string]string{"image_file": portrait, "type_level": "none"}).ok(t).Header["X-Type"]; got != nil {
		t.Errorf("with type_level=none X-Type is %q", got)
	}
}

// field is a person of 600 pixels in the right half of 2000 × 1500, before an even wall.
func field(t *testing.T) []byte {
	t.Helper()
	person, _, err := decode(sample(t))
	if err != nil {
		t.Fatal(err)
	}
	img := image.NewNRGBA(image.Rect(0, 0, 2000, 1500))
	wall := at(person, 2, 2)
	for i := 0; i < len(img.Pix); i += 4 {
		copy(img.Pix[i:], []byte{wall.R, wall.G, wall.B, 255})
	}
	const high = 700
	for y := range high {
		for x := range high {
			img.SetNRGBA(1200+x, 1500-high+y, at(person, x*360/high, y*359/high))
		}
	}
	return asJPEG(img)
}

// A picture lying on its side by its EXIF is one that stands: sizes, regions and places are those of what is seen.
func TestRemovebgIsUpright(t *testing.T) {
	n := start(t)
	standing, _, err := decode(field(t))
	if err != nil {
		t.Fatal(err)
	}
	fields := map[string]string{"image_file": string(asJPEG(standing)), "roi": "1000px 0px 100% 1400px", "crop": "true"}
	want := removal(t, n, fields).ok(t)
	fields["image_file"] = string(onItsSide(standing))
	got := removal(t, n, fields).ok(t)
	for _, name := range []string{"X-Width", "X-Height", "X-Foreground-Top", "X-Foreground-Left", "X-Foreground-Width", "X-Foreground-Height"} {
		if a, b := got.number(t, name), want.number(t, name); max(a-b, b-a) > 8 { // two pixels of the preview
			t.Errorf("%s is %d, of the same picture standing %d", name, a, b)
		}
	}
	if bottom := got.number(t, "X-Foreground-Top") + got.number(t, "X-Foreground-Height"); max(bottom-1400, 1400-bottom) > 4 {
		t.Errorf("people end at %d, want the end of the region", bottom)
	}
}

// An archive, and a picture inside of JSON, hold what the picture alone holds.
func TestRemovebgOtherAnswers(t *testing.T) {
	n := start(t)
	portrait := string(sample(t))
	plain := removal(t, n, map[string]string{"image_file": portrait}).ok(t)
	inside := removal(t, n, map[string]string{"image_file": portrait}, "Accept", "application/json").ok(t)
	var doc struct {
		Data struct {
			Result []byte `json:"result_b64"`
			Top    int    `json:"foreground_top"`
			Left   int    `json:"foreground_left"`
			Width  int    `json:"foreground_width"`
			Height int    `json:"foreground_height"`
		}
	}
	if err := json.Unmarshal(inside.body, &doc); err != nil || inside.Header.Get("Content-Type") != "application/json" || !bytes.Equal(doc.Data.Result, plain.body) {
		t.Errorf("JSON is %s: %v, and holds another picture", inside.Header.Get("Content-Type"), err)
	}
	if d := doc.Data; d.Top != plain.number(t, "X-Foreground-Top") || d.Left != plain.number(t, "X-Foreground-Left") || d.Width != plain.number(t, "X-Foreground-Width") || d.Height != plain.number(t, "X-Foreground-Height") {
		t.Errorf("JSON says %d,%d, %d × %d, the headers %v", d.Left, d.Top, d.Width, d.Height, plain.Header)
	}
	if got := removal(t, n, map[string]string{"image_file": portrait}, "Accept", "application/json, text/plain, */*").ok(t); !bytes.Equal(got.body, plain.body) {
		t.Error("axios is answered something else than the picture")
	}
	archive := removal(t, n, map[string]string{"image_file": portrait, "format": "zip"}).ok(t)
	if got := archive.Header.Get("Content-Type"); got != "application/zip" {
		t.Errorf("a ZIP file is %s", got)
	}
	z, err := zip.NewReader(bytes.NewReader(archive.body), int64(len(archive.body)))
	if err != nil {
		t.Fatal(err)
	}
	cut, _, err := decode(plain.body)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"color.jpg", "alpha.png"} {
		f, err := z.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(f)
		if err != nil {
			t.Fatal(err)
		}
		img, _, err := decode(data)
		if err != nil || img.Bounds() != cut.Bounds() {
			t.Fatalf("%s is %v: %v", name, img, err)
		}
		want := at(cut, inTheFace.X, inTheFace.Y)
		if name == "alpha.png" {
			want = color.NRGBA{255, 255, 255, 255}
		}
		if got := at(img, inTheFace.X, inTheFace.Y); !near(got, want, 6) {
			t.Errorf("%s has %v in the face, want %v", name, got, want)
		}
	}
	// The other two kinds of body, and a token instead of a key.
	encoded := base64.StdEncoding.EncodeToString([]byte(portrait))
	object, err := json.Marshal(map[string]any{"image_file_b64": encoded, "crop": false, "type_level": 2, "bg_color": nil})
	if err != nil {
		t.Fatal(err)
	}
	for kind, body := range map[string]string{
		"application/json; charset=utf-8":   string(object),
		"application/x-www-form-urlencoded": url.Values{"image_file_b64": {encoded}, "crop": {"false"}}.Encode(),
	} {
		a := ask(t, http.MethodPost, n.public+removebg, strings.NewReader(body), "Authorization", "Bearer "+testKey.Secret, "Content-Type", kind).ok(t)
		if !bytes.Equal(a.body, plain.body) {
			t.Errorf("a body of %s is answered another picture", kind)
		}
	}
	var account struct {
		Data struct {
			Attributes struct {
				Credits struct{ Total, Subscription, Payg, Enterprise *float64 }
				API     struct {
					Calls *int   `json:"free_calls"`
					Sizes string `json:"sizes"`
				} `json:"api"`
			}
		}
	}
	a := get(t, n.public+"/v1.0/account", "X-Api-Key", testKey.Secret).ok(t)
	if err := json.Unmarshal(a.body, &account); err != nil {
		t.Fatal(err)
	}
	if c, api := account.Data.Attributes.Credits, account.Data.Attributes.API; c.Total == nil || c.Subscription == nil || c.Payg == nil || c.Enterprise == nil || api.Calls == nil || api.Sizes != "all" {
		t.Errorf("the account is %s", a.body)
	}
}

// Whatever is wrong is told in remove.bg's form, and the edge goes on.
func TestRemovebgRefuses(t *testing.T) {
	src := sources(t)
	n := start(t, "EDGE_MAX_BYTES=300kB", "EDGE_MAX_PIXELS=1000000", "EDGE_TIMEOUT=3s", "EDGE_SOURCE_CIDRS=127.0.0.1/32")
	portrait, nobody := string(sample(t)), string(src.files["/slope.png"])
	zero := make([]byte, 400_000)
	many := map[string]string{"image_file": portrait}
	for i := range 60 {
		many[fmt.Sprintf("field_%d", i)] = "x"
	}
	for name, test := range map[string]struct {
		fields map[string]string
		header []string
		status int
		code   string
	}{
		"no key":                     {map[string]string{"image_file": portrait}, []string{"X-Api-Key", ""}, 403, "auth_failed"},
		"another key":                {map[string]string{"image_file": portrait}, []string{"X-Api-Key", "another"}, 403, "auth_failed"},
		"another token":              {map[string]string{"image_file": portrait}, []string{"X-Api-Key", "", "Authorization", "Bearer another"}, 403, "auth_failed"},
		"no source":                  {map[string]string{"size": "full"}, nil, 400, "missing_source"},
		"an empty file":              {map[string]string{"image_file": ""}, nil, 400, "missing_source"},
		"two sources":                {map[string]string{"image_file": portrait, "image_url": src.URL + "/person.jpg"}, nil, 400, "multiple_sources"},
		"two backgrounds":            {map[string]string{"image_file": portrait, "bg_color": "fff", "bg_image_file": nobody}, nil, 400, "multiple_bg_sources"},
		"a wrong size":               {map[string]string{"image_file": portrait, "size": "4K!"}, nil, 400, "invalid_size"},
		"a wrong format":             {map[string]string{"image_file": portrait, "format": "bmp"}, nil, 400, "invalid_format"},
		"wrong channels":             {map[string]string{"image_file": portrait, "channels": "r"}, nil, 400, "invalid_channels"},
		"a wrong region":             {map[string]string{"image_file": portrait, "roi": "0% 0% 100%"}, nil, 400, "invalid_roi"},
		"a wrong margin":             {map[string]string{"image_file": portrait, "crop_margin": "501px"}, nil, 400, "invalid_crop_margin"},
		"a wrong scale":              {map[string]string{"image_file": portrait, "scale": "9999999999999999999%"}, nil, 400, "invalid_scale"},
		"a wrong position":           {map[string]string{"image_file": portrait, "position": "101%"}, nil, 400, "invalid_position"},
		"a wrong colour":             {map[string]string{"image_file": portrait, "bg_color": "blueish"}, nil, 400, "invalid_bg_color"},
		"wrong semitransparency":     {map[string]string{"image_file": portrait, "semitransparency": "2"}, nil, 400, "invalid_semitransparency"},
		"a wrong address":            {map[string]string{"image_url": "ftp://127.0.0.1/x.jpg"}, nil, 400, "invalid_image_url"},
		"a wrong background address": {map[string]string{"image_file": portrait, "bg_image_url": "here"}, nil, 400, "invalid_bg_image_url"},
		"a region beyond it":         {map[string]string{"image_file": portrait, "roi": "0px 0px 361px 359px"}, nil, 400, "roi_exceeds_bounds"},
		"a negative region":          {map[string]string{"image_file": portrait, "roi": "-1px 0px 360px 359px"}, nil, 400, "roi_exceeds_bounds"},
		"an empty region":            {map[string]string{"image_file": portrait, "roi": "10px 0px 10px 359px"}, nil, 400, "roi_region_empty"},
		"too many bytes":             {map[string]string{"image_file": portrait + string(zero)}, nil, 400, "file_too_large"},
		"far too many bytes":         {map[string]string{"image_file": strings.Repeat(string(zero), 4)}, nil, 400, "file_too_large"},
		"too large a background":     {map[string]string{"image_file": portrait, "bg_image_file": string(zero)}, nil, 400, "file_too_large"},
		"too many bytes there":       {map[string]string{"image_url": src.URL + "/large"}, nil, 400, "file_too_large"},
		"too many pixels":            {map[string]string{"image_file": string(bomb(10_000, 10_000))}, nil, 400, "resolution_too_high"},
		"too many pixels behind":     {map[string]string{"image_file": portrait, "bg_image_file": string(bomb(10_000, 10_000))}, nil, 400, "resolution_too_high"},
		"no picture":                 {map[string]string{"image_file": string(src.files["/text.jpg"])}, nil, 400, "invalid_file_type"},
		"a drawing":                  {map[string]string{"image_file": string(src.files["/drawing.svg"])}, nil, 400, "invalid_file_type"},
		"no picture behind":          {map[string]string{"image_file": portrait, "bg_image_file": string(src.files["/text.jpg"])}, nil, 400, "invalid_file_type"},
		"no size in it":              {map[string]string{"image_file": portrait[:30]}, nil, 400, "invalid_dimensions"},
		"cut short":                  {map[string]string{"image_file": portrait[:len(portrait)/2]}, nil, 400, "failed_to_read_image"},
		"half a background":          {map[string]string{"image_file": portrait, "bg_image_file": portrait[:len(portrait)/2]}, nil, 400, "failed_to_read_image"},
		"bad base64":                 {map[string]string{"image_file_b64": "%%%"}, nil, 400, "failed_to_read_image"},
		"nobody":                     {map[string]string{"image_file": nobody}, nil, 400, "unknown_foreground"},
		"nobody, a person asked for": {map[string]string{"image_file": nobody, "type": "person"}, nil, 400, "unknown_foreground"},
		"a product":                  {map[string]string{"image_file": portrait, "type": "product"}, nil, 400, "unknown_foreground"},
		"nothing at the address":     {map[string]string{"image_url": src.URL + "/missing.jpg"}, nil, 400, "failed_image_download"},
		"an error at the address":    {map[string]string{"image_url": src.URL + "/status/500"}, nil, 400, "failed_image_download"},
		"a private address":          {map[string]string{"image_url": "http://10.0.0.1/x.jpg"}, nil, 400, "failed_image_download"},
		"the metadata of a cloud":    {map[string]string{"image_url": "http://169.254.169.254/latest/meta-data/"}, nil, 400, "failed_image_download"},
		"a redirect to it":           {map[string]string{"image_url": src.URL + "/away?to=" + url.QueryEscape("http://169.254.169.254/")}, nil, 400, "failed_image_download"},
		"a redirect to a file":       {map[string]string{"image_url": src.URL + "/away?to=" + url.QueryEscape("file:///etc/passwd")}, nil, 400, "failed_image_download"},
		"redirects without end":      {map[string]string{"image_url": src.URL + "/loop"}, nil, 400, "failed_image_download"},
		"a slow address":             {map[string]string{"image_url": src.URL + "/slow"}, nil, 400, "failed_image_download"},
		"one that breaks off":        {map[string]string{"image_url": src.URL + "/short"}, nil, 400, "failed_image_download"},
		"a user in the address":      {map[string]string{"image_url": strings.Replace(src.URL, "//", "//me:secret@", 1) + "/person.jpg"}, nil, 400, "failed_image_download"},
		"nothing behind":             {map[string]string{"image_file": portrait, "bg_image_url": src.URL + "/missing.jpg"}, nil, 400, "failed_bg_download"},
		"a private background":       {map[string]string{"image_file": portrait, "bg_image_url": "http://10.0.0.1/x.jpg"}, nil, 400, "failed_bg_download"},
		"sixty fields":               {many, nil, 400, "malformed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			removal(t, n, test.fields, test.header...).refused(t, test.status, test.code)
		})
	}
	key := []string{"X-Api-Key", testKey.Secret}
	for name, test := range map[string]struct {
		kind, body, code string
	}{
		"no JSON":            {"application/json", "{", "malformed"},
		"JSON to the bottom": {"application/json", `{"a":` + strings.Repeat(`[{"a":`, 20_000), "malformed"},
		"no object":          {"application/json", "[]", "malformed"},
		"nothing in JSON":    {"application/json", "{}", "missing_source"},
		"both sources":       {"application/json", `{"image_url":"http://127.0.0.1/","image_file_b64":"AAAA"}`, "multiple_sources"},
		"no form":            {"multipart/form-data; boundary=x", "nothing", "malformed"},
		"no boundary":        {"multipart/form-data", "nothing", "malformed"},
		"not encoded":        {"application/x-www-form-urlencoded", "size=%", "malformed"},
		"a picture alone":    {"image/jpeg", portrait, "missing_source"},
		"nothing":            {"", "", "missing_source"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ask(t, http.MethodPost, n.public+removebg, strings.NewReader(test.body), append(key, "Content-Type", test.kind)...).refused(t, 400, test.code)
		})
	}
	get(t, n.public+"/v1.0/account").refused(t, 403, "auth_failed")
	get(t, n.public+removebg, key...).refused(t, 405, "method")
	ask(t, http.MethodPost, n.public+"/v1.0/improve", strings.NewReader("x"), key...).refused(t, 404, "not_found")
	// Twenty fields that nobody knows are no reason to refuse a picture.
	few := map[string]string{"image_file": portrait}
	for i := range 20 {
		few[fmt.Sprintf("field_%d", i)] = "x"
	}
	removal(t, n, few).ok(t)
}

// A removal needs the scope of mattes, on a key as on a token, and is counted as one.
func TestRemovebgIsScopedAndCounted(t *testing.T) {
	p := newPlane(t)
	key, err := wire.NewAPIKey(bytes.NewReader(bytes.Repeat([]byte("seventeen letters"), 100)))
	if err != nil {
		t.Fatal(err)
	}
	n := start(t, p.settings()...)
	n.ready()
	p.change(func(b *wire.Bundle) {
		b.Plans = map[string]wire.Plan{"trial": {Mark: true}}
		b.Keys[0].SecretSHA256 = wire.HashSecret(key.Secret)
	})
	post := func(header ...string) answer {
		return removal(t, n, map[string]string{"image_file": string(sample(t))}, append([]string{"X-Api-Key", ""}, header...)...)
	}
	eventually(t, 10*time.Second, "the key is known", func() bool {
		return strings.Contains(string(post("X-Api-Key", key.Secret).body), "lacks the scope")
	})
	post("X-Api-Key", key.Secret).refused(t, 403, "auth_failed")
	post("Authorization", "Bearer "+p.token(func(c *wire.Claims) { c.Scope = "images photos checks" })).refused(t, 403, "auth_failed")
	post("Authorization", "Bearer "+p.token(func(c *wire.Claims) { c.Scope, c.Regions = "mattes", []string{"eu-1"} })).refused(t, 403, "auth_failed")
	post("Authorization", "Bearer "+p.token(func(c *wire.Claims) { c.Scope = "mattes" })).ok(t)

	p.change(func(b *wire.Bundle) { b.Keys[0].Scopes = append(b.Keys[0].Scopes, wire.ScopeMattes) })
	eventually(t, 10*time.Second, "the key has the scope", func() bool { return post("X-Api-Key", key.Secret).StatusCode == 200 })
	get(t, n.public+"/v1.0/account", "X-Api-Key", key.Secret).ok(t)
	removal(t, n, map[string]string{"image_file": string(asPNG(slope(200, 100)))}, "X-Api-Key", key.Secret).refused(t, 400, "unknown_foreground")
	eventually(t, 10*time.Second, "all are counted", func() bool { return len(p.records()) == 3 })
	for i, u := range p.records() {
		units, outcome := uint32(1), wire.OutcomeOK
		if i == 2 {
			units, outcome = 0, wire.OutcomeRefused
		}
		if u.Op != wire.OpMatte || u.Units != units || u.Outcome != outcome {
			t.Errorf("record %d is %+v, want a matte of %d, %v", i, u, units, outcome)
		}
	}
	if got := n.metric(`edge_api_requests_total{route="/v1.0/removebg",status="200"}`); got != 2 {
		t.Errorf("%v removals were answered, by the metrics, want 2", got)
	}
	// What a trial makes carries a mark, and here is none to carry.
	p.change(func(b *wire.Bundle) { b.Keys[0].Plan = "trial" })
	eventually(t, 10*time.Second, "the key is one of a trial", func() bool { return post("X-Api-Key", key.Secret).StatusCode == 403 })
}

// Web pages may call it as they may call /v1, with the key in its header, and read what it says.
func TestRemovebgCrossOrigin(t *testing.T) {
	n := start(t, "EDGE_ORIGINS=https://studio.example")
	a := ask(t, http.MethodOptions, n.public+removebg, nil, "Origin", "https://studio.example", "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "x-api-key")
	if got := a.Header.Get("Access-Control-Allow-Headers"); a.StatusCode != 204 || !strings.Contains(got, "X-Api-Key") {
		t.Errorf("a preflight is answered %d, and lets %q in", a.StatusCode, got)
	}
	ask(t, http.MethodOptions, n.public+removebg, nil, "Origin", "https://evil.example").refused(t, 403, "origin")
	if got := get(t, n.public+"/v1.0/account", "Origin", "https://studio.example", "X-Api-Key", testKey.Secret).ok(t).Header.Get("Access-Control-Expose-Headers"); !strings.Contains(got, "X-Foreground-Top") {
		t.Errorf("a page may read %q", got)
	}
}

// Nothing of a picture stays in memory: not as a file, not as base64, not what was fetched, not what was made.
func TestNoRemovalStaysInMemory(t *testing.T) {
	src := sources(t)
	n := start(t)
	const tail = "TAIL-MARK-OF-THE-PICTURE-5d11f0"
	photo := append(withEXIF(sample(t), 1, strings.Repeat("-", 200)), bytes.Repeat([]byte(tail), 2000)...)
	src.files["/marked.jpg"] = photo
	encoded := base64.StdEncoding.EncodeToString(photo)
	marks := map[string]string{"the file": tail, "base64": encoded[len(encoded)-600 : len(encoded)-540]}
	add := func(name string, body []byte) { // a piece of an answer, of which the same is made again every time
		at := len(body) * 2 / 3
		marks[name] = string(body[at : at+48])
	}
	key := []string{"X-Api-Key", testKey.Secret}
	object, err := json.Marshal(map[string]string{"image_file_b64": encoded, "format": "zip"})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		add("PNG", removal(t, n, map[string]string{"image_file": string(photo), "bg_image_file": string(photo), "format": "png"}).ok(t).body)
		add("JSON", removal(t, n, map[string]string{"image_url": src.URL + "/marked.jpg", "bg_image_url": src.URL + "/marked.jpg", "crop": "true"}, "Accept", "application/json").ok(t).body)
		add("ZIP", ask(t, http.MethodPost, n.public+removebg, bytes.NewReader(object), append(key, "Content-Type", "application/json")...).ok(t).body)
		add("scaled", ask(t, http.MethodPost, n.public+removebg, strings.NewReader(url.Values{"image_file_b64": {encoded}, "scale": {"50%"}}.Encode()),
			append(key, "Content-Type", "application/x-www-form-urlencoded")...).ok(t).body)
		removal(t, n, map[string]string{"image_file": string(photo), "roi": "0px 0px 5px 9999px"}).refused(t, 400, "roi_exceeds_bounds")
		removal(t, n, map[string]string{"image_file": string(photo), "bg_image_url": src.URL + "/missing.jpg"}).refused(t, 400, "failed_bg_download")
		removal(t, n, map[string]string{"image_file": string(photo), "size": "huge"}).refused(t, 400, "invalid_size")
	}
	client.CloseIdleConnections()
	n.forgets(t, marks)
}

// Stock clients of remove.bg, as npm and PyPI give them, work with this edge when their host is changed. `make test` installs them and
// names the folder; without it there is nothing to run.
func TestStockRemovebgClients(t *testing.T) {
	dir := os.Getenv("STUDIO_CLIENTS")
	if dir == "" {
		t.Skip("STUDIO_CLIENTS names no folder with the clients in it: `make test` makes one")
	}
	n, src := start(t), sources(t)
	type about struct {
		Type    string `json:"detectedType"`
		Width   string `json:"resultWidth"`
		Height  string `json:"resultHeight"`
		Credits string `json:"creditsCharged"`
		Status  int
		removalErrors
	}
	for name, test := range map[string]struct {
		command []string
		args    func(out string) []string
		shows   map[string]string // size and kind of the file, or status (where the client tells it) and code of the error
	}{
		"npm remove.bg": {
			[]string{"node", "remove.mjs"},
			func(out string) []string {
				return []string{n.public, testKey.Secret, filepath.Join(here(t), portraitFile), src.URL + "/person.jpg", src.URL + "/slope.png", out}
			},
			map[string]string{
				"file": "360x359 png", "file with options": "400x323 jpeg", "url": "360x359 png", "base64": "360x359 jpeg",
				"wrong key": "auth_failed", "wrong key with an address": "auth_failed", "no picture": "invalid_file_type",
				"nothing there": "failed_image_download", "a wrong size": "invalid_size", "a car": "unknown_foreground",
			},
		},
		"PyPI removebg": {
			[]string{filepath.Join(dir, "venv/bin/python"), "remove.py"},
			func(out string) []string {
				if err := os.WriteFile(out+"/me.jpg", sample(t), 0o600); err != nil { // the client writes beside it
					t.Fatal(err)
				}
				return []string{n.public, testKey.Secret, out + "/me.jpg", src.URL + "/person.jpg", out}
			},
			map[string]string{
				"file": "360x359 png", "url": "360x359 png", "base64": "360x359 jpeg",
				"wrong key": "403 auth_failed", "nothing there": "400 failed_image_download", "a wrong size": "400 invalid_size",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			out := t.TempDir()
			cmd := exec.Command(test.command[0], append(test.command[1:], test.args(out)...)...)
			cmd.Dir = dir
			cmd.Stderr = os.Stderr
			lines, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			seen := 0
			for line := range strings.Lines(string(lines)) {
				call, said, _ := strings.Cut(strings.TrimSpace(line), "\t")
				want, known := test.shows[call]
				var got about
				if err := json.Unmarshal([]byte(said), &got); err != nil || !known {
					t.Errorf("%s says %s: %v", call, said, err)
					continue
				}
				seen++
				if len(got.Errors) > 0 {
					status := ""
					if got.Status > 0 {
						status = fmt.Sprint(got.Status, " ")
					}
					if status+got.Errors[0].Code != want || got.Errors[0].Title == "" {
						t.Errorf("%s fails: %s, want %s", call, said, want)
					}
					continue
				}
				file := out + "/" + call
				if call == "file" && name == "PyPI removebg" {
					file = out + "/me.jpg_no_bg.png"
				}
				data, err := os.ReadFile(file)
				if err != nil {
					t.Errorf("%s made no file: %v (%s)", call, err, said)
					continue
				}
				img, kind, err := decode(data)
				if err != nil {
					t.Errorf("%s: %v", call, err)
					continue
				}
				size := fmt.Sprintf("%dx%d", img.Bounds().Dx(), img.Bounds().Dy())
				if size+" "+kind != want {
					t.Errorf("%s made a %s of %s, want %s", call, kind, size, want)
				}
				if got.Type != "" && (got.Type != "person" || got.Width+"x"+got.Height != size || got.Credits != "0") {
					t.Errorf("the client understood %s of a picture of %s", said, size)
				}
				if call == "file" {
					cutOut(1)(t, answer{}, img)
				}
			}
			if seen != len(test.shows) {
				t.Errorf("the client made %d calls that we know, want %d", seen, len(test.shows))
			}
		})
	}
}
