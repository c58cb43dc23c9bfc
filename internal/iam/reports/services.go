package reports

import (
	"sync"

	"sallyport/catalog"
	"sallyport/internal/api/sallyportapi"
)

// services are those that reports are about: AWS's, and Sallyport's own API.
var services = sync.OnceValue(func() *catalog.Catalog {
	own := catalog.Service{
		Prefix: sallyportapi.Service.SigningName, Name: sallyportapi.Service.FullName,
		// Its actions are asked on users, groups, roles and policies of IAM, or on none.
		Resources: []catalog.ResourceType{{Name: "entity", ARN: []string{"arn:${Partition}:iam::${Account}:${Entity}"}}},
	}
	for _, op := range sallyportapi.Service.Operations {
		own.Actions = append(own.Actions, catalog.Action{
			Name: op.Name, Access: catalog.Read, Resources: []catalog.ActionResource{{Name: "entity"}},
		})
	}
	c, err := catalog.AWS().With(own)
	if err != nil {
		panic("reports: " + err.Error()) // the model is part of the program
	}
	return c
})

// knownService finds a service by its namespace, byte for byte.
func knownService(namespace string) (*catalog.Service, bool) {
	s, ok := services().Service(namespace)
	if !ok || s.Prefix != namespace {
		return nil, false
	}
	return s, true
}

// namesInReports are the names of services that reports spell otherwise than the
// Service Authorization Reference.
var namesInReports = map[string]string{
	"apigateway":           "Manage - Amazon API Gateway",
	"aws-marketplace":      "AWS Marketplace",
	"cloudformation":       "AWS CloudFormation",
	"consoleapp":           "AWS Console Mobile App",
	"elasticloadbalancing": "Elastic Load Balancing",
	"greengrass":           "AWS IoT Greengrass",
	"iam":                  "AWS Identity and Access Management",
}

func serviceName(s *catalog.Service) string {
	if name, ok := namesInReports[s.Prefix]; ok {
		return name
	}
	return s.Name
}
