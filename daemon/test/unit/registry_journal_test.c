/*
 * Goals of the journal, with everything around the registry played (RXP-JRN-001 to 005): each thing done is
 * one entry, numbered without a gap, with user, role, action, reason, peer, case and message; its head is the
 * hash of the one before and of the lines that the specification names, also after a start; pages by case, by
 * user and by time; what is refused leaves no entry.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_case_rig.h"

#include <openssl/evp.h>

#include "daemon/base/journal.h"
#include "protocol/base/timestamp.h"

#define ROWS_MAX 16

static size_t page(struct world *w, const struct msg_journal_list *m,
    struct rec_journal_row rows[ROWS_MAX], uint32_t *more)
{
	const struct world_answer *a = world_ask(w, IPC_journal_list, m);
	struct record_cursor c = {a->octets, a->len};
	struct bytes fields;
	uint16_t tag;
	size_t n = 0;

	assert_int_equal(a->result, 0);
	while (record_list_next(&c, &tag, &fields) == 1) {
		assert_true(n < ROWS_MAX);
		assert_int_equal(
		    record_decode(&rows[n++], &record_journal_row, fields.data, fields.len), 0);
	}
	*more = a->more;
	return n;
}

/* As the specification writes the lines, and not as the code does. */
static void assert_chained(const struct rec_journal_row *r, const uint8_t before[32])
{
	static const uint8_t none[16];
	char case_text[RXP_ID_TEXT] = "", id_text[RXP_ID_TEXT] = "", time[32], text[1024];
	uint8_t octets[1100], head[32];
	int n;

	if (memcmp(r->case_id, none, sizeof none) != 0)
		rxp_id_text(case_text, r->case_id);
	if (memcmp(r->local_id, none, sizeof none) != 0)
		rxp_id_text(id_text, r->local_id);
	rxp_time_text(time, r->at_ms);
	n = snprintf(text, sizeof text, "%u\n%s\n%s\n%s\n%s\n%s\n%s\n%s\n%s\n%u\n", (unsigned)r->n,
	    time, r->user, r->role, r->action, r->reason, r->peer, case_text, id_text, r->number);
	memcpy(octets, before, 32);
	memcpy(octets + 32, text, (size_t)n);
	assert_int_equal(EVP_Digest(octets, 32 + (size_t)n, head, NULL, EVP_sha256(), NULL), 1);
	assert_memory_equal(head, r->head, sizeof head);
}

struct scene {
	uint8_t case_id[16], id[16];
};

/* peer-add, message-submit, content-read, then what is refused: an unknown message, no reason. */
static void play(struct world *w, struct scene *s)
{
	struct msg_content_get read = {.user = "uid:7", .reason = "review"};

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	case_accepted(w, "key-1", s->case_id, "ReadmissionApplication",
	    case_facts("apply", 1, 2, NULL), s->id);
	world_delivered(w, 1);
	memcpy(read.local_id, s->id, sizeof read.local_id);
	assert_int_equal(world_ask(w, IPC_content_get, &read)->result, 0);
	read.reason[0] = '\0';
	assert_int_equal((int)world_ask(w, IPC_content_get, &read)->result, RXP_ERR_SYNTAX);
	snprintf(read.reason, sizeof read.reason, "review");
	read.local_id[15] ^= 1;
	assert_int_equal((int)world_ask(w, IPC_content_get, &read)->result, RXP_ERR_NOT_FOUND);
}

static void test_entries(void **state)
{
	struct world *w = *state;
	struct rec_journal_row rows[ROWS_MAX];
	const uint8_t zeros[32] = {0};
	struct scene s = {{0}, {0}};
	uint32_t more;
	size_t n;

	play(w, &s);
	for (int i = 0; i < 2; i++) {
		n = page(w, &(struct msg_journal_list){.limit = ROWS_MAX}, rows, &more);
		assert_int_equal(n, 3);
		assert_int_equal(more, 0);
		for (size_t k = 0; k < n; k++) {
			assert_int_equal(rows[k].n, k + 1);
			assert_chained(&rows[k], k > 0 ? rows[k - 1].head : zeros);
		}
		assert_string_equal(rows[0].action, "peer-add");
		assert_string_equal(rows[0].role, "operate");
		assert_memory_equal(rows[0].case_id, zeros, 16);
		assert_string_equal(rows[1].action, "message-submit");
		assert_string_equal(rows[1].role, "submit");
		assert_string_equal(rows[2].action, "content-read");
		assert_string_equal(rows[2].user, "uid:7");
		assert_string_equal(rows[2].role, "receive");
		assert_string_equal(rows[2].reason, "review");
		assert_string_equal(rows[2].peer, PEER);
		assert_memory_equal(rows[2].case_id, s.case_id, 16);
		assert_memory_equal(rows[2].local_id, s.id, 16);
		world_restart(w);
	}
}

static void test_pages(void **state)
{
	struct world *w = *state;
	struct rec_journal_row rows[ROWS_MAX] = {{.n = 0}};
	struct scene s = {{0}, {0}};
	struct msg_journal_list q = {.limit = 2};
	uint32_t more;
	int64_t last_ms;

	play(w, &s);
	assert_int_equal(page(w, &q, rows, &more), 2);
	assert_int_equal(more, 1);
	q.after = 2;
	assert_int_equal(page(w, &q, rows, &more), 1);
	assert_int_equal(more, 0);
	last_ms = rows[0].at_ms;
	q = (struct msg_journal_list){.user = "uid:7"};
	assert_int_equal(page(w, &q, rows, &more), 1);
	assert_int_equal(rows[0].n, 3);
	q = (struct msg_journal_list){.limit = 9};
	memcpy(q.case_id, s.case_id, sizeof q.case_id);
	assert_int_equal(page(w, &q, rows, &more), 2);
	snprintf(q.user, sizeof q.user, "uid:7");
	assert_int_equal(page(w, &q, rows, &more), 1);
	q.case_id[0] ^= 1;
	assert_int_equal(page(w, &q, rows, &more), 0);
	q = (struct msg_journal_list){.since_ms = last_ms + 1};
	assert_int_equal(page(w, &q, rows, &more), 0);
	q.since_ms = last_ms;
	assert_true(page(w, &q, rows, &more) >= 1);
}

/* Each action has a word and a role of its own, each reason is one. */
static void test_words(void **state)
{
	unsigned n = 0;

	(void)state;
	for (int i = 0; i < JOURNAL_ACTIONS; i++) {
		assert_true(journal_action_word((enum journal_action)i)[0] != '\0');
		assert_true(journal_action_role((enum journal_action)i) < API_ROLES);
	}
	for (; journal_reason(n) != NULL; n++)
		assert_true(journal_reason_is(journal_reason(n)));
	assert_int_equal(n, 6);
	assert_false(journal_reason_is(""));
	assert_false(journal_reason_is("case work"));
	assert_false(journal_reason_is("CASE-WORK"));
}

int main(void)
{
#define WORLD_TEST(t) cmocka_unit_test_setup_teardown(t, world_set_up, world_tear_down)
	const struct CMUnitTest tests[] = {
	    WORLD_TEST(test_entries),
	    WORLD_TEST(test_pages),
	    cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
