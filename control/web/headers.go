package web

import (
	"net/http"
	"strings"
)

// headers are on every answer of the site. The studio, which talks to edges and to a payment page, sets its own
// policy over this one.
func (s *Site) headers(h http.Header) {
	h.Set("Content-Security-Policy", policy("", false))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), display-capture=(), browsing-topics=()")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	if s.cfg.URL.Scheme == "https" {
		h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
	}
}

// policy is the Content-Security-Policy of a page. Analytics opens it as far as Google says it must, for the one
// script that carries the nonce, and only on pages of people who agreed.
func policy(nonce string, analytics bool) string {
	script, connect, img := "'self'", "'none'", "'self'"
	if analytics {
		script += " 'nonce-" + nonce + "' https://www.googletagmanager.com"
		connect = "https://www.googletagmanager.com https://www.google-analytics.com https://*.google-analytics.com https://*.analytics.google.com"
		img += " https://www.googletagmanager.com https://*.google-analytics.com"
	}
	return strings.Join([]string{
		"default-src 'none'",
		"script-src " + script,
		"style-src 'self'",
		"img-src " + img,
		"connect-src " + connect,
		"base-uri 'none'",
		"form-action 'self'",
		"frame-ancestors 'none'",
	}, "; ")
}
