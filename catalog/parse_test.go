package catalog

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"
)

const shopText = `[{"prefix": "shop", "name": "Shop", "rcp": true,
  "actions": [
    {"name": "PutOrder", "access": "Write", "resources": [{"name": "order", "required": true, "keys": ["shop:Colour"]}], "dependents": ["iam:PassRole", "shop:GetOrder"]},
    {"name": "GetOrder", "access": "Read", "resources": [{"name": "order"}, {"name": "line"}], "keys": ["aws:ResourceTag/${TagKey}"]},
    {"name": "ListOrders", "access": "List"}],
  "resources": [
    {"name": "order", "arn": ["arn:${Partition}:shop:${Region}:${Account}:order/${OrderId}"], "keys": ["shop:OrderTag/${TagKey}"]},
    {"name": "line", "arn": ["arn:${Partition}:shop:${Region}:${Account}:order/${OrderId}/line/${LineId}", "arn:${Partition}:shop:::line/${LineId}"]}],
  "keys": [
    {"name": "shop:OrderTag/${TagKey}", "type": "String"},
    {"name": "shop:Colour", "type": "String", "multivalued": true}]}]`

func TestParseServices(t *testing.T) {
	for name, text := range map[string]string{"list": shopText, "one alone": " \n" + shopText[1:len(shopText)-1] + "\n"} {
		got, err := ParseServices([]byte(text))
		if err != nil || !reflect.DeepEqual(got, []Service{shopService()}) {
			t.Errorf("%s: %+v %v", name, got, err)
		}
	}
	if got, err := ParseServices([]byte(`[]`)); err != nil || len(got) != 0 {
		t.Errorf("no services: %+v %v", got, err)
	}
	// Every word that String gives is read.
	for l := List; l <= Tagging; l++ {
		text := fmt.Sprintf(`{"prefix": "x", "actions": [{"name": "A", "access": %q}]}`, l)
		if got, err := ParseServices([]byte(text)); err != nil || got[0].Actions[0].Access != l {
			t.Errorf("%s: %+v %v", l, got, err)
		}
	}
	for k := String; k <= Binary; k++ {
		text := fmt.Sprintf(`{"prefix": "x", "keys": [{"name": "x:k", "type": %q}]}`, k)
		if got, err := ParseServices([]byte(text)); err != nil || got[0].Keys[0].Type != k {
			t.Errorf("%s: %+v %v", k, got, err)
		}
	}
}

// TestParseServicesDocumented holds the example of docs/policy-tools.md to be one.
func TestParseServicesDocumented(t *testing.T) {
	page, err := os.ReadFile("../docs/policy-tools.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, ok := strings.Cut(string(page), "```json\n[{\"prefix\"")
	text, _, closed := strings.Cut(text, "```")
	if !ok || !closed {
		t.Fatal("the page has no example")
	}
	services, err := ParseServices([]byte(`[{"prefix"` + text))
	if err != nil {
		t.Fatal(err)
	}
	c, err := AWS().With(services...)
	if err != nil || c.Applies("orders:GetOrder", "arn:aws:orders:eu-west-1:111122223333:order/1") != Applicable {
		t.Errorf("%v", err)
	}
}

func TestParseServicesRefuses(t *testing.T) {
	for _, test := range []struct{ old, new, want string }{
		{`"rcp"`, `"RCP"`, `at "/0/RCP": unknown member`},
		{`"required": true`, `"require": true`, `at "/0/actions/0/resources/0/require": unknown member`},
		{`"rcp": true`, `"rcp": 1`, `at "/0/rcp": unexpected number`},
		{`"rcp": true`, `"prefix": "x"`, `line 1, at "/0/prefix": duplicate object member name`},
		{`"access": "List"`, `"access": "List", "name": "X"`, `line 5, at "/0/actions/2/name": duplicate object member name`},
		{`"Write"`, `"write"`, `at "/0/actions/0/access": "write" is none of List, Read, Write, Permissions management, Tagging`},
		{`"Write"`, `""`, `at "/0/actions/0/access": "" is none of`},
		{`"Write"`, `3`, `at "/0/actions/0/access": JSON value must be string type`},
		{`"type": "String", "multi`, `"type": "ArrayOfString", "multi`, `at "/0/keys/1/type": "ArrayOfString" is none of String, ARN, Bool, Date, Numeric, IPAddress, Binary`},
		{`["shop:Colour"]`, `"shop:Colour"`, `at "/0/actions/0/resources/0/keys": unexpected string`},
		{`[{"prefix"`, `["shop", {"prefix"`, `at "/0": unexpected string`},
		{shopText, ``, `line 1, at the top: unexpected EOF`},
		{shopText, `null`, `neither a list nor an object`},
		{shopText, `"shop"`, `at the top: unexpected string`},
		{shopText, "[\n\n{]", `line 3, at "/0": `},
		{shopText, shopText + "\n{}", `line 12, at the top: `},
		{`"rcp"`, `"\u001b[2J"`, `at "/0/\x1b[2J": unknown member`},
		{`"Shop"`, "\"\xff\"", `line 1, at "/0/name": invalid UTF-8`},
		{shopText, strings.Repeat(" ", MaxServicesBytes+1), `longer than 1048576 bytes`},
	} {
		got, err := ParseServices([]byte(strings.Replace(shopText, test.old, test.new, 1)))
		if err == nil || !strings.HasPrefix(err.Error(), "catalog: ") || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%.60s: %v %v, want %s", test.new, got, err, test.want)
		}
		if err != nil && strings.Contains(err.Error(), "Go ") {
			t.Errorf("%v is about Go", err)
		}
	}
}

// numbered joins as many items as there is room for.
func numbered(before, after string, item func(i int) string) string {
	var b strings.Builder
	b.WriteString(before)
	for i := 0; ; i++ {
		next := item(i)
		if b.Len()+len(next)+1+len(after) > MaxServicesBytes {
			return b.String() + after
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(next)
	}
}

// counted joins n items.
func counted(n int, item string) string {
	items := make([]string, n)
	for i := range items {
		items[i] = strings.ReplaceAll(item, "#", fmt.Sprintf("%03x", i))
	}
	return strings.Join(items, ",")
}

// TestServicesOfAnySize: no file as long as a file may be takes long, to be read
// or to be refused. Each of these once did, or is the longest of its kind.
func TestServicesOfAnySize(t *testing.T) {
	action := `{"name":"a","access":"Read"}`
	each := func(rest string) string { // many services, "@" being their prefix
		return numbered("[", "]", func(i int) string {
			return strings.ReplaceAll(`{"prefix":"@",`+rest+`}`, "@", fmt.Sprintf("z%x", i))
		})
	}
	types := `"resources":[` + counted(maxOwn, `{"name":"#","arn":["arn:a:b:::c"]}`) + `]`
	for name, test := range map[string]struct{ text, want string }{
		"empty services":     {numbered("[", "]", func(int) string { return "{}" }), "more than 4096 services"},
		"services":           {each(`"actions":[` + action + `]`), "more than 4096 services"},
		"larger services":    {each(`"name":"` + strings.Repeat("x", 300) + `","actions":[` + action + `]`), ""},
		"actions":            {numbered(`[{"prefix":"a","actions":[`, `]}]`, func(i int) string { return fmt.Sprintf(`{"name":"%x","access":"Read"}`, i) }), "1 to 4096 actions"},
		"types":              {each(`"actions":[` + action + `],` + types), ""},
		"too many types":     {each(`"actions":[` + action + `],"resources":[` + counted(maxOwn+1, `{"name":"#","arn":["arn:a:b:::c"]}`) + `]`), "more than 512"},
		"templates":          {each(`"actions":[` + action + `],"resources":[{"name":"r","arn":[` + counted(maxOwn, `"arn:a:#:::c"`) + `]}]`), ""},
		"versions":           {each(`"actions":[` + action + `],"resources":[{"name":"r","arn":[` + counted(maxOwn/2, `"arn:a:b:::a*a*a*a*a*#*","arn:a:b:::a*a*a*a*a*#*:*"`) + `]}]`), ""},
		"too many templates": {numbered(`{"prefix":"a","actions":[`+action+`],"resources":[{"name":"r","arn":[`, `]}]}`, func(i int) string { return fmt.Sprintf(`"arn:a:%x:::c"`, i) }), "more than 512"},
		"keys":               {each(`"actions":[` + action + `],"keys":[` + counted(maxOwn, `{"name":"@:#*${A}","type":"Bool"}`) + `]`), ""},
		"too many keys":      {numbered(`{"prefix":"a","actions":[`+action+`],"keys":[`, `]}`, func(i int) string { return fmt.Sprintf(`{"name":"a:%x","type":"Bool"}`, i) }), "more than 512"},
		"types of actions": {numbered(`{"prefix":"a",`+types+`,"actions":[`, `]}`, func(i int) string {
			return fmt.Sprintf(`{"name":"%x","access":"Read","resources":[%s]}`, i, counted(maxOwn, `{"name":"#"}`))
		}), ""},
		"one key of an action":   {numbered(`{"prefix":"a","keys":[{"name":"a:b","type":"Bool"}],"actions":[{"name":"a","access":"Read","keys":[`, `]}]}`, func(int) string { return `"a:b"` }), `key "a:b" is there twice`},
		"dependents":             {numbered(`{"prefix":"a","actions":[{"name":"a","access":"Read","dependents":[`, `]}]}`, func(int) string { return `"a:a"` }), "more than 512 dependent actions"},
		"as deep as it may be":   {strings.Repeat("[", MaxServicesBytes), `at "/0": unexpected [`},
		"one member, many times": {numbered(`{`, `}`, func(int) string { return `"name":""` }), "duplicate object member name"},
	} {
		begin := time.Now()
		services, err := ParseServices([]byte(test.text))
		if err == nil {
			_, err = AWS().With(services...)
		}
		// A quadratic one takes 20 seconds and more.
		if took := time.Since(begin); took > 5*time.Second {
			t.Errorf("%s: %s", name, took)
		} else {
			t.Logf("%s: %d bytes in %s", name, len(test.text), took)
		}
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %.200v, want %q", name, err, test.want)
		}
	}
}

// FuzzParseServices: what is read either is refused by With, or is in the
// catalogue as it was given and can be asked about.
func FuzzParseServices(f *testing.F) {
	f.Add([]byte(shopText))
	f.Add([]byte(`{"prefix":"x","actions":[{"name":"A","access":"Tagging","resources":[{"name":"r"}]}],"resources":[{"name":"r","arn":["arn:*:s3:::a*","arn:*:s3:::a*:*"]}],"keys":[{"name":"x:a${B}","type":"Numeric"}]}`))
	f.Add([]byte(`[{"prefix":"x","actions":[null],"resources":null}]`))
	f.Fuzz(func(t *testing.T, text []byte) {
		services, err := ParseServices(text)
		if err != nil {
			return
		}
		c, err := AWS().With(services...)
		if err != nil {
			return
		}
		for _, given := range services {
			s, ok := c.Service(given.Prefix)
			if !ok || len(s.Actions) != len(given.Actions) || s.RCP != given.RCP {
				t.Fatalf("service %q: %+v", given.Prefix, s)
			}
			for _, a := range given.Actions {
				service, got, ok := c.Action(given.Prefix + ":" + a.Name)
				if !ok || service != s || got.Name != a.Name || got.Access != a.Access || len(got.Resources) != len(a.Resources) {
					t.Fatalf("action %q: %+v", a.Name, got)
				}
				for _, r := range given.Resources {
					for _, resource := range r.ARN { // with its variables, which match themselves
						if got := c.Applies(given.Prefix+":"+a.Name, resource); len(a.Resources) == 0 && got != Unknown {
							t.Errorf("%s on %q: %s", a.Name, resource, got)
						}
					}
				}
				for _, k := range given.Keys {
					c.ActionHasKey(service, got, k.Name)
				}
			}
			for _, k := range given.Keys {
				if _, ok := c.Key(k.Name); !ok {
					t.Errorf("no key %q", k.Name)
				}
			}
		}
	})
}
