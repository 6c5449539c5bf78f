#include "protocol/evidence/dossier.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/evidence/container_seal.h"
#include "protocol/evidence/dossier_document.h"
#include "protocol/evidence/dossier_erased.h"
#include "protocol/evidence/dossier_log.h"
#include "protocol/evidence/dossier_party.h"
#include "protocol/evidence/dossier_stand.h"
#include "protocol/evidence/dossier_withheld.h"
#include "protocol/peering/identity_known.h"

#define DOCUMENTS "documents"
#define TEXT_MAX 128

/* --- the documents ------------------------------------------------------------------------------- */

/* For how many documents there is room: none is without an entry. */
static size_t room_of(const struct rxp_container *c)
{
	return c->n < RXP_EVIDENCE_DOCUMENTS_MAX ? c->n : RXP_EVIDENCE_DOCUMENTS_MAX;
}

/* At the place of its number: the numbers of a good container are those of the places. */
static void add_document(struct rxp_dossier_work *w, const struct rxp_evidence_name *name)
{
	struct rxp_dossier_document *d;

	if (name->number == 0 || name->number > room_of(w->container)) {
		rxp_dossier_wrong(w, DOCUMENTS, "a number that no document may have");
		return;
	}
	d = &w->out->documents[name->number - 1];
	if (d->number == 0) {
		d->number = name->number;
		memcpy(d->folder, name->folder, sizeof d->folder);
		memcpy(d->from, name->party, sizeof d->from);
		rxp_answer_init(&d->answer);
	} else if (strcmp(d->folder, name->folder) != 0) {
		rxp_dossier_wrong(w, DOCUMENTS, "a number is there twice");
	}
}

static void list_documents(struct rxp_dossier_work *w)
{
	struct rxp_dossier *e = w->out;
	size_t last = 0;

	for (size_t i = 0; i < w->container->n; i++) {
		struct rxp_evidence_name name;

		if (rxp_evidence_name_parse(&name, w->container->entries[i].name) != 0) {
			rxp_dossier_wrong(
			    w, w->container->entries[i].name, "no entry of evidence has this name");
		} else if (name.kind == RXP_EVIDENCE_NAME_DOCUMENT) {
			add_document(w, &name);
			last = name.number > last ? name.number : last;
		}
	}
	while (e->n < room_of(w->container) && e->documents[e->n].number != 0)
		e->n++;
	if (last == 0) {
		rxp_dossier_wrong(w, DOCUMENTS, "no document is here");
	} else if (e->n < last) {
		char text[TEXT_MAX];

		snprintf(text, sizeof text, "number %zu is missing", e->n + 1);
		rxp_dossier_wrong(w, DOCUMENTS, text);
	}
}

/* --- all documents together, asked only if every one is good ---------------------------------------- */

/* Those of the case come before what was erased of it (RXP-EVI-027). */
static size_t places_of(const struct rxp_dossier *e)
{
	size_t n = 0;

	while (n < e->n && (!e->documents[n].erased || e->n == 1))
		n++;
	return n;
}

static int check_chain(struct rxp_dossier_work *w, enum rxp_dossier_extent extent)
{
	struct rxp_dossier *e = w->out;
	struct rxp_evidence_place *places = calloc(e->n, sizeof *places);
	struct rxp_evidence_withheld withheld;
	const char *requirement = NULL;
	size_t at = 0, n = places_of(e);
	int rc = 0;

	if (places == NULL)
		return RXP_ERR_NOMEM;
	for (size_t i = 0; i < n; i++) {
		places[i].proof = &e->documents[i].proof;
		places[i].refused = e->documents[i].answer.kind == RXP_ANSWER_REFUSAL;
	}
	rxp_dossier_count_withheld(&withheld, e);
	if (extent == RXP_DOSSIER_CASE || (extent == RXP_DOSSIER_DOCUMENTS && n > 1))
		rc = rxp_evidence_missing(&e->missing, places, n, &withheld);
	if (rc == 0 && e->missing.n[0] + e->missing.n[1] == 0)
		rc = rxp_evidence_chain(&at, &requirement, places, n, &withheld);
	if (rc == RXP_ERR_MISMATCH) {
		char path[RXP_ENTRY_TEXT], text[TEXT_MAX];

		rxp_evidence_path(path, e->documents[at].folder, RXP_EVIDENCE_FILE_HEADER);
		snprintf(text, sizeof text, "does not fit the other documents of its case (%s)",
		    requirement);
		rxp_dossier_wrong(w, path, text);
		rc = 0;
	}
	e->rooted = true;
	for (size_t i = 0; i < n; i++) {
		e->documents[i].contradicted = places[i].contradicted;
		e->rooted = e->rooted && places[i].rooted;
	}
	if (rc == 0 && n + e->n_erased != e->n && e->n > 1)
		rxp_dossier_wrong(
		    w, DOCUMENTS, "what was erased stands behind the documents of its case");
	free(places);
	if (rc == 0)
		rxp_dossier_check_erased(w);
	return rc;
}

/* RXP-EVI-018; who stole a seal may have named any head under it. */
static bool same_entry(
    const struct rxp_dossier_document *one, const struct rxp_dossier_document *other)
{
	const struct rxp_answer *a = &one->answer, *b = &other->answer;

	if (one->answer_seal != RXP_DOUBT_NONE || other->answer_seal != RXP_DOUBT_NONE)
		return false;
	return a->kind == RXP_ANSWER_RECEIPT && b->kind == RXP_ANSWER_RECEIPT &&
	       strcmp(a->from, b->from) == 0 && a->log_count == b->log_count &&
	       memcmp(a->log_id, b->log_id, sizeof a->log_id) == 0;
}

static void check_logs(struct rxp_dossier_work *w)
{
	const struct rxp_dossier *e = w->out;

	for (size_t i = 0; i < e->n; i++)
		for (size_t k = 0; k < i; k++) {
			const struct rxp_answer *a = &e->documents[i].answer;
			const struct rxp_answer *b = &e->documents[k].answer;
			char path[RXP_ENTRY_TEXT];

			if (!same_entry(&e->documents[i], &e->documents[k]) ||
			    memcmp(a->log_head, b->log_head, sizeof a->log_head) == 0)
				continue;
			rxp_evidence_path(path, e->documents[i].folder, RXP_EVIDENCE_FILE_RECEIPT);
			rxp_dossier_wrong(
			    w, path, "names another history of its log than an earlier receipt");
			break;
		}
}

/* --- what is made of the documents ------------------------------------------------------------------ */

static void check_made(
    struct rxp_dossier_work *w, const char *name, const struct rxp_buf *should, const char *text)
{
	const struct rxp_entry *is = rxp_container_find(w->container, name);

	if (is == NULL)
		rxp_dossier_wrong(w, name, "missing");
	else if (is->octets.len != should->len ||
		 memcmp(is->octets.data, should->data, should->len) != 0)
		rxp_dossier_wrong(w, name, text);
}

#define LISTED "manifest:full-path=\""

/* The next name that the list has, from *at on, and whether there is one. One that no entry can have is passed over. */
static bool next_listed(char name[RXP_ENTRY_TEXT], const char **at, const char *end)
{
	const char *stop;

	while ((*at = memmem(*at, (size_t)(end - *at), LISTED, strlen(LISTED))) != NULL) {
		*at += strlen(LISTED);
		stop = memchr(*at, '"', (size_t)(end - *at));
		if (stop == NULL)
			return false;
		if (stop - *at >= RXP_ENTRY_TEXT)
			continue;
		memcpy(name, *at, (size_t)(stop - *at));
		name[stop - *at] = '\0';
		return true;
	}
	return false;
}

static bool is_listed_kind(const char *entry)
{
	struct rxp_evidence_name name;

	return rxp_evidence_name_parse(&name, entry) == 0 &&
	       name.kind != RXP_EVIDENCE_NAME_MIMETYPE && name.kind != RXP_EVIDENCE_NAME_META;
}

/* Each entry that is in the list is marked; the first that it has and that is not here is told. */
static void mark_listed(struct rxp_dossier_work *w, bool *listed, const struct rxp_buf *list)
{
	const char *at = (const char *)list->data, *end = at + list->len;
	struct rxp_evidence_name name;
	char text[RXP_ENTRY_TEXT];
	bool told = false;

	while (next_listed(text, &at, end)) {
		const struct rxp_entry *entry = rxp_container_find(w->container, text);

		if (entry != NULL)
			listed[entry - w->container->entries] = true;
		else if (!told && rxp_evidence_name_parse(&name, text) == 0) {
			rxp_dossier_wrong(w, text, "missing: " RXP_EVIDENCE_MANIFEST " lists it");
			told = true;
		}
	}
}

/* Who has to judge is told of the file that was taken out, or put in. */
static int name_unlisted(struct rxp_dossier_work *w)
{
	const struct rxp_entry *list = rxp_container_find(w->container, RXP_EVIDENCE_MANIFEST);
	bool *listed;

	if (list == NULL || list->octets.len == 0)
		return 0;
	listed = calloc(w->container->n, sizeof *listed);
	if (listed == NULL)
		return RXP_ERR_NOMEM;
	mark_listed(w, listed, &list->octets);
	for (size_t i = 0; i < w->container->n; i++) {
		const char *entry = w->container->entries[i].name;

		if (!listed[i] && is_listed_kind(entry)) {
			rxp_dossier_wrong(w, entry, "not in the list of " RXP_EVIDENCE_MANIFEST);
			break;
		}
	}
	free(listed);
	return 0;
}

static int check_texts(struct rxp_dossier_work *w)
{
	struct rxp_buf mimetype, manifest, chronology, page;
	int rc;

	rxp_buf_init(&mimetype, RXP_MAX_CONTAINER_TEXT_OCTETS);
	rxp_buf_init(&manifest, RXP_MAX_CONTAINER_TEXT_OCTETS);
	rxp_buf_init(&chronology, RXP_MAX_CONTAINER_TEXT_OCTETS);
	rxp_buf_init(&page, RXP_MAX_CONTAINER_TEXT_OCTETS);
	if ((rc = rxp_buf_puts(&mimetype, RXP_EVIDENCE_MIMETYPE_VALUE)) != 0 ||
	    (rc = rxp_container_manifest(&manifest, w->container)) != 0 ||
	    (rc = rxp_dossier_chronology(&chronology, w->out)) != 0 ||
	    (rc = rxp_dossier_page(&page, w->out)) != 0)
		goto done;
	check_made(w, RXP_EVIDENCE_MIMETYPE, &mimetype, "not that of a container");
	check_made(w, RXP_EVIDENCE_MANIFEST, &manifest, "does not list the entries that are here");
	check_made(w, RXP_EVIDENCE_CHRONOLOGY, &chronology, "not what the documents say");
	check_made(w, RXP_EVIDENCE_PAGE, &page, "not what the documents say");
done:
	rxp_buf_free(&mimetype);
	rxp_buf_free(&manifest);
	rxp_buf_free(&chronology);
	rxp_buf_free(&page);
	return rc;
}

/* --- the seal of the container ------------------------------------------------------------------------ */

static const char *seal_problem(int rc)
{
	if (rc == RXP_ERR_SIGNER)
		return "signed by neither of the two States";
	return rc == RXP_ERR_MISMATCH ? "is not about the entries that are here" : NULL;
}

static const char *stamp_problem(int rc)
{
	if (rc == RXP_ERR_MISMATCH)
		return "its time-stamp is of something else";
	return rc == RXP_ERR_SIGNER ? "its time-stamp is of none of the authorities given"
				    : "its time-stamp does not verify";
}

/* Takes over the token. */
static void check_stamp(
    struct rxp_dossier_work *w, const struct rxp_entry *entry, struct rxp_buf *token)
{
	struct rxp_dossier *e = w->out;
	int rc;

	e->token = *token;
	if (token->len == 0)
		return;
	rc = rxp_container_imprint(e->imprint, &entry->octets);
	if (rc == 0)
		rc = rxp_stamp_verify(&e->stamp, token->data, token->len, e->imprint, NULL);
	if (rc != 0)
		rxp_dossier_error(w, entry->name, rc, stamp_problem(rc));
	e->stamped = rc == 0;
}

static void check_seal(struct rxp_dossier_work *w)
{
	struct rxp_dossier *e = w->out;
	const struct rxp_entry *entry = rxp_container_find(w->container, RXP_EVIDENCE_SIGNATURES);
	struct rxp_container_seal seal = {.cert = NULL};
	int rc = RXP_ERR_SIGNER;
	size_t i;

	if (entry == NULL) {
		rxp_dossier_wrong(w, RXP_EVIDENCE_SIGNATURES, "missing");
		return;
	}
	for (i = 0; i < RXP_DOSSIER_PARTIES && rc == RXP_ERR_SIGNER; i++)
		rc = rxp_container_seal_verify(&seal, w->container, &entry->octets,
		    e->parties[i]->certs, e->parties[i]->n_joined);
	if (rc != 0) {
		rxp_dossier_error(w, entry->name, rc, seal_problem(rc));
		return;
	}
	check_stamp(w, entry, &seal.stamp);
	if (rxp_evidence_party_revoked(e->parties[i - 1], seal.cert) != 0) {
		rxp_dossier_wrong(w, entry->name, "signed under a certificate that is revoked");
		return;
	}
	e->signer = e->parties[i - 1];
	e->signed_ms = seal.signing_time_ms;
}

/* --- verdict ------------------------------------------------------------------------------------------ */

/* Of what holds by itself: how it goes together, and which seals prove something. */
static int check_together(struct rxp_dossier_work *w, enum rxp_dossier_extent extent)
{
	const struct rxp_dossier *e = w->out;
	int rc = 0;

	rxp_dossier_read_erased(w);
	if (w->failed == 0 && e->n_problems == 0)
		rc = check_chain(w, extent);
	if (rc == 0 && w->failed == 0 && e->n_problems == 0)
		rxp_dossier_read_logs(w);
	if (rc == 0 && w->failed == 0 && e->n_problems == 0) {
		rxp_dossier_settle(w, RXP_TRUST_IN_FORCE);
		check_logs(w);
		rxp_dossier_log_contradictions(w);
	}
	return rc != 0 ? rc : w->failed;
}

static int check(struct rxp_dossier *out, const struct rxp_container *c,
    enum rxp_dossier_extent extent, struct rxp_identity_known *known,
    const struct rxp_dossier_root *roots, size_t n_roots, rxp_dossier_problem_fn *fn, void *arg)
{
	struct rxp_dossier e = {.documents = calloc(room_of(c) + 1, sizeof *e.documents)};
	struct rxp_dossier_work w = {
	    .out = &e, .container = c, .known = known, .fn = fn, .arg = arg};
	bool both;
	int rc = 0;

	if (e.documents == NULL)
		return RXP_ERR_NOMEM;
	rxp_dossier_read_parties(&w, roots, n_roots);
	list_documents(&w);
	rxp_dossier_read_withheld(&w);
	both = e.parties[0] != NULL && e.parties[1] != NULL;
	for (size_t i = 0; both && i < e.n; i++)
		rxp_dossier_read(&w, &e.documents[i]);
	rc = w.failed;
	if (rc == 0 && e.n_problems == 0)
		rc = check_together(&w, extent);
	if (rc == 0 && e.n_problems == 0 && extent == RXP_DOSSIER_WHOLE)
		rc = check_texts(&w);
	if (rc == 0 && both && extent == RXP_DOSSIER_WHOLE)
		check_seal(&w);
	if (rc == 0 && e.n_problems > 0 && extent == RXP_DOSSIER_WHOLE)
		rc = name_unlisted(&w);
	if (rc == 0 &&
	    e.n_problems == 0) /* what the texts say must not depend on roots given here */
		rxp_dossier_settle(&w, RXP_TRUST_COMPARED);
	rxp_dossier_close_logs(&w);
	rc = rc != 0 ? rc : w.failed;
	if (rc != 0)
		rxp_dossier_clear(&e);
	else
		*out = e;
	return rc;
}

int rxp_dossier_check(struct rxp_dossier *out, const struct rxp_container *c,
    enum rxp_dossier_extent extent, struct rxp_identity_known *known,
    const struct rxp_dossier_root *roots, size_t n_roots, rxp_dossier_problem_fn *fn, void *arg)
{
	struct rxp_identity_known *own = known == NULL ? rxp_identity_known_new() : NULL;
	int rc = RXP_ERR_NOMEM;

	if (known != NULL || own != NULL)
		rc = check(out, c, extent, known != NULL ? known : own, roots, n_roots, fn, arg);
	rxp_identity_known_free(own);
	return rc;
}

int rxp_dossier_trust(struct rxp_dossier *d, const struct rxp_authority *authority,
    rxp_dossier_problem_fn *fn, void *arg)
{
	struct rxp_dossier_work w = {.out = d, .fn = fn, .arg = arg};
	int rc;

	if (!d->stamped)
		return 0;
	rc = rxp_stamp_verify(&d->stamp, d->token.data, d->token.len, d->imprint, authority);
	if (rc != 0)
		rxp_dossier_error(&w, RXP_EVIDENCE_SIGNATURES, rc, stamp_problem(rc));
	return w.failed;
}

void rxp_dossier_clear(struct rxp_dossier *d)
{
	for (size_t i = 0; i < d->n; i++)
		rxp_answer_clear(&d->documents[i].answer);
	for (size_t i = 0; i < RXP_DOSSIER_PARTIES; i++)
		rxp_evidence_party_free(d->parties[i]);
	free(d->documents);
	free(d->withheld);
	rxp_buf_free(&d->token);
	*d = (struct rxp_dossier){0};
}
