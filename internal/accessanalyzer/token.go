package accessanalyzer

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"

	"sallyport/internal/api"
	"sallyport/internal/api/accessanalyzerapi"
)

// A token is where a page begins in the findings of the request, and which request
// that is. It is not sealed: it opens nothing that the request doesn't give anyway.
const (
	offsetBytes = 4
	sumBytes    = 16
)

func token(in *accessanalyzerapi.ValidatePolicyRequest, from int) string {
	b := binary.BigEndian.AppendUint32(nil, uint32(from))
	sum := requestSum(in)
	return base64.RawURLEncoding.EncodeToString(append(b, sum[:sumBytes]...))
}

// offset reads the request's token.
func offset(in *accessanalyzerapi.ValidatePolicyRequest) (from int, ok bool) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(*in.NextToken)
	if err != nil || len(b) != offsetBytes+sumBytes {
		return 0, false
	}
	from = int(binary.BigEndian.Uint32(b))
	return from, token(in, from) == *in.NextToken
}

// requestSum tells requests apart by what their findings depend on.
func requestSum(in *accessanalyzerapi.ValidatePolicyRequest) [sha256.Size]byte {
	return sha256.Sum256([]byte(*in.PolicyType + "\x00" + api.Value(in.ValidatePolicyResourceType) + "\x00" + *in.PolicyDocument))
}
