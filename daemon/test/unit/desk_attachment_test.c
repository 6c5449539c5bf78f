/*
 * desk_attachment_test - goals: files through the desk, with registry and sealers played:
 *   a file of any length up to the bound is cut, sealed in order, written, and comes out the same;
 *     a full last segment is the last
 *   a file with a part off its allow-list, wherever it stands and however it is cut, a file of another
 *     type, one cut short and an empty one are refused with the place, and nothing is kept
 *   one segment is in work at a time; a body without a length, in small chunks, is the same file
 *   too long, wrong parameters, too many at a time, a step that fails, a client that goes away: the
 *     answer is a problem, and what the registry opened is given up, once
 *   coming out: a damaged ciphertext gives no octet; a wrong tag, length or digest of the file cuts
 *     the connection before the end
 * links: desk
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/test/unit/desk_shelf.h"

static const size_t LENGTHS[] = {
    LEAST, LEAST + 1, 4096, SEGMENT - 1, SEGMENT, SEGMENT + 1, 2 * SEGMENT, 3 * SEGMENT - 7};

#define N_LENGTHS (sizeof(LENGTHS) / sizeof(LENGTHS[0]))

static void there_and_back(void **state)
{
	struct fixture *f = *state;
	struct office *o = f->more;
	unsigned status;

	for (size_t i = 0; i < N_LENGTHS; i++) {
		size_t len = LENGTHS[i];

		o->segments = 0;
		assert_kept(f, upload(f, QUERY, len, 0), len);
		assert_int_equal(o->segments, attachment_segments(len));
		assert_kept(f, upload(f, QUERY, len, 70001), len);
		row_as_told(o);
		assert_int_equal(
		    fetch(f, GET_FILE("/v1/messages/" ID "/attachments/7"), &status), len);
		assert_int_equal(status, 200);
		assert_int_equal(
		    fetch(f, GET_FILE("/v1/inbox/" ID "/attachments/7"), &status), len);
		assert_string_equal(o->reason, "incident");
	}
	assert_kept(f, upload(f, QUERY, 9001, 1), 9001);
	assert_string_equal(o->facts.type, "photograph");
	assert_string_equal(o->facts.media_type, "image/jpeg");
	assert_string_equal(o->facts.checked_by, "return-officer");
	assert_int_equal(o->dropped, 0);
	assert_int_equal(f->api.uploads, 0);
	assert_int_equal(f->api.downloads, 0);
}

static void headers_of_a_file(void **state)
{
	struct fixture *f = *state;
	struct office *o = f->more;
	const char *a;

	assert_int_equal(status_of(upload(f, QUERY, 50, 0)), 201);
	row_as_told(o);
	a = exchange(f, GET_FILE("/v1/messages/" ID "/attachments/7"));
	assert_non_null(strstr(a, "\r\nContent-Type: image/jpeg\r\n"));
	assert_non_null(strstr(a, "\r\nContent-Length: 50\r\n"));
	assert_non_null(strstr(a, "\r\nCache-Control: no-store\r\n"));
	a = exchange(f, GET("/v1/messages/" ID "/attachments/7"));
	assert_problem(a, PROBLEM_HEADER);
	o->not_got = RXP_ERR_NOT_FOUND;
	assert_problem(
	    exchange(f, GET_FILE("/v1/messages/" ID "/attachments/7")), PROBLEM_NOT_FOUND);
}

static void the_bound(void **state)
{
	struct fixture *f = *state;
	struct office *o = f->more;

	assert_kept(f, upload(f, QUERY, ATTACHMENT_MAX_OCTETS, 1000000), ATTACHMENT_MAX_OCTETS);
	assert_problem(upload(f, QUERY, ATTACHMENT_MAX_OCTETS + 1, 1000000), PROBLEM_TOO_LARGE);
	assert_int_equal(o->dropped, 1);
	assert_int_equal(o->dones, 1);
	assert_problem(exchange(f, "POST /v1/attachments" QUERY HEAD_LINES
				   "Content-Type: application/octet-stream\r\n"
				   "Content-Length: 67108865\r\n\r\n"),
	    PROBLEM_TOO_LARGE);
	assert_int_equal(o->news, 2);
}

/* RXP-ATT-020: a comment of JPEG, put in at an offset where a segment may stand. */
static void refuse_comment(struct fixture *f, size_t at, size_t len, size_t chunk)
{
	static const char COMMENT[] = "\xff\xfe\0\x12MARK of a secret";
	uint8_t *octets = malloc(len + sizeof(COMMENT));
	struct office *o = f->more;
	unsigned dropped = o->dropped;
	const char *a;
	char place[32];

	assert_non_null(octets);
	fill(octets, len);
	memmove(octets + at + sizeof(COMMENT) - 1, octets + at, len - at);
	memcpy(octets + at, COMMENT, sizeof(COMMENT) - 1);
	a = upload_octets(f, QUERY, octets, len + sizeof(COMMENT) - 1, chunk);
	assert_problem(a, PROBLEM_NOT_CLEAN);
	snprintf(place, sizeof(place), "at octet %zu: COM", at);
	assert_non_null(strstr(a, place));
	assert_null(strstr(a, "MARK"));
	assert_int_equal(status_of(exchange(f, GET("/health/live"))), 200);
	assert_int_equal(o->dropped, dropped + 1);
	free(octets);
}

static void not_clean(void **state)
{
	static const size_t CHUNKS[] = {0, 1, 7, 70001};
	static const size_t FILES[] = {LEAST, 2 * SEGMENT - 9, 3 * SEGMENT};
	static const char *const MEDIAS[] = {
	    "image/png", "image/jp2", "image/x-wsq", "application/x-nist-itl", "application/pdf"};
	struct fixture *f = *state;
	struct office *o = f->more;
	uint8_t octets[LEAST];
	char query[256];

	for (size_t i = 0; i < sizeof(FILES) / sizeof(FILES[0]); i++)
		for (size_t k = 0; k < sizeof(CHUNKS) / sizeof(CHUNKS[0]); k++)
			if (FILES[i] == LEAST || CHUNKS[k] == 0 || CHUNKS[k] > 1000) {
				refuse_comment(f, 2, FILES[i], CHUNKS[k]);
				refuse_comment(f, FILES[i] - 2, FILES[i], CHUNKS[k]);
			}
	for (size_t i = 0; i < sizeof(MEDIAS) / sizeof(MEDIAS[0]); i++) {
		snprintf(query, sizeof(query),
		    "?type=photograph&media_type=%s&checked_by=return-officer", MEDIAS[i]);
		assert_problem(upload(f, query, 4096, 0), PROBLEM_NOT_CLEAN);
	}
	fill(octets, LEAST);
	for (size_t len = 0; len < LEAST; len++)
		assert_problem(upload_octets(f, QUERY, octets, len, 0), PROBLEM_NOT_CLEAN);
	assert_int_equal(status_of(upload_octets(f, QUERY, octets, LEAST, 0)), 201);
	assert_int_equal(o->dones, 1);
	assert_int_equal(f->api.uploads, 0);
}

static void wrong_parameters(void **state)
{
	static const char *const BAD[] = {"",
	    "?type=selfie&media_type=image/jpeg&checked_by=return-officer",
	    "?type=photograph&media_type=image/gif&checked_by=return-officer",
	    "?type=photograph&media_type=image/jpeg&checked_by=me",
	    "?type=photograph&media_type=image/jpeg",
	    "?type=photograph&media_type=image/jpeg&checked_by=return-officer&x=1"};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++)
		assert_problem(upload(f, BAD[i], 50, 0), PROBLEM_QUERY);
	assert_problem(exchange(f, "POST /v1/attachments" QUERY HEAD_LINES
				   "Content-Type: image/jpeg\r\nContent-Length: 1\r\n\r\nx"),
	    PROBLEM_MEDIA);
	assert_int_equal(f->registry.asked, 0);
	assert_int_equal(f->api.uploads, 0);
}

static void steps_that_fail(void **state)
{
	static const struct office STEPS[] = {
	    {.key_result = RXP_ERR_CRYPTO},
	    {.denied = RXP_ERR_FULL},
	    {.seal_result = RXP_ERR_CRYPTO, .fails_at = 0},
	    {.seal_result = RXP_ERR_CRYPTO, .fails_at = 1},
	    {.seal_result = RXP_ERR_CRYPTO, .fails_at = 2},
	    {.kept_result = RXP_ERR_IO},
	};
	static const enum problem PROBLEMS[] = {PROBLEM_INTERNAL, PROBLEM_BUSY, PROBLEM_INTERNAL,
	    PROBLEM_INTERNAL, PROBLEM_INTERNAL, PROBLEM_STORAGE};
	static const unsigned DROPPED[] = {0, 0, 1, 1, 1, 0};
	struct fixture *f = *state;
	struct office *o = f->more;

	for (size_t i = 0; i < sizeof(STEPS) / sizeof(STEPS[0]); i++) {
		int fd = o->fd;

		*o = STEPS[i];
		o->fd = fd;
		assert_problem(upload(f, QUERY, 2 * SEGMENT + 5, 0), PROBLEMS[i]);
		/* The registry answers the giving up before the next request is served. */
		assert_int_equal(status_of(exchange(f, GET("/health/live"))), 200);
		assert_int_equal(o->dropped, DROPPED[i]);
		assert_int_equal(f->api.uploads, 0);
	}
	*o = (struct office){.fd = o->fd};
	assert_int_equal(status_of(upload(f, QUERY, 2 * SEGMENT + 5, 0)), 201);
}

struct until {
	struct fixture *f;
	const unsigned *figure;
	unsigned want;
	const struct client *sends; /* NULL, or it must have sent all */
};

static void stop_when(void *arg)
{
	struct until *u = arg;

	if (u->figure != NULL && *u->figure == u->want &&
	    (u->sends == NULL || u->sends->sent == u->sends->out.len))
		loop_stop(u->f->loop);
}

static void clients_go_away(void **state)
{
	static const size_t SENT[] = {0, 100, SEGMENT + 5, 2 * SEGMENT + 100};
	struct fixture *f = *state;
	struct office *o = f->more;
	unsigned drops = 0;
	struct until until = {.f = f};

	loop_on_round(f->loop, stop_when, &until);
	for (size_t i = 0; i < sizeof(SENT) / sizeof(SENT[0]); i++) {
		struct rxp_buf request;
		struct client c;
		unsigned open = 0;

		put_upload(&request, QUERY, 3 * SEGMENT, 0);
		client_new(&c, f, request.data, request.len - 3 * SEGMENT + SENT[i], &open);
		until = (struct until){f, &f->api.uploads, 1, &c};
		run(f);
		client_free(&c);
		until = (struct until){f, &f->api.uploads, 0, NULL};
		run(f);
		until.figure = NULL;
		rxp_buf_free(&request);
		drops += SENT[i] > 0;
		assert_int_equal(o->dropped, drops);
	}
	assert_int_equal(o->dones, 0);
	assert_int_equal(status_of(upload(f, QUERY, 50, 0)), 201);
}

static void too_many(void **state)
{
	struct fixture *f = *state;
	struct client clients[ATTACHMENT_TRANSFERS_MAX];
	struct rxp_buf request;
	unsigned open = 0;
	struct until until = {
	    .f = f, .figure = &f->registry.asked, .want = ATTACHMENT_TRANSFERS_MAX};

	put_upload(&request, QUERY, 1000, 0);
	loop_on_round(f->loop, stop_when, &until);
	f->registry.hold = true;
	for (size_t i = 0; i < ATTACHMENT_TRANSFERS_MAX; i++)
		client_new(&clients[i], f, request.data, request.len, &open);
	run(f);
	until.figure = NULL;
	assert_int_equal(f->api.uploads, ATTACHMENT_TRANSFERS_MAX);
	assert_problem(upload(f, QUERY, 1000, 0), PROBLEM_BUSY);
	f->registry.hold = false;
	for (size_t i = 0; i < ATTACHMENT_TRANSFERS_MAX; i++) {
		struct msg_attachment_denied denied = {.result = (uint32_t)RXP_ERR_STATE};

		assert_int_equal(link_answer(f->registry.link, IPC_attachment_denied,
				     f->registry.held[i].request, &denied, NULL, 0),
		    0);
	}
	run(f);
	for (size_t i = 0; i < ATTACHMENT_TRANSFERS_MAX; i++) {
		assert_problem((char *)clients[i].in.data, PROBLEM_STATE);
		client_free(&clients[i]);
	}
	assert_int_equal(status_of(upload(f, QUERY, 1000, 0)), 201);
	rxp_buf_free(&request);
}

/* Each changes one thing of a file that comes out well. */
static void spoiled_files(void **state)
{
	static const char GET_IT[] = GET_FILE("/v1/inbox/" ID "/attachments/7");
	const size_t len = 2 * SEGMENT + 5;
	struct fixture *f = *state;
	struct office *o = f->more;
	unsigned status;
	uint8_t octet;

	assert_kept(f, upload(f, QUERY, len, 0), len);
	row_as_told(o);
	o->row.ciphertext_digest[31] ^= 1;
	assert_problem(exchange(f, GET_IT), PROBLEM_DAMAGED);
	row_as_told(o);
	o->row.ciphertext_length++;
	assert_problem(exchange(f, GET_IT), PROBLEM_DAMAGED);
	row_as_told(o);
	o->row.length++;
	assert_problem(exchange(f, GET_IT), PROBLEM_DAMAGED);
	row_as_told(o);
	snprintf(o->row.media_type, sizeof(o->row.media_type), "text/html");
	assert_problem(exchange(f, GET_IT), PROBLEM_DAMAGED);

	row_as_told(o);
	o->row.file_digest[0] ^= 1;
	assert_int_equal(fetch(f, GET_IT, &status), 2 * SEGMENT); /* none of the last */
	assert_int_equal(status, 200);
	row_as_told(o);
	o->open_result = RXP_ERR_DECRYPT;
	o->fails_at = 1;
	assert_int_equal(fetch(f, GET_IT, &status), SEGMENT);
	o->fails_at = 0;
	assert_problem(exchange(f, GET_IT), PROBLEM_DECRYPT);
	o->open_result = 0;
	o->cut = 1;
	assert_problem(exchange(f, GET_IT), PROBLEM_DAMAGED);
	o->cut = 0;
	assert_int_equal(fetch(f, GET_IT, &status), len);

	assert_int_equal(pread(o->fd, &octet, 1, SEGMENT + 700), 1);
	octet ^= 1;
	assert_int_equal(pwrite(o->fd, &octet, 1, SEGMENT + 700), 1);
	assert_problem(exchange(f, GET_IT), PROBLEM_DAMAGED);
	octet ^= 1;
	assert_int_equal(pwrite(o->fd, &octet, 1, SEGMENT + 700), 1);
	assert_int_equal(fetch(f, GET_IT, &status), len);
	assert_int_equal(ftruncate(o->fd, (off_t)len), 0);
	assert_problem(exchange(f, GET_IT), PROBLEM_DAMAGED);
	assert_int_equal(f->api.downloads, 0);
}

/* A reader that goes away in the middle. */
static void reader_goes_away(void **state)
{
	static const char GET_IT[] = GET_FILE("/v1/inbox/" ID "/attachments/7");
	struct fixture *f = *state;
	struct office *o = f->more;
	struct until until = {.f = f};
	struct client c;
	unsigned open = 0;

	assert_int_equal(status_of(upload(f, QUERY, 3 * SEGMENT, 0)), 201);
	row_as_told(o);
	loop_on_round(f->loop, stop_when, &until);
	client_new(&c, f, GET_IT, strlen(GET_IT), &open);
	until = (struct until){f, &f->api.downloads, 1, NULL};
	run(f);
	client_free(&c);
	until.want = 0;
	run(f);
	assert_int_equal(f->api.downloads, 0);
}

static void cut_into_segments(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_LENGTHS; i++) {
		uint64_t len = LENGTHS[i], sum = 0, n = attachment_segments(len);

		for (uint64_t k = 0; k < n; k++) {
			size_t part = attachment_segment_length(len, k);

			assert_true(part == SEGMENT || k + 1 == n);
			sum += part;
		}
		assert_int_equal(sum, len);
		assert_int_equal(attachment_ciphertext_length(len), len + 16 * n);
	}
}

/* The lists are those of the schemas. */
static void lists_follow_the_schemas(void **state)
{
	static const struct {
		enum attachment_list list;
		const char *file, *from, *to;
		unsigned words;
	} SOURCES[] = {
	    {ATTACHMENT_TYPES, "spec/xsd/attachments.xsd", "name=\"Type\"", "</xs:element>", 4},
	    {ATTACHMENT_MEDIAS, "spec/xsd/attachments.xsd", "name=\"MediaType\"", "</xs:element>",
		6},
	    {ATTACHMENT_CHECKERS, "spec/xsd/rxp-types.xsd", "name=\"OfficerRole\"",
		"</xs:simpleType>", 4},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(SOURCES) / sizeof(SOURCES[0]); i++) {
		FILE *file = fopen(SOURCES[i].file, "r");
		char line[512], word[64];
		bool inside = false;
		unsigned n = 0;

		if (file == NULL)
			fail_msg("%s: the test runs in the top folder", SOURCES[i].file);
		while (fgets(line, sizeof(line), file) != NULL) {
			inside = inside || strstr(line, SOURCES[i].from) != NULL;
			if (inside &&
			    sscanf(line, " <xs:enumeration value=\"%63[^\"]\"", word) == 1) {
				assert_true(attachment_listed(SOURCES[i].list, word));
				n++;
			}
			if (strstr(line, SOURCES[i].to) != NULL)
				inside = false;
		}
		fclose(file);
		assert_int_equal(n, SOURCES[i].words);
	}
	assert_false(attachment_listed(ATTACHMENT_TYPES, "image/jpeg"));
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, open_office, close_office)
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(cut_into_segments),
	    cmocka_unit_test(lists_follow_the_schemas),
	    TEST(there_and_back),
	    TEST(headers_of_a_file),
	    TEST(the_bound),
	    TEST(not_clean),
	    TEST(wrong_parameters),
	    TEST(steps_that_fail),
	    TEST(clients_go_away),
	    TEST(too_many),
	    TEST(spoiled_files),
	    TEST(reader_goes_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
