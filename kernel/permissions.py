"""Who may do what: one table of all acts, one function.

`any` in every case of his scope, `own` in his organisation's own cases (held to in beat 3), `.` never.
A role that has no column may do nothing but what the public may.
"""

TABLE = """
act                 public purchaser agent bidder intermediary operator regulator inspector expert

# the public face, sign-in, the account
read_public         any    any       any   any    any          any      any       any       any
leave_contact       any    any       any   any    any          any      any       any       any
sign_in             any    any       any   any    any          any      any       any       any
register_account    any    any       any   any    any          any      any       any       any
manage_account      .      own       own   own    own          own      own       own       own
read_workbench      .      own       own   own    own          own      own       own       own

# one tender, from notice to opening
register_project    .      own       own   .      .            .        .         .         .
answer_return       .      own       own   .      .            .        .         .         .
accept_project      .      .         .     .      .            any      .         .         .
publish_notice      .      own       own   .      .            .        .         .         .
amend_notice        .      own       own   .      .            .        .         .         .
read_case           .      own       own   .      .            any      any       any       .
answer_objection    .      own       own   .      .            .        .         .         .
conclude_opening    .      own       own   .      .            .        .         .         .
sign_hall           .      own       own   own    .            any      .         .         .
sign_opening        .      own       own   own    .            any      .         .         .
keep_rooms          .      .         .     .      .            any      .         .         .
book_room           .      .         .     .      .            any      .         .         .
keep_recording      .      .         .     .      .            any      .         .         .

# the evaluation, the award, the contract
review_bid          .      own       own   .      .            .        .         .         own
ask_clarification   .      own       .     .      .            .        .         .         own
answer_clarification .     .         .     own    .            .        .         .         .
score_bid           .      own       .     .      .            .        .         .         own
sign_report         .      own       .     .      .            .        .         .         own
read_evaluation     .      own       .     .      .            .        .         .         own
read_report         .      own       own   .      .            .        any       any       .
reopen_evaluation   .      own       own   .      .            .        .         .         .
publicise_candidates .     own       own   .      .            .        .         .         .
object_result       .      .         .     own    .            .        .         .         .
answer_result       .      own       own   .      .            .        .         .         .
decide_award        .      own       .     .      .            .        .         .         .
file_contract       .      own       own   .      .            .        .         .         .
confirm_contract    .      .         .     own    .            .        .         .         .
refund_deposit      .      own       own   .      .            .        .         .         .
file_report         .      own       own   .      .            .        .         .         .
end_case            .      own       .     .      .            .        .         .         .

# the judges
apply_expert        .      .         .     .      .            .        .         .         own
keep_own_data       .      .         .     .      .            .        .         .         own
import_experts      .      .         .     .      .            any      .         .         .
request_panel       .      own       own   .      .            .        .         .         .
attend_draw         .      own       own   .      .            any      .         .         .
read_panel          .      own       own   .      .            any      any       any       .
reply_call          any    any       any   any    any          any      any       any       any
sign_in_desk        any    any       any   any    any          any      any       any       any
declare_avoidance   .      .         .     .      .            .        .         .         own
leave_seat          .      .         .     .      .            .        .         .         own
elect_chair         .      own       .     .      .            .        .         .         own
name_owner          .      own       own   .      .            .        .         .         .
dissolve_panel      .      own       own   .      .            .        .         .         .
replace_member      .      own       own   .      .            any      .         .         .

# the supermarket
enter_market        .      own       .     .      own          .        .         .         .
check_entry         .      .         .     .      .            any      .         .         .
appeal_charge       .      .         .     .      own          .        .         .         .
settle_appeal       .      .         .     .      .            any      .         .         .
propose_item        .      own       .     .      .            .        .         .         .
publish_request     .      own       own   .      .            .        .         .         .
withdraw_request    .      own       own   .      .            .        .         .         .
apply_request       .      .         .     .      own          .        .         .         .
withdraw_application .     .         .     .      own          .        .         .         .
submit_quote        .      .         .     .      own          .        .         .         .
withdraw_quote      .      .         .     .      own          .        .         .         .
restore_quote       .      .         .     .      own          .        .         .         .
reveal_quote        .      .         .     .      own          .        .         .         .
choose_agency       .      own       .     .      .            .        .         .         .
accept_selection    .      .         .     .      own          .        .         .         .
file_service_contract .    own       own   .      own          .        .         .         .
deliver_result      .      .         .     .      own          .        .         .         .
accept_result       .      own       own   .      .            .        .         .         .
rate_service        .      own       .     .      .            .        .         .         .
answer_rating       .      .         .     .      own          .        .         .         .
follow_up_rating    .      .         .     .      .            any      .         .         .
read_request        .      own       own   .      own          any      any       any       .

# the sealed box
hold_key            .      own       .     .      .            any      any       .         .
rehearse_opening    .      own       own   .      .            any      .         .         .
upload_part         .      own       own   own    own          .        .         .         own
submit_bid          .      .         .     own    .            .        .         .         .
withdraw_bid        .      .         .     own    .            .        .         .         .
restore_bid         .      .         .     own    .            .        .         .         .
reveal_bid          .      .         .     own    .            .        .         .         .
answer_cure         .      .         .     own    .            .        .         .         .
read_receipt        .      .         .     own    own          .        .         .         .
raise_objection     .      .         .     own    .            .        .         .         .
read_archive        .      own       own   .      .            any      any       any       .

# supervision
supervise_case      .      .         .     .      .            .        any       any       .
order_directive     .      .         .     .      .            .        any       .         .
audit_envelope      .      .         .     .      .            .        any       any       .
confirm_draft       .      .         .     .      .            .        any       .         .
read_reads          .      .         .     .      .            .        .         any       .
issue_card          .      .         .     .      .            .        any       .         .
lift_card           .      .         .     .      .            .        any       .         .
answer_letter       .      own       own   own    own          any      .         .         .
decide_admission    .      .         .     .      .            .        any       .         .
decide_catalogue    .      .         .     .      .            .        any       .         .
rate_result         .      .         .     .      .            .        any       .         .
introduce_complaint .      own       own   own    own          .        .         .         .
file_complaint      any    any       any   any    any          any      any       any       any
handle_complaint    .      .         .     .      .            .        any       .         .
read_complaints     .      .         .     .      .            .        any       any       .

# people: officials, colleagues, and who acts for whom
create_official     .      .         .     .      .            any      any       any       .
ask_role            .      own       own   own    own          any      any       any       .
grant_role          .      own       own   own    own          any      any       any       .
give_mandate        .      own       .     .      .            .        .         .         .
delegate            .      .         .     .      .            any      any       any       .

# machines
check_health        any    any       any   any    any          any      any       any       any
witness             any    any       any   any    any          any      any       any       any

# yet to come: neither door nor step takes these
open_own            .      .         .     own    .            .        .         .         .
"""


def _read(text: str) -> dict[str, dict[str, str]]:
    lines = [line.split() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    roles, rows = lines[0][1:], lines[1:]
    if any(len(row) != len(roles) + 1 or not set(row[1:]) <= {"any", "own", "."} for row in rows):
        raise ValueError("the table of acts is not a table")
    return {row[0]: dict(zip(roles, row[1:], strict=True)) for row in rows}


ACTS = _read(TABLE)
"""Act → role → any, own or `.`."""


def permission(act: str, role: str) -> str:
    """`any`, `own`, or the empty string for never; KeyError for an act nobody declared."""
    granted = ACTS[act]
    return granted.get(role, granted["public"]).replace(".", "")
