// Package cluster is a region's pool of edge nodes: who is there, how loaded, who is leaving; and bytes that all should
// hear. It is one memberlist pool per region, labelled with the region and encrypted beyond loopback. It stands apart
// because it knows nothing of photos, tokens or HTTP: what its messages mean is main's business. DESIGN.md has the
// reasons and the figures.
package cluster
