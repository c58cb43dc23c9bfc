package reference

import (
	"encoding/json"
	"slices"
	"strings"
)

// policies makes the layers. Each is absent in many cases; where it is there, it
// allows everything half of the time, so that the others get to decide.
func (g *generator) policies() map[string]any {
	p := map[string]any{}
	if !g.oneIn(6) {
		p["identity"] = g.list(2, g.plain)
	}
	if g.oneIn(4) {
		p["boundary"] = g.plain()
	}
	if g.oneIn(4) || strings.Contains(g.principal, "federated") && g.oneIn(2) {
		p["session"] = g.list(2, g.plain)
	}
	if g.oneIn(2) {
		p["resource"] = g.document(g.named)
	}
	if g.oneIn(4) {
		p["scps"] = g.list(3, func() any { return g.list(2, g.plain) })
	}
	if g.oneIn(4) {
		p["rcps"] = g.list(3, func() any { return g.list(2, g.resourceControl) })
	}
	if strings.HasPrefix(g.resource, "arn:aws:s3") && g.oneIn(4) || g.oneIn(30) {
		p["acl"] = g.list(2, g.grant)
	}
	if g.oneIn(20) {
		p[pick(g, "identity", "boundary", "session", "resource", "scps", "rcps", "acl")] = nil
	}
	return p
}

// list draws a list of up to n, seldom an empty one.
func (g *generator) list(n int, draw func() any) []any {
	all := []any{}
	if g.oneIn(12) {
		return all
	}
	for range 1 + g.IntN(n) {
		all = append(all, draw())
	}
	return all
}

var everything = map[string]any{"Version": "2012-10-17", "Statement": map[string]any{"Effect": "Allow", "Action": "*", "Resource": "*"}}

// plain is a policy without principals.
func (g *generator) plain() any {
	if g.oneIn(3) {
		return everything
	}
	return g.document(nil)
}

func (g *generator) resourceControl() any {
	return g.document(func(s map[string]any) {
		s["Principal"] = pick[any](g, "*", "*", map[string]any{"AWS": "*"})
		if g.oneIn(3) {
			s["Effect"], s["Action"], s["Resource"] = "Allow", "*", "*"
			delete(s, "Condition")
			delete(s, "NotAction")
			delete(s, "NotResource")
		}
	})
}

// document makes a policy; finish adds to each statement what the layer needs.
func (g *generator) document(finish func(map[string]any)) any {
	d := map[string]any{"Version": "2012-10-17"}
	if g.oneIn(6) {
		d["Version"] = "2008-10-17"
	} else if g.oneIn(12) {
		delete(d, "Version")
	}
	if g.oneIn(20) {
		d["Id"] = pick(g, "policy", "")
	}
	if g.oneIn(4000) {
		d["Id"] = strings.Repeat("x", maxPolicy-50-g.IntN(100)) // with the rest, too long
	}
	statement := func() any {
		s := g.statement()
		if finish != nil {
			finish(s)
		} else if g.oneIn(1000) {
			s["Principal"] = "*"
		}
		if g.oneIn(150) {
			g.misspell(s)
		}
		return s
	}
	d["Statement"] = statement()
	if g.oneIn(2) {
		d["Statement"] = []any{statement(), statement()}
	}
	return d
}

// misspell breaks a rule of the grammar.
func (g *generator) misspell(s map[string]any) {
	wrong := pick(g, []struct {
		element string
		value   any
	}{
		{"Effect", "allow"}, {"Effect", nil}, {"Effect", []any{"Allow"}},
		{"Action", []any{}}, {"Action", 1}, {"Action", "GetObject"}, {"Action", "s3:"}, {"Action", "s3:Get:Object"},
		{"Resource", []any{}}, {"Resource", []any{nil}}, {"Resource", "amzn-bucket/*"}, {"Resource", "s3:::amzn-bucket"}, {"Resource", "a?n"},
		{"Principal", map[string]any{}}, {"Principal", []any{"*"}}, {"Principal", accountA}, {"Principal", map[string]any{"User": "*"}}, {"Principal", map[string]any{"AWS": []any{}}},
		{"Condition", []any{}}, {"Condition", map[string]any{"StringEquals": "red"}}, {"Condition", map[string]any{"StringEquals": map[string]any{"aws:username": []any{}}}},
		{"Condition", map[string]any{"StringEquals": map[string]any{"aws:username": nil}}}, {"Sid", 1}, {"sid", "a"},
		{"NotAction", "s3:*"}, {"NotResource", "*"},
	}...)
	if !strings.HasPrefix(wrong.element, "Not") {
		delete(s, "Not"+wrong.element)
	}
	s[wrong.element] = wrong.value
}

func (g *generator) statement() map[string]any {
	s := map[string]any{"Effect": "Allow"}
	if g.oneIn(4) {
		s["Effect"] = "Deny"
	}
	if g.oneIn(20) {
		s["Sid"] = pick(g, "a", "B", "a1", "")
	}
	if g.oneIn(7) {
		s["NotAction"] = g.some(3, g.actions)
	} else {
		s["Action"] = g.some(3, g.actions)
	}
	if g.oneIn(7) {
		s["NotResource"] = g.some(3, g.resources)
	} else {
		s["Resource"] = g.some(3, g.resources)
	}
	if g.oneIn(3) {
		s["Condition"] = g.condition()
	}
	return s
}

// actions draws a pattern: half of the time one that the request's action matches.
func (g *generator) actions() any {
	service, name, _ := strings.Cut(g.action, ":")
	switch g.IntN(12) {
	case 0, 1:
		return "*"
	case 2, 3:
		return g.action
	case 4:
		return service + ":*"
	case 5:
		return strings.ToUpper(service) + ":" + strings.ToLower(name)
	case 6:
		return service + ":" + name[:3] + "*"
	case 7:
		return service + ":?" + name[1:] + pick(g, "", "*", "?")
	case 8:
		return service + ":*" + name[len(name)-4:]
	default:
		return pick(g, "s3:*", "s3:Get*", "s3:*Object*", "s3:PutObject", "sqs:*", "sts:*", "sts:AssumeRole", "kms:*", "kms:Decrypt", "someservice:*Item", "someservice:GetIte?", "iam:*", "ec2:*", "someserv*:*", "?3:*", "s3:**t")
	}
}

// resources draws a pattern: half of the time one that the resource matches.
func (g *generator) resources() any {
	if g.oneIn(4) {
		return "*"
	}
	if g.resource != "*" && g.oneIn(2) {
		parts := strings.SplitN(g.resource, ":", 6)
		switch g.IntN(11) {
		case 0:
			parts[1] = "*"
		case 1:
			parts[3] = "*"
		case 2:
			parts[4] = pick(g, "*", "1111*", "${aws:PrincipalAccount}", "${aws:ResourceAccount}", "????????????")
		case 3:
			parts[5] = "*"
		case 4:
			parts = parts[:3+g.IntN(3)]
		case 5:
			parts[5] = parts[5][:len(parts[5])/2] + "*"
		case 6:
			parts[5] = "*" + parts[5][len(parts[5])/2:]
		case 7:
			parts[5] = parts[5][:len(parts[5])-1] + "?"
		case 8:
			parts[5] = g.variable(parts[5])
		case 9:
			i := 1 + g.IntN(3)
			parts[i] = parts[i][:len(parts[i])/2] + "*"
			parts = slices.Delete(parts, i+1, i+2+g.IntN(5-i))
		}
		return strings.Join(parts, ":")
	}
	return pick(g, "arn:aws:s3:::*", "arn:aws:s3:::amzn-bucket/*", "arn:aws:s3:::amzn-bucket", "arn:aws:s3:::amzn-bucket/home/${aws:username}/*", "arn:aws:s3:::amzn-bucket/*/${aws:PrincipalTag/team}*",
		"arn:aws:s3:::${aws:PrincipalTag/team}/*", "arn:*:s3:::amzn-bucket/?ome/*", "arn:aws:s3:::amzn-bucket/${*}", "arn:aws:s3:::*/*", "arn:aws:s3:::amzn-bucket/home/${aws:username, 'Alice'}/x",
		"arn:aws:sqs:*:*:queue?", "arn:aws:sqs:us-*:1111*:*", "arn:aws:sqs:us-east-1", "arn:aws:sqs:us-east-1:1111*", "arn:aws:iam::111122223333:user/${aws:username}", "arn:aws:iam::*:role/Read*",
		"arn:aws:someservice:us-east-1:*:item/*", "arn:aws:someservice", "arn:aws:someservice:*", "arn:aws:kms:*:*:key/*", "arn:aws:s3:::amzn-bucket/home/${aws:Nothing}/*", "arn:aws:s3:::amzn-bucket/${someservice:Key}", "arn:aws:s3:::amzn-bucket/*:*")
}

// variable puts a variable or an escape into a text.
func (g *generator) variable(text string) string {
	v := pick(g, "${aws:username}", "${AWS:UserName}", "${aws:PrincipalTag/team}", "${aws:PrincipalTag/team, 'red'}", "${someservice:Key}", "${someservice:Key, 'Alice'}", "${aws:username,'Alice'}",
		"${*}", "${?}", "${$}", "${$}{aws:username}", "${aws:Nothing}", "${aws:Nothing, ''}", "${aws:Nothing, 'a*'}", "${aws:PrincipalAccount}", "${aws:Nothing, '${*}'}", "$", "${aws:PrincipalTag/unit}")
	for _, name := range []string{"Alice", "red", "*"} {
		if strings.Contains(text, name) && g.oneIn(2) {
			return strings.Replace(text, name, v, 1)
		}
	}
	if g.oneIn(100) {
		v = pick(g, "${", "${}", "${aws:username", "${aws:username, 'x}", "${aws:username, x}", "${, 'x'}", "${aws:username, 'x' y}", strings.Repeat("${aws:username}", 15+g.IntN(4)))
	}
	at := g.IntN(len(text) + 1)
	for at > 0 && at < len(text) && text[at]&0xc0 == 0x80 {
		at--
	}
	return text[:at] + v + text[at:]
}

// operatorsOf are the operators by the type of their values.
var operatorsOf = map[string][]string{
	"String":  {"StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike", "StringNotLike"},
	"Numeric": {"NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals"},
	"Date":    {"DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals"},
	"Bool":    {"Bool"},
	"Binary":  {"BinaryEquals"},
	"Ip":      {"IpAddress", "NotIpAddress"},
	"Arn":     {"ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"},
}

func (g *generator) condition() any {
	c := map[string]any{}
	for range 1 + g.IntN(2) {
		kind := pick(g, types...)
		operator := pick(g, operatorsOf[kind]...)
		if g.oneIn(3) {
			operator = pick(g, "ForAllValues:", "ForAnyValue:") + operator
		}
		if g.oneIn(4) {
			operator += "IfExists"
		}
		if g.oneIn(15) {
			kind, operator = "Bool", "Null"
		}
		if g.oneIn(500) {
			operator = pick(g, strings.ToLower(operator), operator+"IfExists", "ForAllValues:"+operator, "ForSomeValues:"+operator, operator+" ", "")
		}
		keys := map[string]any{}
		seen := map[string]bool{}
		for range 1 + g.IntN(4)/3 {
			key := g.key(kind)
			if seen[strings.ToLower(key)] && !g.oneIn(20) {
				continue
			}
			seen[strings.ToLower(key)] = true
			keys[key] = g.some(2, func() any { return g.policyValue(kind) })
		}
		if g.oneIn(100) {
			clear(keys)
		}
		c[operator] = keys
	}
	return c
}

// key draws a key of a type: preferably one that the request has.
func (g *generator) key(kind string) string {
	key := pick(g, typed[kind]...)
	if g.oneIn(2) {
		for _, known := range typed[kind] {
			if _, there := g.context[known]; there {
				key = known
			}
		}
	}
	if g.oneIn(20) {
		return strings.ToUpper(key)
	}
	return key
}

// goodValues counts, from the first, the values that a policy may have under the
// operators of a type. The others are for requests.
var goodValues = map[string]int{"String": 10, "Numeric": 9, "Date": 10, "Bool": 4, "Binary": 1, "Ip": 10, "Arn": 7}

func (g *generator) policyValue(kind string) any {
	if kind == "Arn" && g.oneIn(2) {
		return pick(g, "arn:aws:iam::*:user/*", "arn:*:*:*:*:*", "arn:aws:sns:*:111122223333:t?", "arn:aws:iam::111122223333:user/${aws:username}", "*", "arn:aws:s3:::${aws:PrincipalTag/team}", "${aws:PrincipalArn}", "${aws:PrincipalArn}*", "${aws:Nothing, 'arn:aws:iam::111122223333:user/Alice'}", "${aws:PrincipalTag/team}:*", "arn:aws:sns:us-east-1:*", "arn:aws:iam:*:user/Alice")
	}
	v := values[kind][g.IntN(goodValues[kind])]
	if text, isText := v.(string); isText && kind == "String" && g.oneIn(4) {
		return g.variable(text)
	}
	if g.oneIn(300) {
		return pick(g, append([]any{"${aws:username}"}, values[kind]...)...)
	}
	return v
}

// named gives a statement of a resource's policy its principals.
func (g *generator) named(s map[string]any) {
	if g.oneIn(25) {
		return
	}
	if g.oneIn(6) {
		s["NotPrincipal"] = g.principals()
		if !g.oneIn(30) {
			s["Effect"] = "Deny"
		}
	} else {
		s["Principal"] = g.principals()
	}
	if g.oneIn(10) && strings.Contains(g.resource, ":role/") {
		delete(s, "Resource")
		delete(s, "NotResource")
	}
}

// principals draws what Principal or NotPrincipal may be. NotPrincipal spares only
// who is listed with the account, the role and the session.
func (g *generator) principals() any {
	if g.oneIn(8) {
		return "*"
	}
	p := map[string]any{}
	if strings.HasPrefix(g.principal, "arn:") && !strings.Contains(g.principal, "provider") && g.oneIn(6) {
		account := strings.Split(g.principal, ":")[4]
		chain := []any{g.principal, pick(g, account, "arn:aws:iam::"+account+":root")}
		if strings.Contains(g.principal, ":sts:") {
			chain = append(chain, pick(g, "arn:aws:iam::"+account+":role/Reader", "arn:aws:iam::"+account+":user/Alice", g.principal))
		}
		return map[string]any{"AWS": chain}
	}
	for range 1 + g.IntN(4)/3 {
		kind := "AWS"
		if g.oneIn(6) || !strings.Contains(g.principal, ":") && g.oneIn(2) {
			kind = pick(g, "Service", "Federated", "CanonicalUser")
		}
		p[kind] = g.some(2, func() any { return g.principalOf(kind) })
	}
	return p
}

func (g *generator) principalOf(kind string) any {
	if g.oneIn(400) {
		return pick(g, "*", "?", "arn:aws:iam::111122223333:user/*", "arn:aws:iam::*:root", "11112222333", "", "AIDAEXAMPLEEXAMPLE123")
	}
	switch kind {
	case "Service":
		return pick(g, "ec2.amazonaws.com", "logging.s3.amazonaws.com", "s3.amazonaws.com")
	case "Federated":
		return pick(g, "arn:aws:iam::111122223333:saml-provider/Corp", "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com", "accounts.google.com")
	case "CanonicalUser":
		return pick(g, canonical, other)
	}
	if strings.HasPrefix(g.principal, "arn:") && !strings.Contains(g.principal, "provider") && g.oneIn(3) {
		account := strings.Split(g.principal, ":")[4]
		switch {
		case strings.Contains(g.principal, "assumed-role") && g.oneIn(2):
			return "arn:aws:iam::" + account + ":role/Reader"
		case strings.Contains(g.principal, "federated-user") && g.oneIn(2):
			return "arn:aws:iam::" + account + ":user/Alice"
		}
		return g.principal
	}
	return pick(g, "*", accountA, accountB, "arn:aws:iam::111122223333:root", "arn:aws:iam::444455556666:root", "arn:aws:iam::111122223333:user/Alice", "arn:aws:iam::444455556666:user/Alice",
		"arn:aws:iam::111122223333:user/team/Alice", "arn:aws:iam::111122223333:role/Reader", "arn:aws:iam::111122223333:role/team/Reader", "arn:aws:sts::111122223333:assumed-role/Reader/Alice",
		"arn:aws:sts::111122223333:federated-user/Alice", "arn:aws-cn:iam::111122223333:user/Alice")
}

func (g *generator) grant() any {
	grantee := pick[any](g, canonical, canonical, other, "http://acs.amazonaws.com/groups/global/AllUsers", "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
		"http://acs.amazonaws.com/groups/s3/LogDelivery", g.principalOf("AWS"), "arn:aws:iam::111122223333:root", "arn:aws:iam::444455556666:root", "arn:aws:iam::111122223333:user/Alice")
	return map[string]any{"grantee": grantee, "permission": pick(g, "READ", "WRITE", "READ_ACP", "WRITE_ACP", "FULL_CONTROL")}
}

// spoil changes something in a case at random: it takes a member away, puts
// another value in its place, or gives it another name.
func (g *generator) spoil(c map[string]any) {
	text, err := json.Marshal(c)
	if err != nil {
		panic(err)
	}
	// What generators share between cases must not be changed.
	clear(c)
	if err := json.Unmarshal(text, &c); err != nil {
		panic(err)
	}
	var node any = c
	for {
		m, isObject := node.(map[string]any)
		if list, isList := node.([]any); isList && len(list) > 0 {
			i := g.IntN(len(list))
			if g.oneIn(4) || !nested(list[i]) {
				list[i] = g.odd(list[i])
				return
			}
			node = list[i]
			continue
		}
		if !isObject || len(m) == 0 {
			return
		}
		name := pick(g, names(m)...)
		if nested(m[name]) && !g.oneIn(12) {
			node = m[name]
			continue
		}
		switch g.IntN(3) {
		case 0:
			delete(m, name)
		case 1:
			m[name] = g.odd(m[name])
		default:
			v := m[name]
			delete(m, name)
			m[pick(g, strings.ToLower(name), strings.ToUpper(name), name+" ", "Not"+name, name+"IfExists", "Action", "NotResource", "Principal", "Condition")] = v
		}
		return
	}
}

func nested(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		return len(v) > 0
	case []any:
		return len(v) > 0
	}
	return false
}

// odd is another value than v in its place.
func (g *generator) odd(v any) any {
	if s, isText := v.(string); isText && g.oneIn(2) {
		return pick(g, s+" ", strings.ToLower(s), strings.ToUpper(s), s+"*", s+"${", s+"${aws:username}", s+"${aws:username, 'x'}", "${}"+s, s+"\u0130", strings.ReplaceAll(s, ":", ""), s+":"+s)
	}
	return pick[any](g, nil, "", "*", 1, true, []any{}, []any{v}, map[string]any{}, map[string]any{"AWS": v}, []any{v, v}, []any{nil}, "arn:aws:s3", "2012-10-17", "2008-10-17", "Allow", "Deny", everything)
}

// spoilText changes the text of a case: what JSON says of texts is a rule too.
func (g *generator) spoilText(text []byte) []byte {
	s := string(text)
	at := g.IntN(len(s))
	switch g.IntN(5) {
	case 0:
		return []byte(s[:at])
	case 1:
		return []byte(s + pick(g, "x", "{}", " ", "\n", ","))
	case 2: // a member twice
		return []byte(strings.Replace(s, `"Effect":"Allow"`, pick(g, `"Effect":"Allow","Effect":"Allow"`, `"Effect":"Deny","Effect":"Allow"`, `"\u0045ffect":"Deny","Effect":"Allow"`), 1))
	case 3:
		return []byte(strings.Replace(s, `"Action":`, `"Action":"*","Action":`, 1))
	default:
		return []byte(s[:at] + pick(g, "\"", "\\", "}", "\xff", "\x00", ",") + s[at:])
	}
}
