package server

import (
	"context"
	"net/http"
	"time"

	"sallyport/internal/api"
	"sallyport/internal/operation"
	"sallyport/internal/protocol/awsquery"
	"sallyport/internal/protocol/restjson"
	"sallyport/sigv4"
)

// protocol is how a request is encoded.
type protocol uint8

const (
	queryProtocol protocol = iota
	jsonProtocol
	restProtocol
)

// An exchange is one request on its way through the pipeline and the reply to
// it. Each step fills in what the next needs.
type exchange struct {
	server *Server
	http   *http.Request

	path      string // where the protocols are spoken: "/" or ConsolePath
	received  time.Time
	requestID string
	eventID   string
	sourceIP  string

	// identify
	protocol protocol
	body     []byte
	form     awsquery.Form
	labels   []restjson.Label // of a REST call's path
	action   string           // as named by the client
	version  string           // of a query, as named by the client
	service  *api.Service     // nil when no served API has that version or target
	op       *api.Operation   // nil when the service has no such operation

	// authenticate
	claimedKey string // the access key id the request names, verified or not
	account    string // the account of that key; empty when unknown
	caller     *operation.Caller
	region     string

	// decode
	def  *operation.Definition
	in   any
	call *operation.Call

	// carry out
	checks   []operation.Check
	out      any
	onRecord bool // the audit record is in the journal already

	// respond
	headers [5]string // the values of the reply's headers, in one piece
	cookie  *http.Cookie
}

func (x *exchange) context() context.Context { return x.http.Context() }

// signature parses what the request says about its signature.
func (x *exchange) signature() (*sigv4.Parsed, error) {
	r := sigv4.FromHTTP(x.http)
	return sigv4.Parse(&r)
}
