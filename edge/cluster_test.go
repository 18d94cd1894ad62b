package main

import (
	"bytes"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/professionalaistudio/studio/edge/wire"
)

// poolPage is /cluster as interface.md has it.
type poolPage struct {
	Self    poolMember
	Members []poolMember
}

type poolMember struct {
	Name, Region, Address, State string
	Load                         float64
	Draining                     bool
}

func (n *node) pool() (p poolPage) {
	n.t.Helper()
	if err := json.Unmarshal([]byte(n.page("/cluster")), &p); err != nil {
		n.t.Fatal(err)
	}
	return p
}

// sees finds a neighbour by its address.
func (n *node) sees(other *node) (poolMember, bool) {
	members := n.pool().Members
	i := slices.IndexFunc(members, func(m poolMember) bool { return m.Address == other.public && m.State == "alive" })
	if i < 0 {
		return poolMember{}, false
	}
	return members[i], true
}

// gossip is a port that is free for a node to gossip on.
func gossip(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().String()
}

// Two nodes of a region see each other's load and drain within a second; a killed one is gone within ten; one of another
// region is never there.
func TestCluster(t *testing.T) {
	src := sources(t)
	seed := gossip(t)
	a := start(t, "EDGE_NODE=a", "EDGE_GOSSIP_LISTEN="+seed, "EDGE_SLOTS=1", "EDGE_TIMEOUT=60s")
	b := start(t, "EDGE_NODE=b", "EDGE_GOSSIP_JOIN="+seed, "EDGE_DRAIN=20s")
	c := start(t, "EDGE_NODE=c", "EDGE_GOSSIP_JOIN="+seed)
	foreign := start(t, "EDGE_NODE=f", "EDGE_GOSSIP_JOIN="+seed, "EDGE_REGION=elsewhere")
	both := func(x, y *node) bool {
		_, first := x.sees(y)
		_, second := y.sees(x)
		return first && second
	}
	eventually(t, 15*time.Second, "the three see one another", func() bool { return both(a, b) && both(b, c) && both(a, c) })
	if self := a.pool().Self; self.Address != a.public || self.Region != "local" || self.Name == "" {
		t.Errorf("a node says of itself %+v", self)
	}

	// Load: a works, and b sees it.
	done := make(chan struct{})
	go func() {
		defer close(done)
		get(t, a.sign("w:5000/el:1/f:avif/sh:1", src.URL+"/patch-l.png"))
	}()
	eventually(t, 10*time.Second, "b sees that a works", func() bool { m, ok := b.sees(a); return ok && m.Load > 0 })
	<-done
	eventually(t, 3*time.Second, "b sees that a is idle", func() bool { m, ok := b.sees(a); return ok && m.Load == 0 })

	// Drain: b goes, and a sees it before it is gone.
	b.cmd.Process.Signal(os.Interrupt)
	began := time.Now()
	eventually(t, 3*time.Second, "a sees that b drains", func() bool { m, ok := a.sees(b); return ok && m.Draining })
	t.Logf("a drain was seen after %s", time.Since(began).Round(10*time.Millisecond))
	if err := <-b.exited; err != nil {
		t.Errorf("b ended with %v", err)
	}
	eventually(t, 5*time.Second, "b has left", func() bool { _, ok := a.sees(b); return !ok })

	// Death: c is killed, and a notices.
	c.cmd.Process.Kill()
	began = time.Now()
	eventually(t, 10*time.Second, "a sees that c is gone", func() bool { _, ok := a.sees(c); return !ok })
	t.Logf("a death was seen after %s", time.Since(began).Round(10*time.Millisecond))

	if _, ok := a.sees(foreign); ok {
		t.Error("a node of another region is in the pool")
	}
	if _, ok := foreign.sees(a); ok {
		t.Error("a node of another region sees the pool")
	}
}

// What one node knows, its neighbour learns: that a token is spent, and the bundle, without asking control.
func TestClusterShares(t *testing.T) {
	p := newPlane(t)
	seed := gossip(t)
	a := start(t, append(p.settings(), "EDGE_NODE=a", "EDGE_GOSSIP_LISTEN="+seed)...)
	b := start(t, append(p.settings(), "EDGE_NODE=b", "EDGE_GOSSIP_JOIN="+seed)...)
	a.ready()
	b.ready()
	eventually(t, 15*time.Second, "they see each other", func() bool {
		_, first := a.sees(b)
		_, second := b.sees(a)
		return first && second
	})
	order := p.token(func(c *wire.Claims) {
		c.Org, c.OrgIndex, c.Scope = "", 0, "photos"
		c.Order, c.OrderNumber, c.Document, c.ID = "ord_2", 42, "us-passport", "ord_ord_2"
	})
	photo := func(n *node) answer {
		return ask(t, http.MethodPost, n.public+"/v1/photos?document=us-passport&head="+portraitHead, bytes.NewReader(sample(t)), "Authorization", "Bearer "+order)
	}
	photo(a).ok(t)
	eventually(t, 3*time.Second, "the neighbour knows the token as spent", func() bool {
		a := ask(t, http.MethodPost, b.public+"/v1/photos?document=us-passport", bytes.NewReader(sample(t)), "Authorization", "Bearer "+order)
		return a.StatusCode == 409 // and 422 before, since no head is given: asking spends nothing
	})

	// Control goes. A node that starts now gets the bundle, and what is spent, from its neighbours.
	p.stop()
	c := start(t, append(p.settings(), "EDGE_NODE=c", "EDGE_GOSSIP_JOIN="+seed)...)
	c.ready()
	ask(t, http.MethodPost, c.public+"/v1/images/w:50", bytes.NewReader(sample(t)), "Authorization", "Bearer "+p.token(nil)).ok(t)
	photo(c).expect(t, "spent", 409)
}
