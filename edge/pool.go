package main

import (
	"context"
	"encoding/binary"
	"log/slog"
	"time"

	"github.com/professionalaistudio/studio/edge/auth"
	"github.com/professionalaistudio/studio/edge/cluster"
	"github.com/professionalaistudio/studio/edge/config"
)

// A pool is where the cluster, which delivers bytes, and auth, which knows what they mean, are joined: a token that was
// spent here is spent everywhere in the region, and a node that has just started gets the bundle from a neighbour.
type pool struct {
	keys    *auth.Verifier
	spent   *auth.Spent
	cluster *cluster.Cluster
	log     *slog.Logger
}

// kindSpent is a message that holds records of spent tokens.
const kindSpent byte = 1

// join starts this node's part of the pool.
func join(cfg config.Config, address string, keys *auth.Verifier, log *slog.Logger) (*pool, error) {
	p := &pool{keys: keys, log: log}
	p.spent = auth.NewSpent(time.Now, p.announce)
	var err error
	p.cluster, err = cluster.Start(p.config(cfg, address), log)
	return p, err
}

func (p *pool) config(cfg config.Config, address string) cluster.Config {
	return cluster.Config{
		Node: cfg.Node, Region: cfg.Region, Address: address, Build: build(),
		Listen: cfg.GossipListen, Join: cfg.GossipJoin, Keys: cfg.GossipKeys,
		Bundle: p.keys.Number, OnMessage: p.hear, LocalState: p.state, MergeState: p.merge,
	}
}

// announce tells the neighbours of a spent token.
func (p *pool) announce(record []byte) { p.cluster.Broadcast(kindSpent, record) }

func (p *pool) hear(kind byte, payload []byte) {
	if kind != kindSpent {
		return // of a newer edge
	}
	if err := p.spent.Merge(payload); err != nil {
		p.log.Warn("A neighbour's message cannot be read.", "error", err)
	}
}

// state is what a neighbour that has just started needs: the length of the spent tokens, the tokens, the bundle.
func (p *pool) state() []byte {
	spent := p.spent.Snapshot()
	state := binary.AppendUvarint(nil, uint64(len(spent)))
	return append(append(state, spent...), p.keys.Sealed()...)
}

func (p *pool) merge(state []byte) {
	n, size := binary.Uvarint(state)
	if size <= 0 || n > uint64(len(state)-size) {
		p.log.Warn("A neighbour's state cannot be read.")
		return
	}
	spent, bundle := state[size:size+int(n)], state[size+int(n):]
	if err := p.spent.Merge(spent); err != nil {
		p.log.Warn("A neighbour's state cannot be read.", "error", err)
	}
	if len(bundle) == 0 {
		return
	}
	// A node that stands alone has nothing to check a bundle with, and needs none.
	if applied, err := p.keys.ApplySealed(bundle); err == nil && applied {
		p.log.Info("A neighbour had a newer bundle.", "bundle", p.keys.Number())
	}
}

// publish keeps the neighbours' view of our load fresh until ctx ends.
func (p *pool) publish(ctx context.Context, load func() float64) {
	ticker := time.NewTicker(500 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			p.cluster.SetLoad(load())
		}
	}
}

// page is /cluster.
func (p *pool) page() any {
	return struct {
		Self    cluster.Member   `json:"self"`
		Members []cluster.Member `json:"members"`
	}{p.cluster.Self(), p.cluster.Members()}
}
