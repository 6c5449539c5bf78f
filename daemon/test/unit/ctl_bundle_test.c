/*
 * ctl_bundle_test - goals: of a bundle that was cut, edited or made by an enemy what is whole is taken, and the rest named
 * (RXP-BND-001 to 005):
 *   whole, each object goes to the daemon once, in order, as what it is, and nothing is named but that
 *   with each octet of each field of the header of each kind of member changed, this member is passed over and named by
 *     its place, and the others are taken; what nobody looks at (mode, owner, time) changes nothing
 *   links, devices, folders, pax and GNU headers, absolute names and such that climb, sizes that lie: the same
 *   cut behind each block, and within it, all before the cut is taken, and the cut is named
 *   a header of zeros is missed; behind an end another bundle, or noise, is found
 *   members twice are taken twice; a flood of them is read to its end, and named up to a bound
 *   what the daemon says of an object is said of it; without a descriptor first nothing is brought
 *   of what is for another State alone nothing is brought, whatever prefix names it (RXP-BND-011); what is no regular file, or
 *     larger than a bundle may be, is not read (RXP-BND-012)
 *   a log of more pages than there once were is written whole, page behind page (RXP-BND-007)
 * links: ctl
 */
#include "daemon/test/unit/ctl_rig.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/base/ustar.h"

#define ANSWER "01980000-0000-7000-8000-000000000001"
#define MESSAGE "01980000-0000-7000-8000-000000000002"
#define DIGEST "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define SUM_AT 148
#define MEMBERS 4
#define BLOCKS_MAX 64

static const struct {
	enum ustar_kind kind;
	const char *id, *name;
	size_t size;
} members[MEMBERS] = {{USTAR_DESCRIPTOR, "QMB", "descriptor/QMB.xml", 900},
    {USTAR_ANSWER, ANSWER, "answers/" ANSWER ".xml", 512},
    {USTAR_ATTACHMENT, DIGEST, "attachments/" DIGEST, 1500},
    {USTAR_MESSAGE, MESSAGE, "messages/" MESSAGE ".xml", 1}};

/* An archive, and where its members begin. */
static struct {
	uint8_t octets[BLOCKS_MAX * USTAR_BLOCK];
	size_t len, header[MEMBERS];
} tar;

static void put_member(size_t i)
{
	uint8_t *at = tar.octets + tar.len;

	tar.header[i] = tar.len;
	ustar_write(at, members[i].kind, members[i].id, members[i].size);
	memset(at + USTAR_BLOCK, 'x', members[i].size);
	tar.len += USTAR_BLOCK + members[i].size + ustar_padding(members[i].size);
}

static void put_zeros(size_t blocks)
{
	tar.len += blocks * USTAR_BLOCK; /* behind its end the array has nothing else */
}

static void begin(void)
{
	memset(&tar, 0, sizeof tar);
	for (size_t i = 0; i < MEMBERS; i++)
		put_member(i);
	put_zeros(2);
}

static void sum_anew(uint8_t *block)
{
	unsigned sum = 0;

	memset(block + SUM_AT, ' ', 8);
	for (unsigned i = 0; i < USTAR_BLOCK; i++)
		sum += block[i];
	snprintf((char *)block + SUM_AT, 8, "%06o", sum);
}

/* --- the daemon ----------------------------------------------------------------------------------- */

/* What was brought to it. */
static struct {
	unsigned n, of[USTAR_KINDS];
	char order[64]; /* d, a, l, f and m for the kinds */
	long status; /* what it says of each object */
	long fails; /* HTTP status of its own, if it is not well */
} brought;

static enum call_result take(
    void *arg, const char *socket, const struct call_request *r, struct call_answer *a)
{
	static const char letters[USTAR_KINDS] = {'d', 'a', 'l', 'f', 'm'};
	enum ustar_kind kind = USTAR_ATTACHMENT;
	const char *word = strstr(r->path, "kind=");
	char text[128];

	(void)arg;
	(void)socket;
	if (strcmp(r->path, "/v1/status") == 0) {
		a->status = 200;
		assert_int_equal(rxp_buf_puts(&a->body, "{\"party\":\"QMA\"}"), 0);
		return CALL_DONE;
	}
	assert_int_equal(strncmp(r->path, "/v1/peers/QMB/bundle/", 21), 0);
	for (unsigned k = 0; word != NULL && k < USTAR_KINDS; k++)
		if (strcmp(word + 5, ustar_word((enum ustar_kind)k)) == 0)
			kind = (enum ustar_kind)k;
	assert_true(word != NULL || strstr(r->path, "/part?digest=" DIGEST) != NULL);
	if (brought.n < sizeof brought.order - 1)
		brought.order[brought.n] = letters[kind];
	brought.n++;
	brought.of[kind]++;
	a->status = brought.fails != 0 ? brought.fails : 200;
	snprintf(text, sizeof text, "{\"status\":%ld,\"answer\":null,\"held\":%zu}",
	    brought.status != 0        ? brought.status
	    : kind == USTAR_ATTACHMENT ? 201
				       : 204,
	    r->body_len);
	assert_int_equal(rxp_buf_puts(&a->body, brought.fails != 0 ? "{}" : text), 0);
	return CALL_DONE;
}

static struct daemon said; /* out and err of the last run */

static enum exit_status import_file(const char *path)
{
	const char *argv[] = {"readmitctl", "--socket", "x.sock", "bundle", "import", path};
	struct ctl c = {.in = tmpfile(), .out = tmpfile(), .err = tmpfile(), .call = take};
	enum exit_status status;
	long fails = brought.fails, answer = brought.status;

	memset(&brought, 0, sizeof brought);
	brought.fails = fails;
	brought.status = answer;
	status = ctl_run(&c, 6, argv);
	slurp(c.out, said.out);
	slurp(c.err, said.err);
	fclose(c.in);
	return status;
}

static enum exit_status import(void)
{
	char path[] = "/tmp/readmit-bundle.XXXXXX";
	int fd = mkstemp(path);
	enum exit_status status;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, tar.octets, tar.len), (ssize_t)tar.len);
	close(fd);
	status = import_file(path);
	unlink(path);
	return status;
}

static bool names(const char *text)
{
	return strstr(said.out, text) != NULL;
}

/* All but this member were taken; it is named by its place. */
static void passed_over(size_t i)
{
	char where[64];

	snprintf(where, sizeof where, "from octet %zu on  ", tar.header[i]);
	assert_int_equal(import(), EXIT_INVALID);
	assert_int_equal(brought.n, MEMBERS - 1);
	assert_int_equal(brought.of[members[i].kind], 0);
	if (!names(where))
		fail_msg("%s: %s", where, said.out);
	assert_false(names(members[i].name));
}

/* --- tests ---------------------------------------------------------------------------------------- */

static void test_whole(void **state)
{
	(void)state;
	begin();
	assert_int_equal(import(), EXIT_OK);
	assert_string_equal(brought.order, "dafm");
	for (size_t i = 0; i < MEMBERS; i++)
		assert_true(names(members[i].name));
	assert_false(names("no object"));
	put_zeros(15); /* as other writers fill a record */
	assert_int_equal(import(), EXIT_OK);
}

/* The first member is whose bundle it is: it is not changed here. */
static void test_fields(void **state)
{
	static const struct {
		const char *field;
		size_t at, octets;
		bool looked_at;
	} rows[] = {{"name", 0, 100, true}, {"mode", 100, 8, false}, {"uid", 108, 8, false},
	    {"gid", 116, 8, false}, {"size", 124, 12, true}, {"mtime", 136, 12, false},
	    {"type", 156, 1, true}, {"link", 157, 100, true}, {"magic", 257, 6, true},
	    {"version", 263, 2, true}, {"uname", 265, 32, false}, {"gname", 297, 32, false},
	    {"device", 329, 16, false}, {"prefix", 345, 155, true}, {"rest", 500, 12, false}};

	(void)state;
	for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++)
		for (size_t i = 1; i < MEMBERS; i++)
			for (size_t k = 0; k < rows[r].octets; k++) {
				begin();
				tar.octets[tar.header[i] + rows[r].at + k] ^= 0x40;
				passed_over(i); /* its check sum is wrong */
				sum_anew(tar.octets + tar.header[i]);
				if (rows[r].looked_at)
					passed_over(i);
				else
					assert_int_equal(import(), EXIT_OK);
			}
	for (size_t i = 1; i < MEMBERS; i++)
		for (size_t k = 0; k < 7; k++) {
			begin();
			tar.octets[tar.header[i] + SUM_AT + k] ^= 0x40;
			passed_over(i);
		}
}

static void test_types(void **state)
{
	static const char types[] = {
	    '\0', '1', '2', '3', '4', '5', '6', '7', 'x', 'g', 'L', 'K', 'S', 'V', 'D', 'A'};

	(void)state;
	for (size_t t = 0; t < sizeof types; t++)
		for (size_t i = 1; i < MEMBERS; i++) {
			begin();
			tar.octets[tar.header[i] + 156] = (uint8_t)types[t];
			sum_anew(tar.octets + tar.header[i]);
			passed_over(i);
		}
}

static void test_names(void **state)
{
	static const char *const wrong[] = {"/etc/passwd", "../../etc/passwd", "messages/../x.xml",
	    "answers/..", "attachments/../../../etc/shadow", "/messages/" MESSAGE ".xml",
	    "./messages/" MESSAGE ".xml", "messages/" MESSAGE ".xml/", "messages\\" MESSAGE ".xml",
	    "attachments/", "log/QMB.xml", "descriptor/QMBB.xml", "messages/" MESSAGE ".xml "};

	(void)state;
	for (size_t w = 0; w < sizeof wrong / sizeof wrong[0]; w++)
		for (size_t i = 1; i < MEMBERS; i++) {
			begin();
			memset(tar.octets + tar.header[i], 0, 100);
			memcpy(tar.octets + tar.header[i], wrong[w], strlen(wrong[w]));
			sum_anew(tar.octets + tar.header[i]);
			passed_over(i);
			assert_false(names("passwd"));
		}
}

/* One that lies about its size: what is no size is no header; else its octets are not what the daemon takes, and the
 * reader goes on at the next header. */
static void test_sizes(void **state)
{
	static const char *const none[] = {"00000000000", "77777777777", "99999999999",
	    "-0000000001", " 0000000001", "\x80\0\0\0\0\0\0\0\0\0\1", "00000000001x"};

	(void)state;
	for (size_t s = 0; s < sizeof none / sizeof none[0]; s++)
		for (size_t i = 1; i < MEMBERS; i++) {
			begin();
			memcpy(tar.octets + tar.header[i] + 124, none[s], 12);
			sum_anew(tar.octets + tar.header[i]);
			passed_over(i);
		}
	begin();
	ustar_write(tar.octets + tar.header[2], USTAR_ATTACHMENT, DIGEST, 513);
	assert_int_equal(import(), EXIT_INVALID); /* less: the rest is no header */
	assert_int_equal(brought.n, MEMBERS);
	assert_true(names("no object of a bundle"));
	begin();
	ustar_write(tar.octets + tar.header[2], USTAR_ATTACHMENT, DIGEST, 3 * USTAR_BLOCK + 1);
	assert_int_equal(import(), EXIT_INVALID); /* more: it takes the header behind it */
	assert_int_equal(brought.n, MEMBERS - 1);
	assert_true(names("no object of a bundle"));
	begin();
	ustar_write(tar.octets + tar.header[2], USTAR_ATTACHMENT, DIGEST, USTAR_CIPHERTEXT_MAX);
	assert_int_equal(import(), EXIT_INVALID);
	assert_true(names("cut off"));
}

static void test_cut(void **state)
{
	size_t whole;

	(void)state;
	begin();
	whole = tar.len;
	for (size_t len = 0; len < whole; len += len % USTAR_BLOCK == 0 ? 100 : USTAR_BLOCK - 100) {
		unsigned before = 0;

		tar.len = len;
		for (size_t i = 0; i < MEMBERS;
		     i++) /* their own octets, without what fills the block */
			before += tar.header[i] + USTAR_BLOCK + members[i].size <= len;
		assert_int_equal(import(), EXIT_INVALID);
		assert_true(names("cut off"));
		/* Of a file that is cut what is there is brought, so that the next copy goes on from there. */
		assert_true(
		    brought.n == before ||
		    (brought.n == before + 1 && brought.of[USTAR_ATTACHMENT] == 1 && before == 2));
	}
}

static void test_zeros(void **state)
{
	(void)state;
	for (size_t i = 1; i < MEMBERS; i++) {
		begin();
		memset(tar.octets + tar.header[i], 0, USTAR_BLOCK);
		passed_over(i);
	}
	begin();
	tar.len -= USTAR_BLOCK;
	assert_int_equal(import(), EXIT_INVALID); /* one block of zeros is no end */
	assert_true(names("cut off"));
}

static void test_behind_the_end(void **state)
{
	(void)state;
	begin();
	for (size_t i = 0; i < MEMBERS; i++)
		put_member(i);
	put_zeros(2);
	assert_int_equal(import(), EXIT_OK);
	assert_string_equal(brought.order, "dafmdafm"); /* as often as they stand there */
	begin();
	memcpy(tar.octets + tar.len, "and now for something else", 26);
	tar.len += 26;
	assert_int_equal(import(), EXIT_INVALID);
	assert_int_equal(brought.n, MEMBERS);
	assert_true(names("no object of a bundle"));
	begin();
	memset(tar.octets + tar.len, 'y', USTAR_BLOCK);
	put_zeros(3);
	assert_int_equal(import(), EXIT_INVALID);
	assert_int_equal(brought.n, MEMBERS);
}

static void test_first(void **state)
{
	(void)state;
	begin();
	memset(tar.octets, 'y', USTAR_BLOCK);
	assert_int_equal(import(), EXIT_INVALID);
	assert_int_equal(brought.n, 0);
	assert_non_null(strstr(said.err, "whose is it"));
	memset(&tar, 0, sizeof tar);
	assert_int_equal(import(), EXIT_INVALID);
	assert_int_equal(brought.n, 0);
}

static void test_what_the_daemon_says(void **state)
{
	static const struct {
		long status;
		enum exit_status exit;
		const char *words;
	} rows[] = {{422, EXIT_INVALID, "not taken"},
	    {409, EXIT_INVALID, "under a seal that it has revoked"},
	    {503, EXIT_LATER, "import it again"}};

	(void)state;
	begin();
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		brought.status = rows[i].status;
		assert_int_equal(import(), rows[i].exit);
		assert_true(brought.n >= MEMBERS);
		assert_true(names(rows[i].words));
	}
	brought.status = 0;
	brought.fails = 503;
	assert_int_not_equal(import(), EXIT_OK);
	assert_int_equal(brought.n, 1);
	brought.fails = 0;
}

/* The octets of a member begin so. */
static void says(size_t i, const char *text)
{
	memcpy(tar.octets + tar.header[i] + USTAR_BLOCK, text, strlen(text));
}

static void test_misdirected(void **state)
{
	static const char *const forms[] = {"<To>QMC</To>", "<r:To>QMC</r:To>",
	    "<From>QMA</From><To\n>QMC</To>", "<e:To xmlns:e=\"urn:rxp:1:receipt\">QMC</e:To>"};

	(void)state;
	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
		begin();
		says(1, forms[i]);
		assert_int_equal(import(), EXIT_MISDIRECTED);
		assert_int_equal(brought.n, 0);
		assert_non_null(strstr(said.err, "a bundle of QMB for QMC"));
		tar.octets[tar.header[1] + USTAR_BLOCK +
			   (size_t)(strstr(forms[i], "QMC") - forms[i]) + 2] = 'A';
		assert_int_equal(import(), EXIT_OK);
		assert_int_equal(brought.n, MEMBERS);
	}
	begin();
	says(1, "<To>QMC</To><To>QMA</To>"); /* the first counts */
	assert_int_equal(import(), EXIT_MISDIRECTED);
	begin();
	says(0,
	    "<To>QMC</To>"); /* a descriptor is for everyone, an attachment for who has its key */
	says(2, "<To>QMC</To>");
	assert_int_equal(import(), EXIT_OK);
	begin();
	says(1,
	    "<To>QMC</To>"); /* of one that is for this State, too, each object is judged for itself */
	for (size_t i = 0; i < 2; i++)
		put_member(i);
	put_zeros(2);
	says(1, "<To>QMA</To>");
	assert_int_equal(import(), EXIT_OK);
	assert_int_equal(brought.n, MEMBERS + 2);
}

static void test_no_regular_file(void **state)
{
	char folder[] = "/tmp/readmit-bundle.XXXXXX", path[64];
	int fd;

	(void)state;
	brought.n = 0;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(import_file(folder), EXIT_INVALID);
	assert_int_equal(import_file("/dev/zero"), EXIT_INVALID);
	snprintf(path, sizeof path, "%s/pipe", folder);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(import_file(path), EXIT_INVALID);
	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_int_equal(ftruncate(fd, ((off_t)16 << 30) + 1), 0); /* a hole, which takes no room */
	close(fd);
	assert_int_equal(import_file(path), EXIT_INVALID);
	assert_non_null(strstr(said.err, "at most 16 GiB"));
	assert_int_equal(brought.n, 0);
	unlink(path);
	rmdir(folder);
}

#define FLOOD 20000

/* Many members, each behind a block that is none. */
static void test_flood(void **state)
{
	char path[] = "/tmp/readmit-bundle.XXXXXX";
	int fd = mkstemp(path);
	FILE *f = fdopen(fd, "wb");
	uint8_t block[USTAR_BLOCK], noise[USTAR_BLOCK];

	(void)state;
	assert_non_null(f);
	begin();
	assert_int_equal(fwrite(tar.octets, tar.header[1], 1, f), 1);
	ustar_write(block, USTAR_ANSWER, ANSWER, 1);
	memset(noise, 'y', sizeof noise);
	for (int i = 0; i < FLOOD; i++)
		assert_true(fwrite(noise, sizeof noise, 1, f) == 1 &&
			    fwrite(block, sizeof block, 1, f) == 1 &&
			    fwrite(noise, sizeof noise, 1, f) == 1);
	fclose(f);
	assert_int_equal(import_file(path), EXIT_INVALID);
	unlink(path);
	assert_int_equal(brought.of[USTAR_ANSWER], FLOOD);
	assert_non_null(strstr(said.err, "more, which are not named"));
}

/* --- a bundle that is written --------------------------------------------------------------------- */

#define PAGES 100
#define PAGE_ENTRIES 512

/* A daemon that has a long log, and nothing else. */
static enum call_result give(
    void *arg, const char *socket, const struct call_request *r, struct call_answer *a)
{
	const char *after = strstr(r->path, "/bundle/log?after=");
	unsigned long n = after != NULL ? strtoul(after + 18, NULL, 10) : 0;
	char text[128] = "{\"party\":\"QMA\",\"local_id\":null,\"message_id\":null}";

	(void)arg;
	(void)socket;
	if (after != NULL && n < (unsigned long)PAGES * PAGE_ENTRIES)
		snprintf(text, sizeof text, "{\"page\":\"eA==\",\"next\":%lu}", n + PAGE_ENTRIES);
	else if (after != NULL)
		snprintf(text, sizeof text, "{\"page\":null}");
	a->status = 200;
	assert_int_equal(rxp_buf_puts(&a->body, text), 0);
	return CALL_DONE;
}

static void test_long_log(void **state)
{
	char path[] = "/tmp/readmit-bundle.XXXXXX";
	const char *argv[] = {
	    "readmitctl", "--socket", "x.sock", "bundle", "export", "QMB", "--out", path};
	struct ctl c = {.in = tmpfile(), .out = tmpfile(), .err = tmpfile(), .call = give};
	uint8_t block[USTAR_BLOCK];
	struct ustar_entry e;
	unsigned pages = 0;
	FILE *f;

	(void)state;
	close(mkstemp(path));
	unlink(path);
	assert_int_equal(ctl_run(&c, 8, argv), EXIT_OK);
	slurp(c.out, said.out);
	slurp(c.err, said.err);
	fclose(c.in);
	f = fopen(path, "rb");
	assert_non_null(f);
	while (fread(block, sizeof block, 1, f) == 1)
		if (ustar_parse(&e, block) == 0 && e.kind == USTAR_LOG)
			assert_int_equal(strtoul(e.id, NULL, 10), PAGE_ENTRIES * pages++);
	fclose(f);
	unlink(path);
	assert_int_equal(pages, PAGES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_whole),
	    cmocka_unit_test(test_fields),
	    cmocka_unit_test(test_types),
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_sizes),
	    cmocka_unit_test(test_cut),
	    cmocka_unit_test(test_zeros),
	    cmocka_unit_test(test_behind_the_end),
	    cmocka_unit_test(test_first),
	    cmocka_unit_test(test_what_the_daemon_says),
	    cmocka_unit_test(test_misdirected),
	    cmocka_unit_test(test_no_regular_file),
	    cmocka_unit_test(test_flood),
	    cmocka_unit_test(test_long_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
