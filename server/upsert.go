package server

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"regexp"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/store"
)

// byExternalID is the name under which an update finds its firm by external_id.
const byExternalID = "firms/-"

// updateTarget finds the firm that an update is about; nil where it is to be created, under the name returned.
func (c *change) updateTarget(r *tandemv1.UpdateFirmRequest) (old *tandemv1.Firm, name string, err error) {
	name = r.Firm.Name
	if name == byExternalID {
		if name, err = c.nameOf(r.Firm.ExternalId); err != nil {
			return nil, "", err
		}
	}
	old, err = c.liveFirm(name, r.Firm.Etag)
	absent := err != nil && asError(err).Code == codes.NotFound
	switch {
	case absent && r.AllowMissing && r.Firm.Etag == "" && c.caller.Staff():
		return nil, name, nil
	case absent && r.Firm.Name == byExternalID:
		return nil, "", &Error{Code: codes.NotFound, Reason: tandemv1.Reason_NOT_FOUND, says: say("error.absent.external_id", r.Firm.ExternalId)}
	}
	return old, name, err
}

// nameOf is the name of the firm with an external id, or the one that it would get.
func (c *change) nameOf(externalID string) (string, error) {
	if externalID == "" {
		return "", invalid("firm.external_id", "error.external_id.empty")
	}
	row, err := c.Find(firms, "external_id="+externalID)
	if err == nil {
		return row.Name, nil
	}
	if !errors.Is(err, store.ErrNotFound) {
		return "", err
	}
	plain, exact := idFrom(externalID)
	if exact {
		if _, err := c.firm("firms/" + plain); errors.Is(err, store.ErrNotFound) {
			return "firms/" + plain, nil
		}
	}
	digest := sha256.Sum256([]byte(externalID))
	return "firms/" + strings.Trim(plain+"-"+hex.EncodeToString(digest[:5]), "-"), nil
}

const (
	longestID  = 60   // of the part of an id that comes from an external id
	reservedID = "me" // firms/me is the caller's own
)

// notInID matches what an external id has and an id has not.
var notInID = regexp.MustCompile(`[^a-z0-9]+`)

// idFrom makes an id of an external id; exact is false where two external ids could give the same.
func idFrom(externalID string) (id string, exact bool) {
	id = strings.Trim(notInID.ReplaceAllString(strings.ToLower(externalID), "-"), "-")
	if len(id) > longestID {
		id = strings.Trim(id[:longestID], "-")
	}
	return id, id == externalID && len(id) > 1 && id != reservedID
}

// updated is the firm as an update leaves it, not yet settled. One that is created takes all that the request has.
func updated(old *tandemv1.Firm, r *tandemv1.UpdateFirmRequest, name string, mask *fieldmaskpb.FieldMask) *tandemv1.Firm {
	if old != nil {
		return merged(old, r.Firm, mask)
	}
	firm := proto.CloneOf(r.Firm)
	firm.Name = name
	return firm
}
