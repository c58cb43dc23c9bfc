package roles

import (
	_ "embed"
	"net/http"
	"strings"
	"sync"

	"sallyport/catalog/managed"
	"sallyport/internal/api"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

//go:embed service-linked-roles.txt
var linkedRoles string

// A template is what AWS knows of the role that a service is linked by.
type template struct {
	role   string
	policy string // ARN
	// suffix says that the service may have several roles.
	suffix bool
}

// templates are by service principal.
var templates = sync.OnceValue(func() map[string]template {
	known := map[string]template{}
	for line := range strings.Lines(linkedRoles) {
		if fields := strings.Fields(line); len(fields) >= 3 && fields[0] != "#" {
			known[fields[0]] = template{
				role:   fields[1],
				policy: managed.ARNPrefix + iam.ServiceLinkedPath + fields[2],
				suffix: len(fields) > 3,
			}
		}
	}
	return known
})

// linkedPath is the path of the roles that are linked to the service.
func linkedPath(service string) string { return iam.ServiceLinkedPath + service + "/" }

// linkedName is the name of the role that is linked to the service; of a service
// without a role, how all their names begin.
func linkedName(service string, suffix *string) string {
	name := "AWSServiceRoleFor"
	if t, ok := templates()[service]; ok {
		name = t.role
	}
	if suffix != nil {
		name += "_" + *suffix
	}
	return name
}

// linkedTrust lets the service alone assume its role (row iam-231).
func linkedTrust(service string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"` + service + `"},"Action":"sts:AssumeRole"}]}`
}

// maxRoleName is how long the name of a role may be.
const maxRoleName = 64

// createLinked makes a role as its service would, whose trust and permissions the
// service has chosen
// (https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateServiceLinkedRole.html).
func (s *roles) createLinked(c *operation.Call, tx *state.Tx, in *iamapi.CreateServiceLinkedRoleRequest) (*iamapi.CreateServiceLinkedRoleResponse, error) {
	service := *in.AWSServiceName
	t, known := templates()[service]
	if !known {
		// AWS's answer, as its users quote it.
		return nil, api.Errorf("AccessDenied", http.StatusForbidden, true, "Cannot find Service Linked Role template for %s", service)
	}
	if in.CustomSuffix != nil && !t.suffix {
		return nil, iamapi.InvalidInputException("Custom suffix is not allowed for %s", service)
	}
	name := linkedName(service, in.CustomSuffix)
	if len(name) > maxRoleName {
		return nil, iamapi.InvalidInputException("Service role name %s is longer than %d characters, please try a shorter suffix.", name, maxRoleName)
	}
	if _, _, taken := iam.RolesByName.First(tx, iam.FoldName(name)); taken {
		return nil, iamapi.InvalidInputException("Service role name %s has been taken in this account, please try a different suffix.", name)
	}
	if err := s.env.Limits.Check(iam.RolesPerAccount, iam.Roles.Len(tx)+1); err != nil {
		return nil, err
	}
	now := iam.Moment(tx.Now())
	role := &iam.Role{
		ID: s.env.Ident.RoleID(), Name: name, Path: linkedPath(service), Created: now,
		Description: in.Description, Trust: linkedTrust(service), MaxSession: defaultMaxSession,
	}
	iam.Roles.Put(tx, role.ID, role)
	iam.Attachments.Put(tx, iam.AttachmentKey(role.ID, t.policy), &iam.Attachment{Entity: role.ID, Policy: t.policy, At: now})
	return &iamapi.CreateServiceLinkedRoleResponse{Role: s.created(c.Caller.Account(), tx, role)}, nil
}
