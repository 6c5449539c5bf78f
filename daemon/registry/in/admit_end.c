#include "daemon/registry/in/admit_inner.h"

#include <stdlib.h>

#include "daemon/base/log.h"
#include "daemon/registry/node.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/store/store.h"
#include "protocol/base/err.h"

#define HTTP_BUSY 503

static const struct bytes nothing;

static void unlink_admission(struct admit *a, struct admission *m)
{
	struct admission **at = &a->first;

	while (*at != NULL && *at != m)
		at = &(*at)->next;
	if (*at == NULL)
		abort(); /* every admission in work is in the list */
	*at = m->next;
}

/* Those that waited for this one are decided anew, and may wait for one another then: now there is an
 * answer, or there is none and the next one may give it. */
static void release_waiting(struct admit *a, const struct admission *ended)
{
	for (struct admission *m = a->first; m != NULL; m = m->next)
		if (m->stage == ADMISSION_WAIT && admission_depends(m, ended))
			m->stage = ADMISSION_DECIDE;
}

void admit_end(struct admission *m, int status, struct bytes answer)
{
	struct admit *a = m->admit;
	const struct admit_answer said = {.http_status = (uint32_t)status,
	    .octets = answer,
	    .message_id = admission_has_id(m) ? m->facts.message_id : NULL,
	    .attachments =
		answer.len == 0 && admission_lacks_files(m) ? m->facts.attachments : nothing};

	for (size_t i = 0; i < m->n_askers; i++)
		m->askers[i].answered(m->askers[i].arg, m->askers[i].request, &said);
	unlink_admission(a, m);
	release_waiting(a, m);
	admission_free(m);
}

void admit_answer_busy(struct admit *a, const struct admit_asker *asker)
{
	a->count.busy++;
	asker->answered(
	    asker->arg, asker->request, &(struct admit_answer){.http_status = HTTP_BUSY});
}

void admit_end_busy(struct admission *m)
{
	m->admit->count.busy++;
	admit_end(m, HTTP_BUSY, nothing);
}

void admit_end_unsigned(struct admission *m, enum rxp_refusal code)
{
	admit_end(m, rxp_refusal_row(code)->http_status, nothing);
}

void admit_log_refusal(const struct admission *m)
{
	if (m->verdict.code == RXP_REFUSAL_SENDER)
		log_event(
		    LOG_SENDER_FALSE, LOG_S(m->party), LOG_S(m->facts.from), LOG_S(m->id_text));
	log_event(LOG_MESSAGE_TURNED_AWAY, LOG_S(m->party), LOG_S(m->id_text),
	    LOG_S(m->verdict.refusal), LOG_S(m->verdict.why));
}

/* --- quarantine ---------------------------------------------------------------------------------- */

static int quarantine_apply(void *arg, struct db *db)
{
	const struct admission *m = arg;

	return store_quarantine_put(db, m->local_id, m->party, m->digest,
	    (struct bytes){.data = m->envelope.data, .len = m->envelope.len}, m->received_ms);
}

/* Refused even if there is no room to keep it: only the octets for analysis are missing then. */
static void quarantine_done(void *arg, int result)
{
	struct admission *m = arg;
	struct peer *peer = peers_find(m->admit->config.peers, m->party);

	if (result != 0 && result != RXP_ERR_FULL) {
		admit_end_busy(m);
		return;
	}
	if (result == 0)
		peers_count(peer, STATE_NONE, STATE_QUARANTINED);
	m->admit->count.quarantined++;
	log_event(LOG_MESSAGE_QUARANTINED, LOG_S(m->party), LOG_X(m->digest, sizeof m->digest));
	admit_end_unsigned(m, RXP_REFUSAL_UNOPENABLE);
}

void admit_quarantine(struct admission *m)
{
	m->stage = ADMISSION_COMMIT;
	m->item = (struct store_item){.apply = quarantine_apply, .done = quarantine_done, .arg = m};
	store_submit(m->admit->config.node->store, &m->item);
}
