-- "Tndm": a file of another program is refused.
PRAGMA application_id = 1416520813;

-- A collection is the rows of one kind under one parent: what a list walks.
CREATE TABLE collections (
  id     INTEGER PRIMARY KEY,
  kind   TEXT NOT NULL,
  parent TEXT NOT NULL,
  UNIQUE (kind, parent)
) STRICT;

-- Every column of a row but id and collection is under its digest; the collection is checked against kind and name.
CREATE TABLE rows (
  id           INTEGER PRIMARY KEY,
  collection   INTEGER NOT NULL REFERENCES collections (id),
  name         TEXT    NOT NULL,
  type         TEXT    NOT NULL,
  display_name TEXT    NOT NULL,
  position     INTEGER NOT NULL,
  update_time  INTEGER NOT NULL,
  revision     INTEGER NOT NULL CHECK (revision > 0),
  deleted      INTEGER NOT NULL CHECK (deleted IN (0, 1)),
  terms        TEXT    NOT NULL,
  uniques      TEXT    NOT NULL,
  digest       BLOB    NOT NULL CHECK (length(digest) = 32),
  message      BLOB    NOT NULL
) STRICT;
CREATE UNIQUE INDEX rows_by_name  ON rows (collection, name);
CREATE INDEX rows_by_display_name ON rows (collection, display_name, name);
CREATE INDEX rows_by_update_time  ON rows (collection, update_time, name);
CREATE INDEX rows_by_position     ON rows (collection, position, name);
-- Lists leave deleted rows out before anybody looks at a digest, so that damage to the mark must show as a difference.
CREATE INDEX rows_deleted         ON rows (collection, name) WHERE deleted = 1;

-- What filters find rows by. Both trees hold all columns, so that damage to either shows as a difference.
CREATE TABLE terms (
  row        INTEGER NOT NULL REFERENCES rows (id) ON DELETE CASCADE,
  term       TEXT    NOT NULL,
  collection INTEGER NOT NULL,
  PRIMARY KEY (row, term)
) STRICT, WITHOUT ROWID;
CREATE INDEX rows_by_term ON terms (collection, term, row);

-- Values that no two rows of a kind share.
CREATE TABLE uniques (
  kind  TEXT    NOT NULL,
  value TEXT    NOT NULL,
  row   INTEGER NOT NULL REFERENCES rows (id) ON DELETE CASCADE,
  PRIMARY KEY (kind, value)
) STRICT, WITHOUT ROWID;
CREATE INDEX uniques_by_row ON uniques (row, kind, value);

-- What each transaction changed.
CREATE TABLE changes (
  revision INTEGER NOT NULL CHECK (revision > 0),
  kind     TEXT    NOT NULL,
  name     TEXT    NOT NULL,
  deleted  INTEGER NOT NULL CHECK (deleted IN (0, 1)),
  digest   BLOB    NOT NULL CHECK (length(digest) = 32),
  PRIMARY KEY (revision, kind, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX changes_by_name ON changes (kind, name, revision);

-- Each entry but the first refers to the one before it: no gap. Its digest covers the one before: no exchange.
CREATE TABLE audit (
  number     INTEGER PRIMARY KEY CHECK (number > 0),
  previous   INTEGER UNIQUE REFERENCES audit (number),
  revision   INTEGER NOT NULL,
  time       INTEGER NOT NULL,
  actor      TEXT    NOT NULL,
  credential TEXT    NOT NULL,
  role       TEXT    NOT NULL,
  method     TEXT    NOT NULL,
  objects    TEXT    NOT NULL,
  outcome    TEXT    NOT NULL,
  request_id TEXT    NOT NULL,
  before     BLOB    NOT NULL,
  after      BLOB    NOT NULL,
  digest     BLOB    NOT NULL CHECK (length(digest) = 32),
  CHECK (CASE WHEN number = 1 THEN previous IS NULL ELSE previous IS number - 1 END)
) STRICT;
CREATE INDEX audit_by_revision ON audit (revision);
CREATE TRIGGER audit_is_not_updated BEFORE UPDATE ON audit BEGIN SELECT raise(ABORT, 'audit entries never change'); END;
CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit BEGIN SELECT raise(ABORT, 'audit entries are never deleted'); END;

-- Answers of requests that carried a request_id.
CREATE TABLE answers (
  caller     TEXT    NOT NULL,
  request_id TEXT    NOT NULL,
  method     TEXT    NOT NULL,
  body       BLOB    NOT NULL,
  time       INTEGER NOT NULL,
  digest     BLOB    NOT NULL CHECK (length(digest) = 32),
  answer     BLOB    NOT NULL,
  PRIMARY KEY (caller, request_id)
) STRICT;
CREATE INDEX answers_by_time ON answers (time);
