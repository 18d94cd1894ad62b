-- +goose Up
-- Choices, only ever added to. No address, no browser: the id is in the person's own cookie.
CREATE TABLE consents (
    id             TEXT   NOT NULL,
    policy_version TEXT   NOT NULL,
    policy_digest  TEXT   NOT NULL,
    purposes       TEXT   NOT NULL, -- words parted by spaces; none is a refusal
    source         TEXT   NOT NULL,
    chosen         BIGINT NOT NULL
);
CREATE INDEX consents_id ON consents (id, chosen);
