package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"sallyport/internal/journal"
)

// applicationID marks the file as a Sallyport journal in SQLite's header ("SLYP").
const applicationID = 0x534c5950

// migrations bring a database from version i to i+1, each in a transaction of
// its own. A migration is never edited once released.
//
// Names are BLOBs: they are bytes to this driver, and SQLite's TEXT functions stop
// at a NUL. Times are nanoseconds since 1970.
var migrations = []string{`
CREATE TABLE streams (
	number INTEGER PRIMARY KEY,
	name   BLOB NOT NULL UNIQUE,
	head   INTEGER NOT NULL
) STRICT;
CREATE TABLE entries (
	stream   INTEGER NOT NULL REFERENCES streams (number),
	revision INTEGER NOT NULL,
	data     BLOB NOT NULL,
	PRIMARY KEY (stream, revision)
) STRICT;
CREATE TABLE secrets (
	stream INTEGER NOT NULL REFERENCES streams (number),
	id     BLOB NOT NULL,
	sealed BLOB NOT NULL,
	PRIMARY KEY (stream, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE batches (
	number INTEGER PRIMARY KEY,
	id     BLOB NOT NULL,
	digest BLOB NOT NULL
) STRICT;
CREATE TABLE snapshots (
	number   INTEGER PRIMARY KEY AUTOINCREMENT,
	stream   BLOB NOT NULL,
	revision INTEGER NOT NULL,
	size     INTEGER,
	sha256   BLOB
) STRICT;
CREATE UNIQUE INDEX complete_snapshots ON snapshots (stream, revision) WHERE sha256 IS NOT NULL;
CREATE TABLE snapshot_chunks (
	snapshot INTEGER NOT NULL REFERENCES snapshots (number) ON DELETE CASCADE,
	position INTEGER NOT NULL,
	data     BLOB NOT NULL,
	PRIMARY KEY (snapshot, position)
) STRICT;
CREATE TABLE facts (
	key     BLOB PRIMARY KEY,
	value   BLOB NOT NULL,
	expires INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX facts_by_expiry ON facts (expires) WHERE expires IS NOT NULL;
CREATE TABLE blocks (
	cursor   INTEGER PRIMARY KEY AUTOINCREMENT,
	node     BLOB NOT NULL,
	sequence INTEGER NOT NULL,
	account  TEXT NOT NULL,
	first    INTEGER NOT NULL,
	last     INTEGER NOT NULL,
	records  INTEGER NOT NULL,
	data     BLOB NOT NULL,
	UNIQUE (node, sequence)
) STRICT;
`, `
CREATE INDEX blocks_by_end ON blocks (account, last, cursor);
`}

// migrate brings the database to the version this code knows. A file that is not
// a journal, or was written by a newer version, is refused.
func migrate(ctx context.Context, conn *sql.Conn) error {
	var app, version, tables int
	err := conn.QueryRowContext(ctx, `SELECT (SELECT application_id FROM pragma_application_id),
		(SELECT user_version FROM pragma_user_version), (SELECT count(*) FROM sqlite_schema)`).Scan(&app, &version, &tables)
	if err != nil {
		return storageError(err)
	}
	switch {
	case app != applicationID && (app != 0 || version != 0 || tables != 0):
		return fmt.Errorf("not a Sallyport journal: %w", journal.ErrCorrupt)
	case version > len(migrations):
		return fmt.Errorf("journal has schema version %d, this program knows %d: %w", version, len(migrations), journal.ErrInvalid)
	case app == applicationID && version < 1:
		return fmt.Errorf("journal has schema version %d: %w", version, journal.ErrCorrupt)
	}
	for ; version < len(migrations); version++ {
		script := fmt.Sprintf("BEGIN IMMEDIATE; %s PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT",
			migrations[version], applicationID, version+1)
		if _, err := conn.ExecContext(ctx, script); err != nil {
			return fmt.Errorf("migrating to schema version %d: %w", version+1, storageError(err))
		}
	}
	return nil
}
