package managed

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// policyCount is the number of policies in the published source; a catalogue
// that lost some fails here and not at the first missing lookup.
const policyCount = 1485

func TestLookup(t *testing.T) {
	tests := []struct {
		arn           string
		path, version string
		created       time.Time
	}{
		{"arn:aws:iam::aws:policy/AdministratorAccess", "/", "v1", time.Date(2015, 2, 6, 18, 39, 46, 0, time.UTC)},
		{"arn:aws:iam::aws:policy/job-function/Billing", "/job-function/", "", time.Date(2016, 11, 10, 17, 33, 18, 0, time.UTC)},
		{"arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole", "/service-role/", "v1", time.Date(2015, 4, 9, 15, 3, 43, 0, time.UTC)},
	}
	for _, test := range tests {
		p, ok := Lookup(test.arn)
		if !ok {
			t.Errorf("Lookup(%q) found nothing", test.arn)
			continue
		}
		if p.ARN != test.arn || p.Path != test.path || p.ARN != ARNPrefix+p.Path+p.Name {
			t.Errorf("Lookup(%q) = %+v", test.arn, p)
		}
		if test.version != "" && p.DefaultVersionID != test.version {
			t.Errorf("%s: version %s, want %s", p.Name, p.DefaultVersionID, test.version)
		}
		if !p.CreateDate.Equal(test.created) {
			t.Errorf("%s: created %s, want %s", p.Name, p.CreateDate, test.created)
		}
		if byName, ok := LookupName(p.Name); !ok || byName != p {
			t.Errorf("LookupName(%q) = %p, %t, want %p", p.Name, byName, ok, p)
		}
	}
}

func TestLookupRefuses(t *testing.T) {
	for _, arn := range []string{
		"",
		"AdministratorAccess",
		"arn:aws:iam::aws:policy",
		"arn:aws:iam::aws:policy/",
		"arn:aws:iam::aws:policyAdministratorAccess",
		"arn:aws:iam::aws:policy/administratoraccess",
		"arn:aws:iam::aws:policy/AdministratorAccess ",
		"arn:aws:iam::aws:policy/service-role/AdministratorAccess",
		"arn:aws:iam::aws:policy//AdministratorAccess",
		"arn:aws:iam::aws:policy/Billing",
		"arn:aws:iam::123456789012:policy/AdministratorAccess",
		"arn:aws-cn:iam::aws:policy/AdministratorAccess",
	} {
		if p, ok := Lookup(arn); ok {
			t.Errorf("Lookup(%q) found %s", arn, p.ARN)
		}
	}
}

// published is one policy of the source, read here independently of the
// generator.
type published struct {
	CreateDate, UpdateDate time.Time
	DefaultVersionId, Path string
	Document               any
}

func source(t *testing.T) map[string]published {
	t.Helper()
	file, err := os.Open("../../models/aws-managed-policies.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	var policies map[string]published
	if err := json.NewDecoder(unzipped).Decode(&policies); err != nil {
		t.Fatal(err)
	}
	return policies
}

// Every policy of the source is there with the same metadata and a document
// that means the same JSON, laid out as AWS lays it out.
func TestEveryPolicy(t *testing.T) {
	want := source(t)
	if len(want) != policyCount || Len() != policyCount {
		t.Fatalf("%d policies in the source and %d in the catalogue, want %d", len(want), Len(), policyCount)
	}
	id := regexp.MustCompile(`^ANPA[A-Z2-7]{17}$`)
	ids := map[string]bool{}
	previous := ""
	for p := range All() {
		if p.Name <= previous {
			t.Errorf("%s after %s: not ordered by name", p.Name, previous)
		}
		previous = p.Name
		if !id.MatchString(p.ID) || ids[p.ID] {
			t.Errorf("%s: id %q is malformed or taken", p.Name, p.ID)
		}
		ids[p.ID] = true

		text := p.Document()
		if !bytes.HasPrefix(text, []byte("{\n    \"Version\": \"2012-10-17\",\n    \"Statement\": ")) {
			t.Errorf("%s: document begins with %.60q", p.Name, text)
		}
		got := published{
			CreateDate: p.CreateDate, UpdateDate: p.UpdateDate,
			DefaultVersionId: p.DefaultVersionID, Path: p.Path,
		}
		if err := json.Unmarshal(text, &got.Document); err != nil {
			t.Errorf("%s: document: %v", p.Name, err)
		}
		if diff := cmp.Diff(want[p.Name], got); diff != "" {
			t.Errorf("%s differs from its source (-want +got):\n%s", p.Name, diff)
		}
		if found, ok := Lookup(p.ARN); !ok || found != p {
			t.Errorf("Lookup(%q) = %v, %t", p.ARN, found, ok)
		}
	}
}

func TestAllStops(t *testing.T) {
	seen := 0
	for range All() {
		if seen++; seen == 3 {
			break
		}
	}
	if seen != 3 {
		t.Errorf("saw %d policies after stopping at 3", seen)
	}
}

// A caller that changes a document it was given changes no one else's.
func TestDocumentIsTheCallers(t *testing.T) {
	p, _ := LookupName("AdministratorAccess")
	first := p.Document()
	want := string(first)
	for i := range first {
		first[i] = '*'
	}
	if got := string(p.Document()); got != want {
		t.Errorf("the document became %q", got)
	}
}

func TestDocumentConcurrently(t *testing.T) {
	a, err := openArchive(embedded)
	if err != nil {
		t.Fatal(err)
	}
	want := make([]string, len(a.policies))
	for i := range a.policies {
		want[i] = string(a.policies[i].Document())
	}
	var group sync.WaitGroup
	for worker := range 4 {
		group.Go(func() {
			for n := range 200 {
				i := (n*97 + worker*389) % len(want)
				if got := string(a.policies[i].Document()); got != want[i] {
					t.Errorf("%s: wrong document", a.policies[i].Name)
				}
			}
		})
	}
	group.Wait()
	held := map[int]bool{}
	for _, c := range a.cache {
		if c.data == nil || held[c.block] {
			t.Errorf("block %d is cached twice or a place is empty", c.block)
		}
		held[c.block] = true
	}
}

// The index stays small enough for a process that never asks for a document.
func TestIndexMemory(t *testing.T) {
	const limit = 1536 << 10
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	a, err := openArchive(embedded)
	if err != nil {
		t.Fatal(err)
	}
	index := heap() - before
	for i := range a.policies {
		a.policies[i].Document()
	}
	whole := heap() - before
	runtime.KeepAlive(a)
	t.Logf("index %d KiB, with documents in use %d KiB", index>>10, whole>>10)
	if index > limit {
		t.Errorf("the index occupies %d bytes, want at most %d", index, limit)
	}
	if whole > 2*limit {
		t.Errorf("index and caches occupy %d bytes, want at most %d", whole, 2*limit)
	}
}

func TestOpenArchiveRefuses(t *testing.T) {
	packed := strings.LastIndex(embedded, "\x28\xb5\x2f\xfd") // the last frame
	flipped := []byte(embedded)
	flipped[len(magic)+20] ^= 0x40
	tests := []struct{ name, file, want string }{
		{"empty", "", "not a policy catalogue"},
		{"another format", strings.Replace(embedded, "policies 1", "policies 2", 1), "not a policy catalogue"},
		{"magic alone", magic, "truncated"},
		{"index cut", embedded[:len(magic)+100], "limit"},
		{"last block missing", embedded[:packed], "blocks do not fill the file"},
		{"bytes at the end", embedded + "x", "blocks do not fill the file"},
		{"index damaged", string(flipped), "index"},
		{"index too large", magic + "\x01\xff\xff\xff\xff\x0f\x00", "above the limit"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := openArchive(test.file)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("openArchive: error %v, want one with %q", err, test.want)
			}
		})
	}
}

// A block whose bytes changed is noticed by its checksum.
func TestDamagedBlock(t *testing.T) {
	damaged := []byte(embedded)
	damaged[len(damaged)-1] ^= 1
	a, err := openArchive(string(damaged))
	if err != nil {
		t.Fatal(err)
	}
	last := &a.policies[len(a.policies)-1]
	if text, err := a.document(last); err == nil {
		t.Errorf("document of a damaged block: %.80q", text)
	}
}

func FuzzReadIndex(f *testing.F) {
	f.Add("\x01\x01/\x01\x04\x02\x01\x01P\x00\x01\x10\x10\x00\x02", uint16(4))
	f.Add("\x00\x00\x00", uint16(0))
	f.Add("\x01\x01/\x01\x04\x02\x01\x01P\x07\x01\x10\x10\x09\x02", uint16(4))
	f.Fuzz(func(t *testing.T, index string, size uint16) {
		a := &archive{file: strings.Repeat("x", int(size))}
		if a.readIndex(index, 0) != nil {
			return
		}
		for i := range a.policies {
			p := &a.policies[i]
			if p.ARN != ARNPrefix+p.Path+p.Name || p.offset+p.size > a.blocks[p.block].size {
				t.Errorf("accepted %+v", p)
			}
		}
		for _, b := range a.blocks {
			if b.start < 0 || b.end < b.start || b.end > len(a.file) {
				t.Errorf("accepted block %+v in a file of %d bytes", b, size)
			}
		}
	})
}

func BenchmarkOpen(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := openArchive(embedded); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLookup(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := Lookup("arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"); !ok {
			b.Fatal("not found")
		}
	}
}

func BenchmarkDocument(b *testing.B) {
	for _, name := range []string{"AdministratorAccess", "ReadOnlyAccess"} {
		p, _ := LookupName(name)
		b.Run(fmt.Sprintf("cached/%s", name), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p.Document()
			}
		})
	}
	b.Run("every", func(b *testing.B) {
		for b.Loop() {
			for p := range All() {
				p.Document()
			}
		}
	})
}
