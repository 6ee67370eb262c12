package report

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"google.golang.org/protobuf/proto"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// sourceOf gives a report's pairings one by one, each a message that only the visitor has.
func sourceOf(r *Report) Source {
	list := ordered(r.Pairings)
	return func(wanted func(int) bool, visit func(int, *tandemv1.Pairing) error) error {
		for i, p := range list {
			if wanted != nil && !wanted(i) {
				continue
			}
			if err := visit(i, proto.CloneOf(p)); err != nil {
				return err
			}
		}
		return nil
	}
}

// kindsAndFormats are all reports that need no more than a run.
func kindsAndFormats(t *testing.T, each func(t *testing.T, k tandemv1.DownloadReportRequest_Kind, f tandemv1.DownloadReportRequest_Format)) {
	t.Helper()
	for _, k := range []tandemv1.DownloadReportRequest_Kind{
		match, tandemv1.DownloadReportRequest_HANDOUTS, tandemv1.DownloadReportRequest_PARTNERSHIP, tandemv1.DownloadReportRequest_EXPOSURE,
	} {
		for _, f := range append(formats, tandemv1.DownloadReportRequest_XLSX) {
			if k == tandemv1.DownloadReportRequest_PARTNERSHIP && f == csvs {
				continue
			}
			t.Run(k.String()+" "+f.String(), func(t *testing.T) { each(t, k, f) })
		}
	}
}

// TestSourceGivesTheSameBytes holds a report whose pairings nobody holds against one that has them all.
func TestSourceGivesTheSameBytes(t *testing.T) {
	kindsAndFormats(t, func(t *testing.T, k tandemv1.DownloadReportRequest_Kind, f tandemv1.DownloadReportRequest_Format) {
		held, streamed := fixture(t), fixture(t)
		streamed.Source, streamed.Pairings = sourceOf(held), nil
		var want, got bytes.Buffer
		if err := held.Write(&want, k, f, tandemv1.Language_FR, Options{}); err != nil {
			t.Fatal(err)
		}
		if err := streamed.Write(&got, k, f, tandemv1.Language_FR, Options{}); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got.Bytes(), want.Bytes()) {
			t.Errorf("%d bytes differ from the %d of the report that holds its pairings", got.Len(), want.Len())
		}
	})
}

// TestSourceFails lets each pass over the pairings fail in turn: a report that could not be made whole says so.
func TestSourceFails(t *testing.T) {
	broken := errors.New("the pairings are gone")
	kindsAndFormats(t, func(t *testing.T, k tandemv1.DownloadReportRequest_Kind, f tandemv1.DownloadReportRequest_Format) {
		for last := 1; ; last++ {
			r := fixture(t)
			whole, passes := sourceOf(r), 0
			r.Source = func(wanted func(int) bool, visit func(int, *tandemv1.Pairing) error) error {
				if passes++; passes == last {
					return broken
				}
				return whole(wanted, visit)
			}
			err := r.Write(io.Discard, k, f, tandemv1.Language_EN, Options{})
			if passes < last {
				if err != nil {
					t.Errorf("without a failure: %v", err)
				}
				return
			}
			if !errors.Is(err, broken) {
				t.Errorf("pass %d failed, the report says %v", last, err)
			}
		}
	})
}
