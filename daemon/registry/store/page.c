#include "daemon/registry/store/page.h"

int page_read(struct db *db, struct rxp_buf *rows, bool *more, enum sql q, int first,
    uint32_t limit, page_put *put)
{
	int rc = first;

	for (uint32_t n = 0; rc == 1 && n < limit; n++) {
		int result = put(db, q, rows);

		if (result != 0) {
			db_end(db, q);
			return result;
		}
		rc = db_next(db, q);
	}
	if (rc < 0)
		return rc;
	*more = rc == 1;
	if (rc == 1)
		db_end(db, q);
	return 0;
}
