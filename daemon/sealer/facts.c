#include "daemon/sealer/facts.h"

#include <stdio.h>
#include <string.h>

#include "daemon/base/record.h"
#include "protocol/base/buf.h"
#include "protocol/case/correction.h"
#include "protocol/case/listed.h"
#include "protocol/document/facts.h"
#include "protocol/xml/place.h"

static const char *event_word(uint8_t event)
{
	return rxp_case_event_row((enum rxp_case_event)event)->word;
}

/* What is said of times, if anything is. */
static void put_times(struct rxp_buf *out, unsigned key, int32_t stated_day, int64_t at_ms)
{
	const struct rec_fact_times times = {
	    .person = key, .stated_day = (uint32_t)stated_day, .at_ms = at_ms};

	if (stated_day != 0 || at_ms != 0)
		record_list_put(out, REC_fact_times, &record_fact_times, &times);
}

static void put_person(struct rxp_buf *out, unsigned key, uint8_t event, rxp_traits traits)
{
	struct rec_fact_person person = {.person = key};
	struct rec_fact_trait mark = {.person = key};

	snprintf(person.event, sizeof person.event, "%s", event_word(event));
	record_list_put(out, REC_fact_person, &record_fact_person, &person);
	for (unsigned trait = 0; trait < RXP_CASE_TRAIT_COUNT; trait++) {
		if ((traits & (rxp_traits)1 << trait) == 0)
			continue;
		snprintf(mark.trait, sizeof mark.trait, "%s",
		    rxp_case_trait_name((enum rxp_case_trait)trait));
		record_list_put(out, REC_fact_trait, &record_fact_trait, &mark);
	}
}

/* So that they can be held against the profile (RXP-PRF-027), and an emergency stop of a crossing point finds the
 * document (RXP-HLD-009). */
static void put_named(struct rxp_buf *out, const struct _xmlNode *content)
{
	const struct rxp_listed_row *row = NULL;
	const struct _xmlNode *e = content;

	while ((e = rxp_listed_next(&row, content, e)) != NULL) {
		struct rec_fact_named named;
		char value[RXP_LISTED_TEXT], path[RXP_PLACE_TEXT];

		if (rxp_listed_value(value, row, e) != 0)
			continue;
		rxp_place_write(path, content, e);
		snprintf(named.element, sizeof named.element, "%s", rxp_listed_element(row->kind));
		snprintf(named.parent, sizeof named.parent, "%s", row->parent);
		snprintf(named.value, sizeof named.value, "%s", value);
		named.path = (struct bytes){.data = (const uint8_t *)path, .len = strlen(path)};
		record_list_put(out, REC_fact_named, &record_fact_named, &named);
	}
}

static void put_item(struct rxp_buf *out, size_t i, const char *word, bool all)
{
	struct rec_fact_item item = {.number = (uint32_t)i + 1, .all = all};

	snprintf(item.word, sizeof item.word, "%s", word);
	record_list_put(out, REC_fact_item, &record_fact_item, &item);
}

/* So that what is answered can be held against what was done (RXP-COR-013). */
static int put_items(struct rxp_buf *out, enum rxp_type type, const struct _xmlNode *content)
{
	struct rxp_correction_item asked[RXP_MAX_CORRECTION_ITEMS];
	enum rxp_answered answered[RXP_MAX_CORRECTION_ITEMS];
	size_t n = 0;
	int rc = 0;

	if (type == RXP_TYPE_DATA_CORRECTION) {
		rc = rxp_correction_read(asked, &n, content);
		for (size_t i = 0; i < n; i++)
			put_item(out, i, rxp_asked_word(asked[i].asked), asked[i].field == NULL);
	} else if (type == RXP_TYPE_DATA_CORRECTION_REPLY) {
		rc = rxp_correction_reply_read(answered, &n, content);
		for (size_t i = 0; i < n; i++)
			put_item(out, i, rxp_answered_word(answered[i]), false);
	}
	return rc;
}

static int put(
    struct rxp_buf *out, const struct rxp_case_document *facts, const struct _xmlNode *content)
{
	struct rec_fact_about about;
	struct rec_fact_all all;
	int rc;

	for (unsigned i = 0; i < facts->n_persons; i++) {
		put_person(
		    out, facts->persons[i].key, facts->persons[i].event, facts->persons[i].gives);
		put_times(out, facts->persons[i].key, facts->persons[i].stated_day,
		    facts->persons[i].at_ms);
	}
	if (!rxp_case_type(facts->type)->names_persons) {
		snprintf(all.event, sizeof all.event, "%s", event_word(facts->event));
		record_list_put(out, REC_fact_all, &record_fact_all, &all);
		put_times(out, 0, facts->stated_day, 0);
	}
	if (facts->has_about) {
		memcpy(about.document, facts->about, sizeof about.document);
		record_list_put(out, REC_fact_about, &record_fact_about, &about);
	}
	put_named(out, content);
	rc = put_items(out, facts->type, content);
	return rc != 0 ? rc : rxp_buf_error(out);
}

int facts_put(struct rxp_buf *out, const struct rxp_document *document)
{
	struct rxp_case_document facts;
	int rc = rxp_facts_read(&facts, document);

	return rc != 0 ? rc : put(out, &facts, document->content);
}

int facts_put_content(struct rxp_buf *out, enum rxp_type type, const struct _xmlNode *content)
{
	struct rxp_case_document facts;
	int rc = rxp_facts_content(&facts, type, content);

	return rc != 0 ? rc : put(out, &facts, content);
}
