package cloudtrail

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"sallyport/internal/api/cloudtrailapi"
)

// rootName is the Username of a root user's events.
const rootName = "root"

// A record is what events are made of.
type record struct {
	EventID      string    `json:"eventID"`
	EventName    string    `json:"eventName"`
	EventSource  string    `json:"eventSource"`
	EventTime    time.Time `json:"eventTime"`
	ReadOnly     bool      `json:"readOnly"`
	UserIdentity struct {
		Type        string `json:"type"`
		ARN         string `json:"arn"`
		UserName    string `json:"userName"`
		AccessKeyID string `json:"accessKeyId"`
	} `json:"userIdentity"`
	Parameters jsontext.Value `json:"requestParameters"`
	Response   jsontext.Value `json:"responseElements"`
	Resources  []struct {
		Type string `json:"type"`
		ARN  string `json:"ARN"`
	} `json:"resources"`
}

// timeMark is before the time of a record. No string of one holds it: in a string
// the quotes are escaped.
var timeMark = []byte(`"eventTime":"`)

var errRecord = errors.New("cloudtrail: a record that package audit did not write")

// timeOf reads the time of a record without reading the record.
func timeOf(raw []byte) (time.Time, error) {
	at := bytes.Index(raw, timeMark)
	if at < 0 {
		return time.Time{}, errRecord
	}
	text := raw[at+len(timeMark):]
	end := bytes.IndexByte(text, '"')
	if end < 0 {
		return time.Time{}, errRecord
	}
	t, err := time.Parse(time.RFC3339, string(text[:end]))
	if err != nil {
		return time.Time{}, fmt.Errorf("%w: %w", errRecord, err)
	}
	return t, nil
}

// newEvent is the event of a record. Members that the record says nothing of are
// left out.
func newEvent(raw []byte) (*cloudtrailapi.Event, error) {
	var r record
	if err := json.Unmarshal(raw, &r); err != nil {
		return nil, fmt.Errorf("%w: %w", errRecord, err)
	}
	resources, err := resourcesOf(&r)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errRecord, err)
	}
	readOnly, text, at := strconv.FormatBool(r.ReadOnly), string(raw), r.EventTime.UTC()
	return &cloudtrailapi.Event{
		EventId: said(r.EventID), EventName: said(r.EventName), EventSource: said(r.EventSource), EventTime: &at,
		ReadOnly: &readOnly, AccessKeyId: said(r.UserIdentity.AccessKeyID), Username: said(usernameOf(&r)),
		Resources: resources, CloudTrailEvent: &text,
	}, nil
}

func said(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// usernameOf is the name of a user, "root", or the name of a session: a role's
// session, or that of a federated user
// (https://docs.aws.amazon.com/cli/latest/reference/cloudtrail/lookup-events.html has
// an example).
func usernameOf(r *record) string {
	id := &r.UserIdentity
	switch {
	case id.UserName != "":
		return id.UserName
	case id.Type == "Root":
		return rootName
	case id.Type == "AssumedRole", id.Type == "FederatedUser":
		return id.ARN[strings.LastIndexAny(id.ARN, "/:")+1:]
	}
	return ""
}
