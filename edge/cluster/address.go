package cluster

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"strconv"
	"time"
)

// resolve finds the addresses behind host:port. A host that is an address needs no look-up.
func resolve(ctx context.Context, hostport string) ([]netip.AddrPort, error) {
	host, port, err := net.SplitHostPort(hostport)
	if err != nil {
		return nil, err
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return nil, fmt.Errorf("%q is no port", port)
	}
	if addr, err := netip.ParseAddr(host); err == nil {
		return []netip.AddrPort{netip.AddrPortFrom(addr.Unmap(), uint16(number))}, nil
	}
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, err
	}
	found := make([]netip.AddrPort, len(addrs))
	for i, addr := range addrs {
		found[i] = netip.AddrPortFrom(addr.Unmap(), uint16(number))
	}
	return found, nil
}

// bind is the one address to listen on. memberlist takes what is not an address, localhost for one, to mean every
// interface there is, so it is never given a name.
func bind(listen string) (netip.AddrPort, error) {
	if host, port, err := net.SplitHostPort(listen); err == nil && host == "" {
		listen = net.JoinHostPort("0.0.0.0", port)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	addrs, err := resolve(ctx, listen)
	if err != nil {
		return netip.AddrPort{}, err
	}
	for _, addr := range addrs {
		if addr.Addr().Is4() { // localhost is both; neighbours are told of one
			return addr, nil
		}
	}
	if len(addrs) == 0 {
		return netip.AddrPort{}, fmt.Errorf("%s has no address", listen)
	}
	return addrs[0], nil
}

// clear tells whether everything that is sent stays on this machine. Without keys nothing else may be sent: what nodes
// exchange holds the keys of customers.
func (c *Cluster) clear(listen netip.AddrPort) error {
	if len(c.cfg.Keys) > 0 {
		return nil
	}
	if !listen.Addr().IsLoopback() {
		return fmt.Errorf("listen on %s: %w", c.cfg.Listen, ErrKeys)
	}
	for _, seed := range c.cfg.Join {
		host, _, err := net.SplitHostPort(seed)
		if err != nil {
			return fmt.Errorf("join %s: %w", seed, err)
		}
		if addr, err := netip.ParseAddr(host); err == nil && !addr.IsLoopback() {
			return fmt.Errorf("join %s: %w", seed, ErrKeys)
		}
	}
	return nil
}

const maxCalls = 3 // in one round

// missing are addresses to call: seeds and lost members that are not in the pool, a few of them by chance. A name may
// stand for the whole region; to call all of it every few seconds would cost more than it heals.
func (c *Cluster) missing(ctx context.Context) []string {
	found := map[string]bool{}
	for _, seed := range c.cfg.Join {
		addrs, err := resolve(ctx, seed)
		if err != nil {
			c.log.Debug("A neighbour's name cannot be looked up.", "neighbour", seed, "error", err)
		}
		for _, addr := range addrs {
			if len(c.cfg.Keys) > 0 || addr.Addr().IsLoopback() {
				found[addr.String()] = true
			}
		}
	}
	c.mu.Lock()
	for address, since := range c.lost {
		if time.Since(since) > lostFor {
			delete(c.lost, address)
		} else {
			found[address] = true
		}
	}
	for _, node := range c.nodes {
		delete(found, node.addr)
	}
	c.mu.Unlock()
	addresses := make([]string, 0, len(found))
	for address := range found {
		addresses = append(addresses, address)
	}
	rand.Shuffle(len(addresses), func(i, j int) { addresses[i], addresses[j] = addresses[j], addresses[i] })
	return addresses[:min(len(addresses), maxCalls)]
}
