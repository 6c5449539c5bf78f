#include "daemon/registry/desk/desk.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/link.h"
#include "daemon/registry/cases/caseview.h"
#include "daemon/registry/desk/bundle.h"
#include "daemon/registry/desk/carry_out.h"
#include "daemon/registry/desk/collect.h"
#include "daemon/registry/desk/contact.h"
#include "daemon/registry/desk/correct.h"
#include "daemon/registry/desk/countersign.h"
#include "daemon/registry/desk/desk_file.h"
#include "daemon/registry/desk/discard.h"
#include "daemon/registry/desk/evidence.h"
#include "daemon/registry/desk/file_read.h"
#include "daemon/registry/desk/former.h"
#include "daemon/registry/desk/history_ask.h"
#include "daemon/registry/desk/recovering.h"
#include "daemon/registry/desk/holding.h"
#include "daemon/registry/desk/journal.h"
#include "daemon/registry/desk/logs.h"
#include "daemon/registry/desk/meant.h"
#include "daemon/registry/desk/offer.h"
#include "daemon/registry/desk/order.h"
#include "daemon/registry/desk/outage.h"
#include "daemon/registry/desk/peer_line.h"
#include "daemon/registry/desk/peer_update.h"
#include "daemon/registry/desk/peering.h"
#include "daemon/registry/desk/poll.h"
#include "daemon/registry/desk/sheet.h"
#include "daemon/registry/desk/statistics.h"
#include "daemon/registry/desk/status.h"
#include "daemon/registry/desk/stopping.h"
#include "daemon/registry/desk/submit.h"
#include "daemon/registry/desk/take_back.h"
#include "daemon/registry/desk/terms_add.h"
#include "daemon/registry/desk/terms_rule.h"
#include "daemon/registry/desk/terms_show.h"
#include "daemon/registry/in/peer_file.h"
#include "daemon/registry/keeping/backup.h"
#include "daemon/registry/node.h"
#include "daemon/registry/peers/keys.h"
#include "daemon/registry/retention/corrections.h"
#include "daemon/registry/retention/view.h"
#include "daemon/registry/store/store.h"
#include "protocol/base/err.h"

struct desk {
	struct node *node;
	const struct keys *keys;
	const struct terms *terms;
	struct clocks *clocks;
	/* what each kind of request is done with */
	struct poll *poll;
	struct collect *collect;
	struct desk_files *files;
	struct file_reads *reads;
	struct peering peering;
	struct peer_update peer_update;
	struct order order;
	struct logs logs;
	struct outage outage;
	struct offer offer;
	struct history_ask history;
	struct recovering recovering;
	struct contact contact;
	struct discard discard;
	struct submit submit;
	struct correct correct;
	struct holding holding;
	struct stopping stopping;
	struct take_back take_back;
	struct bundle bundle;
	struct peer_files *peer_files;
	struct backup *backup;
	struct status status;
	struct terms_add terms_add;
	struct terms_rule terms_rule;
	struct terms_show terms_show;
};

void desk_changed(struct desk *d, const uint8_t local_id[16])
{
	poll_changed(d->poll, local_id);
}

void desk_received(struct desk *d)
{
	poll_received(d->poll);
}

void desk_round(struct desk *d)
{
	poll_round(d->poll);
}

/* --- requests ------------------------------------------------------------------------------------ */

/* The descriptor of this node. */
static void give_descriptor(const struct desk *d, uint64_t request)
{
	struct msg_descriptor_got m = {0};

	m.octets = keys_descriptor(d->keys, m.root);
	m.result = m.octets.len > 0 ? 0 : (uint32_t)RXP_ERR_NOT_FOUND;
	link_answer(d->node->desk, IPC_descriptor_got, request, &m, NULL, 0);
}

static void correct(const struct desk *d, uint64_t request, const struct msg_content_correct *m)
{
	if (strcmp(m->what, "carry-out") == 0)
		carry_out(&d->correct, request, m);
	else
		correct_content(&d->correct, request, m);
}

typedef void desk_fn(struct desk *d, uint64_t request, const void *body);

#define TAKE(type, call) \
	static void take_##type(struct desk *d, uint64_t request, const void *body) \
	{ \
		(void)d; \
		(void)body; \
		call; \
	}
#include "daemon/registry/desk/desk_request.def"
#undef TAKE

static desk_fn *const takers[IPC_TYPES] = {
#define TAKE(type, call) [IPC_##type] = take_##type,
#include "daemon/registry/desk/desk_request.def"
#undef TAKE
};

/* The answer of this type of request, with nothing in it but why. */
static void refuse(struct desk *d, const struct link_message *m, int result, const char *problem)
{
	_Alignas(max_align_t) uint8_t answer[MEANT_REQUEST_MAX] = {0};
	const uint32_t code = (uint32_t)result;
	const struct field *field;
	unsigned type = 1;

	while (type < IPC_TYPES &&
	       (ipc_row(type)->answers != m->type || ipc_row(type)->from != IPC_REGISTRY))
		type++;
	if (type == IPC_TYPES || ipc_row(type)->type.size > sizeof answer)
		abort();
	field = record_field(&ipc_row(type)->type, "result");
	if (field != NULL)
		memcpy(answer + field->offset, &code, sizeof code);
	field = record_field(&ipc_row(type)->type, "problem");
	if (field != NULL)
		snprintf((char *)answer + field->offset, RECORD_NAME_MAX, "%s", problem);
	link_answer(d->node->desk, type, m->request, answer, NULL, 0);
}

void desk_take(struct desk *d, const struct link_message *m)
{
	_Alignas(max_align_t) uint8_t copy[MEANT_REQUEST_MAX];
	char peers[RECORD_NAME_MAX];
	const void *body;
	int rc;

	if (takers[m->type] == NULL)
		abort(); /* a row of ipc.def without one of desk_request.def */
	rc = meant_by(&body, copy, peers, store_db(d->node->store), m->type, m->body);
	if (rc == 0)
		takers[m->type](d, m->request, body);
	else
		refuse(d, m, rc, rc == RXP_ERR_AMBIGUOUS ? peers : "");
}

/* --- the module ---------------------------------------------------------------------------------- */

int desk_new(struct desk **out, const struct desk_config *c)
{
	struct desk *d = calloc(1, sizeof *d);
	int rc;

	if (d == NULL)
		return RXP_ERR_NOMEM;
	d->node = c->node;
	d->keys = c->keys;
	d->terms = c->terms;
	d->clocks = c->clocks;
	if ((rc = poll_new(&d->poll, c->node, c->peers)) != 0 ||
	    (rc = collect_new(&d->collect, c->node, c->peers, c->terms, c->pace)) != 0 ||
	    (rc = desk_file_new(&d->files, c->node)) != 0 ||
	    (rc = file_read_new(&d->reads, c->node, c->terms)) != 0) {
		desk_free(d);
		return rc;
	}
	d->peering = (struct peering){c->node, c->peers, c->publish, c->pace};
	d->peer_update = (struct peer_update){{c->node, c->peers, c->publish}, c->pace};
	d->order = (struct order){c->node, c->peers, c->pace, d->poll};
	d->outage = (struct outage){c->node, c->peers, c->pace};
	d->logs = (struct logs){c->node, c->peers, c->logwatch, c->own};
	d->bundle = (struct bundle){c->node, c->peers, c->pace, c->outbox, c->returned, c->refresh,
	    c->admit, c->logwatch, c->logpages, c->recovery, c->history};
	d->peer_files = c->peer_files;
	d->backup = c->backup;
	d->offer = (struct offer){c->node, c->peers, c->pace, c->terms};
	d->contact = (struct contact){c->node, c->peers, c->pace};
	d->history = (struct history_ask){c->node, c->peers, c->pace};
	d->recovering = (struct recovering){c->node, c->peers, c->recovery};
	d->discard = (struct discard){c->node, c->peers, c->clocks, c->pace, c->outbox, d->poll};
	d->submit = (struct submit){c->node, c->peers, c->pace, c->terms, c->clocks};
	d->correct = (struct correct){c->node, c->peers, c->terms};
	d->stopping = (struct stopping){c->node, c->peers};
	d->holding = (struct holding){c->node, c->peers, c->pace, d->poll, c->outbox, c->clocks};
	d->take_back = (struct take_back){c->node, c->peers, c->pace, c->outbox, d->poll};
	d->status = (struct status){
	    c->node, c->peers, c->keys, c->admit, c->share, c->outbox, c->dates, c->rewrap};
	d->terms_add = (struct terms_add){c->node, c->publish, c->terms};
	d->terms_rule = (struct terms_rule){c->node, c->peers, c->terms};
	d->terms_show = (struct terms_show){c->node, c->peers, c->terms};
	*out = d;
	return 0;
}

void desk_free(struct desk *d)
{
	if (d == NULL)
		return;
	file_read_free(d->reads);
	desk_file_free(d->files);
	collect_free(d->collect);
	poll_free(d->poll);
	free(d);
}
