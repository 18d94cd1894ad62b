package api

import (
	"errors"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/professionalaistudio/studio/control/org"
	"github.com/professionalaistudio/studio/control/token"
	"github.com/professionalaistudio/studio/edge/wire"
)

// An oauthError is an answer of RFC 6749, section 5.2. Its words are the standard's, so that any library knows them.
type oauthError struct {
	Code        string `json:"error"`
	Description string `json:"error_description,omitempty"`
}

// A grant is a token request that could be read.
type grant struct {
	id, secret string
	scopes     []string // none: all that the key has
	basic      bool     // credentials came in the Authorization header
}

// readGrant reads the form of a token request and the Authorization header, if there was one of Basic. A parameter
// that stands twice is refused (section 3.2), and so are credentials given in both places (section 2.3).
func readGrant(form url.Values, user, password string, basic bool) (grant, *oauthError) {
	for name, values := range form {
		if len(values) > 1 {
			return grant{}, &oauthError{"invalid_request", "The parameter " + printable(name) + " stands more than once."}
		}
	}
	g := grant{id: form.Get("client_id"), secret: form.Get("client_secret"), basic: basic}
	if basic {
		if g.secret != "" {
			return grant{}, &oauthError{"invalid_request", "Credentials stand both in the header and in the body."}
		}
		id, idErr := url.QueryUnescape(user) // section 2.3.1: both are form-encoded before they are joined
		secret, secretErr := url.QueryUnescape(password)
		if idErr != nil || secretErr != nil || g.id != "" && g.id != id {
			return grant{}, &oauthError{"invalid_client", "The Authorization header cannot be read."}
		}
		g.id, g.secret = id, secret
	}
	switch kind := form.Get("grant_type"); {
	case kind == "":
		return grant{}, &oauthError{"invalid_request", "The parameter grant_type is missing."}
	case kind != "client_credentials":
		return grant{}, &oauthError{"unsupported_grant_type", "This server knows client_credentials."}
	case g.id == "" || g.secret == "":
		return g, &oauthError{"invalid_client", "The client id or secret is missing."}
	}
	g.scopes = strings.Fields(form.Get("scope"))
	slices.Sort(g.scopes)
	g.scopes = slices.Compact(g.scopes)
	return g, nil
}

// printable keeps to the letters that an error description may hold (appendix A.8).
func printable(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < 0x20 || r > 0x7e || r == '"' || r == '\\' {
			return -1
		}
		return r
	}, s)
	return s[:min(len(s), 40)]
}

func (a *API) oauthToken(w http.ResponseWriter, r *http.Request) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/x-www-form-urlencoded" {
		a.refuse(w, grant{}, oauthError{"invalid_request", "The body is not application/x-www-form-urlencoded."})
		return
	}
	data, err := body(w, r, 8<<10)
	if err != nil {
		a.refuse(w, grant{}, oauthError{"invalid_request", "The body is too large or broke off."})
		return
	}
	form, err := url.ParseQuery(string(data))
	if err != nil {
		a.refuse(w, grant{}, oauthError{"invalid_request", "The form cannot be read."})
		return
	}
	user, password, basic := r.BasicAuth()
	g, refusal := readGrant(form, user, password, basic)
	if refusal != nil {
		a.refuse(w, g, *refusal)
		return
	}
	key, err := a.Orgs.CheckSecret(r.Context(), wire.KeyID(g.id), g.secret)
	if errors.Is(err, org.ErrSecret) {
		g.basic = g.basic || r.Header.Get("Authorization") != ""
		a.refuse(w, g, oauthError{"invalid_client", "The client id or secret is wrong."})
		return
	}
	if err != nil {
		a.fail(w, r, err)
		return
	}
	if len(g.scopes) == 0 {
		g.scopes = key.Scopes
	}
	for _, scope := range g.scopes {
		if !slices.Contains(key.Scopes, scope) {
			a.refuse(w, g, oauthError{"invalid_scope", "The key has the scopes " + strings.Join(key.Scopes, " ") + "."})
			return
		}
	}
	regions := key.Regions
	if len(regions) == 0 {
		regions = []string{wire.Everywhere}
	}
	scope := strings.Join(g.scopes, " ")
	signed, err := a.Tokens.Mint(r.Context(), wire.Claims{
		Subject: string(key.ID), Org: key.Org, OrgIndex: key.OrgIndex, Regions: regions, Scope: scope,
	})
	if err != nil {
		a.fail(w, r, err)
		return
	}
	minted.WithLabelValues("key").Inc()
	w.Header().Set("Pragma", "no-cache") // section 5.1 asks for it beside no-store
	a.json(w, http.StatusOK, bearer{AccessToken: signed, TokenType: "Bearer", ExpiresIn: int(token.Life / time.Second), Scope: scope})
}

// bearer is a token as every route answers it.
type bearer struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type"`
	ExpiresIn   int    `json:"expires_in"`
	Scope       string `json:"scope,omitempty"`
	Region      string `json:"region,omitempty"`
	Edge        string `json:"edge,omitempty"` // the least loaded one of the region
}

func (a *API) refuse(w http.ResponseWriter, g grant, e oauthError) {
	status := http.StatusBadRequest
	if e.Code == "invalid_client" {
		status = http.StatusUnauthorized
		w.Header().Set("WWW-Authenticate", `Basic realm="control"`)
	}
	a.json(w, status, e)
}

// oauthMetadata is RFC 8414.
func (a *API) oauthMetadata(w http.ResponseWriter, r *http.Request) {
	base := a.cfg.URL.String()
	public(w, 5*time.Minute)
	a.json(w, http.StatusOK, map[string]any{
		"issuer":                                base,
		"token_endpoint":                        base + "/oauth/token",
		"jwks_uri":                              base + "/.well-known/jwks.json",
		"grant_types_supported":                 []string{"client_credentials"},
		"response_types_supported":              []string{}, // there is no authorisation endpoint
		"token_endpoint_auth_methods_supported": []string{"client_secret_basic", "client_secret_post"},
		"scopes_supported":                      wire.Scopes,
		"service_documentation":                 base + "/docs",
	})
}

// jwks is the keys that sign our tokens. An edge does not need it: they come with the bundle.
func (a *API) jwks(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.Header().Set("Cache-Control", "public, max-age=300, stale-while-revalidate=86400")
	a.json(w, http.StatusOK, a.Tokens.JWKS())
}

// public lets anyone's page read an answer and caches keep it.
func public(w http.ResponseWriter, age time.Duration) {
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.Header().Set("Cache-Control", "public, max-age="+strconv.Itoa(int(age/time.Second)))
}
