package server

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics are what the server counts about itself. Labels are names of methods, protocols, codes and outcomes, of which there are
// few and which the contract knows; never what a caller wrote and never whose it is.
type metrics struct {
	registry     *prometheus.Registry
	calls        *prometheus.CounterVec
	latency      *prometheus.HistogramVec
	runs         *prometheus.HistogramVec
	transactions *prometheus.HistogramVec
	builds       prometheus.Counter
}

func newMetrics(s *Server) *metrics {
	callBuckets := prometheus.ExponentialBucketsRange(0.0001, 30, 16) // seconds
	runBuckets := prometheus.ExponentialBucketsRange(0.01, 3600, 16)
	m := &metrics{
		registry: prometheus.NewRegistry(),
		calls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tandem_calls_total", Help: "Calls that were answered, by method, protocol and code.",
		}, []string{"method", "protocol", "code"}),
		latency: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "tandem_call_seconds", Help: "How long calls took, from the caller's identification to the answer.", Buckets: callBuckets,
		}, []string{"method"}),
		runs: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "tandem_match_run_seconds", Help: "How long match runs took to compute and store, by how they ended.", Buckets: runBuckets,
		}, []string{"outcome"}),
		transactions: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "tandem_store_transaction_seconds", Help: "How long transactions of the store took, without the wait for their turn.", Buckets: callBuckets,
		}, []string{"kind"}),
		builds: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "tandem_live_builds_total", Help: "How often the live market was built from the whole register; once, as a rule.",
		}),
	}
	m.registry.MustRegister(m.calls, m.latency, m.runs, m.transactions, m.builds, newLiveCollector(s), collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), collectors.NewBuildInfoCollector())
	return m
}

// call counts a call.
func (m *metrics) call(method, protocol, code string, took time.Duration) {
	m.calls.WithLabelValues(method, protocol, code).Inc()
	m.latency.WithLabelValues(method).Observe(took.Seconds())
}

// run counts a match run.
func (m *metrics) run(outcome string, took time.Duration) {
	m.runs.WithLabelValues(outcome).Observe(took.Seconds())
}

// transaction counts a transaction of the store.
func (m *metrics) transaction(kind string, took time.Duration) {
	m.transactions.WithLabelValues(kind).Observe(took.Seconds())
}

// liveCollector shows the live market; before the first question there is none.
type liveCollector struct {
	server          *Server
	revision, firms *prometheus.Desc
}

func newLiveCollector(s *Server) liveCollector {
	return liveCollector{
		server:   s,
		revision: prometheus.NewDesc("tandem_live_revision", "Revision of the register that live answers are computed from.", nil, nil),
		firms:    prometheus.NewDesc("tandem_live_firms", "Firms of the live market, whether they take part or not.", nil, nil),
	}
}

// Describe implements prometheus.Collector.
func (c liveCollector) Describe(descs chan<- *prometheus.Desc) {
	descs <- c.revision
	descs <- c.firms
}

// Collect implements prometheus.Collector.
func (c liveCollector) Collect(values chan<- prometheus.Metric) {
	current := c.server.live.current.Load()
	if current == nil {
		return
	}
	values <- prometheus.MustNewConstMetric(c.revision, prometheus.GaugeValue, float64(current.revision))
	values <- prometheus.MustNewConstMetric(c.firms, prometheus.GaugeValue, float64(current.firms.size))
}

// ServeMetrics serves Prometheus metrics under /metrics and the profiles of Go under /debug/pprof/ until stop is called. They show
// how the server is used and what its memory holds, so only the machine itself may ask: another address is refused.
func (s *Server) ServeMetrics(address string) (bound string, stop func() error, err error) {
	listener, err := listenPrivately(address)
	if err != nil {
		return "", nil, err
	}
	web := &http.Server{
		Handler: privately(s.metrics.pages()), ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout,
		ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
	ended := make(chan error, 1)
	go func() { ended <- web.Serve(listener) }()
	return listener.Addr().String(), func() error {
		err := web.Close() // a profile that is being taken is nobody's loss
		if served := <-ended; !errors.Is(served, http.ErrServerClosed) {
			err = errors.Join(err, served)
		}
		return err
	}, nil
}

// listenPrivately opens an address that only the machine itself reaches.
func listenPrivately(address string) (net.Listener, error) {
	resolved, err := net.ResolveTCPAddr("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("metrics address %q: %w", address, err)
	}
	if !resolved.IP.IsLoopback() {
		return nil, fmt.Errorf("metrics address %q can be reached from outside; metrics and profiles are for this machine only, as on 127.0.0.1:%d",
			address, resolved.Port)
	}
	return net.ListenTCP("tcp", resolved)
}

// pages are what the port for metrics serves.
func (m *metrics) pages() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return mux
}

// privately turns away requests that name another host: a web page whose name was pointed at loopback must not read them.
func privately(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil { // it names no port
			host = strings.Trim(r.Host, "[]")
		}
		if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			http.Error(w, "metrics are for this machine only", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}
