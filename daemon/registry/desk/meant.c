#include "daemon/registry/desk/meant.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/registry/store/store_case.h"
#include "protocol/base/err.h"
#include "protocol/base/ident.h"

/* The id of nobody, and of no message or case at all. */
#define NOBODY 0xff
static const uint8_t none[RXP_ID_OCTETS];

static uint8_t *id_in(uint8_t *copy, const struct record_type *row, const char *name)
{
	const struct field *field = record_field(row, name);

	if (field == NULL || memcmp(copy + field->offset, none, sizeof none) == 0)
		return NULL;
	return copy + field->offset;
}

/* --- messages ------------------------------------------------------------------------------------ */

/* An id that no message of ours has is somebody else's question. */
static void hide_message(struct db *db, uint8_t *id, uint32_t unseen)
{
	unsigned kind = 0;
	int rc = unseen != 0 ? store_case_kind_of_message(db, &kind, id) : RXP_ERR_NOT_FOUND;

	if (rc == 0 ? (kind & unseen) != 0 : rc != RXP_ERR_NOT_FOUND)
		memset(id, NOBODY, RXP_ID_OCTETS);
}

/* --- cases --------------------------------------------------------------------------------------- */

struct owners {
	unsigned n;
	char first[RXP_PARTY_TEXT];
	char *peers; /* RECORD_NAME_MAX octets */
};

static int add_owner(void *arg, const char *peer)
{
	struct owners *o = arg;
	size_t used = strlen(o->peers);

	if (o->n++ == 0)
		snprintf(o->first, sizeof o->first, "%s", peer);
	if (used + sizeof ", " + RXP_PARTY_TEXT <= RECORD_NAME_MAX)
		snprintf(
		    o->peers + used, RECORD_NAME_MAX - used, "%s%s", used > 0 ? ", " : "", peer);
	return 0;
}

/* peer: as the caller named it, or ""; becomes that of the case. */
static int find_case(
    struct db *db, char peers[RECORD_NAME_MAX], uint8_t *id, char *peer, uint32_t unseen)
{
	struct owners o = {.peers = peers};
	int rc = store_case_peers(db,
	    &(struct store_case_asked){.case_id = id, .peer = peer, .unseen = unseen}, add_owner,
	    &o);

	if (rc != 0)
		return rc;
	if (o.n > 1)
		return RXP_ERR_AMBIGUOUS;
	if (o.n == 1)
		memcpy(peer, o.first, sizeof o.first);
	else
		memset(id, NOBODY, RXP_ID_OCTETS);
	return 0;
}

/* --- the request --------------------------------------------------------------------------------- */

int meant_by(const void **out, uint8_t copy[MEANT_REQUEST_MAX], char peers[RECORD_NAME_MAX],
    struct db *db, enum ipc_type type, const void *body)
{
	const struct record_type *row = &ipc_row(type)->type;
	const struct field *peer = record_field(row, "peer");
	const struct field *field = record_field(row, "unseen");
	uint8_t *message, *of_case;
	uint32_t unseen;
	int rc = 0;

	if (field == NULL) {
		*out = body;
		return 0;
	}
	if (row->size > MEANT_REQUEST_MAX)
		abort();
	memcpy(copy, body, row->size);
	memcpy(&unseen, copy + field->offset, sizeof unseen);
	peers[0] = '\0';
	message = id_in(copy, row, "local_id");
	of_case = id_in(copy, row, "case_id");
	if (message != NULL)
		hide_message(db, message, unseen);
	if (of_case != NULL && peer != NULL)
		rc = find_case(db, peers, of_case, (char *)copy + peer->offset, unseen);
	if (rc == 0)
		*out = copy;
	return rc;
}
