/* What is otherwise in each container (evidence.def). */
#include "conformance/package/evidence.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "conformance/package/kinds.h"
#include "conformance/package/stamped.h"
#include "conformance/state/state.h"
#include "protocol/base/err.h"
#include "protocol/evidence/evidence_name.h"
#include "protocol/message/answer.h"
#include "protocol/xml/xml.h"

enum { QMA, QRA };
#define ALL KEPT_MAX_DOCUMENTS
#define FLAG_ENCRYPTED 1
#define FLAG_SIZES_BEHIND 8
#define METHOD_OTHER 12

static void nothing(struct evidence *e)
{
	(void)e;
}

/* --- what is told ----------------------------------------------------------------------------- */

static void tell(struct evidence *e, const struct kept_saying *sayings, size_t n)
{
	e->kept.sayings = sayings;
	e->kept.n_sayings = n;
}
#define TELL(e, sayings) tell(e, sayings, sizeof(sayings) / sizeof((sayings)[0]))

#define USUAL \
	{.event = RXP_CASE_EVENT_APPLY, .side = QMA}, \
	    {.event = RXP_CASE_EVENT_ACCEPT, .side = QRA}, \
	    {.event = RXP_CASE_EVENT_WITHDRAW, .side = QMA, .refused = true}, \
	{ \
		.event = RXP_CASE_EVENT_WITHDRAW, .side = QMA \
	}

static void usual(struct evidence *e)
{
	static const struct kept_saying sayings[] = {USUAL};

	TELL(e, sayings);
}
static void last_alone(struct evidence *e)
{
	e->kept.from = 3;
}
static void refused_and_seen(struct evidence *e)
{
	static const struct kept_saying sayings[] = {{.event = RXP_CASE_EVENT_APPLY, .side = QMA},
	    {.event = RXP_CASE_EVENT_WITHDRAW, .side = QMA, .refused = true, .seen = true},
	    {.event = RXP_CASE_EVENT_ACCEPT, .side = QRA}};

	TELL(e, sayings);
}
static void two_cases(struct evidence *e)
{
	static const struct kept_saying sayings[] = {{.event = RXP_CASE_EVENT_APPLY, .side = QMA},
	    {.event = RXP_CASE_EVENT_WITHDRAW, .side = QMA, .apart = true}};

	TELL(e, sayings);
}
static void then_erased(struct evidence *e)
{
	static const struct kept_saying sayings[] = {USUAL, {.side = QRA, .erased = true}};

	TELL(e, sayings);
}
static void other_erased(struct evidence *e)
{
	static const struct kept_saying sayings[] = {
	    USUAL, {.side = QRA, .erased = true, .apart = true}};

	TELL(e, sayings);
}
static void with_bodies(struct evidence *e)
{
	e->kept.bodies = true;
}
static void lose_second(struct evidence *e, enum kept_loss loss)
{
	e->kept.lost = 2;
	e->kept.loss = loss;
}
static void one_lost(struct evidence *e)
{
	lose_second(e, KEPT_ALTERED);
}
static void one_unnamed(struct evidence *e)
{
	lose_second(e, KEPT_UNNAMED);
}
static void one_unproved(struct evidence *e)
{
	lose_second(e, KEPT_UNPROVED);
}
static void one_gone(struct evidence *e)
{
	lose_second(e, KEPT_GONE);
}
static void one_left_out(struct evidence *e)
{
	e->kept.left_out = 2;
}

/* --- pages of logs ---------------------------------------------------------------------------- */

static struct kept_page *page(struct evidence *e, unsigned side, size_t after, size_t n)
{
	struct kept_page *p = &e->kept.pages[e->kept.n_pages++];

	*p = (struct kept_page){.side = side, .after = after, .n = n};
	return p;
}
static void with_pages(struct evidence *e)
{
	(void)page(e, QRA, 0, ALL);
	(void)page(e, QMA, 0, ALL);
}
static void with_pieces(struct evidence *e)
{
	for (size_t i = 0; i < 3; i++)
		(void)page(e, QRA, i, 1);
}
/* Let the end of the log that it names follow from its entries. */
static void follow(struct rxp_log_page *p)
{
	memcpy(p->head, p->after_head, sizeof p->head);
	for (size_t i = 0; i < p->n_entries; i++)
		(void)rxp_logchain_extend(p->head, p->after + 1 + i, &p->entries[i]);
}
static void other_fingerprint(struct rxp_log_page *p)
{
	p->entries[2].fingerprint[0] ^= 1;
	follow(p);
}
static void other_outcome(struct rxp_log_page *p)
{
	p->entries[2].outcome = RXP_OUTCOME_REFUSAL;
	follow(p);
}
static void other_received(struct rxp_log_page *p)
{
	p->entries[2].received_ms++;
	follow(p);
}
static void other_head(struct rxp_log_page *p)
{
	p->head[0] ^= 1;
}
static void other_beginning(struct rxp_log_page *p)
{
	p->after_head[0] ^= 1;
	follow(p);
}
static void other_log(struct rxp_log_page *p)
{
	p->log_id[0] ^= 1;
	(void)rxp_logchain_start(p->after_head, p->owner, p->peer, p->log_id);
	follow(p);
}
static void page_other_fingerprint(struct evidence *e)
{
	page(e, QRA, 0, ALL)->change = other_fingerprint;
}
static void page_other_outcome(struct evidence *e)
{
	page(e, QRA, 0, ALL)->change = other_outcome;
}
static void page_other_time(struct evidence *e)
{
	page(e, QRA, 0, ALL)->change = other_received;
}
static void page_other_head(struct evidence *e)
{
	page(e, QRA, 0, ALL)->change = other_head;
}
static void page_other_beginning(struct evidence *e)
{
	page(e, QRA, 0, ALL)->change = other_beginning;
}
static void pages_differ(struct evidence *e)
{
	(void)page(e, QRA, 0, ALL);
	page(e, QRA, 3, 0)->change = other_beginning;
}

/* --- answers that are sealed as they are -------------------------------------------------------- */

static void other_log_head(struct rxp_answer *a, size_t number)
{
	a->log_head[0] ^= number == 4;
}
static void receipt_other_head(struct evidence *e)
{
	(void)page(e, QRA, 0, ALL);
	e->kept.answer = other_log_head;
}
/* As the first one, whose Count is 0, but for the head. */
static void other_history(struct rxp_answer *a, size_t number)
{
	if (number == 4)
		a->log_count = 0;
}
static void forked(struct evidence *e)
{
	e->kept.answer = other_history;
}

/* --- seals and roots ---------------------------------------------------------------------------- */

/* When the answer of a document came, from 1. */
static int64_t answered_ms(const struct evidence *e, size_t number)
{
	return e->kept.m->now_ms + (int64_t)(number - 1) * KEPT_MINUTE_MS + KEPT_SECOND_MS;
}
static void sender_revoked_at(struct evidence *e, int64_t since_ms)
{
	kept_revoke(&e->kept, QMA, since_ms);
	(void)page(e, QMA, 0, ALL);
}
static void sender_revoked(struct evidence *e)
{
	sender_revoked_at(e, answered_ms(e, 4));
}
static void sender_revoked_after(struct evidence *e)
{
	sender_revoked_at(e, answered_ms(e, 4) + 1);
}
static void sealed_by_revoked(struct evidence *e)
{
	sender_revoked_after(e);
	e->sealer = &e->kept.sides[QMA].own->seal;
}
static void receiver_revoked(struct evidence *e)
{
	kept_revoke(&e->kept, QRA, answered_ms(e, 4) + 1);
}
static void receiver_revoked_logged(struct evidence *e)
{
	receiver_revoked(e);
	(void)page(e, QRA, 0, ALL);
}
static void receiver_revoked_first_logged(struct evidence *e)
{
	receiver_revoked(e);
	(void)page(e, QRA, 0, 1);
}
static void receiver_revoked_page_too(struct evidence *e)
{
	receiver_revoked(e);
	page(e, QRA, 0, ALL)->first_seal = true;
}
static void receiver_revoked_came_back(struct evidence *e)
{
	receiver_revoked(e);
	page(e, QRA, 0, ALL)->change = other_log;
}
static void outgrown(struct evidence *e)
{
	kept_outgrow(&e->kept, QMA);
}
static void root_changed(struct evidence *e)
{
	kept_change_root(&e->kept, QMA);
}
static void root_before(struct evidence *e)
{
	keypair_pin(&e->kept.sides[QMA].own->root, e->kept.sides[QMA].root);
}
static void root_changed_since(struct evidence *e)
{
	root_changed(e);
	root_before(e);
}
static void begun_anew(struct evidence *e)
{
	kept_begin_anew(&e->kept, QMA);
}
static void begun_anew_compared(struct evidence *e)
{
	struct evidence_root *former = &e->roots[e->n_roots++];

	begun_anew(e);
	memcpy(former->party, e->kept.sides[QMA].own->party, sizeof former->party);
	keypair_pin(&e->kept.sides[QMA].own->root, former->digest);
}

/* --- entries ---------------------------------------------------------------------------------- */

static void fail(struct evidence *e, int rc)
{
	e->kept.rc = e->kept.rc != 0 ? e->kept.rc : rc;
}

/* With room for what is put in. NULL, and an error: it is not there. */
static struct rxp_entry *entry(struct evidence *e, const char *name)
{
	for (size_t i = 0; i < e->entries.n; i++) {
		struct rxp_entry *is = &e->entries.entries[i];

		if (strcmp(is->name, name) != 0)
			continue;
		is->octets.max = RXP_MAX_CONTAINER_TEXT_OCTETS;
		return is;
	}
	fail(e, RXP_ERR_NOT_FOUND);
	return NULL;
}

/* The entry gets these octets. */
static void replace(struct evidence *e, const char *name, const uint8_t *octets, size_t len)
{
	struct rxp_entry *to = entry(e, name);

	if (to == NULL)
		return;
	rxp_buf_reset(&to->octets);
	fail(e, rxp_buf_put(&to->octets, octets, len));
}

/* All entries whose name begins so have another beginning; or, NULL, are left out. */
static void rename_all(struct evidence *e, const char *from, const char *to)
{
	struct rxp_container all;

	rxp_container_init(&all);
	for (size_t i = 0; i < e->entries.n; i++) {
		const struct rxp_entry *is = &e->entries.entries[i];
		bool moves = strncmp(is->name, from, strlen(from)) == 0;
		char name[2 * RXP_ENTRY_TEXT];

		(void)snprintf(name, sizeof name, "%s%s", moves && to != NULL ? to : "",
		    is->name + (moves ? strlen(from) : 0));
		if (!moves || to != NULL)
			fail(e, rxp_container_add(&all, name, is->octets.data, is->octets.len));
	}
	rxp_container_clear(&e->entries);
	e->entries = all;
}

static void flip(struct evidence *e)
{
	struct rxp_entry *is = entry(e, e->of);

	if (is != NULL)
		is->octets.data[is->octets.len / 2] ^= 1;
}
static void drop(struct evidence *e)
{
	(void)entry(e, e->of);
	rename_all(e, e->of, NULL);
}
static void add_line(struct evidence *e)
{
	struct rxp_entry *is = entry(e, e->of);

	if (is != NULL)
		fail(e, rxp_buf_putc(&is->octets, '\n'));
}
static void too_long(struct evidence *e)
{
	static const uint8_t octets[513];

	replace(e, e->of, octets, sizeof octets);
}
static void third_descriptor(struct evidence *e)
{
	const struct rxp_buf *octets = &e->kept.sides[QRA].in_force;

	fail(e, rxp_container_add(&e->entries, "descriptors/QMB.xml", octets->data, octets->len));
}
static void number_left_out(struct evidence *e)
{
	rename_all(e, "documents/04-", "documents/05-");
}
static void other_type(struct evidence *e)
{
	rename_all(e, "documents/04-Withdrawal", "documents/04-Registration");
}
static void page_number(struct evidence *e)
{
	rename_all(e, "logs/02-", "logs/03-");
	rename_all(e, "logs/01-", "logs/02-");
}
static void withheld_text(struct evidence *e)
{
	static const char text[] = "It never came.\n";

	replace(e, e->of, (const uint8_t *)text, strlen(text));
}
static void stray_certificate(struct evidence *e)
{
	size_t len;
	const uint8_t *der = rxp_cert_der(e->kept.sides[QMA].own->stray.cert, &len);

	replace(e, e->of, der, len);
}

/* --- answers that no node gives ------------------------------------------------------------------ */

static void answer_again(struct evidence *e, size_t number, const struct keypair *by)
{
	const struct rxp_buf *octets = &e->kept.documents[number - 1].answer;

	kept_answer_again(&e->kept, number, by);
	replace(e, e->of, octets->data, octets->len);
}
static void receipt_of_other(struct evidence *e)
{
	const struct rxp_buf *octets = &e->kept.documents[3].answer;

	replace(e, e->of, octets->data, octets->len);
}
static void both_answers(struct evidence *e)
{
	const struct rxp_buf *octets = &e->kept.documents[3].answer;

	fail(e, rxp_container_add(&e->entries, e->of, octets->data, octets->len));
}
static void stray_receipt(struct evidence *e)
{
	answer_again(e, 4, &e->kept.sides[QRA].own->stray);
}
static void early_receipt(struct evidence *e)
{
	const struct kept_document *one = &e->kept.documents[3];

	one->said->received_ms = one->header.outer.created_ms - 301 * KEPT_SECOND_MS;
	answer_again(e, 4, &e->kept.sides[QRA].own->seal);
}
static void not_final(struct evidence *e)
{
	e->kept.documents[2].said->refusal = RXP_REFUSAL_BUSY;
	answer_again(e, 3, &e->kept.sides[QRA].own->seal);
}

/* --- bodies ----------------------------------------------------------------------------------- */

static void put_body(struct evidence *e, size_t number)
{
	const struct rxp_document *d = e->kept.documents[number - 1].opened;
	struct rxp_buf body;

	rxp_buf_init(&body, RXP_MAX_DOCUMENT_OCTETS);
	fail(e, rxp_xml_c14n(&body, d->xml, d->seal.body));
	fail(e, rxp_container_add(&e->entries, e->of, body.data, body.len));
	rxp_buf_free(&body);
}
static void add_body(struct evidence *e)
{
	put_body(e, 1);
}
static void body_of_other(struct evidence *e)
{
	put_body(e, 4);
}

/* --- the signature ------------------------------------------------------------------------------ */

static void sealed_by_other(struct evidence *e)
{
	e->sealer = e->kept.sides[QRA].seal;
}
static void sealed_by_stray(struct evidence *e)
{
	e->sealer = &e->kept.sides[QMA].own->stray;
}

/* Behind this text in META-INF/signatures.xml. */
static char *behind(struct evidence *e, const char *text)
{
	struct rxp_entry *is = entry(e, e->of);
	char *at = is == NULL ? NULL : memmem(is->octets.data, is->octets.len, text, strlen(text));

	if (at == NULL)
		fail(e, RXP_ERR_NOT_FOUND);
	return at == NULL ? NULL : at + strlen(text);
}
static void flip_value(struct evidence *e)
{
	char *letter = behind(e, "<ds:SignatureValue>");

	if (letter != NULL)
		*letter = *letter == 'A' ? 'B' : 'A';
}
static void other_time(struct evidence *e)
{
	char *digit = behind(e, "<xades:SigningTime>");

	if (digit != NULL)
		digit[strlen("2026-11-2")] ^= 1;
}
static void second_signature(struct evidence *e)
{
	const char *begin =
	    behind(e, "<asic:XAdESSignatures xmlns:asic=\"http://uri.etsi.org/02918/v1.2.1#\">");
	const char *end = behind(e, "</ds:Signature>");
	struct rxp_entry *is = entry(e, e->of);
	struct rxp_buf twice;

	if (begin == NULL || end == NULL || is == NULL)
		return;
	rxp_buf_init(&twice, 2 * is->octets.len);
	(void)rxp_buf_put(
	    &twice, is->octets.data, (size_t)((const uint8_t *)end - is->octets.data));
	(void)rxp_buf_put(&twice, begin, (size_t)(end - begin));
	(void)rxp_buf_put(
	    &twice, end, is->octets.len - (size_t)((const uint8_t *)end - is->octets.data));
	fail(e, rxp_buf_error(&twice));
	replace(e, e->of, twice.data, twice.len);
	rxp_buf_free(&twice);
}

/* --- the file --------------------------------------------------------------------------------- */

static struct archive_oddity *odd(struct evidence *e)
{
	e->manner.odd.entry = e->of;
	return &e->manner.odd;
}
static void deflated(struct evidence *e)
{
	e->manner.deflated = true;
}
static void misplaced(struct evidence *e)
{
	odd(e)->last = true;
}
static void deflated_entry(struct evidence *e)
{
	odd(e)->deflated = true;
}
static void extra_field(struct evidence *e)
{
	odd(e)->extra = true;
}
static void comment(struct evidence *e)
{
	odd(e)->comment = true;
}
static void encrypted(struct evidence *e)
{
	odd(e)->flags = FLAG_ENCRYPTED;
}
static void sizes_behind(struct evidence *e)
{
	odd(e)->flags = FLAG_SIZES_BEHIND;
}
static void link(struct evidence *e)
{
	odd(e)->mode = S_IFLNK | S_IRWXU;
}
static void other_method(struct evidence *e)
{
	odd(e)->method = METHOD_OTHER;
}
static void octets_before(struct evidence *e)
{
	e->manner.before = "#!/bin/sh\n";
}
static void octets_between(struct evidence *e)
{
	e->manner.between = "between";
}
static void octets_behind(struct evidence *e)
{
	e->manner.behind = "\n";
}
static void cut(struct evidence *e)
{
	e->manner.cut = 1;
}
static void twice(struct evidence *e)
{
	odd(e)->twice = true;
}
static void stray_name(struct evidence *e)
{
	e->manner.stray = "notes.txt";
}
static void folder(struct evidence *e)
{
	e->manner.stray = "documents/";
}
static void signature_more(struct evidence *e)
{
	e->manner.stray = "META-INF/signatures2.xml";
}
static void two_names(struct evidence *e)
{
	odd(e)->renamed = "documents/05-Withdrawal-QMA/header.xml";
}
static void other_crc(struct evidence *e)
{
	odd(e)->crc = 1;
}
static void longer(struct evidence *e)
{
	odd(e)->longer = 1;
}

/* --- what is asked ------------------------------------------------------------------------------ */

static void one_root(struct evidence *e)
{
	e->n_roots--;
}
static void other_root(struct evidence *e)
{
	e->roots[QRA].digest[0] ^= 1;
}

/* --- the table -------------------------------------------------------------------------------- */

static const struct evidence_row rows[] = {
#define EVIDENCE(requirement, number, when, change, of, result, named, says, words) \
	{requirement "." number, "RXP-" requirement, EVIDENCE_##when, change, of, result, named, \
	    says, words},
#include "conformance/package/evidence.def"
#undef EVIDENCE
};

size_t evidence_total(void)
{
	return sizeof rows / sizeof rows[0];
}

const struct evidence_row *evidence_at(size_t i)
{
	return &rows[i];
}

void evidence_prepare(struct evidence *e, const struct evidence_row *row)
{
	static const struct {
		const char *entry;
		void (*tell)(struct evidence *e);
	} needs[] = {
	    {"logs/", with_pages},
	    {"descriptors/01-", outgrown},
	    {"withheld/", one_lost},
	};

	usual(e);
	for (size_t i = 0; i < sizeof needs / sizeof needs[0]; i++)
		if (strncmp(row->of, needs[i].entry, strlen(needs[i].entry)) == 0)
			needs[i].tell(e);
}
