package sheet

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/korean"
	utf16 "golang.org/x/text/encoding/unicode"
)

// The encodings of a CSV file, as the import's option names them.
const (
	utf8Name  = "utf-8"
	utf16Name = "utf-16"
	cp949Name = "cp949"
	latinName = "windows-1252"
)

// decode makes a file into UTF-8. It never guesses without evidence: bytes that could be several things are asked about, and bytes
// that are not what they were said to be are refused.
func decode(data []byte, said string) (text []byte, name string, err error) {
	switch name = said; {
	case name != "":
	case bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("\xfe\xff")):
		name = utf16Name
	case utf8.Valid(data) && !bytes.ContainsRune(data, 0):
		name = utf8Name
	case zeros(data, 0)+zeros(data, 1) > 0:
		if name = utf16Name; !oneSided(data) {
			return nil, "", refuse("sheet.unknown")
		}
	case western(data):
		name = latinName
	default:
		name = cp949Name
	}
	switch name {
	case utf8Name:
		if !utf8.Valid(data) {
			return nil, "", refuse("sheet.encoding.wrong", name)
		}
		text = bytes.TrimPrefix(data, []byte("\ufeff"))
	case utf16Name:
		text, err = transformed(data, utf16.UTF16(utf16Order(data), utf16.UseBOM))
	case cp949Name:
		text, err = transformed(data, korean.EUCKR)
	case latinName:
		text, err = transformed(data, charmap.Windows1252)
	default:
		return nil, "", refuse("sheet.encoding.unknown", name)
	}
	switch {
	case err == nil && !bytes.ContainsRune(text, 0) && (said != "" || name != cp949Name || korean949(text)):
		return text, name, nil
	case said == "":
		return nil, "", refuse("sheet.encoding.ask")
	}
	return nil, "", refuse("sheet.encoding.wrong", name)
}

// transformed decodes, and refuses what the encoding does not have.
func transformed(data []byte, from encoding.Encoding) ([]byte, error) {
	if len(data)%2 != 0 && from != korean.EUCKR && from != charmap.Windows1252 {
		return nil, refuse("sheet.encoding.wrong", utf16Name)
	}
	text, err := from.NewDecoder().Bytes(data)
	if err == nil && bytes.ContainsRune(text, utf8.RuneError) {
		err = refuse("sheet.encoding.ask")
	}
	return text, err
}

// utf16Order tells the byte order of a text without a mark: in any table, separators and line ends have their zero byte on one side.
func utf16Order(data []byte) utf16.Endianness {
	if zeros(data, 0) > zeros(data, 1) {
		return utf16.BigEndian
	}
	return utf16.LittleEndian
}

// oneSided tells whether most zero bytes stand on one side of the pairs, as in UTF-16, where a few Hangul syllables have one on the other.
func oneSided(data []byte) bool {
	even, odd := zeros(data, 0), zeros(data, 1)
	return even*3 < odd || odd*3 < even
}

// zeros counts the zero bytes at even or odd places of a file's beginning.
func zeros(data []byte, from int) int {
	count := 0
	for i := from; i < min(len(data), 64<<10); i += 2 {
		if data[i] == 0 {
			count++
		}
	}
	return count
}

// korean949 is the evidence for CP949: of all that is not ASCII, nearly everything is a Hangul syllable or the punctuation that goes
// with it, and there are words of two syllables and more. French or German text misread as Korean has lone syllables at best.
func korean949(text []byte) bool {
	syllables, words, others := 0, 0, 0
	before := false
	for _, r := range string(text) {
		syllable := r >= '가' && r <= '힣'
		switch {
		case syllable:
			if syllables++; before {
				words++
			}
		case r >= 0x80 && !strings.ContainsRune("·、㈜㈔㈎ⅠⅡⅢⅣⅤ①②③④⑤⑥⑦⑧⑨「」『』“”‘’…※㎜㎝㎞㎏㎡°±×－／，；：（）", r) && !unicode.Is(unicode.Han, r):
			others++
		}
		before = syllable
	}
	return words > 0 && words*3 >= syllables && others*10 <= syllables
}

// western is the evidence for Windows-1252, in which a spreadsheet program saves CSV in Canada: all that is not ASCII is a letter of French
// and its neighbours or the punctuation that goes with them, and nearly every one stands alone between letters or spaces. In Korean they
// come in pairs; in the Mac's and in eastern European encodings many would be other signs.
func western(data []byte) bool {
	letters, pairs := 0, 0
	before := false
	for _, b := range data {
		letter := strings.ContainsRune(westernLetters, charmap.Windows1252.DecodeByte(b))
		switch {
		case letter:
			if letters++; before {
				pairs++
			}
		case b >= 0x80 && !strings.ContainsRune(westernSigns, charmap.Windows1252.DecodeByte(b)):
			return false
		}
		before = letter
	}
	return letters > 0 && pairs*10 <= letters
}

const (
	westernLetters = "àâäæçéèêëîïôöœùûüÿÀÂÄÆÇÉÈÊËÎÏÔÖŒÙÛÜáíñóúßÁÍÑÓÚ"
	westernSigns   = "’‘“”«»–—…·•°²³½™®©€\u00a0"
)
