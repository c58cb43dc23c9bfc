package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"sallyport/internal/journal"
)

// migrations bring the schema from version i to i+1, each in a transaction of its
// own. A migration is never edited once released.
//
// Names are bytea: they are bytes to this driver, and text can't hold all of them.
// Times are nanoseconds since 1970. What is sealed or compressed already is stored
// as it is (EXTERNAL). Tables position and cursor have one row, whose lock is what
// puts the writers of all nodes in order.
var migrations = []string{`
CREATE TABLE sallyport.position (
	position bigint NOT NULL,
	streams  bigint NOT NULL
);
INSERT INTO sallyport.position VALUES (0, 0);
CREATE TABLE sallyport.streams (
	name     bytea PRIMARY KEY,
	number   bigint NOT NULL,
	head     bigint NOT NULL,
	position bigint NOT NULL
);
CREATE INDEX streams_by_position ON sallyport.streams (position);
CREATE TABLE sallyport.entries (
	stream   bigint,
	revision bigint,
	data     bytea NOT NULL,
	PRIMARY KEY (stream, revision)
);
CREATE TABLE sallyport.secrets (
	stream bigint,
	id     bytea,
	sealed bytea NOT NULL,
	PRIMARY KEY (stream, id)
);
ALTER TABLE sallyport.secrets ALTER COLUMN sealed SET STORAGE EXTERNAL;
CREATE TABLE sallyport.batches (
	id       bytea PRIMARY KEY,
	digest   bytea NOT NULL,
	position bigint NOT NULL
);
CREATE INDEX batches_by_position ON sallyport.batches (position);
CREATE TABLE sallyport.snapshots (
	number   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	stream   bytea NOT NULL,
	revision bigint NOT NULL,
	started  timestamptz NOT NULL DEFAULT now(),
	size     bigint,
	sha256   bytea
);
CREATE UNIQUE INDEX complete_snapshots ON sallyport.snapshots (stream, revision) WHERE sha256 IS NOT NULL;
CREATE TABLE sallyport.snapshot_chunks (
	snapshot bigint REFERENCES sallyport.snapshots (number) ON DELETE CASCADE,
	position bigint,
	data     bytea NOT NULL,
	PRIMARY KEY (snapshot, position)
);
ALTER TABLE sallyport.snapshot_chunks ALTER COLUMN data SET STORAGE EXTERNAL;
CREATE TABLE sallyport.facts (
	key     bytea PRIMARY KEY,
	value   bytea NOT NULL,
	expires bigint,
	token   bytea
);
CREATE INDEX facts_by_expiry ON sallyport.facts (expires) WHERE expires IS NOT NULL;
CREATE TABLE sallyport.cursor (
	cursor bigint NOT NULL
);
INSERT INTO sallyport.cursor VALUES (0);
CREATE TABLE sallyport.blocks (
	cursor   bigint PRIMARY KEY,
	node     bytea NOT NULL,
	sequence bigint NOT NULL,
	account  text NOT NULL,
	first    bigint NOT NULL,
	last     bigint NOT NULL,
	records  bigint NOT NULL,
	data     bytea NOT NULL,
	UNIQUE (node, sequence)
);
ALTER TABLE sallyport.blocks ALTER COLUMN data SET STORAGE EXTERNAL;
CREATE TABLE sallyport.nodes (
	node    bytea PRIMARY KEY,
	renewal bigint NOT NULL,
	ttl     bigint NOT NULL,
	applied bigint NOT NULL
);
`, `
CREATE INDEX blocks_by_end ON sallyport.blocks (account, last, cursor);
`}

// migrate brings the database to the version this code knows. Of several nodes
// that do so at once one succeeds, and the others find it done.
func (s *Store) migrate(ctx context.Context) error {
	return s.write(ctx, func(ctx context.Context, c *pgx.Conn, _ bool) error {
		err := migrate(ctx, c, s.options.Existing)
		if hasCode(err, codeUniqueViolation, codeDuplicateSchema, codeDuplicateTable) {
			return &transient{err: err}
		}
		return err
	})
}

func migrate(ctx context.Context, c *pgx.Conn, existing bool) error {
	if c.PgConn().TxStatus() != 'I' {
		if _, err := c.Exec(ctx, "ROLLBACK"); err != nil {
			return err
		}
	}
	version, err := schemaVersion(ctx, c)
	if err != nil {
		return err
	}
	if existing && version == 0 {
		return fmt.Errorf("the database holds no journal: %w", journal.ErrNotFound)
	}
	for ; version < len(migrations); version++ {
		create := ""
		if version == 0 {
			var exists bool
			if err := c.QueryRow(ctx, "SELECT count(*) > 0 FROM pg_catalog.pg_namespace WHERE nspname = 'sallyport'").Scan(&exists); err != nil {
				return err
			}
			if !exists {
				create = "CREATE SCHEMA sallyport;"
			}
			create += "CREATE TABLE sallyport.version (version bigint NOT NULL); INSERT INTO sallyport.version VALUES (0);"
		}
		script := fmt.Sprintf(`BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE; SET LOCAL statement_timeout = 0; %s
			UPDATE sallyport.version SET version = %d; %s COMMIT`, create, version+1, migrations[version])
		// Sent as it is, a script of several statements.
		if _, err := c.PgConn().Exec(ctx, script).ReadAll(); err != nil {
			return fmt.Errorf("migrating to schema version %d: %w", version+1, err)
		}
	}
	return nil
}

// schemaVersion is 0 for a database without a journal.
func schemaVersion(ctx context.Context, c *pgx.Conn) (int, error) {
	var version, rows int
	err := c.QueryRow(ctx, "SELECT coalesce(max(version), 0), count(*) FROM sallyport.version").Scan(&version, &rows)
	switch {
	case hasCode(err, codeUndefinedTable, codeInvalidSchema):
		return 0, nil
	case err != nil:
		return 0, err
	case rows != 1 || version < 1:
		return 0, fmt.Errorf("journal has schema version %d, in %d rows: %w", version, rows, journal.ErrCorrupt)
	case version > len(migrations):
		return 0, fmt.Errorf("journal has schema version %d, this program knows %d: %w", version, len(migrations), journal.ErrInvalid)
	}
	return version, nil
}

// blob keeps an empty value apart from NULL on the way in, and from absence on
// the way out.
func blob(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// rollback ends a transaction that is of no more use. A connection on which that
// fails is closed, which ends it as well.
func rollback(ctx context.Context, c *pgx.Conn) {
	if c.IsClosed() || c.PgConn().TxStatus() == 'I' {
		return
	}
	if _, err := c.Exec(ctx, "ROLLBACK"); err != nil {
		c.Close(ctx) //nolint:errcheck // given up
	}
}
