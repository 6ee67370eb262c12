package server

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// restarted opens a database once more and asks it; what it logs is returned with the answer.
func restarted(t *testing.T, db string, change func(*Server)) (answer *tandemv1.FindPartnersResponse, builds float64, log string) {
	t.Helper()
	var lines bytes.Buffer
	s, err := Open(t.Context(), Config{DB: db, Logger: slog.New(slog.NewTextHandler(&lines, &slog.HandlerOptions{Level: slog.LevelWarn}))})
	if err != nil {
		t.Fatal(err)
	}
	s.live.imageFrom = 1
	if change != nil {
		change(s)
	}
	for range 2 { // the second time nothing is built, and nothing is said again
		answer = partners(t, tandemv1.NewPairingServiceClient(s.Operator()), "firms/algoma-steel")
	}
	builds = buildsOf(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return answer, builds, lines.String()
}

// imagedRegister is a database of the shipped firms, closed, with its image.
func imagedRegister(t *testing.T) (db string, image []byte) {
	t.Helper()
	db = filepath.Join(t.TempDir(), "tandem.db")
	_, _, _ = restarted(t, db, func(s *Server) {
		if _, err := importFile(t.Context(), s.Operator(), shippedFirms(t), &tandemv1.ImportFirmsRequest_Options{Attested: true}); err != nil {
			t.Fatal(err)
		}
		finishRun(t, s, s.Operator(), &tandemv1.CreateMatchRunRequest{})
	})
	info, err := os.Stat(db + ".image")
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the image: %v, %v", info, err)
	}
	if image, err = os.ReadFile(db + ".image"); err != nil {
		t.Fatal(err)
	}
	return db, image
}

// A start from an image, and from what was written since, gives the answers of a start from the register.
func TestImageIsFollowed(t *testing.T) {
	db, image := imagedRegister(t)
	for i, change := range []func(*Server){
		nil,
		func(s *Server) {
			if err := s.system(t.Context(), "test", renamed(s, "Renamed")); err != nil {
				t.Error(err)
			}
			if _, err := tandemv1.NewFirmServiceClient(s.Operator()).DeleteFirm(t.Context(), &tandemv1.DeleteFirmRequest{Name: "firms/hanwha-ocean"}); err != nil {
				t.Error(err)
			}
		},
		func(s *Server) { finishRun(t, s, s.Operator(), &tandemv1.CreateMatchRunRequest{}) },
	} {
		// Always from the first image, so that ever more is followed.
		if err := os.WriteFile(db+".image", image, 0o600); err != nil {
			t.Fatal(err)
		}
		followed, builds, log := restarted(t, db, change)
		if builds != 0 || log != "" {
			t.Errorf("start %d: %v markets were built; log: %s", i, builds, log)
		}
		if err := os.Remove(db + ".image"); err != nil {
			t.Fatal(err)
		}
		built, builds, log := restarted(t, db, nil)
		if builds != 1 || log != "" {
			t.Errorf("start %d without an image: %v markets were built; log: %s", i, builds, log)
		}
		if !proto.Equal(followed, built) {
			t.Errorf("start %d: from an image and from the register differ:\n%s", i, cmp.Diff(followed, built, protocmp.Transform()))
		}
	}
}

// An image that is not what was written for this register is not used, which is said once, and there is a new one afterwards.
func TestImageIsNotBelieved(t *testing.T) {
	db, image := imagedRegister(t)
	want, _, _ := restarted(t, db, nil)
	_, foreign := imagedRegister(t)
	spoilt := func(at int) []byte {
		b := bytes.Clone(image)
		b[at] ^= 1
		return b
	}
	for name, bad := range map[string][]byte{
		"empty": {}, "cut": image[:len(image)/2], "without its end": image[:len(image)-1], "of another database": foreign, "of another version": spoilt(len("tandem image\n")),
		"with a bit in the head": spoilt(60), "with a bit in the middle": spoilt(len(image) / 2), "with a bit at the end": spoilt(len(image) - 1), "no image": []byte("hello"),
	} {
		if err := os.WriteFile(db+".image", bad, 0o600); err != nil {
			t.Fatal(err)
		}
		got, builds, log := restarted(t, db, nil)
		if builds != 1 || strings.Count(log, "the image of the live market is not used") != 1 {
			t.Errorf("%s: %v markets were built; log: %s", name, builds, log)
		}
		if !proto.Equal(got, want) {
			t.Errorf("%s: the answer differs:\n%s", name, cmp.Diff(want, got, protocmp.Transform()))
		}
		if now, err := os.ReadFile(db + ".image"); err != nil || !bytes.Equal(now, image) {
			t.Errorf("%s: afterwards there is not the image that was there before (%v)", name, err)
		}
	}
}

// An image of another build is not used, however alike the two say that they are; and a build that cannot tell which it is has none.
func TestImageIsOfOneBuild(t *testing.T) {
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	running, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := programDigest(); err != nil || got != fmt.Sprintf("%x", sha256.Sum256(running)) {
		t.Errorf("this build is %s (%v), want the digest of %s", got, err, path)
	}
	db, image := imagedRegister(t)
	want, _, _ := restarted(t, db, nil)
	is := func(build string, err error) func(*Server) {
		return func(s *Server) { s.live.program = func() (string, error) { return build, err } }
	}
	for _, c := range []struct {
		why       string
		build     func(*Server)
		builds    float64
		log       string
		rewritten bool
	}{
		{"a build that does not know itself", is("", errors.New("unknown build")), 1, "unknown build", false},
		{"another build", is("another", nil), 1, "another build of this program wrote it", true},
		{"that one again", is("another", nil), 0, "", true},
		{"this one again", nil, 1, "another build of this program wrote it", false},
	} {
		got, builds, log := restarted(t, db, c.build)
		if builds != c.builds || strings.Count(log, "the image of the live market is not used") != int(c.builds) || !strings.Contains(log, c.log) {
			t.Errorf("%s: %v markets were built, want %v; log: %s", c.why, builds, c.builds, log)
		}
		if !proto.Equal(got, want) {
			t.Errorf("%s: the answer differs:\n%s", c.why, cmp.Diff(want, got, protocmp.Transform()))
		}
		if now, err := os.ReadFile(db + ".image"); err != nil || bytes.Equal(now, image) == c.rewritten {
			t.Errorf("%s: the image is another one: %v (%v), want %v", c.why, !c.rewritten, err, c.rewritten)
		}
	}
}

// A small register has no image.
func TestSmallRegistersHaveNoImage(t *testing.T) {
	s, operator := withShipped(t)
	partners(t, tandemv1.NewPairingServiceClient(operator), "firms/algoma-steel")
	s.live.work.Wait()
	s.keepImage(t.Context())
	if _, err := os.Stat(s.imageFile()); err == nil {
		t.Error("there is one")
	}
}
