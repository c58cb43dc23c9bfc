package awsquery_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/internal/api"
	"sallyport/internal/protocol/awsquery"
	"sallyport/internal/protocol/protocoltest"
)

// TestEveryKind covers the forms that no served model uses yet: renamed and
// flattened lists and maps, fractions, big integers, blobs.
func TestEveryKind(t *testing.T) {
	op := protocoltest.KindsOperation()
	const body = "text-wire=t&Count=-1&Big=9007199254740992&Ratio=0.5&Precise=1e300&Flag=false&When=2000-01-01T01:59:59.005%2B02:00" +
		"&Data=AP8%3D&Items.Item.1=a&Items.Item.2=&Flat.1.text-wire=x&Flat.2.Count=2" +
		"&Named.entry.1.K=two&Named.entry.1.V=2&Named.entry.2.K=one&Named.entry.2.V=1" +
		"&FlatMap.1.key=k&FlatMap.1.value=v&FlatMap.2.key=l&FlatMap.2.value=w&Inner.Flag=true" +
		"&Blobs.member.1=AQ%3D%3D&Blobs.member.2=&Times.entry.1.key=epoch&Times.entry.1.value=1970-01-01T00:00:00Z"
	got, err := decode(op, body)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(protocoltest.KindsValue(), got); diff != "" {
		t.Errorf("decoded (-want +got):\n%s", diff)
	}
	want := `<DoResponse xmlns="https://example.com/kinds">
  <DoResult>
    <text-wire>t</text-wire>
    <Count>-1</Count>
    <Big>9007199254740992</Big>
    <Ratio>0.5</Ratio>
    <Precise>1e+300</Precise>
    <Flag>false</Flag>
    <When>1999-12-31T23:59:59.005Z</When>
    <Data>AP8=</Data>
    <Items>
      <Item>a</Item>
      <Item/>
    </Items>
    <Flat>
      <text-wire>x</text-wire>
    </Flat>
    <Flat>
      <Count>2</Count>
    </Flat>
    <Named>
      <entry>
        <K>one</K>
        <V>1</V>
      </entry>
      <entry>
        <K>two</K>
        <V>2</V>
      </entry>
    </Named>
    <FlatMap>
      <key>k</key>
      <value>v</value>
    </FlatMap>
    <FlatMap>
      <key>l</key>
      <value>w</value>
    </FlatMap>
    <Inner>
      <Flag>true</Flag>
    </Inner>
    <Blobs>
      <member>AQ==</member>
      <member/>
    </Blobs>
    <Times>
      <entry>
        <key>epoch</key>
        <value>1970-01-01T00:00:00.000Z</value>
      </entry>
    </Times>
  </DoResult>
`
	doc := string(awsquery.Append(nil, op, protocoltest.KindsValue(), requestID))
	if head, _, _ := strings.Cut(doc, "  <ResponseMetadata>"); head != want {
		t.Errorf("encoded (-want +got):\n%s", cmp.Diff(want, head))
	}
	for _, bad := range []string{"Ratio=NaN", "Precise=Inf", "Precise=1e999", "Ratio=x", "Big=9223372036854775808", "Data=%25", "When=yesterday",
		"When=1700000000", "Flat=x", "Flat.member.1.Count=1", "Inner.Count=x", "Items.Item.1.x=1", "Named.entry.1.K=a&Named.entry.1.V=b"} {
		if in, err := decode(op, bad); !errors.Is(err, &api.ErrorShape{Code: "MalformedInput"}) {
			t.Errorf("%s: %+v, %v", bad, in, err)
		}
	}
}
