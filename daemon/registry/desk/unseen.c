#include "daemon/registry/desk/unseen.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/registry/store/store_case.h"
#include "protocol/err.h"
#include "protocol/ident.h"

typedef int kind_fn(struct db *db, unsigned *kind, const uint8_t id[RXP_ID_OCTETS]);

static const struct {
	const char *field;
	kind_fn *kind;
} ids[] = {{"local_id", store_case_kind_of_message}, {"case_id", store_case_kind}};

/* An id that no message of ours has is somebody else's question. */
static bool is_hidden(struct db *db, kind_fn *kind_of, const uint8_t *id, uint32_t unseen)
{
	static const uint8_t none[RXP_ID_OCTETS];
	unsigned kind = 0;
	int rc;

	if (memcmp(id, none, sizeof none) == 0)
		return false;
	rc = kind_of(db, &kind, id);
	return rc == 0 ? (kind & unseen) != 0 : rc != RXP_ERR_NOT_FOUND;
}

const void *unseen_hide(
    uint8_t copy[UNSEEN_REQUEST_MAX], struct db *db, enum ipc_type type, const void *body)
{
	const struct record_type *row = &ipc_row(type)->type;
	const struct field *unseen_field = record_field(row, "unseen");
	uint32_t unseen;

	if (unseen_field == NULL)
		return body;
	memcpy(&unseen, (const uint8_t *)body + unseen_field->offset, sizeof unseen);
	if (unseen == 0)
		return body;
	if (row->size > UNSEEN_REQUEST_MAX)
		abort();
	memcpy(copy, body, row->size);
	for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
		const struct field *id = record_field(row, ids[i].field);

		if (id != NULL && is_hidden(db, ids[i].kind, copy + id->offset, unseen))
			memset(copy + id->offset, 0xff, RXP_ID_OCTETS);
	}
	return copy;
}
