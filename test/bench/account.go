package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"sallyport/internal/api"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/app"
	"sallyport/internal/audit"
	"sallyport/internal/iam"
	"sallyport/internal/iam/credentials"
	"sallyport/internal/iam/groups"
	"sallyport/internal/iam/policies"
	"sallyport/internal/iam/roles"
	"sallyport/internal/iam/users"
	"sallyport/internal/ident"
	"sallyport/internal/operation"
	"sallyport/internal/seal"
	"sallyport/internal/state"
)

const (
	groupCount = 100
	builders   = 256
)

// A builder fills an account with the operations a client would call, run
// where the server runs them, without the network and the signatures.
type builder struct {
	state *state.Store
	ids   *ident.Source
	table *operation.Table
	admin *operation.Caller
}

// buildAccount makes a data folder whose account has the given users, each with
// a tag, an access key and a group, and roles, each with an inline and an AWS
// managed policy: three entries of the journal for each of them.
func buildAccount(o *options, data string, userCount, roleCount int) (err error) {
	server, err := serve(o, data)
	if err != nil {
		return err
	}
	if err := server.stop(); err != nil {
		return err
	}
	ctx := context.Background()
	store, err := app.OpenExisting(ctx, data, "")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	key, err := seal.FromFileOrCreate(filepath.Join(data, "seal.key"))
	if err != nil {
		return err
	}
	sealer, err := seal.New(key)
	if err != nil {
		return err
	}
	s, err := state.Open(ctx, state.Config{Store: store, Sealer: sealer, Schema: app.Schema(), Now: time.Now})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Snapshot(ctx), s.Close()) }()
	limits, err := iam.DefaultLimits().With(map[string]int{iam.UsersPerAccount: 1 + userCount, iam.RolesPerAccount: 1 + roleCount})
	if err != nil {
		return err
	}
	ids := ident.New(nil)
	env := &iam.Env{Ident: ids, Limits: limits}
	view, ok := s.View(state.AccountStream(account))
	if !ok {
		return errors.New("the first account is not there")
	}
	user, err := iam.FindUser(view, "admin")
	if err != nil {
		return err
	}
	b := &builder{
		state: s, ids: ids, admin: iam.UserCaller(account, user),
		table: operation.NewTable(users.Operations(env), groups.Operations(env), credentials.Operations(env), roles.Operations(env), policies.Operations(env)),
	}
	return b.fill(ctx, userCount, roleCount)
}

func (b *builder) fill(ctx context.Context, userCount, roleCount int) error {
	for g := range groupCount {
		if err := b.call(ctx, iamapi.OpCreateGroup, &iamapi.CreateGroupRequest{GroupName: new(groupName(g))}); err != nil {
			return err
		}
	}
	return errors.Join(
		each(userCount, func(i int) error { return b.user(ctx, i) }),
		each(roleCount, func(i int) error { return b.role(ctx, i) }),
	)
}

// each makes n entities, many at a time, so that they share syncs.
func each(n int, entity func(int) error) error {
	failed := make([]error, builders)
	var wg sync.WaitGroup
	for w := range builders {
		wg.Go(func() {
			for i := w; i < n && failed[w] == nil; i += builders {
				failed[w] = entity(i)
			}
		})
	}
	wg.Wait()
	return errors.Join(failed...)
}

func groupName(i int) string { return fmt.Sprintf("team-%03d", i%groupCount) }

func (b *builder) user(ctx context.Context, i int) error {
	name := fmt.Sprintf("user-%06d", i)
	return errors.Join(
		b.call(ctx, iamapi.OpCreateUser, &iamapi.CreateUserRequest{
			UserName: &name, Path: new("/division/engineering/"),
			Tags: []iamapi.Tag{{Key: new("department"), Value: new(fmt.Sprintf("department-%d", i%50))}},
		}),
		b.call(ctx, iamapi.OpCreateAccessKey, &iamapi.CreateAccessKeyRequest{UserName: &name}),
		b.call(ctx, iamapi.OpAddUserToGroup, &iamapi.AddUserToGroupRequest{UserName: &name, GroupName: new(groupName(i))}),
	)
}

// Documents of a role that every principal of the account may assume.
const (
	trustDocument  = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` + account + `:root"},"Action":"sts:AssumeRole"}]}`
	inlineDocument = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject","s3:ListBucket"],"Resource":["arn:aws:s3:::amzn-s3-demo-bucket","arn:aws:s3:::amzn-s3-demo-bucket/*"]}]}`
)

func (b *builder) role(ctx context.Context, i int) error {
	name := fmt.Sprintf("role-%06d", i)
	return errors.Join(
		b.call(ctx, iamapi.OpCreateRole, &iamapi.CreateRoleRequest{RoleName: &name, AssumeRolePolicyDocument: new(trustDocument)}),
		b.call(ctx, iamapi.OpPutRolePolicy, &iamapi.PutRolePolicyRequest{RoleName: &name, PolicyName: new("objects"), PolicyDocument: new(inlineDocument)}),
		b.call(ctx, iamapi.OpAttachRolePolicy, &iamapi.AttachRolePolicyRequest{RoleName: &name, PolicyArn: new("arn:aws:iam::aws:policy/ReadOnlyAccess")}),
	)
}

// call carries an operation out as the server does, with its audit record.
func (b *builder) call(ctx context.Context, op *api.Operation, in any) error {
	def, ok := b.table.Lookup(op)
	if !ok {
		return fmt.Errorf("%s is not implemented", op.Name)
	}
	c := &operation.Call{
		Op: op, Caller: b.admin, RequestID: b.ids.RequestID(), Now: time.Now().UTC(),
		Region: region, SourceIP: "192.0.2.1", UserAgent: "aws-cli/2.15.0 md/Botocore",
	}
	_, err := b.state.Update(ctx, state.AccountStream(account), state.Command{
		RequestID: c.RequestID, Caller: b.admin.Principal.ARN, Operation: "iam:" + op.Name,
		Run: func(tx *state.Tx) error {
			if _, err := def.Checks(c, tx, in); err != nil {
				return err
			}
			out, err := def.Write(c, tx, in)
			if err != nil {
				return err
			}
			e := audit.Event{
				ID: b.ids.RequestID(), RequestID: c.RequestID, Time: c.Now, Source: "iam.amazonaws.com",
				Name: op.Name, Region: region, SourceIP: c.SourceIP, UserAgent: c.UserAgent, Caller: c.Caller,
				Op: op, In: in, Out: out, Mutating: true, Recipient: account,
			}
			tx.Record(e.Append(nil))
			return nil
		},
	})
	return err
}
