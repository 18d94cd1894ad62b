-- +goose Up
CREATE TABLE nodes (
    id            TEXT   PRIMARY KEY,
    region        TEXT   NOT NULL,
    secret_sha256 TEXT   NOT NULL,
    created       BIGINT NOT NULL,
    revoked       BIGINT NOT NULL
);

CREATE TABLE edges (
    region    TEXT             NOT NULL,
    node      TEXT             NOT NULL,
    address   TEXT             NOT NULL,
    build     TEXT             NOT NULL,
    documents TEXT             NOT NULL, -- digest of its rule pack
    load      DOUBLE PRECISION NOT NULL,
    draining  BOOLEAN          NOT NULL,
    bundle    BIGINT           NOT NULL,
    seen      BIGINT           NOT NULL,
    PRIMARY KEY (region, node)
);
CREATE INDEX edges_seen ON edges (seen);

CREATE TABLE packs (
    digest  TEXT   PRIMARY KEY,
    version TEXT   NOT NULL,
    body    BYTEA  NOT NULL,
    fetched BIGINT NOT NULL
);
