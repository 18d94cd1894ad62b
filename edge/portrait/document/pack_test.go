package document

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"
)

func TestEmbeddedPack(t *testing.T) {
	p := Embedded()
	if got, want := len(All()), 146; got != want {
		t.Errorf("%d rows, want %d", got, want)
	}
	if p.Version == "" || len(Digest()) != 64 || Version() != p.Version || !strings.HasPrefix(p.Name(), p.Version+"+"+Digest()[:12]) {
		t.Errorf("version %q, digest %q, name %q", p.Version, Digest(), p.Name())
	}
	for _, s := range All() {
		got, ok := Find(s.ID)
		if !ok || got.Document != s.Document {
			t.Errorf("%s is not found by its id", s.ID)
		}
		said := s.Provenance()
		if said.Source() == "" || said.Date() == "" || said.Confidence == "" {
			t.Errorf("%s: source %q, date %q, confidence %q", s.ID, said.Source(), said.Date(), said.Confidence)
		}
	}
	if _, ok := Find("us-pasport"); ok {
		t.Error("an id that is not there is found")
	}
}

// Every key of every row must come back out as it went in: nothing of the pack is lost in the type.
func TestNothingLost(t *testing.T) {
	var file struct{ Documents []map[string]any }
	if err := json.Unmarshal(embedded, &file); err != nil {
		t.Fatal(err)
	}
	for i, s := range All() {
		data, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var back map[string]any
		if err := json.Unmarshal(data, &back); err != nil {
			t.Fatal(err)
		}
		for key, want := range file.Documents[i] {
			if got := back[key]; !reflect.DeepEqual(got, want) {
				t.Errorf("%s: %s is %v, the pack has %v", s.ID, key, got, want)
			}
		}
	}
}

func TestSizes(t *testing.T) {
	for id, want := range map[string]struct {
		w, h   float64
		px, py int
	}{
		"us-passport":           {50.8, 50.8, 600, 600}, // 51 mm in the pack is two inches
		"us-visa":               {50.8, 50.8, 600, 600},
		"il-visa":               {50, 50, 591, 591}, // 50 mm is 50 mm
		"gb-passport-print":     {35, 45, 827, 1063},
		"gb-passport-digital":   {36, 45, 600, 750},
		"ca-passport":           {50, 70, 1181, 1654},
		"de-passport":           {35, 45, 827, 1063},
		"nl-passport":           {35, 45, 551, 709},
		"fi-passport":           {36, 47, 500, 653},
		"fr-passport":           {35, 45, 413, 531},
		"hk-passport":           {37.5, 50, 1200, 1600}, // the file is 3:4, the print 4:5
		"cn-visa":               {36, 48, 420, 560},
		"cn-exit-entry-digital": {36, 48, 426, 568},
		"cn-id-card":            {26, 32, 358, 441},
		"in-pan":                {35, 35, 213, 213},
		"ie-passport-online":    {33.831, 45, 715, 951},
		"nz-passport":           {33.75, 45, 900, 1200},
		"pl-passport":           {35, 45, 492, 633},
		"tw-passport":           {35, 45, 413, 531},
		"generic-cv-square":     {40, 40, 1000, 1000},
	} {
		s, ok := Find(id)
		if !ok {
			t.Fatal(id)
		}
		w, h := s.FileSize()
		px, py := s.FilePixels()
		if math.Abs(w-want.w) > 0.1 || math.Abs(h-want.h) > 1e-9 || px != want.px || py != want.py {
			t.Errorf("%s: %.2f × %.2f mm, %d × %d px, want %+v", id, w, h, px, py, want)
		}
	}
	for _, s := range All() { // the sizes we make must be sizes we accept
		if err := s.CheckPixels(s.FilePixels()); err != nil {
			t.Errorf("%s: %v", s.ID, err)
		}
	}
}

func TestCheckPixels(t *testing.T) {
	for _, test := range []struct {
		id   string
		w, h int
		good bool
	}{
		{"us-visa", 600, 600, true}, {"us-visa", 1200, 1200, true}, {"us-visa", 599, 599, false}, {"us-visa", 1201, 1201, false}, {"us-visa", 600, 700, false},
		{"fi-passport", 500, 653, true}, {"fi-passport", 500, 654, false},
		{"us-passport", 600, 600, true}, {"us-passport", 602, 602, false},
		{"ae-emirates-id", 827, 945, true}, {"nz-passport", 4500, 6000, true}, {"nz-passport", 4500, 6001, false},
	} {
		s, _ := Find(test.id)
		if err := s.CheckPixels(test.w, test.h); (err == nil) != test.good {
			t.Errorf("%s of %d × %d: %v", test.id, test.w, test.h, err)
		}
	}
}

func TestRules(t *testing.T) {
	eye := func(s Spec) (Rule, bool) { return s.Eye() }
	for _, test := range []struct {
		id   string
		rule func(Spec) (Rule, bool)
		want Band
	}{
		{"us-passport", eye, Band{28, 35}}, // millimetres; the ratios of 51 mm are left out
		{"us-visa", eye, Band{0.56 * 50.8, 35}},
		{"de-passport", eye, Band{22, 32}},
		{"vn-evisa", eye, Band{34.2, 37.8}},
		{"cn-id-card", eye, Band{0.4694 * 32, 32}},
		{"cn-id-card", Spec.Top, Band{0.0159 * 32, 0.0476 * 32}},
		{"cn-id-card", Spec.HeadWidth, Band{193 * 32 / 441.0, 221 * 32 / 441.0}},
		{"ru-internal-passport", Spec.Top, Band{4.5, 5.5}}, // one value is a target
		{"co-passport", Spec.Top, Band{9.5, 10.5}},
		{"ch-sbb-swisspass", Spec.Top, Band{2, math.Inf(1)}},
		{"fi-passport", Spec.Chin, Band{7, 9}},
		{"cn-passport", Spec.Chin, Band{7, math.Inf(1)}},
	} {
		s, _ := Find(test.id)
		got, ok := test.rule(s)
		if !ok || math.Abs(got.Min-test.want.Min) > 1e-6 || got.Max != test.want.Max && math.Abs(got.Max-test.want.Max) > 1e-6 || got.Default || got.Said.Source() == "" {
			t.Errorf("%s: %+v, want %v", test.id, got, test.want)
		}
	}
	if _, ok := mustFind(t, "us-passport").Top(); ok {
		t.Error("us-passport has no top margin of its own")
	}
}

func TestHead(t *testing.T) {
	for id, want := range map[string]struct {
		band    Band
		silence bool
	}{
		"us-passport":                {Band{25, 35}, false},
		"us-visa":                    {Band{25.4, 35}, false}, // 50 % of 50.8 mm is above 25 mm
		"us-passport-online-renewal": {Band{25.4, 0.69 * 50.8}, false},
		"de-visa":                    {Band{32, 36}, false},
		"in-passport-abroad":         {Band{36, 38.25}, false},
		"de-health-card":             {Band{31.5, 36}, true}, // three quarters of the height
		"gb-passport-digital":        {Band{20.25, 27}, true},
		"tr-passport":                {Band{31, 36}, true}, // Canada's, on a frame 10 mm lower
		"ke-passport":                {Band{25, 35}, true}, // the American square
		"ar-passport":                {Band{25, 35}.Scale(40 / 50.8), true},
		"nz-visa":                    {Band{27, 33.75}, true},
		"cn-driving-licence":         {Band{28, 33}.Scale(32.0 / 48), true},
		"cn-id-card":                 {Band{193, 221}.Scale(32 / 441.0 / 0.70), true},
	} {
		got := mustFind(t, id).Head()
		if math.Abs(got.Min-want.band.Min) > 1e-6 || math.Abs(got.Max-want.band.Max) > 1e-6 || got.Default != want.silence || got.Default && got.Why == "" {
			t.Errorf("%s: head %v default %v (%s), want %v", id, got.Band, got.Default, got.Why, want)
		}
	}
	published := 0
	for _, s := range All() {
		if h := s.Head(); !h.Default {
			published++
		} else if h.Said.Source() != ours {
			t.Errorf("%s: a default is said by %q", s.ID, h.Said.Source())
		}
	}
	if published != 68 {
		t.Errorf("%d rows have a head rule of their own, want 68", published)
	}
}

func TestFilesAndEdits(t *testing.T) {
	for _, test := range []struct {
		id          string
		least, most int
	}{
		{"us-visa", 0, 240_000}, {"cn-id-card", 14 * 1024, 20_000}, {"us-passport", 0, math.MaxInt}, {"nz-visa", 500 * 1024, 3_072_000},
	} {
		if least, most := mustFind(t, test.id).Bytes(); least != test.least || most != test.most {
			t.Errorf("%s: %d to %d bytes, want %d to %d", test.id, least, most, test.least, test.most)
		}
	}
	if got := mustFind(t, "us-visa").MaxCompression(); got != 20 {
		t.Errorf("us-visa may be compressed %g times, want 20", got)
	}
	if got := mustFind(t, "us-passport").MaxCompression(); got != 0 {
		t.Errorf("us-passport has a compression rule: %g", got)
	}
	for _, test := range []struct {
		id, format string
		may        bool
	}{
		{"us-visa", "jpg", true}, {"us-visa", "png", false}, {"sg-passport", "png", true}, {"us-passport", "png", true}, {"tw-passport", "jpeg", true},
	} {
		if got := mustFind(t, test.id).MayBe(test.format); got != test.may {
			t.Errorf("%s may be %s: %v", test.id, test.format, got)
		}
	}
	for _, test := range []struct {
		id                       string
		barred, extend, straight bool
	}{
		{"us-passport", true, false, true}, {"it-cie", true, false, false}, {"jp-passport", false, true, true}, {"fr-passport", false, false, true}, {"generic-cv-square", false, true, true},
	} {
		s := mustFind(t, test.id)
		if s.EditBarred() != test.barred || s.MayExtend() != test.extend || s.MayStraighten() != test.straight {
			t.Errorf("%s: barred %v, extend %v, straighten %v", test.id, s.EditBarred(), s.MayExtend(), s.MayStraighten())
		}
	}
}

func TestServed(t *testing.T) {
	data, err := json.Marshal(Embedded())
	if err != nil {
		t.Fatal(err)
	}
	var served struct {
		Version, Digest string
		Documents       []struct {
			ID        string `json:"id"`
			Effective struct {
				HeadMM struct {
					Min, Max float64
					Default  bool
				} `json:"head_mm"`
				WidthPX int `json:"width_px"`
			} `json:"effective"`
		}
	}
	if err := json.Unmarshal(data, &served); err != nil {
		t.Fatal(err)
	}
	if served.Digest != Digest() || len(served.Documents) != 146 || served.Documents[0].ID != "us-passport" ||
		served.Documents[0].Effective.WidthPX != 600 || served.Documents[0].Effective.HeadMM.Min != 25 {
		t.Errorf("served %d rows, first %+v", len(served.Documents), served.Documents[0])
	}
}

func mustFind(t *testing.T, id string) Spec {
	t.Helper()
	s, ok := Find(id)
	if !ok {
		t.Fatalf("%s is not in the pack", id)
	}
	return s
}
