/*
 * attachment - what the desk knows of attachments beside their octets: closed lists, and the cut into
 * segments (RXP-ATT-005, RXP-ATT-006).
 */
#ifndef DESK_ATTACHMENT_H
#define DESK_ATTACHMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ATTACHMENT_MAX_OCTETS (64UL * 1024 * 1024) /* of one file */
#define ATTACHMENT_SEGMENT_OCTETS 1048576UL
#define ATTACHMENT_TAG_OCTETS 16UL
#define ATTACHMENT_TRANSFERS_MAX 8 /* files that come in, and files that go out, at one time */

enum attachment_list { ATTACHMENT_TYPES, ATTACHMENT_MEDIAS, ATTACHMENT_CHECKERS };

/* Is the word one of the list? */
bool attachment_listed(enum attachment_list list, const char *word);

/* Segments of a file of this length; at least one. */
uint64_t attachment_segments(uint64_t length);

/* Octets of the file in a segment, counted from 0. */
size_t attachment_segment_length(uint64_t length, uint64_t segment);

/* Octets of the ciphertext of a file of this length. */
uint64_t attachment_ciphertext_length(uint64_t length);

#endif
