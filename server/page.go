package server

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"

	"google.golang.org/protobuf/proto"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/access"
)

// Pages are read by keyset: a token holds the sort key of the last row, and a MAC that binds it to the caller and the query, so
// that nobody reads on with another's token or another filter.

const (
	defaultPage = 100
	maxPage     = 500
	macSize     = 16 // bytes of the MAC kept in a token
)

// listRequest is what every list request has.
type listRequest interface {
	proto.Message
	GetPageSize() int32
	GetPageToken() string
}

// pageSize is how many rows a list answers at most.
func pageSize(r listRequest) int {
	if n := int(r.GetPageSize()); n > 0 {
		return n
	}
	return defaultPage
}

// after reads the request's token: the key of the last row seen, empty on the first page.
func (s *Server) after(caller access.Caller, r listRequest) (string, error) {
	if r.GetPageToken() == "" {
		return "", nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(r.GetPageToken())
	if err == nil && len(raw) > macSize {
		key := raw[macSize:]
		if hmac.Equal(raw[:macSize], s.pageMAC(caller, r, key)) {
			return string(key), nil
		}
	}
	return "", invalidAs(tandemv1.Reason_PAGE_TOKEN_INVALID, "page_token", "not a token of this query and this caller; start again without it")
}

// nextToken makes the token for the page after the row with this key; none after the last page.
func (s *Server) nextToken(caller access.Caller, r listRequest, key string) string {
	if key == "" {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(append(s.pageMAC(caller, r, []byte(key)), key...))
}

// pageMAC binds a key to a caller and to the query without its page fields.
func (s *Server) pageMAC(caller access.Caller, r listRequest, key []byte) []byte {
	query := proto.Clone(r)
	fields := query.ProtoReflect().Descriptor().Fields()
	for _, name := range []string{"page_token", "page_size", "language"} {
		if f := fields.ByTextName(name); f != nil {
			query.ProtoReflect().Clear(f)
		}
	}
	text, err := proto.MarshalOptions{Deterministic: true}.Marshal(query)
	if err != nil {
		text = nil // a request that was decoded can be encoded
	}
	mac := hmac.New(sha256.New, s.key)
	for _, part := range [][]byte{[]byte("page"), []byte(caller.Credential), []byte(query.ProtoReflect().Descriptor().FullName()), text, key} {
		mac.Write(binary.AppendUvarint(nil, uint64(len(part))))
		mac.Write(part)
	}
	return mac.Sum(nil)[:macSize]
}
