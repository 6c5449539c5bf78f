#include "daemon/registry/desk/contact.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/out/pace.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_contact.h"
#include "daemon/registry/store/store_journal.h"
#include "daemon/registry/store/store_outbox.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"

#define EMAIL_TEXT 101 /* an address with its NUL */
#define TELEPHONE_DIGITS_MIN 5
#define TELEPHONE_DIGITS_MAX 15

/* One contact on its way to its commit. */
struct telling {
	struct store_item item;
	const struct contact *by;
	uint64_t request;
	char user[RECORD_NAME_MAX];
	char peer[RXP_PARTY_TEXT]; /* "": all */
	char email[EMAIL_TEXT];
	struct rec_node_contact says; /* its email: as above */
	int64_t at_ms;
	uint32_t n;
	char told[REGISTRY_PEERS_MAX][RXP_PARTY_TEXT]; /* n of them */
};

static void answer(
    const struct contact *by, uint64_t request, int result, const char *problem, uint32_t peers)
{
	struct msg_contact_told m = {.result = (uint32_t)result, .peers = result == 0 ? peers : 0};

	snprintf(m.problem, sizeof m.problem, "%s", problem);
	link_answer(by->node->desk, IPC_contact_told, request, &m, NULL, 0);
}

/* --- as person.xsd writes it ---------------------------------------------------------------------- */

static bool is_telephone(const char *text)
{
	size_t digits = text[0] == '+' ? strspn(text + 1, "0123456789") : 0;

	return digits >= TELEPHONE_DIGITS_MIN && digits <= TELEPHONE_DIGITS_MAX && text[1] != '0' &&
	       text[1 + digits] == '\0';
}

/* At least two labels of small letters, digits and hyphens, none of them empty. */
static bool is_domain(const char *text)
{
	size_t labels = 0;

	for (;;) {
		size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-");

		if (n == 0)
			return false;
		labels++;
		text += n;
		if (*text == '\0')
			return labels >= 2;
		if (*text++ != '.')
			return false;
	}
}

static bool is_email(const char *text)
{
	const char *at = text;

	while (isalnum((unsigned char)*at) || (*at != '\0' && strchr("._%+-", *at) != NULL))
		at++;
	return at > text && *at == '@' && is_domain(at + 1);
}

static const char *fault_of(const struct telling *t)
{
	if (!rxp_office_valid(t->says.office))
		return "there is no such office";
	if (t->says.telephone[0] == '\0' && t->email[0] == '\0')
		return "a number or an address must be given";
	if (t->says.telephone[0] != '\0' && !is_telephone(t->says.telephone))
		return "a number is +, and 5 to 15 digits";
	if (t->email[0] != '\0' && !is_email(t->email))
		return "that is no address";
	return NULL;
}

/* --- the commit ----------------------------------------------------------------------------------- */

static int tell_one(struct telling *t, struct db *db, const char *party)
{
	uint8_t local_id[RXP_ID_OCTETS];
	int rc = rxp_id_make_v7(local_id, t->at_ms, &t->by->node->random);

	if (rc == 0)
		rc = store_outbox_say(db, local_id, party, RXP_TYPE_NODE_NOTICE, REC_node_contact,
		    &t->says, t->at_ms);
	if (rc == 0)
		rc = store_journal(db, &(struct store_journal_entry){.at_ms = t->at_ms,
					   .user = t->user,
					   .action = JOURNAL_CONTACT_TELL,
					   .peer = party,
					   .local_id = local_id});
	if (rc == 0)
		memcpy(t->told[t->n++], party, RXP_PARTY_TEXT);
	return rc;
}

static int apply(void *arg, struct db *db)
{
	struct telling *t = arg;
	const struct peer *peer;
	int rc = 0;

	t->n = 0;
	for (size_t i = 0; rc == 0 && (peer = peers_at(t->by->peers, i)) != NULL; i++)
		if (peer->active && (t->peer[0] == '\0' || strcmp(t->peer, peer->party) == 0))
			rc = tell_one(t, db, peer->party);
	return rc == 0 && t->n == 0 ? RXP_ERR_STATE : rc;
}

static void done(void *arg, int result)
{
	struct telling *t = arg;

	for (uint32_t i = 0; result == 0 && i < t->n; i++)
		peers_count(peers_find(t->by->peers, t->told[i]), STATE_NONE, STATE_WAITING);
	if (result == 0)
		pace_kick(t->by->pace);
	answer(t->by, t->request, result,
	    result == RXP_ERR_STATE ? "there is no trusted peer to tell" : "", t->n);
	free(t);
}

static void take(struct telling *t, const struct msg_contact_tell *m)
{
	const char *fault;

	memcpy(t->user, m->user, sizeof t->user);
	memcpy(t->peer, m->peer, sizeof t->peer);
	memcpy(t->says.office, m->office, sizeof t->says.office);
	memcpy(t->says.telephone, m->telephone, sizeof t->says.telephone);
	if (m->email.len > 0)
		memcpy(t->email, m->email.data, m->email.len);
	t->says.email = (struct bytes){.data = (const uint8_t *)t->email, .len = strlen(t->email)};
	fault = fault_of(t);
	if (fault == NULL && t->peer[0] != '\0' && peers_find(t->by->peers, t->peer) == NULL) {
		answer(t->by, t->request, RXP_ERR_NOT_FOUND, "the party is no peer", 0);
		free(t);
	} else if (fault != NULL) {
		answer(t->by, t->request, RXP_ERR_SYNTAX, fault, 0);
		free(t);
	} else {
		t->item = (struct store_item){.apply = apply, .done = done, .arg = t};
		store_submit(t->by->node->store, &t->item);
	}
}

void contact_tell(const struct contact *by, uint64_t request, const struct msg_contact_tell *m)
{
	struct telling *t = m->email.len < EMAIL_TEXT ? calloc(1, sizeof *t) : NULL;

	if (t == NULL) {
		answer(by, request, m->email.len < EMAIL_TEXT ? RXP_ERR_NOMEM : RXP_ERR_SYNTAX,
		    "that is no address", 0);
		return;
	}
	t->by = by;
	t->request = request;
	t->at_ms = clock_wall_ms();
	take(t, m);
}

/* --- the list ------------------------------------------------------------------------------------- */

void contact_list(const struct contact *by, uint64_t request)
{
	struct msg_contact_listed a = {0};
	struct rxp_buf rows;
	int rc;

	rxp_buf_init(&rows, IPC_MESSAGE_MAX / 2);
	rc = store_contact_rows(store_db(by->node->store), &rows);
	a.result = (uint32_t)rc;
	if (rc == 0)
		a.rows = (struct bytes){.data = rows.data, .len = rows.len};
	link_answer(by->node->desk, IPC_contact_listed, request, &a, NULL, 0);
	rxp_buf_free(&rows);
}
