-- Cards and what two officers sign are never taken back: what was wrong is lifted, and both stay to be seen.
SELECT kernel.keep_forever(kept::regclass) FROM unnest(ARRAY[
    'supervision.card', 'supervision.card_event', 'supervision.draft', 'supervision.draft_end'
]) AS kept;

CREATE INDEX IF NOT EXISTS watched_in_scope ON supervision.watched (department, region text_pattern_ops);
CREATE INDEX IF NOT EXISTS watched_due ON supervision.watched (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS watched_newest ON supervision.watched (since DESC, "case");
CREATE INDEX IF NOT EXISTS card_in_scope ON supervision.card (department, region text_pattern_ops);

-- Each card with how grave it is and whether it still stands. A red card stands until it is reviewed or lifted; a
-- milder one is over when the matter is settled.
CREATE OR REPLACE VIEW supervision.card_state AS
SELECT c.*, e.level, e.reached_at, e.settled, e.replied, e.rectified, e.reviewed, e.lifted, e.last_at,
    NOT (e.lifted OR e.reviewed OR (e.settled AND e.level <> 'red')) AS stands
FROM supervision.card c CROSS JOIN LATERAL (
    SELECT CASE WHEN bool_or(kind = 'red') THEN 'red' WHEN bool_or(kind = 'yellow') THEN 'yellow' ELSE 'remind' END
            AS level,
        max(at) FILTER (WHERE kind IN ('remind', 'yellow', 'red')) AS reached_at,
        bool_or(kind = 'settled') AS settled, bool_or(kind = 'replied') AS replied,
        bool_or(kind = 'rectified') AS rectified, bool_or(kind = 'reviewed') AS reviewed,
        bool_or(kind = 'lifted') AS lifted, max(at) AS last_at
    FROM supervision.card_event WHERE card = c.id
) e;
