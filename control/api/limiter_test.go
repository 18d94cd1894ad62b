package api

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"
)

func TestLimiter(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	l := newLimiter(3, time.Minute, func() time.Time { return now })
	home, office := netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.51.100.0/24")
	for _, step := range []struct {
		what    string
		after   time.Duration
		network netip.Prefix
		wait    time.Duration
	}{
		{"first", 0, home, 0}, {"second", 0, home, 0}, {"third", 0, home, 0},
		{"fourth", 0, home, 20 * time.Second},
		{"another network", 0, office, 0},
		{"too soon", 19 * time.Second, home, time.Second},
		{"one is earned back", time.Second, home, 0},
		{"and used", 0, home, 20 * time.Second},
		{"much later, first", time.Hour, home, 0}, {"second", 0, home, 0}, {"third", 0, home, 0},
		{"fourth", 0, home, 20 * time.Second},
	} {
		now = now.Add(step.after)
		if wait, ok := l.allow(step.network); wait != step.wait || ok != (step.wait == 0) {
			t.Errorf("%s: allowed %t, wait %v; want wait %v", step.what, ok, wait, step.wait)
		}
	}
}

// However many networks come, those that have nothing to wait for are forgotten.
func TestLimiterForgets(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	l := newLimiter(3, time.Minute, func() time.Time { return now })
	for i := range 1 << 17 {
		now = now.Add(time.Millisecond)
		l.allow(netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), 32))
	}
	if n := len(l.busy); n > 3*20_000 {
		t.Errorf("%d networks are kept, want no more than a few times those of the last twenty seconds", n)
	}
}

func TestNetwork(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	for _, test := range []struct {
		remote    string
		forwarded []string
		want      string
	}{
		{"192.0.2.77:1234", nil, "192.0.2.0/24"},
		{"[2001:db8:1:2::3]:1", nil, "2001:db8:1::/48"},
		{"[::ffff:192.0.2.77]:1", nil, "192.0.2.0/24"},
		{"192.0.2.77:1", []string{"203.0.113.9"}, "192.0.2.0/24"},                      // not a proxy of ours: its word is nothing
		{"10.0.0.1:1", []string{"203.0.113.9"}, "203.0.113.0/24"},                      // ours
		{"10.0.0.1:1", []string{"1.1.1.1, 203.0.113.9"}, "203.0.113.0/24"},             // what the visitor wrote stands left
		{"10.0.0.1:1", []string{"1.1.1.1", "203.0.113.9, 10.9.9.9"}, "203.0.113.0/24"}, // two proxies
		{"10.0.0.1:1", []string{"rubbish"}, "10.0.0.0/24"},
		{"10.0.0.1:1", nil, "10.0.0.0/24"},
		{"10.0.0.1:1", []string{"fe80::1%eth0"}, "fe80::/48"},
		{"@", nil, "invalid Prefix"},
	} {
		r := httptest.NewRequest(http.MethodPost, "/", nil)
		r.RemoteAddr = test.remote
		for _, line := range test.forwarded {
			r.Header.Add("X-Forwarded-For", line)
		}
		if got := fmt.Sprint(network(r, proxies)); got != test.want {
			t.Errorf("%s via %q is %s, want %s", test.remote, test.forwarded, got, test.want)
		}
	}
}
