-- +goose Up
CREATE TABLE orders (
    id           TEXT    PRIMARY KEY,
    number       BIGINT  NOT NULL UNIQUE, -- stands for the order in usage records
    document     TEXT    NOT NULL,
    amount       BIGINT  NOT NULL CHECK (amount > 0),
    currency     TEXT    NOT NULL,
    status       TEXT    NOT NULL CHECK (status IN ('draft', 'open', 'authorised', 'delivered', 'captured', 'expired')),
    person       TEXT    NOT NULL, -- empty: a visitor
    secret       BYTEA   NOT NULL, -- SHA-256
    provider     TEXT    NOT NULL,
    payment      TEXT    NOT NULL, -- the provider's id; empty before it is open
    pay_url      TEXT    NOT NULL,
    region       TEXT    NOT NULL, -- of the newest token; empty before the first
    token_until  BIGINT  NOT NULL,
    failed       BIGINT  NOT NULL, -- tries to capture
    capture_next BIGINT  NOT NULL, -- when the next is due
    created      BIGINT  NOT NULL,
    changed      BIGINT  NOT NULL  -- when status last changed
);
CREATE INDEX orders_person ON orders (person, created) WHERE person <> '';
CREATE INDEX orders_pending ON orders (status, changed) WHERE status NOT IN ('captured', 'expired');

-- Every webhook that was believed, once. It has no foreign key to orders: one may tell of an order that is not ours.
CREATE TABLE payment_events (
    provider TEXT   NOT NULL,
    id       TEXT   NOT NULL,
    kind     TEXT   NOT NULL,
    order_id TEXT   NOT NULL,
    payment  TEXT   NOT NULL,
    amount   BIGINT NOT NULL,
    currency TEXT   NOT NULL,
    outcome  TEXT   NOT NULL,
    received BIGINT NOT NULL,
    PRIMARY KEY (provider, id)
);
