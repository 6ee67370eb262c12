package web

import (
	"slices"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/card"
)

func inviteRoutes() []route {
	return []route{
		{pattern: "GET /web/invite", who: staff, show: (*visit).invitePage},
		{pattern: "POST /web/invite", who: staff, show: (*visit).inviteAll},
		{pattern: "GET /web/invite/cards", who: staff, show: (*visit).inviteCards},
		{pattern: "GET /web/invite/list", who: staff, show: (*visit).inviteList},
		{pattern: "POST /web/invitations/{invitation}/revoke", who: staff, show: (*visit).revokeInvitation},
	}
}

// invitePage shows who was invited, and codes that were just made. Codes are in the session only: whoever makes them prints them.
type invitePage struct {
	Invitations []invited
	First, Next string
	Made        int
	Remaining   int32
	// Nobody is true where codes were asked for and nobody was left to make one for.
	Nobody bool
}

// invited is an invitation with the firm that it invites; nil where that was deleted.
type invited struct {
	*tandemv1.Invitation
	Whom *tandemv1.Firm
}

// issued are invitations with their codes, for the session that made them.
type issued struct {
	invitations []*tandemv1.IssuedInvitation
	remaining   int32
}

func (s *session) codes() issued {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.issued
}

func (v *visit) invitePage() error {
	client := tandemv1.NewInvitationServiceClient(v.conn)
	token := v.query("page")
	list, err := client.ListInvitations(v.ctx(), &tandemv1.ListInvitationsRequest{PageSize: firmsOnPage, PageToken: token})
	if err != nil {
		return err
	}
	made := v.session.codes()
	page := invitePage{Made: len(made.invitations), Remaining: made.remaining, Nobody: v.query("done") == "nobody"}
	if page.Invitations, err = v.invited(list.GetInvitations()); err != nil {
		return err
	}
	if token != "" {
		page.First = "/web/invite"
	}
	if list.GetNextPageToken() != "" {
		page.Next = pageLink("/web/invite", v.r.URL.Query(), list.GetNextPageToken())
	}
	return v.show("invite", v.say("web.invite"), page)
}

// invited finds the firms that invitations invite.
func (v *visit) invited(list []*tandemv1.Invitation) ([]invited, error) {
	var names []string
	for _, i := range list {
		names = append(names, i.GetFirm())
	}
	slices.Sort(names)
	firms, err := v.named(slices.Compact(names)) // a firm may have been invited more than once
	if err != nil {
		return nil, err
	}
	found := make([]invited, len(list))
	for n, i := range list {
		found[n].Invitation = i
		if at := slices.IndexFunc(firms, func(f *tandemv1.Firm) bool { return f.GetName() == i.GetFirm() }); at >= 0 {
			found[n].Whom = firms[at]
		}
	}
	return found, nil
}

// inviteAll makes codes for all firms that have neither credential nor open invitation.
func (v *visit) inviteAll() error {
	answer, err := tandemv1.NewInvitationServiceClient(v.conn).BatchInviteFirms(v.ctx(), &tandemv1.BatchInviteFirmsRequest{})
	if err != nil {
		return err
	}
	if len(answer.GetInvitations()) == 0 {
		return v.redirect("/web/invite?done=nobody")
	}
	v.session.mu.Lock()
	before := v.session.issued.invitations
	v.session.issued = issued{invitations: append(before[:len(before):len(before)], answer.GetInvitations()...), remaining: answer.GetRemaining()}
	v.session.mu.Unlock()
	return v.redirect("/web/invite")
}

// deck puts the session's codes on paper.
func (v *visit) deck() *card.Deck {
	scheme := "http://"
	if v.door.Secure {
		scheme = "https://"
	}
	return &card.Deck{Catalog: v.door.Catalog, Invitations: v.session.codes().invitations, Language: v.lang, Address: scheme + v.r.Host}
}

// cardPolicy lets cards show themselves, in a style of their own.
const cardPolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// inviteCards is a page of cards to print, in a style of its own.
func (v *visit) inviteCards() error {
	if len(v.session.codes().invitations) == 0 { // an empty sheet would say nothing of what to do
		return v.redirect("/web/invite")
	}
	page, err := v.deck().HTML()
	if err != nil {
		return err
	}
	v.w.Header().Set("Content-Security-Policy", cardPolicy)
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = v.w.Write(page) // the reader may be gone
	return nil
}

// inviteList is the same for a mail merge.
func (v *visit) inviteList() error {
	list, err := v.deck().CSV()
	if err != nil {
		return err
	}
	return v.save(list, "text/csv; charset=utf-8", "tandem-invitations.csv")
}

func (v *visit) revokeInvitation() error {
	name := "invitations/" + v.r.PathValue("invitation")
	if _, err := tandemv1.NewInvitationServiceClient(v.conn).RevokeInvitation(v.ctx(), &tandemv1.RevokeInvitationRequest{Name: name}); err != nil {
		return err
	}
	return v.redirect("/web/invite")
}
