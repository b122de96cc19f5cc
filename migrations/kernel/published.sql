-- The log as anybody outside may see it: its entries up to the newest checkpoint, without the events they commit to.
-- Between two checkpoints the tree grows with every act; a reader who saw that could count sealed bids as they come.
create or replace view kernel.published_leaf with (security_barrier) as
select l."index", l.leaf from kernel.log_leaf l
where l."index" < (select coalesce(max(c.size), 0) from kernel.log_checkpoint c);
