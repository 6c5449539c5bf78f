/*
 * Input: octets that are to be a list of records (record.def), or the body of a message (ipc.def), as
 * another process of the node sends them.
 * Promise: a value has one encoding: what is decoded, encoded anew, is the same octets.
 */
#include <string.h>

#include "daemon/base/ipc.h"
#include "daemon/base/record.h"
#include "protocol/base/buf.h"
#include "protocol/test/fuzz/fuzz.h"

#define MAX_RECORD_OCTETS 4096 /* of any struct */

static void decode(const struct record_type *type, const uint8_t *octets, size_t len)
{
	static uint64_t record[MAX_RECORD_OCTETS / sizeof(uint64_t)];
	struct rxp_buf again;

	MUST(type->size <= sizeof record);
	if (record_decode(record, type, octets, len) != 0)
		return;
	rxp_buf_init(&again, len);
	MUST(record_encode(&again, type, record) == 0);
	MUST(again.len == len && (len == 0 || memcmp(again.data, octets, len) == 0));
	rxp_buf_free(&again);
}

static void read_list(const uint8_t *octets, size_t len)
{
	struct record_cursor cursor = {octets, len};
	struct bytes fields;
	uint16_t tag;

	while (record_list_next(&cursor, &tag, &fields) == 1) {
		const struct record_type *type = record_type_of(tag);

		if (type != NULL)
			decode(type, fields.data, fields.len);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
	read_list(octets, len);
	for (int type = IPC_NONE + 1; type < IPC_TYPES; type++)
		decode(&ipc_row((enum ipc_type)type)->type, octets, len);
	return 0;
}
