package api

import (
	"fmt"
	"net/http"
)

// sameOrigin lets only pages of our own call: a browser says in Sec-Fetch-Site, which no script can set, where a call
// comes from; one without it says so in Origin.
func (a *API) sameOrigin(r *http.Request) error {
	switch site := r.Header.Get("Sec-Fetch-Site"); {
	case site == "same-origin":
		return nil
	case site == "" && r.Header.Get("Origin") == a.cfg.URL.Scheme+"://"+a.cfg.URL.Host:
		return nil
	}
	return errOrigin
}

// notCrossOrigin keeps other sites from using a person's cookie; a program without a browser may call.
func (a *API) notCrossOrigin(r *http.Request) error {
	if err := a.browsers.Check(r); err != nil {
		return fmt.Errorf("%w: %w", errOrigin, err)
	}
	return nil
}
