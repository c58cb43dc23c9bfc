package cloudtrail

import (
	"bytes"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"sallyport/internal/api/cloudtrailapi"
)

// A query is what a request asks for.
type query struct {
	limit int
	since time.Time // to the second; never before the event history begins
	end   time.Time // zero for no end
	key   string    // of the lookup attribute; "" for none
	value string
	// needle, unless nil, is in every record that the attribute fits, and in few
	// others: it spares reading the rest.
	needle []byte
}

func newQuery(now time.Time, in *cloudtrailapi.LookupEventsRequest) (*query, error) {
	q := &query{limit: defaultResults, since: now.Add(-maxAge)}
	if in.MaxResults != nil {
		q.limit = int(*in.MaxResults)
	}
	if in.StartTime != nil && in.EndTime != nil && in.EndTime.Before(*in.StartTime) {
		return nil, cloudtrailapi.InvalidTimeRangeException("The start time must not be after the end time.")
	}
	if in.StartTime != nil && in.StartTime.After(q.since) {
		q.since = *in.StartTime
	}
	if in.EndTime != nil {
		q.end = *in.EndTime
	}
	switch len(in.LookupAttributes) {
	case 0:
	case 1:
		q.key, q.value = *in.LookupAttributes[0].AttributeKey, *in.LookupAttributes[0].AttributeValue
		q.needle = needle(q.key, q.value)
	default:
		return nil, cloudtrailapi.InvalidLookupAttributesException("Only one lookup attribute can be given.")
	}
	return q, nil
}

// members are those of a record that an attribute is compared with as they stand.
var members = map[string]string{
	cloudtrailapi.LookupAttributeKeyEventId:     "eventID",
	cloudtrailapi.LookupAttributeKeyEventName:   "eventName",
	cloudtrailapi.LookupAttributeKeyEventSource: "eventSource",
	cloudtrailapi.LookupAttributeKeyAccessKeyId: "accessKeyId",
}

// needle relies on how package audit writes records: without blanks, and every
// string by jsontext.AppendQuote.
func needle(key, value string) []byte {
	quoted, _ := jsontext.AppendQuote(nil, value) // the error only says that UTF-8 was replaced
	inner := quoted[1 : len(quoted)-1]
	switch key {
	case cloudtrailapi.LookupAttributeKeyReadOnly:
		return []byte(`"readOnly":` + value + `,`)
	case cloudtrailapi.LookupAttributeKeyUsername:
		if value == rootName {
			return nil
		}
		return inner
	case cloudtrailapi.LookupAttributeKeyResourceName:
		return inner
	case cloudtrailapi.LookupAttributeKeyResourceType:
		return nil // derived; in no record as it stands
	}
	return append([]byte(`"`+members[key]+`":`), quoted...)
}

// event is the event of a record, nil when it is not wanted.
func (q *query) event(raw []byte) (*cloudtrailapi.Event, error) {
	if q.needle != nil && !bytes.Contains(raw, q.needle) {
		return nil, nil
	}
	at, err := timeOf(raw)
	if err != nil {
		return nil, err
	}
	if at.Before(q.since) || !q.end.IsZero() && at.After(q.end) {
		return nil, nil
	}
	event, err := newEvent(raw)
	if err != nil || !q.fits(event) {
		return nil, err
	}
	return event, nil
}

// fits reports whether the event has the attribute asked for. Values are compared
// with case, as AWS does.
func (q *query) fits(e *cloudtrailapi.Event) bool {
	is := func(v *string) bool { return v != nil && *v == q.value }
	switch q.key {
	case "":
		return true
	case cloudtrailapi.LookupAttributeKeyEventId:
		return is(e.EventId)
	case cloudtrailapi.LookupAttributeKeyEventName:
		return is(e.EventName)
	case cloudtrailapi.LookupAttributeKeyReadOnly:
		return is(e.ReadOnly)
	case cloudtrailapi.LookupAttributeKeyUsername:
		return is(e.Username)
	case cloudtrailapi.LookupAttributeKeyEventSource:
		return is(e.EventSource)
	case cloudtrailapi.LookupAttributeKeyAccessKeyId:
		return is(e.AccessKeyId)
	}
	for i := range e.Resources {
		if q.key == cloudtrailapi.LookupAttributeKeyResourceType && is(e.Resources[i].ResourceType) ||
			q.key == cloudtrailapi.LookupAttributeKeyResourceName && is(e.Resources[i].ResourceName) {
			return true
		}
	}
	return false
}
