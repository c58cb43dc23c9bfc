package catalog

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"sallyport/arn"
)

// What the pinned package has; a catalogue that lost some fails here and not
// where a policy names them.
const (
	serviceCount  = 456
	actionCount   = 22091
	resourceCount = 2334
	keyCount      = 2575 // of 2578; three are there in two spellings
	globalCount   = 59
	rcpCount      = 62
)

// fresh is AWS's catalogue with nothing decoded.
func fresh(t testing.TB) *Catalog {
	t.Helper()
	c, err := openFile(embedded)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func services(t testing.TB, c *Catalog) []*Service {
	t.Helper()
	var all []*Service
	for _, prefix := range c.Prefixes() {
		s, ok := c.Service(prefix)
		if !ok || s.Prefix != prefix {
			t.Fatalf("Service(%q) = %v, %t", prefix, s, ok)
		}
		all = append(all, s)
	}
	return all
}

func TestCounts(t *testing.T) {
	var actions, resources, keys, rcp int
	all := services(t, AWS())
	for _, s := range all {
		if s.Name == "" {
			t.Errorf("%s has no name", s.Prefix)
		}
		actions += len(s.Actions)
		resources += len(s.Resources)
		keys += len(s.Keys)
		if s.RCP {
			rcp++
		}
	}
	got := fmt.Sprint(len(all), actions, resources, keys, len(AWS().globals), rcp)
	if want := fmt.Sprint(serviceCount, actionCount, resourceCount, keyCount, globalCount, rcpCount); got != want {
		t.Errorf("services, actions, resource types, keys, global keys, RCPs: %s, want %s", got, want)
	}
}

// TestSource: the committed file is the one that SOURCES.catalog says.
func TestSource(t *testing.T) {
	f, err := os.Open("../models/SOURCES.catalog")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	want := fmt.Sprintf("%x", sha256.Sum256([]byte(embedded)))
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if words := strings.Fields(lines.Text()); len(words) == 3 && words[0] == "sha256" {
			if words[1] != "catalog/aws.bin" || words[2] != want {
				t.Errorf("%q; aws.bin has %s", lines.Text(), want)
			}
			return
		}
	}
	t.Error("models/SOURCES.catalog has no sum of aws.bin")
}

// TestFacts checks some of each kind of fact against the Service Authorization
// Reference.
func TestFacts(t *testing.T) {
	c := AWS()
	s, a, ok := c.Action("S3:getobject")
	if !ok || s.Prefix != "s3" || s.Name != "Amazon S3" || a.Name != "GetObject" || a.Access != Read {
		t.Fatalf("s3:GetObject: %+v %+v %t", s, a, ok)
	}
	levels := map[string]string{
		"s3:ListBucket": "List", "s3:PutObject": "Write", "s3:PutBucketPolicy": "Permissions management",
		"s3:PutObjectTagging": "Tagging", "iam:PassRole": "Write", "iam:CreatePolicy": "Permissions management",
		"ec2:CreateTags": "Tagging", "ec2:DescribeInstances": "List", "sts:GetCallerIdentity": "Read",
	}
	for name, want := range levels {
		if _, a, ok := c.Action(name); !ok || a.Access.String() != want {
			t.Errorf("%s: %v, want %s", name, a, want)
		}
	}
	_, a, _ = c.Action("ec2:AttachVolume")
	if len(a.Resources) != 2 || a.Resources[0].Name != "instance" || !a.Resources[0].Required || len(a.Resources[0].Keys) == 0 {
		t.Errorf("ec2:AttachVolume: %+v", a.Resources)
	}
	for prefix, want := range map[string]bool{"s3": true, "sts": true, "kms": true, "sqs": true, "secretsmanager": true, "dynamodb": true, "iam": false, "ec2": false} {
		if s, ok := c.Service(prefix); !ok || s.RCP != want {
			t.Errorf("%s: RCP = %t, want %t", prefix, !want, want)
		}
	}
	lex, _ := c.Service("Lex")
	i := slices.IndexFunc(lex.Resources, func(r ResourceType) bool { return r.Name == "bot alias" })
	if got := lex.Resources[i].ARN; len(got) != 2 {
		t.Errorf("lex bot alias has the templates %q", got)
	}
	for _, name := range []string{"", "s3", "s3:", "s3:Get*", ":GetObject", "s3:GetObject ", "shop:GetOrder", "s3:Li\u017ftBucket"} {
		if s, a, ok := c.Action(name); ok || s != nil || a != nil {
			t.Errorf("Action(%q) found %v", name, a)
		}
	}
}

func TestKey(t *testing.T) {
	tests := []struct {
		name, want string
		kind       KeyType
		many       bool
	}{
		{"aws:SourceIp", "aws:SourceIp", IPAddress, false},
		{"AWS:sourceip", "aws:SourceIp", IPAddress, false},
		{"aws:TagKeys", "aws:TagKeys", String, true},
		{"aws:CurrentTime", "aws:CurrentTime", Date, false},
		{"aws:MultiFactorAuthPresent", "aws:MultiFactorAuthPresent", Bool, false},
		{"aws:PrincipalTag/team", "aws:PrincipalTag/${TagKey}", String, false},
		{"aws:principaltag/a/b:c", "aws:PrincipalTag/${TagKey}", String, false},
		{"aws:RequestTag/${TagKey}", "aws:RequestTag/${TagKey}", String, false},
		{"aws:PrincipalOrgPaths", "aws:PrincipalOrgPaths", String, true},
		{"ec2:SourceInstanceArn", "ec2:SourceInstanceArn", ARN, false}, // global, though not in name
		{"s3:prefix", "s3:prefix", String, false},
		{"s3:max-keys", "s3:max-keys", Numeric, false},
		{"iam:PassedToService", "iam:PassedToService", String, false},
		{"iam:ResourceTag/team", "iam:ResourceTag/${TagKey}", String, false},
		{"kms:EncryptionContext:a:b", "kms:EncryptionContext:${EncryptionContextKey}", String, false},
		{"kms:EncryptionContextKeys", "kms:EncryptionContextKeys", String, true},
		{"events:metadata/k", "events:Metadata/${MetadataKey}", String, true},
		{"events:metadata/k/matcher", "events:Metadata/${MetadataKey}/Matcher", String, false},
		{"s3:ExistingObjectTag/team", "s3:ExistingObjectTag/${TagKey}", String, false},
		{"ssm:ResourceTag/team", "ssm:resourceTag/${TagKey}", String, false},
		{"ssm:resourceTag/aws:ssmmessages:session-id", "ssm:resourceTag/aws:ssmmessages:session-id", String, false},
		{"sagemaker:ResourceTag/team", "sagemaker:ResourceTag/${TagKey}", String, false},
		{"codebuild:secondarySources/x.auth.type", "codebuild:secondarySources/${sourceIdentifier}.auth.type", String, false},
		// Keys of STS's whose prefixes are those of identity providers
		{"saml:aud", "saml:aud", String, false},
		{"accounts.google.com:sub", "accounts.google.com:sub", String, false},
		{"token.actions.githubusercontent.com:repository", "token.actions.githubusercontent.com:repository", String, false},
		{"token.actions.githubusercontent.com/acme:repository", "token.actions.githubusercontent.com/${SubPath}:repository", String, false},
		{"token.actions.acme.ghe.com:ref", "token.actions.${Domain}.ghe.com:ref", String, false},
	}
	for _, test := range tests {
		k, ok := AWS().Key(test.name)
		if !ok || k.Name != test.want || k.Type != test.kind || k.Multivalued != test.many {
			t.Errorf("Key(%q) = %+v (%s), %t", test.name, k, k.Type, ok)
		}
	}
	for _, name := range []string{"", "aws:", "aws:Nothing", "aws:PrincipalTag", "aws:PrincipalTag/", "s3:nothing", "prefix", "shop:x", "token.actions..ghe.com:ref", "aws:\u017fourceIp"} {
		if k, ok := AWS().Key(name); ok {
			t.Errorf("Key(%q) found %+v", name, k)
		}
	}
}

func TestActionHasKey(t *testing.T) {
	tests := []struct {
		action, key string
		want        bool
	}{
		{"s3:ListBucket", "s3:prefix", true},
		{"s3:ListBucket", "S3:PREFIX", true},
		{"s3:GetObject", "s3:prefix", false},
		{"s3:GetObject", "aws:SourceIp", true}, // global
		{"s3:GetObject", "aws:PrincipalTag/team", true},
		{"s3:GetObject", "s3:ExistingObjectTag/team", true},
		{"s3:GetObject", "s3:AccessPointNetworkOrigin", true}, // of the resource type
		{"s3:GetBucketPolicy", "s3:ExistingObjectTag/team", false},
		{"ec2:AttachVolume", "ec2:VolumeType", true}, // of the action on the resource type
		{"ec2:StartInstances", "ec2:VolumeType", false},
		{"sts:AssumeRole", "sts:ExternalId", true},
		{"sts:AssumeRole", "saml:aud", false},
		{"sts:AssumeRoleWithSAML", "saml:aud", true},
		{"iam:PassRole", "iam:PassedToService", true},
		{"iam:GetRole", "iam:PassedToService", false},
		{"kms:Decrypt", "kms:EncryptionContext:tenant", true},
	}
	for _, test := range tests {
		s, a, ok := AWS().Action(test.action)
		if !ok {
			t.Errorf("no %s", test.action)
			continue
		}
		if got := AWS().ActionHasKey(s, a, test.key); got != test.want {
			t.Errorf("ActionHasKey(%s, %s) = %t", test.action, test.key, got)
		}
	}
}

// sample fills a template with values that no other template has literally.
func sample(template string) string {
	filled := strings.NewReplacer("${Partition}", "aws", "${Region}", "eu-west-1", "${Account}", "123456789012",
		"${AccountId}", "123456789012", "*", "any1").Replace(template)
	for {
		before, rest, ok := strings.Cut(filled, "${")
		if !ok {
			return filled
		}
		name, after, _ := strings.Cut(rest, "}")
		filled = before + "my" + name + "1" + after
	}
}

// kinds are the types, of n, that the ARN fits best.
func (ps *patterns) kinds(f *arn.Target, n int) (kinds []int) {
	for k := range n {
		if _, holds := ps.best(f, func(p *pattern) bool { return p.kind == k }); holds {
			kinds = append(kinds, k)
		}
	}
	return kinds
}

// TestOwnTemplates: a resource that a type's own template describes is of that
// type, or of others that fit as well and whose actions apply to it too.
func TestOwnTemplates(t *testing.T) {
	templates, shared := 0, 0
	for _, s := range services(t, AWS()) {
		for i, r := range s.Resources {
			for _, template := range r.ARN {
				templates++
				f, ok := splitARN(sample(template))
				if !ok {
					t.Fatalf("%s %s: sample %q", s.Prefix, r.Name, sample(template))
				}
				fitting := AWS().services[s.Prefix].get().patterns.kinds(&f, len(s.Resources))
				if !slices.Contains(fitting, i) {
					t.Errorf("%s: a %s, %s, is taken for types %v", s.Prefix, r.Name, sample(template), fitting)
				}
				if len(fitting) > 1 {
					shared++
				}
			}
		}
	}
	if templates < resourceCount {
		t.Errorf("only %d templates", templates)
	}
	if shared > 65 {
		t.Errorf("%d of %d templates are not told from others", shared, templates)
	}
	t.Logf("%d templates, %d of them fit several types equally well", templates, shared)
}

// TestEveryActionApplies: each action applies to a sample of each of its
// resource types, so nothing is denied for the catalogue's own inconsistency.
func TestEveryActionApplies(t *testing.T) {
	pairs := 0
	for _, s := range services(t, AWS()) {
		for _, a := range s.Actions {
			for _, r := range a.Resources {
				i := slices.IndexFunc(s.Resources, func(t ResourceType) bool { return t.Name == r.Name })
				resource := sample(s.Resources[i].ARN[0])
				if got := AWS().Applies(s.Prefix+":"+a.Name, resource); got != Applicable {
					t.Errorf("%s:%s on %s, a %s: %s", s.Prefix, a.Name, resource, r.Name, got)
				}
				pairs++
			}
		}
	}
	if pairs < 20000 {
		t.Errorf("only %d pairs", pairs)
	}
}

// TestLazy: a question about one service decodes no other, but those that
// share the namespace of the ARN.
func TestLazy(t *testing.T) {
	c := fresh(t)
	c.Applies("sqs:SendMessage", "arn:aws:sqs:eu-west-1:123456789012:q")
	c.Key("aws:SourceIp")
	for prefix, e := range c.services {
		if decoded := e.decoded.Load() != nil; decoded != (prefix == "sqs") {
			t.Errorf("%s: decoded is %t", prefix, decoded)
		}
	}
}

func TestNil(t *testing.T) {
	var c *Catalog
	s, a, _ := AWS().Action("s3:GetObject")
	if _, ok := c.Service("s3"); ok || c.Prefixes() != nil || c.Applies("s3:GetObject", "arn:aws:s3:::b") != Unknown {
		t.Error("nil knows something")
	}
	if _, ok := c.Key("aws:SourceIp"); ok || c.ActionHasKey(s, a, "aws:SourceIp") || !c.ActionHasKey(s, a, "s3:TlsVersion") {
		t.Error("nil knows global keys, or not what it is given")
	}
	if _, _, ok := c.Action("s3:GetObject"); ok {
		t.Error("nil knows an action")
	}
}

func TestConcurrent(t *testing.T) {
	c := fresh(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for _, prefix := range c.Prefixes() {
				if s, ok := c.Service(prefix); !ok || len(s.Actions) == 0 {
					t.Errorf("%s: %v", prefix, s)
				}
			}
		})
	}
	wg.Wait()
}

// TestSize holds the catalogue to what it may take in the program and in
// memory.
func TestSize(t *testing.T) {
	if len(embedded) > 1_500_000 {
		t.Errorf("aws.bin has %d bytes", len(embedded))
	}
	held := heldBytes(t)
	if held > 15<<20 {
		t.Errorf("all services take %d bytes", held)
	}
	t.Logf("aws.bin %d bytes; all services decoded %d bytes", len(embedded), held)
}

// heldBytes is what a catalogue takes whose services are all decoded.
func heldBytes(t testing.TB) int64 {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	c := fresh(t)
	services(t, c)
	runtime.GC()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(c)
	return int64(after.HeapAlloc) - int64(before.HeapAlloc)
}

func BenchmarkLoadAll(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		services(b, fresh(b))
	}
	b.ReportMetric(float64(heldBytes(b)), "held-B")
	b.ReportMetric(float64(len(embedded)), "file-B")
}

// BenchmarkLoadOne is the first question about the largest service.
func BenchmarkLoadOne(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		fresh(b).Service("ec2")
	}
}

func BenchmarkApplies(b *testing.B) {
	for _, request := range []struct{ name, action, resource string }{
		{"object", "s3:GetObject", "arn:aws:s3:::bucket/some/key"},
		{"instance", "ec2:StartInstances", "arn:aws:ec2:eu-west-1:123456789012:instance/i-0123456789abcdef0"},
		{"role", "iam:PassRole", "arn:aws:iam::123456789012:role/service-role/r"},
		{"inapplicable", "s3:GetObject", "arn:aws:s3:::bucket"},
		{"foreign", "s3:GetObject", "arn:aws:iam::123456789012:role/r"},
		{"restapi", "apigateway:GET", "arn:aws:apigateway:eu-west-1::/restapis/a/resources/b/methods/GET"},
		{"unknown", "shop:GetOrder", "arn:aws:shop:eu-west-1:123456789012:order/1"},
	} {
		b.Run(request.name, func(b *testing.B) {
			AWS().Applies(request.action, request.resource)
			b.ReportAllocs()
			for b.Loop() {
				AWS().Applies(request.action, request.resource)
			}
		})
	}
}

func TestAppliesDoesNotAllocate(t *testing.T) {
	for _, request := range [][2]string{
		{"S3:getobject", "arn:aws:s3:::b/k"}, {"s3:GetObject", "arn:aws:iam::123456789012:role/r"},
		{"ec2:StartInstances", "arn:aws:ec2:eu-west-1:123456789012:instance/i-1"}, {"x:y", "z"}, {"s3:GetObject", "b"},
	} {
		AWS().Applies(request[0], request[1])
		if n := testing.AllocsPerRun(100, func() { AWS().Applies(request[0], request[1]) }); n != 0 {
			t.Errorf("Applies%q: %v allocations", request, n)
		}
	}
}
