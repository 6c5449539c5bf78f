#include "protocol/safeguard/safeguard_run.h"

#include <stdio.h>
#include <string.h>

#include <libxml/tree.h>

#include "protocol/base/limits.h"
#include "protocol/base/timestamp.h"
#include "protocol/xml/place.h"
#include "protocol/xml/xml.h"

#define DAY_MS INT64_C(86400000)

static const struct _xmlNode *root_of(const struct safeguard_run *r, const struct _xmlNode *element)
{
	for (; element != NULL; element = element->parent)
		if (element == r->manifest)
			return r->manifest;
	return r->content;
}

void safeguard_fault(struct safeguard_run *r, enum rxp_safeguard rule,
    const struct _xmlNode *element, const char *missing)
{
	char place[RXP_PLACE_TEXT];
	size_t len;

	if (rxp_safeguard_row(rule)->judged > r->context->judged)
		return;
	if (r->faults++ >= RXP_MAX_REPORTS || r->report == NULL || element == NULL)
		return;
	rxp_place_write(place, root_of(r, element), element);
	len = strlen(place);
	if (missing != NULL)
		snprintf(place + len, sizeof place - len, "/%s", missing);
	r->report(r->arg, rule, rxp_xml_line(element), place);
}

const struct _xmlNode *safeguard_child(const struct _xmlNode *element, const char *name)
{
	return rxp_xml_child(element, SAFEGUARD_NS, name);
}

void safeguard_day(char out[SAFEGUARD_DAY_TEXT], const struct safeguard_run *r, int days)
{
	int64_t ms = r->context->created_ms + days * DAY_MS;
	char text[RXP_TIME_TEXT];

	if (ms < 0)
		ms = 0;
	if (ms > RXP_MAX_TIME_MS)
		ms = RXP_MAX_TIME_MS;
	rxp_time_text(text, ms);
	memcpy(out, text, SAFEGUARD_DAY_TEXT - 1);
	out[SAFEGUARD_DAY_TEXT - 1] = '\0';
}
