package validate

import (
	"slices"
	"strings"

	"sallyport/catalog"
	"sallyport/policy/condition"
)

// operatorRules follow "IAM JSON policy elements: Condition operators".
var operatorRules = []rule{
	{code: "INVALID_CONDITION_OPERATOR", kind: ErrorFinding, policies: anyPolicy, statement: eachOperator(func(l *lint, op *node) {
		if bare, _, _ := bareOperator(op.name); condition.Known(bare) {
			return
		}
		hint := ""
		for _, name := range condition.Operators() {
			if strings.EqualFold(name, op.name) {
				hint = " Did you mean " + name + "?"
			}
		}
		l.reportKey(op, "The condition operator %s is not valid. Use a valid condition operator.%s", clip(op.name), hint)
	})},
	{code: "NULL_WITH_IF_EXISTS", kind: ErrorFinding, policies: anyPolicy, statement: eachOperator(func(l *lint, op *node) {
		if bare, _, ifExists := bareOperator(op.name); bare == "Null" && ifExists {
			l.reportKey(op, "The Null condition operator cannot be used with the IfExists suffix. Update the operator or the suffix.")
		}
	})},
	{code: "NULL_WITH_QUALIFIER", kind: Suggestion, policies: anyPolicy, statement: eachOperator(func(l *lint, op *node) {
		if bare, qualifier, _ := bareOperator(op.name); bare == "Null" && qualifier != "" {
			l.reportKey(op, "Avoid using the Null condition operator with the ForAllValues or ForAnyValue qualifiers because they always return a true or false respectively.")
		}
	})},
}

// bareOperator takes an operator's name apart.
func bareOperator(name string) (bare, qualifier string, ifExists bool) {
	bare = name
	for _, q := range []string{"ForAllValues", "ForAnyValue"} {
		if rest, ok := strings.CutPrefix(bare, q+":"); ok {
			bare, qualifier = rest, q
			break
		}
	}
	bare, ifExists = strings.CutSuffix(bare, "IfExists")
	return bare, qualifier, ifExists
}

func eachOperator(check func(*lint, *node)) func(*lint, *statement) {
	return func(l *lint, s *statement) {
		if s.condition.isObject() {
			for _, op := range s.condition.children {
				check(l, op)
			}
		}
	}
}

const awsARNKey = "aws:ARN"

// deprecatedKeys are global condition keys that others have replaced.
var deprecatedKeys = map[string]string{"aws:sourceowner": "aws:SourceAccount"}

// keyRules follow "AWS global condition context keys" and the condition keys of
// the Service Authorization Reference.
var keyRules = []rule{
	{code: "INVALID_CONDITION_KEY_FORMAT", kind: ErrorFinding, policies: anyPolicy, statement: eachTest(func(l *lint, s *statement, t *test) {
		if prefix, name, found := strings.Cut(t.name, ":"); !found || prefix == "" || name == "" {
			l.reportKey(t.key, "The condition key format is not valid. Use the format service:keyname.")
		}
	})},
	{code: "UNSUPPORTED_GLOBAL_CONDITION_KEY", kind: ErrorFinding, policies: anyPolicy, statement: eachTest(func(l *lint, s *statement, t *test) {
		if t.is(awsARNKey) {
			l.reportKey(t.key, "The condition key aws:ARN is not supported. Use aws:PrincipalArn or aws:SourceArn instead.")
		}
	})},
	{code: "DEPRECATED_GLOBAL_CONDITION_KEY", kind: Warning, policies: anyPolicy, statement: eachTest(func(l *lint, s *statement, t *test) {
		if newer := deprecatedKeys[strings.ToLower(t.name)]; newer != "" {
			l.reportKey(t.key, "We recommend that you update %s to use the newer condition key %s.", t.name, newer)
		}
	})},
	{code: "MISSING_TAG_KEY_IN_CONDITION", kind: ErrorFinding, policies: anyPolicy, catalog: true, statement: eachTest(func(l *lint, s *statement, t *test) {
		if l.lacksTagKey(t) {
			name := strings.TrimSuffix(t.name, "/")
			l.reportKey(t.key, "The condition key %s must include a tag key to control access based on tags. Use the format %s/tag-key and specify a key name for tag-key.", clip(name), clip(name))
		}
	})},
	{code: "INVALID_GLOBAL_CONDITION_KEY", kind: ErrorFinding, policies: anyPolicy, catalog: true, statement: eachTest(func(l *lint, s *statement, t *test) {
		if t.hasPrefix("aws:") && !t.known && !t.is(awsARNKey) && deprecatedKeys[strings.ToLower(t.name)] == "" && !l.lacksTagKey(t) {
			l.reportKey(t.key, "The condition key %s does not exist. Use a valid condition key.", clip(t.name))
		}
	})},
	{code: "INVALID_SERVICE_CONDITION_KEY", kind: ErrorFinding, policies: anyPolicy, catalog: true, statement: eachTest(func(l *lint, s *statement, t *test) {
		prefix, name, _ := strings.Cut(t.name, ":")
		if service, ok := l.o.Catalog.Service(prefix); ok && name != "" && !t.known && !l.lacksTagKey(t) {
			l.reportKey(t.key, "The condition key %s does not exist in the service %s. Use a valid condition key.", clip(t.name), service.Prefix)
		}
	})},
	{code: "DUPLICATE_KEYS_WITH_DIFFERENT_CASE", kind: ErrorFinding, policies: anyPolicy, statement: eachOperator(func(l *lint, op *node) {
		first := map[string]*node{}
		for _, key := range op.children {
			lower := condition.LowerKey(key.name)
			if earlier, repeated := first[lower]; repeated && op.isObject() {
				l.report([]place{onKey(key), onKey(earlier)}, "The condition key %s appears more than once with different capitalization in the same condition block. Remove the duplicate condition keys.", clip(key.name))
				continue
			}
			first[lower] = key
		}
	})},
	{code: "MISSING_QUALIFIER", kind: ErrorFinding, policies: anyPolicy, catalog: true, statement: eachTest(func(l *lint, s *statement, t *test) {
		if t.known && t.entry.Multivalued && t.qualifier == "" && t.base != "" && t.base != "Null" {
			l.reportKey(t.key, "The request context key %s has multiple values. Use the ForAllValues or ForAnyValue condition key qualifiers in your policy.", clip(t.name))
		}
	})},
	{code: "FORALLVALUES_WITH_SINGLE_VALUED_KEY", kind: SecurityWarning, policies: anyPolicy, catalog: true, statement: eachTest(func(l *lint, s *statement, t *test) {
		if t.known && !t.entry.Multivalued && t.qualifier == "ForAllValues" && t.base != "Null" {
			l.reportAt(t.key, "Using ForAllValues qualifier with the single-valued condition key %s can be overly permissive. We recommend that you remove ForAllValues:.", clip(t.name))
		}
	})},
	{code: "MISSING_PAIRED_CONDITION_KEYS", kind: SecurityWarning, policies: anyPolicy, statement: eachTest(func(l *lint, s *statement, t *test) {
		if s.allow && t.is("aws:VpcSourceIp") && !s.tested("aws:SourceVpc") && !s.tested("aws:SourceVpce") {
			l.reportKey(t.key, "Using the condition key aws:VpcSourceIp can be overly permissive without also using one of the following condition keys: aws:SourceVpc, aws:SourceVpce. We recommend that you add the related condition key to the same condition block.")
		}
	})},
	{code: "TYPE_MISMATCH", kind: Warning, policies: anyPolicy, catalog: true, statement: eachTest(func(l *lint, s *statement, t *test) {
		allowed := keyFamilies[t.entry.Type]
		if t.known && t.base != "" && t.base != "Null" && !slices.Contains(allowed, t.family()) {
			l.reportKey(t.operator, "Use the operator type %s instead of operator %s for the condition key %s.", allowed[0], clip(t.operator.name), clip(t.name))
		}
	})},
	{code: "STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS", kind: SecurityWarning, policies: anyPolicy, catalog: true, statement: eachTest(func(l *lint, s *statement, t *test) {
		if t.known && t.entry.Type == catalog.ARN && (t.base == "StringLike" || t.base == "StringNotLike") {
			l.reportKey(t.operator, "Using the operator %s with the ARN condition key %s lets a wildcard match across the fields of the ARN. Use ArnLike or ArnNotLike.", clip(t.operator.name), clip(t.name))
		}
	})},
}

// keyFamilies are the operators that fit each type of key, the usual one first.
var keyFamilies = map[catalog.KeyType][]string{
	catalog.String:    {"String"},
	catalog.ARN:       {"Arn", "String"},
	catalog.Bool:      {"Bool"},
	catalog.Date:      {"Date", "Numeric"},
	catalog.Numeric:   {"Numeric", "Date"},
	catalog.IPAddress: {"IpAddress"},
	catalog.Binary:    {"Binary"},
}

// lacksTagKey reports whether a key is one of those that end in a tag key, but
// has none.
func (l *lint) lacksTagKey(t *test) bool {
	if t.known {
		return false
	}
	_, ok := l.tagged(strings.TrimSuffix(t.name, "/"))
	return ok
}

// unknownKeyService reports whether the prefix of a key is no service's. The
// keys of identity providers begin with a host name.
func (l *lint) unknownKeyService(t *test) bool {
	prefix, name, found := strings.Cut(t.name, ":")
	if !found || prefix == "" || name == "" || strings.Contains(prefix, ".") || strings.EqualFold(prefix, "aws") || strings.EqualFold(prefix, "saml") {
		return false
	}
	_, ok := l.o.Catalog.Service(prefix)
	return !ok
}
