package api

import (
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/professionalaistudio/studio/edge/portrait"
	"github.com/professionalaistudio/studio/edge/wire"
)

func photoOptions(t *testing.T, text string) wire.Options {
	t.Helper()
	o, err := wire.ParseOptions(text)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// What the options say of a photo is what is asked of the pipeline.
func TestPhotoRequest(t *testing.T) {
	got, err := PhotoRequest(photoOptions(t, "document:us-passport/mode:crop/head:1:2:3:4/sheet:A4/f:png"))
	want := portrait.Request{Document: "us-passport", Mode: portrait.ModeCrop, Head: got.Head, Sheet: "a4", Format: wire.PNG}
	if err != nil || !reflect.DeepEqual(got, want) || got.Head == nil || *got.Head != (portrait.Head{CrownX: 1, CrownY: 2, ChinX: 3, ChinY: 4}) {
		t.Errorf("the request is %+v with the head %+v: %v", got, got.Head, err)
	}
	got, err = PhotoRequest(photoOptions(t, "document:us-passport/bg:0a0/f:json"))
	if err != nil || got.Format != wire.FormatAuto || got.Background == nil || *got.Background != (wire.RGB{G: 0xaa}) {
		t.Errorf("the request is %+v with the background %v: %v, want the document's own format inside JSON", got, got.Background, err)
	}
	got, err = PhotoRequest(photoOptions(t, "document:us-passport/sheet:89x127mm:4:0/f:pdf"))
	if err != nil || !got.PDF || got.Format != wire.FormatAuto || got.Sheet != "89x127mm" || got.Copies != 4 || got.Gap == nil || *got.Gap != 0 {
		t.Errorf("the request is %+v with the gap %v: %v, want a PDF of four copies edge to edge", got, got.Gap, err)
	}
	if _, err := PhotoRequest(photoOptions(t, "document:us-passport/sheet:a99")); err == nil || !strings.Contains(err.Error(), "10x15") {
		t.Errorf("a paper that there is not is refused by %v, want those there are", err)
	}
}

// Other rules or other nets make another photo; findings are others tomorrow, and the photo alone is not.
func TestPhotoTags(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tag := func(rules, text, accept string) string {
			a := &API{rules: rules}
			v := a.variants(photoOptions(t, text), accept)
			if len(v) != 1 {
				t.Fatalf("%s with %q has %d variants, want 1", text, accept, len(v))
			}
			return v[0].header(v[0].etag(`"source"`, nil))
		}
		photo, findings := tag("a", "document:us-passport", "image/avif,*/*"), tag("a", "document:us-passport", "application/json")
		if other := tag("b", "document:us-passport", ""); other == photo {
			t.Errorf("by other rules the tag is %s as well", other)
		}
		if findings == "W/"+photo || !strings.HasPrefix(findings, "W/") || strings.HasPrefix(photo, "W/") {
			t.Errorf("the photo has the tag %s, its findings %s, want a strong and another, weak one", photo, findings)
		}
		if same := tag("a", "document:us-passport/f:json", "image/png"); same != findings {
			t.Errorf("findings by their format have the tag %s, by Accept %s", same, findings)
		}
		if same := tag("a", "document:us-passport/f:json/f:png", "application/json"); strings.HasPrefix(same, "W/") {
			t.Errorf("a PNG that is named has the tag %s, as if Accept decided", same)
		}
		time.Sleep(24 * time.Hour)
		if later := tag("a", "document:us-passport", "*/*"); later != photo {
			t.Errorf("a day later the photo has the tag %s, before %s", later, photo)
		}
		if later := tag("a", "document:us-passport", "application/json"); later == findings {
			t.Errorf("a day later findings still have the tag %s, and the photo is older", later)
		}
	})
}
