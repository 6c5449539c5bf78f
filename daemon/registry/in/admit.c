#include "daemon/registry/in/admit.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/link.h"
#include "daemon/base/work.h"
#include "daemon/registry/in/admission.h"
#include "daemon/registry/in/admit_inner.h"
#include "daemon/registry/in/known.h"
#include "daemon/registry/in/reseal.h"
#include "daemon/registry/in/share.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/peers/publish.h"
#include "daemon/registry/peers/refresh.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_watch.h"
#include "daemon/registry/store/tally.h"
#include "protocol/base/err.h"

static void go_on(struct admission *m);

/* --- opening -------------------------------------------------------------------------------------- */

static void descriptor_came(void *arg, enum refresh_outcome outcome, const char *why)
{
	struct admission *m = arg;

	(void)outcome; /* what is known then is what it is judged by */
	(void)why;
	m->stage = ADMISSION_NEW;
	go_on(m);
}

/* Requests and not envelopes: many for the same octets fill the link's window just as well. */
static size_t n_requests(const struct admit *a, const char *party, bool asking)
{
	size_t n = 0;

	for (const struct admission *m = a->first; m != NULL; m = m->next)
		if (strcmp(m->party, party) == 0 && (!asking || m->stage == ADMISSION_ASK))
			n += m->n_askers;
	return n;
}

static bool may_ask(const struct admit *a, const char *party)
{
	return n_requests(a, party, true) < REGISTRY_PEER_ASKS_MAX;
}

/* Those that asked first wait with it. */
static void begin_asking(struct admission *m)
{
	struct admit *a = m->admit;

	m->asked = true;
	m->stage = ADMISSION_ASK;
	while (n_requests(a, m->party, true) > REGISTRY_PEER_ASKS_MAX)
		admit_answer_busy(a, &m->askers[--m->n_askers]);
}

/* Has a hand been at what this node stores of the peer, which makes its seal a strange one? Then it is no fault of the peer's. */
static bool is_altered(const struct peer *peer, const struct node *n)
{
	uint64_t found = 0;

	return store_difference_of_table(store_db(n->store), &found, peer->party, TALLY_peer + 1) ==
		   0 &&
	       found > 0;
}

/* Have the peer asked for its descriptor: 1, if it waits for the outcome; 0: there is no need to, or it was asked a moment ago.
 * RXP_ERR_FULL, RXP_ERR_NOMEM: it cannot be asked now. */
static int ask_peer(struct admission *m, struct peer *peer, bool strange)
{
	struct refresh *refresh = m->admit->config.refresh;

	if ((strange || peer->old_at_start) && !may_ask(m->admit, m->party))
		return RXP_ERR_FULL;
	return strange ? refresh_suspect(refresh, peer, descriptor_came, m)
		       : refresh_first(refresh, peer, descriptor_came, m);
}

/* Is it to be opened once more, when the peer has said which seals it has now? If it cannot be asked, it is not judged
 * at all; nor in the moment after a question in vain, which was put before it came (RXP-DSC-046), nor where a hand was at what is known
 * of the peer. */
static bool ask_for_seal(struct admission *m, const struct msg_opened *facts)
{
	struct peer *peer = peers_active(m->admit->config.peers, m->party);
	bool strange = facts->unknown_seal != 0;
	int rc;

	if (peer == NULL)
		return false;
	rc = m->asked ? 0 : ask_peer(m, peer, strange);
	if (rc == 1) {
		begin_asking(m);
		return true;
	}
	if (rc < 0 || (strange && is_altered(peer, m->admit->config.node))) {
		admit_end_busy(m);
		return true;
	}
	if (strange && !m->asked && !peer->pulls)
		m->ask_ms = refresh_again_ms(peer);
	return false;
}

static void opened(void *arg, int result, const struct link_message *answer)
{
	struct admission *m = arg;
	const struct msg_opened *facts = answer != NULL ? answer->body : NULL;

	if (result == RXP_ERR_DAMAGED) {
		admit_quarantine(m);
		return;
	}
	if (result == 0 && facts != NULL && facts->result == 0 && ask_for_seal(m, facts))
		return;
	if (result != 0 || facts == NULL || facts->result != 0 ||
	    admission_keep_facts(m, facts) != 0) {
		admit_end_busy(m);
		return;
	}
	m->stage = ADMISSION_DECIDE;
	go_on(m);
}

static void open_it(struct admission *m)
{
	struct node *n = m->admit->config.node;
	struct msg_open q = {.received_ms = m->received_ms,
	    .envelope = {.data = m->envelope.data, .len = m->envelope.len}};
	int fd, rc;

	if (!work_has_room(n->work, IPC_open))
		return;
	memcpy(q.party, m->party, sizeof q.party);
	q.register_number = publish_register(m->admit->config.publish, &fd);
	m->stage = ADMISSION_OPEN;
	rc = work_submit(n->work, IPC_open, &q, &fd, 1, opened, m);
	if (rc != 0)
		admit_end_busy(m);
}

/* One step, if the stage is one that waits for nobody else. */
static void go_on(struct admission *m)
{
	if (m->stage == ADMISSION_NEW)
		open_it(m);
	else if (m->stage == ADMISSION_DECIDE)
		admit_decide(m);
}

void admit_round(struct admit *a)
{
	struct admission *next;
	size_t n = 0;
	bool full;

	for (struct admission *m = a->first; m != NULL; m = next) {
		next = m->next;
		go_on(m);
	}
	for (const struct admission *m = a->first; m != NULL; m = m->next)
		n += m->stage != ADMISSION_ASK; /* what it waits for comes over that link */
	full = n >= REGISTRY_ADMITS_MAX;
	if (full != a->paused)
		link_pause(a->config.node->gateway, full);
	a->paused = full;
}

/* --- arrival ------------------------------------------------------------------------------------- */

/* RXP_ERR_EXISTS: it waits with others for the same answer. RXP_ERR_FULL: too many do. */
static int join(
    struct admit *a, const struct admit_asker *asker, const char *party, const uint8_t *digest)
{
	for (struct admission *m = a->first; m != NULL; m = m->next)
		if (strcmp(m->party, party) == 0 &&
		    memcmp(m->digest, digest, sizeof m->digest) == 0 &&
		    m->n_askers < REGISTRY_ADMITS_MAX) {
			if (m->stage == ADMISSION_ASK && !may_ask(a, party))
				return RXP_ERR_FULL;
			m->askers[m->n_askers++] = *asker;
			return RXP_ERR_EXISTS;
		}
	return 0;
}

/* What was answered is answered again, whatever the peer has here. RXP_ERR_EXISTS: the request has
 * found its answer, or is going to. */
static int begin(struct admission **out, struct admit *a, const struct admit_asker *asker,
    const struct msg_admit *q)
{
	struct peer *peer = peers_active(a->config.peers, q->party);
	uint8_t digest[32];
	int rc =
	    peer == NULL ? RXP_ERR_STATE : node_digest(digest, q->envelope.data, q->envelope.len);

	if (rc != 0)
		return rc;
	if (known_give(a->known, asker, q->party, digest))
		return RXP_ERR_EXISTS;
	if (n_requests(a, q->party, false) >= REGISTRY_PEER_ADMITS_MAX)
		return RXP_ERR_FULL;
	rc = join(a, asker, q->party, digest);
	if (rc != 0)
		return rc;
	if (!share_open(a->config.share, peer, REGISTRY_MESSAGE_OCTETS))
		return RXP_ERR_FULL;
	return admission_new(out, a, a->config.node, asker, q, digest);
}

void admit_bring(struct admit *a, const struct admit_asker *asker, const struct msg_admit *q)
{
	struct admission *m = NULL;
	int rc = begin(&m, a, asker, q);

	if (rc == RXP_ERR_EXISTS)
		return;
	if (rc != 0) {
		admit_answer_busy(a, asker);
		return;
	}
	m->next = a->first;
	a->first = m;
	go_on(m);
}

static void to_gateway(void *arg, uint64_t request, const struct admit_answer *a)
{
	struct node *n = arg;
	const struct msg_admitted m = {.http_status = a->http_status, .answer = a->octets};

	link_answer(n->gateway, IPC_admitted, request, &m, NULL, 0);
}

void admit_take(struct admit *a, uint64_t request, const struct msg_admit *q)
{
	const struct admit_asker gateway = {
	    .brings = true, .answered = to_gateway, .arg = a->config.node, .request = request};

	admit_bring(a, &gateway, q);
}

void admit_free(struct admit *a)
{
	if (a == NULL)
		return;
	while (a->first != NULL) {
		struct admission *m = a->first;

		a->first = m->next;
		admission_free(m);
	}
	known_free(a->known);
	reseal_free(a->reseal);
	free(a);
}

int admit_new(struct admit **out, const struct admit_config *config)
{
	struct admit *a = calloc(1, sizeof *a);
	int rc;

	if (a == NULL)
		return RXP_ERR_NOMEM;
	a->config = *config;
	rc = reseal_new(&a->reseal, config->node);
	if (rc == 0)
		rc = known_new(&a->known, config->node, a->reseal, &a->count);
	if (rc == 0)
		*out = a;
	else
		admit_free(a);
	return rc;
}

struct admit_counts admit_counted(const struct admit *a)
{
	return a->count;
}
