package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

var update = flag.Bool("update", false, "write the golden files anew")

const (
	match = tandemv1.DownloadReportRequest_MATCH
	html  = tandemv1.DownloadReportRequest_HTML
	csvs  = tandemv1.DownloadReportRequest_CSV
	lines = tandemv1.DownloadReportRequest_JSONL
)

var (
	formats   = []tandemv1.DownloadReportRequest_Format{html, csvs, lines}
	languages = []tandemv1.Language{tandemv1.Language_EN, tandemv1.Language_FR, tandemv1.Language_KO}
)

// fixture is a small run: real organisations whose pairings the partnership's announcement names, and two invented ones that
// stated their needs themselves, one of them with a name that a spreadsheet would take for a formula.
func fixture(t testing.TB) *Report {
	t.Helper()
	snapshot, err := os.ReadFile("testdata/snapshot.json")
	if err != nil {
		t.Fatal(err)
	}
	r := &Report{Catalog: catalog.Embedded(), Snapshot: new(tandemv1.Snapshot), Digest: strings.Repeat("0123456789abcdef", 4)}
	if err := protojson.Unmarshal(snapshot, r.Snapshot); err != nil {
		t.Fatalf("testdata/snapshot.json: %v", err)
	}
	pairings, err := os.ReadFile("testdata/pairings.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range bytes.Split(bytes.TrimSpace(pairings), []byte("\n")) {
		p := new(tandemv1.Pairing)
		if err := protojson.Unmarshal(line, p); err != nil {
			t.Fatalf("testdata/pairings.jsonl:%d: %v", i+1, err)
		}
		r.Pairings = append(r.Pairings, p)
	}
	return r
}

func write(t testing.TB, r *Report, f tandemv1.DownloadReportRequest_Format, lang tandemv1.Language) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := r.Write(&b, match, f, lang, Options{}); err != nil {
		t.Fatalf("writing %v in %v: %v", f, lang, err)
	}
	return b.Bytes()
}

func eachFile(t *testing.T, check func(t *testing.T, f tandemv1.DownloadReportRequest_Format, lang tandemv1.Language)) {
	for _, f := range formats {
		for _, lang := range languages {
			t.Run(strings.ToLower(fmt.Sprintf("%v.%v", lang, f)), func(t *testing.T) { check(t, f, lang) })
		}
	}
}

func TestGoldenFiles(t *testing.T) {
	r := fixture(t)
	eachFile(t, func(t *testing.T, f tandemv1.DownloadReportRequest_Format, lang tandemv1.Language) {
		if f == lines && lang != tandemv1.Language_KO {
			return // their form is the same in every language, and they are long
		}
		got := write(t, r, f, lang)
		golden := filepath.Join("testdata", "golden", strings.ToLower(fmt.Sprintf("%v.%v", lang, f)))
		if *update {
			if err := os.WriteFile(golden, got, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(got), "\n")); diff != "" {
			t.Errorf("%s is not what the writer writes; if the new one is better, run the test with -update (-want +got):\n%s", golden, diff)
		}
	})
}

func TestSameBytesWhateverTheOrder(t *testing.T) {
	plain, shuffled := fixture(t), fixture(t)
	chance := rand.New(rand.NewSource(7))
	chance.Shuffle(len(shuffled.Pairings), func(i, j int) {
		shuffled.Pairings[i], shuffled.Pairings[j] = shuffled.Pairings[j], shuffled.Pairings[i]
	})
	firms := shuffled.Snapshot.Firms
	chance.Shuffle(len(firms), func(i, j int) { firms[i], firms[j] = firms[j], firms[i] })
	slices.Reverse(shuffled.Snapshot.Frameworks)
	slices.Reverse(shuffled.Snapshot.Programs)
	before := proto.CloneOf(shuffled.Pairings[0])
	eachFile(t, func(t *testing.T, f tandemv1.DownloadReportRequest_Format, lang tandemv1.Language) {
		want := write(t, plain, f, lang)
		for range 5 {
			if !bytes.Equal(want, write(t, plain, f, lang)) {
				t.Fatal("the same report gave other bytes the second time")
			}
		}
		if !bytes.Equal(want, write(t, shuffled, f, lang)) {
			t.Error("the order of the input shows in the file")
		}
	})
	if diff := cmp.Diff(before, shuffled.Pairings[0], protocmp.Transform()); diff != "" {
		t.Errorf("writing changed a pairing (-before +after):\n%s", diff)
	}
}

// numbers are what every format must say alike about a pairing.
type numbers struct {
	Position, Score, FirstRank, SecondRank, FirstCoverage, SecondCoverage int
	Points                                                                []int // needs of the first, of the second, then each other kind
}

// TestSameNumbersInAllFormats takes the numbers out of each file again.
func TestSameNumbersInAllFormats(t *testing.T) {
	r := fixture(t)
	for _, lang := range languages {
		want := numbersOfLines(t, write(t, r, lines, lang))
		if len(want) != len(r.Pairings) {
			t.Fatalf("%v: JSON Lines has %d pairings, want %d", lang, len(want), len(r.Pairings))
		}
		if diff := cmp.Diff(want, numbersOfCSV(t, write(t, r, csvs, lang))); diff != "" {
			t.Errorf("%v: JSON Lines and CSV differ (-jsonl +csv):\n%s", lang, diff)
		}
		page := parse(t, write(t, r, html, lang))
		for name, n := range want {
			place := page.byID(t, "p"+strconv.Itoa(n.Position))
			if !strings.Contains(digitsOnly(place.text()), strconv.Itoa(n.Score)) {
				t.Errorf("%v: HTML shows %s without its score %d: %q", lang, name, n.Score, place.text())
			}
			sum := 0
			for _, points := range n.Points {
				sum += points
			}
			if sum != n.Score {
				t.Errorf("%v: the points of %s sum to %d, want its score %d", lang, name, sum, n.Score)
			}
		}
	}
}

// digitsOnly takes the marks between groups of digits out of a text.
func digitsOnly(s string) string { return strings.NewReplacer(",", "", "\u00a0", "").Replace(s) }

func numbersOfLines(t *testing.T, file []byte) map[string]numbers {
	t.Helper()
	all := map[string]numbers{}
	for line := range bytes.Lines(file) {
		var head struct{ Position int }
		if err := json.Unmarshal(line, &head); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		p := new(tandemv1.Pairing)
		if err := (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(line, p); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		sums := take(p)
		n := numbers{
			Position: head.Position, Score: int(p.Score), FirstRank: int(p.FirstRank), SecondRank: int(p.SecondRank),
			FirstCoverage: int(p.FirstCoverage), SecondCoverage: int(p.SecondCoverage), Points: sums.needs[:],
		}
		for _, kind := range otherKinds() {
			n.Points = append(n.Points, sums.kinds[kind])
		}
		all[id(p.Name)] = n
	}
	return all
}

func numbersOfCSV(t *testing.T, file []byte) map[string]numbers {
	t.Helper()
	all := map[string]numbers{}
	records, err := csv.NewReader(bytes.NewReader(file)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	list := columns()
	for _, record := range records[1:] {
		cell := func(key string) int {
			t.Helper()
			i := slices.IndexFunc(list, func(c column) bool { return c.key == key })
			n, err := strconv.Atoi(record[i])
			if err != nil {
				t.Fatalf("column %s: %v", key, err)
			}
			return n
		}
		n := numbers{
			Position: cell("position"), Score: cell("score"), FirstRank: cell("first_rank"), SecondRank: cell("second_rank"),
			FirstCoverage: cell("first_coverage"), SecondCoverage: cell("second_coverage"),
			Points: []int{cell("first_needs"), cell("second_needs")},
		}
		for _, kind := range otherKinds() {
			n.Points = append(n.Points, cell("points_"+kind.String()))
		}
		all[record[1]] = n
	}
	return all
}

// TestLinesAreProtobufJSON reads each line back and compares it with the pairing that went in.
func TestLinesAreProtobufJSON(t *testing.T) {
	r := fixture(t)
	byName := map[string]*tandemv1.Pairing{}
	for _, p := range r.Pairings {
		byName[p.Name] = p
	}
	for line := range bytes.Lines(write(t, r, lines, tandemv1.Language_KO)) {
		if !bytes.HasPrefix(line, []byte(`{"position":`)) || bytes.Contains(line, []byte(`": `)) {
			t.Errorf("want position first and no spaces between keys and values: %.80s", line)
		}
		got := new(tandemv1.Pairing)
		if err := (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(line, got); err != nil {
			t.Fatal(err)
		}
		if len(got.Reasons) == 0 || got.Reasons[0].Text == "" {
			t.Errorf("%s: its first reason is not rendered: %v", got.Name, got.Reasons)
		}
		ignore := protocmp.IgnoreFields(&tandemv1.Sentence{}, "text")
		if diff := cmp.Diff(byName[got.Name], got, protocmp.Transform(), ignore); diff != "" {
			t.Errorf("%s (-in +out):\n%s", got.Name, diff)
		}
		var keys struct {
			AsOf   string `json:"as_of"`
			Digest string
		}
		if err := json.Unmarshal(line, &keys); err != nil || keys.AsOf != r.Snapshot.AsOf || keys.Digest != r.Digest {
			t.Errorf("as_of %q, digest %q (%v): want %q, %q", keys.AsOf, keys.Digest, err, r.Snapshot.AsOf, r.Digest)
		}
	}
}

// TestEveryLanguageIsComplete looks for the marks that an unknown key or a missing argument leaves, and goes through every label
// that a value of the contract can ask for.
func TestEveryLanguageIsComplete(t *testing.T) {
	r := fixture(t)
	eachFile(t, func(t *testing.T, f tandemv1.DownloadReportRequest_Format, lang tandemv1.Language) {
		file := string(write(t, r, f, lang))
		for _, mark := range []string{"«report.", "«engine.", "«notice.", "UNSPECIFIED", "{0", "{1"} {
			if i := strings.Index(file, mark); i >= 0 {
				t.Errorf("%q in ...%s...", mark, file[max(0, i-60):min(len(file), i+60)])
			}
		}
	})
	var keys []string
	for n := range tandemv1.Pairing_Section_name {
		keys = append(keys, "report.section."+tandemv1.Pairing_Section(n).String())
	}
	for _, part := range bestOf {
		keys = append(keys, "report.section."+part.section.String()+".intro")
	}
	for n := range tandemv1.Pairing_Tier_name {
		keys = append(keys, "report.tier."+tandemv1.Pairing_Tier(n).String())
	}
	for n := range tandemv1.ProgramUse_State_name {
		keys = append(keys, "report.award."+tandemv1.ProgramUse_State(n).String())
	}
	for _, c := range columns() {
		keys = append(keys, "report.column."+c.key)
	}
	for _, class := range spreadClasses {
		keys = append(keys, "report.spread."+class)
	}
	for _, c := range r.Catalog.Capabilities() {
		if c.Parent == "" {
			keys = append(keys, "report.domain."+c.Code)
		}
	}
	for _, key := range keys {
		if !r.Catalog.HasSentence(key) {
			t.Errorf("messages.csv has no %s", key)
		}
	}
}

func TestEmptyReport(t *testing.T) {
	r := fixture(t)
	r.Pairings, r.Snapshot.Firms = nil, nil
	eachFile(t, func(t *testing.T, f tandemv1.DownloadReportRequest_Format, lang tandemv1.Language) {
		file := write(t, r, f, lang)
		if f == html && !strings.Contains(parse(t, file).text(), mustReader(t, r, lang).say("report.none")) {
			t.Error("the page does not say that there is no pairing")
		}
	})
}

func mustReader(t *testing.T, r *Report, lang tandemv1.Language) *reader {
	t.Helper()
	reader, err := r.reader(lang)
	if err != nil {
		t.Fatal(err)
	}
	return reader
}

func TestUnknownFormatAndLanguage(t *testing.T) {
	r := fixture(t)
	if err := r.Write(io.Discard, match, 9, tandemv1.Language_EN, Options{}); err == nil || !strings.Contains(err.Error(), "HTML, CSV, JSONL or XLSX") {
		t.Errorf("format 9: %v, want an error that names the formats", err)
	}
	if err := r.Write(io.Discard, match, html, 9, Options{}); err == nil || !strings.Contains(err.Error(), "EN, FR or KO") {
		t.Errorf("language 9: %v, want an error that names the languages", err)
	}
	r.Snapshot.Partnership.Sides = r.Snapshot.Partnership.Sides[:1]
	if err := r.Write(io.Discard, match, html, tandemv1.Language_EN, Options{}); err == nil || !strings.Contains(err.Error(), "2") {
		t.Errorf("one side: %v, want an error that asks for 2", err)
	}
}

// failing is a writer whose disk is full.
type failing struct{ left int }

func (f *failing) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, io.ErrShortWrite
	}
	return len(p), nil
}

func TestWriteErrorsAreReported(t *testing.T) {
	r := fixture(t)
	eachFile(t, func(t *testing.T, f tandemv1.DownloadReportRequest_Format, lang tandemv1.Language) {
		if err := r.Write(&failing{left: 5000}, match, f, lang, Options{BOM: true}); err == nil {
			t.Error("a full disk went unnoticed")
		}
	})
}

// large repeats the fixture's pairings under other names until a report is as long as one of a real run.
func large(t testing.TB) *Report {
	t.Helper()
	r := fixture(t)
	some := r.Pairings
	for i := 0; len(r.Pairings) < 1500; i++ {
		p := proto.CloneOf(some[i%len(some)])
		p.Name += strconv.Itoa(i)
		r.Pairings = append(r.Pairings, p)
	}
	return r
}

// TestSizeOfARealRun keeps the page of 1,500 pairings below 2 MB.
func TestSizeOfARealRun(t *testing.T) {
	if size := len(write(t, large(t), html, tandemv1.Language_FR)); size > 2_000_000 {
		t.Errorf("the page has %d bytes, want at most 2,000,000", size)
	}
}

func BenchmarkWrite(b *testing.B) {
	r := large(b)
	for _, f := range formats {
		b.Run(strings.ToLower(f.String()), func(b *testing.B) {
			for b.Loop() {
				b.SetBytes(int64(len(write(b, r, f, tandemv1.Language_KO))))
			}
		})
	}
}
