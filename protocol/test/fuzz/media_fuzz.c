/*
 * Input: an octet that says where the file is cut, then a file of any kind of media.def, or none.
 * Promise: the verdict is the same however the file is cut; a finding says what and where, within the file; what
 * is cleaned is clean, no longer than it was, and comes back as it is from a second cleaning; what is clean loses
 * nothing.
 */
#include <string.h>

#include "protocol/base/err.h"
#include "protocol/media/media.h"
#include "protocol/test/fuzz/fuzz.h"

/* A scan of the file in pieces; step 0: in one. */
static int scan(struct rxp_media_finding *finding, const struct rxp_media_row *row,
    const uint8_t *octets, size_t len, size_t step)
{
	struct rxp_media *m = NULL;
	int rc = 0;

	MUST(rxp_media_new(&m, row) == 0);
	for (size_t at = 0; rc == 0 && at < len;) {
		size_t piece = step == 0 || step > len - at ? len - at : step;

		rc = rxp_media_put(m, octets + at, piece);
		at += piece;
	}
	if (rc == 0)
		rc = rxp_media_end(m);
	MUST(rc == 0 || rc == RXP_ERR_UNSUPPORTED || rc == RXP_ERR_SYNTAX);
	if (rc != 0) {
		*finding = *rxp_media_finding(m);
		MUST(finding->what != NULL && finding->what[0] != '\0' && finding->at <= len);
	}
	rxp_media_free(m);
	return rc;
}

static void cuts_change_nothing(
    const struct rxp_media_row *row, const uint8_t *octets, size_t len, size_t step)
{
	struct rxp_media_finding whole = {0}, cut = {0};
	int rc = scan(&whole, row, octets, len, 0);

	MUST(scan(&cut, row, octets, len, step) == rc);
	MUST(rc == 0 || (whole.at == cut.at && strcmp(whole.what, cut.what) == 0));
}

struct removed {
	unsigned parts;
	uint64_t octets;
};

static void tell(void *arg, const struct rxp_media_finding *part, uint64_t octets)
{
	struct removed *r = arg;

	MUST(part->what != NULL && part->what[0] != '\0');
	r->parts++;
	r->octets += octets;
}

static void cleaning_makes_clean(const struct rxp_media_row *row, const uint8_t *octets, size_t len)
{
	struct rxp_media_finding finding = {0};
	struct removed first = {0}, second = {0};
	uint8_t *copy = malloc(len + 1);
	bool was_clean = scan(&finding, row, octets, len, 0) == 0;
	size_t left = len, again;
	int rc;

	MUST(copy != NULL);
	memcpy(copy, octets, len);
	rc = rxp_media_clean(row, copy, &left, &finding, tell, &first);
	MUST(!was_clean ||
	     (rc == 0 && first.parts == 0 && left == len && memcmp(copy, octets, len) == 0));
	if (rc == 0) {
		MUST(left <= len && scan(&finding, row, copy, left, 0) == 0);
		again = left;
		MUST(rxp_media_clean(row, copy, &again, &finding, tell, &second) == 0);
		MUST(again == left && second.parts == 0);
	}
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
	const struct rxp_media_row *row;
	size_t step;

	if (len == 0)
		return 0;
	step = 1 + octets[0];
	octets++;
	len--;
	row = rxp_media_of(octets, len);
	if (row == NULL)
		return 0;
	cuts_change_nothing(row, octets, len, step);
	if (row->cleans)
		cleaning_makes_clean(row, octets, len);
	return 0;
}
