package cluster

import (
	"context"
	"math"
	"sync"
	"time"
)

const (
	rejoinInterval = 5 * time.Second
	maxLost        = 64
	lostFor        = time.Hour // how long a dead member's address is called again

	publishTick  = 100 * time.Millisecond
	loadInterval = 300 * time.Millisecond // between two loads of this node, at least
	loadShare    = 8 * time.Millisecond   // and for each node of the pool: gossip carries only so many bytes a second
	loadRefresh  = 3                      // intervals after which a load that rests is told again, for those who missed it
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
		c.call(ctx)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func (c *Cluster) call(ctx context.Context) {
	var calls sync.WaitGroup
	for _, address := range c.missing(ctx) {
		calls.Go(func() {
			if _, err := c.list.Load().Join([]string{address}); err != nil {
				joins.WithLabelValues("failed").Inc()
				c.log.Debug("A neighbour does not answer.", "neighbour", address, "error", err)
				return
			}
			joins.WithLabelValues("ok").Inc()
		})
	}
	calls.Wait()
}

// publish sends our load when it changed, and our metadata when the bundle did.
func (c *Cluster) publish(ctx context.Context) {
	ticker := time.NewTicker(publishTick)
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
	since := now.Sub(c.sent)
	changed := math.Abs(c.load-c.told) >= .02 || c.load == 0 && c.told != 0
	interval := loadInterval + time.Duration(len(c.nodes))*loadShare
	if since < interval || !changed && since < loadRefresh*interval {
		c.mu.Unlock()
		return
	}
	c.sent, c.told = now, c.load
	c.seq++
	m := message{Kind: kindLoad, Origin: c.name, Seq: c.seq, Payload: loadPayload(c.load)}
	c.mu.Unlock()
	c.spread(loadBroadcast{m.append(nil), c.name})
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
