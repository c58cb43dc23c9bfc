package awsjson_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/internal/api"
	"sallyport/internal/protocol/awsjson"
	"sallyport/internal/protocol/protocoltest"
)

// TestEveryKind covers the forms that no served model uses yet: fractions,
// big integers, blobs, renamed members.
func TestEveryKind(t *testing.T) {
	op := protocoltest.KindsOperation()
	const body = `{"text-wire":"t","Count":-1,"Big":9007199254740992,"Ratio":0.5,"Precise":1e+300,"Flag":false,` +
		`"When":946684799.005,"Data":"AP8=","Items":["a",""],"Flat":[{"text-wire":"x"},{"Count":2}],` +
		`"Named":{"one":1,"two":2},"FlatMap":{"k":"v","l":"w"},"Inner":{"Flag":true},"Blobs":["AQ==",""],"Times":{"epoch":0}}`
	got := op.NewInput()
	if err := awsjson.Decode(op, []byte(body), got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(protocoltest.KindsValue(), got); diff != "" {
		t.Errorf("decoded (-want +got):\n%s", diff)
	}
	if doc := string(awsjson.Append(nil, op, protocoltest.KindsValue())); doc != body {
		t.Errorf("encoded (-want +got):\n%s", cmp.Diff(body, doc))
	}
	for _, bad := range []string{`{"Ratio":"NaN"}`, `{"Precise":1e999}`, `{"Big":9223372036854775808}`, `{"Data":"%"}`, `{"When":"2024-01-01T00:00:00Z"}`,
		`{"When":1e300}`, `{"When":253402300800}`, `{"Flag":"true"}`, `{"Items":{}}`, `{"Named":[]}`, `{"Named":{"a":null}}`, `{"Named":{"a":1,"a":2}}`,
		`{"Inner":{"Inner":{"Inner":{"Count":"x"}}}}`} {
		if err := awsjson.Decode(op, []byte(bad), op.NewInput()); !errors.Is(err, &api.ErrorShape{Code: "SerializationException"}) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

// TestAttackRecursiveBody: a recursive shape is bounded by the depth limit.
func TestAttackRecursiveBody(t *testing.T) {
	op := protocoltest.KindsOperation()
	body := []byte{}
	for range 10000 {
		body = append(body, `{"Inner":`...)
	}
	if err := awsjson.Decode(op, body, op.NewInput()); !errors.Is(err, &api.ErrorShape{Code: "SerializationException"}) {
		t.Errorf("%v", err)
	}
}
