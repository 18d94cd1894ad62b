package fetch

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"testing"
)

// In each row: the first and last address of a range that is refused, and its neighbours that are not. "" where the
// neighbour belongs to a refused range too, or there is none.
var ranges = []struct{ below, first, last, above, what string }{
	{"", "0.0.0.0", "0.255.255.255", "1.0.0.0", "this network"},
	{"9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0", "private"},
	{"100.63.255.255", "100.64.0.0", "100.127.255.255", "100.128.0.0", "shared"},
	{"126.255.255.255", "127.0.0.0", "127.255.255.255", "128.0.0.0", "loopback"},
	{"168.63.129.15", "168.63.129.16", "168.63.129.16", "168.63.129.17", "Azure's host"},
	{"169.253.255.255", "169.254.0.0", "169.254.255.255", "169.255.0.0", "link-local"},
	{"", "169.254.169.254", "169.254.169.254", "", "metadata"},
	{"172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0", "private"},
	{"191.255.255.255", "192.0.0.0", "192.0.0.255", "192.0.1.0", "protocol assignments"},
	{"192.0.1.255", "192.0.2.0", "192.0.2.255", "192.0.3.0", "documentation"},
	{"192.88.98.255", "192.88.99.0", "192.88.99.255", "192.88.100.0", "6to4 relays"},
	{"192.167.255.255", "192.168.0.0", "192.168.255.255", "192.169.0.0", "private"},
	{"198.17.255.255", "198.18.0.0", "198.19.255.255", "198.20.0.0", "benchmarks"},
	{"198.51.99.255", "198.51.100.0", "198.51.100.255", "198.51.101.0", "documentation"},
	{"203.0.112.255", "203.0.113.0", "203.0.113.255", "203.0.114.0", "documentation"},
	{"223.255.255.255", "224.0.0.0", "239.255.255.255", "", "multicast"},
	{"", "240.0.0.0", "255.255.255.255", "", "reserved and broadcast"},
	{"", "::", "::", "", "unspecified"},
	{"", "::1", "::1", "", "loopback"},
	{"", "64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", "", "local NAT64"},
	{"", "100::", "100::ffff:ffff:ffff:ffff", "", "discard"},
	{"", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2000::", "not given out"},
	{"2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:1::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:200::", "protocols"},
	{"2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::", "documentation"},
	{"3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:1000::", "documentation"},
	{"3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "4000::", "4000::", "", "not given out"},
	{"", "5f00::", "5f00::1", "", "segment routing"},
	{"", "fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "", "private"},
	{"", "fd00:ec2::254", "fd00:ec2::254", "", "metadata"},
	{"", "fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "", "link-local"},
	{"", "fe80::1%eth0", "fe80::1%eth0", "", "link-local with its zone"},
	{"", "fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "", "site-local"},
	{"", "ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "", "multicast"},
}

// forms are the ways of writing an IPv4 address into an IPv6 one. Each begins below a prefix that is public or decides
// nothing itself, so that what is inside decides.
var forms = map[string]func(v4 uint32) netip.Addr{
	"mapped":     func(v4 uint32) netip.Addr { return in6("::ffff:0.0.0.0", 12, v4) },
	"compatible": func(v4 uint32) netip.Addr { return in6("::", 12, v4) },
	"translated": func(v4 uint32) netip.Addr { return in6("::ffff:0:0:0", 12, v4) },
	"NAT64":      func(v4 uint32) netip.Addr { return in6("64:ff9b::", 12, v4) },
	"6to4":       func(v4 uint32) netip.Addr { return in6("2002::1", 2, v4) },
	"Teredo":     func(v4 uint32) netip.Addr { return in6("2001:0:808:808::", 12, ^v4) },
	"Teredo server": func(v4 uint32) netip.Addr {
		return in6("2001::f7f7:f7f7", 4, v4) // of the client 8.8.8.8
	},
	"ISATAP":        func(v4 uint32) netip.Addr { return in6("2a00:1450::5efe:0:0", 12, v4) },
	"global ISATAP": func(v4 uint32) netip.Addr { return in6("2a00:1450::200:5efe:0:0", 12, v4) },
}

func in6(base string, at int, v4 uint32) netip.Addr {
	b := netip.MustParseAddr(base).As16()
	binary.BigEndian.PutUint32(b[at:], v4)
	return netip.AddrFrom16(b)
}

func number(t *testing.T, addr netip.Addr) uint32 {
	t.Helper()
	b := addr.As4()
	return binary.BigEndian.Uint32(b[:])
}

func TestGuardKnowsEveryRangeAndItsNeighbours(t *testing.T) {
	closed := newGuard(nil)
	verdict := func(addr netip.Addr, refused bool, what string) {
		t.Helper()
		err := closed.check(addr)
		if refused && !errors.Is(err, ErrPrivate) {
			t.Errorf("%s (%s): %v, want %v", addr, what, err, ErrPrivate)
		}
		if !refused && err != nil {
			t.Errorf("%s (beside %s): %v, want none", addr, what, err)
		}
	}
	for _, r := range ranges {
		for text, refused := range map[string]bool{r.first: true, r.last: true, r.below: false, r.above: false} {
			if text == "" {
				continue
			}
			addr := netip.MustParseAddr(text)
			verdict(addr, refused, r.what)
			if !addr.Is4() {
				continue
			}
			for form, write := range forms {
				verdict(write(number(t, addr)), refused, form+" of "+r.what)
			}
		}
	}
	// A link-local prefix is refused, whatever its interface id carries.
	verdict(netip.MustParseAddr("fe80::5efe:8.8.8.8"), true, "ISATAP of a public address, below link-local")
	verdict(netip.Addr{}, true, "no address")
}

func TestGuardOpensWhatTheOperatorOpened(t *testing.T) {
	for _, test := range []struct {
		open, addr string
		refused    bool
	}{
		{"127.0.0.0/8", "127.0.0.1", false},
		{"127.0.0.0/8", "::ffff:127.0.0.1", false},
		{"::ffff:127.0.0.0/104", "127.0.0.1", false},
		{"127.0.0.0/8", "::1", true},
		{"127.0.0.0/8", "128.0.0.1", false},
		{"127.0.0.0/8", "10.0.0.1", true},
		{"10.1.2.3/32", "10.1.2.4", true},
		{"10.1.2.3/16", "10.1.9.9", false}, // written with host bits
		{"10.0.0.0/8", "64:ff9b::10.0.0.1", false},
		{"10.0.0.0/8", "64:ff9b::192.168.0.1", true},
		{"fd00::/8", "fd12::1", false},
		{"fe80::/10", "fe80::1%eth0", false},
		{"::/0", "10.0.0.1", true}, // opens IPv6 and nothing else
	} {
		err := newGuard([]netip.Prefix{netip.MustParsePrefix(test.open)}).check(netip.MustParseAddr(test.addr))
		if errors.Is(err, ErrPrivate) != test.refused {
			t.Errorf("with %s open, %s: %v, want refused: %t", test.open, test.addr, err, test.refused)
		}
	}
}

// FuzzGuard: however an IPv4 address is wrapped, the verdict is that of the address; and what net/netip itself holds to be
// internal is never let through.
func FuzzGuard(f *testing.F) {
	for _, r := range ranges {
		b := netip.MustParseAddr(r.first).As16()
		f.Add(b[:])
	}
	f.Add([]byte{8, 8, 8, 8})
	f.Fuzz(func(t *testing.T, raw []byte) {
		addr, ok := netip.AddrFromSlice(raw)
		if !ok {
			return
		}
		closed := newGuard(nil)
		passes := closed.check(addr) == nil
		plain := addr.Unmap()
		if passes && (!plain.IsGlobalUnicast() || plain.IsPrivate() || plain.IsLoopback() || plain.IsMulticast() || plain.IsLinkLocalUnicast()) {
			t.Errorf("%s passes, but is not a public unicast address", addr)
		}
		if opened := newGuard([]netip.Prefix{netip.PrefixFrom(plain, plain.BitLen())}); opened.check(addr) != nil {
			t.Errorf("%s is refused, although it was opened", addr)
		}
		if !plain.Is4() {
			return
		}
		for form, write := range forms {
			wrapped := write(number(t, plain))
			if got := closed.check(wrapped) == nil; got != passes {
				t.Errorf("%s passes: %t; as %s, %s: %t", plain, passes, form, wrapped, got)
			}
		}
	})
}
