package iam

import (
	"strings"
	"time"

	"sallyport/catalog"
)

// TrackingPeriod is how long it is known that a user or role tried to use a
// service; AWS has at least so much
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html).
const TrackingPeriod = 400 * 24 * time.Hour

// An Access is an attempt to use a service or an action.
type Access struct {
	At     time.Time
	Region string
}

// A ServiceAccess is the last attempt to use a service, and the last of each action
// of it that is tracked.
type ServiceAccess struct {
	Access
	Actions map[string]Access `json:",omitempty"`
}

// Accessed holds the last attempts of a user or role by service namespace.
type Accessed map[string]ServiceAccess

// untracked are the actions of IAM and STS that AWS does not track: those that are
// only permissions, and a few calls, as its service reference says. Actions on
// tags are not tracked either.
var untracked = map[string]bool{
	"iam:PassRole": true, "iam:AcceptDelegationRequest": true, "iam:AssociateDelegationRequest": true,
	"iam:CreateDelegationRequest": true, "iam:GetDelegationRequest": true, "iam:GetHumanReadableSummary": true,
	"iam:GetRoleTemplateVersion": true, "iam:RejectDelegationRequest": true, "iam:SendDelegationToken": true,
	"sts:AssumeRoot": true, "sts:GetDelegatedAccessToken": true, "sts:GetServiceBearerToken": true,
	"sts:SetContext": true, "sts:SetSourceIdentity": true,
}

// TracksAction reports whether the last attempt of an action is kept beside that of
// its service: of IAM and STS what AWS tracks, and everything of services that are
// not AWS's. Of AWS's others no request is decided yet
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed-action-last-accessed.html).
func TracksAction(service, action string) bool {
	switch service {
	case "":
		return false
	case "iam", "sts":
		return action != "" && !isTagging(action) && !untrackedName(service, action)
	}
	if _, aws := catalog.AWS().Service(service); aws {
		return false
	}
	return action != ""
}

// isTagging is of the names in IAM and STS: TagUser, UntagUser, ListUserTags.
func isTagging(action string) bool {
	return strings.HasPrefix(action, "Tag") || strings.HasPrefix(action, "Untag") ||
		strings.HasPrefix(action, "List") && strings.HasSuffix(action, "Tags")
}

func untrackedName(service, action string) bool {
	var room [64]byte // so that the name is looked up without being allocated
	return untracked[string(append(append(append(room[:0], service...), ':'), action...))]
}
