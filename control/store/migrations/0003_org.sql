-- +goose Up
-- index_number stands for the organisation in usage records; it comes from a counter and is never given twice.
CREATE TABLE orgs (
    id           TEXT   PRIMARY KEY,
    index_number BIGINT NOT NULL UNIQUE CHECK (index_number BETWEEN 1 AND 4294967295),
    name         TEXT   NOT NULL,
    founder      TEXT   UNIQUE REFERENCES people (id) ON DELETE SET NULL, -- one organisation is made for a person
    created      BIGINT NOT NULL
);

CREATE TABLE org_members (
    org    TEXT   NOT NULL REFERENCES orgs (id) ON DELETE CASCADE,
    person TEXT   NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    role   TEXT   NOT NULL CHECK (role IN ('owner')),
    joined BIGINT NOT NULL,
    PRIMARY KEY (org, person)
);
CREATE INDEX org_members_person ON org_members (person);

CREATE TABLE org_keys (
    id            TEXT   PRIMARY KEY,
    org           TEXT   NOT NULL REFERENCES orgs (id) ON DELETE CASCADE,
    purpose       TEXT   NOT NULL,
    secret_sha256 TEXT   NOT NULL,
    pair          BYTEA  NOT NULL, -- sealed: key and salt that URLs are signed with
    scopes        TEXT   NOT NULL, -- words parted by spaces
    regions       TEXT   NOT NULL, -- likewise; none: everywhere
    created       BIGINT NOT NULL,
    last_used     BIGINT NOT NULL, -- a day
    revoked       BIGINT NOT NULL
);
CREATE INDEX org_keys_org ON org_keys (org);
CREATE INDEX org_keys_live ON org_keys (id) WHERE revoked = 0;
