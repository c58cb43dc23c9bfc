package server

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics count calls. Labels are from the model, never from the client, so
// that nobody can make them grow.
type metrics struct {
	calls    *prometheus.CounterVec
	duration *prometheus.HistogramVec
	handler  http.Handler
}

func newMetrics(more []prometheus.Collector) *metrics {
	registry := prometheus.NewRegistry()
	m := &metrics{
		calls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sallyport_calls_total",
			Help: "API calls by service, operation and error code (OK for success).",
		}, []string{"service", "operation", "code"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "sallyport_call_duration_seconds",
			Help:    "Time from receiving a call to having its reply ready.",
			Buckets: []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5},
		}, []string{"service"}),
	}
	registry.MustRegister(m.calls, m.duration, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	registry.MustRegister(more...)
	m.handler = promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
	return m
}

func (m *metrics) observe(x *exchange, code string, took time.Duration) {
	service, operation := "unknown", "unknown"
	if x.service != nil {
		service = x.service.SigningName
	}
	if x.op != nil {
		operation = x.op.Name
	}
	m.calls.WithLabelValues(service, operation, code).Inc()
	m.duration.WithLabelValues(service).Observe(took.Seconds())
}
