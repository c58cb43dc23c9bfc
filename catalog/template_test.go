package catalog

import "testing"

// TestTemplate: what the package comment says about variables.
func TestTemplate(t *testing.T) {
	const arn = "arn:${Partition}:shop:${Region}:${Account}:"
	tests := []struct {
		template, resource string
		want               bool
	}{
		// At the end a variable takes everything, but something.
		{arn + "a/${X}", "a/b", true},
		{arn + "a/${X}", "a/b/c:d", true},
		{arn + "a/${X}", "a/", false},
		{arn + "a/*", "a/b/c:d", true},
		{arn + "a/*", "a/", false},
		{arn + "${X}", "a/b:c", true},
		// Elsewhere it takes no colon, and no slash beside a slash.
		{arn + "a/${X}/b", "a/1/b", true},
		{arn + "a/${X}/b", "a/1/2/b", false},
		{arn + "a/${X}/b", "a/1:2/b", false},
		{arn + "a/${X}/b", "a//b", false},
		{arn + "a/${X}/b/${Y}", "a/1/b/2", true},
		{arn + "a/${X}/b/${Y}", "a/1/2/b/3", false},
		{arn + "a/${X}:b", "a/1/2:b", false},
		{arn + "a:${X}/b", "a:1/2/b", false},
		{arn + "a:${X}:b:${Y}", "a:/1/2:b:3", true},
		{arn + "a:${X}:b:${Y}", "a:1:2:b:3", false},
		{arn + "a:${X}:b", "a:1/2:b", true},
		{arn + "a:${X}:b", "a:1:2:b", false},
		// It takes as little as possible.
		{arn + "a:${X}-${Y}", "a:1-2-3", true},
		{arn + "a:${X}-${Y}", "a:1-", false},
		{arn + "a:${X}-${Y}", "a:-1", false},
		{arn + "a:${X}-${Y}/z", "a:1-2/3-4/z", false},
		{arn + "${X}${Y}", "ab", true},
		{arn + "${X}${Y}", "a", false},
		// Text stands for itself.
		{arn + "a", "a", true},
		{arn + "a", "A", false},
		{arn + "a", "ab", false},
		{arn + "a/b", "a", false},
		{arn + "a.b", "a-b", false},
	}
	for _, test := range tests {
		p, err := compilePattern(test.template)
		if err != nil {
			t.Errorf("%s: %v", test.template, err)
			continue
		}
		f, ok := splitARN("arn:aws:shop:eu-west-1:1:" + test.resource)
		if _, got := p.match(&f); !ok || got != test.want {
			t.Errorf("%q matches %q: %t", test.template, test.resource, got)
		}
	}
}

func TestTemplateFields(t *testing.T) {
	tests := []struct {
		template, resource string
		want               bool
	}{
		{"arn:${Partition}:shop:${Region}:${Account}:x", "arn:acme:shop:::x", true},
		{"arn:aws:shop:${Region}:${Account}:x", "arn:aws-cn:shop:::x", false},
		{"arn:${Partition}:shop:::x", "arn:aws:shop:eu-west-1::x", false},
		{"arn:${Partition}:shop:::x", "arn:aws:shop::1:x", false},
		{"arn:${Partition}:shop:us-west-2:aws:x", "arn:aws:shop:us-west-2:aws:x", true},
		{"arn:${Partition}:shop:us-west-2:aws:x", "arn:aws:shop:us-west-2:1:x", false},
		{"arn:${Partition}:shop:*:*:x", "arn:aws:shop:us-west-2:1:x", true},
		{"arn:${Partition}:${Vendor}:::x", "arn:aws:till:::x", true},
		{"arn:${Partition}:shop:::x", "arn:aws:till:::x", false},
	}
	for _, test := range tests {
		p, err := compilePattern(test.template)
		if err != nil {
			t.Errorf("%s: %v", test.template, err)
			continue
		}
		f, ok := splitARN(test.resource)
		if _, got := p.match(&f); !ok || got != test.want {
			t.Errorf("%q matches %q: %t", test.template, test.resource, got)
		}
	}
}

// TestFindKey: the order of keys does not matter, their literal characters do.
func TestFindKey(t *testing.T) {
	keys := []Key{{Name: "x:a/b"}, {Name: "x:a/${K}"}, {Name: "x:a/${K}/c"}, {Name: "x:${K}"}}
	for range keys {
		for name, want := range map[string]string{"x:a/b": "x:a/b", "X:A/B": "x:a/b", "x:a/z": "x:a/${K}", "x:a/z/c": "x:a/${K}/c", "x:z": "x:${K}"} {
			if k, ok := findKey(keys, name); !ok || k.Name != want {
				t.Errorf("%q: %+v, want %s", name, k, want)
			}
		}
		keys = append(keys[1:], keys[0])
	}
}
