#include "daemon/registry/store/store_claim.h"

#include <string.h>

#include "daemon/registry/store/db.h"
#include "daemon/registry/store/store_epoch.h"
#include "protocol/base/err.h"

#define CHECK_OCTETS 32

static const uint8_t *check_at(struct bytes checks, size_t i)
{
	return checks.data + i * CHECK_OCTETS;
}

static bool given(struct bytes checks, const uint8_t check[CHECK_OCTETS])
{
	for (size_t i = 0; i < checks.len / CHECK_OCTETS; i++)
		if (memcmp(check_at(checks, i), check, CHECK_OCTETS) == 0)
			return true;
	return false;
}

/* One whose key is not there: nothing may be under it. */
static int leave(struct db *db, const struct store_epoch *e, bool look, int64_t now_ms)
{
	int rc = store_box_any(db, e->check);

	if (rc != 0)
		return rc == 1 ? RXP_ERR_KEY : rc;
	return look ? 0 : store_epoch_end(db, e->check, now_ms);
}

static int begin(struct db *db, const struct store_epoch *last, const uint8_t *check,
    int64_t now_ms, uint64_t *begun)
{
	int rc = store_epoch_begin(db, check, now_ms);

	if (rc == 0)
		*begun = last->n + 1;
	return rc == RXP_ERR_EXISTS ? RXP_ERR_KEY : rc;
}

int store_claim(struct db *db, struct bytes checks, bool look, int64_t now_ms, uint64_t *begun)
{
	struct store_epoch living[STORE_EPOCHS_MAX] = {{.n = 0}};
	size_t n = 0;
	bool next;
	int rc;

	*begun = 0;
	if (checks.len == 0 || checks.len % CHECK_OCTETS != 0)
		return RXP_ERR_KEY;
	rc = store_epochs(db, living, &n);
	if (rc != 0)
		return rc;
	next = n == 0 || memcmp(living[0].check, checks.data, CHECK_OCTETS) != 0;
	if (n > 0 && !given(checks, living[0].check))
		return RXP_ERR_KEY;
	for (size_t i = 1; i < n; i++)
		if (next && memcmp(living[i].check, checks.data, CHECK_OCTETS) == 0)
			return RXP_ERR_KEY; /* an older one cannot be the present one again */
	for (size_t i = 1; rc == 0 && i < n; i++)
		if (!given(checks, living[i].check))
			rc = leave(db, &living[i], look, now_ms);
	return rc != 0 || !next || look ? rc : begin(db, &living[0], checks.data, now_ms, begun);
}

int store_claim_over(struct db *db, struct bytes checks, size_t after, size_t *at)
{
	for (size_t i = after + 1; i < checks.len / CHECK_OCTETS; i++) {
		int rc = db_first(
		    db, SQL_EPOCH_KNOWN, DB_VALUES(DB_O(check_at(checks, i), CHECK_OCTETS)));

		if (rc == 1) {
			db_end(db, SQL_EPOCH_KNOWN);
			rc = store_box_any(db, check_at(checks, i));
			if (rc == 0) {
				*at = i;
				return 0;
			}
		}
		if (rc < 0)
			return rc;
	}
	return RXP_ERR_NOT_FOUND;
}
