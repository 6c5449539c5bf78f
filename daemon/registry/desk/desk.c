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

typedef void desk_fn(struct desk *d, uint64_t request, const void *body);

static void take_show(struct desk *d, uint64_t request, const void *body)
{
	poll_show(d->poll, request, body);
}

static void take_list(struct desk *d, uint64_t request, const void *body)
{
	poll_list(d->poll, request, body);
}

static void take_peer_add(struct desk *d, uint64_t request, const void *body)
{
	peering_add(&d->peering, request, body);
}

static void take_peer_diff(struct desk *d, uint64_t request, const void *body)
{
	peer_update_diff(&d->peer_update, request, body);
}

static void take_peer_update(struct desk *d, uint64_t request, const void *body)
{
	peer_update_take(&d->peer_update, request, body);
}

static void take_peer_line(struct desk *d, uint64_t request, const void *body)
{
	peer_line_take(&d->peering, request, body);
}

static void take_peer_distrust(struct desk *d, uint64_t request, const void *body)
{
	peering_distrust(&d->peering, request, body);
}

static void take_peer_ping(struct desk *d, uint64_t request, const void *body)
{
	order_ping(&d->order, request, body);
}

static void take_requeue(struct desk *d, uint64_t request, const void *body)
{
	order_requeue(&d->order, request, body);
}

static void take_discard(struct desk *d, uint64_t request, const void *body)
{
	discard_take(&d->discard, request, body);
}

static void take_void(struct desk *d, uint64_t request, const void *body)
{
	take_back_take(&d->take_back, request, body);
}

static void take_submit(struct desk *d, uint64_t request, const void *body)
{
	submit_take(&d->submit, request, body);
}

static void take_countersign(struct desk *d, uint64_t request, const void *body)
{
	countersign_take(d->node, request, body);
}

static void take_content(struct desk *d, uint64_t request, const void *body)
{
	collect_content(d->collect, request, body);
}

static void take_ack(struct desk *d, uint64_t request, const void *body)
{
	collect_ack(d->collect, request, body);
}

static void take_case(struct desk *d, uint64_t request, const void *body)
{
	caseview_show(d->node, d->clocks, request, body);
}

static void take_hold(struct desk *d, uint64_t request, const void *body)
{
	holding_hold(&d->holding, request, body);
}

static void take_lift(struct desk *d, uint64_t request, const void *body)
{
	holding_lift(&d->holding, request, body);
}

static void take_stop(struct desk *d, uint64_t request, const void *body)
{
	stopping_order(&d->stopping, request, body);
}

static void take_stops(struct desk *d, uint64_t request, const void *body)
{
	stopping_list(&d->stopping, request, body);
}

static void take_transfers(struct desk *d, uint64_t request, const void *body)
{
	stopping_transfers(&d->stopping, request, body);
}

static void take_backup(struct desk *d, uint64_t request, const void *body)
{
	backup_take(d->backup, request, body);
}

static void take_backup_file(struct desk *d, uint64_t request, const void *body)
{
	backup_file(d->backup, request, body);
}

static void take_bundle_next(struct desk *d, uint64_t request, const void *body)
{
	bundle_next(&d->bundle, request, body);
}

static void take_bundle_file(struct desk *d, uint64_t request, const void *body)
{
	bundle_file(&d->bundle, request, body);
}

static void take_bundle_log(struct desk *d, uint64_t request, const void *body)
{
	bundle_log(&d->bundle, request, body);
}

static void take_bundle_bring(struct desk *d, uint64_t request, const void *body)
{
	bundle_bring(&d->bundle, request, body);
}

static void take_bundle_stage(struct desk *d, uint64_t request, const void *body)
{
	peer_file_bundle(d->peer_files, request, body);
}

static void take_bundle_stage_end(struct desk *d, uint64_t request, const void *body)
{
	peer_file_bundle_end(d->peer_files, request, body);
}

static void take_offer_make(struct desk *d, uint64_t request, const void *body)
{
	offer_make(&d->offer, request, body);
}

static void take_offer_list(struct desk *d, uint64_t request, const void *body)
{
	offer_list(&d->offer, request, body);
}

static void take_offer_get(struct desk *d, uint64_t request, const void *body)
{
	offer_get(&d->offer, request, body);
}

static void take_contact_tell(struct desk *d, uint64_t request, const void *body)
{
	contact_tell(&d->contact, request, body);
}

static void take_contact_list(struct desk *d, uint64_t request, const void *body)
{
	(void)body;
	contact_list(&d->contact, request);
}

static void take_history_ask(struct desk *d, uint64_t request, const void *body)
{
	history_ask(&d->history, request, body);
}

static void take_recovery_list(struct desk *d, uint64_t request, const void *body)
{
	recovering_list(&d->recovering, request, body);
}

static void take_recovery_confirm(struct desk *d, uint64_t request, const void *body)
{
	recovering_confirm(&d->recovering, request, body);
}

static void take_history_list(struct desk *d, uint64_t request, const void *body)
{
	(void)body;
	history_ask_list(&d->history, request);
}

static void take_log_list(struct desk *d, uint64_t request, const void *body)
{
	logs_list(&d->logs, request, body);
}

static void take_log_check(struct desk *d, uint64_t request, const void *body)
{
	logs_check(&d->logs, request, body);
}

static void take_log_note(struct desk *d, uint64_t request, const void *body)
{
	logs_note(&d->logs, request, body);
}

static void take_log_page(struct desk *d, uint64_t request, const void *body)
{
	logs_page(&d->logs, request, body);
}

static void take_outage_begin(struct desk *d, uint64_t request, const void *body)
{
	outage_begin(&d->outage, request, body);
}

static void take_outage_end(struct desk *d, uint64_t request, const void *body)
{
	outage_end(&d->outage, request, body);
}

static void take_outage_list(struct desk *d, uint64_t request, const void *body)
{
	outage_list(&d->outage, request, body);
}

static void take_descriptor(struct desk *d, uint64_t request, const void *body)
{
	struct msg_descriptor_got m = {0};

	(void)body;
	m.octets = keys_descriptor(d->keys, m.root);
	m.result = m.octets.len > 0 ? 0 : (uint32_t)RXP_ERR_NOT_FOUND;
	link_answer(d->node->desk, IPC_descriptor_got, request, &m, NULL, 0);
}

static void take_evidence(struct desk *d, uint64_t request, const void *body)
{
	evidence_get(d->node, d->keys, request, body);
}

static void take_evidence_seal(struct desk *d, uint64_t request, const void *body)
{
	evidence_seal(d->node, d->keys, request, body);
}

static void take_journal(struct desk *d, uint64_t request, const void *body)
{
	journal_list(d->node, request, body);
}

static void take_retention(struct desk *d, uint64_t request, const void *body)
{
	retention_view(d->node, d->terms, request, body);
}

static void take_correct(struct desk *d, uint64_t request, const void *body)
{
	const struct msg_content_correct *m = body;

	if (strcmp(m->what, "carry-out") == 0)
		carry_out(&d->correct, request, m);
	else
		correct_content(&d->correct, request, m);
}

static void take_corrections(struct desk *d, uint64_t request, const void *body)
{
	corrections_view(d->node, d->terms, request, body);
}

static void take_legal_hold(struct desk *d, uint64_t request, const void *body)
{
	correct_legal_hold(&d->correct, request, body);
}

static void take_sheet(struct desk *d, uint64_t request, const void *body)
{
	sheet_make(d->node, d->terms, request, body);
}

static void take_statistics(struct desk *d, uint64_t request, const void *body)
{
	statistics_count(d->node, d->terms, request, body);
}

static void take_status(struct desk *d, uint64_t request, const void *body)
{
	(void)body;
	status_answer(&d->status, request);
}

static void take_attachment_new(struct desk *d, uint64_t request, const void *body)
{
	desk_file_begin(d->files, request, body);
}

static void take_attachment_done(struct desk *d, uint64_t request, const void *body)
{
	desk_file_done(d->files, request, body);
}

static void take_attachment_list(struct desk *d, uint64_t request, const void *body)
{
	desk_file_list(d->node, request, body);
}

static void take_attachment_get(struct desk *d, uint64_t request, const void *body)
{
	file_read_take(d->reads, request, body);
}

static void take_terms_add(struct desk *d, uint64_t request, const void *body)
{
	terms_add_take(&d->terms_add, request, body);
}

static void take_profile_attest(struct desk *d, uint64_t request, const void *body)
{
	terms_rule_attest(&d->terms_rule, request, body);
}

static void take_profile_use(struct desk *d, uint64_t request, const void *body)
{
	terms_rule_use(&d->terms_rule, request, body);
}

static void take_terms_list(struct desk *d, uint64_t request, const void *body)
{
	terms_show_list(&d->terms_show, request, body);
}

static void take_profile_get(struct desk *d, uint64_t request, const void *body)
{
	terms_show_profile(&d->terms_show, request, body);
}

static void take_profile_check(struct desk *d, uint64_t request, const void *body)
{
	terms_show_check(&d->terms_show, request, body);
}

static void take_calendar_get(struct desk *d, uint64_t request, const void *body)
{
	terms_show_calendar(&d->terms_show, request, body);
}

static desk_fn *const takers[IPC_TYPES] = {
    [IPC_peer_add] = take_peer_add,
    [IPC_peer_diff] = take_peer_diff,
    [IPC_peer_update] = take_peer_update,
    [IPC_peer_line] = take_peer_line,
    [IPC_peer_distrust] = take_peer_distrust,
    [IPC_peer_ping] = take_peer_ping,
    [IPC_list] = take_list,
    [IPC_message_show] = take_show,
    [IPC_message_requeue] = take_requeue,
    [IPC_message_discard] = take_discard,
    [IPC_message_void] = take_void,
    [IPC_contact_tell] = take_contact_tell,
    [IPC_contact_list] = take_contact_list,
    [IPC_history_ask] = take_history_ask,
    [IPC_history_list] = take_history_list,
    [IPC_recovery_list] = take_recovery_list,
    [IPC_recovery_confirm] = take_recovery_confirm,
    [IPC_backup] = take_backup,
    [IPC_backup_file] = take_backup_file,
    [IPC_bundle_next] = take_bundle_next,
    [IPC_bundle_file] = take_bundle_file,
    [IPC_bundle_log] = take_bundle_log,
    [IPC_bundle_bring] = take_bundle_bring,
    [IPC_bundle_stage] = take_bundle_stage,
    [IPC_bundle_stage_end] = take_bundle_stage_end,
    [IPC_offer_get] = take_offer_get,
    [IPC_offer_list] = take_offer_list,
    [IPC_offer_make] = take_offer_make,
    [IPC_log_list] = take_log_list,
    [IPC_log_check] = take_log_check,
    [IPC_log_note] = take_log_note,
    [IPC_log_page_get] = take_log_page,
    [IPC_outage_begin] = take_outage_begin,
    [IPC_outage_end] = take_outage_end,
    [IPC_outage_list] = take_outage_list,
    [IPC_descriptor_get] = take_descriptor,
    [IPC_submit] = take_submit,
    [IPC_countersign] = take_countersign,
    [IPC_content_get] = take_content,
    [IPC_inbox_ack] = take_ack,
    [IPC_case_show] = take_case,
    [IPC_case_hold] = take_hold,
    [IPC_case_lift] = take_lift,
    [IPC_stop_order] = take_stop,
    [IPC_stop_list] = take_stops,
    [IPC_transfers_list] = take_transfers,
    [IPC_evidence_get] = take_evidence,
    [IPC_evidence_seal] = take_evidence_seal,
    [IPC_attachment_new] = take_attachment_new,
    [IPC_attachment_done] = take_attachment_done,
    [IPC_attachment_list] = take_attachment_list,
    [IPC_attachment_get] = take_attachment_get,
    [IPC_journal_list] = take_journal,
    [IPC_case_retention] = take_retention,
    [IPC_content_correct] = take_correct,
    [IPC_case_corrections] = take_corrections,
    [IPC_case_legal_hold] = take_legal_hold,
    [IPC_case_sheet] = take_sheet,
    [IPC_statistics_count] = take_statistics,
    [IPC_status] = take_status,
    [IPC_terms_add] = take_terms_add,
    [IPC_terms_list] = take_terms_list,
    [IPC_profile_get] = take_profile_get,
    [IPC_profile_check] = take_profile_check,
    [IPC_profile_attest] = take_profile_attest,
    [IPC_profile_use] = take_profile_use,
    [IPC_calendar_get] = take_calendar_get,
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
		abort(); /* a row of ipc.def without a function here */
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
	    c->admit, c->logwatch, c->give};
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
