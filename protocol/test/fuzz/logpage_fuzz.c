/*
 * Input: the content of a log page's Header, an empty line, the content of its Body; sealed here, then opened as the
 * peer does that the log is kept for.
 * Promise: what was read can be sealed, and read again; comparing it with nothing known ends.
 */
#include <string.h>

#include "protocol/base/err.h"
#include "protocol/log/logcompare.h"
#include "protocol/test/fixture.h"
#include "protocol/test/fuzz/fuzz.h"

static struct rxp_log_page page, again;
static const struct rxp_log_known known[RXP_MAX_LOG_PAGE_ENTRIES];

static void count(void *arg, enum rxp_log_difference what, uint64_t n, const uint8_t message_id[16])
{
	unsigned *told = arg;

	(void)n;
	(void)message_id;
	MUST(what < RXP_LOG_DIFFERENCE_COUNT);
	(*told)++;
}

static void compare(void)
{
	const struct rxp_log_held held = {.known = known};
	struct rxp_log_point at = {.n = page.after};
	unsigned told = 0;

	memcpy(at.log_id, page.log_id, sizeof at.log_id);
	memcpy(at.head, page.after_head, sizeof at.head);
	MUST(rxp_log_compare(&at, &page, &held, count, &told) == 0);
	MUST(told >= page.n_entries && at.n == page.after + page.n_entries);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
	const struct fuzz_state *state = fuzz_state();
	const struct rxp_cert *const certs[] = {state->cert};
	struct rxp_buf sealed, resealed;

	rxp_buf_init(&resealed, RXP_MAX_LOG_PAGE_OCTETS);
	if (fuzz_seal(&sealed, RXP_KIND_LOG_PAGE, octets, len) == 0 &&
	    rxp_log_page_open(&page, sealed.data, sealed.len, certs, 1) == 0) {
		MUST(rxp_log_page_seal(&resealed, &page, FIXTURE_TIME_MS, &state->signer) == 0);
		MUST(rxp_log_page_open(&again, resealed.data, resealed.len, certs, 1) == 0);
		MUST(again.n_entries == page.n_entries && again.count == page.count);
		compare();
	}
	rxp_buf_free(&resealed);
	rxp_buf_free(&sealed);
	return 0;
}
