package api

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"
)

// A limiter lets a network do a few things in a period. It keeps one time per network that has done something lately,
// in memory, and so forgets addresses by itself.
type limiter struct {
	every  time.Duration // one more is earned this often
	period time.Duration
	now    func() time.Time

	mu   sync.Mutex
	busy map[netip.Prefix]time.Time // when the network will have earned back all that it used
	full int                        // at this many, those are let go that have
}

// few is how many networks are kept without a look at which could go: about a megabyte.
const few = 1 << 14

func newLimiter(n int, period time.Duration, now func() time.Time) *limiter {
	return &limiter{every: period / time.Duration(n), period: period, now: now, busy: map[netip.Prefix]time.Time{}, full: few}
}

// allow says whether the network may go on, and if not, when it may.
func (l *limiter) allow(network netip.Prefix) (wait time.Duration, ok bool) {
	now := l.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	until := l.busy[network]
	if until.Before(now) {
		until = now
	}
	until = until.Add(l.every)
	if over := until.Sub(now) - l.period; over > 0 {
		return over, false
	}
	if len(l.busy) >= l.full {
		for network, until := range l.busy {
			if until.Before(now) {
				delete(l.busy, network)
			}
		}
		l.full = max(few, 2*len(l.busy)) // so that a look is rare, however many there are
	}
	l.busy[network] = until
	return 0, true
}

// network is the visitor's address cut to /24 or /48: enough to slow one household or office, too little to know a
// person by. Behind proxies of ours it is the last address in X-Forwarded-For that is not a proxy; what a visitor
// writes there themselves stands further left and is never reached.
func network(r *http.Request, proxies []netip.Prefix) netip.Prefix {
	address := remote(r)
	ours := func(a netip.Addr) bool {
		return slices.ContainsFunc(proxies, func(p netip.Prefix) bool { return p.Contains(a) })
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		if !ours(address) {
			break
		}
		next, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			break
		}
		address = next.Unmap().WithZone("")
	}
	bits := 24
	if address.Is6() {
		bits = 48
	}
	if p, err := address.Prefix(bits); err == nil {
		return p
	}
	return netip.Prefix{} // no address at all: all such share one allowance
}

func remote(r *http.Request) netip.Addr {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	address, err := netip.ParseAddr(host)
	if err != nil {
		return netip.Addr{}
	}
	return address.Unmap().WithZone("")
}
