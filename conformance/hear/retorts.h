/*
 * retorts - what cases change in an answer by a function, where an edit of its text does not do.
 */
#ifndef CONFORM_RETORTS_H
#define CONFORM_RETORTS_H

#include "conformance/hear/retort.h"

/* fields; the ones that are busy for long and shortly say so until so many milliseconds from now */
#define RETORT_LONG_MS 5000LL
#define RETORT_SHORT_MS 200LL
retort_change retort_other_message, retort_other_fingerprint, retort_other_envelope,
    retort_from_other, retort_to_other, retort_received_before, retort_received_ahead,
    retort_flag_unknown, retort_flags_eight, retort_final, retort_final_never,
    retort_final_of_other, retort_no_fingerprint, retort_busy, retort_busy_until,
    retort_future_bare, retort_rekey_bare, retort_busy_for_long, retort_busy_shortly, retort_future,
    retort_unopenable, retort_gap, retort_attachment, retort_office_key, retort_rekey,
    retort_rekey_forged, retort_rekey_older;
/* the same of the answer to a Void: the Receipt of the message that it names, which came; a Refusal of the Void itself */
retort_change retort_receipt_of_voided, retort_void_itself;
/* signer */
retort_change retort_signer_spare, retort_signer_stray, retort_signer_tls, retort_signer_root;
/* sealed */
retort_change retort_largest, retort_too_large;
/* response, and the head of the request */
retort_change retort_empty, retort_no_content, retort_unreadable, retort_unavailable,
    retort_retry_after, retort_page_500, retort_page_200, retort_json, retort_no_type,
    retort_type_with_charset, retort_type_in_capitals, retort_text_xml, retort_moved_301,
    retort_moved_307, retort_moved_308, retort_unauthorized, retort_unknown, retort_too_large_413,
    retort_noise, retort_cut, retort_followed, retort_of_before, retort_twice, retort_large,
    retort_huge;
retort_change retort_under_409, retort_under_500, retort_under_503, retort_trickle, retort_slow,
    retort_more_fields, retort_last_stream;
retort_change retort_reset, retort_reset_refused, retort_reset_cancel, retort_reset_after_head,
    retort_reset_in_body, retort_closed, retort_cut_before_head, retort_cut_after_head,
    retort_cut_in_body, retort_cut_at_end, retort_abort, retort_abort_in_body, retort_away;
retort_change retort_break_data, retort_break_ping, retort_break_window;

#endif
