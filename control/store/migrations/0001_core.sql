-- +goose Up
-- counters hand out numbers that never go back: organisations, orders, the bundle.
CREATE TABLE counters (
    name  TEXT   PRIMARY KEY,
    value BIGINT NOT NULL
);

-- sealed holds a value per name, encrypted with the secret that is kept outside the database.
CREATE TABLE sealed (
    name  TEXT  PRIMARY KEY,
    value BYTEA NOT NULL
);
