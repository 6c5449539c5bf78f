/*
 * Input: a block that is to be the header of an object in a bundle (RXP-BND-001, RXP-BND-002).
 * Promise: what is taken names one kind, an id of its form and a size within its bound, never a path; and the same
 * written anew is taken as the same. Of the octets that are not looked at none matters.
 */
#include <string.h>

#include "daemon/base/ustar.h"
#include "protocol/test/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
	struct ustar_entry e, again;
	uint8_t block[USTAR_BLOCK] = {0};

	memcpy(block, octets, len < sizeof block ? len : sizeof block);
	if (ustar_parse(&e, block) != 0)
		return 0;
	MUST(e.kind < USTAR_KINDS && e.size > 0 && e.size <= USTAR_CIPHERTEXT_MAX);
	MUST(strchr(e.id, '/') == NULL && strchr(e.id, '.') == NULL && e.id[0] != '\0');
	ustar_write(block, e.kind, e.id, e.size);
	MUST(ustar_parse(&again, block) == 0);
	MUST(again.kind == e.kind && again.size == e.size && strcmp(again.name, e.name) == 0 &&
	     strcmp(again.id, e.id) == 0);
	return 0;
}
