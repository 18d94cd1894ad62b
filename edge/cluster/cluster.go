package cluster

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/memberlist"
)

// Config says who a node is and whom it joins.
type Config struct {
	Node    string   // stable name, at most 96 bytes
	Region  string   // label of the pool, at most 64 bytes
	Listen  string   // host:port for UDP and TCP; port 0 picks one
	Join    []string // host:port of neighbours; any one that answers is enough
	Keys    [][]byte // keyring, 16, 24 or 32 bytes each, the first encrypts; required beyond loopback
	Address string   // public URL of the node, at most 200 bytes
	Build   string   // at most 96 bytes

	Bundle     func() uint64                   // number of the newest bundle; may be nil
	OnMessage  func(kind byte, payload []byte) // hears Broadcast of others, once each; must not wait; may be nil
	LocalState func() []byte                   // what a neighbour gets when one of the two joins; may be nil
	MergeState func(state []byte)              // takes what LocalState of a neighbour gave; may be nil
	Rejoin     time.Duration                   // how often lost and missing neighbours are called again; 0 is 5 s
	tune       func(*memberlist.Config)        // tests only
}

// A Member is a node as its pool sees it.
type Member struct {
	Name     string  `json:"name"` // the stable one
	Region   string  `json:"region"`
	Address  string  `json:"address"` // public URL
	State    string  `json:"state"`   // alive
	Load     float64 `json:"load"`    // share of its slots in use, above 1 when requests wait
	Draining bool    `json:"draining"`
	Build    string  `json:"build,omitempty"`
	Bundle   uint64  `json:"bundle,omitempty"`
}

// Faults of a configuration.
var (
	ErrKeys   = errors.New("beyond loopback the pool needs keys")
	errRegion = errors.New("a node of another region")
)

// A Cluster is this node's part in the pool. Its methods may be called by many goroutines.
type Cluster struct {
	cfg   Config
	log   *slog.Logger
	name  string                                // memberlist's, new at every boot: a name that died is not free again at once; short, since each load carries it
	list  atomic.Pointer[memberlist.Memberlist] // memberlist calls back before Create returns
	queue *memberlist.TransmitLimitedQueue

	mu    sync.Mutex
	nodes map[string]seen // who is there, by memberlist's name: our own copy, since memberlist changes its nodes in place
	self  meta
	seq   uint64 // of our messages
	load  float64
	sent  time.Time // when the load went out last
	told  float64   // what it was then
	loads map[string]loadEntry
	heard recent
	lost  map[string]time.Time // gossip addresses of members that died, and when

	stop  context.CancelFunc
	done  sync.WaitGroup
	leave sync.Once
}

// Start opens the node's sockets and begins to join. It does not wait for neighbours: a node alone serves too, and
// whoever is missing is called again every few seconds.
func Start(cfg Config, log *slog.Logger) (*Cluster, error) {
	c := &Cluster{
		cfg: cfg, log: log, name: rand.Text()[:10],
		self:  meta{Region: cfg.Region, Node: cfg.Node, Address: cfg.Address, Build: cfg.Build, Started: uint64(time.Now().UnixMicro())},
		nodes: map[string]seen{}, loads: map[string]loadEntry{}, lost: map[string]time.Time{}, seq: uint64(time.Now().UnixNano()),
	}
	if cfg.Bundle != nil {
		c.self.Bundle = cfg.Bundle()
	}
	if err := c.self.check(); err != nil {
		return nil, fmt.Errorf("join the pool: %w", err)
	}
	conf, err := c.configure()
	if err != nil {
		return nil, fmt.Errorf("join the pool: %w", err)
	}
	c.queue = &memberlist.TransmitLimitedQueue{RetransmitMult: conf.RetransmitMult, NumNodes: func() int {
		if list := c.list.Load(); list != nil {
			return list.NumMembers()
		}
		return 1
	}}
	list, err := memberlist.Create(conf)
	if err != nil {
		return nil, fmt.Errorf("join the pool: %w", err)
	}
	c.list.Store(list)
	ctx, stop := context.WithCancel(context.Background())
	c.stop = stop
	c.done.Go(func() { c.rejoin(ctx) })
	c.done.Go(func() { c.publish(ctx) })
	return c, nil
}

// configure is memberlist's LAN configuration with the six values that find a dead node within 5 s (DESIGN.md).
func (c *Cluster) configure() (*memberlist.Config, error) {
	listen, err := bind(c.cfg.Listen)
	if err != nil {
		return nil, err
	}
	if err := c.clear(listen); err != nil {
		return nil, err
	}
	if listen.Addr() == netip.IPv6Unspecified() {
		return nil, fmt.Errorf("listen on %s: neighbours must be told of one address, so name it", c.cfg.Listen)
	}
	conf := memberlist.DefaultLANConfig()
	conf.Name = c.name
	conf.Label = c.cfg.Region
	conf.BindAddr, conf.BindPort, conf.AdvertisePort = listen.Addr().String(), int(listen.Port()), int(listen.Port())
	conf.TCPTimeout = 3 * time.Second // a region is small, and a call to nobody must not hold up the next
	conf.ProbeInterval, conf.ProbeTimeout = 500*time.Millisecond, 200*time.Millisecond
	conf.SuspicionMult = 3
	// A suspicion waits for others to confirm it, and whoever left a moment ago still counts among them: with the default
	// of 6, the last of three nodes took more than 10 s to give up the second.
	conf.SuspicionMaxTimeoutMult = 3
	conf.GossipInterval = 100 * time.Millisecond
	conf.PushPullInterval = 20 * time.Second
	conf.EnableCompression = false // saves little and unpacks what strangers send
	conf.Delegate, conf.Events, conf.Alive = delegate{c}, delegate{c}, delegate{c}
	conf.Logger = logger(c.log)
	if len(c.cfg.Keys) > 0 {
		if conf.Keyring, err = memberlist.NewKeyring(c.cfg.Keys, c.cfg.Keys[0]); err != nil {
			return nil, err
		}
		conf.GossipVerifyIncoming, conf.GossipVerifyOutgoing = true, true
	} else { // nobody else has a key to speak without; a second fence
		conf.CIDRsAllowed = []net.IPNet{{IP: net.IPv4(127, 0, 0, 0).To4(), Mask: net.CIDRMask(8, 32)}, {IP: net.IPv6loopback, Mask: net.CIDRMask(128, 128)}}
	}
	if c.cfg.tune != nil {
		c.cfg.tune(conf)
	}
	return conf, nil
}

// Addr is the host:port that neighbours join.
func (c *Cluster) Addr() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.nodes[c.name].addr
}

// Self is this node.
func (c *Cluster) Self() Member {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.self.member(c.load)
}

// Members are the nodes of the pool, this one included, by name.
func (c *Cluster) Members() []Member {
	c.mu.Lock()
	defer c.mu.Unlock()
	members := make([]Member, 0, len(c.nodes))
	for name, node := range c.nodes {
		switch {
		case name == c.name:
			members = append(members, c.self.member(c.load))
		case !c.restarted(node.meta):
			members = append(members, node.meta.member(c.loads[name].Load))
		}
	}
	slices.SortFunc(members, func(a, b Member) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Address, b.Address)) })
	return members
}

// restarted tells of a member that it is here anew, although the pool has not yet given up what it was before; the caller
// holds mu. Nodes that only share a name, as two on one machine may, differ in their address.
func (c *Cluster) restarted(old meta) bool {
	for _, node := range c.nodes {
		if m := node.meta; m.Node == old.Node && m.Address == old.Address && m.Address != "" && m.Started > old.Started {
			return true
		}
	}
	return false
}

// alive is the only state shown: memberlist keeps its suspicions to itself until they are certain.
const alive = "alive"

func (m meta) member(load float64) Member {
	return Member{m.Node, m.Region, m.Address, alive, load, m.Draining, m.Build, m.Bundle}
}

// A seen node is a member as it told of itself.
type seen struct {
	meta meta
	addr string // host:port it gossips on
}

// SetLoad tells the pool how loaded this node is: the share of its slots in use, 0 and up. It may be called often; what
// goes out is bounded (loadInterval).
func (c *Cluster) SetLoad(load float64) {
	if math.IsNaN(load) || load < 0 {
		load = 0
	}
	c.mu.Lock()
	c.load = load
	c.mu.Unlock()
}

// SetDraining tells the pool whether this node takes new work.
func (c *Cluster) SetDraining(draining bool) {
	c.mu.Lock()
	changed := c.self.Draining != draining
	c.self.Draining = draining
	c.mu.Unlock()
	if changed {
		c.update()
	}
}

// update spreads our metadata. memberlist's own wait would be without limit.
func (c *Cluster) update() {
	if err := c.list.Load().UpdateNode(2 * time.Second); err != nil {
		c.log.Warn("The pool was slow to hear of a change of this node.", "error", err)
	}
}

// Broadcast sends payload, at most MaxPayload bytes, to every node of the pool, by gossip: within a second to nearly all,
// without a promise. What must arrive also belongs in LocalState.
func (c *Cluster) Broadcast(kind byte, payload []byte) {
	if len(payload) > MaxPayload || kind&ownKind != 0 {
		c.log.Error("A message to the pool was too long and was not sent.", "bytes", len(payload))
		return
	}
	c.mu.Lock()
	c.seq++
	m := message{Kind: ownKind | kind, Origin: c.name, Seq: c.seq, Payload: payload}
	c.heard.add(m)
	c.mu.Unlock()
	messages.WithLabelValues("sent").Inc()
	c.spread(messageBroadcast{m.append(nil)})
}

const maxQueued = 4096

// spread queues what gossip is to carry. Alone there is nobody to carry it to, and the queue would only grow; whoever
// comes later gets the state of those who are here.
func (c *Cluster) spread(b memberlist.Broadcast) {
	c.mu.Lock()
	alone := len(c.nodes) <= 1
	c.mu.Unlock()
	if alone {
		return
	}
	c.queue.QueueBroadcast(b)
	if c.queue.NumQueued() > maxQueued {
		c.queue.Prune(maxQueued)
	}
}

// Leave says goodbye, so that nobody has to find out, and closes the sockets; a second call does nothing. It returns when
// ctx ends at the latest.
func (c *Cluster) Leave(ctx context.Context) (err error) {
	c.leave.Do(func() { // memberlist panics when it is left twice
		c.stop()
		ended := make(chan struct{})
		go func() { c.done.Wait(); close(ended) }()
		select { // a call to a neighbour that does not answer may still be waiting
		case <-ended:
		case <-ctx.Done():
		}
		wait := 5 * time.Second
		if deadline, ok := ctx.Deadline(); ok {
			wait = min(wait, max(time.Until(deadline), time.Millisecond))
		}
		list := c.list.Load()
		err = errors.Join(list.Leave(wait), list.Shutdown())
	})
	return err
}
