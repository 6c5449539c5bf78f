#include "daemon/gateway/h2_shared.h"

#include <stdlib.h>
#include <string.h>

struct h2_shared *h2_shared_new(const uint8_t *octets, size_t len)
{
	struct h2_shared *shared = malloc(sizeof *shared + len);

	if (shared == NULL)
		return NULL;
	shared->uses = 1;
	shared->len = len;
	memcpy(shared->octets, octets, len);
	return shared;
}

struct h2_shared *h2_shared_use(struct h2_shared *shared)
{
	shared->uses++;
	return shared;
}

void h2_shared_free(struct h2_shared *shared)
{
	if (shared != NULL && --shared->uses == 0)
		free(shared);
}
