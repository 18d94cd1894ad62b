-- +goose Up
CREATE TABLE signing_keys (
    id        TEXT   PRIMARY KEY,
    state     TEXT   NOT NULL CHECK (state IN ('next', 'active', 'retiring')),
    private   BYTEA  NOT NULL, -- sealed
    created   BIGINT NOT NULL,
    activated BIGINT NOT NULL,
    retired   BIGINT NOT NULL
);
CREATE UNIQUE INDEX signing_keys_one ON signing_keys (state) WHERE state <> 'retiring';

-- Tokens of name (sid, sub, org or kid, a colon, an id) issued before not_before (Unix seconds) are refused.
CREATE TABLE revocations (
    name       TEXT   PRIMARY KEY,
    not_before BIGINT NOT NULL
);
