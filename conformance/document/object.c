#include "conformance/document/object.h"

#include <stdlib.h>
#include <string.h>

#include "conformance/document/bundle.h"
#include "conformance/document/odd_certificate.h"
#include "conformance/document/part.h"
#include "conformance/document/ping.h"
#include "conformance/message/reseal.h"
#include "conformance/state/chance.h"
#include "conformance/state/parts.h"
#include "conformance/state/state.h"
#include "protocol/base/err.h"
#include "protocol/document/document.h"
#include "protocol/log/logpage.h"
#include "protocol/message/answer.h"
#include "protocol/peering/descriptor.h"
#include "protocol/terms/terms.h"

#define MAX_OBJECT_OCTETS (1024UL * 1024)
#define SPACES "@SPACES@"
#define N_SPACES 40000
#define HOUR_MS 3600000LL

#define SOUND {{NULL, NULL, NULL}}, false
#define EDIT(find, replace) {{find, NULL, replace}}, false
#define SPAN(from, until, replace) {{from, until, replace}}, false
#define EDITS(...) {__VA_ARGS__}, false
/* In the place of the second one: as many are listed as may be. */
#define LISTS(certificate) \
	SPAN("</SealCertificate><SealCertificate>", "</SealCertificate>", \
	    "</SealCertificate><SealCertificate>" certificate "</SealCertificate>")
#define RAWS(...) {__VA_ARGS__}, true
#define RAW(find, replace) {{find, NULL, replace}}, true

static const struct object objects[] = {
#define OBJECT(base, requirement, number, how, name) \
	{{requirement "." number, "RXP-" requirement, name}, OBJECT_##base, how},
#include "conformance/document/object.def"
#undef OBJECT
};
#define N_OBJECTS (sizeof objects / sizeof objects[0])

size_t object_total(void)
{
	return N_OBJECTS;
}

const struct object *object_at(size_t i)
{
	if (i >= N_OBJECTS)
		abort();
	return &objects[i];
}

/* --- sound ones -------------------------------------------------------------------------------- */

/* What one is made of. */
struct making {
	const struct object *o;
	const struct state *own, *other;
	int64_t now_ms;
};

static void fill_answer(struct rxp_answer *a, const struct making *m)
{
	rxp_answer_init(a);
	memset(a->envelope_digest, 0x11, sizeof a->envelope_digest);
	memset(a->fingerprint, 0x22, sizeof a->fingerprint);
	memset(a->log_head, 0x33, sizeof a->log_head);
	memcpy(a->from, m->own->party, sizeof a->from);
	memcpy(a->to, m->other->party, sizeof a->to);
	a->created_ms = a->received_ms = m->now_ms;
	a->has_fingerprint = true;
	a->log_count = 7;
}

/* RXP_REFUSAL_COUNT: it is a Receipt. */
static enum rxp_refusal refusal_of(enum object_base base)
{
	switch (base) {
	case OBJECT_REFUSAL:
	case OBJECT_BUNDLE_OWN_REFUSAL:
		return RXP_REFUSAL_SCHEMA;
	case OBJECT_REKEY:
		return RXP_REFUSAL_REKEY;
	case OBJECT_GAP:
	case OBJECT_BUNDLE_OWN_GAP:
		return RXP_REFUSAL_GAP;
	default:
		return RXP_REFUSAL_COUNT;
	}
}

static void fill_refusal(struct rxp_answer *a, enum rxp_refusal refusal)
{
	a->kind = RXP_ANSWER_REFUSAL;
	a->refusal = refusal;
	a->has_fingerprint = refusal != RXP_REFUSAL_REKEY;
	if (refusal == RXP_REFUSAL_SCHEMA)
		memcpy(a->place, "Ping", sizeof "Ping");
	a->has_view = refusal == RXP_REFUSAL_GAP;
	memcpy(a->view[0].party, a->from, sizeof a->from);
	memcpy(a->view[1].party, a->to, sizeof a->to);
	a->view[1].position = 3;
}

static int make_answer(struct rxp_buf *out, const struct making *m)
{
	enum rxp_refusal refusal = refusal_of(m->o->base);
	struct rxp_signer seal = keypair_signer(&m->own->seal);
	struct rxp_answer a;
	struct parts p;
	int rc;

	fill_answer(&a, m);
	rc = rxp_id_make_v7(a.message_id, m->now_ms, chance());
	if (rc == 0)
		rc = rxp_id_make_v4(a.log_id, chance());
	if (refusal != RXP_REFUSAL_COUNT)
		fill_refusal(&a, refusal);
	if (rc == 0 && refusal == RXP_REFUSAL_REKEY) {
		rc = parts_split(&p, &m->own->descriptor);
		if (rc == 0)
			rc = rxp_buf_put(&a.working, p.working.data, p.working.len);
		parts_clear(&p);
	}
	if (rc == 0)
		rc = rxp_answer_seal(out, &a, m->now_ms, &seal);
	rxp_answer_clear(&a);
	return rc;
}

static int fill_entry(struct rxp_log_page *p, size_t i, int64_t now_ms)
{
	struct rxp_log_entry *e = &p->entries[i];
	int rc = rxp_id_make_v7(e->message_id, now_ms, chance());

	memset(e->fingerprint, 0x44, sizeof e->fingerprint);
	e->received_ms = now_ms;
	e->outcome = i == 0 ? RXP_OUTCOME_RECEIPT : RXP_OUTCOME_REFUSAL;
	p->n_entries = p->count = i + 1;
	return rc != 0 ? rc : rxp_logchain_extend(p->head, i + 1, e);
}

static int make_document(struct rxp_buf *out, const struct making *m)
{
	struct rxp_header h;

	return ping_seal(out, &h, m->own, m->other, m->now_ms);
}

static int make_log_page(struct rxp_buf *out, const struct making *m)
{
	struct rxp_signer seal = keypair_signer(&m->own->seal);
	struct rxp_log_page *p = calloc(1, sizeof *p);
	int rc = p == NULL ? RXP_ERR_NOMEM : rxp_id_make_v4(p->log_id, chance());

	if (rc == 0) {
		memcpy(p->owner, m->own->party, sizeof p->owner);
		memcpy(p->peer, m->other->party, sizeof p->peer);
		p->created_ms = m->now_ms;
		rc = rxp_logchain_start(p->after_head, p->owner, p->peer, p->log_id);
	}
	if (rc == 0)
		memcpy(p->head, p->after_head, sizeof p->head);
	for (size_t i = 0; i < 2 && rc == 0 && m->o->base == OBJECT_LOG_PAGE; i++)
		rc = fill_entry(p, i, m->now_ms);
	if (rc == 0)
		rc = rxp_log_page_seal(out, p, m->now_ms, &seal);
	free(p);
	return rc;
}

static const char profile_draft[] =
    "<ProfileDraft xmlns=\"urn:rxp:1:profile\"><Id>example</Id><Version>1</Version><Status>test</Status>"
    "<Title>An agreement for tests</Title><Starts>2026-01-01T00:00:00.000Z</Starts>"
    "<Side><Party>QMA</Party></Side><Side><Party>QRA</Party></Side>"
    "<Chapter name=\"own-nationals\" state=\"in-force\" from=\"2026-01-01\" source=\"X\"></Chapter>"
    "<Counting calendar=\"requested\" roll=\"next-working-day\" source=\"X\"></Counting>"
    "<Clock of=\"reply\" value=\"8\" unit=\"calendar-days\" source=\"X\"></Clock>"
    "<Clock of=\"transfer\" value=\"3\" unit=\"months\" source=\"X\"></Clock>"
    "<Silence for=\"own-nationals\" after=\"reply\" means=\"nothing\" source=\"X\"></Silence></ProfileDraft>";

static const char calendar_draft[] =
    "<CalendarDraft xmlns=\"urn:rxp:1:calendar\"><Owner>QMA</Owner><Version>1</Version>"
    "<Effective>2026-01-01T00:00:00.000Z</Effective><Span from=\"2026-01-01\" until=\"2027-12-31\"></Span>"
    "<Zone name=\"One hour east, two in summer\"><Offset from=\"2025-10-26T01:00:00.000Z\" minutes=\"60\"></Offset>"
    "<Offset from=\"2026-03-29T01:00:00.000Z\" minutes=\"120\"></Offset></Zone>"
    "<Weekend>saturday</Weekend><Weekend>sunday</Weekend><Holiday>2026-04-03</Holiday></CalendarDraft>";

static int make_terms(struct rxp_buf *out, const struct making *m)
{
	struct rxp_signer seal = keypair_signer(&m->own->seal);
	bool profile = m->o->base == OBJECT_PROFILE || m->o->base == OBJECT_PROFILE_DRAFT;
	const char *draft = profile ? profile_draft : calendar_draft;

	if (m->o->base == OBJECT_PROFILE_DRAFT || m->o->base == OBJECT_CALENDAR_DRAFT)
		return rxp_buf_puts(out, draft);
	return rxp_terms_seal(out, profile ? RXP_KIND_PROFILE : RXP_KIND_CALENDAR,
	    (const uint8_t *)draft, strlen(draft), m->own->party, m->now_ms, &seal, NULL);
}

/* --- changing ---------------------------------------------------------------------------------- */

/* What is more than any bound allows. */
static int widen(struct rxp_buf *text)
{
	static const char spaces[] = SPACES;
	struct rxp_buf wide;
	size_t at = 0;
	int rc = 0;

	if (memmem(text->data, text->len, spaces, sizeof spaces - 1) == NULL)
		return 0;
	rxp_buf_init(&wide, MAX_OBJECT_OCTETS);
	while (rc == 0 && at < text->len) {
		if (text->len - at >= sizeof spaces - 1 &&
		    memcmp(text->data + at, spaces, sizeof spaces - 1) == 0) {
			for (size_t i = 0; i < N_SPACES; i++)
				(void)rxp_buf_putc(&wide, ' ');
			at += sizeof spaces - 1;
		} else {
			rc = rxp_buf_putc(&wide, (char)text->data[at++]);
		}
	}
	rxp_buf_reset(text);
	if (rc == 0)
		rc = rxp_buf_put(text, wide.data, wide.len);
	rxp_buf_free(&wide);
	return rc;
}

/* key NULL: it has no seal, or its seal is to stay. */
static int change(struct rxp_buf *text, const struct object *o, struct evp_pkey_st *key)
{
	int rc = 0;

	if (o->edits[0].find == NULL)
		return 0;
	for (size_t i = 0; i < OBJECT_MAX_EDITS && o->edits[i].find != NULL && rc == 0; i++)
		rc = edit_apply(text, &o->edits[i]);
	if (rc == 0)
		rc = widen(text);
	return rc == 0 && key != NULL && !o->raw ? reseal(text, key) : rc;
}

/* A descriptor with its changed part. */
static int make_descriptor(struct rxp_buf *out, const struct making *m)
{
	enum object_base base = m->o->base;
	struct parts p;
	int rc = parts_split(&p, &m->own->descriptor);

	if (rc == 0 && base == OBJECT_IDENTITY)
		rc = change(&p.identities[0], m->o, m->own->root.key);
	if (rc == 0 && base == OBJECT_WORKING)
		rc = change(&p.working, m->o, m->own->seal.key);
	if (rc == 0)
		rc = parts_join(out, &p, 0);
	if (rc == 0 && base == OBJECT_DESCRIPTOR)
		rc = change(out, m->o, NULL);
	parts_clear(&p);
	return rc;
}

/* A working part under the last identity part, as it is by now. */
static int put_working(struct parts *p, const struct making *m, struct rxp_descriptor *d)
{
	struct rxp_signer seal = keypair_signer(&m->own->seal);

	part_fingerprint(d->working.identity, &p->identities[p->n - 1]);
	d->working.identity_serial = d->identity.serial;
	d->working.created_ms = d->identity.created_ms;
	rxp_buf_reset(&p->working);
	return rxp_working_seal(&p->working, &d->working, d->working.created_ms, &seal);
}

/* A first part that announces a root, and a second one behind it, with its change. */
static int add_second(struct parts *p, const struct making *m, struct rxp_descriptor *d)
{
	bool stray = m->o->base == OBJECT_STRAY_SECOND;
	struct rxp_signer root = keypair_signer(&m->own->root);
	struct rxp_signer second = keypair_signer(stray ? &m->own->stray : &m->own->root);
	uint8_t fingerprint[RXP_DIGEST_OCTETS];
	int rc;

	d->identity.has_next_root = true;
	memset(d->identity.next_root, 0x55, sizeof d->identity.next_root);
	rxp_buf_reset(&p->identities[0]);
	rc = rxp_identity_seal(&p->identities[0], &d->identity, m->now_ms, &root, fingerprint);
	d->identity.serial = 2;
	d->identity.created_ms += HOUR_MS;
	d->identity.has_previous = true;
	memcpy(d->identity.previous, fingerprint, sizeof fingerprint);
	if (rc == 0)
		rc = rxp_identity_seal(
		    &p->identities[1], &d->identity, m->now_ms + HOUR_MS, &second, fingerprint);
	p->n = 2;
	return rc == 0 && !stray ? change(&p->identities[1], m->o, m->own->root.key) : rc;
}

/* Behind the one of which this is the digest. */
static int seal_next(struct rxp_buf *next, const struct making *m, struct rxp_descriptor *d,
    const struct keypair *key)
{
	struct rxp_signer root = keypair_signer(key);
	uint8_t fingerprint[RXP_DIGEST_OCTETS];

	memcpy(d->identity.previous, d->identity_digest, sizeof d->identity.previous);
	d->identity.has_previous = true;
	d->identity.serial++;
	d->identity.created_ms = m->now_ms;
	d->identity.revoked_since_ms = 0;
	return rxp_identity_seal(next, &d->identity, m->now_ms, &root, fingerprint);
}

/* The Serial that the part says by now, which its working part names too: that it is another is the one fault. */
static void read_serial(struct rxp_descriptor *d, const struct rxp_buf *part)
{
	static const char tag[] = "<Serial>";
	const uint8_t *at = memmem(part->data, part->len, tag, sizeof tag - 1);

	if (at != NULL)
		d->identity.serial = strtoull((const char *)at + sizeof tag - 1, NULL, 10);
}

/* The next identity part behind the one that the product knows, with its change. */
static int add_next(struct parts *p, const struct making *m, struct rxp_descriptor *d)
{
	bool stray = m->o->base == OBJECT_NEXT_STRAY, between = m->o->base == OBJECT_NEXT_BETWEEN;
	const struct keypair *key = stray ? &m->own->stray : &m->own->root;
	struct rxp_buf *next = parts_next(p);
	int rc = seal_next(next, m, d, key);

	if (rc == 0 && (m->o->base == OBJECT_NEXT || between))
		rc = change(next, m->o, key->key);
	if (rc != 0 || !between) {
		read_serial(d, next);
		return rc;
	}
	part_fingerprint(d->identity_digest, next);
	return seal_next(parts_next(p), m, d, key);
}

/* One with two identity parts, and a working part under the second. */
static int make_next(struct rxp_buf *out, const struct making *m)
{
	bool second = m->o->base == OBJECT_SECOND || m->o->base == OBJECT_STRAY_SECOND;
	struct rxp_descriptor *d = NULL;
	struct parts p;
	int rc = parts_split(&p, &m->own->descriptor);

	if (rc == 0)
		rc = rxp_descriptor_open(&d, m->own->descriptor.data, m->own->descriptor.len, NULL);
	if (rc == 0)
		rc = second ? add_second(&p, m, d) : add_next(&p, m, d);
	if (rc == 0)
		rc = put_working(&p, m, d);
	if (rc == 0 && m->o->base == OBJECT_NEXT_WORKING)
		rc = change(&p.working, m->o, m->own->seal.key);
	if (rc == 0)
		rc = parts_join(out, &p, 0);
	rxp_descriptor_free(d);
	parts_clear(&p);
	return rc;
}

static int make_bundle(struct rxp_buf *out, const struct making *m)
{
	static const struct {
		enum object_base base;
		enum bundle_flaw flaw;
	} flaws[] = {
	    {OBJECT_BUNDLE_TURNED, BUNDLE_FLAW_ORDER},
	    {OBJECT_BUNDLE_HEADLESS, BUNDLE_FLAW_NO_DESCRIPTOR},
	    {OBJECT_BUNDLE_OUTSIDE, BUNDLE_FLAW_NAME},
	    {OBJECT_BUNDLE_FOLDER, BUNDLE_FLAW_FOLDER},
	    {OBJECT_BUNDLE_EMPTY, BUNDLE_FLAW_EMPTY},
	    {OBJECT_BUNDLE_MISNAMED, BUNDLE_FLAW_ID},
	    {OBJECT_BUNDLE_ENDLESS, BUNDLE_FLAW_NO_END},
	    {OBJECT_BUNDLE_MISNUMBERED, BUNDLE_FLAW_NUMBER},
	};
	enum bundle_flaw flaw = BUNDLE_FLAW_NONE;
	struct bundle_objects within;
	struct making answering = *m;
	int rc;

	if (m->o->base == OBJECT_BUNDLE_OWN || m->o->base == OBJECT_BUNDLE_STRAY ||
	    refusal_of(m->o->base) != RXP_REFUSAL_COUNT)
		answering.own = m->other;
	if (answering.own != m->own && m->o->base != OBJECT_BUNDLE_STRAY)
		answering.other = m->own;
	for (size_t i = 0; i < sizeof flaws / sizeof flaws[0]; i++)
		if (flaws[i].base == m->o->base)
			flaw = flaws[i].flaw;
	rxp_buf_init(&within.answer, RXP_MAX_ANSWER_OCTETS);
	rxp_buf_init(&within.page, RXP_MAX_LOG_PAGE_OCTETS);
	rc = make_answer(&within.answer, &answering);
	if (rc == 0)
		rc = change(&within.answer, m->o, NULL);
	if (rc == 0 && (m->o->base == OBJECT_BUNDLE_LOG || flaw == BUNDLE_FLAW_NUMBER))
		rc = make_log_page(&within.page, m);
	if (rc == 0)
		rc = bundle_make(out, m->own, m->other, &within, m->now_ms, flaw);
	rxp_buf_free(&within.answer);
	rxp_buf_free(&within.page);
	return rc;
}

static const struct {
	const char *words;
	int (*make)(struct rxp_buf *out, const struct making *m);
} bases[] = {
#define OBJECT_BASE(name, words, make) [OBJECT_##name] = {words, make},
#include "conformance/document/object_base.def"
#undef OBJECT_BASE
};

const char *object_words(enum object_base base)
{
	if ((unsigned)base >= OBJECT_BASE_COUNT)
		abort();
	return bases[base].words;
}

int object_make(struct rxp_buf *out, const struct object *o, const struct state *own,
    const struct state *other, int64_t now_ms)
{
	const struct making m = {o, own, other, now_ms};
	bool draft = o->base == OBJECT_PROFILE_DRAFT || o->base == OBJECT_CALENDAR_DRAFT;
	int rc = bases[o->base].make(out, &m);

	/* A part of a descriptor, or the answer in a bundle, was changed before it went in. */
	if (bases[o->base].make == make_descriptor || bases[o->base].make == make_next ||
	    bases[o->base].make == make_bundle)
		return rc;
	return rc == 0 ? change(out, o, draft ? NULL : own->seal.key) : rc;
}
