-- What the witness has signed or was alarmed by is never changed, by nobody.
SELECT kernel.keep_forever(kept::regclass) FROM unnest(ARRAY[
    'supervision.witness_cosigned', 'supervision.witness_alarm', 'supervision.countersigned'
]) AS kept;
