package sheet

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"path"
	"slices"
	"strings"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// workbook is what is known of a workbook before one of its sheets is read.
type workbook struct {
	files   *zip.Reader
	sheets  []sheetEntry
	strings []string
	dates   []bool // by cell format: its numbers are days
	from    int    // serial day 0 in days after the usual one: 1462 where days count from 1904
	linked  bool   // has links to other files
}

// sheetEntry is a line in a workbook's list of sheets.
type sheetEntry struct {
	name, part string
	hidden     bool
}

// readWorkbook reads the first visible sheet that has a header.
func readWorkbook(data []byte) (*Table, error) {
	files, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, &Error{Key: "sheet.truncated", Cause: err}
	}
	if err := guardFiles(files); err != nil {
		return nil, err
	}
	w := &workbook{files: files}
	if err := w.open(); err != nil {
		return nil, err
	}
	t := &Table{Format: tandemv1.ImportFirmsRequest_XLSX, source: data}
	var hidden, passed []string
	var chosen, fallback *worksheet
	for _, entry := range w.sheets {
		if entry.hidden {
			hidden = append(hidden, shorten(entry.name))
			continue
		}
		if chosen != nil {
			passed = append(passed, shorten(entry.name))
			continue
		}
		s, err := w.read(entry)
		switch {
		case err != nil:
			return nil, err
		case len(s.grid.lines) == 0:
		case findHeader(s.grid.lines, s.merged).fields > 1:
			chosen = s
		default:
			passed = append(passed, shorten(entry.name))
			if fallback == nil || findHeader(s.grid.lines, s.merged).fields > findHeader(fallback.grid.lines, fallback.merged).fields {
				fallback = s
			}
		}
	}
	if chosen == nil {
		if chosen = fallback; chosen == nil {
			return nil, refuse("sheet.empty")
		}
		passed = slices.DeleteFunc(passed, func(name string) bool { return name == shorten(chosen.entry.name) })
	}
	t.Sheet = chosen.entry.name
	if len(passed) > 0 {
		t.Notices = append(t.Notices, sentence("sheet.notice.sheet", shorten(t.Sheet), strings.Join(passed, ", ")))
	}
	if len(hidden) > 0 {
		t.Notices = append(t.Notices, sentence("sheet.notice.hidden", strings.Join(hidden, ", ")))
	}
	if w.linked {
		t.Notices = append(t.Notices, sentence("sheet.notice.linked"))
	}
	t.Notices = append(t.Notices, chosen.notices()...)
	return t.head(&chosen.grid, chosen.merged)
}

// guardFiles looks at the list of files inside before any is opened.
func guardFiles(files *zip.Reader) error {
	if len(files.File) > maxEntries {
		return refuse("sheet.bomb")
	}
	total := uint64(0)
	book := false
	for _, f := range files.File {
		name := strings.ToLower(strings.TrimPrefix(f.Name, "/"))
		if total += f.UncompressedSize64; total > maxUnzipped || f.UncompressedSize64 > maxUnzipped {
			return refuse("sheet.bomb")
		}
		if f.UncompressedSize64 > largePart && f.UncompressedSize64/max(f.CompressedSize64, 1) > maxRatio {
			return refuse("sheet.bomb")
		}
		switch {
		case f.Flags&1 != 0 || name == "encryptedpackage":
			return refuse("sheet.password")
		case strings.HasSuffix(name, "vbaproject.bin"), strings.HasPrefix(name, "xl/macrosheets/"):
			return refuse("sheet.macro")
		case strings.HasSuffix(name, "workbook.bin"):
			return refuse("sheet.binary")
		case name == "mimetype", name == "content.xml":
			return refuse("sheet.other")
		case name == "xl/workbook.xml":
			book = true
		}
	}
	if !book && !slices.ContainsFunc(files.File, func(f *zip.File) bool { return f.Name == "_rels/.rels" }) {
		return refuse("sheet.unknown")
	}
	return nil
}

// open reads what all sheets share.
func (w *workbook) open() error {
	if err := w.guardTypes(); err != nil {
		return err
	}
	main := "xl/workbook.xml"
	top, err := w.relations("")
	if err != nil {
		return err
	}
	for _, r := range top {
		if strings.HasSuffix(r.kind, "/officeDocument") {
			main = r.target
		}
	}
	related, err := w.relations(main)
	if err != nil {
		return err
	}
	if err := w.list(main, related); err != nil {
		return err
	}
	for _, r := range related {
		var err error
		switch {
		case strings.HasSuffix(r.kind, "/sharedStrings"):
			err = w.readStrings(r.target)
		case strings.HasSuffix(r.kind, "/styles"):
			err = w.readStyles(r.target)
		case strings.HasSuffix(r.kind, "/externalLink"):
			w.linked = true
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// guardTypes refuses a workbook that declares macros, whatever its files are called.
func (w *workbook) guardTypes() error {
	return w.each("[Content_Types].xml", maxSmall, func(_ *part, start xml.StartElement) error {
		kind := strings.ToLower(attribute(start, "ContentType"))
		if !strings.Contains(kind, "macroenabled") && !strings.Contains(kind, "vbaproject") {
			return nil
		}
		// Some programs declare the type of every ".bin" and write none.
		if start.Name.Local == "Default" && !slices.ContainsFunc(w.files.File, func(f *zip.File) bool {
			return strings.HasSuffix(strings.ToLower(f.Name), "."+strings.ToLower(attribute(start, "Extension")))
		}) {
			return nil
		}
		return refuse("sheet.macro")
	})
}

// each calls do with the start tags of a part; a part that is not there has none.
func (w *workbook) each(name string, limit int64, do func(*part, xml.StartElement) error) error {
	p, err := openPart(w.files, name, limit)
	if err != nil || p == nil {
		return err
	}
	defer p.file.Close() //nolint:errcheck // it is only read
	return p.starts(func(start xml.StartElement) error { return do(p, start) })
}

// relation points from one file inside a workbook to another.
type relation struct{ id, kind, target string }

// relations reads whom a part points to; those that lead out of the workbook are left out, since nothing is ever followed.
func (w *workbook) relations(of string) ([]relation, error) {
	dir, base := path.Split(of)
	var list []relation
	err := w.each(path.Join(dir, "_rels", base+".rels"), maxSmall, func(_ *part, start xml.StartElement) error {
		if start.Name.Local != "Relationship" || strings.EqualFold(attribute(start, "TargetMode"), "External") {
			return nil
		}
		target := attribute(start, "Target")
		if strings.HasPrefix(target, "/") {
			target = strings.TrimPrefix(path.Clean(target), "/")
		} else {
			target = path.Join(dir, target)
		}
		list = append(list, relation{attribute(start, "Id"), attribute(start, "Type"), target})
		return nil
	})
	return list, err
}

// list reads the names of the sheets.
func (w *workbook) list(main string, related []relation) error {
	err := w.each(main, maxSmall, func(_ *part, start xml.StartElement) error {
		switch start.Name.Local {
		case "workbookPr":
			if on := attribute(start, "date1904"); on == "1" || on == "true" {
				w.from = 1462
			}
		case "sheet":
			id := attribute(start, "id")
			i := slices.IndexFunc(related, func(r relation) bool { return r.id == id })
			if i < 0 || !strings.HasSuffix(related[i].kind, "/worksheet") {
				return nil // a sheet that holds a chart
			}
			if len(w.sheets) >= maxSheets {
				return refuse("sheet.large")
			}
			state := attribute(start, "state")
			w.sheets = append(w.sheets, sheetEntry{attribute(start, "name"), related[i].target, state != "" && state != "visible"})
		}
		return nil
	})
	if err == nil && len(w.sheets) == 0 {
		err = refuse("sheet.broken")
	}
	return err
}

// readStrings keeps the texts that cells share.
func (w *workbook) readStrings(name string) error {
	total := 0
	return w.each(name, maxPart, func(p *part, start xml.StartElement) error {
		if start.Name.Local != "si" {
			return nil
		}
		text, err := p.text("rPh")
		if err != nil {
			return err
		}
		text = clean(unescape(text))
		if total += len(text); total > maxText || len(w.strings) >= maxStrings {
			return refuse("sheet.large")
		}
		w.strings = append(w.strings, text)
		return nil
	})
}

// readStyles notes which formats show numbers as days.
func (w *workbook) readStyles(name string) error {
	own := make(map[string]bool)
	inside := false
	p, err := openPart(w.files, name, maxSmall)
	if err != nil || p == nil {
		return err
	}
	defer p.file.Close() //nolint:errcheck // it is only read
	for {
		token, err := p.next()
		if err != nil {
			return ended(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			switch token.Name.Local {
			case "numFmt":
				own[attribute(token, "numFmtId")] = dateFormat(attribute(token, "formatCode"))
			case "cellXfs":
				inside = true
			case "xf":
				if inside {
					id := attribute(token, "numFmtId")
					date, known := own[id]
					w.dates = append(w.dates, known && date || !known && slices.Contains(dateIDs, id))
				}
			}
		case xml.EndElement:
			if token.Name.Local == "cellXfs" {
				inside = false
			}
		}
	}
}
