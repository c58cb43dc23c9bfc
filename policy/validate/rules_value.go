package validate

import (
	"net/netip"
	"regexp"
	"strings"

	"sallyport/policy/condition"
)

// valueRules are about the values of conditions.
var valueRules = []rule{
	{code: "INVALID_CONDITION_DATA_TYPE", kind: ErrorFinding, policies: anyPolicy, statement: eachTest(func(l *lint, s *statement, t *test) {
		for _, v := range t.values[min(1, len(t.values)):] {
			if first := t.values[0]; v.kind != first.kind && !(v.isBool() && first.isBool()) {
				l.reportAt(v, "The condition value data types do not match. Use condition values of the same JSON data type.")
				return
			}
		}
	})},
	{code: "INVALID_CONDITION_MULTIPLE_BOOLEAN", kind: ErrorFinding, policies: anyPolicy, statement: eachTest(func(l *lint, s *statement, t *test) {
		if (t.base == "Bool" || t.base == "Null") && len(t.values) > 1 {
			l.reportAt(t.key, "The condition key %s does not support multiple Boolean values. Use a single Boolean value.", clip(t.name))
		}
	})},
	typeRule("TYPE_MISMATCH_BOOLEAN", Warning, "Bool", "Add a valid Boolean value (true or false) for the condition operator %s."),
	typeRule("TYPE_MISMATCH_DATE", Warning, "DateEquals", "The date condition operator %s is used with an invalid value. Specify a valid date using YYYY-MM-DD or other ISO 8601 date/time format."),
	typeRule("TYPE_MISMATCH_NUMBER", Warning, "NumericEquals", "Add a valid numeric value for the condition operator %s."),
	typeRule("TYPE_MISMATCH_STRING", Warning, "BinaryEquals", "Add a valid base64-encoded string value for the condition operator %s."),
	typeRule("TYPE_MISMATCH_IP_RANGE", ErrorFinding, "IpAddress", "The condition operator %s is used with an invalid IP range value. Specify the IP range in standard CIDR format."),
	{code: "INVALID_DATE_VALUE", kind: Warning, policies: anyPolicy, statement: eachTest(func(l *lint, s *statement, t *test) {
		for _, v := range t.values {
			if t.family() == "Date" && condition.ValidDate(v.text) && !strings.Contains(v.text, "-") {
				l.reportAt(v, "The date %s might not resolve as expected. We recommend that you use the YYYY-MM-DD format.", clip(v.text))
			}
		}
	})},
	{code: "WILDCARD_WITHOUT_LIKE_OPERATOR", kind: Warning, policies: anyPolicy, statement: eachTest(func(l *lint, s *statement, t *test) {
		if t.family() != "String" || strings.HasSuffix(t.base, "Like") {
			return
		}
		for _, v := range t.values {
			if v.isString() && strings.ContainsAny(escapes.Replace(v.text), "*?") {
				l.reportAt(v, "Your condition value includes a * or ? character. If you meant to use a wildcard (*, ?), update the condition operator to include Like.")
			}
		}
	})},
	{code: "INVALID_REGION", kind: ErrorFinding, policies: anyPolicy, statement: eachText([]string{"aws:RequestedRegion"}, func(l *lint, t *test, v *node) {
		if !regionName.MatchString(v.text) && v.text != "aws-global" {
			l.reportAt(v, "The Region %s is not valid. Update the condition value to a supported Region.", clip(v.text))
		}
	})},
	{code: "INVALID_VPC_FORMAT", kind: ErrorFinding, policies: anyPolicy, statement: eachText([]string{"aws:SourceVpc"}, func(l *lint, t *test, v *node) {
		if !vpcID.MatchString(v.text) {
			l.reportAt(v, "The VPC identifier %s in the condition key value is not valid. Use the prefix vpc- followed by 8 or 17 alphanumeric characters.", clip(v.text))
		}
	})},
	{code: "INVALID_VPCE_FORMAT", kind: ErrorFinding, policies: anyPolicy, statement: eachText([]string{"aws:SourceVpce"}, func(l *lint, t *test, v *node) {
		if !vpceID.MatchString(v.text) {
			l.reportAt(v, "The VPC endpoint identifier %s in the condition key value is not valid. Use the prefix vpce- followed by 8 or 17 alphanumeric characters.", clip(v.text))
		}
	})},
	{code: "INVALID_SERVICE_PRINCIPAL_FORMAT", kind: ErrorFinding, policies: anyPolicy, statement: eachText(servicePrincipalKeys, func(l *lint, t *test, v *node) {
		if !validService(v.text) {
			l.reportAt(v, "The service principal %s does not match the expected format. Use the format service-name.amazonaws.com.", clip(v.text))
		}
	})},
	{code: "REDUNDANT_CONDITION_VALUE_NUM", kind: Suggestion, policies: anyPolicy, statement: eachTest(func(l *lint, s *statement, t *test) {
		if len(t.values) < 2 || t.family() != "Numeric" {
			return
		}
		switch {
		case strings.Contains(t.base, "LessThan"):
			l.reportAt(t.key, "Multiple values in %s are redundant. Replace with the greatest single value for %s.", clip(t.operator.name), clip(t.name))
		case strings.Contains(t.base, "GreaterThan"):
			l.reportAt(t.key, "Multiple values in %s are redundant. Replace with the least single value for %s.", clip(t.operator.name), clip(t.name))
		}
	})},
}

var (
	escapes = strings.NewReplacer("${*}", "", "${?}", "")
	vpcID   = regexp.MustCompile(`^vpc-([0-9a-zA-Z]{8}|[0-9a-zA-Z]{17})$`)
	vpceID  = regexp.MustCompile(`^vpce-([0-9a-zA-Z]{8}|[0-9a-zA-Z]{17})$`)

	servicePrincipalKeys = []string{
		"aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast", "aws:PrincipalServiceName",
		"aws:PrincipalServiceNamesList", "iam:PassedToService", "iam:AWSServiceName", "kms:ViaService",
	}
)

// eachText checks the values of some keys under String operators that are
// neither patterns nor have policy variables.
func eachText(keys []string, check func(*lint, *test, *node)) func(*lint, *statement) {
	return eachTest(func(l *lint, s *statement, t *test) {
		if t.family() != "String" {
			return
		}
		for _, key := range keys {
			if !t.is(key) {
				continue
			}
			for _, v := range t.values {
				if v.isString() && !open(v.text) {
					check(l, t, v)
				}
			}
		}
	})
}

// typeRule is about values that the operators of a family can't read.
func typeRule(code string, kind FindingType, operator, details string) rule {
	family := (&test{base: operator}).family()
	return rule{code: code, kind: kind, policies: anyPolicy, statement: eachTest(func(l *lint, s *statement, t *test) {
		f := t.family()
		if f != family && !(f == "Null" && family == "Bool") {
			return
		}
		for _, v := range t.values {
			if v.isObjectOrArray() || strings.Contains(v.text, "${") {
				continue
			}
			if _, err := condition.Compile(operator, "k", []string{v.text}, false); err != nil {
				l.reportAt(v, details, clip(t.operator.name))
			}
		}
	})}
}

func (n *node) isObjectOrArray() bool { return n.isObject() || n.isArray() }

// ipRules follow "aws:SourceIp" and "IP address condition operators".
var ipRules = []rule{
	privateRule("PRIVATE_IP_ADDRESS", ErrorFinding, "IpAddress", true, "aws:SourceIp works only for public IP address ranges. The values for condition key aws:SourceIp include only private IP addresses and will not have the desired effect. Update the value to include only public IP addresses."),
	privateRule("PRIVATE_NOT_IP_ADDRESS", ErrorFinding, "NotIpAddress", true, "The values for condition key aws:SourceIp include only private IP addresses and has no effect. aws:SourceIp works only for public IP address ranges. Update the value to include only public IP addresses."),
	privateRule("PRIVATE_IP_ADDRESS_SUBSET", Suggestion, "IpAddress", false, "The values for condition key aws:SourceIp include a mix of private and public IP addresses. The private addresses will not have the desired effect. aws:SourceIp works only for public IP address ranges. To define permissions for private IP ranges, use aws:VpcSourceIp."),
	privateRule("PRIVATE_NOT_IP_ADDRESS_SUBSET", Suggestion, "NotIpAddress", false, "The values for condition key aws:SourceIp include a mix of private and public IP addresses. The private addresses have no effect. aws:SourceIp works only for public IP address ranges. To define permissions for private IP ranges, use aws:VpcSourceIp."),
	{code: "IMPROVE_IP_RANGE", kind: Suggestion, policies: anyPolicy, statement: eachTest(func(l *lint, s *statement, t *test) {
		for _, v := range t.values {
			if t.family() != "IpAddress" {
				continue
			}
			if p, err := netip.ParsePrefix(v.text); err == nil && p.Masked() != p {
				l.reportAt(v, "The non-zero bits in the IP address after the masked bits are ignored. Replace address with %s.", p.Masked())
			}
		}
	})},
}

// privateRule is about values of aws:SourceIp of which all, or some but not all,
// are private addresses.
func privateRule(code string, kind FindingType, base string, all bool, details string) rule {
	return rule{code: code, kind: kind, policies: anyPolicy, statement: eachTest(func(l *lint, s *statement, t *test) {
		if t.base != base || !t.is("aws:SourceIp") {
			return
		}
		private, public := 0, 0
		for _, v := range t.values {
			if privateRange(v.text) {
				private++
			} else {
				public++
			}
		}
		if private > 0 && (public == 0) == all {
			l.reportAt(t.key, "%s", details)
		}
	})}
}

var sharedAddresses = netip.MustParsePrefix("100.64.0.0/10") // RFC 6598

// privateRange reports whether an address or range lies within what is never
// seen on the internet (RFC 1918, 4193, 6598, loopback, link-local).
func privateRange(text string) bool {
	p, err := netip.ParsePrefix(text)
	if err != nil {
		a, err := netip.ParseAddr(text)
		if err != nil {
			return false
		}
		p = netip.PrefixFrom(a, a.BitLen())
	}
	a := p.Masked().Addr()
	switch {
	case a.IsPrivate() && a.Is4():
		for _, whole := range []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"} {
			if w := netip.MustParsePrefix(whole); w.Contains(a) && p.Bits() >= w.Bits() {
				return true
			}
		}
		return false
	case a.IsPrivate():
		return p.Bits() >= 7
	case sharedAddresses.Contains(a):
		return p.Bits() >= sharedAddresses.Bits()
	}
	return a.IsLoopback() && p.Bits() >= 8 || a.IsLinkLocalUnicast() && p.Bits() >= 10
}
