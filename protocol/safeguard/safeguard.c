#include "protocol/safeguard/safeguard.h"

#include <stddef.h>

#include "protocol/base/err.h"
#include "protocol/safeguard/safeguard_country.h"
#include "protocol/safeguard/safeguard_person.h"
#include "protocol/safeguard/safeguard_run.h"
#include "protocol/safeguard/safeguard_text.h"
#include "protocol/xml/xml.h"

#define RXP_TYPE_ANY RXP_TYPE_COUNT

static const struct {
	unsigned type;
	const char *name;
	safeguard_check *check;
} checks[] = {
#define SAFEGUARD_CHECK(type, element, check) {RXP_TYPE_##type, (element), safeguard_check_##check},
#include "protocol/safeguard/safeguard.def"
};

static void check_element(struct safeguard_run *r, const struct _xmlNode *element)
{
	for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++)
		if ((checks[i].type == RXP_TYPE_ANY || checks[i].type == (unsigned)r->type) &&
		    rxp_xml_is(element, SAFEGUARD_NS, checks[i].name))
			checks[i].check(r, element);
	safeguard_check_country(r, element);
	safeguard_check_words(r, element);
}

int rxp_safeguards_check(const struct rxp_safeguard_context *context,
    const struct _xmlNode *content, const struct _xmlNode *attachments,
    rxp_safeguard_report *report, void *arg)
{
	struct safeguard_run r = {.context = context,
	    .content = content,
	    .manifest = attachments,
	    .report = report,
	    .arg = arg};
	const struct _xmlNode *element = content;

	if (rxp_type_parse(&r.type, rxp_xml_name(content)) != 0)
		return RXP_ERR_NOT_ACCEPTABLE; /* nobody can say what protects whom in it */
	do
		check_element(&r, element);
	while ((element = rxp_xml_below(content, element)) != NULL);
	safeguard_check_statements(&r);
	return r.faults > 0 ? RXP_ERR_NOT_ACCEPTABLE : 0;
}
