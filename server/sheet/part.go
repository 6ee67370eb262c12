package sheet

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// part reads one file inside a workbook token by token. It knows no document type and no entity beyond XML's five, keeps count of the
// bytes, and lets no single token grow beyond what a cell may hold.
type part struct {
	name    string
	decoder *xml.Decoder
	counted *budget
	file    io.Closer
	total   int64
	limit   int64
	depth   int
}

// maxToken is the bytes of one token: a start tag or the text of a cell, some entities long.
const maxToken = 4 * maxCell

func openPart(files *zip.Reader, name string, limit int64) (*part, error) {
	for _, f := range files.File {
		if !strings.EqualFold(strings.TrimPrefix(f.Name, "/"), name) {
			continue
		}
		opened, err := f.Open()
		if err != nil {
			return nil, &Error{Key: "sheet.truncated", Cause: err}
		}
		p := &part{name: name, file: opened, limit: limit}
		p.counted = &budget{reader: opened}
		p.decoder = xml.NewDecoder(p.counted)
		p.decoder.CharsetReader = func(string, io.Reader) (io.Reader, error) { return nil, errors.New("a workbook is written in UTF-8") }
		return p, nil
	}
	return nil, nil
}

// next returns the next start, end or text; io.EOF at the end.
func (p *part) next() (xml.Token, error) {
	for {
		p.counted.rest = maxToken
		token, err := p.decoder.Token()
		if p.total += int64(maxToken - p.counted.rest); p.total > p.limit {
			return nil, refuse("sheet.bomb")
		}
		if err != nil {
			return nil, p.wrong(err)
		}
		switch token.(type) {
		case xml.Directive:
			return nil, refuse("sheet.entity")
		case xml.StartElement:
			if p.depth++; p.depth > 64 {
				return nil, refuse("sheet.broken")
			}
			return token, nil
		case xml.EndElement:
			p.depth--
			return token, nil
		case xml.CharData:
			return token, nil
		}
	}
}

// wrong tells what an error of the reader means for the person who sent the file.
func (p *part) wrong(err error) error {
	var own *Error
	var syntax *xml.SyntaxError
	switch {
	case errors.Is(err, io.EOF):
		return io.EOF
	case errors.As(err, &own):
		if own.Key == "sheet.large" {
			return refuse("sheet.cell.any")
		}
		return own
	case errors.As(err, &syntax) && strings.Contains(syntax.Msg, "entity"):
		return &Error{Key: "sheet.entity", Cause: err}
	case errors.As(err, &syntax) && !strings.Contains(syntax.Msg, "unexpected EOF"):
		return &Error{Key: "sheet.broken", Cause: err}
	}
	return &Error{Key: "sheet.truncated", Cause: err}
}

// starts calls do with each start tag to the end of the part.
func (p *part) starts(do func(xml.StartElement) error) error {
	for {
		token, err := p.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if start, ok := token.(xml.StartElement); ok {
			if err := do(start); err != nil {
				return err
			}
		}
	}
}

// text is the characters up to the end of the element that was just started, of all elements inside but the named ones.
func (p *part) text(without ...string) (string, error) {
	var text strings.Builder
	skip, depth := 0, 1
	for depth > 0 {
		token, err := p.next()
		if errors.Is(err, io.EOF) {
			return "", refuse("sheet.truncated")
		}
		if err != nil {
			return "", err
		}
		switch token := token.(type) {
		case xml.StartElement:
			depth++
			for _, name := range without {
				if token.Name.Local == name && skip == 0 {
					skip = depth
				}
			}
		case xml.EndElement:
			if skip == depth {
				skip = 0
			}
			depth--
		case xml.CharData:
			if skip == 0 {
				if text.Len()+len(token) > maxCell {
					return "", refuse("sheet.cell.any")
				}
				text.Write(token)
			}
		}
	}
	return text.String(), nil
}

// attribute returns an attribute by its local name.
func attribute(start xml.StartElement, name string) string {
	for _, a := range start.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
