package lease

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are what an operator watches of several nodes.
type metrics struct {
	settling prometheus.Histogram
	refusals prometheus.Counter
	nodes    prometheus.Gauge
}

func newMetrics() metrics {
	return metrics{
		settling: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "sallyport_settle_duration_seconds",
			Help:    "Time from a change being durable to its being answered, when every other node shows it.",
			Buckets: []float64{.00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5},
		}),
		refusals: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "sallyport_lease_lost_total",
			Help: "How often this node lost the store and began to refuse requests.",
		}),
		nodes: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "sallyport_nodes",
			Help: "Nodes that share the store, this one included, dead ones for a while longer.",
		}),
	}
}

// Settled takes note of how long a change that was durable had to wait for the other
// nodes: for the settling under way when it came, and for its own.
func (n *Node) Settled(waited time.Duration) { n.metrics.settling.Observe(waited.Seconds()) }

// Collectors are the metrics of the node.
func (n *Node) Collectors() []prometheus.Collector {
	left := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "sallyport_lease_left_seconds",
		Help: "How long this node may answer requests without reaching the store; 0 when it refuses.",
	}, func() float64 { return max(n.Left(), 0).Seconds() })
	return []prometheus.Collector{left, n.metrics.settling, n.metrics.refusals, n.metrics.nodes}
}
