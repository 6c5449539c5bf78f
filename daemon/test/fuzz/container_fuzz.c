/*
 * Input: a file that is to be a container of evidence, as a stranger gives it to readmit-verify.
 * Promise: what is read has allowed names, each once, and no more octets than its limits allow; written and
 * read again it is the same. Whatever is read is judged, and never called verified with a problem.
 * links: evidence
 */
#include <string.h>

#include "daemon/evidence/container_zip.h"
#include "protocol/base/buf.h"
#include "protocol/base/limits.h"
#include "protocol/evidence/dossier.h"
#include "protocol/test/fuzz/fuzz.h"

static void no_matter(void *arg, const char *entry, const char *text)
{
	MUST(entry[0] != '\0' && text[0] != '\0');
	(*(size_t *)arg)++;
}

static void judge(const struct rxp_container *c)
{
	struct rxp_dossier d;
	size_t told = 0;

	if (rxp_dossier_check(&d, c, RXP_DOSSIER_WHOLE, NULL, NULL, 0, no_matter, &told) != 0)
		return;
	MUST(told == d.n_problems);
	MUST(d.n_problems > 0 || (d.signer != NULL && d.n_verified == d.n));
	rxp_dossier_clear(&d);
}

static void compare(const struct rxp_container *c, const struct rxp_container *again)
{
	MUST(c->n == again->n);
	for (size_t i = 0; i < c->n; i++) {
		const struct rxp_entry *e = &c->entries[i];
		struct rxp_evidence_name name;

		MUST(rxp_evidence_name_parse(&name, e->name) == 0 && e->octets.len <= name.octets);
		MUST(i == 0 || strcmp(c->entries[i - 1].name, e->name) < 0);
		MUST(strcmp(e->name, again->entries[i].name) == 0 &&
		     e->octets.len == again->entries[i].octets.len);
		MUST(e->octets.len == 0 ||
		     memcmp(e->octets.data, again->entries[i].octets.data, e->octets.len) == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
	struct rxp_container c, again;
	struct container_fault why;
	struct rxp_buf written;

	fuzz_state();
	rxp_container_init(&c);
	rxp_container_init(&again);
	rxp_buf_init(&written, RXP_MAX_CONTAINER_OCTETS);
	if (container_zip_read(&c, &why, octets, len) != 0) {
		MUST(why.text != NULL);
	} else if (c.n > 0) {
		MUST(c.octets <= RXP_MAX_CONTAINER_OCTETS);
		MUST(container_zip_write(&written, &c) == 0);
		MUST(container_zip_read(&again, &why, written.data, written.len) == 0);
		compare(&c, &again);
		judge(&c);
	}
	rxp_buf_free(&written);
	rxp_container_clear(&again);
	rxp_container_clear(&c);
	return 0;
}
