package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"image/png"
	"io"
	"net/http"
	"strings"
	"testing"
)

// The findings drawn on the picture: inside the JSON of a photo and of a check, or of a check alone where its type is what is accepted.
func TestDrawing(t *testing.T) {
	n := start(t)
	wellFormed := func(data []byte) {
		t.Helper()
		d := xml.NewDecoder(bytes.NewReader(data))
		for {
			if _, err := d.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("the SVG is no XML: %v", err)
			}
		}
		for _, has := range []string{"<svg", "data:image/jpeg;base64,", "role=\"img\""} {
			if !bytes.Contains(data, []byte(has)) {
				t.Errorf("the SVG lacks %s", has)
			}
		}
		if bytes.Contains(data, []byte("<script")) {
			t.Error("the SVG has a script")
		}
	}
	inline := func(a answer) []byte {
		t.Helper()
		var doc struct {
			Drawing struct{ Type, Data string }
		}
		if err := json.Unmarshal(a.ok(t).body, &doc); err != nil {
			t.Fatal(err)
		}
		data, err := base64.StdEncoding.DecodeString(doc.Drawing.Data)
		if err != nil || len(data) == 0 {
			t.Fatalf("there is no drawing of the type %q: %v", doc.Drawing.Type, err)
		}
		return data
	}

	wellFormed(inline(postPhoto(t, n, "/v1/checks?document=jp-passport&drawing=svg")))
	a := postPhoto(t, n, "/v1/checks?document=jp-passport&drawing=svg", "Accept", "image/svg+xml").ok(t)
	wellFormed(a.body)
	for name, want := range map[string]string{"Content-Type": "image/svg+xml", "Cache-Control": "no-store"} {
		if got := a.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if got := a.Header.Get("Content-Security-Policy"); !strings.Contains(got, "sandbox") {
		t.Errorf("a page of a stranger's picture may do things: %q", got)
	}
	if _, err := png.Decode(bytes.NewReader(inline(postPhoto(t, n, "/v1/photos?document=jp-passport&drawing=png", "Accept", "application/json")))); err != nil {
		t.Error(err)
	}
	// Who asks for none gets none, whatever is accepted.
	a = postPhoto(t, n, "/v1/checks?document=jp-passport", "Accept", "image/svg+xml, image/").ok(t)
	if got := a.Header.Get("Content-Type"); got != "application/json" || bytes.Contains(a.body, []byte(`"drawing"`)) {
		t.Errorf("the answer is %s", got)
	}
	postPhoto(t, n, "/v1/checks?document=jp-passport&drawing=gif").expect(t, "malformed", http.StatusBadRequest)
}
