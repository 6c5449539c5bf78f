#include "certs/identity.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "certs/changes.h"
#include "certs/file.h"
#include "certs/options.h"
#include "certs/report.h"
#include "certs/signing.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/ident.h"
#include "protocol/base/limits.h"
#include "protocol/peering/descriptor.h"
#include "protocol/seal/cert.h"

/* What each option means for the part, in this order; `otherwise` stands in where a first part is given none; `empty`
 * takes away what a further part inherited, if the option is given at all. */
struct taker {
	enum option option;
	bool is_file;
	signing_fn *take;
	const char *otherwise;
	void (*empty)(struct rxp_identity *i);
};

static void no_endpoints(struct rxp_identity *i)
{
	i->n_endpoints = 0;
}

static void no_offices(struct rxp_identity *i)
{
	i->n_offices = 0;
}

static void no_office_keys(struct rxp_identity *i)
{
	rxp_office_keys_clear(&i->office_keys);
}

static void no_levels(struct rxp_identity *i)
{
	i->levels = 0;
}

static int take_pulls(struct signing *s, const char *value)
{
	(void)value;
	s->identity.n_endpoints = 0;
	return 0;
}

static const struct taker takers[] = {
    {OPTION_RETIRE_SEAL, true, signing_leave_seal, NULL, NULL},
    {OPTION_RETIRE_TLS, true, signing_leave_pin, NULL, NULL},
    {OPTION_SEAL_CERT, true, signing_add_seal, NULL, NULL},
    {OPTION_TLS_CERT, true, signing_add_pin, NULL, NULL},
    {OPTION_PULLS, false, take_pulls, NULL, NULL},
    {OPTION_ENDPOINT, false, signing_add_endpoint, NULL, no_endpoints},
    {OPTION_OFFICE, false, signing_add_office, "NODE", no_offices},
    {OPTION_OFFICE_KEY, true, signing_add_office_key, NULL, no_office_keys},
    {OPTION_LEVEL, false, signing_add_level, "Core", no_levels},
    {OPTION_NEXT_ROOT, true, signing_next_root, NULL, NULL},
    {OPTION_REVOKED_SINCE, false, signing_revoked_since, NULL, NULL},
};

#define N_TAKERS (sizeof takers / sizeof takers[0])

static int take(struct signing *s, const struct options *o, const struct taker *t)
{
	size_t n = o->count[t->option];
	int rc = 0;

	if (n > 0 && t->empty != NULL)
		t->empty(&s->identity);
	for (size_t k = 0; k < n && rc == 0; k++)
		rc = t->take(s, o->values[t->option][k]);
	return rc;
}

/* --- a part of which everything is given -------------------------------------------------------- */

static int check_party(const struct options *o)
{
	const char *party = options_value(o, OPTION_PARTY);

	return rxp_party_valid(party) ? 0 : report_wrong(party, IDENTITY_PARTY_WORDS);
}

static int take_whole(struct signing *s, const struct options *o, bool files)
{
	int rc = 0;

	for (size_t i = 0; i < N_TAKERS && rc == 0; i++) {
		const struct taker *t = &takers[i];

		if (t->is_file && !files)
			continue;
		rc = take(s, o, t);
		if (rc == 0 && o->count[t->option] == 0 && t->otherwise != NULL)
			rc = t->take(s, t->otherwise);
	}
	return rc;
}

int identity_check(const struct options *o)
{
	struct signing s;
	int rc;

	signing_begin(&s);
	rc = check_party(o);
	if (rc == 0)
		rc = take_whole(&s, o, false);
	signing_clear(&s);
	return rc;
}

/* Continue the chain before, which must be the party's, or begin one. */
static int begin_chain(struct signing *s, const struct options *o)
{
	const char *party = options_value(o, OPTION_PARTY);
	const char *previous = options_value(o, OPTION_PREVIOUS);
	int rc = check_party(o);

	if (rc == 0 && previous != NULL)
		rc = signing_previous(s, previous);
	if (rc == 0 && previous != NULL && strcmp(s->identity.party, party) != 0)
		return report_wrong(previous, "is of another party");
	if (rc == 0) {
		memcpy(s->identity.party, party, RXP_PARTY_TEXT);
		s->identity.test = rxp_party_is_test(party);
	}
	return rc;
}

static int write_file(struct signing *s, const struct options *o)
{
	const char *out = options_value(o, OPTION_OUT);
	struct rxp_buf file;
	int rc;

	rxp_buf_init(&file, RXP_MAX_DESCRIPTOR_OCTETS);
	rc = signing_seal(s, o, &file);
	if (rc == 0)
		rc = report_failure(out, file_create(out, &file));
	rxp_buf_free(&file);
	return rc;
}

int identity_sign(const struct options *o)
{
	struct signing s;
	int rc;

	signing_begin(&s);
	if ((rc = begin_chain(&s, o)) == 0 && (rc = take_whole(&s, o, true)) == 0 &&
	    (rc = signing_root(&s, o)) == 0)
		rc = write_file(&s, o);
	signing_clear(&s);
	return rc;
}

/* --- the next part: what the one before says, but for what is given ------------------------------ */

/* May this root seal it (RXP-DSC-004)? One that was announced is no longer the next one when it does, and else is
 * announced again (RXP-DSC-025). */
static int check_root(struct signing *s, const struct options *o)
{
	const char *path = options_value(o, OPTION_ROOT_CERT);
	struct rxp_identity *i = &s->identity;
	uint8_t root[RXP_DIGEST_OCTETS];

	rxp_cert_spki_digest(s->root_cert, root);
	if (i->has_next_root && memcmp(root, i->next_root, sizeof root) == 0) {
		i->has_next_root = false;
		return 0;
	}
	if (memcmp(root, s->before->root, sizeof root) == 0)
		return 0;
	return report_wrong(path,
	    i->has_next_root
		? "is neither the root of the part before nor the one that it announced"
		: "is not the root of the part before, which announced none: see root announce");
}

/* Everything short of sealing. */
static int prepare_next(struct signing *s, const struct options *o)
{
	int rc = signing_previous(s, options_value(o, OPTION_PREVIOUS));

	if (rc != 0)
		return rc;
	signing_inherit(s);
	if ((rc = signing_root(s, o)) != 0 || (rc = check_root(s, o)) != 0)
		return rc;
	for (size_t i = 0; i < N_TAKERS && rc == 0; i++)
		rc = take(s, o, &takers[i]);
	return rc;
}

/* Words first, and the seal only if it was asked for (RXP-DSC-033). */
static int show_and_seal(struct signing *s, const struct options *o)
{
	int rc = changes_of_next(s, options_value(o, OPTION_PREVIOUS));

	if (rc != 0)
		return rc;
	if (o->count[OPTION_YES] == 0) {
		printf("nothing was signed; if this is what shall change: again, with --yes\n");
		return 0;
	}
	if (o->count[OPTION_OUT] == 0 || o->count[OPTION_ROOT_KEY] == 0)
		return report_wrong("--yes", "to sign it takes --root-key and --out");
	return write_file(s, o);
}

int identity_next(const struct options *o)
{
	struct signing s;
	int rc;

	signing_begin(&s);
	rc = prepare_next(&s, o);
	if (rc == 0)
		rc = show_and_seal(&s, o);
	signing_clear(&s);
	return rc;
}

int root_change(const struct options *o)
{
	struct signing s;
	uint8_t root[RXP_DIGEST_OCTETS];
	int rc;

	signing_begin(&s);
	rc = prepare_next(&s, o);
	if (rc == 0) {
		rxp_cert_spki_digest(s.root_cert, root);
		if (memcmp(root, s.before->root, sizeof root) == 0)
			rc = report_wrong(options_value(o, OPTION_ROOT_CERT),
			    "is the root of the part before: the new one is meant");
	}
	if (rc == 0)
		rc = show_and_seal(&s, o);
	signing_clear(&s);
	return rc;
}
