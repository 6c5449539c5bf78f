/*
 * Input: typed content, as the ministry's own systems hand it to the desk, or a peer seals it.
 * Promise: what a receiver would refuse its sender's desk refuses too; each rule that is told is one that the
 * side judges, at a place of names alone, and there are as many as the bound lets there be.
 * seeds: spec/examples spec/examples/invalid
 */
#include <string.h>

#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/document/rules.h"
#include "protocol/safeguard/safeguard.h"
#include "protocol/test/fuzz/fuzz.h"
#include "protocol/xml/schema.h"
#include "protocol/xml/xml.h"

/* 2026-12-11, a day after the attestations of the examples. */
#define CREATED_MS INT64_C(1797000000000)

static const char *const centres[] = {"specimen street"};

struct told {
	enum rxp_safeguard_judged judged;
	unsigned n;
};

static void look(void *arg, enum rxp_safeguard rule, unsigned long line, const char *path)
{
	struct told *t = arg;

	(void)line;
	MUST(t->judged == RXP_SAFEGUARD_SENDER ||
	     rxp_safeguard_row(rule)->judged == RXP_SAFEGUARD_BOTH);
	MUST(path[0] != '\0' && strpbrk(path, "<>& \n") == NULL);
	MUST(++t->n <= RXP_MAX_REPORTS);
}

/* With and without telling, the verdict is the same. */
static int judge(enum rxp_safeguard_judged judged, bool test_node, const struct _xmlNode *content)
{
	const struct rxp_safeguard_context context = {.judged = judged,
	    .created_ms = CREATED_MS,
	    .test_node = test_node,
	    .officer = "S-3001",
	    .second_officer = "S-3002",
	    .centres = centres,
	    .n_centres = sizeof centres / sizeof centres[0]};
	struct told told = {.judged = judged};
	int rc = rxp_safeguards_check(&context, content, NULL, look, &told);

	MUST(rc == 0 || rc == RXP_ERR_NOT_ACCEPTABLE);
	MUST((rc == 0) == (told.n == 0));
	MUST(rxp_safeguards_check(&context, content, NULL, NULL, NULL) == rc);
	return rc;
}

static void judge_both(bool test_node, const struct _xmlNode *content)
{
	int receiver = judge(RXP_SAFEGUARD_BOTH, test_node, content);
	int sender = judge(RXP_SAFEGUARD_SENDER, test_node, content);

	MUST(receiver == 0 || sender != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
	struct rxp_xml *xml = NULL;
	struct _xmlNode *root;

	fuzz_state();
	if (len > 0 && octets[len - 1] == '\n')
		len--;
	if (rxp_xml_parse(&xml, octets, len, RXP_MAX_DOCUMENT_OCTETS, RXP_XML_BODY) != 0)
		return 0;
	root = rxp_xml_root(xml);
	if (strcmp(rxp_xml_namespace(root), "urn:rxp:1:body") == 0 &&
	    rxp_schema_validate_element(root, NULL, NULL) == 0 &&
	    rxp_rules_check(root, NULL, NULL, NULL) == 0) {
		judge_both(false, root);
		judge_both(true, root);
	}
	rxp_xml_free(xml);
	return 0;
}
