package document

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// bySchema judges a pack by the schema.
func bySchema(t *testing.T) func(data []byte) error {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", value); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return func(data []byte) error {
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			return err
		}
		return compiled.Validate(value)
	}
}

// The schema describes the pack that is built in, and whatever it refuses Parse refuses and names.
func TestParseAndSchema(t *testing.T) {
	judge := bySchema(t)
	if err := judge(embedded); err != nil {
		t.Fatalf("the schema refuses the embedded pack: %v", err)
	}
	for name, test := range map[string]struct {
		old, new, named string
		beyond          bool // the schema cannot say it
	}{
		"a field it does not know":      {`"head_top"`, `"head_topp"`, "head_topp", false},
		"a field of the meta block":     {`"status"`, `"state"`, "state", false},
		"a field inside a band":         {`"min": 25,`, `"minn": 25,`, "minn", false},
		"a field in other letters":      {`"dpi"`, `"DPI"`, "DPI", false},
		"a field that is missing":       {`"head_width_mm": null,`, ``, "head_width_mm is missing", false},
		"a head top it does not know":   {`"hair_top"`, `"hat"`, "hat", false},
		"a submission it cannot route":  {`"self_print_or_upload"`, `"by_owl"`, "by_owl", false},
		"a rule on editing in a phrase": {`"prohibited_explicit_incl_ai_and_filters"`, `"no edits"`, "no edits", false},
		"a colour that is none":         {`"#FFFFFF"`, `"white"`, `"white"`, false},
		"a format nobody knows":         {`"png",`, `"psd",`, "psd", false},
		"a confidence of our making":    {`"confidence": "low"`, `"confidence": "sure"`, "sure", false},
		"a version that is none":        {`"version": "2026-`, `"version": "26-`, "version", false},
		"an edition before its rows":    {`"compiled": "2026-11-23"`, `"compiled": "2026-12-23"`, "compiled", true},
		"a day that is none":            {`"checked": "2026-11-23"`, `"checked": "2026-11-31"`, "2026-11-31", true},
		"a share beyond the photo":      {`"max": 0.6863`, `"max": 1.6863`, "not a share", false},
		"a number that is not there":    {"\"of\": [\n      \"width_mm\"", "\"of\": [\n      \"width_px\"", "width_px", true},
		"a number told of twice":        {"\"of\": [\n      \"width_mm\"", "\"of\": [\n      \"height_mm\"", "height_mm", false},
		"an id that is taken":           {`"us-visa"`, `"us-passport"`, "us-passport", true},
		"a band upside down":            {`"min": 25,`, `"min": 36,`, "36", true},
		"a country without a name":      {`"country": "US"`, `"country": "QQ"`, "QQ", true},
		"a row too many in the meta":    {`"rows": 146`, `"rows": 145`, "145", true},
		"a head borrowed from nowhere":  {`"head_from": "ca-passport"`, `"head_from": "ca-passports"`, "ca-passports", true},
		"something behind the end":      {"", "{}", "follows", false},
	} {
		t.Run(name, func(t *testing.T) {
			bad := strings.Replace(string(embedded), test.old, test.new, 1)
			if test.old == "" {
				bad = string(embedded) + test.new
			}
			if bad == string(embedded) {
				t.Fatalf("%q is not in the pack", test.old)
			}
			if _, err := Parse([]byte(bad)); !errors.Is(err, ErrPack) || !strings.Contains(err.Error(), test.named) {
				t.Errorf("error %v does not name %q", err, test.named)
			}
			if err := judge([]byte(bad)); (err == nil) != test.beyond {
				t.Errorf("the schema says %v", err)
			}
		})
	}
	for name, pack := range map[string]string{
		"no rows":       `{"meta":{"version":"2026-11-24.1","compiled":"2026-11-24","rows":0},"documents":[]}`,
		"a row null":    strings.Replace(string(embedded), `"documents": [`, `"documents": [null,`, 1),
		"not an object": `[]`,
		"nothing":       ``,
		"null":          `null`,
	} {
		if _, err := Parse([]byte(pack)); !errors.Is(err, ErrPack) {
			t.Errorf("%s: %v, want ErrPack", name, err)
		}
		if judge([]byte(pack)) == nil {
			t.Errorf("%s passes the schema", name)
		}
	}
}

// FuzzParse: what is parsed obeys the row checks, can be searched and served, and what is refused says so as ErrPack.
func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"meta":{"version":"2026-11-24.1","compiled":"2026-11-23","rows":0},"documents":[]}`))
	f.Add([]byte(`{"meta":{"rows":1},"documents":[{"id":"a"}]}`))
	f.Add([]byte(`{"documents":[{"head_height_mm":{"min":3,"max":null}}]}`))
	f.Add(oneRow)
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Parse(data)
		if err != nil {
			if !errors.Is(err, ErrPack) {
				t.Errorf("%v is no ErrPack", err)
			}
			return
		}
		for _, s := range p.All() {
			if w, h := s.FilePixels(); w < 1 || h < 1 || s.Head().Min > s.Head().Max {
				t.Errorf("%s: %d × %d px, head %v", s.ID, w, h, s.Head().Band)
			}
			if found := p.Search(Query{Words: s.ID}); len(found) == 0 || found[0].ID != s.ID {
				t.Errorf("%s is not found by its id", s.ID)
			}
		}
		if _, err := p.MarshalJSON(); err != nil {
			t.Errorf("it cannot be served: %v", err)
		}
	})
}

// oneRow is a small pack that is whole, for what mutates one.
var oneRow = []byte(`{"meta":{"name":"n","version":"2026-11-25.2","compiled":"2026-11-24","rows":1,"status":"s","units":"u","fields":{},"icao_iso_reference":{},"known_bad_data_elsewhere":[]},
"documents":[{"id":"cn-id","country":"CN","document":"ID card","width_mm":26,"height_mm":32,"dpi":350,"width_px":358,"height_px":441,"px_range":null,
"head_height_mm":null,"head_height_ratio":null,"head_height_ratio_derived":false,"head_top":"hair_top","head_width_mm":null,"eye_line_from_bottom_mm":null,
"eye_line_from_bottom_ratio":{"min":0.4694,"max":1},"top_margin_mm":null,"top_margin_ratio":null,"background":[{"name":"white","hex":"#FFFFFF"}],
"file_formats":["jpg"],"file_size_kb":{"min":14,"max":20},"glasses":"wear_if_usual","head_covering":"not_allowed","other":["a remark"],"alteration_rule":"not_found",
"background_replacement":"unknown","submission":"self_print_or_upload","source":["one","two"],"source_dates":["2021-11-02",null],"confidence":"high",
"said":[{"of":["file_size_kb"],"from":[1],"confidence":"low","note":"n"}],"checked":"2026-11-23","face_width_px":{"min":193,"max":221},"names":{"zh":["身份证"]}}]}`)

// BenchmarkParse is what every start of the program pays for the embedded pack.
func BenchmarkParse(b *testing.B) {
	b.SetBytes(int64(len(embedded)))
	for b.Loop() {
		if _, err := Parse(embedded); err != nil {
			b.Fatal(err)
		}
	}
}
