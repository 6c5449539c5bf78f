#include "daemon/test/unit/registry_given_rig.h"

#include "daemon/registry/store/store_history.h"

#define REQUEST "HistoryRequest"
#define COPY "HistoryCopy"

/* For all, or for n cases, one id behind the other. */
struct fake_envelope given_request(uint8_t id, const uint8_t *cases, size_t n)
{
	struct rec_node_history_request says = {.cases = {cases, n * 16}};
	struct fake_envelope e = world_envelope(id);
	struct rxp_buf list;

	snprintf(e.type, sizeof e.type, REQUEST);
	rxp_buf_init(&list, sizeof e.facts);
	assert_int_equal(
	    record_list_put(&list, REC_node_history_request, &record_node_history_request, &says),
	    0);
	memcpy(e.facts, list.data, list.len);
	e.facts_len = (uint32_t)list.len;
	rxp_buf_free(&list);
	return e;
}

void given_asks(struct world *w, uint8_t id, const uint8_t *case_id)
{
	struct fake_envelope e = given_request(id, case_id, case_id != NULL);

	assert_int_equal(world_admit(w, &e)->http_status, 200);
}

void given_asks_in_vain(struct world *w, uint8_t id)
{
	struct fake_envelope e = given_request(id, NULL, 0);

	assert_int_equal(world_admit(w, &e)->http_status, 503);
	assert_int_equal(w->last_seal.refusal, 1 + (uint32_t)RXP_REFUSAL_BUSY);
	assert_string_equal(w->last_seal.requirement, "RXP-HIS-010");
	assert_true(w->last_seal.retry_ms > clock_wall_ms());
}

struct rec_node_history_copy given_in(const struct fake_envelope *e)
{
	struct record_cursor c = {.at = e->facts, .left = e->facts_len};
	struct rec_node_history_copy says;
	struct bytes fields;
	uint16_t tag;

	assert_string_equal(e->type, COPY);
	assert_int_equal(record_list_next(&c, &tag, &fields), 1);
	assert_int_equal(tag, REC_node_history_copy);
	assert_int_equal(
	    record_decode(&says, &record_node_history_copy, fields.data, fields.len), 0);
	return says;
}

static uint8_t first_id[16]; /* of the peer's first document of their_case */

static int note_first(void *arg, const struct store_document *d)
{
	(void)arg;
	if (!d->own && d->place.position == 1)
		memcpy(first_id, d->local_id, sizeof first_id);
	return 0;
}

void given_correct(struct world *w, const uint8_t *case_id, const char *what)
{
	struct msg_content_correct m = {.user = "uid:9"};

	assert_int_equal(store_case_documents(
			     store_db(w->assembly->node.store), PEER, case_id, note_first, NULL),
	    0);
	snprintf(m.what, sizeof m.what, "%s", what);
	memcpy(m.local_id, first_id, sizeof m.local_id);
	assert_int_equal(world_ask(w, IPC_content_correct, &m)->result, 0);
}
