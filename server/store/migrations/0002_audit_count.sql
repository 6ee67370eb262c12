-- How many alike events one entry stands for: refusals that come in floods are folded into one.
ALTER TABLE audit ADD COLUMN count INTEGER NOT NULL DEFAULT 1 CHECK (count > 0);
