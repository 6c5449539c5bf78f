#include "daemon/registry/desk/terms_show.h"

#include <stdio.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/base/terms.h"
#include "daemon/registry/node.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/terms/finding.h"
#include "daemon/registry/terms/shelf.h"
#include "daemon/registry/terms/terms.h"
#include "protocol/base/buf.h"
#include "protocol/base/date.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"

static struct bytes bytes_of(const struct rxp_buf *b)
{
	return (struct bytes){.data = b->data, .len = b->len};
}

/* --- rows ----------------------------------------------------------------------------------------- */

static void fill_profile(struct rec_profile_row *r, const struct shelf_profile *p)
{
	const struct rxp_profile *laid = &p->laid;

	*r = (struct rec_profile_row){.version = laid->version,
	    .starts_ms = laid->starts_ms,
	    .ends_ms = laid->ends_ms == RXP_MAX_TIME_MS ? 0 : laid->ends_ms,
	    .base_version = p->sealed.has_base ? p->sealed.base.version : 0,
	    .taken_ms = p->taken_ms,
	    .attested_ms = p->attested_ms};
	memcpy(r->publisher, laid->publisher, sizeof r->publisher);
	snprintf(r->id, sizeof r->id, "%s", laid->id);
	snprintf(r->status, sizeof r->status, "%s",
	    laid->publisher[0] != '\0' ? rxp_word_text(laid->status) : "specification");
	snprintf(r->title, sizeof r->title, "%s", laid->title);
	memcpy(r->digest, laid->digest, sizeof r->digest);
	if (p->sealed.has_base)
		snprintf(r->base_id, sizeof r->base_id, "%s", p->sealed.base.id);
	snprintf(r->officer, sizeof r->officer, "%s", p->officer);
}

static void put_weekend(char out[RECORD_NAME_MAX], uint8_t weekend)
{
	size_t len = 0;

	out[0] = '\0';
	for (int day = 0; day < RXP_WEEKDAY_COUNT; day++)
		if ((weekend & 1U << day) != 0)
			len += (size_t)snprintf(out + len, RECORD_NAME_MAX - len, "%s%s",
			    len > 0 ? " " : "", rxp_weekday_name((enum rxp_weekday)day));
}

static void fill_calendar(struct rec_calendar_row *r, const struct rxp_calendar *c)
{
	*r = (struct rec_calendar_row){.version = c->version,
	    .effective_ms = c->effective_ms,
	    .created_ms = c->created_ms,
	    .holidays = (uint32_t)c->n_holidays};
	memcpy(r->owner, c->owner, sizeof r->owner);
	rxp_day_text(r->first_day, c->first_day);
	rxp_day_text(r->last_day, c->last_day);
	snprintf(r->zone, sizeof r->zone, "%s", c->zone);
	put_weekend(r->weekend, c->weekend);
	memcpy(r->digest, c->digest, sizeof r->digest);
}

/* --- lists ---------------------------------------------------------------------------------------- */

static int list_profiles(struct rxp_buf *rows, const struct shelf *shelf)
{
	const struct shelf_profile *p;
	struct rec_profile_row r;
	int rc = 0;

	for (size_t i = 0; rc == 0 && (p = shelf_profile_at(shelf, i)) != NULL; i++) {
		fill_profile(&r, p);
		rc = record_list_put(rows, REC_profile_row, &record_profile_row, &r);
	}
	return rc;
}

static int list_calendars(struct rxp_buf *rows, const struct shelf *shelf)
{
	const char *owner;
	struct rec_calendar_row r;
	int rc = 0;

	for (size_t i = 0; (owner = shelf_owner_at(shelf, i)) != NULL; i++) {
		struct rxp_calendars all = shelf_calendars(shelf, owner);

		for (size_t k = 0; rc == 0 && k < all.n; k++) {
			fill_calendar(&r, all.versions[k]);
			rc = record_list_put(rows, REC_calendar_row, &record_calendar_row, &r);
		}
	}
	return rc;
}

void terms_show_list(const struct terms_show *by, uint64_t request, const struct msg_terms_list *m)
{
	const struct shelf *shelf = terms_shelf(by->terms);
	struct msg_terms_listed a = {.result = 0};
	struct rxp_buf rows;

	rxp_buf_init(&rows, IPC_MESSAGE_MAX / 2);
	a.result = (uint32_t)(m->calendars != 0 ? list_calendars(&rows, shelf)
						: list_profiles(&rows, shelf));
	if (a.result == 0)
		a.rows = bytes_of(&rows);
	link_answer(by->node->desk, IPC_terms_listed, request, &a, NULL, 0);
	rxp_buf_free(&rows);
}

/* --- one of them ---------------------------------------------------------------------------------- */

/* For which peers it was chosen, and from when. */
static int put_choices(struct rxp_buf *rows, const struct terms *terms, const struct rxp_profile *p)
{
	const struct store_choice *c;
	int rc = 0;

	for (size_t i = 0; rc == 0 && (c = terms_choice_at(terms, i)) != NULL; i++) {
		struct rec_choice_row r = {.from_ms = c->from_ms};

		if (c->version != p->version || strcmp(c->id, p->id) != 0)
			continue;
		memcpy(r.peer, c->peer, sizeof r.peer);
		rc = record_list_put(rows, REC_choice_row, &record_choice_row, &r);
	}
	return rc;
}

void terms_show_profile(
    const struct terms_show *by, uint64_t request, const struct msg_profile_get *m)
{
	struct msg_profile_got a = {.result = 0};
	const struct shelf_profile *p = NULL;
	struct rec_profile_row row;
	struct rxp_buf octets, records, choices;
	const char *why = "";
	int rc = terms_named(&p, by->terms, m->publisher, m->id, m->version, &why);

	rxp_buf_init(&octets, IPC_INLINE_MAX);
	rxp_buf_init(&records, TERMS_MAX_OCTETS);
	rxp_buf_init(&choices, IPC_MESSAGE_MAX / 2);
	snprintf(a.problem, sizeof a.problem, "%s", why);
	if (rc == 0) {
		fill_profile(&row, p);
		rc = record_encode(&octets, &record_profile_row, &row);
	}
	if (rc == 0)
		rc = terms_put_profile(&records, &p->laid);
	if (rc == 0)
		rc = put_choices(&choices, by->terms, &p->laid);
	if (rc == 0) {
		a.row = bytes_of(&octets);
		a.records = bytes_of(&records);
		a.choices = bytes_of(&choices);
	}
	a.result = (uint32_t)rc;
	link_answer(by->node->desk, IPC_profile_got, request, &a, NULL, 0);
	rxp_buf_free(&octets);
	rxp_buf_free(&records);
	rxp_buf_free(&choices);
}

void terms_show_calendar(
    const struct terms_show *by, uint64_t request, const struct msg_calendar_get *m)
{
	const struct rxp_calendars all = shelf_calendars(terms_shelf(by->terms), m->owner);
	const struct rxp_calendar *found = NULL;
	struct msg_calendar_got a = {.result = (uint32_t)RXP_ERR_NOT_FOUND};
	struct rec_calendar_row row;
	struct rxp_buf octets, records;

	rxp_buf_init(&octets, IPC_INLINE_MAX);
	rxp_buf_init(&records, TERMS_MAX_OCTETS);
	for (size_t i = 0; i < all.n; i++)
		if (m->version == 0 || all.versions[i]->version == m->version)
			found = all.versions[i]; /* of all, the newest */
	if (found != NULL) {
		int rc = terms_put_calendar(&records, found);

		fill_calendar(&row, found);
		if (rc == 0)
			rc = record_encode(&octets, &record_calendar_row, &row);
		a.result = (uint32_t)rc;
		a.row = bytes_of(&octets);
		a.records = bytes_of(&records);
	}
	link_answer(by->node->desk, IPC_calendar_got, request, &a, NULL, 0);
	rxp_buf_free(&octets);
	rxp_buf_free(&records);
}

/* --- the check ------------------------------------------------------------------------------------ */

/* With the peer named, or with each active one that the profile is for. */
static int check_all(struct rxp_buf *rows, const struct terms_show *by,
    const struct shelf_profile *p, const char *party, int64_t now_ms)
{
	const struct peer *peer;
	bool any = false;
	int rc = finding_of_profile(rows, by->terms, p, now_ms);

	for (size_t i = 0; rc == 0 && (peer = peers_at(by->peers, i)) != NULL; i++) {
		if (party[0] != '\0' ? strcmp(peer->party, party) != 0
				     : !peer->active || !terms_fits(by->terms, p, peer->party))
			continue;
		any = true;
		rc = finding_with_peer(rows, by->terms, p, peer->party, now_ms);
	}
	if (rc == 0 && !any)
		rc = finding_no_peer(rows);
	return rc;
}

void terms_show_check(
    const struct terms_show *by, uint64_t request, const struct msg_profile_check *m)
{
	struct msg_profile_checked a = {.result = 0};
	const struct shelf_profile *p = NULL;
	const char *why = "";
	struct rxp_buf rows;
	int rc = terms_named(&p, by->terms, m->publisher, m->id, m->version, &why);

	rxp_buf_init(&rows, IPC_MESSAGE_MAX / 2);
	if (rc == 0 && m->peer[0] != '\0' && peers_find(by->peers, m->peer) == NULL) {
		why = "the party is no peer";
		rc = RXP_ERR_NOT_FOUND;
	}
	if (rc == 0)
		rc = check_all(&rows, by, p, m->peer, clock_wall_ms());
	snprintf(a.problem, sizeof a.problem, "%s", why);
	a.result = (uint32_t)rc;
	if (rc == 0)
		a.rows = bytes_of(&rows);
	link_answer(by->node->desk, IPC_profile_checked, request, &a, NULL, 0);
	rxp_buf_free(&rows);
}
