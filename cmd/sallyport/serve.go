package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"time"

	"sallyport/internal/app"
	"sallyport/internal/federation/oidc"
	"sallyport/internal/lease"
	"sallyport/internal/state"
)

type serveCmd struct {
	Addr      string `help:"Address to listen on. One that is not loopback needs TLS or --plaintext." default:"127.0.0.1:7420" env:"SALLYPORT_ADDR" placeholder:"HOST:PORT"`
	Data      string `help:"Folder of everything the server keeps." default:"${data}" env:"SALLYPORT_DATA" type:"path" placeholder:"DIR"`
	Store     string `help:"Where the journal is: sqlite:PATH, postgres://USER:PASSWORD@HOST/DATABASE (which several servers may share) or memory: (default: SQLite under --data)." env:"SALLYPORT_STORE" placeholder:"URL"`
	PublicURL string `name:"public-url" help:"URL that users and identity providers see (default: http://localhost:PORT)." env:"SALLYPORT_PUBLIC_URL" placeholder:"URL"`
	TLSCert   string `name:"tls-cert" help:"Certificate chain, PEM." env:"SALLYPORT_TLS_CERT" type:"path" placeholder:"FILE"`
	TLSKey    string `name:"tls-key" help:"Private key, PEM." env:"SALLYPORT_TLS_KEY" type:"path" placeholder:"FILE"`
	Plaintext bool   `help:"Serve without TLS on an address that is not loopback." env:"SALLYPORT_PLAINTEXT"`

	SealKey         string         `help:"Key that seals secrets: base64 of 32 bytes. Prefer the environment or a file." env:"SALLYPORT_SEAL_KEY" placeholder:"BASE64"`
	SealKeyFile     string         `help:"File with the key that seals secrets (default: one made under --data)." env:"SALLYPORT_SEAL_KEY_FILE" type:"path" placeholder:"FILE"`
	MetricsToken    string         `help:"Bearer token of /metrics (default: one made under --data)." env:"SALLYPORT_METRICS_TOKEN" placeholder:"TOKEN"`
	TrustedProxy    []netip.Prefix `help:"Network of proxies whose X-Forwarded-For is believed." env:"SALLYPORT_TRUSTED_PROXY" placeholder:"CIDR"`
	OIDCPrivate     []string       `name:"oidc-private-issuer" help:"Host of an OpenID Connect issuer that need not be on the public internet: HOST, or HOST=ADDRESS:PORT to reach it there." env:"SALLYPORT_OIDC_PRIVATE_ISSUER" placeholder:"HOST"`
	OIDCCAFile      string         `name:"oidc-ca-file" help:"Certificates that OpenID Connect issuers may have theirs from beside the system's, PEM." env:"SALLYPORT_OIDC_CA_FILE" type:"path" placeholder:"FILE"`
	Quota           map[string]int `help:"Replace a default quota, such as UsersPerAccount=100000." env:"SALLYPORT_QUOTA" mapsep:"," placeholder:"NAME=N"`
	SnapshotEntries int            `help:"Save an account's state after so many changes, which only makes the next start faster." default:"20000" env:"SALLYPORT_SNAPSHOT_ENTRIES" placeholder:"N"`
	Lease           time.Duration  `help:"How long the other nodes of a shared store wait for this one when it does not answer, and it may answer without reaching the store at most." default:"5s" env:"SALLYPORT_LEASE" placeholder:"DURATION"`
	MaxConnections  int            `help:"Connections that may be open at a time. For one more, the one that has been quiet for the longest is closed." default:"4096" env:"SALLYPORT_MAX_CONNECTIONS" placeholder:"N"`
	HidePolicies    bool           `help:"Leave the ARN of the denying policy out of denial messages." env:"SALLYPORT_HIDE_POLICIES"`
	LogLevel        slog.Level     `help:"What is logged: debug, info, warn or error." default:"info" env:"SALLYPORT_LOG_LEVEL" placeholder:"LEVEL"`
	LogFormat       string         `help:"How it is logged: text or json." enum:"text,json" default:"text" env:"SALLYPORT_LOG_FORMAT" placeholder:"text|json"`

	First firstAccount `embed:"" group:"First start:"`
}

// firstAccount fixes what first start would otherwise make up.
type firstAccount struct {
	AccountID            string `help:"Id of the first account." env:"SALLYPORT_ACCOUNT_ID" placeholder:"ID"`
	AccountAlias         string `help:"Alias of the first account." env:"SALLYPORT_ACCOUNT_ALIAS" placeholder:"ALIAS"`
	RootEmail            string `help:"E-mail address of its root user." env:"SALLYPORT_ROOT_EMAIL" placeholder:"EMAIL"`
	RootPassword         string `help:"Password of the root user." env:"SALLYPORT_ROOT_PASSWORD" placeholder:"PASSWORD"`
	RootAccessKeyID      string `help:"Access key id of the root user, who has no key unless it is given." env:"SALLYPORT_ROOT_ACCESS_KEY_ID" placeholder:"ID"`
	RootSecretAccessKey  string `help:"Secret access key of the root user." env:"SALLYPORT_ROOT_SECRET_ACCESS_KEY" placeholder:"SECRET"`
	AdminPassword        string `help:"Password of the IAM user admin." env:"SALLYPORT_ADMIN_PASSWORD" placeholder:"PASSWORD"`
	AdminAccessKeyID     string `help:"Access key id of admin." env:"SALLYPORT_ADMIN_ACCESS_KEY_ID" placeholder:"ID"`
	AdminSecretAccessKey string `help:"Secret access key of admin." env:"SALLYPORT_ADMIN_SECRET_ACCESS_KEY" placeholder:"SECRET"`
	BootstrapAdmin       bool   `help:"Create the IAM user admin with AdministratorAccess; --no-bootstrap-admin leaves the account with root alone." default:"true" negatable:"" env:"SALLYPORT_BOOTSTRAP_ADMIN"`
}

// shutdownTimeout is how long in-flight requests may take to finish.
const shutdownTimeout = 30 * time.Second

// Run serves until the context ends.
func (c *serveCmd) Run(ctx context.Context) error {
	logger := c.logger()
	if c.SnapshotEntries < 1 {
		return errors.New("--snapshot-entries must be at least 1")
	}
	if c.Lease < lease.MinTTL || c.Lease > lease.MaxTTL {
		return fmt.Errorf("--lease must be from %v to %v", lease.MinTTL, lease.MaxTTL)
	}
	if c.MaxConnections < 1 {
		return errors.New("--max-connections must be at least 1")
	}
	tlsConfig, err := c.tls()
	if err != nil {
		return err
	}
	listener, err := c.listen(tlsConfig != nil)
	if err != nil {
		return err
	}
	url := c.publicURL(listener.Addr(), tlsConfig != nil)
	a, err := app.Open(ctx, c.config(url, logger))
	if err != nil {
		listener.Close() //nolint:errcheck // the start failed already
		return err
	}
	server := &http.Server{
		Handler: a.Handler(), TLSConfig: tlsConfig,
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, WriteTimeout: 2 * time.Minute,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10, ConnState: a.Connections.Changed,
		ErrorLog: slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}
	served := make(chan error, 1)
	go func() {
		if tlsConfig != nil {
			served <- server.ServeTLS(listener, "", "")
			return
		}
		served <- server.Serve(listener)
	}()
	if err := app.UpdateEndpoint(c.Data, url); err != nil {
		logger.Warn("admin's profile could not be updated", "error", err)
	}
	printStarted(os.Stdout, url, a.Created)
	select {
	case err = <-served:
	case <-ctx.Done():
		logger.Info("stopping: in-flight requests finish first")
		err = shutdown(server)
	}
	return errors.Join(err, a.Close())
}

func shutdown(server *http.Server) error {
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTimeout)
	defer cancel()
	return server.Shutdown(ctx)
}

func (c *serveCmd) logger() *slog.Logger {
	options := &slog.HandlerOptions{Level: c.LogLevel}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(os.Stderr, options))
	}
	return slog.New(slog.NewTextHandler(os.Stderr, options))
}

func (c *serveCmd) tls() (*tls.Config, error) {
	if c.TLSCert == "" && c.TLSKey == "" {
		return nil, nil
	}
	if c.TLSCert == "" || c.TLSKey == "" {
		return nil, errors.New("--tls-cert and --tls-key go together")
	}
	certificate, err := tls.LoadX509KeyPair(c.TLSCert, c.TLSKey)
	if err != nil {
		return nil, fmt.Errorf("TLS certificate: %w", err)
	}
	return &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}, nil
}

// listen opens the port. Credentials' signatures protect requests from being
// changed, but not from being read: off the machine, TLS is not optional by
// accident.
func (c *serveCmd) listen(secure bool) (net.Listener, error) {
	listener, err := net.Listen("tcp", c.Addr)
	if err != nil {
		return nil, err
	}
	addr := listener.Addr().(*net.TCPAddr)
	if !addr.IP.IsLoopback() && !secure && !c.Plaintext {
		listener.Close() //nolint:errcheck // not going to be used
		return nil, fmt.Errorf("%s is not a loopback address: give --tls-cert and --tls-key, or --plaintext to serve without TLS", c.Addr)
	}
	return listener, nil
}

func (c *serveCmd) publicURL(addr net.Addr, secure bool) string {
	if c.PublicURL != "" {
		return c.PublicURL
	}
	scheme := "http"
	if secure {
		scheme = "https"
	}
	return fmt.Sprintf("%s://localhost:%d", scheme, addr.(*net.TCPAddr).Port)
}

// filesBesideConnections are the files that the store and everything else may need
// open at a time.
const filesBesideConnections = 256

// connections is how many may be open: a process that has no files left can neither
// take a connection nor write down anything.
func (c *serveCmd) connections(logger *slog.Logger) int {
	files, limited := openFiles()
	if !limited {
		return c.MaxConnections
	}
	most := connectionsWith(files, c.MaxConnections)
	if most < c.MaxConnections {
		logger.Warn("fewer connections than --max-connections, for this process may not open more files (ulimit -n)", "connections", most, "files", files)
	}
	return most
}

// connectionsWith is how many of the wanted connections a process can have that may
// open so many files; at least one.
func connectionsWith(files uint64, wanted int) int {
	if files >= uint64(wanted)+filesBesideConnections {
		return wanted
	}
	return int(max(files, filesBesideConnections+1)) - filesBesideConnections
}

func (c *serveCmd) config(url string, logger *slog.Logger) app.Config {
	return app.Config{
		Data: c.Data, Store: c.Store, PublicURL: url, Lease: c.Lease,
		SealKey: c.SealKey, SealKeyFile: c.SealKeyFile, Quotas: c.Quota,
		Snapshot:     state.SnapshotPolicy{Entries: c.SnapshotEntries},
		MetricsToken: c.MetricsToken, TrustedProxies: c.TrustedProxy, MaxConnections: c.connections(logger),
		HideDenyingPolicy: c.HidePolicies, Logger: logger,
		OIDC: oidc.Options{PrivateIssuers: c.OIDCPrivate, CAFile: c.OIDCCAFile},
		FirstAccount: app.FirstAccount{
			ID: c.First.AccountID, Alias: c.First.AccountAlias,
			RootEmail: c.First.RootEmail, RootPassword: c.First.RootPassword,
			RootAccessKeyID: c.First.RootAccessKeyID, RootSecret: c.First.RootSecretAccessKey,
			AdminPassword: c.First.AdminPassword, AdminAccessKeyID: c.First.AdminAccessKeyID,
			AdminSecret: c.First.AdminSecretAccessKey, WithoutAdmin: !c.First.BootstrapAdmin,
		},
	}
}
