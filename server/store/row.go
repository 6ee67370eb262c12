package store

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// Kind is a sort of row, such as "firms": names are unique within it.
type Kind string

// Row is one stored message and what it is found by.
type Row struct {
	// Name is the resource name, such as "matchRuns/r1/results/a~b". What stands
	// before its last two segments is the row's parent: lists stay within one.
	Name string
	// Message is the resource itself. Its type must be linked into the binary.
	Message proto.Message
	// Terms are what filters find the row by, such as "country=KR".
	Terms []string
	// Unique are values that no other row of the kind has, such as "external_id=X".
	Unique []string
	// DisplayName is compared bytewise by the order of that name.
	DisplayName string
	// Position is compared by the order of that name.
	Position int64
	// Deleted marks a soft delete: lists leave the row out unless asked.
	Deleted bool

	// Revision at which the row was last written; set by the store.
	Revision int32
	// UpdateTime is Tx.Now of that; set by the store.
	UpdateTime time.Time
	// Digest is the SHA-256 of all of the above; set by the store.
	Digest []byte
}

// ParentOf returns the parent that a name lies under: "" for "firms/x",
// "matchRuns/r1" for "matchRuns/r1/results/a~b".
func ParentOf(name string) string {
	for range 2 {
		i := strings.LastIndexByte(name, '/')
		if i < 0 {
			return ""
		}
		name = name[:i]
	}
	return name
}

// Put writes a row, new or not.
func (tx *Tx) Put(kind Kind, r Row) error {
	return tx.put(kind, r, true)
}

// Insert writes a new row; it returns an ExistsError where the name is taken,
// also by a row that was deleted softly.
func (tx *Tx) Insert(kind Kind, r Row) error {
	return tx.put(kind, r, false)
}

// Get reads the message of a row into a message of its type; ErrNotFound where
// there is none. A row that was deleted softly is there.
func (tx *Tx) Get(kind Kind, name string, into proto.Message) error {
	r, err := tx.load(kind, name)
	if err != nil {
		return err
	}
	return r.decodeInto(kind, into)
}

// Row reads a row with all that belongs to it.
func (tx *Tx) Row(kind Kind, name string) (Row, error) {
	r, err := tx.load(kind, name)
	if err != nil {
		return Row{}, err
	}
	return r.decode(kind)
}

// Find reads the row that has a Unique value; ErrNotFound where none has.
func (tx *Tx) Find(kind Kind, unique string) (Row, error) {
	if err := tx.usable(false); err != nil {
		return Row{}, err
	}
	name, err := tx.holder(kind, unique)
	if err != nil {
		return Row{}, err
	}
	if name == "" {
		return Row{}, fmt.Errorf("%s with %s: %w", kind, unique, ErrNotFound)
	}
	r, err := tx.Row(kind, name)
	if err == nil && !slices.Contains(r.Unique, unique) {
		return Row{}, fmt.Errorf("%s %s: %w: it does not have %s", kind, name, ErrCorrupt, unique)
	}
	return r, err
}

// Delete removes a row for good; ErrNotFound where there is none. It is for
// derived rows: what people wrote is marked Deleted instead.
func (tx *Tx) Delete(kind Kind, name string) error {
	if err := tx.usable(true); err != nil {
		return err
	}
	old, err := tx.load(kind, name)
	if err != nil {
		return err
	}
	if _, err := tx.exec("delete row", "DELETE FROM rows WHERE id = ?", old.id); err != nil {
		return err
	}
	return tx.change(kind, name, true, old.digest, nil)
}

// stored is a row as it lies in its table.
type stored struct {
	id int64
	Row
	kind           Kind
	typ            string
	terms, uniques string
	updateTime     int64
	message        []byte
	digest         []byte
}

const rowColumns = "r.id, r.name, r.type, r.display_name, r.position, r.update_time, r.revision, r.deleted, r.terms, r.uniques, r.digest, r.message"

// scan reads rowColumns. What they say is believed after check only.
func (r *stored) scan(scan func(...any) error) error {
	return scan(&r.id, &r.Name, &r.typ, &r.DisplayName, &r.Position, &r.updateTime, &r.Revision, &r.Deleted, &r.terms, &r.uniques, &r.digest, &r.message)
}

// sum is the row's digest, of everything that it is read or found by.
func (r *stored) sum() []byte {
	return newSum("rows").text(string(r.kind)).text(r.Name).text(r.typ).text(r.DisplayName).number(r.Position).
		number(r.updateTime).number(int64(r.Revision)).flag(r.Deleted).text(r.terms).text(r.uniques).bytes(r.message).digest()
}

// load reads a row and checks it.
func (tx *Tx) load(kind Kind, name string) (*stored, error) {
	if err := tx.usable(false); err != nil {
		return nil, err
	}
	r := &stored{kind: kind}
	err := r.scan(tx.row("SELECT "+rowColumns+` FROM rows r WHERE r.name = ? AND r.collection = (SELECT id FROM collections WHERE kind = ? AND parent = ?)`,
		name, string(kind), ParentOf(name)).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("%s %s: %w", kind, name, ErrNotFound)
	}
	if err != nil {
		return nil, tx.store.judge("read row", err)
	}
	return r, tx.store.check(r, ParentOf(name))
}

// check compares a row with its digest and its place.
func (s *Store) check(r *stored, parent string) error {
	if s.options.trustDigests {
		return nil
	}
	if !bytes.Equal(r.digest, r.sum()) {
		return fmt.Errorf("%s %q: %w: it does not match its digest", r.kind, r.Name, ErrCorrupt)
	}
	if ParentOf(r.Name) != parent {
		return fmt.Errorf("%s %q: %w: it lies under %q", r.kind, r.Name, ErrCorrupt, parent)
	}
	return nil
}

// decode makes the Row of a checked row.
func (r *stored) decode(kind Kind) (Row, error) {
	t, err := protoregistry.GlobalTypes.FindMessageByName(protoreflect.FullName(r.typ))
	if err != nil {
		return Row{}, fmt.Errorf("%s %s: message type %s: %w", kind, r.Name, r.typ, err)
	}
	r.Message = t.New().Interface()
	if err := r.decodeInto(kind, r.Message); err != nil {
		return Row{}, err
	}
	var terms, uniques error
	r.Terms, terms = decodeSet(r.terms)
	r.Unique, uniques = decodeSet(r.uniques)
	if err := errors.Join(terms, uniques); err != nil {
		return Row{}, fmt.Errorf("%s %s: %w: %w", kind, r.Name, ErrCorrupt, err)
	}
	r.UpdateTime = time.Unix(0, r.updateTime).UTC()
	r.Digest = r.digest
	return r.Row, nil
}

func (r *stored) decodeInto(kind Kind, into proto.Message) error {
	if got := string(into.ProtoReflect().Descriptor().FullName()); got != r.typ {
		return fmt.Errorf("%w: %s %s is a %s, asked for as %s", ErrMisuse, kind, r.Name, r.typ, got)
	}
	if err := proto.Unmarshal(r.message, into); err != nil {
		return fmt.Errorf("%s %s: %w: %w", kind, r.Name, ErrCorrupt, err)
	}
	return nil
}

// encode makes what lies in the table of a Row.
func (tx *Tx) encode(kind Kind, row Row) (*stored, error) {
	if row.Message == nil || kind == "" || row.Name == "" {
		return nil, fmt.Errorf("%w: a row needs kind, name and message (%s %s)", ErrMisuse, kind, row.Name)
	}
	r := &stored{kind: kind, Row: row}
	var err error
	if r.message, err = (proto.MarshalOptions{Deterministic: true}).Marshal(row.Message); err != nil {
		return nil, fmt.Errorf("%s %s: %w: %w", kind, row.Name, ErrMisuse, err)
	}
	if r.terms, err = encodeSet(row.Terms); err != nil {
		return nil, fmt.Errorf("%s %s: %w", kind, row.Name, err)
	}
	if r.uniques, err = encodeSet(row.Unique); err != nil {
		return nil, fmt.Errorf("%s %s: %w", kind, row.Name, err)
	}
	if err := checkText(string(kind), row.Name, row.DisplayName); err != nil {
		return nil, err
	}
	if r.Revision, err = tx.Revision(); err != nil {
		return nil, err
	}
	r.typ = string(row.Message.ProtoReflect().Descriptor().FullName())
	r.updateTime = tx.now.UnixNano()
	r.digest = r.sum()
	return r, nil
}

// encodeSet writes strings as a sorted JSON array without repetition.
func encodeSet(values []string) (string, error) {
	if len(values) == 0 {
		return "[]", nil
	}
	if err := checkText(values...); err != nil {
		return "", err
	}
	set := slices.Compact(slices.Sorted(slices.Values(values)))
	text, err := json.Marshal(set)
	return string(text), err
}

func decodeSet(text string) (values []string, err error) {
	if text == "[]" {
		return nil, nil
	}
	return values, json.Unmarshal([]byte(text), &values)
}

// checkText refuses what would not come back from a text column as it went in.
func checkText(values ...string) error {
	for _, v := range values {
		if !utf8.ValidString(v) || strings.IndexByte(v, 0) >= 0 {
			return fmt.Errorf("%w: %q is not UTF-8 without NUL", ErrMisuse, v)
		}
	}
	return nil
}

func (tx *Tx) put(kind Kind, row Row, replace bool) error {
	if err := tx.usable(true); err != nil {
		return err
	}
	r, err := tx.encode(kind, row)
	if err != nil {
		return err
	}
	old, err := tx.load(kind, row.Name)
	switch {
	case errors.Is(err, ErrNotFound):
		old = nil
	case err != nil:
		return err
	case !replace:
		return &ExistsError{Kind: kind, Name: row.Name}
	}
	// Asked before, so that a refusal leaves the transaction whole; the constraint stands behind it.
	for _, unique := range row.Unique {
		holder, err := tx.holder(kind, unique)
		if err != nil {
			return err
		}
		if holder != "" && holder != row.Name {
			return &ExistsError{Kind: kind, Name: holder, Unique: unique}
		}
	}
	if old == nil {
		if err := tx.insert(r); err != nil {
			return err
		}
		return tx.change(kind, r.Name, r.Deleted, nil, r.digest)
	}
	if err := tx.replace(old, r); err != nil {
		return err
	}
	return tx.change(kind, r.Name, r.Deleted, old.digest, r.digest)
}

func (tx *Tx) insert(r *stored) error {
	collection, err := tx.collection(r.kind, ParentOf(r.Name))
	if err != nil {
		return err
	}
	result, err := tx.exec("insert row", `INSERT INTO rows (collection, name, type, display_name, position, update_time, revision, deleted, terms, uniques, digest, message)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		collection, r.Name, r.typ, r.DisplayName, r.Position, r.updateTime, r.Revision, r.Deleted, r.terms, r.uniques, r.digest, r.message)
	if err != nil {
		return err
	}
	if r.id, err = result.LastInsertId(); err != nil {
		return tx.store.judge("insert row", err)
	}
	if err := tx.insertTerms(r); err != nil {
		return err
	}
	return tx.insertUniques(r)
}

// replace writes the row and only those of its terms and uniques that changed:
// most updates touch neither.
func (tx *Tx) replace(old, r *stored) error {
	r.id = old.id
	if _, err := tx.exec("update row", `UPDATE rows SET type = ?, display_name = ?, position = ?, update_time = ?, revision = ?, deleted = ?, terms = ?, uniques = ?, digest = ?, message = ?
		WHERE id = ?`,
		r.typ, r.DisplayName, r.Position, r.updateTime, r.Revision, r.Deleted, r.terms, r.uniques, r.digest, r.message, r.id); err != nil {
		return err
	}
	if old.terms != r.terms {
		if _, err := tx.exec("delete terms", "DELETE FROM terms WHERE row = ?", r.id); err != nil {
			return err
		}
		if err := tx.insertTerms(r); err != nil {
			return err
		}
	}
	if old.uniques == r.uniques {
		return nil
	}
	if _, err := tx.exec("delete uniques", "DELETE FROM uniques WHERE row = ?", r.id); err != nil {
		return err
	}
	return tx.insertUniques(r)
}

func (tx *Tx) insertTerms(r *stored) error {
	if len(r.Terms) == 0 {
		return nil
	}
	collection, err := tx.collection(r.kind, ParentOf(r.Name))
	if err != nil {
		return err
	}
	_, err = tx.exec("insert terms", "INSERT INTO terms (row, term, collection) SELECT ?1, value, ?2 FROM json_each(?3)", r.id, collection, r.terms)
	return err
}

func (tx *Tx) insertUniques(r *stored) error {
	if len(r.Unique) == 0 {
		return nil
	}
	_, err := tx.exec("insert uniques", "INSERT INTO uniques (kind, value, row) SELECT ?1, value, ?2 FROM json_each(?3)", string(r.kind), r.id, r.uniques)
	return err
}

// holder returns the name of the row that has a unique value, "" where none has.
func (tx *Tx) holder(kind Kind, unique string) (string, error) {
	var name string
	err := tx.row("SELECT r.name FROM uniques u JOIN rows r ON r.id = u.row WHERE u.kind = ? AND u.value = ?", string(kind), unique).Scan(&name)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return name, tx.store.judge("read unique value", err)
}

// collection returns the id of a collection, which it makes where it is new.
func (tx *Tx) collection(kind Kind, parent string) (int64, error) {
	key := rowKey{kind, parent}
	if id, ok := tx.found[key]; ok {
		return id, nil
	}
	var id int64
	err := tx.row("SELECT id FROM collections WHERE kind = ? AND parent = ?", string(kind), parent).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		result, err := tx.exec("insert collection", "INSERT INTO collections (kind, parent) VALUES (?, ?)", string(kind), parent)
		if err != nil {
			return 0, err
		}
		if id, err = result.LastInsertId(); err != nil {
			return 0, tx.store.judge("insert collection", err)
		}
	} else if err != nil {
		return 0, tx.store.judge("read collection", err)
	}
	if tx.found == nil {
		tx.found = map[rowKey]int64{}
	}
	tx.found[key] = id
	return id, nil
}
