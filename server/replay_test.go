package server

import (
	"fmt"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// stage is a register as it stands before a roadshow: the shipped organisations, a published run, a newcomer that waits, one
// credential for each role.
type stage struct {
	*faces
	organiser, auditor, integration string
	algoma, newcomer, suspended     string // secrets of firms
	newcomerName                    string
	run, position                   string
}

func newStage(t testing.TB) *stage {
	t.Helper()
	s, operator := withShipped(t)
	run := finishRun(t, s, operator, &tandemv1.CreateMatchRunRequest{MatchRun: &tandemv1.MatchRun{AsOf: "2026-11-24"}})
	if _, err := tandemv1.NewMatchRunServiceClient(operator).PublishMatchRun(t.Context(), &tandemv1.PublishMatchRunRequest{Name: run.Name}); err != nil {
		t.Fatal(err)
	}
	firmClient := tandemv1.NewFirmServiceClient(operator)
	if _, err := firmClient.SuspendFirm(t.Context(), &tandemv1.SuspendFirmRequest{Name: "firms/mda-space"}); err != nil {
		t.Fatal(err)
	}
	st := &stage{faces: serveFaces(t, s), run: run.Name}
	st.organiser, st.auditor = st.secret(t, tandemv1.Credential_ORGANISER, ""), st.secret(t, tandemv1.Credential_AUDITOR, "")
	st.integration, st.algoma = st.secret(t, tandemv1.Credential_INTEGRATION, ""), st.secret(t, tandemv1.Credential_FIRM, "firms/algoma-steel")
	st.suspended = st.secret(t, tandemv1.Credential_FIRM, "firms/mda-space")
	registered, err := tandemv1.NewFirmServiceClient(st.conn).RegisterFirm(t.Context(), &tandemv1.RegisterFirmRequest{
		Attested: true,
		Firm: &tandemv1.Firm{
			DisplayName: "Newcomer", Country: "KR", Kind: tandemv1.Firm_COMPANY, Offers: []*tandemv1.Offer{{Text: "예인선배열소나"}},
			Needs: []*tandemv1.Need{{Text: "réseau remorqué"}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	st.newcomer, st.newcomerName = registered.Credential, registered.Firm.Name
	_, st.position = feedOf(t, operator, "", 500)
	return st
}

// One table of calls, each over gRPC and over REST: the same answers and the same refusals. A write carries a request_id, so that
// the second protocol is answered as the first.
func TestSameOverBothProtocols(t *testing.T) {
	st := newStage(t)
	const ok = codes.OK
	firm := func(fields string) string {
		return `{"display_name": "F", "country": "KR", "kind": "COMPANY", "offers": [{"capability": "naval.build"}]` + fields + `}`
	}
	create := func(id, firm string) string {
		return fmt.Sprintf(`{"firm_id": %q, "attested": true, "request_id": "create-%s", "firm": %s}`, id, id, firm)
	}
	upsert := func(name, externalID, id string) string {
		return fmt.Sprintf(`{"allow_missing": true, "update_mask": "displayName,offers,externalId", "attested": true, "request_id": %q, "firm": %s}`, id, firm(fmt.Sprintf(`, "name": %q, "external_id": %q`, name, externalID)))
	}
	type row struct {
		who, method, request string
		code                 codes.Code
		reason               tandemv1.Reason
		says                 string
	}
	rows := []row{
		// Reading, by who may.
		{"", "PartnershipService/GetPartnership", `{}`, ok, 0, ""},
		{st.organiser, "FirmService/GetFirm", `{"name": "firms/algoma-steel"}`, ok, 0, ""},
		{st.algoma, "FirmService/GetFirm", `{"name": "firms/me"}`, ok, 0, ""},
		{st.algoma, "FirmService/GetFirm", `{"name": "firms/hanwha-ocean"}`, codes.NotFound, tandemv1.Reason_NOT_FOUND, ""},
		{st.algoma, "FirmService/GetFirm", `{"name": "firms/no-such-firm"}`, codes.NotFound, tandemv1.Reason_NOT_FOUND, ""},
		{st.newcomer, "FirmService/GetFirm", `{"name": "firms/me"}`, ok, 0, ""},
		{st.suspended, "FirmService/GetFirm", `{"name": "firms/me"}`, ok, 0, ""},
		{"", "FirmService/GetFirm", `{"name": "firms/algoma-steel"}`, codes.Unauthenticated, tandemv1.Reason_CREDENTIAL_INVALID, ""},
		{"tnd_wrong", "FirmService/GetFirm", `{"name": "firms/algoma-steel"}`, codes.Unauthenticated, tandemv1.Reason_CREDENTIAL_INVALID, ""},
		{st.auditor, "FirmService/ListFirms", `{"page_size": 3, "order_by": "display_name desc"}`, ok, 0, ""},
		{st.auditor, "FirmService/ListFirms", `{"filter": "country = \"KR\" AND capability = \"underwater.sonar\" AND NOT kind = UNIVERSITY"}`, ok, 0, ""},
		{st.auditor, "FirmService/ListFirms", `{"filter": "capability = underwater.sonar OR region = \"CA-NS\""}`, ok, 0, ""},
		{st.algoma, "FirmService/ListFirms", `{}`, codes.PermissionDenied, tandemv1.Reason_ROLE_NOT_ALLOWED, ""},
		{st.organiser, "FirmService/ListFirms", `{"filter": "country = "}`, codes.InvalidArgument, tandemv1.Reason_FILTER_INVALID, "column"},
		{st.organiser, "FirmService/ListFirms", `{"filter": "colour = \"red\""}`, codes.InvalidArgument, tandemv1.Reason_FILTER_INVALID, "fields are capability, country"},
		{st.organiser, "FirmService/ListFirms", `{"filter": "kind = CLUB"}`, codes.InvalidArgument, tandemv1.Reason_FILTER_INVALID, "COMPANY"},
		{st.organiser, "FirmService/ListFirms", `{"order_by": "colour"}`, codes.InvalidArgument, tandemv1.Reason_FILTER_INVALID, "display_name"},
		{st.organiser, "FirmService/ListFirms", `{"page_size": -1}`, codes.InvalidArgument, tandemv1.Reason_FIELD_INVALID, "page_size"},
		{st.organiser, "FirmService/ListFirms", `{"page_token": "bm90IGEgdG9rZW4gb2Ygb3Vycw"}`, codes.InvalidArgument, tandemv1.Reason_PAGE_TOKEN_INVALID, ""},
		{st.integration, "FirmService/BatchGetFirms", `{"names": ["firms/telesat", "firms/algoma-steel"]}`, ok, 0, ""},
		{st.integration, "FirmService/BatchGetFirms", `{"names": ["firms/telesat", "firms/no-such-firm"]}`, codes.NotFound, tandemv1.Reason_NOT_FOUND, "no-such-firm"},
		{st.integration, "FirmService/BatchGetFirms", `{"names": ["firms/telesat", "firms/telesat"]}`, codes.InvalidArgument, tandemv1.Reason_FIELD_INVALID, "names"},
		{st.algoma, "FirmService/BatchGetFirms", `{"names": ["firms/algoma-steel"]}`, codes.PermissionDenied, tandemv1.Reason_ROLE_NOT_ALLOWED, ""},
		{st.integration, "FirmService/ListFirms", `{"filter": "update_time > \"2026-01-01T00:00:00Z\"", "order_by": "update_time desc", "page_size": 2}`, ok, 0, ""},
		{"", "CatalogService/SuggestCapabilities", `{"text": "예인선배열소나"}`, ok, 0, ""},
		{"", "CatalogService/GetCapability", `{"name": "capabilities/space.launch.site"}`, ok, 0, ""},
		{"", "CatalogService/GetCapability", `{"name": "capabilities/space.launch.pad"}`, codes.NotFound, tandemv1.Reason_NOT_FOUND, ""},
		{"", "CatalogService/ListCapabilities", `{"filter": "kic = \"sonar-acoustic-systems\""}`, ok, 0, ""},
		{st.algoma, "CatalogService/ListFrameworks", `{"filter": "parent = \"indo-pacific-strategy\""}`, ok, 0, ""},
		{st.algoma, "CatalogService/ListVenues", `{"filter": "country = \"KR\" AND kind = \"TRADE_SHOW\""}`, ok, 0, ""},
		{st.algoma, "CatalogService/ListPrograms", `{"filter": "award_condition = \"cpsp\""}`, ok, 0, ""},
		{st.algoma, "CatalogService/ListActors", `{"filter": "country = \"KR\" AND industry_facing"}`, ok, 0, ""},
		{st.algoma, "CatalogService/ListThemes", `{"filter": "kind = \"focus\""}`, ok, 0, ""},
		{st.algoma, "CatalogService/ListCrosswalks", `{"filter": "scheme = \"kic\""}`, ok, 0, ""},
		{"", "CatalogService/ListRegions", `{"filter": "coast = OCEAN"}`, ok, 0, ""},
		{"", "CatalogService/ListFrameworks", `{}`, codes.Unauthenticated, tandemv1.Reason_CREDENTIAL_INVALID, ""},

		// Suggested needs: to staff of anybody, to a firm of itself.
		{st.organiser, "FirmService/SuggestNeeds", `{"firm": "firms/algoma-steel", "top": 5, "language": "FR"}`, ok, 0, ""},
		{st.auditor, "FirmService/SuggestNeeds", `{"firm": "firms/hanwha-ocean", "language": "KO"}`, ok, 0, ""},
		{st.algoma, "FirmService/SuggestNeeds", `{"firm": "firms/me"}`, ok, 0, ""},
		{st.newcomer, "FirmService/SuggestNeeds", `{"firm": "firms/me"}`, ok, 0, ""},
		{st.algoma, "FirmService/SuggestNeeds", `{"firm": "firms/hanwha-ocean"}`, codes.NotFound, tandemv1.Reason_NOT_FOUND, ""},
		{st.organiser, "FirmService/SuggestNeeds", `{"firm": "firms/no-such-firm"}`, codes.NotFound, tandemv1.Reason_NOT_FOUND, ""},
		{st.organiser, "FirmService/SuggestNeeds", `{"firm": "firms/algoma-steel", "top": 41}`, codes.InvalidArgument, tandemv1.Reason_FIELD_INVALID, "top"},
		{st.suspended, "FirmService/SuggestNeeds", `{"firm": "firms/me"}`, codes.PermissionDenied, tandemv1.Reason_ROLE_NOT_ALLOWED, ""},
		{"", "FirmService/SuggestNeeds", `{"firm": "firms/algoma-steel"}`, codes.Unauthenticated, tandemv1.Reason_CREDENTIAL_INVALID, ""},

		// Pairings, live and published.
		{st.organiser, "PairingService/FindPartners", `{"firm": "firms/algoma-steel", "top": 10, "language": "FR"}`, ok, 0, ""},
		{st.integration, "PairingService/FindPartners", `{"firm": "firms/algoma-steel", "capability": "naval", "kinds": ["COMPANY"], "gate_at_most": "ACTION"}`, ok, 0, ""},
		{st.organiser, "PairingService/FindPartners", `{"firm": "firms/algoma-steel", "capability": "naval.boats"}`, codes.InvalidArgument, tandemv1.Reason_CAPABILITY_UNKNOWN, "nearest"},
		{st.organiser, "PairingService/FindPartners", `{"firm": "firms/no-such-firm"}`, codes.NotFound, tandemv1.Reason_NOT_FOUND, ""},
		{st.organiser, "PairingService/FindPartners", `{"firm": "firms/algoma-steel", "top": 1001}`, codes.InvalidArgument, tandemv1.Reason_FIELD_INVALID, "top"},
		{st.algoma, "PairingService/FindPartners", `{"firm": "firms/algoma-steel"}`, codes.PermissionDenied, tandemv1.Reason_ROLE_NOT_ALLOWED, ""},
		{st.auditor, "PairingService/ExplainPairing", `{"name": "pairings/algoma-steel~hanwha-ocean", "language": "KO"}`, ok, 0, ""},
		{st.auditor, "PairingService/ExplainPairing", `{"name": "pairings/hanwha-ocean~algoma-steel", "language": "EN"}`, ok, 0, ""},
		{st.auditor, "PairingService/ExplainPairing", `{"name": "pairings/algoma-steel~telesat"}`, ok, 0, ""},
		{st.auditor, "PairingService/ExplainPairing", `{"name": "pairings/algoma-steel~algoma-steel"}`, codes.InvalidArgument, tandemv1.Reason_FIELD_INVALID, "twice"},
		{st.auditor, "PairingService/ExplainPairing", `{"name": "pairings/algoma-steel~no-such-firm"}`, codes.NotFound, tandemv1.Reason_NOT_FOUND, ""},
		{st.auditor, "PairingService/ListPairings", `{"filter": "condition = \"cpsp\"", "page_size": 3}`, ok, 0, ""},
		{st.auditor, "PairingService/ListPairings", `{"filter": "theme = \"focus-space\" AND tier = RECIPROCAL", "page_size": 3, "language": "KO"}`, ok, 0, ""},
		{st.algoma, "PairingService/ListPairings", `{"language": "FR"}`, ok, 0, ""},
		{st.algoma, "PairingService/ListPairings", `{"filter": "band = STRONG"}`, codes.InvalidArgument, tandemv1.Reason_FIELD_INVALID, "filter"},
		{st.algoma, "PairingService/GetPairing", `{"name": "pairings/telesat~hanwha-systems"}`, codes.NotFound, tandemv1.Reason_NOT_FOUND, ""},
		{st.newcomer, "PairingService/ListPairings", `{}`, codes.PermissionDenied, tandemv1.Reason_ROLE_NOT_ALLOWED, ""},
		{st.suspended, "PairingService/ListPairings", `{}`, codes.PermissionDenied, tandemv1.Reason_ROLE_NOT_ALLOWED, ""},

		// Writing, refused and accepted.
		{st.organiser, "FirmService/CreateFirm", create("good-firm", firm("")), ok, 0, ""},
		{st.organiser, "FirmService/CreateFirm", strings.Replace(create("good-firm", firm("")), "create-good", "again-good", 1), codes.AlreadyExists, tandemv1.Reason_ALREADY_EXISTS, "good-firm"},
		{st.organiser, "FirmService/CreateFirm", strings.Replace(create("good-firm", firm("")), `"F"`, `"G"`, 1), codes.AlreadyExists, tandemv1.Reason_REQUEST_ID_REUSED, "request_id"},
		{st.organiser, "FirmService/CreateFirm", create("bad-code", firm(`, "needs": [{"capability": "underwater.sonar.towed"}]`)), codes.InvalidArgument, tandemv1.Reason_CAPABILITY_UNKNOWN, "underwater.sonar.towed-array"},
		{st.organiser, "FirmService/CreateFirm", create("ambiguous", firm(`, "needs": [{"text": "SAR"}]`)), codes.InvalidArgument, tandemv1.Reason_CAPABILITY_AMBIGUOUS, "space.eo.sar"},
		{st.organiser, "FirmService/CreateFirm", create("outside", strings.Replace(firm(""), "KR", "FR", 1)), codes.InvalidArgument, tandemv1.Reason_FIELD_INVALID, "it has CA, KR"},
		{st.organiser, "FirmService/CreateFirm", create("region", firm(`, "region": "CA-ON"`)), codes.InvalidArgument, tandemv1.Reason_FIELD_INVALID, "begins with KR-"},
		{st.organiser, "FirmService/CreateFirm", create("region-unknown", firm(`, "region": "KR-99"`)), codes.InvalidArgument, tandemv1.Reason_FIELD_INVALID, "KR-26"},
		{st.organiser, "FirmService/CreateFirm", strings.Replace(create("unattested", firm("")), "true", "false", 1), codes.InvalidArgument, tandemv1.Reason_ATTESTATION_MISSING, "attested"},
		{st.organiser, "FirmService/CreateFirm", create("empty-need", firm(`, "needs": [{"detail": "anything"}]`)), codes.InvalidArgument, tandemv1.Reason_FIELD_INVALID, "needs[0].capability"},
		{st.organiser, "FirmService/CreateFirm", create("twice", `{"display_name": "Half", "country": "KR", "kind": "COMPANY"}`), ok, 0, ""},
		{st.organiser, "FirmService/CreateFirm", create("duplicate", `{"display_name": "F", "country": "KR", "kind": "COMPANY", "offers": [{"capability": "naval.build"}, {"capability": "naval.build"}]}`), codes.InvalidArgument, tandemv1.Reason_FIELD_INVALID, "offers[1].capability"},
		{st.organiser, "FirmService/CreateFirm", create("output", firm(`, "state": "APPROVED"`)), codes.InvalidArgument, tandemv1.Reason_FIELD_INVALID, "firm.state"},
		{st.organiser, "FirmService/CreateFirm", create("program", firm(`, "programs": ["programs/no-such"]`)), codes.InvalidArgument, tandemv1.Reason_FIELD_INVALID, "programs[0]"},
		{st.auditor, "FirmService/CreateFirm", create("auditor", firm("")), codes.PermissionDenied, tandemv1.Reason_ROLE_NOT_ALLOWED, ""},
		{st.organiser, "FirmService/UpdateFirm", `{"firm": {"name": "firms/telesat", "summary": "New."}, "update_mask": "summary", "attested": true, "request_id": "u1"}`, ok, 0, ""},
		{st.organiser, "FirmService/UpdateFirm", `{"firm": {"name": "firms/telesat", "summary": "Newer.", "etag": "stale"}, "attested": true}`, codes.Aborted, tandemv1.Reason_ETAG_STALE, "telesat"},
		{st.organiser, "FirmService/UpdateFirm", `{"firm": {"name": "firms/telesat", "summary": "Newer."}, "update_mask": "state", "attested": true}`, codes.InvalidArgument, tandemv1.Reason_FIELD_INVALID, "update_mask"},
		{st.organiser, "FirmService/UpdateFirm", `{"firm": {"name": "firms/telesat", "country": "XX"}, "attested": true}`, codes.InvalidArgument, tandemv1.Reason_FIELD_INVALID, "it has CA, KR"},
		{st.algoma, "FirmService/UpdateFirm", `{"firm": {"name": "firms/telesat", "summary": "Mine."}, "attested": true}`, codes.NotFound, tandemv1.Reason_NOT_FOUND, ""},
		{st.algoma, "FirmService/UpdateFirm", `{"firm": {"name": "firms/algoma-steel", "provenance": "COMPILED"}, "attested": true}`, codes.InvalidArgument, tandemv1.Reason_FIELD_INVALID, "SELF"},
		{st.algoma, "FirmService/UpdateFirm", `{"firm": {"name": "firms/algoma-steel", "summary": "Plate."}, "update_mask": "summary", "attested": true, "request_id": "u2"}`, ok, 0, ""},
		{st.suspended, "FirmService/UpdateFirm", `{"firm": {"name": "firms/mda-space", "summary": "Mine."}, "attested": true}`, codes.PermissionDenied, tandemv1.Reason_ROLE_NOT_ALLOWED, ""},
		{st.integration, "FirmService/UpdateFirm", upsert("firms/-", "crm-0042", "up1"), ok, 0, "crm-0042"},
		{st.integration, "FirmService/UpdateFirm", upsert("firms/-", "CRM 0042/가", "up2"), ok, 0, "crm-0042-"},
		{st.integration, "FirmService/UpdateFirm", upsert("firms/up-and-new", "crm-0043", "up3"), ok, 0, "firms/up-and-new"},
		{st.integration, "FirmService/UpdateFirm", upsert("firms/up-again", "crm-0043", "up4"), codes.AlreadyExists, tandemv1.Reason_ALREADY_EXISTS, "external_id"},
		{st.integration, "FirmService/UpdateFirm", upsert("firms/-", "", "up5"), codes.InvalidArgument, tandemv1.Reason_FIELD_INVALID, "external_id"},
		{st.integration, "FirmService/UpdateFirm", upsert("firms/Up", "crm-0044", "up6"), codes.InvalidArgument, tandemv1.Reason_FIELD_INVALID, "firm"},
		{st.integration, "FirmService/UpdateFirm", strings.Replace(upsert("firms/-", "crm-0045", "up7"), `"allow_missing": true`, `"allow_missing": false`, 1), codes.NotFound, tandemv1.Reason_NOT_FOUND, "crm-0045"},
		{st.algoma, "FirmService/UpdateFirm", upsert("firms/-", "crm-0042", "up8"), codes.NotFound, tandemv1.Reason_NOT_FOUND, ""},

		// The feed of changes.
		{st.integration, "ChangeService/ListChanges", `{"page_size": 3, "language": "KO"}`, ok, 0, ""},
		{st.auditor, "ChangeService/ListChanges", `{"after": "` + st.position + `", "page_size": 3, "wait": "1s"}`, ok, 0, ""},
		{st.auditor, "ChangeService/ListChanges", `{"after": "7fffffff-00ff00ff00ff-~"}`, codes.OutOfRange, tandemv1.Reason_POSITION_GONE, "begin again"},
		{st.auditor, "ChangeService/ListChanges", `{"after": "yesterday"}`, codes.InvalidArgument, tandemv1.Reason_FIELD_INVALID, "after"},
		{st.auditor, "ChangeService/ListChanges", `{"wait": "21s"}`, codes.InvalidArgument, tandemv1.Reason_FIELD_INVALID, "wait"},
		{st.auditor, "ChangeService/ListChanges", `{"page_size": 501}`, codes.InvalidArgument, tandemv1.Reason_FIELD_INVALID, "page_size"},
		{st.algoma, "ChangeService/ListChanges", `{}`, codes.PermissionDenied, tandemv1.Reason_ROLE_NOT_ALLOWED, ""},

		{st.organiser, "FirmService/ApproveFirm", `{"name": "` + st.newcomerName + `", "request_id": "a1"}`, ok, 0, ""},
		{st.integration, "FirmService/ApproveFirm", `{"name": "` + st.newcomerName + `"}`, codes.PermissionDenied, tandemv1.Reason_ROLE_NOT_ALLOWED, ""},
		{st.organiser, "FirmService/ApproveFirm", `{"name": "firms/twice"}`, codes.FailedPrecondition, tandemv1.Reason_WRONG_STATE, "lacks offers and needs"},
		{st.organiser, "FirmService/SuspendFirm", `{"name": "firms/good-firm", "request_id": "s1"}`, ok, 0, ""},
		{st.organiser, "FirmService/DeleteFirm", `{"name": "firms/good-firm", "request_id": "d1"}`, ok, 0, ""},
		{st.organiser, "FirmService/DeleteFirm", `{"name": "firms/good-firm", "request_id": "d2"}`, codes.NotFound, tandemv1.Reason_NOT_FOUND, ""},
		{st.organiser, "FirmService/UndeleteFirm", `{"name": "firms/good-firm", "request_id": "ud1"}`, ok, 0, "good-firm"},
		{st.organiser, "FirmService/UndeleteFirm", `{"name": "firms/good-firm", "request_id": "ud2"}`, codes.AlreadyExists, tandemv1.Reason_ALREADY_EXISTS, "good-firm"},
		{st.organiser, "FirmService/UndeleteFirm", `{"name": "firms/no-such-firm"}`, codes.NotFound, tandemv1.Reason_NOT_FOUND, ""},
		{st.integration, "FirmService/UndeleteFirm", `{"name": "firms/good-firm"}`, codes.PermissionDenied, tandemv1.Reason_ROLE_NOT_ALLOWED, ""},
		{st.organiser, "FirmService/BatchApproveFirms", `{"names": ["firms/good-firm", "` + st.newcomerName + `"], "request_id": "ba1"}`, ok, 0, "APPROVED"},
		{st.organiser, "FirmService/BatchApproveFirms", `{"names": ["firms/good-firm", "firms/twice"]}`, codes.FailedPrecondition, tandemv1.Reason_WRONG_STATE, "names[1]"},
		{st.organiser, "FirmService/BatchApproveFirms", `{"names": ["firms/good-firm", "firms/no-such-firm"]}`, codes.NotFound, tandemv1.Reason_NOT_FOUND, "no-such-firm"},
		{st.integration, "FirmService/BatchApproveFirms", `{"names": ["firms/good-firm"]}`, codes.PermissionDenied, tandemv1.Reason_ROLE_NOT_ALLOWED, ""},

		// Invitations. A code that is good is claimed once, so that it is not here: see TestClaim.
		{st.organiser, "InvitationService/InviteFirm", `{"name": "firms/no-such-firm"}`, codes.NotFound, tandemv1.Reason_NOT_FOUND, ""},
		{st.organiser, "InvitationService/InviteFirm", `{"name": "firms/algoma-steel"}`, codes.FailedPrecondition, tandemv1.Reason_WRONG_STATE, "replace_credentials"},
		{st.organiser, "InvitationService/InviteFirm", `{"name": "firms/telesat", "ttl": "7776001s"}`, codes.InvalidArgument, tandemv1.Reason_FIELD_INVALID, "ttl"},
		{st.integration, "InvitationService/InviteFirm", `{"name": "firms/telesat"}`, codes.PermissionDenied, tandemv1.Reason_ROLE_NOT_ALLOWED, ""},
		{st.organiser, "InvitationService/BatchInviteFirms", `{"names": ["firms/telesat", "firms/algoma-steel"]}`, codes.FailedPrecondition, tandemv1.Reason_WRONG_STATE, "algoma-steel"},
		{st.algoma, "InvitationService/BatchInviteFirms", `{}`, codes.PermissionDenied, tandemv1.Reason_ROLE_NOT_ALLOWED, ""},
		{"", "InvitationService/ClaimFirm", `{"code": "0000-0000-0000-0001"}`, codes.InvalidArgument, tandemv1.Reason_FIELD_INVALID, "code"},
		{"", "InvitationService/ClaimFirm", `{"code": "0000-0000-0000-0000"}`, codes.NotFound, tandemv1.Reason_CLAIM_CODE_UNKNOWN, "invites nobody"},
		{"", "InvitationService/ClaimFirm", `{}`, codes.InvalidArgument, tandemv1.Reason_FIELD_INVALID, "code"},
		{st.algoma, "InvitationService/ClaimFirm", `{"code": "0000-0000-0000-0000"}`, codes.PermissionDenied, tandemv1.Reason_ROLE_NOT_ALLOWED, ""},
		{st.auditor, "InvitationService/ListInvitations", `{"page_size": 2, "firm": "firms/telesat"}`, ok, 0, ""},
		{st.integration, "InvitationService/ListInvitations", `{}`, codes.PermissionDenied, tandemv1.Reason_ROLE_NOT_ALLOWED, ""},
		{st.organiser, "InvitationService/RevokeInvitation", `{"name": "invitations/nosuch"}`, codes.NotFound, tandemv1.Reason_NOT_FOUND, ""},

		{st.organiser, "CatalogService/UpdateFramework", `{"framework": {"name": "frameworks/gsia", "status": "IN_FORCE", "as_of": "2026-12-01"}, "update_mask": "status,asOf", "request_id": "f1"}`, ok, 0, ""},
		{st.organiser, "CatalogService/UpdateFramework", `{"framework": {"name": "frameworks/gsia", "capabilities": ["capabilities/naval.boats"]}}`, codes.InvalidArgument, tandemv1.Reason_CAPABILITY_UNKNOWN, "framework.capabilities[0]"},
		{st.organiser, "CatalogService/UpdateFramework", `{"framework": {"name": "frameworks/gsia", "gates": ["nonsense"]}}`, codes.InvalidArgument, tandemv1.Reason_FIELD_INVALID, "framework.gates[0]"},
		{st.integration, "CatalogService/UpdateProgram", `{"program": {"name": "programs/cpsp", "status": "AWARDED"}}`, codes.PermissionDenied, tandemv1.Reason_ROLE_NOT_ALLOWED, ""},
		{st.organiser, "CatalogService/UpdateProgram", `{"program": {"name": "programs/cpsp", "status": "AWARDED", "awarded_to": "KR"}, "update_mask": "status,awardedTo", "request_id": "p1"}`, ok, 0, ""},
		{st.organiser, "CatalogService/UpdateVenue", `{"venue": {"name": "venues/cansec", "next_start": "2027-05-26"}, "update_mask": "nextStart", "request_id": "v1"}`, ok, 0, ""},

		// Runs and reports.
		{st.auditor, "MatchRunService/GetMatchRun", `{"name": "` + st.run + `"}`, ok, 0, ""},
		{st.auditor, "MatchRunService/ListMatchRuns", `{"page_size": 2}`, ok, 0, ""},
		{st.auditor, "MatchRunService/ListMatchResults", `{"parent": "` + st.run + `", "page_size": 2, "language": "FR"}`, ok, 0, ""},
		{st.auditor, "MatchRunService/ListMatchResults", `{"parent": "matchRuns/nosuchrun"}`, codes.NotFound, tandemv1.Reason_NOT_FOUND, ""},
		{st.auditor, "MatchRunService/DownloadReport", `{"name": "` + st.run + `", "format": "HTML", "language": "KO"}`, ok, 0, ""},
		{st.auditor, "MatchRunService/DownloadReport", `{"name": "` + st.run + `", "format": "CSV", "language": "FR", "bom": true}`, ok, 0, ""},
		{st.auditor, "MatchRunService/DownloadReport", `{"name": "` + st.run + `", "format": "JSONL"}`, ok, 0, ""},
		{st.auditor, "MatchRunService/DownloadReport", `{"name": "matchRuns/nosuchrun"}`, codes.NotFound, tandemv1.Reason_NOT_FOUND, ""},
		{st.auditor, "MatchRunService/ExportSnapshot", `{"name": "` + st.run + `"}`, ok, 0, ""},
		{st.algoma, "MatchRunService/DownloadReport", `{"name": "` + st.run + `"}`, codes.PermissionDenied, tandemv1.Reason_ROLE_NOT_ALLOWED, ""},
		{st.organiser, "MatchRunService/CancelMatchRun", `{"name": "` + st.run + `"}`, codes.FailedPrecondition, tandemv1.Reason_WRONG_STATE, "finished"},
		{st.organiser, "MatchRunService/PublishMatchRun", `{"name": "` + st.run + `", "request_id": "publish"}`, ok, 0, ""},
		{st.integration, "MatchRunService/PublishMatchRun", `{"name": "` + st.run + `"}`, codes.PermissionDenied, tandemv1.Reason_ROLE_NOT_ALLOWED, ""},
		{st.organiser, "MatchRunService/CreateMatchRun", `{"match_run": {"as_of": "2026-02-31"}}`, codes.InvalidArgument, tandemv1.Reason_FIELD_INVALID, "as_of"},
		{st.auditor, "google.longrunning.Operations/GetOperation", `{"name": "` + strings.Replace(st.run, "matchRuns", "operations", 1) + `"}`, ok, 0, ""},
		{st.auditor, "google.longrunning.Operations/ListOperations", `{"name": "operations", "page_size": 2}`, ok, 0, ""},
		{st.auditor, "google.longrunning.Operations/GetOperation", `{"name": "operations/nosuchrun"}`, codes.NotFound, tandemv1.Reason_NOT_FOUND, "operations/nosuchrun"},
		{st.organiser, "google.longrunning.Operations/DeleteOperation", `{"name": "` + strings.Replace(st.run, "matchRuns", "operations", 1) + `"}`, codes.Unimplemented, tandemv1.Reason_METHOD_UNKNOWN, ""},

		// The audit log.
		{st.auditor, "AuditService/ListAuditEntries", `{"page_size": 2, "filter": "action = UpdateFramework", "language": "KO"}`, ok, 0, "수정했습니다"},
		{st.organiser, "AuditService/ListAuditEntries", `{"filter": "text = \"x\""}`, codes.InvalidArgument, tandemv1.Reason_FILTER_INVALID, "resource"},
		{st.organiser, "AuditService/ListAuditEntries", `{"page_token": "forged"}`, codes.InvalidArgument, tandemv1.Reason_PAGE_TOKEN_INVALID, ""},
		{st.integration, "AuditService/ListAuditEntries", `{}`, codes.PermissionDenied, tandemv1.Reason_ROLE_NOT_ALLOWED, ""},
		{st.algoma, "AuditService/ListAuditEntries", `{}`, codes.PermissionDenied, tandemv1.Reason_ROLE_NOT_ALLOWED, ""},

		// Credentials.
		{st.organiser, "CredentialService/CreateCredential", `{"role": "AUDITOR", "firm": "firms/telesat"}`, codes.InvalidArgument, tandemv1.Reason_FIELD_INVALID, "firm"},
		{st.organiser, "CredentialService/CreateCredential", `{"role": "FIRM"}`, codes.InvalidArgument, tandemv1.Reason_FIELD_INVALID, "firm"},
		{st.organiser, "CredentialService/CreateCredential", `{"role": "ORGANISER", "ttl": "15552000s"}`, codes.InvalidArgument, tandemv1.Reason_FIELD_INVALID, "90 days"},
		{st.integration, "CredentialService/CreateCredential", `{"role": "AUDITOR"}`, codes.PermissionDenied, tandemv1.Reason_ROLE_NOT_ALLOWED, ""},
		{st.algoma, "CredentialService/ListCredentials", `{}`, ok, 0, ""},
		{st.organiser, "CredentialService/RevokeCredential", `{"name": "credentials/nosuch"}`, codes.NotFound, tandemv1.Reason_NOT_FOUND, ""},
	}
	for i, r := range rows {
		a := st.both(t, call{method: r.method, credential: r.who, request: r.request})
		if a.Code != r.code || r.code != ok && a.reason() != r.reason.String() {
			t.Errorf("row %d, %s %s: got %s %s (%s), want %s %s", i, r.method, r.request, a.Code, a.reason(), a.Message, r.code, r.reason)
		}
		if text := a.Message + fmt.Sprint(a.Details...) + fmt.Sprint(a.Body); !strings.Contains(text, r.says) {
			t.Errorf("row %d, %s: got %s, want it to say %q", i, r.method, text, r.says)
		}
	}
	t.Logf("%d calls, each over both protocols", len(rows))
}
