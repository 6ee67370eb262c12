package report

import (
	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// framework names a framework with its status and the date on which that was true.
func (r *reader) framework(use *tandemv1.FrameworkUse) string {
	return r.dated(r.frameworkName(use.GetFramework(), use.GetDisplayName()), r.frameworkStatus(use.GetStatus()), use.GetAsOf())
}

func (r *reader) frameworkName(resource string, given *tandemv1.LocalizedText) string {
	if name := text(given).In(r.lang); name != "" {
		return name
	}
	return r.name("fw", id(resource))
}

func (r *reader) frameworkStatus(status string) string {
	return r.name("framework_status", token(status))
}

// dated adds a status to a name, with its date where one is known.
func (r *reader) dated(name, status, asOf string) string {
	if asOf == "" {
		return r.say("report.with_status", catalog.Literal(name), catalog.Literal(status))
	}
	return r.say("report.with_dated_status", catalog.Literal(name), catalog.Literal(status), "date:"+asOf)
}

// program names a programme with what its award means for the pairing.
func (r *reader) program(use *tandemv1.ProgramUse) string {
	return r.say("report.with_status", catalog.Literal(r.programName(use)), catalog.Literal(r.say("report.award."+use.GetState().String())))
}

func (r *reader) programName(use *tandemv1.ProgramUse) string {
	if name := text(use.GetDisplayName()).In(r.lang); name != "" {
		return name
	}
	return r.name("prog", id(use.GetProgram()))
}

// venue says when and where both can next meet.
func (r *reader) venue(use *tandemv1.VenueUse) string {
	if use.GetVenue() == "" {
		return ""
	}
	if said := r.sentence(use.GetReason()); said != "" {
		return said
	}
	return r.venueName(use)
}

func (r *reader) venueName(use *tandemv1.VenueUse) string {
	if name := text(use.GetDisplayName()).In(r.lang); name != "" {
		return name
	}
	return r.name("venue", id(use.GetVenue()))
}

// demand says what one item of a gate asks for.
func (r *reader) demand(item *tandemv1.Gate_Item) string {
	if said := r.sentence(item.GetAction()); said != "" {
		return said
	}
	return capitalised(r.name("rule", item.GetToken()))
}
