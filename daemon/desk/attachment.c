#include "daemon/desk/attachment.h"

#include <string.h>

static const char *const TYPES[] = {
#define ATTACHMENT_TYPE(word) word,
#include "daemon/base/attachment.def"
    NULL};

static const char *const MEDIAS[] = {
#define MEDIA(name, type, magic, title, cleans) type,
#include "protocol/media/media.def"
#undef MEDIA
    NULL};

static const char *const CHECKERS[] = {
#define ATTACHMENT_CHECKER(word) word,
#include "daemon/base/attachment.def"
    NULL};

static const char *const *const LISTS[] = {
    [ATTACHMENT_TYPES] = TYPES,
    [ATTACHMENT_MEDIAS] = MEDIAS,
    [ATTACHMENT_CHECKERS] = CHECKERS,
};

bool attachment_listed(enum attachment_list list, const char *word)
{
	for (const char *const *at = LISTS[list]; *at != NULL; at++)
		if (strcmp(*at, word) == 0)
			return true;
	return false;
}

uint64_t attachment_segments(uint64_t length)
{
	return length == 0 ? 1 : (length - 1) / ATTACHMENT_SEGMENT_OCTETS + 1;
}

size_t attachment_segment_length(uint64_t length, uint64_t segment)
{
	uint64_t left = length - segment * ATTACHMENT_SEGMENT_OCTETS;

	return (size_t)(left < ATTACHMENT_SEGMENT_OCTETS ? left : ATTACHMENT_SEGMENT_OCTETS);
}

uint64_t attachment_ciphertext_length(uint64_t length)
{
	return length + attachment_segments(length) * ATTACHMENT_TAG_OCTETS;
}
