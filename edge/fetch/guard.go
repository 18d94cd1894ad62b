package fetch

import (
	"fmt"
	"net/netip"
	"slices"
)

// A guard says which addresses we may connect to: those of the public internet, and what the operator has opened.
type guard struct{ open []netip.Prefix }

func newGuard(open []netip.Prefix) guard {
	var g guard
	for _, p := range open {
		if p.Addr().Is4In6() && p.Bits() >= 96 { // somebody wrote ::ffff:10.0.0.0/104
			p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
		}
		g.open = append(g.open, p.Masked())
	}
	return g
}

// check refuses an address that is not public, or that carries an IPv4 address inside that is not: a translator or a
// tunnel on the way would deliver there.
func (g guard) check(addr netip.Addr) error {
	addr = addr.WithZone("").Unmap()
	if within(g.open, addr) {
		return nil
	}
	if !public(addr) {
		return fmt.Errorf("%s: %w", addr, ErrPrivate)
	}
	for _, inner := range embedded(addr) {
		if !public(inner) && !within(g.open, inner) {
			return fmt.Errorf("%s carries %s: %w", addr, inner, ErrPrivate)
		}
	}
	return nil
}

func within(prefixes []netip.Prefix, addr netip.Addr) bool {
	return slices.ContainsFunc(prefixes, func(p netip.Prefix) bool { return p.Contains(addr) })
}

// special4 is what IANA's registry of special-purpose addresses keeps from the public internet, and one address that a
// cloud put where no registry shows it.
var special4 = prefixes(
	"0.0.0.0/8",        // this network
	"10.0.0.0/8",       // private
	"100.64.0.0/10",    // shared behind carrier NAT; one cloud has its metadata here
	"127.0.0.0/8",      // loopback
	"168.63.129.16/32", // Azure's host, in the middle of public space
	"169.254.0.0/16",   // link-local, and the metadata of most clouds
	"172.16.0.0/12",    // private
	"192.0.0.0/24",     // protocol assignments; one cloud has its metadata here
	"192.0.2.0/24",     // documentation
	"192.88.99.0/24",   // relays of 6to4
	"192.168.0.0/16",   // private
	"198.18.0.0/15",    // benchmarks
	"198.51.100.0/24",  // documentation
	"203.0.113.0/24",   // documentation
	"224.0.0.0/4",      // multicast
	"240.0.0.0/4",      // reserved, and broadcast
)

var (
	global6  = prefixes("2000::/3") // the only block from which IPv6 addresses are given out
	special6 = prefixes(            // but these parts of it are not
		"2001::/23",     // protocols; Teredo is among them, and is looked into instead
		"2001:db8::/32", // documentation
		"3fff::/20",     // documentation
	)
	translated6 = prefixes( // these are routes to an IPv4 address and nothing else: that address decides
		"::/96",           // compatible, long given up
		"::ffff:0:0:0/96", // translated (SIIT)
		"64:ff9b::/96",    // NAT64, the prefix that all may know
	)
	sixToFour = netip.MustParsePrefix("2002::/16")
	teredo    = netip.MustParsePrefix("2001::/32")
)

func prefixes(texts ...string) []netip.Prefix {
	list := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		list[i] = netip.MustParsePrefix(text)
	}
	return list
}

// public tells of the address as it stands, whatever it carries inside.
func public(addr netip.Addr) bool {
	if addr.Is4() {
		return !within(special4, addr)
	}
	if within(translated6, addr) || teredo.Contains(addr) {
		return true // embedded decides
	}
	return within(global6, addr) && !within(special6, addr)
}

// embedded are the IPv4 addresses that an IPv6 address carries by the rules of one transition scheme or another.
func embedded(addr netip.Addr) (inner []netip.Addr) {
	if !addr.Is6() {
		return nil
	}
	b := addr.As16()
	last := netip.AddrFrom4([4]byte(b[12:]))
	switch {
	case within(translated6, addr):
		inner = append(inner, last)
	case sixToFour.Contains(addr):
		inner = append(inner, netip.AddrFrom4([4]byte(b[2:6])))
	case teredo.Contains(addr): // the server in clear, the client with its bits turned over
		client := netip.AddrFrom4([4]byte{^b[12], ^b[13], ^b[14], ^b[15]})
		inner = append(inner, netip.AddrFrom4([4]byte(b[4:8])), client)
	}
	if b[8]&^2 == 0 && b[9] == 0 && b[10] == 0x5e && b[11] == 0xfe { // ISATAP, below any prefix
		inner = append(inner, last)
	}
	return inner
}
