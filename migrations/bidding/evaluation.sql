-- What judges have written stays as they wrote it: a new opinion is a new row, and a signed report is closed.

select kernel.keep_forever('bidding.evaluation');
select kernel.keep_forever('bidding.review');
select kernel.keep_forever('bidding.score_sheet');
select kernel.keep_forever('bidding.void_seat');
select kernel.keep_forever('bidding.report');
select kernel.keep_forever('bidding.signature');
select kernel.keep_forever('bidding.signed_report');
