package catalog

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"runtime"
	"strings"
	"testing"
)

// compressed is text as the generator packs it.
func compressed(t testing.TB, text string) string {
	t.Helper()
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// layout puts strings and numbers together as the file has them.
func layout(parts ...any) string {
	var out []byte
	for _, part := range parts {
		switch part := part.(type) {
		case int:
			out = binary.AppendUvarint(out, uint64(part))
		case string:
			out = binary.AppendUvarint(out, uint64(len(part)))
			out = append(out, part...)
		}
	}
	return string(out)
}

func file(t testing.TB, index, blocks string) string {
	t.Helper()
	frame := compressed(t, index)
	return magic + layout(len(frame), len(index)) + frame + blocks
}

// shop is a service's block.
var shop = []any{
	"Shop", 1, // name, RCP
	1, "shop:Colour", 2 * int(String), // keys
	1, 1, 0, // key lists: [shop:Colour]
	1, "order", 1, "arn:${Partition}:shop:::${Id}", 1, // resource types
	1, 1, 1, 1, // resource lists: [order required, with shop:Colour]
	1, 1, "shop:PutOrder", // dependents
	1, "GetOrder", int(Read), 1, 1, 1, // actions
}

// with is the block with one part changed.
func with(part int, value any) string {
	parts := append([]any{}, shop...)
	parts[part] = value
	return layout(parts...)
}

func TestDecode(t *testing.T) {
	l, err := decodeService("shop", layout(shop...))
	if err != nil {
		t.Fatal(err)
	}
	a := l.Actions[0]
	if l.Name != "Shop" || !l.RCP || len(l.Keys) != 1 || a.Name != "GetOrder" || a.Access != Read ||
		len(a.Resources) != 1 || a.Resources[0].Name != "order" || !a.Resources[0].Required ||
		a.Resources[0].Keys[0] != "shop:Colour" || a.Keys[0] != "shop:Colour" || a.Dependents[0] != "shop:PutOrder" {
		t.Errorf("%+v", l.Service)
	}
}

func TestDecodeRefuses(t *testing.T) {
	tests := []struct{ name, block, want string }{
		{"empty", "", "truncated"},
		{"cut", layout(shop...)[:60], "truncated"},
		{"more", layout(shop...) + "x", "bytes after the last action"},
		{"RCP", with(1, 2), "above the limit"},
		{"key type", with(4, 2*int(Binary)+2), "above the limit"},
		{"no key type", with(4, 1), "has no type"},
		{"no such key", with(7, 1), "no member 1"},
		{"no such key list", with(12, 2), "no member 1"},
		{"no such resource", with(15, 2), "no member 1"},
		{"ARN", with(11, "arn:aws:shop"), "not an ARN of six fields"},
		{"ARN's region", with(11, "arn:aws:shop:eu-${x}:1:y"), "neither text nor a variable"},
		{"ARN's variable", with(11, "arn:aws:shop:::${x"), "malformed variable"},
		{"many variables", with(11, "arn:aws:shop:::"+strings.Repeat("${x}/", 17)), "more than 16"},
		{"access level", with(22, 6), "above the limit"},
		{"no access level", with(22, 0), "no access level"},
		{"action's name", with(21, "Get*"), "an action's name"},
		{"long list", with(20, 1<<13), "above the limit"},
		{"list longer than the file", with(20, 100), "truncated"},
	}
	for _, test := range tests {
		if _, err := decodeService("shop", test.block); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", test.name, err, test.want)
		}
	}
}

func TestOpenFile(t *testing.T) {
	block := layout(shop...)
	frame := compressed(t, block)
	index := layout(1, "aws:SourceIp", 2*int(IPAddress), 1, "shop", len(frame), len(block), 1, "shop", 1, "till")
	c, err := openFile(file(t, index, frame))
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Applies("shop:GetOrder", "arn:aws:shop:::1"); got != Applicable {
		t.Error(got)
	}
	two := layout(0, 2, "shop", 1, 1, 0, 0, "shop", 1, 1, 0, 0)
	tests := []struct{ name, file, want string }{
		{"empty", "", "not a catalogue"},
		{"other version", strings.Replace(magic, "1", "2", 1), "not a catalogue"},
		{"magic only", magic, "truncated"},
		{"large index", magic + layout(1, 1<<21), "above the limit"},
		{"not compressed", magic + layout(3, 10) + "\xff\xff\xff", "index: "},
		{"size", magic + layout(len(compressed(t, index)), len(index)-1) + compressed(t, index) + frame, "does not expand to"},
		{"block missing", file(t, index, ""), "truncated"},
		{"block too much", file(t, index, frame+"x"), "bytes after the last service"},
		{"twice", file(t, two, "ab"), "out of order"},
		{"prefix", file(t, layout(0, 1, "Shop", 1, 1, 0, 0), "a"), "malformed"},
	}
	for _, test := range tests {
		if _, err := openFile(test.file); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", test.name, err, test.want)
		}
	}
	// A block that expands to more than is said is given up early.
	bomb := compressed(t, strings.Repeat("\x00", 64<<20))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err = expand(bomb, 1000)
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; err == nil || used > 1<<20 {
		t.Errorf("a block that expands to 64 MiB: %v, %d bytes", err, used)
	}
}

// FuzzFile: no file makes the catalogue panic, whatever it is then asked. The
// input is an index and one block, not compressed, so that fuzzing reaches what
// is in them.
func FuzzFile(f *testing.F) {
	block := layout(shop...)
	f.Add(layout(1, "aws:SourceIp", 2*int(IPAddress), 1, "shop", len(block), len(block), 1, "shop", 1, "till"), block)
	f.Add(layout(0, 1, "shop", len(block), len(block), 1, "*", 1, "t.${X}"), with(11, "arn:${P}:shop:${R}:${A}:o/${X}:${Y}/*"))
	f.Fuzz(func(t *testing.T, index, block string) {
		c, err := readIndex(index, block)
		if err == nil {
			if _, ok := c.Key("aws:SourceIp"); ok && len(c.globals) == 0 {
				t.Fatal("a key out of nothing")
			}
			for _, e := range c.services {
				e.decode() // refuses or not, but returns
			}
		}
		l, err := decodeService("shop", block)
		if err != nil {
			return
		}
		c = newCatalog()
		e := &entry{prefix: "shop"}
		e.decoded.Store(l)
		c.add(e, []string{"shop"}, nil)
		for _, a := range l.Actions {
			service, action, ok := c.Action("shop:" + a.Name)
			if !ok {
				t.Fatalf("action %q is not found", a.Name)
			}
			for _, r := range l.Resources {
				c.Applies("shop:"+a.Name, sample(r.ARN[0]))
			}
			for _, k := range l.Keys {
				c.ActionHasKey(service, action, k.Name)
			}
		}
		for _, k := range l.Keys {
			c.Key(k.Name)
		}
	})
}

// FuzzTemplate: a template takes linear time, matches what it was filled from,
// and agrees with a plain reading of the rules where one variable is all.
func FuzzTemplate(f *testing.F) {
	f.Add("arn:${P}:s3:::${Bucket}/${Key}", "arn:aws:s3:::b/a/b")
	f.Add("arn:${P}:logs:${R}:${A}:log-group:${G}:log-stream:${S}", "arn:aws:logs::1:log-group:/a/b:log-stream:c")
	f.Add("arn:aws:x:::a*", "arn:aws:x:::ab")
	f.Add("arn:aws:x:::${A}${B}", "arn:aws:x:::ab")
	f.Fuzz(func(t *testing.T, text, resource string) {
		p, err := compilePattern(text)
		if err != nil {
			return
		}
		if f, ok := splitARN(sample(text)); ok {
			if _, ok := p.match(&f); !ok {
				t.Errorf("%q does not match its own sample %q", text, sample(text))
			}
		}
		fields, ok := splitARN(resource)
		if !ok {
			return
		}
		_, matched := p.match(&fields)
		if p.resource.variables() == 0 && matched && !strings.HasSuffix(text, ":"+fields.Resource()) {
			t.Errorf("%q matches %q", text, resource)
		}
		if l := p.resource.literals; matched && (!strings.HasPrefix(fields.Resource(), l[0]) || !strings.HasSuffix(fields.Resource(), l[len(l)-1]) ||
			len(fields.Resource()) < p.resource.literal()+p.resource.variables()) {
			t.Errorf("%q matches %q", text, resource)
		}
	})
}
