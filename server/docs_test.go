package server

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// The API can be read without a credential and without the network.
func TestPages(t *testing.T) {
	f := serveFaces(t, openServer(t, Config{}))
	if got := f.get(t, "/openapi.yaml"); got != string(tandemv1.OpenAPI) {
		t.Errorf("/openapi.yaml has %d bytes, want the %d of the contract", len(got), len(tandemv1.OpenAPI))
	}
	set := new(descriptorpb.FileDescriptorSet)
	if err := proto.Unmarshal([]byte(f.get(t, "/tandem.protoset")), set); err != nil || len(set.File) < 10 {
		t.Errorf("/tandem.protoset: %d files, %v", len(set.File), err)
	}
	viewer := f.get(t, "/docs/")
	loads := regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllStringSubmatch(viewer, -1)
	if len(loads) < 3 {
		t.Errorf("the viewer loads %d files: the test does not see them:\n%s", len(loads), viewer)
	}
	for _, load := range loads {
		if !strings.HasPrefix(load[1], "/docs/") {
			t.Errorf("the viewer loads %s from outside", load[1])
			continue
		}
		if len(f.get(t, load[1])) == 0 {
			t.Errorf("%s is empty", load[1])
		}
	}
	if !strings.Contains(viewer, "/openapi.yaml") {
		t.Error("the viewer does not show the API of this server")
	}
}

// A server that is not ready says so, and lives all the same.
func TestNotReady(t *testing.T) {
	pages := newPages(http.NotFoundHandler(), func() bool { return false })
	for target, want := range map[string]int{
		"/readyz": http.StatusServiceUnavailable, "/healthz": http.StatusOK, "/v1/firms": http.StatusNotFound, "//v1/firms": http.StatusNotFound,
		"/docs": http.StatusMovedPermanently,
	} {
		w := httptest.NewRecorder()
		pages.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, target, nil))
		if w.Code != want {
			t.Errorf("%s: got %d, want %d", target, w.Code, want)
		}
	}
}
