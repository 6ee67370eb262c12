package server

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// TestMetricsNameNobody makes calls that carry firms, texts and nonsense, and holds every label against what labels may say.
func TestMetricsNameNobody(t *testing.T) {
	s, conn := withShipped(t)
	finishRun(t, s, conn, &tandemv1.CreateMatchRunRequest{})
	pairings := tandemv1.NewPairingServiceClient(conn)
	for _, firm := range []string{"firms/algoma-steel", "firms/nobody-of-this-name", "FIRMS \n{}"} {
		_, err := pairings.FindPartners(t.Context(), &tandemv1.FindPartnersRequest{Firm: firm, Capability: "capabilities/not-in-the-catalogue"})
		if err == nil {
			t.Errorf("%s: found partners by a capability that does not exist", firm)
		}
	}
	if _, err := pairings.FindPartners(t.Context(), &tandemv1.FindPartnersRequest{Firm: "firms/algoma-steel"}); err != nil {
		t.Fatal(err)
	}
	families, err := s.metrics.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, family := range families {
		seen[family.GetName()] = true
		if !strings.HasPrefix(family.GetName(), "tandem_") {
			continue // of the Go runtime and the process
		}
		for _, metric := range family.Metric {
			for _, label := range metric.Label {
				if !labelAllowed(label.GetName(), label.GetValue()) {
					t.Errorf("%s: label %s=%q says more than it may", family.GetName(), label.GetName(), label.GetValue())
				}
			}
		}
	}
	for _, name := range []string{
		"tandem_calls_total", "tandem_call_seconds", "tandem_match_run_seconds", "tandem_store_transaction_seconds", "tandem_live_revision",
		"tandem_live_firms", "tandem_live_builds_total", "go_goroutines", "process_cpu_seconds_total",
	} {
		if !seen[name] {
			t.Errorf("there is no %s", name)
		}
	}
}

// labelAllowed tells whether a label names something of the contract or of the server itself.
func labelAllowed(name, value string) bool {
	switch name {
	case "method":
		found, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(strings.Replace(value, "/", ".", 1)))
		_, isMethod := found.(protoreflect.MethodDescriptor)
		return err == nil && isMethod
	case "protocol":
		return slices.Contains([]string{"grpc", "rest", "web", "operator"}, value)
	case "code":
		return slices.ContainsFunc(allCodes(), func(c codes.Code) bool { return c.String() == value })
	case "outcome":
		return slices.Contains([]string{"computed", "failed", "stopped"}, value)
	case "kind":
		return slices.Contains([]string{"view", "update"}, value)
	}
	return false
}

func allCodes() (all []codes.Code) {
	for c := codes.OK; c <= codes.Unauthenticated; c++ {
		all = append(all, c)
	}
	return all
}

// TestMetricsCount counts calls by method, protocol and code, and what they rest on.
func TestMetricsCount(t *testing.T) {
	s, conn := withShipped(t)
	address, stop, err := s.ServeMetrics("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	}()
	finishRun(t, s, conn, &tandemv1.CreateMatchRunRequest{})
	pairings := tandemv1.NewPairingServiceClient(conn)
	for range 3 {
		if _, err := pairings.FindPartners(t.Context(), &tandemv1.FindPartnersRequest{Firm: "firms/algoma-steel"}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := pairings.FindPartners(t.Context(), &tandemv1.FindPartnersRequest{Firm: "firms/nobody"}); err == nil {
		t.Fatal("nobody has partners")
	}
	code, text := fetchMetrics(t, "http://"+address+"/metrics", "")
	if code != http.StatusOK {
		t.Fatalf("/metrics answers %d: %s", code, text)
	}
	for _, line := range []string{
		`tandem_calls_total{code="OK",method="tandem.v1.PairingService/FindPartners",protocol="operator"} 3`,
		`tandem_calls_total{code="NotFound",method="tandem.v1.PairingService/FindPartners",protocol="operator"} 1`,
		`tandem_call_seconds_count{method="tandem.v1.PairingService/FindPartners"} 4`,
		`tandem_match_run_seconds_count{outcome="computed"} 1`,
		`tandem_live_firms 217`,
	} {
		if !strings.Contains(text, "\n"+line+"\n") {
			t.Errorf("the metrics lack the line %s", line)
		}
	}
	for _, kind := range []string{"view", "update"} {
		if strings.Contains(text, `tandem_store_transaction_seconds_count{kind="`+kind+`"} 0`) || !strings.Contains(text, `{kind="`+kind+`"}`) {
			t.Errorf("no %s was timed", kind)
		}
	}
	if code, _ := fetchMetrics(t, "http://"+address+"/debug/pprof/heap", ""); code != http.StatusOK {
		t.Errorf("/debug/pprof/heap answers %d", code)
	}
	if code, _ := fetchMetrics(t, "http://"+address+"/metrics", "metrics.example.com"); code != http.StatusForbidden {
		t.Errorf("asked under another name it answers %d, want %d", code, http.StatusForbidden)
	}
}

// fetchMetrics asks under a name of the host, the address's own where it is empty.
func fetchMetrics(t *testing.T, url, host string) (code int, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = host
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(b)
}

// TestMetricsStayOnTheMachine refuses addresses that others reach.
func TestMetricsStayOnTheMachine(t *testing.T) {
	s := openServer(t, Config{})
	for _, test := range []struct{ address, why string }{
		{":9091", "can be reached from outside"},
		{"0.0.0.0:9091", "can be reached from outside"},
		{"[::]:9091", "can be reached from outside"},
		{"192.0.2.7:9091", "can be reached from outside"},
		{"9091", "missing port"},
	} {
		if _, _, err := s.ServeMetrics(test.address); err == nil || !strings.Contains(err.Error(), test.why) {
			t.Errorf("metrics on %q: %v, want an error that says %q", test.address, err, test.why)
		}
	}
}
