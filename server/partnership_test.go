package server

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A partnership file that is wrong is refused with the field and what would be right.
func TestBadPartnershipFiles(t *testing.T) {
	good := string(defaultPartnership)
	cut := func(from, to string) string {
		i, j := strings.Index(good, from), strings.Index(good, to)
		if i < 0 || j < i {
			t.Fatalf("the embedded file has no %q before %q", from, to)
		}
		return good[:i] + good[j:]
	}
	for _, test := range []struct{ name, yaml, says string }{
		{"one side", cut("  - id: korea", "languages:"), "sides"},
		{"unknown theme", strings.Replace(good, "themes/focus-space", "themes/focus-spice", 1), "focus_themes[1]: the catalogue has no themes/focus-spice"},
		{"unknown material theme", strings.Replace(good, "themes/critical-materials", "themes/wool", 1), "material_theme: the catalogue has no themes/wool"},
		{"a country on both sides", strings.Replace(good, "[KR]", "[KR, CA]", 1), "sides[1].countries: CA belongs to sides[0] already"},
		{"unknown weights", strings.Replace(good, "weights_version: v2", "weights_version: v99", 1), "weights_version"},
		{"unknown umbrella", strings.Replace(good, "frameworks/sdcp", "frameworks/nato", 1), "umbrella_framework"},
		{"unknown exclusion", good + "excluded: [venues/expo-67]\n", "excluded[0]: the catalogue has no venues/expo-67"},
		{"unknown field", good + "colour: red\n", "colour"},
		{"no YAML", "{", "partnership file"},
		{"nothing", "", "partnership file"},
	} {
		if _, err := LoadPartnership([]byte(test.yaml)); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: got %v, want an error that says %q", test.name, err, test.says)
		}
	}
	if _, err := LoadPartnership(defaultPartnership); err != nil {
		t.Errorf("the embedded file: %v", err)
	}
}

// An existing register keeps its own partnership, whatever the configuration says later.
func TestPartnershipIsCopiedOnce(t *testing.T) {
	sample, err := os.ReadFile("../cmd/tandem/testdata/partnership.second.yaml")
	if err != nil {
		t.Fatal(err)
	}
	second, err := LoadPartnership(sample)
	if err != nil {
		t.Fatal(err)
	}
	db := filepath.Join(t.TempDir(), "tandem.db")
	first, err := Open(t.Context(), Config{DB: db, Partnership: second, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	again := openServer(t, Config{DB: db})
	if got := again.Partnership().Sides[1].Id; got != "japan" {
		t.Errorf("second side: got %q, want japan, as at first start", got)
	}
}

// The settings on which durability rests are read back from the running server, and stand in its log.
func TestSettingsAreReadBack(t *testing.T) {
	var log bytes.Buffer
	s, err := Open(t.Context(), Config{DB: filepath.Join(t.TempDir(), "tandem.db"), Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	settings, err := s.Settings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	values := make(map[string]string)
	for _, setting := range settings {
		values[setting.On+"."+setting.Name] = setting.Value
	}
	for name, want := range map[string]string{"writer.synchronous": "2", "reader.synchronous": "2", "writer.foreign_keys": "1", "writer.trusted_schema": "0", "writer.cell_size_check": "1"} {
		if values[name] != want {
			t.Errorf("%s: got %q, want %q (all: %v)", name, values[name], want, values)
		}
		if !strings.Contains(log.String(), name+"="+want) {
			t.Errorf("the log does not say %s=%s", name, want)
		}
	}
}
