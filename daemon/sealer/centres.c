#include "daemon/sealer/centres.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/base/err.h"

struct centres {
	const char **list; /* into octets */
	char *octets;
	size_t n;
};

static size_t count(struct bytes addresses)
{
	size_t n = 0;

	for (size_t i = 0; i < addresses.len; i++)
		n += addresses.data[i] == '\0';
	return n;
}

int centres_new(struct centres **out, struct bytes addresses)
{
	struct centres *c = NULL;

	if (addresses.len == 0) {
		*out = NULL;
		return 0;
	}
	if (addresses.data[addresses.len - 1] != '\0')
		return RXP_ERR_SYNTAX;
	c = calloc(1, sizeof *c);
	if (c == NULL)
		return RXP_ERR_NOMEM;
	c->octets = malloc(addresses.len);
	c->list = calloc(count(addresses) + 1, sizeof *c->list); /* NULL at the end */
	if (c->octets == NULL || c->list == NULL) {
		centres_free(c);
		return RXP_ERR_NOMEM;
	}
	memcpy(c->octets, addresses.data, addresses.len);
	for (size_t at = 0; at < addresses.len; at += strlen(c->octets + at) + 1)
		c->list[c->n++] = c->octets + at;
	*out = c;
	return 0;
}

void centres_free(struct centres *c)
{
	if (c == NULL)
		return;
	free(c->octets);
	free(c->list);
	free(c);
}

const char *const *centres_list(const struct centres *c)
{
	return c == NULL ? NULL : c->list;
}

size_t centres_count(const struct centres *c)
{
	return c == NULL ? 0 : c->n;
}
