#include "daemon/registry/in/heard.h"

#include <string.h>

#include "daemon/base/record.h"
#include "protocol/document.h"
#include "protocol/err.h"

/* The one record of that tag. */
static int read_record(void *out, uint16_t tag, struct bytes records)
{
	struct record_cursor c = {.at = records.data, .left = records.len};
	struct bytes fields;
	uint16_t found;

	if (record_list_next(&c, &found, &fields) != 1 || found != tag || c.left != 0 ||
	    record_decode(out, record_type_of(tag), fields.data, fields.len) != 0)
		return RXP_ERR_DAMAGED;
	return 0;
}

static bool is_valid(const struct msg_opened *facts, enum rxp_type wanted)
{
	enum rxp_type type;

	return facts->opened && facts->refusal == 0 && rxp_type_parse(&type, facts->type) == 0 &&
	       type == wanted;
}

int heard_void(bool *voids, struct msg_opened *facts)
{
	struct rec_node_void names;

	if (!is_valid(facts, RXP_TYPE_VOID))
		return 0;
	if (read_record(&names, REC_node_void, facts->facts) != 0)
		return RXP_ERR_DAMAGED;
	memcpy(facts->message_id, names.message_id, sizeof facts->message_id);
	memcpy(facts->fingerprint, names.fingerprint, sizeof facts->fingerprint);
	*voids = true;
	return 0;
}
