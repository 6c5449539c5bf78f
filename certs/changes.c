#include "certs/changes.h"

#include <stdio.h>
#include <string.h>

#include "certs/file.h"
#include "certs/report.h"
#include "certs/signing.h"
#include "protocol/base/timestamp.h"
#include "protocol/peering/descriptor.h"
#include "protocol/peering/descriptor_diff.h"
#include "protocol/seal/cert.h"

static int print_one(void *arg, enum rxp_change change, bool added, const char *value)
{
	size_t *told = arg;

	printf("%c %s %s\n", added ? '+' : '-', rxp_change_text(change, added), value);
	++*told;
	return 0;
}

int changes_print(const struct rxp_descriptor *before, const struct rxp_descriptor *after)
{
	size_t told = 0;
	int rc = rxp_descriptor_diff(before, after, print_one, &told);

	if (rc == 0 && told == 0)
		printf("it says nothing else\n");
	return rc;
}

int changes_of_next(const struct signing *s, const char *previous)
{
	struct rxp_descriptor after = {.identity = s->identity}; /* borrowed: not to be freed */
	struct rxp_descriptor *before = NULL;
	char created[RXP_TIME_TEXT];
	struct rxp_buf file;
	int rc;

	rxp_buf_init(&file, RXP_MAX_DESCRIPTOR_OCTETS);
	rc = file_read(&file, previous);
	if (rc == 0)
		rc = rxp_descriptor_open(&before, file.data, file.len, NULL);
	rxp_buf_free(&file);
	if (rc != 0)
		return report_failure(previous, rc);
	rxp_cert_spki_digest(s->root_cert, after.root);
	rxp_time_text(created, after.identity.created_ms);
	printf("%s, identity part %llu of %s\n", after.identity.party,
	    (unsigned long long)after.identity.serial, created);
	rc = changes_print(before, &after);
	rxp_descriptor_free(before);
	return report_failure("identity part", rc);
}
