package web_test

import (
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/professionalaistudio/studio/control/identity"
	"github.com/professionalaistudio/studio/control/store"
	"github.com/professionalaistudio/studio/control/store/storetest"
	"github.com/professionalaistudio/studio/control/usage"
	"github.com/professionalaistudio/studio/edge/wire"
)

// shown is what the page of a new key gives to copy, in order.
func shown(p page) (values []string) {
	for _, m := range regexp.MustCompile(`(?s)<code data-copy>(.*?)</code>`).FindAllStringSubmatch(p.body, -1) {
		values = append(values, html.UnescapeString(m[1]))
	}
	return values
}

// A key is shown once: by the answer to the form, and by no page after it.
func TestKeyIsShownOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		r := newRig(t, db, "")
		r.signIn(t, "sample-ada", "/")
		made := r.post(t, "/console/keys", url.Values{"purpose": {"Web shop"}, "scope": {"images", "photos"}})
		if made.StatusCode != 201 || made.Header.Get("Cache-Control") != "no-store" {
			t.Fatalf("made = %d, Cache-Control %q, want 201 and never kept:\n%s", made.StatusCode, made.Header.Get("Cache-Control"), made.body)
		}
		values := shown(made)
		if len(values) != 8 {
			t.Fatalf("%d values are shown: %q", len(values), values)
		}
		id, secret, key, salt, base, signed := values[0], values[1], values[2], values[3], values[4], values[5]
		if inside, ok := wire.ParseAPISecret(secret); !ok || string(inside) != id {
			t.Errorf("the secret %q is not one of key %q", secret, id)
		}
		if k, err := r.orgs.CheckSecret(t.Context(), wire.KeyID(id), secret); err != nil || strings.Join(k.Scopes, " ") != "images photos" {
			t.Errorf("the secret is good for %v (%v), want images and photos", k.Scopes, err)
		}

		// The URL that is shown verifies as an edge would verify it, with the key and salt that are shown.
		if base != "http://127.0.0.1:8081/i/"+id+"/" {
			t.Errorf("the base is %q", base)
		}
		target, err := wire.SplitTarget(strings.TrimPrefix(signed, "http://127.0.0.1:8081"))
		if err != nil {
			t.Fatal(err)
		}
		pair, err := wire.Key{KeyHex: key, SaltHex: salt}.Pair()
		if err != nil {
			t.Fatal(err)
		}
		if err := wire.Verify(pair, target.Signature, target.Path, 32); err != nil || string(target.KeyID) != id {
			t.Errorf("the signed URL %q of %s: %v, want it to verify", signed, target.KeyID, err)
		}
		if o, err := wire.ParsePath(target.Path); err != nil || o.Source != r.URL+"/samples/portrait.jpg" {
			t.Errorf("its source is %q (%v), want our sample", o.Source, err)
		}

		for _, path := range []string{"/console", "/account"} {
			for _, hidden := range []string{secret, key, salt} {
				if p := r.get(t, path); strings.Contains(p.body, hidden) {
					t.Errorf("%s shows %q again", path, hidden)
				}
			}
		}
		if p := r.get(t, "/console"); !strings.Contains(p.body, id) || !strings.Contains(p.body, "Web shop") {
			t.Errorf("the console does not list the key:\n%s", p.body)
		}
	})
}

func TestRevoke(t *testing.T) {
	r := newRig(t, storetest.SQLite(t), "")
	r.signIn(t, "sample-ada", "/")
	mine := shown(r.post(t, "/console/keys", url.Values{"purpose": {"App"}, "scope": {"images"}}))
	r.browser = newBrowser(t)
	r.signIn(t, "sample-bo", "/")
	theirs := shown(r.post(t, "/console/keys", url.Values{"purpose": {"App"}, "scope": {"images"}}))

	good := func(key []string) bool {
		_, err := r.orgs.CheckSecret(t.Context(), wire.KeyID(key[0]), key[1])
		return err == nil
	}
	if got := r.post(t, "/console/keys/"+mine[0]+"/revoke", url.Values{}); got.StatusCode != 303 || !good(mine) {
		t.Errorf("Bo revoked Ada's key: %d", got.StatusCode)
	}
	for range 2 { // sent twice does no harm
		if got := r.post(t, "/console/keys/"+theirs[0]+"/revoke", url.Values{}); got.to(t) != r.URL+"/console" {
			t.Errorf("revoked: %d to %s, want the console", got.StatusCode, got.to(t))
		}
	}
	if good(theirs) {
		t.Error("a revoked key is still good")
	}
	if p := r.get(t, "/console"); !strings.Contains(p.body, "1 revoked") || strings.Contains(p.body, mine[0]) {
		t.Errorf("Bo's console lacks the revoked key, or has Ada's:\n%s", p.body)
	}
}

// A form that is refused says why, keeps what was typed, and makes nothing.
func TestKeyFormRefuses(t *testing.T) {
	r := newRig(t, storetest.SQLite(t), "")
	r.signIn(t, "sample-ada", "/")
	for range 2 {
		r.post(t, "/console/keys", url.Values{"purpose": {"App"}, "scope": {"images"}})
	}
	for name, test := range map[string]struct {
		form url.Values
		text string
	}{
		"a third for one purpose": {url.Values{"purpose": {"App"}, "scope": {"images"}}, "Two keys serve this purpose"},
		"no purpose":              {url.Values{"scope": {"images"}}, "1 to 60 letters"},
		"nothing allowed":         {url.Values{"purpose": {"Other"}}, "at least one thing"},
		"a scope of nobody's":     {url.Values{"purpose": {"Other"}, "scope": {"admin"}}, "cannot be allowed that"},
	} {
		got := r.post(t, "/console/keys", test.form)
		if got.StatusCode != 422 || !strings.Contains(got.body, test.text) || !strings.Contains(got.body, `value="`+test.form.Get("purpose")+`"`) {
			t.Errorf("%s: %d, want 422, %q and what was typed:\n%s", name, got.StatusCode, test.text, got.body)
		}
	}
	if keys, err := r.orgs.WireKeys(t.Context()); len(keys) != 2 || err != nil {
		t.Errorf("%d keys (%v), want the first two", len(keys), err)
	}
}

// What a person types is text on every page, never markup.
func TestTypedTextIsText(t *testing.T) {
	r := newRig(t, storetest.SQLite(t), "")
	r.signIn(t, "sample-ada", "/")
	const evil = `"><script>alert(1)</script>`
	made := r.post(t, "/console/keys", url.Values{"purpose": {evil}, "scope": {"images"}})
	r.post(t, "/console/name", url.Values{"name": {evil}})
	again := r.post(t, "/console/keys", url.Values{"purpose": {evil}})
	for name, p := range map[string]page{"new key": made, "refused": again, "console": r.get(t, "/console"),
		"account": r.get(t, "/account"), "search": r.get(t, "/documents?q="+url.QueryEscape(evil)), "missing": r.get(t, "/"+url.PathEscape(evil))} {
		if strings.Contains(p.body, "<script>") {
			t.Errorf("%s holds markup that was typed:\n%s", name, p.body)
		}
	}
}

// The table adds up what edges counted for this organisation in thirty days, and nothing else.
func TestUsage(t *testing.T) {
	r := newRig(t, storetest.SQLite(t), "")
	if p := r.signIn(t, "sample-ada", "/console"); p.to(t) != r.URL+"/console" {
		t.Fatal("not signed in")
	}
	if p := r.get(t, "/console"); !strings.Contains(p.body, "Nothing yet") {
		t.Errorf("without usage the console does not say so")
	}
	ada, err := r.db.SavePerson(t.Context(), identity.Person{Issuer: r.issuer, Subject: "sample-ada"})
	if err != nil {
		t.Fatal(err)
	}
	index := r.org(t, ada.ID).Index
	cell := func(ago time.Duration, org uint32, op wire.Op, o wire.Outcome, n int64) usage.Total {
		return usage.Total{Cell: usage.Cell{Hour: now.Add(-ago), Org: org, Op: op, Outcome: o}, Count: usage.Count{Requests: n, Units: n}}
	}
	day := 24 * time.Hour
	r.totals = []usage.Total{
		cell(0, index, wire.OpImage, wire.OutcomeOK, 1000), cell(29*day, index, wire.OpImage, wire.OutcomeOK, 234),
		cell(day, index, wire.OpImage, wire.OutcomeRefused, 7), cell(day, index, wire.OpPhoto, wire.OutcomeFailed, 3),
		cell(31*day, index, wire.OpImage, wire.OutcomeOK, 5000), cell(0, index+1, wire.OpImage, wire.OutcomeOK, 9000),
	}
	p := r.get(t, "/console")
	text := strings.Join(strings.Fields(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(p.body, " ")), " ")
	for _, want := range []string{"Images 1241 1234 7 0", "Document photos 3 0 0 3", "All 1244 1234 7 3", "busiest day: 1000"} {
		if !strings.Contains(text, want) {
			t.Errorf("the console lacks %q:\n%s", want, text)
		}
	}
	if n := strings.Count(p.body, "<rect x="); n != 3 {
		t.Errorf("%d days are drawn, want the three with requests", n)
	}
}

// With no edge up, a key is made all the same, and nothing is shown that would not work.
func TestKeyWithoutEdges(t *testing.T) {
	r := newRig(t, storetest.SQLite(t), "")
	r.regions = nil
	r.signIn(t, "sample-ada", "/")
	made := r.post(t, "/console/keys", url.Values{"purpose": {"App"}, "scope": {"images", "photos"}})
	if made.StatusCode != 201 || !strings.Contains(made.body, "No edge is up") || strings.Contains(made.body, "/i/") || len(shown(made)) != 4 {
		t.Errorf("made = %d with %q, want the four values and a word about edges", made.StatusCode, shown(made))
	}
}
