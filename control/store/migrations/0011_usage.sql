-- +goose Up
-- One row per life of a node: all records up to watermark are in usage_hours.
CREATE TABLE usage_watermarks (
    region    TEXT   NOT NULL,
    node      TEXT   NOT NULL,
    boot      TEXT   NOT NULL,
    watermark BIGINT NOT NULL,
    seen      BIGINT NOT NULL,
    PRIMARY KEY (region, node, boot)
);

CREATE TABLE usage_hours (
    org      BIGINT NOT NULL, -- orgs.index_number; 0 is the studio's visitors
    hour     BIGINT NOT NULL, -- its beginning
    region   TEXT   NOT NULL,
    op       BIGINT NOT NULL,
    outcome  BIGINT NOT NULL,
    requests BIGINT NOT NULL,
    units    BIGINT NOT NULL,
    PRIMARY KEY (org, hour, region, op, outcome)
);

-- Orders that an edge has made, until billing was told; kept after, so that a repeated record does not tell it again.
CREATE TABLE usage_deliveries (
    order_number BIGINT PRIMARY KEY,
    delivered    BIGINT NOT NULL,
    handed_on    BIGINT NOT NULL -- 0 or 1
);
CREATE INDEX usage_deliveries_due ON usage_deliveries (delivered) WHERE handed_on = 0;
