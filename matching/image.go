package matching

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"slices"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
)

// An image is a Market in a file, so that a start need not prepare everybody again. It is frames one after the other: first who
// wrote it and from what, then organisations, then the end. A frame is its kind and length, their checksum, its content and
// the content's checksum; the end has the checksum of all frames. Nothing of an image is believed before its frame is found
// whole, and no market is made before its end is. An image is a cache: whoever meets an ErrImage builds the market anew.

// ErrImage is wrapped by every error of ReadImage that lies with the image.
var ErrImage = errors.New("the image cannot be used")

// imageMark begins every image; the number is the version of all that follows.
const (
	imageMark    = "tandem image\n"
	imageVersion = 1
)

// frameKind says what a frame holds.
type frameKind uint8

const (
	frameHead     frameKind = 1 + iota // digests, rarity, tag
	frameRecords                       // records of organisations
	framePrepared                      // what was prepared of them
	frameEnd
)

const (
	frameHeader = 1 + 8 + 4
	frameLimit  = 1 << 32
	frameFirms  = 4096
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// WriteImage writes the market and a tag of the caller's own, which ReadImage gives back. Facts are not in it.
func (m *Market) WriteImage(w io.Writer, tag []byte) error {
	x := &imageWriter{w: w}
	x.write([]byte(imageMark))
	x.write(binary.LittleEndian.AppendUint32(nil, imageVersion))
	rarity, err := m.prep.rarity.MarshalText()
	if err != nil {
		return err
	}
	head := &recordWriter{}
	head.text(m.prep.cat.Digest(), m.prep.weights.Version, m.prep.weights.digest, string(rarity), string(tag))
	head.number(m.Len())
	x.frame(frameHead, head.bytes)
	for firms := range slices.Chunk(slices.Concat(m.firms(First), m.firms(Second)), frameFirms) {
		records, prepared := writeFirms(firms)
		x.frame(frameRecords, records)
		x.frame(framePrepared, prepared)
	}
	x.frame(frameEnd, binary.LittleEndian.AppendUint32(nil, x.sum))
	return x.err
}

// imageWriter writes frames and keeps the checksum of all of them.
type imageWriter struct {
	w   io.Writer
	sum uint32
	err error
}

func (x *imageWriter) write(b []byte) {
	if x.err == nil {
		_, x.err = x.w.Write(b)
	}
}

func (x *imageWriter) frame(kind frameKind, content []byte) {
	header := binary.LittleEndian.AppendUint64([]byte{byte(kind)}, uint64(len(content)))
	header = binary.LittleEndian.AppendUint32(header, crc32.Checksum(header, castagnoli))
	sum := binary.LittleEndian.AppendUint32(nil, crc32.Checksum(content, castagnoli))
	x.sum = crc32.Update(crc32.Update(x.sum, castagnoli, header), castagnoli, sum)
	x.write(header)
	x.write(content)
	x.write(sum)
}

// ReadImage reads a market that WriteImage wrote with the same catalogue and weights, and the tag. The market answers as one that is
// made anew of the same profiles and rarity. An image of another version, catalogue or weights, one that breaks off and one in which
// a bit is not as it was written give an error that wraps ErrImage, and nothing else.
func ReadImage(r io.Reader, cat *catalog.Catalog, w *Weights, f Facts) (m *Market, tag []byte, err error) {
	x := &imageReader{r: r}
	head, err := x.head(cat, w)
	if err != nil {
		return nil, nil, err
	}
	var records, prepared [][]byte
	for {
		kind, content, err := x.frame()
		switch {
		case err != nil:
			return nil, nil, err
		case kind == frameRecords && len(records) == len(prepared):
			records = append(records, content)
		case kind == framePrepared && len(records) == len(prepared)+1:
			prepared = append(prepared, content)
		case kind == frameEnd && len(records) == len(prepared):
			if m, err = marketOf(newPreparer(cat, w, head.rarity), f, head.firms, records, prepared); err != nil {
				return nil, nil, err
			}
			return m, head.tag, nil
		default:
			return nil, nil, fmt.Errorf("%w: a frame of kind %d is not where it belongs", ErrImage, kind)
		}
	}
}

// marketOf makes a market of the frames of an image.
func marketOf(prep *preparer, facts Facts, size int, records, prepared [][]byte) (*Market, error) {
	parts, failed := make([][]*firm, len(records)), make([]error, len(records))
	together(len(records), func(i int) {
		parts[i], failed[i] = readFirms(string(records[i]), string(prepared[i]), prep.cat.Len())
		records[i], prepared[i] = nil, nil
	})
	if err := errors.Join(failed...); err != nil {
		return nil, err
	}
	firms := slices.Concat(parts...)
	if len(firms) != size {
		return nil, fmt.Errorf("%w: it has %d organisations and should have %d", ErrImage, len(firms), size)
	}
	m := &Market{prep: prep, facts: facts.canonical()}
	m.lay(firms)
	for _, f := range firms {
		if m.roster.find(f.id) != f {
			return nil, fmt.Errorf("%w: %q stands in it twice", ErrImage, f.id)
		}
	}
	return m, nil
}

// imageHead is what an image says of itself.
type imageHead struct {
	rarity Rarity
	tag    []byte
	firms  int
}

// imageReader reads frames.
type imageReader struct {
	r   io.Reader
	sum uint32
}

// head reads up to the first organisation, and refuses what another program or vocabulary has written.
func (x *imageReader) head(cat *catalog.Catalog, w *Weights) (head imageHead, err error) {
	mark := make([]byte, len(imageMark)+4)
	if err := x.read(mark); err != nil {
		return head, err
	}
	if string(mark[:len(imageMark)]) != imageMark {
		return head, fmt.Errorf("%w: it does not begin as an image does", ErrImage)
	}
	if version := binary.LittleEndian.Uint32(mark[len(imageMark):]); version != imageVersion {
		return head, fmt.Errorf("%w: it is of version %d: want %d", ErrImage, version, imageVersion)
	}
	kind, content, err := x.frame()
	if err != nil {
		return head, err
	}
	r := &recordReader{rest: string(content)}
	catalogue, version, weights, rarity, tag := r.text(), r.text(), r.text(), r.text(), r.text()
	head.firms = r.number(math.MaxInt32)
	switch {
	case kind != frameHead || r.broken || r.rest != "":
		return head, fmt.Errorf("%w: its head is not as it should be", ErrImage)
	case catalogue != cat.Digest():
		return head, fmt.Errorf("%w: it was made with another catalogue, %.12s: want %.12s", ErrImage, catalogue, cat.Digest())
	case version != w.Version || weights != w.digest:
		return head, fmt.Errorf("%w: it was made with weights %s, %.12s: want %s, %.12s", ErrImage, version, weights, w.Version, w.digest)
	}
	if err := head.rarity.UnmarshalText([]byte(rarity)); err != nil {
		return head, fmt.Errorf("%w: %w", ErrImage, err)
	}
	head.tag = []byte(tag)
	return head, nil
}

// frame reads a frame and proves that it is whole; of the end also that nothing follows and that no frame is missing.
func (x *imageReader) frame() (frameKind, []byte, error) {
	header := make([]byte, frameHeader)
	if err := x.read(header); err != nil {
		return 0, nil, err
	}
	if crc32.Checksum(header[:9], castagnoli) != binary.LittleEndian.Uint32(header[9:]) {
		return 0, nil, fmt.Errorf("%w: the checksum of a frame's header is wrong", ErrImage)
	}
	kind, size := frameKind(header[0]), binary.LittleEndian.Uint64(header[1:9])
	if size > frameLimit {
		return 0, nil, fmt.Errorf("%w: a frame says that it has %d bytes: at most %d", ErrImage, size, uint64(frameLimit))
	}
	content, err := x.content(int(size))
	if err != nil {
		return 0, nil, err
	}
	sum := make([]byte, 4)
	if err := x.read(sum); err != nil {
		return 0, nil, err
	}
	if crc32.Checksum(content, castagnoli) != binary.LittleEndian.Uint32(sum) {
		return 0, nil, fmt.Errorf("%w: the checksum of a frame of %d bytes is wrong", ErrImage, size)
	}
	if kind == frameEnd {
		return kind, content, x.ended(content)
	}
	x.sum = crc32.Update(crc32.Update(x.sum, castagnoli, header), castagnoli, sum)
	return kind, content, nil
}

func (x *imageReader) ended(content []byte) error {
	if len(content) != 4 || binary.LittleEndian.Uint32(content) != x.sum {
		return fmt.Errorf("%w: its frames are not those that were written", ErrImage)
	}
	if n, _ := io.ReadFull(x.r, make([]byte, 1)); n > 0 {
		return fmt.Errorf("%w: something follows its end", ErrImage)
	}
	return nil
}

// content reads so many bytes. It takes memory as they come, so that an image that breaks off cannot ask for much.
func (x *imageReader) content(size int) ([]byte, error) {
	const atOnce = 1 << 24
	if size <= atOnce {
		content := make([]byte, size)
		return content, x.read(content)
	}
	var b bytes.Buffer
	if _, err := io.CopyN(&b, x.r, int64(size)); err != nil {
		return nil, cut(err)
	}
	return b.Bytes(), nil
}

func (x *imageReader) read(into []byte) error {
	_, err := io.ReadFull(x.r, into)
	return cut(err)
}

// cut tells a broken-off image from a reader that fails.
func cut(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: it breaks off", ErrImage)
	}
	return err
}
