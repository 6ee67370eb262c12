package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

func catalogueRoutes() []route {
	return []route{
		{pattern: "GET /web/catalogue", who: signed, show: (*visit).cataloguePage},
		{pattern: "GET /web/catalogue/{code}", who: signed, show: (*visit).capabilityPage},
	}
}

// branch is a capability with what is below it.
type branch struct {
	Code, Name string
	Below      []branch
}

// cataloguePage is the catalogue as a tree, or what words of the reader may mean in it.
type cataloguePage struct {
	Query string
	Found []choice
	Tree  []branch
}

func (v *visit) cataloguePage() error {
	page := cataloguePage{Query: strings.TrimSpace(v.query("q"))}
	if page.Query != "" {
		answer, err := v.vocabulary().SuggestCapabilities(v.ctx(), &tandemv1.SuggestCapabilitiesRequest{Text: page.Query, PageSize: 20})
		if err != nil {
			return err
		}
		for _, s := range answer.GetSuggestions() {
			page.Found = append(page.Found, choice{Value: s.GetCode(), Label: textOf(s.GetDisplayName()).In(v.lang)})
		}
	}
	all, err := v.capabilities()
	if err != nil {
		return err
	}
	page.Tree = tree(all, "", v.lang)
	return v.show("catalogue", v.say("web.catalogue"), page)
}

// capabilities lists the whole catalogue.
func (v *visit) capabilities() ([]*tandemv1.Capability, error) {
	var all []*tandemv1.Capability
	request := &tandemv1.ListCapabilitiesRequest{PageSize: 500}
	for {
		page, err := v.vocabulary().ListCapabilities(v.ctx(), request)
		if err != nil {
			return nil, err
		}
		all = append(all, page.GetCapabilities()...)
		if request.PageToken = page.GetNextPageToken(); request.PageToken == "" {
			return all, nil
		}
	}
}

func tree(all []*tandemv1.Capability, parent string, l catalog.Language) []branch {
	var below []branch
	for _, c := range all {
		if c.GetParent() == parent {
			below = append(below, branch{Code: c.GetCode(), Name: textOf(c.GetDisplayName()).In(l), Below: tree(all, c.GetName(), l)})
		}
	}
	return below
}

// capabilityView is one capability with what lies around it.
type capabilityView struct {
	Capability *tandemv1.Capability
	Above      []choice
	Below      []choice
	Words      []string
}

func (v *visit) capabilityPage() error {
	c, err := v.vocabulary().GetCapability(v.ctx(), &tandemv1.GetCapabilityRequest{Name: "capabilities/" + v.r.PathValue("code")})
	if err != nil {
		if v.problemOf(err).Reason == tandemv1.Reason_FIELD_INVALID.String() {
			return v.showAs(http.StatusNotFound, "lost", v.say("web.lost.title"), nil)
		}
		return err
	}
	view := capabilityView{Capability: c, Words: map[catalog.Language][]string{catalog.EN: c.GetSynonymsEn(), catalog.FR: c.GetSynonymsFr(), catalog.KO: c.GetSynonymsKo()}[v.lang]}
	if code, ok := v.door.Catalog.Lookup(c.GetCode()); ok {
		for _, above := range v.door.Catalog.Ancestors(code) {
			node := v.door.Catalog.Capability(above)
			view.Above = append(view.Above, choice{Value: node.Code, Label: node.Name.In(v.lang)})
		}
		slices.Reverse(view.Above)
		for _, below := range v.door.Catalog.Children(code) {
			node := v.door.Catalog.Capability(below)
			view.Below = append(view.Below, choice{Value: node.Code, Label: node.Name.In(v.lang)})
		}
	}
	return v.show("capability", textOf(c.GetDisplayName()).In(v.lang), view)
}
