package web

import (
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/access"
)

func ownRoutes() []route {
	return []route{
		{pattern: "GET /web/preview", who: firms, show: (*visit).preview},
		{pattern: "GET /web/pairings", who: firms, show: (*visit).ownPairings},
		{pattern: "GET /web/mine", who: firms, show: (*visit).ownData},
	}
}

// ownHome is what a firm should do next.
type ownHome struct {
	Firm *tandemv1.Firm
	// Role is what the firm is now: pending, approved or suspended.
	Role string
	// Pairings counts what was published to it, up to a page of them.
	Pairings int
}

func (v *visit) ownFirm() (*tandemv1.Firm, error) {
	return v.firmsClient().GetFirm(v.ctx(), &tandemv1.GetFirmRequest{Name: v.caller.Firm})
}

func (v *visit) firmHome() error {
	firm, err := v.ownFirm()
	if err != nil {
		return err
	}
	h := ownHome{Firm: firm, Role: v.caller.Role.String()}
	if v.may("PairingService/ListPairings") {
		list, err := v.pairings().ListPairings(v.ctx(), &tandemv1.ListPairingsRequest{PageSize: 100})
		if err != nil {
			return err
		}
		h.Pairings = len(list.GetPairings())
	}
	return v.show("own-home", ownName(firm, v.lang), h)
}

// stepView is what a counterpart sees of a firm at a step.
type stepView struct {
	Step string
	Firm *tandemv1.Firm
}

// preview shows a firm what others see of it: the contract's own disclosure steps, applied as they are to a counterpart.
func (v *visit) preview() error {
	firm, err := v.ownFirm()
	if err != nil {
		return err
	}
	var steps []stepView
	for _, step := range []tandemv1.Disclosure{tandemv1.Disclosure_PUBLISHED, tandemv1.Disclosure_MUTUAL_INTEREST} {
		seen := proto.CloneOf(firm)
		cut(seen.ProtoReflect(), step)
		steps = append(steps, stepView{Step: step.String(), Firm: seen})
	}
	return v.show("preview", v.say("web.preview"), steps)
}

// cut clears what shows at a later step only.
func cut(m protoreflect.Message, step tandemv1.Disclosure) {
	m.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		if at := access.Step(field); at > step || at == tandemv1.Disclosure_DISCLOSURE_UNSPECIFIED {
			m.Clear(field)
		}
		return true
	})
}

// ownPairing is a published pairing as one of its firms sees it.
type ownPairing struct {
	Pairing *tandemv1.Pairing
	Partner *tandemv1.Firm
}

// ownPairingList is a page of them.
type ownPairingList struct {
	Pairings []ownPairing
	First    string
	Next     string
	Compiled bool
	Waiting  bool // the firm is not approved, so that nothing can be shown to it
}

func (v *visit) ownPairings() error {
	list := ownPairingList{Waiting: !v.may("PairingService/ListPairings")}
	if list.Waiting {
		return v.show("own-pairings", v.say("web.results.title"), list)
	}
	q := v.r.URL.Query()
	page, err := v.pairings().ListPairings(v.ctx(), &tandemv1.ListPairingsRequest{PageSize: resultsOnPage, PageToken: q.Get("page"), Language: v.language()})
	if err != nil {
		return err
	}
	for _, p := range page.GetPairings() {
		partner := p.GetFirst()
		if partner.GetName() == v.caller.Firm {
			partner = p.GetSecond()
		}
		list.Pairings = append(list.Pairings, ownPairing{Pairing: p, Partner: partner})
		list.Compiled = list.Compiled || partner.GetNeedsInferred()
	}
	if q.Get("page") != "" {
		list.First = "/web/pairings"
	}
	if page.GetNextPageToken() != "" {
		list.Next = pageLink("/web/pairings", q, page.GetNextPageToken())
	}
	return v.show("own-pairings", v.say("web.results.title"), list)
}

// ownData is all that the register has of a firm and shows to it, as a file in the form that an import reads.
func (v *visit) ownData() error {
	firm, err := v.ownFirm()
	if err != nil {
		return err
	}
	data, err := protojson.MarshalOptions{Multiline: true, UseProtoNames: true}.Marshal(firm)
	if err != nil {
		return err
	}
	return v.save(data, "application/json", "tandem-profile.json")
}
