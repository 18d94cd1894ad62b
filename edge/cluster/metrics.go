package cluster

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

var (
	membersSeen = promauto.NewGauge(prometheus.GaugeOpts{
		Name: "edge_cluster_members", Help: "Nodes in the pool as this one sees it, itself included.",
	})
	deaths = promauto.NewCounter(prometheus.CounterOpts{
		Name: "edge_cluster_lost_total", Help: "Members that went without draining first.",
	})
	joins = promauto.NewCounterVec(prometheus.CounterOpts{
		Name: "edge_cluster_joins_total", Help: "Calls to neighbours that were not in the pool.",
	}, []string{"result"})
	refused = promauto.NewCounter(prometheus.CounterOpts{
		Name: "edge_cluster_refused_total", Help: "Times a node was refused because of its region or its metadata.",
	})
	messages = promauto.NewCounterVec(prometheus.CounterOpts{
		Name: "edge_cluster_messages_total", Help: "Messages of the owner, by direction.",
	}, []string{"direction"})
)
