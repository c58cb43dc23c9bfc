package session

import (
	"encoding/hex"
	"strings"

	"sallyport/internal/api"
	"sallyport/internal/api/sallyportapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// defaultResults is how many sessions a page has when MaxResults is not given.
const defaultResults = 100

// Operations lists the operations on sessions.
func Operations() []operation.Definition {
	return []operation.Definition{
		operation.Reads(sallyportapi.OpListConsoleSessions, authorizeList, list),
		operation.Writes(sallyportapi.OpRevokeConsoleSession, authorizeRevoke, revoke),
	}
}

// A holder is whom sessions belong to.
type holder struct {
	owner string // "" when there is nobody
	arn   string
	tags  []operation.Tag
}

// holderOf is the holder that a request names by ARN, or the caller.
func holderOf(c *operation.Call, r state.Reader, principal *string) holder {
	account := c.Caller.Account()
	if principal == nil {
		return holderWith(account, r, iam.LoginOwner(c.Caller))
	}
	h := holder{arn: *principal}
	name := h.arn[strings.LastIndexByte(h.arn, '/')+1:]
	if h.arn == iam.RootARN(account) {
		h.owner = iam.RootLogin
	} else if u, err := iam.FindUser(r, name); err == nil && iam.UserARN(account, u) == h.arn {
		h.owner, h.tags = u.ID, u.Tags
	} else if role, err := iam.FindRole(r, name); err == nil && iam.RoleARN(account, role) == h.arn {
		h.owner, h.tags = role.ID, role.Tags
	}
	return h
}

// holderWith is the holder with a unique id, or the root user. For one that does
// not exist the ARN is that of a user who has the id for a name.
func holderWith(account string, r state.Reader, owner string) holder {
	if owner == iam.RootLogin {
		return holder{owner, iam.RootARN(account), nil}
	}
	if u, ok := iam.Users.Get(r, owner); ok {
		return holder{owner, iam.UserARN(account, u), u.Tags}
	}
	if role, ok := iam.Roles.Get(r, owner); ok {
		return holder{owner, iam.RoleARN(account, role), role.Tags}
	}
	return holder{"", iam.EntityARN(account, "user", "/", owner), nil}
}

func authorizeList(c *operation.Call, r state.Reader, in *sallyportapi.ListConsoleSessionsRequest) ([]operation.Check, error) {
	h := holderOf(c, r, in.PrincipalArn)
	return []operation.Check{{Action: "sallyport:ListConsoleSessions", Resource: h.arn, ResourceTags: h.tags}}, nil
}

func list(c *operation.Call, r state.Reader, in *sallyportapi.ListConsoleSessionsRequest) (*sallyportapi.ListConsoleSessionsResponse, error) {
	h := holderOf(c, r, in.PrincipalArn)
	if h.owner == "" {
		return nil, sallyportapi.NoSuchEntityException("The principal %s cannot be found.", h.arn)
	}
	from, err := startOf(c, in)
	if err != nil {
		return nil, err
	}
	limit := defaultResults
	if in.MaxResults != nil {
		limit = int(*in.MaxResults)
	}
	out := &sallyportapi.ListConsoleSessionsResponse{Sessions: []sallyportapi.ConsoleSession{}}
	iam.ConsoleSessions.Ascend(r, iam.ConsoleSessionKey(h.owner, from), func(key string, s *iam.ConsoleSession) bool {
		if iam.ConsoleSessionOwner(key) != h.owner {
			return false
		}
		if !c.Now.Before(s.Expires) {
			return true
		}
		if len(out.Sessions) == limit {
			out.NextToken = new(strings.TrimPrefix(key, h.owner+"/"))
			return false
		}
		out.Sessions = append(out.Sessions, described(c.Caller, key, h.arn, s))
		return true
	})
	return out, nil
}

// startOf is the hash that a page begins at.
func startOf(c *operation.Call, in *sallyportapi.ListConsoleSessionsRequest) (string, error) {
	if in.NextToken == nil {
		return "", nil
	}
	if raw, err := hex.DecodeString(*in.NextToken); err != nil || len(raw) != 32 {
		return "", api.ValidationError(c.Op.Service, "Invalid NextToken.")
	}
	return *in.NextToken, nil
}

// described is a session as replies show it. arn is its holder's.
func described(caller *operation.Caller, key, arn string, s *iam.ConsoleSession) sallyportapi.ConsoleSession {
	out := sallyportapi.ConsoleSession{
		SessionId: &key, PrincipalArn: &arn, CreatedTimestamp: new(s.Created), ExpiresTimestamp: new(s.Expires),
		MfaAuthenticated: new(!s.MFAAt.IsZero()), SourceIpAddress: new(s.SourceIP),
		Current: new(caller.Console != nil && caller.Console.Key == key),
	}
	if s.UserAgent != "" {
		out.UserAgent = new(s.UserAgent)
	}
	switch t := s.Temporary; {
	case t == nil:
	case t.FederatedUser:
		out.PrincipalArn = new(iam.FederatedUserARN(t.Account, t.Name))
	default:
		out.PrincipalArn = new(sessionARN(t.Account, arn[strings.LastIndexByte(arn, '/')+1:], t.Name))
	}
	if s.Switched != nil {
		out.SwitchedRoleArn = new(sessionARN(s.Switched.Account, s.Switched.RoleName, s.Switched.Name))
	}
	return out
}

// sessionARN is the ARN of a role session, which has no path.
func sessionARN(account, role, name string) string {
	return "arn:aws:sts::" + account + ":assumed-role/" + role + "/" + name
}

// authorizeRevoke asks for sallyport:RevokeConsoleSession on whose session it is.
// The denial names the unique id that the request has, and not the ARN.
func authorizeRevoke(c *operation.Call, r state.Reader, in *sallyportapi.RevokeConsoleSessionRequest) ([]operation.Check, error) {
	owner := iam.ConsoleSessionOwner(*in.SessionId)
	h := holderWith(c.Caller.Account(), r, owner)
	return []operation.Check{{Action: "sallyport:RevokeConsoleSession", Resource: h.arn, Name: owner, ResourceTags: h.tags}}, nil
}

func revoke(_ *operation.Call, tx *state.Tx, in *sallyportapi.RevokeConsoleSessionRequest) (*sallyportapi.RevokeConsoleSessionResponse, error) {
	s, ok := iam.ConsoleSessions.Get(tx, *in.SessionId)
	if !ok || !tx.Now().Before(s.Expires) {
		return nil, sallyportapi.NoSuchEntityException("The console session cannot be found.")
	}
	iam.ConsoleSessions.Delete(tx, *in.SessionId)
	return &sallyportapi.RevokeConsoleSessionResponse{}, nil
}
