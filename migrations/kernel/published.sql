-- The log as anybody outside may see it: its entries up to the newest checkpoint, without the events they commit to.
-- Between two checkpoints the tree grows with every act; a reader who saw that could count sealed bids as they come.
create or replace view kernel.published_leaf with (security_barrier) as
select l."index", l.leaf from kernel.log_leaf l
where l."index" < (select coalesce(max(c.size), 0) from kernel.log_checkpoint c);

-- The tree over those entries and no node more. A node's place is its in-order number: with the lowest bit of place + 1
-- standing for how many entries it covers, they end at half of place + 1 and that bit together.
create or replace view kernel.published_node with (security_barrier) as
select n.place, n.hash from kernel.log_node n
where (n.place + 1 + ((n.place + 1) & -(n.place + 1))) / 2 <= (select coalesce(max(c.size), 0) from kernel.log_checkpoint c);
