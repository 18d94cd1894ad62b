package api

import (
	"errors"
	"fmt"
	"testing"

	"github.com/professionalaistudio/studio/edge/portrait"
	"github.com/professionalaistudio/studio/edge/transform"
	"github.com/professionalaistudio/studio/edge/wire"
)

// The format is the one named, else one that Accept names and that can hold the answer, else PNG.
func TestTheFormatOfAMatte(t *testing.T) {
	clear, alone, blue := map[string]string{}, map[string]string{"alpha": "1"}, map[string]string{"background": "00f"}
	for _, test := range []struct {
		given  map[string]string
		accept string
		want   wire.Format
	}{
		{clear, "", wire.PNG},
		{clear, "*/*", wire.PNG},
		{clear, "image/webp", wire.WebP},
		{clear, "image/avif", wire.AVIF},
		{clear, "image/avif, image/webp;q=0.5", wire.WebP}, // of the two, the one that is made sooner
		{clear, "image/webp, image/png", wire.PNG},
		{clear, "image/png;q=0, image/webp", wire.WebP},
		{clear, "image/jpeg", wire.PNG},
		{alone, "image/jpeg", wire.JPEG},
		{blue, "image/jpeg", wire.JPEG},
		{blue, "application/json", wire.PNG},
		{map[string]string{"format": "avif"}, "image/webp", wire.AVIF},
		{map[string]string{"format": "jpg", "background": "fff"}, "image/png", wire.JPEG},
	} {
		ask, err := matteRequest(test.given, test.accept)
		if err != nil || ask.Format != test.want {
			t.Errorf("%v with Accept %q: %v, %v, want %v", test.given, test.accept, ask.Format, err, test.want)
		}
	}
}

// An edge without the net says so, and that another one may have it; it is our fault and not the picture's.
func TestAnEdgeWithoutTheNet(t *testing.T) {
	a := &API{}
	for _, err := range []error{portrait.ErrNoNet, transform.ErrNoCutter} {
		for _, signed := range []bool{false, true} {
			if p := a.problem(fmt.Errorf("matte: %w", err), signed); p.Type != "no-net" || p.Status != 503 || p.Advice == "" {
				t.Errorf("%v is answered %s with %d and %q", err, p.Type, p.Status, p.Advice)
			}
		}
	}
	if p := a.problem(portrait.ErrNoPerson, true); p.Type != "no-person" || p.Status != 422 || p.Advice == "" {
		t.Errorf("nobody in it is answered %s with %d", p.Type, p.Status)
	}
	if p := a.problem(fmt.Errorf("webp: %w: 20000 pixels", portrait.ErrTooLong), false); p.Type != "format" || p.Detail == "" {
		t.Errorf("too long a side is answered %s: %q", p.Type, p.Detail)
	}
	if _, err := matteRequest(map[string]string{"alpha": "1", "background": "fff"}, ""); !errors.Is(err, errMalformed) {
		t.Errorf("two wishes are %v", err)
	}
}
