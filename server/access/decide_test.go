package access_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"cloud.google.com/go/longrunning/autogen/longrunningpb"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/access"
)

// matrix is who may call what, as product.md and the trust model have it: written
// by hand, read by people, and not by the contract. Y: on any object; own: on the
// caller's own; -: never.
const matrix = `
                                     anonymous  pending  firm  suspended  organiser  auditor  integration
the partnership and its words            Y         Y      Y       Y           Y         Y         Y
frameworks, venues, programmes: read     -         Y      Y       -           Y         Y         Y
frameworks, venues, programmes: write    -         -      -       -           Y         -         -
register oneself, claim                  Y         -      -       -           -         -         -
profiles of others: write                -         -      -       -           Y         -         Y
profile: read                            -         own    own     own         Y         Y         Y
profile: write                           -         own    own     -           Y         -         Y
profiles: list                           -         -      -       -           Y         Y         Y
needs: suggest                           -         own    own     -           Y         Y         Y
approve, suspend, delete, undelete       -         -      -       -           Y         -         -
pairings: live                           -         -      -       -           Y         Y         Y
pairings: published                      -         -      own     -           Y         Y         Y
runs: start, cancel                      -         -      -       -           Y         -         Y
runs: publish, forget                    -         -      -       -           Y         -         -
runs and reports: read                   -         -      -       -           Y         Y         Y
changes: follow                          -         -      -       -           Y         Y         Y
credentials: issue                       -         -      -       -           Y         -         -
credentials: list                        -         own    own     -           Y         Y         -
credentials: revoke                      -         own    own     -           Y         -         -
invitations: issue, revoke               -         -      -       -           Y         -         -
invitations: list                        -         -      -       -           Y         Y         -
audit: read                              -         -      -       -           Y         Y         -
`

// classes puts every method into a row of the matrix.
var classes = map[string][]string{
	"the partnership and its words": {
		"PartnershipService.GetPartnership", "CatalogService.GetCapability", "CatalogService.ListCapabilities",
		"CatalogService.SuggestCapabilities", "CatalogService.GetRegion", "CatalogService.ListRegions",
	},
	"frameworks, venues, programmes: read": {
		"CatalogService.GetFramework", "CatalogService.ListFrameworks", "CatalogService.GetVenue", "CatalogService.ListVenues",
		"CatalogService.GetProgram", "CatalogService.ListPrograms", "CatalogService.GetActor", "CatalogService.ListActors",
		"CatalogService.GetTheme", "CatalogService.ListThemes", "CatalogService.GetCrosswalk", "CatalogService.ListCrosswalks",
	},
	"frameworks, venues, programmes: write": {"CatalogService.UpdateFramework", "CatalogService.UpdateVenue", "CatalogService.UpdateProgram"},
	"register oneself, claim":               {"FirmService.RegisterFirm", "InvitationService.ClaimFirm"},
	"profiles of others: write":             {"FirmService.CreateFirm", "FirmService.ImportFirms", "FirmService.ReviewFirms"},
	"profile: read":                         {"FirmService.GetFirm"},
	"profile: write":                        {"FirmService.UpdateFirm"},
	"profiles: list": {
		"FirmService.ListFirms", "FirmService.BatchGetFirms", "FirmService.ListIncompleteFirms", "FirmService.ListSuspectedDuplicates",
	},
	"needs: suggest": {"FirmService.SuggestNeeds"},
	"approve, suspend, delete, undelete": {
		"FirmService.ApproveFirm", "FirmService.BatchApproveFirms", "FirmService.SuspendFirm", "FirmService.DeleteFirm", "FirmService.UndeleteFirm",
	},
	"pairings: live":        {"PairingService.FindPartners", "PairingService.ExplainPairing", "PairingService.WatchPartners", "PairingService.AwaitPartners"},
	"pairings: published":   {"PairingService.GetPairing", "PairingService.ListPairings"},
	"runs: start, cancel":   {"MatchRunService.CreateMatchRun", "MatchRunService.CancelMatchRun", "Operations.CancelOperation"},
	"runs: publish, forget": {"MatchRunService.PublishMatchRun", "Operations.DeleteOperation"},
	"runs and reports: read": {
		"MatchRunService.GetMatchRun", "MatchRunService.ListMatchRuns", "MatchRunService.ListMatchResults", "MatchRunService.DownloadReport",
		"MatchRunService.ExportSnapshot", "Operations.GetOperation", "Operations.ListOperations", "Operations.WaitOperation",
		"MatchRunService.CompareMatchRuns",
	},
	"changes: follow":     {"ChangeService.ListChanges", "ChangeService.WatchChanges"},
	"credentials: issue":  {"CredentialService.CreateCredential"},
	"credentials: list":   {"CredentialService.ListCredentials"},
	"credentials: revoke": {"CredentialService.RevokeCredential"},
	"invitations: issue, revoke": {
		"InvitationService.InviteFirm", "InvitationService.BatchInviteFirms", "InvitationService.RevokeInvitation",
	},
	"invitations: list": {"InvitationService.ListInvitations"},
	"audit: read":       {"AuditService.ListAuditEntries"},
}

// columns are the roles in the matrix's order.
var columns = []tandemv1.Role{
	tandemv1.Role_ANONYMOUS, tandemv1.Role_FIRM_PENDING, tandemv1.Role_FIRM, tandemv1.Role_FIRM_SUSPENDED,
	tandemv1.Role_ORGANISER, tandemv1.Role_AUDITOR, tandemv1.Role_INTEGRATION,
}

// readMatrix returns the cell of each method and role.
func readMatrix(t *testing.T) map[string]map[tandemv1.Role]string {
	t.Helper()
	cells := make(map[string]map[tandemv1.Role]string)
	for _, line := range strings.Split(strings.TrimSpace(matrix), "\n")[1:] {
		words := strings.Fields(line)
		row := strings.Join(words[:len(words)-len(columns)], " ")
		if len(classes[row]) == 0 {
			t.Fatalf("no method is in the row %q", row)
		}
		for _, method := range classes[row] {
			cells[method] = make(map[tandemv1.Role]string)
			for i, role := range columns {
				cells[method][role] = words[len(words)-len(columns)+i]
			}
		}
	}
	return cells
}

// expected is the second model: it decides by the matrix.
func expected(cell string, c access.Caller, owners []string) access.Decision {
	mine := false
	for _, owner := range owners {
		mine = mine || (owner == c.Firm && owner != "")
	}
	if cell == "Y" || (cell == "own" && (mine || len(owners) == 0)) {
		return access.Allowed
	}
	if cell == "own" {
		return access.Absent
	}
	if c.Role == tandemv1.Role_ANONYMOUS {
		return access.Unauthenticated
	}
	return access.Denied
}

// methods lists the methods of the contract and of long-running operations.
func methods(t *testing.T) map[string]protoreflect.MethodDescriptor {
	t.Helper()
	all := make(map[string]protoreflect.MethodDescriptor)
	add := func(file protoreflect.FileDescriptor) bool {
		for i := range file.Services().Len() {
			service := file.Services().Get(i)
			for j := range service.Methods().Len() {
				all[string(service.Name()+"."+service.Methods().Get(j).Name())] = service.Methods().Get(j)
			}
		}
		return true
	}
	protoregistry.GlobalFiles.RangeFilesByPackage("tandem.v1", add)
	add(longrunningpb.File_google_longrunning_operations_proto)
	return all
}

func TestEveryMethodDeclaresWhoMayCallIt(t *testing.T) {
	cells := readMatrix(t)
	all := methods(t)
	for name, method := range all {
		a := access.Of(method)
		if len(a.GetRoles()) == 0 {
			t.Errorf("%s does not declare who may call it", name)
		}
		if slices.Contains(append(a.GetRoles(), a.GetOwn()...), tandemv1.Role_ROLE_UNSPECIFIED) {
			t.Errorf("%s declares a role that nobody has", name)
		}
		reads := strings.Contains(name, ".Get") || strings.Contains(name, ".List") || slices.Contains(
			[]string{
				"CatalogService.SuggestCapabilities", "FirmService.SuggestNeeds", "PairingService.FindPartners", "PairingService.ExplainPairing",
				"MatchRunService.DownloadReport", "MatchRunService.ExportSnapshot", "Operations.WaitOperation",
				"FirmService.BatchGetFirms", "FirmService.ReviewFirms", "MatchRunService.CompareMatchRuns", "ChangeService.WatchChanges",
				"PairingService.WatchPartners", "PairingService.AwaitPartners",
			}, name)
		if a.GetReadOnly() != reads {
			t.Errorf("%s: declared read-only: %t, but it reads only: %t", name, a.GetReadOnly(), reads)
		}
		if cells[name] == nil {
			t.Errorf("%s is in no row of the matrix", name)
		}
	}
	for name := range cells {
		if all[name] == nil {
			t.Errorf("the matrix has %s, which the contract has not", name)
		}
	}
	if got := access.Of(foreign{all["FirmService.GetFirm"]}); got != nil {
		t.Errorf("a method of somebody else's contract: got %v, want no access", got)
	}
}

// foreign is a method that neither the contract nor this package knows.
type foreign struct{ protoreflect.MethodDescriptor }

func (foreign) FullName() protoreflect.FullName    { return "example.Other.Method" }
func (foreign) Options() protoreflect.ProtoMessage { return (*descriptorpb.MethodOptions)(nil) }

func TestEveryRoleAtEveryMethod(t *testing.T) {
	cells := readMatrix(t)
	for name, method := range methods(t) {
		for _, role := range columns {
			c := access.Caller{Role: role, Firm: "firms/a"}
			for _, owners := range [][]string{nil, {"firms/a"}, {"firms/b"}, {"firms/b", "firms/a"}, {"firms/b", "firms/c"}} {
				if got, want := access.Decide(c, access.Of(method), owners...), expected(cells[name][role], c, owners); got != want {
					t.Errorf("%s at %s of %v: got %d, want %d", role, name, owners, got, want)
				}
			}
		}
	}
}

// Fifty thousand random decisions, against the model.
func TestDecisionsAgreeWithTheModel(t *testing.T) {
	cells, all := readMatrix(t), methods(t)
	var names []string
	for name := range all {
		names = append(names, name)
	}
	slices.Sort(names)
	random := rand.New(rand.NewPCG(1, 2))
	firms := []string{"", "firms/a", "firms/b", "firms/aa", "firms/A"}
	seen := make(map[access.Decision]int)
	for range 50_000 {
		name := names[random.IntN(len(names))]
		c := access.Caller{
			Role: columns[random.IntN(len(columns))], Firm: firms[random.IntN(len(firms))],
			Credential: fmt.Sprint("credentials/", random.IntN(9)), Operator: random.IntN(2) == 0,
		}
		var owners []string
		for range random.IntN(3) {
			owners = append(owners, firms[random.IntN(len(firms))])
		}
		got := access.Decide(c, access.Of(all[name]), owners...)
		if want := expected(cells[name][c.Role], c, owners); got != want {
			t.Fatalf("%+v at %s of %q: got %d, want %d", c, name, owners, got, want)
		}
		seen[got]++
	}
	for _, decision := range []access.Decision{access.Unauthenticated, access.Denied, access.Absent, access.Allowed} {
		if seen[decision] < 100 {
			t.Errorf("decision %d came up %d times: the test does not try enough", decision, seen[decision])
		}
	}
}

func TestNothingDeclaredIsDeniedToAll(t *testing.T) {
	for _, role := range columns {
		if got := access.Decide(access.Caller{Role: role}, nil); got == access.Allowed || got == access.Absent {
			t.Errorf("%s may call a method that declares nothing", role)
		}
	}
	if got := access.Decide(access.Caller{}, nil); got != access.Unauthenticated {
		t.Errorf("nobody at all: got %d, want %d", got, access.Unauthenticated)
	}
}
