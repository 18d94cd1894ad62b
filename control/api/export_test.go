package api

import "net/url"

// ReadGrant shows what a token request is read as.
func ReadGrant(form url.Values, user, password string, basic bool) (id, secret string, scopes []string, code string) {
	g, refusal := readGrant(form, user, password, basic)
	if refusal != nil {
		return "", "", nil, refusal.Code
	}
	return g.id, g.secret, g.scopes, ""
}

// Routes lists the patterns that are registered.
func (a *API) Routes() []string { return a.routes }
