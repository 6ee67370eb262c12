package server

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/canada-korea-roadshow/tandem/matching"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/store"
)

// An image is the live market of a large register in a file beside the database, so that the next start need not make it from all rows.
// It is a cache: what is in it is bound to the database's history by a mark, followed from the change log, and where anything about it is
// not as it should be the market is built from the register, which the log says once.

// imageFrom is from how many firms on there is one: below, a start is over before anybody asks.
const imageFrom = 2000

var errForeignImage = errors.New("it is of another database, or of one that was restored since")

func (s *Server) imageFile() string { return s.config.DB + ".image" }

// imageTag binds an image to who wrote it and to a place in the history of a register.
type imageTag struct {
	program   string // another one may read profiles otherwise
	revision  int32
	mark      string
	rarityRun string
}

func (t imageTag) String() string {
	return strings.Join([]string{t.program, strconv.Itoa(int(t.revision)), t.mark, t.rarityRun}, "\n")
}

func parseImageTag(text string) (t imageTag, err error) {
	parts := strings.Split(text, "\n")
	if len(parts) != 4 {
		return t, fmt.Errorf("%w: its tag is none of this program's", matching.ErrImage)
	}
	revision, err := strconv.ParseInt(parts[1], 10, 32)
	return imageTag{program: parts[0], revision: int32(revision), mark: parts[2], rarityRun: parts[3]}, err
}

// programDigest tells this build of the program from all others, whatever they know of themselves: it is the digest of what runs.
var programDigest = sync.OnceValues(func() (string, error) {
	digest := sha256.New()
	program, err := openProgram()
	if err == nil {
		defer program.Close() //nolint:errcheck // it was only read
		_, err = io.Copy(digest, program)
	}
	if err != nil {
		return "", fmt.Errorf("this build of the program cannot be told from others: %v", err) //nolint:errorlint // it is not the image that is absent
	}
	return hex.EncodeToString(digest.Sum(nil)), nil
})

// openProgram opens the file of what runs, on Linux even when another build was put in its place meanwhile.
func openProgram() (*os.File, error) {
	if program, err := os.Open("/proc/self/exe"); err == nil {
		return program, nil
	}
	path, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return os.Open(path)
}

// historyMark is the digest of all that a register went through up to a revision.
func historyMark(tx *store.Tx, revision int32) (string, error) {
	digest, err := tx.Mark(revision)
	return hex.EncodeToString(digest), err
}

// startLive is the first market: from an image and what was written since, or from the whole register.
func startLive(s *Server, tx *store.Tx) (*liveMarket, error) {
	m, err := readImage(s, tx)
	if err == nil {
		s.live.imaged = m.revision
		return m.advance(s, tx)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		s.log.Warn("the image of the live market is not used; it is built from the register", slog.String("image", s.imageFile()), slog.String("cause", err.Error()))
	}
	s.metrics.builds.Inc()
	return buildLive(s, tx)
}

// readImage reads the market of an image at the revision at which it was written, with firms and facts as they are now.
func readImage(s *Server, tx *store.Tx) (*liveMarket, error) {
	file, err := os.Open(s.imageFile())
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // it was only read
	m := &liveMarket{asOf: tx.Now().UTC().Format(dateOnly)}
	if m.dated, err = datedNow(tx); err != nil {
		return nil, err
	}
	facts, err := factsOf(s.catalog, s.partnership, m.dated, m.asOf)
	if err != nil {
		return nil, err
	}
	market, text, err := matching.ReadImage(bufio.NewReader(file), s.catalog, s.weights, facts)
	if err != nil {
		return nil, err
	}
	tag, err := parseImageTag(string(text))
	if err != nil {
		return nil, err
	}
	switch mark, err := historyMark(tx, tag.revision); {
	case errors.Is(err, store.ErrNotFound) || err == nil && mark != tag.mark:
		return nil, errForeignImage
	case err != nil:
		return nil, err
	}
	switch program, err := s.live.program(); {
	case err != nil:
		return nil, err
	case tag.program != program:
		return nil, fmt.Errorf("%w: another build of this program wrote it", matching.ErrImage)
	}
	list, err := allOf[*tandemv1.Firm](tx, firms)
	if err != nil {
		return nil, err
	}
	m.market, m.revision, m.rarityRun = market, tag.revision, tag.rarityRun
	m.scene = newScene(s.catalog, list, m.dated)
	m.firms = m.scene.firms
	return m, nil
}

// keepImage writes an image of the market, unless it is small or there is one. What goes wrong costs the next start some time, no more.
func (s *Server) keepImage(ctx context.Context) {
	err := recovered(func() error {
		m := s.live.current.Load()
		if m == nil || m.market.Len() < s.live.imageFrom || m.revision == s.live.imaged {
			return nil
		}
		if err := s.writeImage(ctx, m); err != nil {
			return err
		}
		s.live.imaged = m.revision
		return nil
	})
	if err != nil {
		s.log.WarnContext(ctx, "no image of the live market was written", slog.String("image", s.imageFile()), slog.Any("cause", causeOf(err)))
	}
}

// writeImage puts an image in the place of the one before, whole or not at all.
func (s *Server) writeImage(ctx context.Context, m *liveMarket) (err error) {
	tag := imageTag{revision: m.revision, rarityRun: m.rarityRun}
	if tag.program, err = s.live.program(); err != nil {
		return err
	}
	err = s.store.View(ctx, func(tx *store.Tx) (err error) {
		tag.mark, err = historyMark(tx, m.revision)
		return err
	})
	if err != nil {
		return err
	}
	unfinished := s.imageFile() + ".new"
	if err := os.Remove(unfinished); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	file, err := os.OpenFile(unfinished, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(file)
	if err = errors.Join(m.market.WriteImage(out, []byte(tag.String())), out.Flush(), file.Sync(), file.Close()); err == nil {
		err = os.Rename(unfinished, s.imageFile())
	}
	if err != nil {
		return errors.Join(err, os.Remove(unfinished))
	}
	dir, err := os.Open(filepath.Dir(s.imageFile()))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
