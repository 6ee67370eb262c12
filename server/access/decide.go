package access

import (
	"slices"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// Decision is the answer to "may this caller do that?".
type Decision int

const (
	// Unauthenticated: the caller has no credential and needs one.
	Unauthenticated Decision = iota
	// Denied: the caller's role may never call the method.
	Denied
	// Absent: the role may call the method, but the object is out of its view,
	// which must look as if it did not exist.
	Absent
	// Allowed: the call may go on.
	Allowed
)

// Decide says whether a caller may call a method that declares a. Owners are the
// firms whose object it is (both firms of a pairing, the firm of a credential);
// without any, the method alone is judged, as the chain does; the services then
// hold what they load against the caller. A method that declares nothing is
// denied to everybody.
func Decide(c Caller, a *tandemv1.Access, owners ...string) Decision {
	switch {
	case slices.Contains(a.GetRoles(), c.Role):
		return Allowed
	case slices.Contains(a.GetOwn(), c.Role):
		if len(owners) == 0 || slices.ContainsFunc(owners, c.Is) {
			return Allowed
		}
		return Absent
	case c.Role == tandemv1.Role_ANONYMOUS || c.Role == tandemv1.Role_ROLE_UNSPECIFIED:
		return Unauthenticated
	default:
		return Denied
	}
}

// Of returns what a method declares; nil where it declares nothing. The methods
// of google.longrunning.Operations cannot carry Tandem's option: theirs stand
// here. Operations are match runs, so the same roles see and cancel them.
func Of(method protoreflect.MethodDescriptor) *tandemv1.Access {
	if proto.HasExtension(method.Options(), tandemv1.E_Access) {
		return proto.GetExtension(method.Options(), tandemv1.E_Access).(*tandemv1.Access)
	}
	switch method.FullName() {
	case "google.longrunning.Operations.GetOperation",
		"google.longrunning.Operations.ListOperations",
		"google.longrunning.Operations.WaitOperation":
		return &tandemv1.Access{
			Roles:    []tandemv1.Role{tandemv1.Role_ORGANISER, tandemv1.Role_AUDITOR, tandemv1.Role_INTEGRATION},
			ReadOnly: true,
		}
	case "google.longrunning.Operations.CancelOperation":
		return &tandemv1.Access{Roles: []tandemv1.Role{tandemv1.Role_ORGANISER, tandemv1.Role_INTEGRATION}}
	case "google.longrunning.Operations.DeleteOperation":
		return &tandemv1.Access{Roles: []tandemv1.Role{tandemv1.Role_ORGANISER}}
	default:
		return nil
	}
}
