package api_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/professionalaistudio/studio/edge/wire"
)

func mustURL(t *testing.T, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestUsage(t *testing.T) {
	p := newPlane(t)
	noon := time.Now().UTC().Truncate(time.Hour)
	var records []byte
	for seq, u := range []wire.Usage{
		{Org: p.org.Index, Op: wire.OpImage, Units: 1, Time: uint32(noon.Unix())},
		{Org: p.org.Index, Op: wire.OpImage, Units: 1, Time: uint32(noon.Unix())},
		{Org: p.org.Index, Op: wire.OpPhoto, Units: 3, Outcome: wire.OutcomeRefused, Time: uint32(noon.Unix())},
		{Org: p.org.Index + 1, Op: wire.OpPhoto, Units: 99, Time: uint32(noon.Unix())},
		{Org: 0, Op: wire.OpPhoto, Units: 99, Time: uint32(noon.Unix())},
	} {
		u.Seq = uint64(seq + 1)
		records = wire.AppendUsage(records, u)
	}
	p.expect("records", call{method: "POST", path: "/internal/usage?node=edge-1&boot=b", body: string(records), bearer: p.node.String()}, 200, "")

	token := p.keyToken()
	day := "?from=" + noon.Add(-time.Hour).Format(time.RFC3339) + "&to=" + noon.Add(time.Hour).Format(time.RFC3339)
	at := noon.Format(time.RFC3339)
	want := `{"from":"` + noon.Add(-time.Hour).Format(time.RFC3339) + `","requests":3,"to":"` + noon.Add(time.Hour).Format(time.RFC3339) + `","totals":[` +
		`{"hour":"` + at + `","region":"local","operation":"image","outcome":"ok","requests":2,"units":2},` +
		`{"hour":"` + at + `","region":"local","operation":"photo","outcome":"refused","requests":1,"units":3}],"units":5}` + "\n"
	for name, c := range map[string]call{
		"by a token":   {method: "GET", path: "/v1/usage" + day, bearer: token},
		"by a session": {method: "GET", path: "/v1/usage" + day, cookie: true},
	} {
		if got := p.expect(name, c, 200, ""); got.body != want {
			t.Errorf("%s: %s, want %s", name, got.body, want)
		}
	}
	csv := p.expect("as CSV", call{method: "GET", path: "/v1/usage" + day, bearer: token, header: map[string]string{"Accept": "text/csv, application/json;q=0.5"}}, 200, "")
	if want := "hour,region,operation,outcome,requests,units\n" + at + ",local,image,ok,2,2\n" + at + ",local,photo,refused,1,3\n"; csv.body != want || !strings.HasPrefix(csv.header.Get("Content-Type"), "text/csv") {
		t.Errorf("CSV %q of type %q, want %q", csv.body, csv.header.Get("Content-Type"), want)
	}
	if got := p.expect("this month", call{method: "GET", path: "/v1/usage", bearer: token, header: map[string]string{"Accept": "text/csv;q=0.1, application/json"}}, 200, ""); got.json["requests"] != 3.0 {
		t.Errorf("this month so far: %s, want 3 requests", got.body)
	}
	for name, query := range map[string]string{
		"a word": "?from=yesterday", "the wrong way round": "?from=2026-11-24&to=2026-11-23", "two years": "?from=2024-01-01&to=2026-01-01",
	} {
		p.expect(name, call{method: "GET", path: "/v1/usage" + query, bearer: token}, 400, "malformed")
	}
}

func (p *plane) keyToken() string {
	p.t.Helper()
	got := p.do(call{method: "POST", path: "/oauth/token", header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"},
		body: url.Values{"grant_type": {"client_credentials"}, "client_id": {string(p.key.ID)}, "client_secret": {p.key.Secret}}.Encode()})
	token, ok := got.json["access_token"].(string)
	if !ok {
		p.t.Fatalf("no token: %d %s", got.status, got.body)
	}
	return token
}

// Only a token that edges would believe, of an organisation, opens the numbers.
func TestUsageRefuses(t *testing.T) {
	p := newPlane(t)
	ask := func(what, bearer string, status int, problem string) {
		t.Helper()
		p.expect(what, call{method: "GET", path: "/v1/usage", bearer: bearer}, status, problem)
	}
	ask("nobody", "", 401, "sign-in")
	ask("a word", "x", 401, "token")
	ask("the key's secret", p.key.Secret, 401, "token")
	visitor := p.do(call{method: "POST", path: "/v1/studio/tokens", header: map[string]string{"Sec-Fetch-Site": "same-origin"}})
	ask("a visitor", visitor.json["access_token"].(string), 403, "forbidden")

	good := p.keyToken()
	parts := strings.Split(good, ".")
	header, claims := string(decode64(t, parts[0])), string(decode64(t, parts[1]))
	sign := func(header, claims string, key ed25519.PrivateKey) string {
		text := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString([]byte(claims))
		return text + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(key, []byte(text)))
	}
	_, stranger, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	signing, err := p.db.SigningKeys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ours := signing[0].Private
	for _, k := range signing {
		if strings.Contains(header, k.ID) {
			ours = k.Private
		}
	}
	var c map[string]any
	if err := json.Unmarshal([]byte(claims), &c); err != nil {
		t.Fatal(err)
	}
	with := func(name string, value any) string {
		changed := map[string]any{}
		for k, v := range c {
			changed[k] = v
		}
		if value == nil {
			delete(changed, name)
		} else {
			changed[name] = value
		}
		text, err := json.Marshal(changed)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	ask("as it is", good, 200, "")
	ask("signed again by us", sign(header, claims, ours), 200, "")
	for name, token := range map[string]string{
		"by a stranger":      sign(header, claims, stranger),
		"without a type":     sign(strings.Replace(header, `at+jwt`, `JWT`, 1), claims, ours),
		"with crit":          sign(strings.Replace(header, `{`, `{"crit":["x"],`, 1), claims, ours),
		"with its own key":   sign(strings.Replace(header, `{`, `{"jwk":{},`, 1), claims, ours),
		"of no algorithm":    base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"at+jwt"}`)) + "." + parts[1] + ".",
		"without an end":     sign(header, with("exp", nil), ours),
		"that has ended":     sign(header, with("exp", time.Now().Unix()-1), ours),
		"of another issuer":  sign(header, with("iss", "https://evil.example"), ours),
		"for another's ears": sign(header, with("aud", "console"), ours),
		"from tomorrow":      sign(header, with("iat", time.Now().Unix()+86400), ours),
		"altered":            parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(with("ox", 99))) + "." + parts[2],
	} {
		ask(name, token, 401, "token")
	}
}
