#include "daemon/registry/store/schema.h"

#include "daemon/registry/store/schema_part.h"

const char *schema_text(size_t part)
{
	static const char *const *const subjects[] = {
	    schema_parties, schema_messages, schema_proofs};

	for (size_t i = 0; i < sizeof subjects / sizeof subjects[0]; i++)
		for (const char *const *at = subjects[i]; *at != NULL; at++)
			if (part-- == 0)
				return *at;
	return NULL;
}
