package app

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"sallyport/catalog"
	"sallyport/console"
	"sallyport/internal/accessanalyzer"
	"sallyport/internal/authn"
	"sallyport/internal/cloudtrail"
	"sallyport/internal/history"
	"sallyport/internal/iam"
	"sallyport/internal/iam/certificates"
	"sallyport/internal/iam/credentials"
	"sallyport/internal/iam/groups"
	"sallyport/internal/iam/instanceprofiles"
	"sallyport/internal/iam/mfa"
	"sallyport/internal/iam/outbound"
	"sallyport/internal/iam/policies"
	"sallyport/internal/iam/providers"
	"sallyport/internal/iam/reports"
	"sallyport/internal/iam/roles"
	"sallyport/internal/iam/users"
	"sallyport/internal/ident"
	"sallyport/internal/operation"
	"sallyport/internal/organizations"
	"sallyport/internal/pdp"
	"sallyport/internal/seal"
	"sallyport/internal/server"
	"sallyport/internal/server/signin"
	"sallyport/internal/session"
	"sallyport/internal/state"
	"sallyport/internal/sts"
	"sallyport/sigv4"
)

// wire joins the parts.
func (a *App) wire(ids *ident.Source, sealer *seal.Sealer, limits iam.Limits) error {
	c := a.config
	tokens, messages := sts.NewTokens(sealer), sts.NewMessages(sealer)
	decisions := pdp.New(pdp.Options{HideDenyingPolicy: c.HideDenyingPolicy, History: a.state})
	env := &iam.Env{Ident: ids, Limits: limits, Usage: a.lastUsed, Accounts: a.account,
		Facts: a.journal, Now: c.Now, Background: a.inBackground}
	issuers := outbound.New(env, a.state, c.PublicURL)
	devices := mfa.New(mfa.Config{Facts: a.journal, Secrets: a.state, Sealer: sealer, PublicURL: c.PublicURL})
	sessions := session.New(session.NewCookies(sealer, strings.HasPrefix(c.PublicURL, "https:")), a.account)
	origin, err := ownOrigin(c.PublicURL)
	if err != nil {
		return err
	}
	tokenService := a.tokenService(env, tokens, messages, devices, issuers)
	served := server.New(server.Config{
		State:      a.state,
		Operations: a.operations(env, tokenService, devices, issuers, decisions, history.New(a.state, sealer), cloudtrail.New(a.state, a.journal, sealer)),
		Authn:      authn.New(a.state, tokens, sigv4.NewKeyCache(signingKeys), ids.SecretAccessKey()),
		PDP:        decisions, Messages: messages, Audit: a.audit, Ident: ids, Usage: a.lastUsed, Issuers: issuers,
		Sessions: sessions, Origin: origin,
		Now: c.Now, Logger: c.Logger, Standing: a.standing, Ready: a.ready.answer, Collectors: a.collectors(),
		MetricsToken: a.MetricsToken, TrustedProxies: c.TrustedProxies,
	})
	served.Pages, served.IsPage = signin.New(signin.Config{
		State: a.state, Sessions: sessions, Origin: origin, Tokens: tokens, Sealer: sealer, MFA: devices, SAML: tokenService, Facts: a.journal,
		Audit: a.audit, Ident: ids, Server: served, Now: c.Now, Standing: a.standing, Logger: c.Logger, PublicURL: c.PublicURL, Console: console.New(catalog.AWS()),
	}), signin.IsPage
	a.handler = served.Handler()
	return nil
}

// ownOrigin refuses what other sites have browsers send. A proxy may hide the name
// that browsers know, so that the public one counts as well.
func ownOrigin(publicURL string) (*http.CrossOriginProtection, error) {
	origin := http.NewCrossOriginProtection()
	u, err := url.Parse(publicURL)
	if err != nil {
		return nil, fmt.Errorf("the public URL: %w", err)
	}
	if u.Host == "" {
		return origin, nil
	}
	if err := origin.AddTrustedOrigin(u.Scheme + "://" + u.Host); err != nil {
		return nil, fmt.Errorf("the public URL: %w", err)
	}
	return origin, nil
}

// operations is the table of everything that is served.
func (a *App) operations(env *iam.Env, tokens *sts.Service, devices *mfa.Service, issuers *outbound.Service, decisions *pdp.PDP, changes *history.Service, trail *cloudtrail.Service) *operation.Table {
	return operation.NewTable(
		users.Operations(env), groups.Operations(env), credentials.Operations(env),
		devices.Operations(env), policies.Operations(env), roles.Operations(env), reports.Operations(env),
		certificates.Operations(env), instanceprofiles.Operations(env), providers.Operations(env), issuers.Operations(),
		tokens.Operations(),
		organizations.New(env.Ident, a.directory).Operations(),
		decisions.Operations(), changes.Operations(), session.Operations(),
		trail.Operations(), accessanalyzer.Operations(),
	)
}

// tokenService is STS.
func (a *App) tokenService(env *iam.Env, tokens *sts.Tokens, messages *sts.Messages, devices *mfa.Service, issuers *outbound.Service) *sts.Service {
	return sts.New(sts.Config{
		Tokens: tokens, Messages: messages, Ident: env.Ident, MFA: devices, WebIdentities: a.issuers, Issuers: issuers,
		SAML:     sts.SAMLOptions{SignIn: a.config.PublicURL + "/saml", Secret: a.secret, Once: a.once},
		Accounts: a.account, Directory: a.directory,
	})
}

// account is the committed state of an account.
func (a *App) account(id string) (*state.View, bool) { return a.state.View(state.AccountStream(id)) }

// secret opens a sealed secret of an account.
func (a *App) secret(ctx context.Context, account, id string) ([]byte, error) {
	return a.state.Secret(ctx, state.AccountStream(account), id)
}

// once reports whether a key is new to the journal's facts.
func (a *App) once(ctx context.Context, key string, expires time.Time) (bool, error) {
	return a.journal.Once(ctx, key, expires)
}

// directory is the committed directory.
func (a *App) directory() (*state.View, bool) { return a.state.View(state.Directory) }

// Operations is the table of what is served, without a server behind it: for
// listing.
func Operations() *operation.Table {
	a := new(App)
	env := &iam.Env{Ident: ident.New(nil), Limits: iam.DefaultLimits()}
	return a.operations(env, sts.New(sts.Config{}), mfa.New(mfa.Config{}), outbound.New(env, nil, ""), pdp.New(pdp.Options{}), history.New(nil, nil), cloudtrail.New(nil, nil, nil))
}
