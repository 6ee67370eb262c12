package server

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/canada-korea-roadshow/tandem/matching"
	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// fill sets every field of a message to something that is not its default.
func fill(m protoreflect.Message, depth int) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		if f.IsList() {
			list := m.Mutable(f).List()
			if f.Message() != nil && depth > 0 {
				item := list.NewElement()
				fill(item.Message(), depth-1)
				list.Append(item)
			} else if f.Message() == nil {
				list.Append(sample(f))
			}
			continue
		}
		if f.Message() != nil {
			if depth > 0 {
				fill(m.Mutable(f).Message(), depth-1)
			}
			continue
		}
		m.Set(f, sample(f))
	}
}

func sample(f protoreflect.FieldDescriptor) protoreflect.Value {
	switch f.Kind() {
	case protoreflect.StringKind:
		switch name := f.TextName(); {
		case name == "capability" || name == "capabilities" || name == "domains":
			return protoreflect.ValueOfString("naval.build")
		case name == "country":
			return protoreflect.ValueOfString("KR")
		case name == "as_of" || strings.HasSuffix(name, "start") || strings.HasSuffix(name, "edition"):
			return protoreflect.ValueOfString("2026-11-24")
		default:
			return protoreflect.ValueOfString("x-" + name)
		}
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(f.Enum().Values().Get(1).Number())
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(true)
	case protoreflect.Int32Kind:
		return protoreflect.ValueOfInt32(7)
	case protoreflect.Int64Kind:
		return protoreflect.ValueOfInt64(7)
	case protoreflect.BytesKind:
		return protoreflect.ValueOfBytes([]byte{7})
	}
	panic("no sample for " + f.FullName())
}

// unset lists the paths of a value that are still zero.
func unset(v reflect.Value, path string) []string {
	switch v.Kind() {
	case reflect.Struct:
		var list []string
		for i := range v.NumField() {
			list = append(list, unset(v.Field(i), strings.TrimPrefix(path+"."+v.Type().Field(i).Name, "."))...)
		}
		return list
	case reflect.Slice:
		if v.Len() > 0 && v.Type().Elem().Kind() == reflect.Struct {
			return unset(v.Index(0), path+"[]")
		}
		if v.Len() == 0 {
			return []string{path}
		}
		return nil
	case reflect.Pointer:
		if v.IsNil() {
			return []string{path}
		}
		return unset(v.Elem(), path)
	}
	if v.IsZero() {
		return []string{path}
	}
	return nil
}

// What the engine knows of a firm comes from the message: a field that is added on either side and not carried over fails here.
func TestProfileCarriesEveryField(t *testing.T) {
	f := new(tandemv1.Firm)
	fill(f.ProtoReflect(), 3)
	profile, err := profileOf(catalog.Embedded(), DefaultPartnership(), f)
	if err != nil {
		t.Fatal(err)
	}
	if left := unset(reflect.ValueOf(profile), ""); len(left) > 0 {
		t.Errorf("never filled from a Firm: %v", left)
	}
	// Fields of the contract that the engine has no use for, each with its reason.
	unused := map[string]string{
		"city": "a place for people", "languages": "a courtesy between people", "contact": "shown after mutual interest", "external_id": "of another system",
		"capabilities": "derived for counterparts", "needs_inferred": "derived from provenance", "etag": "the store's", "revision": "the store's",
		"create_time": "the store's", "update_time": "the store's", "delete_time": "deleted firms are left out",
		"offers.text": "became a capability", "needs.text": "became a capability", "needs.amount": "shown, never scored",
		"women_percent": "counted over many for a theme, never scored",
	}
	base, err := profileOf(catalog.Embedded(), DefaultPartnership(), f)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths(f.ProtoReflect().Descriptor(), "") {
		changed := proto.CloneOf(f)
		clearPath(changed.ProtoReflect(), path)
		got, err := profileOf(catalog.Embedded(), DefaultPartnership(), changed)
		same := err == nil && reflect.DeepEqual(got, base)
		if _, known := unused[path]; same != known {
			t.Errorf("%s: reaches the engine: %v, listed as unused: %v", path, !same, known)
		}
	}
}

// paths lists the fields of a message and, one level down, those of its offers, needs and materials.
func paths(d protoreflect.MessageDescriptor, prefix string) []string {
	var list []string
	for i := range d.Fields().Len() {
		f := d.Fields().Get(i)
		path := prefix + f.TextName()
		if name := f.TextName(); name == "offers" || name == "needs" || name == "material" {
			list = append(list, paths(f.Message(), path+".")...)
			continue
		}
		list = append(list, path)
	}
	return list
}

func clearPath(m protoreflect.Message, path string) {
	name, rest, nested := strings.Cut(path, ".")
	f := m.Descriptor().Fields().ByTextName(name)
	switch {
	case !nested:
		m.Clear(f)
	case f.IsList():
		clearPath(m.Mutable(f).List().Get(0).Message(), rest)
	default:
		clearPath(m.Mutable(f).Message(), rest)
	}
}

func TestFactsCarryEveryField(t *testing.T) {
	d := dated{
		frameworks: []*tandemv1.Framework{new(tandemv1.Framework)}, programs: []*tandemv1.Program{new(tandemv1.Program)}, venues: []*tandemv1.Venue{new(tandemv1.Venue)},
	}
	fill(d.frameworks[0].ProtoReflect(), 3)
	fill(d.programs[0].ProtoReflect(), 3)
	fill(d.venues[0].ProtoReflect(), 3)
	facts, err := factsOf(catalog.Embedded(), DefaultPartnership(), d, "2026-11-24")
	if err != nil {
		t.Fatal(err)
	}
	left := slices.DeleteFunc(unset(reflect.ValueOf(facts), ""), func(path string) bool {
		// No decision of an organiser or of screening exists yet, and a status counts from its own date.
		return path == "Holds" || path == "Frameworks[].EffectiveFrom" || path == "Frameworks[].EffectiveFrom.Year" ||
			path == "Frameworks[].EffectiveFrom.Month" || path == "Frameworks[].EffectiveFrom.Day"
	})
	if len(left) > 0 {
		t.Errorf("never filled from stored facts: %v", left)
	}
}

// fillEngine sets every field of an engine value, with references that exist in the scene of TestPairingCarriesEveryField.
func fillEngine(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fillEngine(v.Field(i))
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fillEngine(v.Index(0))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillEngine(v.Elem())
	case reflect.String:
		v.SetString("a")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int32:
		v.SetInt(0)
		if v.Type().Name() != "int" { // plain ints are indexes
			v.SetInt(3)
		}
	case reflect.Uint8:
		v.SetUint(1)
	case reflect.Uint16:
		v.SetUint(1)
		if v.Type() == reflect.TypeFor[matching.ModeSet]() {
			v.SetUint(2)
		}
	}
}

func TestPairingCarriesEveryField(t *testing.T) {
	var p matching.Pairing
	fillEngine(reflect.ValueOf(&p).Elem())
	firm := &tandemv1.Firm{Name: "firms/a", Offers: []*tandemv1.Offer{{Detail: "d", DetailNative: "n"}}, Needs: []*tandemv1.Need{{Detail: "d", DetailNative: "n"}}}
	name := &tandemv1.LocalizedText{En: "e", Fr: "f", Ko: "k"}
	p.Frameworks[0].Status, p.FrameworkGaps[0].Status = matching.InForce, matching.InForce
	s := newScene(catalog.Embedded(), []*tandemv1.Firm{firm}, dated{
		frameworks: []*tandemv1.Framework{{Name: "frameworks/a", DisplayName: name, AsOf: "2026-01-01"}},
		programs:   []*tandemv1.Program{{Name: "programs/a", DisplayName: name}}, venues: []*tandemv1.Venue{{Name: "venues/a", DisplayName: name}},
	})
	m := s.pairing(&p)
	// Set when a pairing is published, or from a firm's own fields, or when a sentence is told in a language.
	later := []string{"result", "publish_time", "first", "second", "text"}
	var check func(m protoreflect.Message, path string)
	check = func(m protoreflect.Message, path string) {
		for i := range m.Descriptor().Fields().Len() {
			f := m.Descriptor().Fields().Get(i)
			switch at := path + f.TextName(); {
			case slices.Contains(later, f.TextName()):
			case !m.Has(f):
				t.Errorf("never filled from the engine's pairing: %s", at)
			case f.IsList() && f.Message() != nil:
				check(m.Get(f).List().Get(0).Message(), at+".")
			case f.Message() != nil && !f.IsList():
				check(m.Get(f).Message(), at+".")
			}
		}
	}
	check(m.ProtoReflect(), "")
}

// The engine's enums and the contract's are carried over by number or by name: they must be the same.
func TestEnumsAgree(t *testing.T) {
	same := func(enum protoreflect.Enum, name func(i uint8) string) {
		values := enum.Descriptor().Values()
		for i := range values.Len() {
			v := values.Get(i)
			if got := name(uint8(v.Number())); got != string(v.Name()) && v.Number() != 0 {
				t.Errorf("%s %d: the engine says %q, the contract %q", enum.Descriptor().FullName(), v.Number(), got, v.Name())
			}
		}
		if next := name(uint8(values.Len())); !strings.HasPrefix(next, "UNKNOWN_") {
			t.Errorf("%s: the engine also has %q", enum.Descriptor().FullName(), next)
		}
	}
	same(tandemv1.Mode(0), func(i uint8) string { return matching.Mode(i).String() })
	same(tandemv1.Firm_Kind(0), func(i uint8) string { return matching.Kind(i).String() })
	same(tandemv1.Firm_Size(0), func(i uint8) string { return matching.Size(i).String() })
	same(tandemv1.Firm_State(0), func(i uint8) string { return matching.Status(i).String() })
	same(tandemv1.Firm_Provenance(0), func(i uint8) string { return matching.Provenance(i).String() })
	same(tandemv1.Offer_Level(0), func(i uint8) string { return matching.Level(i).String() })
	same(tandemv1.Need_Aim(0), func(i uint8) string { return matching.Aim(i).String() })
	same(tandemv1.Need_Priority(0), func(i uint8) string { return matching.Priority(i).String() })
	same(tandemv1.Need_Classification(0), func(i uint8) string { return matching.Classification(i).String() })
	same(tandemv1.Pairing_Tier(0), func(i uint8) string { return matching.Tier(i).String() })
	same(tandemv1.Pairing_Band(0), func(i uint8) string { return matching.Band(i).String() })
	same(tandemv1.Component_Kind(0), func(i uint8) string { return matching.PartKind(i).String() })
	same(tandemv1.ProgramUse_State(0), func(i uint8) string { return matching.ProgramState(i).String() })
	same(tandemv1.Gate_State(0), func(i uint8) string { return matching.GateState(i).String() })
	same(tandemv1.ExplainPairingResponse_Cause(0), func(i uint8) string { return matching.Cause(i).String() })
	for i := matching.Exact; !strings.HasPrefix(i.String(), "UNKNOWN_"); i++ {
		if tandemv1.Component_Relation_value[i.String()] == 0 {
			t.Errorf("relation %s is not in the contract", i)
		}
	}
	for _, token := range catalog.FrameworkStatuses() {
		if enumByToken[tandemv1.Framework_Status](token, tandemv1.Framework_Status_value) == 0 {
			t.Errorf("framework status %s is not in the contract", token)
		}
	}
	for _, list := range []struct {
		tokens []string
		values map[string]int32
	}{
		{catalog.FrameworkKinds(), tandemv1.Framework_Kind_value}, {catalog.VenueKinds(), tandemv1.Venue_Kind_value},
		{catalog.ProgramStatuses(), tandemv1.Program_Status_value}, {catalog.ModeTokens(), tandemv1.Mode_value}, {catalog.Coasts(), tandemv1.Region_Coast_value},
	} {
		for _, token := range list.tokens {
			if list.values[strings.ToUpper(strings.ReplaceAll(token, "-", "_"))] == 0 {
				t.Errorf("%s is not in the contract: %v", token, fmt.Sprint(list.values))
			}
		}
	}
}
