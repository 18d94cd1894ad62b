package api_test

import (
	"context"
	"encoding/base64"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/professionalaistudio/studio/control/api"
)

// A stock OAuth library gets a token, whichever way it sends the credentials.
func TestStockOAuthClient(t *testing.T) {
	p := newPlane(t)
	for name, style := range map[string]oauth2.AuthStyle{
		"by itself": oauth2.AuthStyleAutoDetect, "in the header": oauth2.AuthStyleInHeader, "in the form": oauth2.AuthStyleInParams,
	} {
		cfg := clientcredentials.Config{ClientID: string(p.key.ID), ClientSecret: p.key.Secret, TokenURL: p.base + "/oauth/token", Scopes: []string{"images"}, AuthStyle: style}
		got, err := cfg.Token(t.Context())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		c := claimsOf(t, got.AccessToken)
		if got.TokenType != "Bearer" || c.Scope != "images" || c.Org != p.org.ID || c.OrgIndex != p.org.Index || c.Subject != string(p.key.ID) || !slices.Equal(c.Regions, []string{"*"}) {
			t.Errorf("%s: %s %+v, want a bearer for images of the organisation", name, got.TokenType, c)
		}
		if life := time.Until(got.Expiry); life < 14*time.Minute || life > 15*time.Minute {
			t.Errorf("%s: good for %v, want 15 min", name, life)
		}
	}
	wrong := clientcredentials.Config{ClientID: string(p.key.ID), ClientSecret: "pas_live_wrong", TokenURL: p.base + "/oauth/token"}
	if _, err := wrong.Token(context.Background()); err == nil || !strings.Contains(err.Error(), "invalid_client") {
		t.Errorf("a wrong secret: %v, want invalid_client", err)
	}
}

// Every refusal is one of RFC 6749, section 5.2.
func TestOAuthErrors(t *testing.T) {
	p := newPlane(t)
	id, secret := string(p.key.ID), p.key.Secret
	form := func(pairs ...string) string {
		v := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			v.Add(pairs[i], pairs[i+1])
		}
		return v.Encode()
	}
	basic := func(id, secret string) string {
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(id+":"+secret))
	}
	const cc = "client_credentials"
	for name, test := range map[string]struct {
		body, authorization, kind string
		status                    int
		code                      string
	}{
		"in the form":              {form("grant_type", cc, "client_id", id, "client_secret", secret), "", "", 200, ""},
		"in the header":            {form("grant_type", cc), basic(id, secret), "", 200, ""},
		"id in both places":        {form("grant_type", cc, "client_id", id), basic(id, secret), "", 200, ""},
		"with a charset":           {form("grant_type", cc), basic(id, secret), "application/x-www-form-urlencoded; charset=UTF-8", 200, ""},
		"no grant":                 {form(), basic(id, secret), "", 400, "invalid_request"},
		"another grant":            {form("grant_type", "password"), basic(id, secret), "", 400, "unsupported_grant_type"},
		"a parameter twice":        {form("grant_type", cc, "grant_type", cc), basic(id, secret), "", 400, "invalid_request"},
		"credentials twice":        {form("grant_type", cc, "client_secret", secret), basic(id, secret), "", 400, "invalid_request"},
		"two ids":                  {form("grant_type", cc, "client_id", "other"), basic(id, secret), "", 401, "invalid_client"},
		"no credentials":           {form("grant_type", cc), "", "", 401, "invalid_client"},
		"no secret":                {form("grant_type", cc, "client_id", id), "", "", 401, "invalid_client"},
		"a wrong secret":           {form("grant_type", cc), basic(id, altered(secret)), "", 401, "invalid_client"},
		"another id":               {form("grant_type", cc), basic("abcdefgh12345678", secret), "", 401, "invalid_client"},
		"a bearer":                 {form("grant_type", cc), "Bearer x", "", 401, "invalid_client"},
		"a scope it has not":       {form("grant_type", cc, "scope", "images mattes"), basic(id, secret), "", 400, "invalid_scope"},
		"JSON":                     {`{"grant_type":"client_credentials"}`, basic(id, secret), "application/json", 400, "invalid_request"},
		"a form that is none":      {"grant_type=%zz", basic(id, secret), "", 400, "invalid_request"},
		"a form that is too large": {form("grant_type", cc, "x", strings.Repeat("x", 9<<10)), basic(id, secret), "", 400, "invalid_request"},
	} {
		header := map[string]string{"Content-Type": test.kind, "Authorization": test.authorization}
		if test.kind == "" {
			header["Content-Type"] = "application/x-www-form-urlencoded"
		}
		got := p.do(call{method: "POST", path: "/oauth/token", body: test.body, header: header})
		code, _ := got.json["error"].(string)
		if got.status != test.status || code != test.code {
			t.Errorf("%s: %d %q, want %d %q: %s", name, got.status, code, test.status, test.code, got.body)
		}
		if got.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: Cache-Control %q, want no-store", name, got.header.Get("Cache-Control"))
		}
		if www := got.header.Get("WWW-Authenticate"); (www != "") != (test.status == 401) {
			t.Errorf("%s: WWW-Authenticate %q with %d", name, www, test.status)
		}
		if strings.Contains(got.body, secret) {
			t.Errorf("%s: the answer repeats the secret", name)
		}
	}
}

func TestOAuthMetadata(t *testing.T) {
	p := newPlane(t)
	got := p.expect("metadata", call{method: "GET", path: "/.well-known/oauth-authorization-server"}, 200, "")
	if got.json["issuer"] != p.base || got.json["token_endpoint"] != p.base+"/oauth/token" || got.json["jwks_uri"] != p.base+"/.well-known/jwks.json" {
		t.Errorf("metadata %s, want this server's addresses", got.body)
	}
	keys := p.expect("keys", call{method: "GET", path: "/.well-known/jwks.json"}, 200, "").json["keys"].([]any)
	if len(keys) != 2 {
		t.Errorf("%d keys are published, want the active one and the next", len(keys))
	}
}

// What is read from a form is in it, once; and credentials are never taken from two places.
func FuzzReadGrant(f *testing.F) {
	f.Add("grant_type=client_credentials&scope=images+photos", "id", "secret", true)
	f.Add("grant_type=client_credentials&client_id=a&client_secret=b", "", "", false)
	f.Add("grant_type=client_credentials&client_secret=b", "%41", "%zz", true)
	f.Add("a=%00&a=\"&=", "", "", true)
	f.Fuzz(func(t *testing.T, body, user, password string, basic bool) {
		form, err := url.ParseQuery(body)
		if err != nil {
			return
		}
		id, secret, scopes, code := api.ReadGrant(form, user, password, basic)
		if code != "" {
			if !slices.Contains([]string{"invalid_request", "invalid_client", "unsupported_grant_type"}, code) {
				t.Errorf("refused as %q, which no client knows", code)
			}
			return
		}
		if id == "" || secret == "" || form.Get("grant_type") != "client_credentials" {
			t.Errorf("%q is taken as %q, %q", body, id, secret)
		}
		if !basic && (secret != form.Get("client_secret") || id != form.Get("client_id")) {
			t.Errorf("%q is taken as %q, %q", body, id, secret)
		}
		if basic && form.Get("client_secret") != "" {
			t.Errorf("%q is taken with a secret in the header too", body)
		}
		if !slices.IsSorted(scopes) || len(slices.Compact(slices.Clone(scopes))) != len(scopes) {
			t.Errorf("scopes %q stand twice", scopes)
		}
	})
}

// altered is s with another last character.
func altered(s string) string {
	if strings.HasSuffix(s, "x") {
		return s[:len(s)-1] + "y"
	}
	return s[:len(s)-1] + "x"
}
