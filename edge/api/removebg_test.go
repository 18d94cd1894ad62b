package api

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"mime/multipart"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/professionalaistudio/studio/edge/admission"
	"github.com/professionalaistudio/studio/edge/auth"
	"github.com/professionalaistudio/studio/edge/fetch"
	"github.com/professionalaistudio/studio/edge/portrait"
	"github.com/professionalaistudio/studio/edge/wire"
)

const pictureBytes = "\xff\xd8\xff picture?+/=&\"\\\r\n\x00"

// bodyOf writes fields as a kind of body. A picture is written as base64 where there is no other way.
func bodyOf(t *testing.T, kind string, fields map[string]string) (data []byte, contentType, edge string) {
	t.Helper()
	switch kind {
	case "form":
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		for name, value := range fields {
			p, err := w.CreateFormField(name)
			if err != nil {
				t.Fatal(err)
			}
			p.Write([]byte(value))
		}
		w.Close()
		return b.Bytes(), "multipart/form-data", w.Boundary()
	case "pairs":
		v := url.Values{}
		for name, value := range fields {
			v.Set(name, value)
		}
		return []byte(v.Encode()), "application/x-www-form-urlencoded", ""
	}
	data, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	return data, "application/json", ""
}

// The three kinds of body say the same.
func TestRemovalForms(t *testing.T) {
	encoded := base64.StdEncoding.EncodeToString([]byte(strings.Repeat(pictureBytes, 100)))
	given := map[string]string{"image_file_b64": encoded, "size": "full", "bg_color": "", "shadow_type[person]": "none", "image_filename": "me.jpg", "roi": "0% 0% 50px 100%"}
	for _, kind := range []string{"form", "pairs", "object"} {
		data, contentType, edge := bodyOf(t, kind, given)
		f, err := readRemoval(data, contentType, edge)
		if err != nil || len(f.faults) > 0 {
			t.Fatalf("%s: %v, %v", kind, err, f.faults)
		}
		if string(f.encoded) != strings.Repeat(pictureBytes, 100) {
			t.Errorf("%s: the picture is %.40q", kind, f.encoded)
		}
		if len(f.fields) != 3 || f.fields["size"] != "full" || f.fields["roi"] != "0% 0% 50px 100%" || f.fields["shadow_type[person]"] != "none" {
			t.Errorf("%s: the fields are %q", kind, f.fields)
		}
		if start, at := &data[0], &f.encoded[0]; fmt.Sprintf("%p", at) < fmt.Sprintf("%p", start) || len(data) < len(f.encoded) {
			t.Errorf("%s: the picture lies elsewhere than in the body", kind)
		}
		clear(data) // as it is wiped
		if len(bytes.Trim(f.encoded, "\x00")) > 0 {
			t.Errorf("%s: the picture was copied out of the body", kind)
		}
	}
	data, contentType, edge := bodyOf(t, "form", map[string]string{"image_file": pictureBytes, "bg_image_file": "background"})
	if f, err := readRemoval(data, contentType, edge); err != nil || string(f.image) != pictureBytes || string(f.behind) != "background" {
		t.Errorf("a form with two files is %q, %q, %v", f.image, f.behind, err)
	}
}

// Base64 as clients write it.
func TestRemovalBase64(t *testing.T) {
	picture := []byte{0xfb, 0xef, 0xff, 0xfe, 1}
	for name, test := range map[string]struct{ kind, body string }{
		"a slash escaped, as PHP does":      {"application/json", `{"image_file_b64":"++\/\/\/gE="}`},
		"a plus escaped, as .NET does":      {"application/json", `{"image_file_b64":"\u002B\u002b///gE\u003d"}`},
		"in lines":                          {"application/json", `{"image_file_b64":"++//\r\n/gE=\n"}`},
		"for URLs":                          {"application/json", `{"image_file_b64":"--__" ,"size":"auto"}`},
		"without its end":                   {"application/json", ` { "image_file_b64" : "++///gE" } `},
		"with its type":                     {"application/json", `{"image_file_b64":"data:image/jpeg;base64,++///gE="}`},
		"a plus that was meant to be coded": {"application/x-www-form-urlencoded", "image_file_b64=++///gE="},
		"all of it coded":                   {"application/x-www-form-urlencoded", "size=auto&image_file_b64=%2B%2b%2F%2f%2f%67%45%3D"},
	} {
		f, err := readRemoval([]byte(test.body), test.kind, "")
		want := picture
		if name == "for URLs" {
			want = picture[:3]
		}
		if err != nil || len(f.faults) > 0 || !bytes.Equal(f.encoded, want) {
			t.Errorf("%s: %x, %v, %v, want %x", name, f.encoded, f.faults, err, want)
		}
	}
	for _, bad := range []string{"?", "a", "AA AA", "data:image/png;base64", "====", "ABC%", "äöü", "AAA\x00"} {
		quoted, err := json.Marshal(bad)
		if err != nil {
			t.Fatal(err)
		}
		if f, err := readRemoval([]byte(`{"image_file_b64":`+string(quoted)+`}`), "application/json", ""); err == nil && len(f.faults) != 1 {
			t.Errorf("%q is read as %x", bad, f.encoded)
		}
	}
}

func TestRemovalBodiesThatCannotBeRead(t *testing.T) {
	for _, bad := range []string{"", "null", "[]", `"x"`, "{", "{}x", `{"size"}`, `{"size":}`, `{"size":"a"`, `{"size":"a",}`, `{,}`, `{"size":"a"  "type":"b"}`,
		`{"size":tru}`, `{"size":1e}`, `{"size":"\x"}`, `{"size":"a}`, `{"image_file_b64":"\u00e9"}`, `{"image_file_b64":"\u00"}`, `{"image_file_b64":"\`, `{"x":[}`,
		`{"x":{"y":"z}`, `{"x":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`, `{"x":` + strings.Repeat("[", 100_000) + `}`,
		"{" + strings.Repeat(`"x":1,`, 100) + `"x":1}`, `{"size":"\ud800"` + "\xff"} {
		if f, err := readRemoval([]byte(bad), "application/json", ""); !errors.Is(err, errMalformed) {
			t.Errorf("%.60s is %v, %v", bad, f.fields, err)
		}
	}
	for _, bad := range []string{"size=%z", "%=1", "image_file_b64=%4", strings.Repeat("a=b&", 100)} {
		if f, err := readRemoval([]byte(bad), "application/x-www-form-urlencoded", ""); !errors.Is(err, errMalformed) {
			t.Errorf("%.60s is %v, %v", bad, f.fields, err)
		}
	}
	// What is of no interest may be of any shape.
	f, err := readRemoval([]byte(`{"x":{"a":["}",{"b":null}]},"y":-1.5e3,"z":null,"crop":true,"type_level":2,"scale":null}`), "application/json", "")
	if err != nil || len(f.faults) > 0 || len(f.fields) != 2 || f.fields["crop"] != "true" || f.fields["type_level"] != "2" {
		t.Errorf("the fields are %q, %v, %v", f.fields, f.faults, err)
	}
}

// Every code of a request that its documentation names, and those we add.
func TestRemovalFaultsOfFields(t *testing.T) {
	long := strings.Repeat("x", longestField+1)
	for name, test := range map[string]struct {
		fields map[string]string
		codes  string
	}{
		"nothing":                 {map[string]string{}, "missing_source"},
		"an empty field":          {map[string]string{"image_url": ""}, "missing_source"},
		"two sources":             {map[string]string{"image_url": "http://a.example/", "image_file": "x"}, "multiple_sources"},
		"base64 and a file":       {map[string]string{"image_file_b64": "AAAA", "image_file": "x"}, "multiple_sources"},
		"bad base64":              {map[string]string{"image_file_b64": "?"}, "failed_to_read_image"},
		"no address":              {map[string]string{"image_url": "a.example/x.jpg"}, "invalid_image_url"},
		"another scheme":          {map[string]string{"image_url": "file:///etc/passwd"}, "invalid_image_url"},
		"an address without host": {map[string]string{"image_url": "http:///x"}, "invalid_image_url"},
		"a long address":          {map[string]string{"image_url": "http://a.example/" + long}, "invalid_image_url"},
		"two backgrounds":         {map[string]string{"image_file": "x", "bg_color": "fff", "bg_image_url": "http://a.example/"}, "multiple_bg_sources"},
		"three":                   {map[string]string{"image_file": "x", "bg_color": "fff", "bg_image_url": "http://a.example/", "bg_image_file": "y"}, "multiple_bg_sources"},
		"no background address":   {map[string]string{"image_file": "x", "bg_image_url": "x"}, "invalid_bg_image_url"},
		"size":                    {map[string]string{"image_file": "x", "size": "huge"}, "invalid_size"},
		"type":                    {map[string]string{"image_file": "x", "type": "dog"}, "invalid_type"},
		"product":                 {map[string]string{"image_file": "x", "type": "product"}, "unknown_foreground"},
		"car":                     {map[string]string{"image_file": "x", "type": "car"}, "unknown_foreground"},
		"type_level":              {map[string]string{"image_file": "x", "type_level": "3"}, "invalid_type_level"},
		"format":                  {map[string]string{"image_file": "x", "format": "gif"}, "invalid_format"},
		"channels":                {map[string]string{"image_file": "x", "channels": "rgb"}, "invalid_channels"},
		"roi":                     {map[string]string{"image_file": "x", "roi": "1 2 3 4"}, "invalid_roi"},
		"crop":                    {map[string]string{"image_file": "x", "crop": "maybe"}, "invalid_crop"},
		"crop_margin":             {map[string]string{"image_file": "x", "crop_margin": "51%"}, "invalid_crop_margin"},
		"scale":                   {map[string]string{"image_file": "x", "scale": "1000000%"}, "invalid_scale"},
		"position":                {map[string]string{"image_file": "x", "position": "left"}, "invalid_position"},
		"bg_color":                {map[string]string{"image_file": "x", "bg_color": "fffff"}, "invalid_bg_color"},
		"add_shadow":              {map[string]string{"image_file": "x", "add_shadow": "2"}, "invalid_add_shadow"},
		"shadow_method":           {map[string]string{"image_file": "x", "shadow_method": "old"}, "invalid_shadow_method"},
		"a shadow":                {map[string]string{"image_file": "x", "shadow_type": "3D"}, "invalid_shadow_type"},
		"a shadow of people":      {map[string]string{"image_file": "x", "shadow_type[person]": "drop"}, "invalid_shadow_type"},
		"shadow_opacity":          {map[string]string{"image_file": "x", "shadow_opacity": "101"}, "invalid_shadow_opacity"},
		"semitransparency":        {map[string]string{"image_file": "x", "semitransparency": "half"}, "invalid_semitransparency"},
		"a long field":            {map[string]string{"image_file": "x", "roi": long}, "invalid_roi"},
		"no text":                 {map[string]string{"image_file": "x", "position": "\xff"}, "invalid_position"},
		"everything at once":      {map[string]string{"size": "x", "roi": "x", "crop": "x"}, "missing_source, invalid_size, invalid_roi, invalid_crop"},
	} {
		data, kind, edge := bodyOf(t, "form", test.fields)
		f, err := readRemoval(data, kind, edge)
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = removalRequest(f)
		var faults removalFaults
		if !errors.As(err, &faults) || !errors.Is(err, errMalformed) || strings.Join(strings.Fields(err.Error()), " ") != test.codes {
			t.Errorf("%s: %v, want %s", name, err, test.codes)
		}
		for _, fault := range faults {
			if fault.Title == "" {
				t.Errorf("%s: %s has no title", name, fault.Code)
			}
		}
	}
	for name, nested := range map[string]string{"scale": "invalid_scale", "image_file_b64": "invalid_image_file_b64"} {
		f, err := readRemoval([]byte(`{"`+name+`":["50%"]}`), "application/json", "")
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := removalRequest(f); err == nil || !strings.Contains(err.Error(), nested) {
			t.Errorf("%s in brackets is %v", name, err)
		}
	}
	twice := "--b\r\nContent-Disposition: form-data; name=\"size\"\r\n\r\nauto\r\n--b\r\nContent-Disposition: form-data; name=\"size\"\r\n\r\nfull\r\n" +
		strings.Repeat("--b\r\nContent-Disposition: form-data; name=\"image_file\"\r\n\r\nx\r\n", 2) + "--b--"
	f, err := readRemoval([]byte(twice), "multipart/form-data", "b")
	if err != nil || f.faults.Error() != "invalid_size, multiple_sources" {
		t.Errorf("what is there twice is %v, %v", f.faults, err)
	}
}

// What is asked of a picture, by the fields.
func TestRemovalRequests(t *testing.T) {
	px := func(v float64) portrait.Length { return portrait.Length{Value: v} }
	pct := func(v float64) portrait.Length { return portrait.Length{Value: v, Percent: true} }
	for name, test := range map[string]struct {
		fields map[string]string
		want   portrait.Removal
	}{
		"nothing":     {nil, portrait.Removal{MaxPixels: 250_000, MaxResult: 250_000}},
		"small":       {map[string]string{"size": "small"}, portrait.Removal{MaxPixels: 250_000, MaxResult: 250_000}},
		"regular":     {map[string]string{"size": "regular"}, portrait.Removal{MaxPixels: 250_000, MaxResult: 250_000}},
		"medium":      {map[string]string{"size": "medium"}, portrait.Removal{MaxPixels: 1_500_000, MaxResult: 1_500_000}},
		"hd":          {map[string]string{"size": "hd"}, portrait.Removal{MaxPixels: 4_000_000, MaxResult: 4_000_000}},
		"full":        {map[string]string{"size": "full"}, portrait.Removal{MaxPixels: 25_000_000, MaxResult: 10_000_000}},
		"auto":        {map[string]string{"size": "auto", "format": "png"}, portrait.Removal{MaxPixels: 25_000_000, MaxResult: 10_000_000, Format: wire.PNG}},
		"4k":          {map[string]string{"size": "4k", "format": "jpg"}, portrait.Removal{MaxPixels: 25_000_000, MaxResult: 25_000_000, Format: wire.JPEG}},
		"50MP":        {map[string]string{"size": "50MP", "format": "webp"}, portrait.Removal{MaxPixels: 50_000_000, MaxResult: 50_000_000, Format: wire.WebP}},
		"zip":         {map[string]string{"size": "full", "format": "zip"}, portrait.Removal{MaxPixels: 25_000_000, MaxResult: 25_000_000, Zip: true}},
		"alpha":       {map[string]string{"channels": "alpha", "type": "person"}, portrait.Removal{MaxPixels: 250_000, MaxResult: 250_000, Alpha: true}},
		"for cars":    {map[string]string{"add_shadow": "true", "shadow_method": "legacy", "semitransparency": "false", "shadow_type": "car", "shadow_opacity": "50", "type": "auto"}, portrait.Removal{MaxPixels: 250_000, MaxResult: 250_000}},
		"transparent": {map[string]string{"bg_color": "transparent"}, portrait.Removal{MaxPixels: 250_000, MaxResult: 250_000}},
		"as it is by default": {map[string]string{"roi": "0% 0% 100% 100%", "crop": "false", "crop_margin": "0", "scale": "original", "position": "original"},
			portrait.Removal{MaxPixels: 250_000, MaxResult: 250_000, Region: &portrait.Region{X1: pct(0), Y1: pct(0), X2: pct(100), Y2: pct(100)}}},
		"placed": {map[string]string{"roi": "10px 0% 300.5px 50%", "crop": "True", "crop_margin": "10% 5%", "scale": "37.5%"},
			portrait.Removal{MaxPixels: 250_000, MaxResult: 250_000, Region: &portrait.Region{X1: px(10), Y1: pct(0), X2: px(300.5), Y2: pct(50)}, Crop: true,
				Margin: portrait.Margin{Top: pct(10), Right: pct(5), Bottom: pct(10), Left: pct(5)}, Scale: 0.375, Anchor: &portrait.Anchor{X: 0.5, Y: 0.5}}},
		"scaled where it was": {map[string]string{"scale": "100%", "position": "original"}, portrait.Removal{MaxPixels: 250_000, MaxResult: 250_000, Scale: 1}},
		"in a corner":         {map[string]string{"position": "100% 0%"}, portrait.Removal{MaxPixels: 250_000, MaxResult: 250_000, Anchor: &portrait.Anchor{X: 1}}},
		"on a diagonal":       {map[string]string{"position": "25%"}, portrait.Removal{MaxPixels: 250_000, MaxResult: 250_000, Anchor: &portrait.Anchor{X: 0.25, Y: 0.25}}},
		"four margins":        {map[string]string{"crop_margin": "1px 2% 3px 500px"}, portrait.Removal{MaxPixels: 250_000, MaxResult: 250_000, Margin: portrait.Margin{Top: px(1), Right: pct(2), Bottom: px(3), Left: px(500)}}},
		"on a colour": {map[string]string{"size": "full", "bg_color": "#81D4FA"},
			portrait.Removal{MaxPixels: 25_000_000, MaxResult: 25_000_000, Background: &portrait.Backdrop{Colour: wire.RGB{R: 0x81, G: 0xd4, B: 0xfa}, Opacity: 255}}},
		"through a colour": {map[string]string{"size": "full", "bg_color": "81d4fa77"},
			portrait.Removal{MaxPixels: 25_000_000, MaxResult: 10_000_000, Background: &portrait.Backdrop{Colour: wire.RGB{R: 0x81, G: 0xd4, B: 0xfa}, Opacity: 0x77}}},
	} {
		fields := map[string]string{"image_file": "x"}
		for name, value := range test.fields {
			fields[name] = value
		}
		data, kind, edge := bodyOf(t, "form", fields)
		f, err := readRemoval(data, kind, edge)
		if err != nil {
			t.Fatal(err)
		}
		got, level, err := removalRequest(f)
		a, _ := json.Marshal(got)
		b, _ := json.Marshal(test.want)
		if err != nil || level != "1" || !bytes.Equal(a, b) {
			t.Errorf("%s: %v, %q\n%s, want\n%s", name, err, level, a, b)
		}
	}
}

func TestRemovalColours(t *testing.T) {
	for s, want := range map[string][4]uint8{
		"fff": {255, 255, 255, 255}, "#0af8": {0, 0xaa, 0xff, 0x88}, "81d4fa": {0x81, 0xd4, 0xfa, 255}, "81d4fa00": {0x81, 0xd4, 0xfa, 0},
		"green": {0, 128, 0, 255}, "RebeccaPurple": {0x66, 0x33, 0x99, 255}, "LightGoldenrodYellow": {250, 250, 210, 255}, "transparent": {},
	} {
		c, a, ok := parseColour(s)
		if got := [4]uint8{c.R, c.G, c.B, a}; !ok || got != want {
			t.Errorf("%s is %v, %v, want %v", s, got, ok, want)
		}
	}
	for _, s := range []string{"", "#", "ff", "fffff", "ggg", "+fffff", "0xffff", "##fff", "ff ff ff", "rgb(0,0,0)", "grün", "123456789"} {
		if c, a, ok := parseColour(s); ok {
			t.Errorf("%q is %v, %d", s, c, a)
		}
	}
}

// The picture itself is the answer unless JSON is what is wanted. (The second but last is axios, the last HTTPie.)
func TestWantsResult(t *testing.T) {
	for accept, want := range map[string]bool{
		"": false, "*/*": false, "image/*": false, "image/png, application/json": false, "application/json": true, "application/json, image/*": true,
		"application/json;q=0": false, "text/html": false, "application/json, text/plain, */*": false, "application/json, */*;q=0.5": true,
	} {
		if got := wantsResult(accept); got != want {
			t.Errorf("Accept: %s wants JSON: %v, want %v", accept, got, want)
		}
	}
}

// What goes wrong is told in the codes, with the statuses, and without a word of the address.
func TestRemovalErrors(t *testing.T) {
	a := &API{cfg: Config{MaxBytes: 12 << 20, MaxPixels: 50_000_000}}
	secret := errors.New("https://secret.example/?sig=1")
	for _, test := range []struct {
		err    error
		status int
		code   string
		says   string
	}{
		{errNoToken, 403, "auth_failed", "Missing API Key"},
		{auth.ErrToken, 403, "auth_failed", "API Key invalid"},
		{auth.ErrStale, 403, "auth_failed", "API Key invalid"},
		{&scopeError{wire.ScopeMattes}, 403, "auth_failed", "mattes"},
		{&auth.RegionError{Regions: []string{"eu-1"}}, 403, "auth_failed", "region"},
		{errTooLarge, 400, "file_too_large", "12MB"},
		{&downloadError{"image_url", fmt.Errorf("%w: %w", fetch.ErrTooLarge, secret)}, 400, "file_too_large", "12MB"},
		{portrait.ErrTooLarge, 400, "resolution_too_high", "50 megapixels"},
		{portrait.ErrNotImage, 400, "invalid_file_type", "jpg"},
		{fmt.Errorf("%w: %w", portrait.ErrNoSize, portrait.ErrBroken), 400, "invalid_dimensions", "dimensions"},
		{portrait.ErrBroken, 400, "failed_to_read_image", "error reading"},
		{&portrait.BackdropError{Err: portrait.ErrBroken}, 400, "failed_to_read_image", "background"},
		{&portrait.BackdropError{Err: portrait.ErrNotImage}, 400, "invalid_file_type", "background"},
		{portrait.ErrNoPerson, 400, "unknown_foreground", "People"},
		{regionFault(portrait.ErrRegionOutside), 400, "roi_exceeds_bounds", "bounds"},
		{regionFault(portrait.ErrRegionEmpty), 400, "roi_region_empty", "empty"},
		{portrait.ErrTooLong, 400, "invalid_format", "longer"},
		{&downloadError{"image_url", &fetch.StatusError{Code: 404}}, 400, "failed_image_download", "404"},
		{&downloadError{"image_url", fmt.Errorf("%w: %w", fetch.ErrRefused, secret)}, 400, "failed_image_download", "may not be fetched"},
		{&downloadError{"image_url", fmt.Errorf("%w: %w", fetch.ErrPrivate, secret)}, 400, "failed_image_download", "may not be fetched"},
		{&downloadError{"image_url", fmt.Errorf("%w: %w", fetch.ErrTimeout, secret)}, 400, "failed_image_download", "too slow"},
		{&downloadError{"bg_image_url", fmt.Errorf("%w: %w", fetch.ErrUnreachable, secret)}, 400, "failed_bg_download", "reached"},
		{&downloadError{"bg_image_url", fmt.Errorf("%w: %w", fetch.ErrIncomplete, secret)}, 400, "failed_bg_download", "broke off"},
		{&downloadError{"image_url", errTimeout}, 503, "timeout", "too long"},
		{malformed("body", "is not a JSON object"), 400, "malformed", "JSON"},
		{errSlow, 408, "upload_slow", "slowly"},
		{errMethod, 405, "method", "method"},
		{errNotFound, 404, "not_found", "nothing"},
		{admission.ErrBusy, 503, "busy", "busy"},
		{portrait.ErrNoNet, 503, "no_net", "lacks"},
		{secret, 500, "internal", "our side"},
	} {
		status, faults := a.removalFaults(test.err, a.problem(test.err, false))
		if len(faults) != 1 || status != test.status || faults[0].Code != test.code || !strings.Contains(faults[0].Title+" "+faults[0].Detail, test.says) {
			t.Errorf("%v is %d %+v, want %d %s and %q in it", test.err, status, faults, test.status, test.code, test.says)
		}
		if text := fmt.Sprint(faults); strings.Contains(text, "secret") {
			t.Errorf("%v repeats what it was given: %s", test.err, text)
		}
	}
	if status, faults := a.removalFaults(nil, wire.NewProblem("rate", "")); status != 429 || faults[0].Code != "rate_limit_exceeded" {
		t.Errorf("too many requests are %d %v", status, faults)
	}
	// No problem is answered without a title.
	for _, row := range words {
		if status, faults := a.removalFaults(row.err, a.problem(row.err, false)); status < 400 || faults[0].Code == "" || faults[0].Title == "" {
			t.Errorf("%v is %d %+v", row.err, status, faults)
		}
	}
}

// Numbers are read within their bounds or not at all.
func FuzzRemovalLengths(f *testing.F) {
	for _, seed := range []string{"0% 0% 100% 100%", "10px 20px 30px 40px", "-5px 0 1 2", "50%", "500px", "original", "center", "1e9px", "NaN%", "Inf", "0x10px",
		"1_0px", "..", "0.", "px", "%", "１０%", "81d4fa77", "green", "0 0 0", "0% 0% 100% 100% 1%"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		within := func(what string, v, from, to float64) {
			if !(v >= from && v <= to) {
				t.Errorf("%s of %q is %v", what, s, v)
			}
		}
		if r, ok := parseRegion(s); ok {
			for _, l := range []portrait.Length{r.X1, r.Y1, r.X2, r.Y2} {
				within("a corner", math.Abs(l.Value), 0, 1e12)
			}
		}
		if m, ok := parseMargin(s); ok {
			for _, l := range []portrait.Length{m.Top, m.Right, m.Bottom, m.Left} {
				within("a margin", l.Value, 0, map[bool]float64{true: 50, false: 500}[l.Percent])
			}
		}
		if v, ok := parseScale(s); ok && v != 0 {
			within("the scale", v, 0.1, 1)
		}
		if a, ok := parsePosition(s); ok && a != nil {
			within("the position", a.X, 0, 1)
			within("the position", a.Y, 0, 1)
		}
		if c, a, ok := parseColour(s); ok { // what was read can be written, and is read as the same
			again, b, ok := parseColour(fmt.Sprintf("%v%02x", c, a))
			if !ok || again != c || a != b {
				t.Errorf("%q is %v, %d, which is read as %v, %d", s, c, a, again, b)
			}
		}
	})
}

// A JSON object says to us what it says to encoding/json; what is none is refused, and nothing else happens.
func FuzzRemovalObject(f *testing.F) {
	for _, seed := range []string{`{"size":"full","roi":"0% 0% 1% 1%"}`, `{"image_file_b64":"AAAA\/\u002b","crop":true,"type_level":2}`, `{"x":[{"y":"}"}],"bg_color":null}`,
		`{"a":"\ud83d\ude00"}`, "{}", "{\"size\":\"\\\"\\\\\"}", `{"scale" : 1e5 , "position":"\u0035\u0030%"}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data string) {
		form, err := readRemoval([]byte(data), "application/json", "")
		var want map[string]json.RawMessage
		valid := json.Unmarshal([]byte(data), &want) == nil && want != nil
		if err != nil {
			if !errors.Is(err, errMalformed) {
				t.Errorf("%q is %v", data, err)
			}
			return
		}
		if _, _, err := removalRequest(form); err != nil && !errors.Is(err, errMalformed) {
			t.Errorf("%q asks for %v", data, err)
		}
		if !valid || len(form.faults) > 0 { // what is skipped may be anything
			return
		}
		for name, got := range form.fields {
			var text string
			if json.Unmarshal(want[name], &text) != nil {
				text = string(want[name])
			}
			if got != text {
				t.Errorf("%s of %q is %q, want %q", name, data, got, text)
			}
		}
	})
}

// A form-encoded body says to us what it says to net/url.
func FuzzRemovalPairs(f *testing.F) {
	for _, seed := range []string{"size=full&roi=0%25+0%25+1%25+1%25", "image_file_b64=%2B+AA", "a", "&&=&", "size=%zz", "size=a;b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data string) {
		form, err := readRemoval([]byte(data), "application/x-www-form-urlencoded", "")
		if err != nil {
			if !errors.Is(err, errMalformed) {
				t.Errorf("%q is %v", data, err)
			}
			return
		}
		removalRequest(form)
		if want, err := url.ParseQuery(data); err == nil {
			for name, got := range form.fields {
				if !slices.Contains(want[name], got) {
					t.Errorf("%s of %q is %q, want one of %q", name, data, got, want[name])
				}
			}
		}
	})
}
