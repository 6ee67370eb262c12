package server

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"

	"google.golang.org/protobuf/proto"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/access"
)

// Pages are read by keyset: a token holds the sort key of the last row, sealed, and bound to the caller and the query, so that nobody
// reads on with another's token or another filter, and nobody reads the key.

const (
	defaultPage = 100
	maxPage     = 500
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
	sealed, err := base64.RawURLEncoding.DecodeString(r.GetPageToken())
	if seal := s.pageSeal(); err == nil && len(sealed) > seal.NonceSize() {
		nonce, text := sealed[:seal.NonceSize()], sealed[seal.NonceSize():]
		if key, err := seal.Open(nil, nonce, text, boundTo(caller, r)); err == nil {
			return string(key), nil
		}
	}
	return "", invalidPageToken()
}

// invalidPageToken refuses a token that is none, another's, another query's, or of what is gone.
func invalidPageToken() *Error {
	return invalidAs(tandemv1.Reason_PAGE_TOKEN_INVALID, "page_token", "error.page_token")
}

// nextToken makes the token for the page after the row with this key; none after the last page.
func (s *Server) nextToken(caller access.Caller, r listRequest, key string) string {
	if key == "" {
		return ""
	}
	seal, bound := s.pageSeal(), boundTo(caller, r)
	mac := hmac.New(sha256.New, s.key) // a nonce of what is sealed, so that one page has one token
	mac.Write(bound)
	mac.Write([]byte(key))
	nonce := mac.Sum(nil)[:seal.NonceSize()]
	return base64.RawURLEncoding.EncodeToString(seal.Seal(nonce, nonce, []byte(key), bound))
}

// pageSeal encrypts tokens under a key of their own: the place of a row and its name are not the reader's to know.
func (s *Server) pageSeal() cipher.AEAD {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte("page tokens"))
	block, err := aes.NewCipher(mac.Sum(nil))
	if err != nil {
		panic(err) // the key has 32 bytes
	}
	seal, err := cipher.NewGCM(block)
	if err != nil {
		panic(err) // AES has the block size that it needs
	}
	return seal
}

// boundTo is what a token is bound to: its caller, and the query without its page fields.
func boundTo(caller access.Caller, r listRequest) []byte {
	query := proto.Clone(r)
	fields := query.ProtoReflect().Descriptor().Fields()
	for _, name := range []string{"page_token", "page_size", "language"} {
		if f := fields.ByTextName(name); f != nil {
			query.ProtoReflect().Clear(f)
		}
	}
	bound := sha256.New()
	for _, part := range [][]byte{[]byte(callerKey(caller)), []byte(query.ProtoReflect().Descriptor().FullName()), wire(query)} {
		bound.Write(binary.AppendUvarint(nil, uint64(len(part))))
		bound.Write(part)
	}
	return bound.Sum(nil)
}
