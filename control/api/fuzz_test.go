package api

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// A visitor who reaches us directly cannot choose the network that is counted; and whoever is counted is counted by a
// whole network, never by an address.
func FuzzNetwork(f *testing.F) {
	f.Add("192.0.2.77:1234", "203.0.113.9")
	f.Add("10.0.0.1:1", "1.1.1.1, 203.0.113.9, 10.9.9.9")
	f.Add("[2001:db8::1]:1", "::ffff:10.0.0.1,fe80::1%eth0")
	f.Add("@", ",,")
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	f.Fuzz(func(t *testing.T, remoteAddr, forwarded string) {
		r := httptest.NewRequest(http.MethodPost, "/", nil)
		r.RemoteAddr = remoteAddr
		plain := network(r, proxies)
		r.Header["X-Forwarded-For"] = []string{forwarded}
		got := network(r, proxies)
		if got.IsValid() && (got != got.Masked() || got.Bits() != 24 && got.Bits() != 48) {
			t.Errorf("%s via %q is counted as %s, which is no network", remoteAddr, forwarded, got)
		}
		if from := remote(r); got != plain && !proxies[0].Contains(from) {
			t.Errorf("%s chose to be counted as %s and not %s", remoteAddr, got, plain)
		}
	})
}

// Whatever hours are asked about, what is answered is a span that ends after it begins and is not too long.
func FuzzSpan(f *testing.F) {
	now := time.Date(2026, 11, 24, 12, 30, 0, 0, time.UTC)
	f.Add("2026-11-01", "2026-11-24T12:00:00+02:00", "text/csv")
	f.Add("", "", "application/json;q=0.5, text/csv;q=NaN")
	f.Add("", "", "application/json;q=NaN")
	f.Add("9999-12-31", "0000-01-01", ";;q=,")
	f.Fuzz(func(t *testing.T, from, to, accept string) {
		begin, end, err := span(from, to, now)
		if err == nil && (end.Before(begin) || end.Sub(begin) > maxSpan || begin.Location() != time.UTC) {
			t.Errorf("%q to %q is taken as %v to %v", from, to, begin, end)
		}
		if wantsCSV(accept) && !strings.Contains(strings.ToLower(accept), "text/csv") {
			t.Errorf("%q is taken for a wish for CSV", accept)
		}
	})
}
