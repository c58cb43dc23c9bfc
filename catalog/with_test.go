package catalog

import (
	"slices"
	"strings"
	"testing"
)

func shopService() Service {
	return Service{
		Prefix: "shop", Name: "Shop", RCP: true,
		Actions: []Action{
			{Name: "PutOrder", Access: Write, Resources: []ActionResource{{Name: "order", Required: true, Keys: []string{"shop:Colour"}}}, Dependents: []string{"iam:PassRole", "shop:GetOrder"}},
			{Name: "GetOrder", Access: Read, Resources: []ActionResource{{Name: "order"}, {Name: "line"}}, Keys: []string{"aws:ResourceTag/${TagKey}"}},
			{Name: "ListOrders", Access: List},
		},
		Resources: []ResourceType{
			{Name: "order", ARN: []string{"arn:${Partition}:shop:${Region}:${Account}:order/${OrderId}"}, Keys: []string{"shop:OrderTag/${TagKey}"}},
			{Name: "line", ARN: []string{"arn:${Partition}:shop:${Region}:${Account}:order/${OrderId}/line/${LineId}", "arn:${Partition}:shop:::line/${LineId}"}},
		},
		Keys: []Key{
			{Name: "shop:OrderTag/${TagKey}", Type: String},
			{Name: "shop:Colour", Type: String, Multivalued: true},
		},
	}
}

func TestWith(t *testing.T) {
	given := shopService()
	c, err := AWS().With(given, Service{Prefix: "till", Actions: []Action{{Name: "Open", Access: Write, Dependents: []string{"shop:GetOrder"}}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := AWS().Service("shop"); ok {
		t.Error("With changed AWS's catalogue")
	}
	if got := c.Prefixes(); len(got) != serviceCount+2 || !slices.IsSorted(got) || !slices.Contains(got, "till") {
		t.Errorf("%d prefixes", len(got))
	}
	// What the caller does to its own service later changes nothing.
	given.Actions[0].Resources[0].Name = "x"
	given.Actions[0].Keys = nil
	given.Resources[0].ARN[0] = "x"
	s, ok := c.Service("SHOP")
	if !ok || s.Name != "Shop" || !s.RCP || s.Actions[0].Name != "GetOrder" || s.Resources[0].Name != "line" || s.Keys[0].Name != "shop:Colour" {
		t.Errorf("%+v", s)
	}
	if s, ok := c.Service("till"); !ok || s.Name != "till" {
		t.Errorf("%+v", s)
	}
	tests := []struct {
		action, resource string
		want             Applicability
	}{
		{"shop:PutOrder", "arn:aws:shop:eu-west-1:1:order/1", Applicable},
		{"Shop:putorder", "arn:acme:shop:::order/1", Applicable},
		{"shop:PutOrder", "arn:aws:shop:eu-west-1:1:order/1/line/2", Inapplicable},
		{"shop:GetOrder", "arn:aws:shop:eu-west-1:1:order/1/line/2", Applicable},
		{"shop:GetOrder", "arn:aws:shop:::line/2", Applicable},
		{"shop:GetOrder", "arn:aws:s3:::b", Inapplicable},
		{"s3:GetObject", "arn:aws:shop:eu-west-1:1:order/1", Inapplicable},
		{"shop:GetOrder", "arn:aws:shop:eu-west-1:1:basket/1", Unknown},
		{"shop:ListOrders", "arn:aws:shop:eu-west-1:1:order/1", Unknown},
		{"s3:GetObject", "arn:aws:s3:::b/k", Applicable},
		{"s3:GetObject", "arn:aws:s3:::b", Inapplicable},
	}
	for _, test := range tests {
		if got := c.Applies(test.action, test.resource); got != test.want {
			t.Errorf("Applies(%q, %q) = %s, want %s", test.action, test.resource, got, test.want)
		}
	}
	if k, ok := c.Key("SHOP:ordertag/x"); !ok || k.Name != "shop:OrderTag/${TagKey}" {
		t.Errorf("%+v %t", k, ok)
	}
	if k, ok := c.Key("saml:aud"); !ok {
		t.Errorf("%+v %t", k, ok)
	}
	service, action, _ := c.Action("shop:PutOrder")
	for key, want := range map[string]bool{"shop:Colour": true, "shop:OrderTag/x": true, "aws:SourceIp": true, "shop:Size": false} {
		if c.ActionHasKey(service, action, key) != want {
			t.Errorf("ActionHasKey(%s) = %t", key, !want)
		}
	}
	if c, err = (*Catalog)(nil).With(Service{Prefix: "s3", Actions: []Action{{Name: "Get", Access: Read}}}); err != nil {
		t.Error(err)
	} else if _, _, ok := c.Action("s3:get"); !ok || len(c.Prefixes()) != 1 {
		t.Errorf("%v", c.Prefixes())
	}
}

func TestWithRefuses(t *testing.T) {
	tests := []struct {
		want   string
		change func(s *Service)
	}{
		{"a prefix is 1 to 64", func(s *Service) { s.Prefix = "" }},
		{"a prefix is 1 to 64", func(s *Service) { s.Prefix = "Shop" }},
		{"a prefix is 1 to 64", func(s *Service) { s.Prefix = "shop:x" }},
		{"a prefix is 1 to 64", func(s *Service) { s.Prefix = "4shop" }},
		{"a prefix is 1 to 64", func(s *Service) { s.Prefix = strings.Repeat("s", 65) }},
		{"the prefix is taken", func(s *Service) { s.Prefix = "s3" }},
		{"the prefix is taken", func(s *Service) { s.Prefix = "aws" }},
		{"a service has 1 to", func(s *Service) { s.Actions = nil }},
		{`action "Put*": an action's name`, func(s *Service) { s.Actions[0].Name = "Put*" }},
		{`action "": an action's name`, func(s *Service) { s.Actions[0].Name = "" }},
		{`action "GETORDER" is there twice`, func(s *Service) { s.Actions[2].Name = "GETORDER" }},
		{`action "PutOrder": no access level`, func(s *Service) { s.Actions[0].Access = 0 }},
		{`action "PutOrder": no access level`, func(s *Service) { s.Actions[0].Access = 9 }},
		{`the service has no resource type "basket"`, func(s *Service) { s.Actions[0].Resources[0].Name = "basket" }},
		{`resource type "order" is there twice`, func(s *Service) { s.Actions[1].Resources[1].Name = "order" }},
		{`action "PutOrder": the service has no key "shop:Size"`, func(s *Service) { s.Actions[0].Keys = []string{"shop:Size"} }},
		{`the service has no key "s3:prefix"`, func(s *Service) { s.Actions[0].Resources[0].Keys = []string{"s3:prefix"} }},
		{`there is no dependent action "iam:Pass"`, func(s *Service) { s.Actions[0].Dependents[0] = "iam:Pass" }},
		{`resource type "": malformed name`, func(s *Service) { s.Resources[0].Name = "" }},
		{`resource type "a\nb": malformed name`, func(s *Service) { s.Resources[0].Name = "a\nb" }},
		{`resource type "order" is there twice`, func(s *Service) { s.Resources[1].Name = "order" }},
		{`resource type "line" has no ARN`, func(s *Service) { s.Resources[1].ARN = nil }},
		{`ARN "arn:aws:shop": not an ARN of six fields`, func(s *Service) { s.Resources[1].ARN[0] = "arn:aws:shop" }},
		{"not an ARN of six fields", func(s *Service) { s.Resources[1].ARN[0] = "arn:aws:shop:::" }},
		{"the service is a variable", func(s *Service) { s.Resources[1].ARN[0] = "arn:aws:${Service}:::x" }},
		{"the service is a variable", func(s *Service) { s.Resources[1].ARN[0] = "arn:aws:*:::x" }},
		{"malformed variable at \"${Id\"", func(s *Service) { s.Resources[1].ARN[0] = "arn:aws:shop:::${Id" }},
		{"malformed variable", func(s *Service) { s.Resources[1].ARN[0] = "arn:aws:shop:::${}" }},
		{"neither text nor a variable", func(s *Service) { s.Resources[1].ARN[0] = "arn:aws:shop:eu-*::x" }},
		{"longer than 512", func(s *Service) { s.Resources[1].ARN[0] = "arn:aws:shop:::" + strings.Repeat("x", 512) }},
		{`resource type "line": the service has no key`, func(s *Service) { s.Resources[1].Keys = []string{"shop:Size"} }},
		{`key "till:Colour" neither begins with "shop:" nor is global`, func(s *Service) { s.Keys[1].Name = "till:Colour" }},
		{`key "shop:" neither`, func(s *Service) { s.Keys[1].Name = "shop:" }},
		{`key "SHOP:ordertag/${tagkey}" is there twice`, func(s *Service) { s.Keys[1].Name = "SHOP:ordertag/${tagkey}" }},
		{"has no type", func(s *Service) { s.Keys[1].Type = 0 }},
		{`key "shop:${": malformed variable`, func(s *Service) { s.Keys[1].Name = "shop:${" }},
	}
	for _, test := range tests {
		s := shopService()
		test.change(&s)
		_, err := AWS().With(s)
		if err == nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "catalog: service ") {
			t.Errorf("%v, want %q", err, test.want)
		}
	}
	if _, err := AWS().With(shopService(), shopService()); err == nil || !strings.Contains(err.Error(), "taken") {
		t.Errorf("twice: %v", err)
	}
}
