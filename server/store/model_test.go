package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// model is the store as a map: what it must be indistinguishable from.
type model struct {
	rows     map[string]Row // by kind and name
	answers  map[string]string
	revision int32
	audit    int64
}

func (m model) clone() model {
	m.rows, m.answers = maps.Clone(m.rows), maps.Clone(m.answers)
	return m
}

// TestRandomOperations runs random transactions, some of which fail, and new
// starts between them, on the store and on the model.
func TestRandomOperations(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp(t.TempDir(), "")
		if err != nil {
			rt.Fatal(err)
		}
		r := &replay{rt: rt, path: filepath.Join(dir, "tandem.db"), model: model{rows: map[string]Row{}, answers: map[string]string{}}}
		r.start()
		defer func() { r.stop() }()
		rt.Repeat(map[string]func(*rapid.T){
			"update":  r.update,
			"restart": func(*rapid.T) { r.stop(); r.start() },
			"":        r.compare,
		})
		findings, err := r.store.Verify(context.Background())
		if err != nil || len(findings) > 0 {
			rt.Fatalf("verify: %v, %v", findings, err)
		}
	})
}

type replay struct {
	rt    *rapid.T
	path  string
	store *Store
	model model
}

func (r *replay) start() {
	var err error
	if r.store, err = Open(context.Background(), r.path, Options{Now: newClock().Now}); err != nil {
		r.rt.Fatal(err)
	}
}

func (r *replay) stop() {
	if err := r.store.Close(); err != nil {
		r.rt.Fatal(err)
	}
}

var (
	anyKind = rapid.SampledFrom([]Kind{"firms", "venues"})
	anyName = rapid.SampledFrom([]string{"firms/a", "firms/b", "firms/c", "firms/d", "runs/1/firms/a", "runs/1/firms/b"})
	anyTerm = rapid.SampledFrom([]string{"x", "y", "z", `"`, "크다"})
)

var anyRow = rapid.Custom(func(rt *rapid.T) Row {
	r := Row{
		Name:        anyName.Draw(rt, "name"),
		Message:     &tandemv1.Firm{Summary: rapid.String().Filter(func(s string) bool { return checkText(s) == nil }).Draw(rt, "summary")},
		Terms:       rapid.SliceOfNDistinct(anyTerm, 0, 3, rapid.ID).Draw(rt, "terms"),
		DisplayName: rapid.SampledFrom([]string{"", "A", "a", "É", "가"}).Draw(rt, "display name"),
		Position:    rapid.Int64Range(-2, 2).Draw(rt, "position"),
		Deleted:     rapid.Bool().Draw(rt, "deleted"),
	}
	if rapid.Bool().Draw(rt, "has unique") {
		r.Unique = []string{anyTerm.Draw(rt, "unique")}
	}
	return r
})

// update draws a transaction and runs it on both.
func (r *replay) update(rt *rapid.T) {
	next := r.model.clone()
	changed := false
	boom := errors.New("boom")
	err := r.store.Update(context.Background(), func(tx *Tx) error {
		if err := tx.Audit(Entry{Method: "/m", Outcome: "OK"}); err != nil {
			return err
		}
		for range rapid.IntRange(0, 4).Draw(rt, "operations") {
			kind := anyKind.Draw(rt, "kind")
			switch rapid.SampledFrom([]string{"put", "put", "insert", "delete", "remember"}).Draw(rt, "operation") {
			case "put":
				row := anyRow.Draw(rt, "row")
				changed = next.put(rt, kind, row, tx.Put(kind, row), true) || changed
			case "insert":
				row := anyRow.Draw(rt, "row")
				changed = next.put(rt, kind, row, tx.Insert(kind, row), false) || changed
			case "delete":
				name := anyName.Draw(rt, "name")
				_, there := next.rows[key(kind, name)]
				err := tx.Delete(kind, name)
				if there != (err == nil) || !there && !errors.Is(err, ErrNotFound) {
					rt.Fatalf("delete %s, there: %v: %v", name, there, err)
				}
				delete(next.rows, key(kind, name))
				changed = changed || there
			case "remember":
				id := anyTerm.Draw(rt, "request")
				answer, found, err := tx.Recall("c", id, "m", nil)
				want, known := next.answers[id]
				if err != nil || found != known || string(answer) != want {
					rt.Fatalf("recall %s: %q, %v, %v; want %q, %v", id, answer, found, err, want, known)
				}
				if !found {
					next.answers[id] = fmt.Sprint("answer ", r.model.revision)
					if err := tx.Remember("c", id, "m", nil, []byte(next.answers[id])); err != nil {
						return err
					}
				}
			}
		}
		if rapid.IntRange(0, 4).Draw(rt, "fails") == 0 {
			return boom
		}
		return nil
	})
	if errors.Is(err, boom) {
		return
	}
	if err != nil {
		rt.Fatal(err)
	}
	next.audit++
	if changed {
		next.revision++
	}
	r.model = next
}

func key(kind Kind, name string) string { return string(kind) + " " + name }

// put does in the model what the store did, and compares the outcome.
func (m model) put(rt *rapid.T, kind Kind, row Row, err error, replace bool) bool {
	refused := false
	if _, there := m.rows[key(kind, row.Name)]; there && !replace {
		refused = true
	}
	for other, has := range m.rows {
		if strings.HasPrefix(other, string(kind)+" ") && has.Name != row.Name && len(row.Unique) > 0 && slices.Contains(has.Unique, row.Unique[0]) {
			refused = true
		}
	}
	if refused != errors.Is(err, ErrExists) || !refused && err != nil {
		rt.Fatalf("put %s %s: %v; must be refused: %v", kind, row.Name, err, refused)
	}
	if refused {
		return false
	}
	slices.Sort(row.Terms)
	row.Revision = m.revision + 1
	m.rows[key(kind, row.Name)] = row
	return true
}

// compare reads everything from both.
func (r *replay) compare(rt *rapid.T) {
	parent := rapid.SampledFrom([]string{"", "runs/1"}).Draw(rt, "parent")
	kind := anyKind.Draw(rt, "kind")
	term := anyTerm.Draw(rt, "term")
	order := rapid.SampledFrom([]Order{ByName, ByDisplayName, ByUpdateTime, ByPosition}).Draw(rt, "order")
	desc, deleted := rapid.Bool().Draw(rt, "desc"), rapid.Bool().Draw(rt, "deleted")
	filters := map[string]Expr{"none": nil, "has": Term(term), "has not": Not{Term(term)}}
	filter := rapid.SampledFrom([]string{"none", "has", "has not"}).Draw(rt, "filter")

	var want []Row
	for _, k := range slices.Sorted(maps.Keys(r.model.rows)) {
		row := r.model.rows[k]
		has := slices.Contains(row.Terms, term)
		if k == key(kind, row.Name) && ParentOf(row.Name) == parent && (deleted || !row.Deleted) && (filter == "none" || has == (filter == "has")) {
			want = append(want, row)
		}
	}
	slices.SortStableFunc(want, func(a, b Row) int {
		c := 0
		switch order {
		case ByDisplayName:
			c = strings.Compare(a.DisplayName, b.DisplayName)
		case ByPosition:
			c = int(a.Position - b.Position)
		}
		if c == 0 {
			c = strings.Compare(a.Name, b.Name)
		}
		if desc {
			return -c
		}
		return c
	})
	q := Query{Parent: parent, Filter: filters[filter], OrderBy: order, Desc: desc, ShowDeleted: deleted, Limit: rapid.IntRange(1, 7).Draw(rt, "limit")}
	err := r.store.View(context.Background(), func(tx *Tx) error {
		var got []Row
		for {
			page, err := tx.List(kind, q)
			if err != nil {
				return err
			}
			got = append(got, page.Rows...)
			if q.After = page.Next; page.Next == "" {
				break
			}
		}
		if diff := cmp.Diff(inWords(want), inWords(got)); diff != "" {
			rt.Fatalf("list %+v (-model +store):\n%s", q, diff)
		}
		for k, row := range r.model.rows {
			kind, name, _ := strings.Cut(k, " ")
			stored, err := tx.Row(Kind(kind), name)
			if diff := cmp.Diff(inWords([]Row{row}), inWords([]Row{stored})); diff != "" || err != nil {
				rt.Fatalf("row %s: %v (-model +store):\n%s", k, err, diff)
			}
			if len(row.Unique) > 0 {
				if found, err := tx.Find(Kind(kind), row.Unique[0]); err != nil || found.Name != name {
					rt.Fatalf("find %s: %s, %v; want %s", row.Unique[0], found.Name, err, name)
				}
			}
		}
		revision, err := tx.Revision()
		if err != nil || revision != r.model.revision {
			rt.Fatalf("revision %d, %v; want %d", revision, err, r.model.revision)
		}
		log, err := tx.AuditLog(0, 1_000_000)
		if err != nil || int64(len(log)) != r.model.audit {
			rt.Fatalf("%d audit entries, %v; want %d", len(log), err, r.model.audit)
		}
		return nil
	})
	if err != nil {
		rt.Fatal(err)
	}
}

// inWords writes what the model knows of rows.
func inWords(rows []Row) (words []string) {
	for _, r := range rows {
		firm, _ := r.Message.(*tandemv1.Firm)
		words = append(words, fmt.Sprintf("%s %q %q %q %q %d %v %d", r.Name, firm.GetSummary(), r.Terms, r.Unique, r.DisplayName, r.Position, r.Deleted, r.Revision))
	}
	return words
}
