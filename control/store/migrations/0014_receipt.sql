-- +goose Up
-- What nodes sign receipts with. A key lives as long as its process; its public half stays, so that a receipt can be checked.
CREATE TABLE receipt_keys (
    id         TEXT   NOT NULL, -- thumbprint
    region     TEXT   NOT NULL,
    node       TEXT   NOT NULL,
    x          TEXT   NOT NULL, -- the public key, in base64url
    made       BIGINT NOT NULL, -- as the node says
    first_seen BIGINT NOT NULL, -- by control
    last_seen  BIGINT NOT NULL,
    PRIMARY KEY (id, region, node)
);
CREATE INDEX receipt_keys_last_seen ON receipt_keys (last_seen);
