package main

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestWhereIs guards credentials: plain connections go to loopback only.
func TestWhereIs(t *testing.T) {
	for _, test := range []struct {
		server  string
		address string
		plain   bool
	}{
		{"127.0.0.1:9090", "127.0.0.1:9090", true},
		{"[::1]:9090", "[::1]:9090", true},
		{"localhost:9090", "localhost:9090", true},
		{"https://localhost:9090", "localhost:9090", false},
		{"tandem.example.org:9090", "tandem.example.org:9090", false},
		{"10.0.0.1:9090", "10.0.0.1:9090", false},
		{"127.0.0.1.example.org:9090", "127.0.0.1.example.org:9090", false},
		{"0.0.0.0:9090", "0.0.0.0:9090", false},
	} {
		address, plain, err := whereIs(test.server)
		if err != nil || address != test.address || plain != test.plain {
			t.Errorf("whereIs(%q) = %q, %t, %v; want %q, %t", test.server, address, plain, err, test.address, test.plain)
		}
	}
	if _, _, err := whereIs("nowhere"); err == nil {
		t.Error("an address without a port was taken")
	}
	if (bearer{secret: "s"}).RequireTransportSecurity() != true {
		t.Error("a credential may travel in plain to another machine")
	}
}

// TestAll follows pages to the end, or to as many as are wanted.
func TestAll(t *testing.T) {
	numbers := func(total int) func(int32, string) ([]int, string, error) {
		at := 0
		return func(size int32, _ string) ([]int, string, error) {
			var items []int
			for ; at < total && len(items) < int(size); at++ {
				items = append(items, at)
			}
			if at < total {
				return items, "more", nil
			}
			return items, "", nil
		}
	}
	for _, test := range []struct{ total, wanted, want int }{{0, 0, 0}, {7, 0, 7}, {1203, 0, 1203}, {1203, 501, 501}, {3, 10, 3}} {
		got, err := all(test.wanted, numbers(test.total))
		if err != nil || len(got) != test.want {
			t.Errorf("%d of %d: got %d, %v; want %d", test.wanted, test.total, len(got), err, test.want)
		}
	}
	broken := errors.New("broken")
	got, err := all(0, func(int32, string) ([]int, string, error) { return []int{1}, "more", broken })
	if !errors.Is(err, broken) || !cmp.Equal(got, []int(nil)) {
		t.Errorf("a broken page: got %v, %v", got, err)
	}
}
