package cluster

import (
	"context"
	"math"
	"time"
)

const (
	rejoinInterval = 5 * time.Second
	maxLost        = 64
	lostFor        = time.Hour // how long a dead member's address is called again

	loadInterval = 400 * time.Millisecond // between two loads of this node, at least
	loadRefresh  = 5 * time.Second        // a load that does not change is told again, for those who missed it
)

// rejoin calls seeds and lost members that are not in the pool, now and every few seconds, also when this node is alone:
// memberlist itself never heals a long split, and one Join from one node heals all of it.
func (c *Cluster) rejoin(ctx context.Context) {
	every := c.cfg.Rejoin
	if every <= 0 {
		every = rejoinInterval
	}
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		for _, address := range c.missing() {
			if ctx.Err() != nil {
				return
			}
			if _, err := c.list.Load().Join([]string{address}); err != nil {
				c.log.Debug("A neighbour does not answer.", "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// missing are the addresses to call: a seed that is a name may stand for many nodes and is always called.
func (c *Cluster) missing() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	here := map[string]bool{}
	for _, node := range c.nodes {
		here[node.addr] = true
	}
	var addresses []string
	for _, seed := range c.cfg.Join {
		if !here[seed] {
			addresses = append(addresses, seed)
		}
	}
	for address, since := range c.lost {
		if here[address] || time.Since(since) > lostFor {
			delete(c.lost, address)
		} else {
			addresses = append(addresses, address)
		}
	}
	return addresses
}

// publish sends our load when it changed, and our metadata when the bundle did.
func (c *Cluster) publish(ctx context.Context) {
	ticker := time.NewTicker(loadInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			c.publishLoad(now)
			c.publishBundle()
		}
	}
}

func (c *Cluster) publishLoad(now time.Time) {
	c.mu.Lock()
	if math.Abs(c.load-c.told) < .01 && now.Sub(c.sent) < loadRefresh {
		c.mu.Unlock()
		return
	}
	c.sent, c.told = now, c.load
	c.seq++
	m := message{Kind: kindLoad, Origin: c.name, Seq: c.seq, Payload: loadPayload(c.load)}
	c.mu.Unlock()
	c.queue.QueueBroadcast(broadcast{m.append(nil), c.name})
}

func (c *Cluster) publishBundle() {
	if c.cfg.Bundle == nil {
		return
	}
	number := c.cfg.Bundle()
	c.mu.Lock()
	changed := c.self.Bundle != number
	c.self.Bundle = number
	c.mu.Unlock()
	if changed {
		c.update()
	}
}
