package app

import (
	"github.com/prometheus/client_golang/prometheus"

	"sallyport/internal/iam"
	"sallyport/internal/server/signin"
)

// collectors are the metrics of what the app holds, beside those of its calls.
func (a *App) collectors() []prometheus.Collector {
	all := []prometheus.Collector{
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "sallyport_accounts",
			Help: "Accounts there are.",
		}, a.accounts),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "sallyport_audit_pending_bytes",
			Help: "Audit records that wait to be written; near 64 MiB calls are refused.",
		}, func() float64 { return float64(a.audit.Pending()) }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "sallyport_unknown_callers_throttled_total",
			Help: "Calls of callers that are not known, refused off the record because there were too many.",
		}, func() float64 { return float64(a.audit.Unrecorded()) }),
	}
	all = append(all, signin.Collectors()...)
	all = append(all, a.Connections.Collectors()...)
	if a.node != nil {
		all = append(all, a.node.Collectors()...)
	}
	return all
}

func (a *App) accounts() float64 {
	directory, ok := a.directory()
	if !ok {
		return 0
	}
	return float64(iam.DirectoryAccounts.Len(directory))
}
