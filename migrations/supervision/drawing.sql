-- A draw's list is kept as it was when its leaves were made.
SELECT kernel.keep_forever('supervision.drawn_list');
