#include "daemon/base/requests.h"

#include <stdlib.h>

#include "protocol/base/err.h"

int requests_init(struct requests *r, enum ipc_role from, enum ipc_role to)
{
	for (int t = IPC_NONE + 1; t < IPC_TYPES; t++) {
		const struct ipc_row *row = ipc_row((enum ipc_type)t);

		if (row->from == from && row->to == to)
			r->cap += row->window;
	}
	r->open = calloc(r->cap + 1, sizeof *r->open);
	return r->open != NULL ? 0 : RXP_ERR_NOMEM;
}

bool requests_room(const struct requests *r, enum ipc_type type)
{
	return r->by_type[type] < ipc_row(type)->window;
}

struct open_request *requests_add(struct requests *r, uint64_t number, enum ipc_type type)
{
	struct open_request *added = &r->open[r->n];

	if (r->n == r->cap)
		abort();
	*added = (struct open_request){.number = number, .type = type};
	r->n++;
	r->by_type[type]++;
	return added;
}

struct open_request *requests_find(struct requests *r, uint64_t number)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->open[i].number == number)
			return &r->open[i];
	return NULL;
}

void requests_remove(struct requests *r, struct open_request *request)
{
	r->by_type[request->type]--;
	*request = r->open[--r->n];
}

void requests_free(struct requests *r)
{
	free(r->open);
}
