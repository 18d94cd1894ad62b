package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
)

// problemVectors is testdata/problem.json: documents, and every type there is with its status.
type problemVectors struct {
	Documents []problemVector   `json:"documents"`
	Types     []problemTypeJSON `json:"types"`
}

type problemVector struct {
	Type     string          `json:"type"`
	Status   int             `json:"status"`
	Detail   string          `json:"detail,omitempty"`
	Extra    map[string]any  `json:"extra,omitempty"`
	Document json.RawMessage `json:"document"`
}

type problemTypeJSON struct {
	Type   string `json:"type"`
	Status int    `json:"status"`
	Signed int    `json:"signed"`
}

func makeProblemVectors() problemVectors {
	var v problemVectors
	v.Documents = []problemVector{
		{"signature", 403, "", nil, json.RawMessage(`{"type":"/problems/signature","title":"This link has been altered.","status":403,"advice":"Sign the path exactly as it is sent, from the slash after the signature on, with the key and salt of the key id in the address. Both are hexadecimal and must be decoded first."}`)},
		{"option", 400, `option "zoom" is not one that we know`, map[string]any{"option": "zoom"},
			json.RawMessage(`{"type":"/problems/option","title":"An option cannot be taken.","status":400,"detail":"option \"zoom\" is not one that we know","advice":"Correct or leave out the option that is named.","option":"zoom"}`)},
		{"region", 403, "", map[string]any{"regions": []any{"us", "ap"}},
			json.RawMessage(`{"type":"/problems/region","title":"The photo may not be processed in this region.","status":403,"advice":"Send the request to an edge in one of the named regions. /v1/regions of the control plane lists their addresses.","regions":["us","ap"]}`)},
	}
	for _, page := range Problems {
		v.Types = append(v.Types, problemTypeJSON{page.Type, page.StatusOn(false), page.StatusOn(true)})
	}
	return v
}

func TestProblemVectors(t *testing.T) {
	file := vectors(t, "problem.json", makeProblemVectors())
	for _, v := range file.Documents {
		p := NewProblem(v.Type, v.Detail)
		p.Extra = v.Extra
		got, err := json.Marshal(p)
		var want bytes.Buffer
		if err := json.Compact(&want, v.Document); err != nil {
			t.Fatal(err)
		}
		if err != nil || !bytes.Equal(got, want.Bytes()) || p.Status != v.Status {
			t.Errorf("%s is written\n%s, %v; want\n%s", v.Type, got, err, &want)
		}
		var back Problem
		if err := json.Unmarshal(v.Document, &back); err != nil || !reflect.DeepEqual(back, p) {
			t.Errorf("%s is read as\n%+v, %v; want\n%+v", v.Document, back, err, p)
		}
	}
}

// Every type explains itself, and what the issue and interface.md name is there.
func TestProblemPages(t *testing.T) {
	seen := make(map[string]bool)
	for _, page := range Problems {
		if seen[page.Type] {
			t.Errorf("two pages for %s", page.Type)
		}
		seen[page.Type] = true
		if strings.Trim(page.Type, "abcdefghijklmnopqrstuvwxyz-") != "" {
			t.Errorf("type %q is not a word", page.Type)
		}
		if page.Title == "" || page.Meaning == "" || page.Status < 400 || page.Status > 599 || page.Remedy == "" && page.Type != "cancelled" {
			t.Errorf("the page of %s lacks something: %+v", page.Type, page)
		}
	}
	for _, word := range strings.Fields(`signature expired key-unknown option source-refused source-unreachable source-status source-slow
		source-incomplete too-large not-an-image broken-image format busy timeout token scope region document-unknown head-missing
		no-face two-faces edit-barred cannot-fit malformed not-found method internal draining rate`) {
		if !seen[word] {
			t.Errorf("no page for %s", word)
		}
	}
}

// Statuses are imgproxy's on signed URLs, and interface.md's elsewhere.
func TestProblemStatuses(t *testing.T) {
	for word, want := range map[string][2]int{ // on /v1, on /i
		"signature": {403, 403}, "key-unknown": {403, 403}, "expired": {404, 404}, "option": {400, 404}, "malformed": {400, 404},
		"source-refused": {403, 404}, "source-unreachable": {422, 404}, "source-slow": {504, 504}, "source-incomplete": {422, 422},
		"too-large": {413, 422}, "not-an-image": {415, 422}, "broken-image": {422, 422}, "format": {422, 422},
		"busy": {503, 503}, "rate": {429, 429}, "timeout": {503, 503}, "token": {401, 401}, "scope": {403, 403}, "region": {403, 403},
		"document-unknown": {404, 404}, "no-face": {422, 422}, "two-faces": {422, 422}, "edit-barred": {422, 422}, "internal": {500, 500},
	} {
		page, ok := FindProblem(word)
		if got := [2]int{page.StatusOn(false), page.StatusOn(true)}; !ok || got != want {
			t.Errorf("%s: status %v, want %v", word, got, want)
		}
	}
}

func TestProblemEdges(t *testing.T) {
	if p := NewProblem("no such type", "x"); p.Type != "internal" || p.Status != 500 {
		t.Errorf("an unknown type becomes %+v", p)
	}
	p := Problem{Type: "busy", Status: 503, Extra: map[string]any{"status": 200, "TYPE": "x", "limit": 5}}
	if b, err := json.Marshal(p); err != nil || string(b) != `{"type":"/problems/busy","status":503,"limit":5}` {
		t.Errorf("extra members replace ours: %s, %v", b, err)
	}
	if b, err := json.Marshal(Problem{}); err != nil || string(b) != `{"type":"about:blank"}` {
		t.Errorf("the zero problem is %s, %v", b, err)
	}
	if p := NewProblem("busy", "5 waiting"); p.Error() != "We are busy: 5 waiting" {
		t.Errorf("as an error: %s", p.Error())
	}
	if err := json.Unmarshal([]byte(`[]`), new(Problem)); !errors.Is(err, ErrProblem) {
		t.Errorf("a list is read as a problem: %v", err)
	}
}

// A document that is read is written to one that reads the same.
func FuzzProblem(f *testing.F) {
	for _, v := range makeProblemVectors().Documents {
		f.Add([]byte(v.Document))
	}
	f.Add([]byte(`{"type":"about:blank"}`))
	f.Add([]byte(`{"type":"https://other.example/a/b","Status":404,"x":{"y":[1,null]}}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var p Problem
		if err := p.UnmarshalJSON(b); err != nil {
			return
		}
		again, err := json.Marshal(p)
		if err != nil {
			t.Fatalf("%s is read as %+v, which cannot be written: %v", b, p, err)
		}
		var back Problem
		if err := json.Unmarshal(again, &back); err != nil || !reflect.DeepEqual(back, p) {
			t.Errorf("%s is read as\n%+v, which is written %s and read as\n%+v, %v", b, p, again, back, err)
		}
	})
}
