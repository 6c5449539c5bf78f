/*
 * changes - what cases change by a function, where an edit of text does not do. Each is a draft_change.
 */
#ifndef CONFORM_CHANGES_H
#define CONFORM_CHANGES_H

#include "conformance/message/draft.h"
#include "protocol/base/limits.h"

/* any: a Document that is sealed anew has another Salt already */
draft_change change_nothing;
/* fields */
draft_change change_created_300_ahead, change_created_301_ahead, change_expired,
    change_expired_by_now, change_expires_before_created, change_expires_in_90_days,
    change_expires_in_91_days, change_from_other, change_to_other, change_type_unknown,
    change_office_unknown, change_id_of_version_4, change_id_of_other_variant,
    change_expires_at_created, change_expires_past_90_days, change_expired_unknown,
    change_from_office_other, change_expired_just_now, change_expires_soon, change_created_long_ago;
/* fields of a case */
draft_change change_case_new, change_position_gap, change_position_taken, change_previous_other,
    change_no_previous, change_seen_other, change_seen_own, change_profile_unknown,
    change_profile_other_version, change_gap_and_form, change_gap_and_state,
    change_gap_and_safeguard, change_position_past_32_bits, change_previous_in_other_case,
    change_profile_in_capitals, change_profile_of_version_2;
/* signer */
draft_change change_signer_384, change_signer_rsa, change_signer_again, change_signer_stray,
    change_signer_tls, change_signer_root, change_sealed_late, change_sealed_early,
    change_sealed_300_after, change_sealed_300_before;
/* outer */
draft_change change_outer_id, change_outer_created, change_outer_expires;
/* recipient */
draft_change change_recipient_unknown, change_recipient_office;
/* content: days at the bound of a safeguard */
draft_change change_checked_31_days_before, change_checked_32_days_before,
    change_checked_a_day_after, change_checked_two_days_after, change_born_18_years_before,
    change_born_a_day_earlier, change_born_in_a_month, change_born_in_a_year,
    change_born_by_estimate;
/* resealed */
draft_change change_elements_most, change_elements_too_many, change_compartment_too_large,
    change_compartment_of_other_office, change_signature_with_zero, change_from_other_inside,
    change_to_other_inside, change_compartment_from_other, change_compartment_to_other;
/* sealed: the whole Document */
draft_change change_document_bom, change_document_utf16, change_document_nul, change_document_cut,
    change_document_largest, change_document_too_large, change_document_empty,
    change_document_not_utf8, change_text_not_utf8, change_text_of_no_number,
    change_text_of_no_character, change_text_of_half, change_prefixes_of_seal,
    change_signature_high, change_signature_der, change_signature_unused_bit;
/* encrypted */
draft_change change_tag_bit, change_iv_bit, change_cipher_bit, change_tag_short, change_no_tag,
    change_wrapped_bit, change_point_off_curve, change_point_other, change_info_party,
    change_info_suite, change_info_to, change_info_id, change_point_hybrid, change_secret_with_zero;
/* envelope: all of its octets */
draft_change change_envelope_bom, change_envelope_utf16, change_envelope_nul, change_envelope_empty,
    change_envelope_noise, change_envelope_largest, change_envelope_too_large,
    change_prefixes_of_envelope, change_id_in_capitals, change_wrapped_unused_bit;
/* sealed, envelope: what was sent before */
draft_change change_same_document, change_same_octets;
/* request */
draft_change change_type_of_content, change_no_type_of_content, change_type_with_charset,
    change_type_in_capitals, change_content_encoding, change_unknown_path, change_method_put,
    change_put_descriptor, change_get_answers;
/* connection */
draft_change change_tls_12, change_alpn_http_1, change_no_alpn, change_no_credential,
    change_credential_stray, change_credential_seal;

/* Not of a draft: a digest becomes another one, whose base64 differs in whether one letter is a capital. */
int change_case_of(uint8_t digest[RXP_DIGEST_OCTETS]);

#endif
