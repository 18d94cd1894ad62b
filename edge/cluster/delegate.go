package cluster

import (
	"maps"
	"time"

	"github.com/hashicorp/memberlist"
)

// delegate is what memberlist calls; it keeps those methods off Cluster.
type delegate struct{ c *Cluster }

// NotifyAlive hears of every node, by join, gossip and push-pull alike, and keeps those of other regions out. The label
// already does, unless somebody gave two regions the same one; this also catches a node with the right label and wrong
// settings.
func (d delegate) NotifyAlive(peer *memberlist.Node) error {
	m, err := readMeta(peer.Meta)
	if err == nil && m.Region != d.c.cfg.Region {
		err = errRegion
	}
	if err != nil {
		refused.Inc()
	}
	return err
}

func (d delegate) NodeMeta(int) []byte {
	d.c.mu.Lock()
	defer d.c.mu.Unlock()
	return d.c.self.append(nil)
}

func (d delegate) NotifyMsg(b []byte) {
	m, err := readMessage(b)
	if err != nil {
		return
	}
	d.c.hear(m)
}

func (d delegate) GetBroadcasts(overhead, limit int) [][]byte {
	return d.c.queue.GetBroadcasts(overhead, limit)
}

func (d delegate) LocalState(bool) []byte {
	d.c.mu.Lock()
	loads := maps.Clone(d.c.loads)
	d.c.seq++
	loads[d.c.name] = loadEntry{d.c.seq, d.c.load}
	d.c.mu.Unlock()
	var owner []byte
	if d.c.cfg.LocalState != nil {
		owner = d.c.cfg.LocalState()
	}
	return appendState(nil, loads, owner)
}

func (d delegate) MergeRemoteState(b []byte, _ bool) {
	loads, owner, err := readState(b)
	if err != nil {
		d.c.log.Warn("A neighbour's state cannot be read.", "error", err)
		return
	}
	d.c.mu.Lock()
	for name, entry := range loads {
		d.c.learn(name, entry)
	}
	d.c.mu.Unlock()
	if d.c.cfg.MergeState != nil && len(owner) > 0 {
		d.c.cfg.MergeState(owner)
	}
}

func (d delegate) NotifyJoin(n *memberlist.Node) { d.c.see(n) }

func (d delegate) NotifyUpdate(n *memberlist.Node) { d.c.see(n) }

// see keeps what a node tells of itself. memberlist holds its own lock meanwhile, so nothing here may call it.
func (c *Cluster) see(n *memberlist.Node) {
	m, err := readMeta(n.Meta)
	if err != nil {
		return // NotifyAlive has refused it already
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.nodes[n.Name] = seen{m, n.FullAddress().Addr}
	membersSeen.Set(float64(len(c.nodes)))
	delete(c.lost, n.FullAddress().Addr)
}

// NotifyLeave remembers where a node was that went without draining first: memberlist forgets it and would never call
// again, so that a split would not heal.
func (d delegate) NotifyLeave(n *memberlist.Node) {
	d.c.mu.Lock()
	defer d.c.mu.Unlock()
	node := d.c.nodes[n.Name]
	delete(d.c.nodes, n.Name)
	delete(d.c.loads, n.Name)
	membersSeen.Set(float64(len(d.c.nodes)))
	if n.Name == d.c.name || node.meta.Draining || node.addr == "" {
		return
	}
	deaths.Inc()
	if len(d.c.lost) < maxLost {
		d.c.lost[node.addr] = time.Now()
	}
}

// hear takes a message once and passes it on.
func (c *Cluster) hear(m message) {
	if m.Origin == c.name {
		return
	}
	if m.Kind == kindLoad {
		load, err := readLoad(m.Payload)
		if err != nil {
			return
		}
		c.mu.Lock()
		fresh := c.learn(m.Origin, loadEntry{m.Seq, load})
		c.mu.Unlock()
		if fresh {
			c.spread(loadBroadcast{m.append(nil), m.Origin})
		}
		return
	}
	c.mu.Lock()
	fresh := c.heard.add(m)
	c.mu.Unlock()
	if !fresh {
		return
	}
	messages.WithLabelValues("heard").Inc()
	c.spread(messageBroadcast{m.append(nil)})
	if c.cfg.OnMessage != nil {
		c.cfg.OnMessage(m.Kind&^ownKind, m.Payload)
	}
}

// learn keeps the newest load of a member; the caller holds mu. Loads of others are not kept: they would outlive the node,
// since those who have not heard of its death yet tell it again.
func (c *Cluster) learn(name string, entry loadEntry) bool {
	if _, here := c.nodes[name]; !here || name == c.name {
		return false
	}
	if old, known := c.loads[name]; known && entry.Seq <= old.Seq {
		return false
	}
	c.loads[name] = entry
	return true
}

// A loadBroadcast waits to be sent a few times, and takes the place of an older load of the same node.
type loadBroadcast struct {
	text   []byte
	origin string
}

func (b loadBroadcast) Name() string { return b.origin }
func (b loadBroadcast) Invalidates(other memberlist.Broadcast) bool {
	o, ok := other.(loadBroadcast)
	return ok && o.origin == b.origin
}
func (b loadBroadcast) Message() []byte { return b.text }
func (b loadBroadcast) Finished()       {}

// A messageBroadcast waits to be sent a few times.
type messageBroadcast struct{ text []byte }

func (messageBroadcast) UniqueBroadcast()                      {}
func (messageBroadcast) Invalidates(memberlist.Broadcast) bool { return false }
func (b messageBroadcast) Message() []byte                     { return b.text }
func (messageBroadcast) Finished()                             {}

// recent remembers which messages were heard, in two generations, so that it neither grows nor forgets at once.
type recent struct{ now, before map[recentKey]struct{} }

type recentKey struct {
	origin string
	seq    uint64
}

const recentSize = 4096

// add reports whether m is new.
func (r *recent) add(m message) bool {
	key := recentKey{m.Origin, m.Seq}
	if _, ok := r.now[key]; ok {
		return false
	}
	if _, ok := r.before[key]; ok {
		return false
	}
	if r.now == nil || len(r.now) >= recentSize {
		r.before, r.now = r.now, make(map[recentKey]struct{}, recentSize)
	}
	r.now[key] = struct{}{}
	return true
}
