-- Who came to an opening, and who signed its record, stays as it was.

select kernel.keep_forever('bidding.attendance');
select kernel.keep_forever('bidding.opening_signature');
