package sheet

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	"github.com/canada-korea-roadshow/tandem/matching/names"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// Row is an organisation as a row of a table states it.
type Row struct {
	// Number of the row in its sheet or file, from 1.
	Number int
	// Firm is what was understood; it always has a name, unless the row is refused. What is not stated is empty, and what could not be
	// understood too, with a problem.
	Firm *tandemv1.Firm
	// Derived is true where the row states no id, and Firm.name was made from its external id or its name. The register may know
	// the organisation under another.
	Derived bool
	// Delete is true where the row asks for the organisation to be deleted.
	Delete bool
	// Problems of the row; one that is marked as refused makes the row unusable, the others leave out a value.
	Problems []*tandemv1.ImportFirmsResponse_RowProblem
}

// Refused tells whether nothing can be made of the row.
func (r Row) Refused() bool {
	return slices.ContainsFunc(r.Problems, func(p *tandemv1.ImportFirmsResponse_RowProblem) bool { return p.GetRefused() })
}

// Firms reads the rows of a table. The partnership, which may be nil, tells what its sides are called.
func Firms(c *catalog.Catalog, p *tandemv1.Partnership, t *Table, columns []*tandemv1.ImportFirmsResponse_ColumnGuess) []Row {
	w := newWords(c, p)
	var rows []Row
	for _, line := range t.Rows {
		r := &reader{words: w, line: line, columns: columns, row: Row{Number: line.Number, Firm: new(tandemv1.Firm)}}
		if _, example := w.value("example", r.cell(fieldName)); example || r.blank() {
			continue
		}
		r.read()
		rows = append(rows, r.row)
	}
	refuseTwins(rows)
	excludeByName(rows, t, columns)
	return rows
}

// reader reads one row.
type reader struct {
	words   *words
	line    Line
	columns []*tandemv1.ImportFirmsResponse_ColumnGuess
	row     Row
}

// cell is the text of the columns for a field; of several, one a line.
func (r *reader) cell(field string) string {
	var texts []string
	for i, column := range r.columns {
		if text := r.line.Cell(i); column.GetField() == field && text != "" {
			texts = append(texts, text)
		}
	}
	return strings.Join(texts, "\n")
}

// blank tells whether nothing stands in a column that is understood.
func (r *reader) blank() bool {
	for i, column := range r.columns {
		if f := column.GetField(); f != "" && f != fieldProblem && f != fieldNearest && r.line.Cell(i) != "" {
			return false
		}
	}
	return true
}

// wrong notes a problem of a field.
func (r *reader) wrong(refused bool, field string, near []string, key string, args ...any) {
	r.row.Problems = append(r.row.Problems, &tandemv1.ImportFirmsResponse_RowProblem{
		Row: int32(r.line.Number), Field: field, Column: headerOf(r.columns, field), //nolint:gosec // at most lastRow
		Problem: sentence(key, args...), NearestCodes: near, Refused: refused,
	})
}

// headerOf is the header of the first column that holds a field.
func headerOf(columns []*tandemv1.ImportFirmsResponse_ColumnGuess, field string) string {
	for base := field; base != ""; base, _, _ = strings.Cut(base, "[") {
		for _, column := range columns {
			if column.GetField() == base {
				return column.GetHeader()
			}
		}
		if !strings.Contains(base, "[") {
			break
		}
	}
	return ""
}

func (r *reader) read() {
	f := r.row.Firm
	f.DisplayName, f.NativeName = oneLine(r.cell(fieldDisplayName)), oneLine(r.cell(fieldNativeName))
	if f.DisplayName == "" {
		f.DisplayName = f.NativeName
	}
	f.ExternalId = r.cell(fieldExternalID)
	f.City = oneLine(r.cell(fieldCity))
	f.Summary, f.SummaryNative = r.cell(fieldSummary), r.cell(fieldSummaryNative)
	if f.SummaryNative == "" && r.cell(fieldName) == "" && hasHangul(f.Summary) {
		f.Summary, f.SummaryNative = "", f.Summary
	}
	f.ResponsibleUseStatement = r.cell(fieldStatement)
	r.readName()
	r.readPlace()
	r.readSorts()
	r.readContact()
	r.readLists()
	r.readOffers()
	r.readNeeds()
	if text := r.cell(fieldDelete); text != "" {
		_, yes := r.words.value("yes", text)
		if _, no := r.words.value("no", text); !yes && !no {
			r.wrong(true, fieldDelete, nil, "sheet.problem.delete", shorten(text))
		}
		r.row.Delete = yes
	}
}

// oneLine joins a name that a narrow cell has broken.
func oneLine(s string) string {
	if !strings.ContainsAny(s, "\n\t") {
		return s
	}
	return strings.Join(strings.Fields(s), " ")
}

var (
	idForm   = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,79}$`)
	notIDs   = regexp.MustCompile(`[^a-z0-9]+`)
	hangulID = "org-"
)

// readName takes the row's id, or makes one that is the same whenever the row is read again.
func (r *reader) readName() {
	f := r.row.Firm
	if said := r.cell(fieldName); said != "" {
		id := strings.TrimPrefix(said, "firms/")
		if !idForm.MatchString(id) {
			r.wrong(true, fieldName, nil, "sheet.problem.id", shorten(said), idOf(said))
			return
		}
		f.Name = "firms/" + id
		return
	}
	r.row.Derived = true
	switch {
	case f.GetDisplayName() != "":
		f.Name = "firms/" + idOf(f.GetDisplayName())
	case f.GetExternalId() != "":
		f.Name = "firms/" + idOf(f.GetExternalId())
	default:
		r.wrong(true, fieldDisplayName, nil, "sheet.problem.nameless")
	}
}

// idOf makes an id of a name: its Latin letters and digits, or a short hash of a name in another script.
func idOf(name string) string {
	folded := names.Fold(name)
	id := strings.Trim(notIDs.ReplaceAllString(folded, "-"), "-")
	id = strings.Trim(id[:min(len(id), 60)], "-")
	if foreign := strings.ContainsFunc(folded, func(r rune) bool { return r >= 0x80 && wordKey(string(r)) != "" }); foreign || len(id) < 2 {
		sum := sha256.Sum256([]byte(names.Key(name)))
		return hangulID + hex.EncodeToString(sum[:5])
	}
	return id
}

// readPlace reads country and region. A region that is certain tells the country where none is stated.
func (r *reader) readPlace() {
	f := r.row.Firm
	if text := r.cell(fieldCountry); text != "" {
		if f.Country = r.words.country(text); f.Country == "" {
			r.wrong(false, fieldCountry, nil, "sheet.problem.country", shorten(text))
		}
	}
	text := r.cell(fieldRegion)
	if text == "" {
		return
	}
	code, near := r.words.region(text, f.GetCountry())
	switch {
	case code != "":
		f.Region = code
		if country, _, _ := strings.Cut(code, "-"); f.Country == "" && r.cell(fieldCountry) == "" {
			f.Country = country
		}
	case f.GetCountry() != "" && !r.words.catalog.HasCountry(f.GetCountry()) && regionForm.MatchString(text) && strings.HasPrefix(text, f.GetCountry()):
		f.Region = text
	case len(near) > 0 && f.GetCountry() != "" && !strings.HasPrefix(near[0], f.GetCountry()):
		r.wrong(false, fieldRegion, near, "sheet.problem.region.abroad", shorten(text), named("country:"+f.GetCountry()))
	default:
		r.wrong(false, fieldRegion, near, "sheet.problem.region", shorten(text))
	}
}

var regionForm = regexp.MustCompile(`^[A-Z]{2}-[A-Z0-9]{1,3}$`)

// readSorts reads kind, size, the share of women and provenance.
func (r *reader) readSorts() {
	f := r.row.Firm
	if text := r.cell(fieldKind); text != "" {
		var ok bool
		if f.Kind, ok = r.words.kind(text); !ok {
			before, _, _ := strings.Cut(text, "(")
			if f.Kind, ok = r.words.kind(before); !ok {
				r.wrong(false, fieldKind, nil, "sheet.problem.kind", shorten(text))
			}
		}
	}
	if text := r.cell(fieldSize); text != "" {
		var ok bool
		f.Size, ok = r.words.size(text)
		if _, sme := r.words.value("sme", text); sme && !ok {
			r.wrong(false, fieldSize, nil, "sheet.problem.size.sme", shorten(text))
		} else if !ok {
			r.wrong(false, fieldSize, nil, "sheet.problem.size", shorten(text))
		}
	}
	if text := r.cell(fieldWomen); text != "" {
		if f.WomenPercent = percent(text); f.WomenPercent == nil {
			r.wrong(false, fieldWomen, nil, "sheet.problem.women_percent", shorten(text))
		}
	}
	if text := r.cell(fieldProvenance); text != "" {
		value, ok := r.words.value("provenance", text)
		if !ok {
			r.wrong(false, fieldProvenance, nil, "sheet.problem.provenance", shorten(text))
		}
		f.Provenance = tandemv1.Firm_Provenance(tandemv1.Firm_Provenance_value[value])
	}
}

// percent reads a whole number from 0 to 100; nil where it is none. A fraction is not guessed at: 0.5 may be a half or half of one.
func percent(text string) *int32 {
	n, err := strconv.ParseUint(strings.TrimSpace(strings.TrimRight(text, "%％ \u00a0\u202f")), 10, 8)
	if err != nil || n > 100 {
		return nil
	}
	return proto.Int32(int32(n))
}

func (r *reader) readContact() {
	contact := &tandemv1.Contact{DisplayName: oneLine(r.cell(fieldContactName)), Phone: oneLine(r.cell(fieldContactPhone))}
	if text := strings.TrimPrefix(strings.TrimSpace(r.cell(fieldContactEmail)), "mailto:"); text != "" {
		if emailForm.MatchString(text) {
			contact.Email = text
		} else {
			r.wrong(false, fieldContactEmail, nil, "sheet.problem.email", shorten(text))
		}
	}
	if contact.GetDisplayName() != "" || contact.GetEmail() != "" || contact.GetPhone() != "" {
		r.row.Firm.Contact = contact
	}
}

// readLists reads modes, languages and programmes.
func (r *reader) readLists() {
	f := r.row.Firm
	for _, text := range r.list(fieldModes, func(s string) bool { _, ok := r.words.mode(s); return ok }) {
		if mode, ok := r.words.mode(text); !ok {
			r.wrong(false, fieldModes, nil, "sheet.problem.mode", shorten(text))
		} else if !slices.Contains(f.Modes, mode) {
			f.Modes = append(f.Modes, mode)
		}
	}
	for _, text := range r.list(fieldLanguages, func(s string) bool { _, ok := r.words.language(s); return ok }) {
		if language, ok := r.words.language(text); !ok {
			r.wrong(false, fieldLanguages, nil, "sheet.problem.language", shorten(text))
		} else if !slices.Contains(f.Languages, language) {
			f.Languages = append(f.Languages, language)
		}
	}
	for _, text := range r.list(fieldPrograms, func(s string) bool { _, ok := r.words.program(s); return ok || strings.HasPrefix(s, "programs/") }) {
		id, ok := r.words.program(text)
		if !ok && strings.HasPrefix(text, "programs/") {
			id, ok = strings.TrimPrefix(text, "programs/"), true // one that organisers added: the server knows
		}
		if !ok {
			r.wrong(false, fieldPrograms, nil, "sheet.problem.program", shorten(text))
		} else if name := "programs/" + id; !slices.Contains(f.Programs, name) {
			f.Programs = append(f.Programs, name)
		}
	}
}

// list cuts a cell of several values: a piece that is one stays whole, another is cut further.
func (r *reader) list(field string, is func(string) bool) []string {
	var list []string
	for line := range strings.SplitSeq(r.cell(field), "\n") {
		for _, piece := range pieces(line) {
			if is(piece) {
				list = append(list, piece)
			} else {
				list = append(list, softPieces(piece)...)
			}
		}
	}
	return list
}

// refuseTwins marks all rows that are one by their id or their external id: nobody but the writer knows which counts.
func refuseTwins(rows []Row) {
	for _, by := range []struct {
		field, key string
		of         func(*tandemv1.Firm) string
	}{
		{fieldName, "sheet.problem.twin", (*tandemv1.Firm).GetName},
		{fieldExternalID, "sheet.problem.twin.external", (*tandemv1.Firm).GetExternalId},
	} {
		places := make(map[string][]int)
		for i := range rows {
			if value := by.of(rows[i].Firm); value != "" {
				places[value] = append(places[value], i)
			}
		}
		for i := range rows {
			twins := places[by.of(rows[i].Firm)]
			if len(twins) < 2 {
				continue
			}
			other := twins[0]
			if other == i {
				other = twins[1]
			}
			value := strings.TrimPrefix(by.of(rows[i].Firm), "firms/")
			rows[i].Problems = append(rows[i].Problems, &tandemv1.ImportFirmsResponse_RowProblem{
				Row: int32(rows[i].Number), Field: by.field, Refused: true, //nolint:gosec // at most lastRow
				Problem: sentence(by.key, shorten(value), rows[other].Number),
			})
		}
	}
}

// excludeByName reads the exclusions, which may name organisations of the same list as well as ids.
func excludeByName(rows []Row, t *Table, columns []*tandemv1.ImportFirmsResponse_ColumnGuess) {
	if headerOf(columns, fieldExclusions) == "" && !slices.ContainsFunc(columns, func(g *tandemv1.ImportFirmsResponse_ColumnGuess) bool { return g.GetField() == fieldExclusions }) {
		return
	}
	ids := make(map[string]string)
	for _, row := range rows {
		for _, name := range []string{row.Firm.GetDisplayName(), row.Firm.GetNativeName()} {
			if key := names.Key(name); key != "" {
				ids[key] = row.Firm.GetName()
			}
		}
	}
	lines := make(map[int]Line, len(t.Rows))
	for _, line := range t.Rows {
		lines[line.Number] = line
	}
	for i := range rows {
		r := &reader{line: lines[rows[i].Number], columns: columns, row: rows[i]}
		for _, text := range r.list(fieldExclusions, func(s string) bool { return ids[names.Key(s)] != "" || strings.HasPrefix(s, "firms/") }) {
			id := ids[names.Key(text)]
			if bare := strings.TrimPrefix(text, "firms/"); id == "" && idForm.MatchString(bare) {
				id = "firms/" + bare
			}
			if id == "" {
				r.wrong(false, fieldExclusions, nil, "sheet.problem.exclusion", shorten(text))
			} else if !slices.Contains(r.row.Firm.Exclusions, id) {
				r.row.Firm.Exclusions = append(r.row.Firm.Exclusions, id)
			}
		}
		rows[i] = r.row
	}
}
