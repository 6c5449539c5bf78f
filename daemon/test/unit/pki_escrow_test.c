/*
 * readmit-pki escrow new, split, join and drill (certs/POLICY.md, Escrow):
 * - each kind of key comes back as the very file, mode 0600, from any m of its sheets, typed into files or asked for;
 * - the private escrow key is in no file, and is that of escrow.pub;
 * - sheets that were changed together are named by the most that fit;
 * - fewer sheets, one twice, sheets of two sets, one that was changed so that its lines prove themselves: told by sheet;
 *   with one sheet more the changed one is named and the key comes back; nothing is written before;
 * - a root key stays under its passphrase, or leaves it on demand; a wrong passphrase is refused;
 * - a drill writes a record and no key, wants the passphrase, sees another key; `show` says when the next one is due;
 * - counts out of bounds, a single sheet that was not meant, a file that is no key are refused; nothing is overwritten.
 * links: certs
 */
#include "daemon/test/unit/pki_rig.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "certs/command.h"
#include "certs/sheet_set.h"
#include "certs/sheet_text.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

#define SPLIT "escrow split --party QRA --sheets 5 --needed 3 --out s "
#define STORAGE(n) "--sheet s/storage-sheet-" #n ".txt "
#define ROOT(n) "--sheet s/root-sheet-" #n ".txt "
#define ESCROW(n) "--sheet s/escrow-sheet-" #n ".txt "

static void assert_same(const char *path, const char *other)
{
	struct rxp_buf a, b;
	struct stat st;

	pki_read(&a, path);
	pki_read(&b, other);
	assert_int_equal(a.len, b.len);
	assert_memory_equal(a.data, b.data, a.len);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	rxp_buf_free(&a);
	rxp_buf_free(&b);
}

static void assert_none(const char *path)
{
	assert_int_equal(access(path, F_OK), -1);
}

/* It fails, says this and writes no file k. */
static void assert_said(const char *line, const char *words)
{
	char text[PKI_SAID_TEXT];

	pki_said(text, line, COMMAND_FAILED);
	if (strstr(text, words) == NULL)
		fail_msg("%s: said: %s", line, text);
	assert_none("k");
}

/* Another text in the place of the file. */
static void put_again(const char *path, const struct rxp_buf *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text->data, 1, text->len, f), text->len);
	assert_int_equal(fclose(f), 0);
}

/* A sheet with another share, or of another day, whose lines prove themselves: what only the other sheets can tell. */
static void forge(const char *path, size_t from_end)
{
	struct sheet s;
	struct rxp_buf text;
	char why[SHEET_WHY];

	pki_read(&text, path);
	assert_int_equal(sheet_text_read(&s, &text, why), 0);
	if (from_end == 0)
		s.head.day++;
	else
		s.share[s.head.len - from_end] ^= 1;
	rxp_buf_reset(&text);
	assert_int_equal(sheet_print(&text, &s), 0);
	put_again(path, &text);
	rxp_buf_free(&text);
}

static void test_storage(void **state)
{
	(void)state;
	assert_int_equal(pki_run(SPLIT "qra/node/storage.key"), COMMAND_DONE);
	assert_int_equal(
	    pki_run("escrow join --out k " STORAGE(1) STORAGE(2) STORAGE(3)), COMMAND_DONE);
	assert_same("k", "qra/node/storage.key");
	assert_int_equal(unlink("k"), 0);
	assert_int_equal(
	    pki_run("escrow join --out k " STORAGE(5) STORAGE(1) STORAGE(4) STORAGE(2)),
	    COMMAND_DONE);
	assert_same("k", "qra/node/storage.key");
	/* Neither a key nor a sheet is ever overwritten; a split that cannot write all leaves none. */
	assert_int_equal(
	    pki_run("escrow join --out k " STORAGE(1) STORAGE(2) STORAGE(3)), COMMAND_FAILED);
	assert_int_equal(pki_run(SPLIT "qra/node/storage.key"), COMMAND_FAILED);
	assert_int_equal(unlink("s/storage-sheet-1.txt"), 0);
	assert_int_equal(unlink("s/storage-sheet-2.txt"), 0);
	assert_int_equal(pki_run(SPLIT "qra/node/storage.key"), COMMAND_FAILED);
	assert_none("s/storage-sheet-1.txt");
	assert_none("s/storage-sheet-2.txt");
	assert_int_equal(access("s/storage-sheet-3.txt", F_OK), 0);
}

static void test_what_is_wrong(void **state)
{
	char text[PKI_SAID_TEXT];

	(void)state;
	assert_int_equal(pki_run(SPLIT "qra/node/storage.key"), COMMAND_DONE);
	assert_said(
	    "escrow join --out k " STORAGE(1) STORAGE(2), "2 of the 3 sheets that are needed");
	assert_said("escrow join --out k " STORAGE(1) STORAGE(2) STORAGE(1),
	    "s/storage-sheet-1.txt: sheet 1 was given before");
	assert_said(
	    "escrow join --out k " STORAGE(1) STORAGE(2) STORAGE(9), "s/storage-sheet-9.txt: ");
	assert_int_equal(
	    pki_run("escrow split --party QRA --sheets 5 --needed 3 --out t qra/node/storage.key"),
	    COMMAND_DONE);
	assert_said("escrow join --out k " STORAGE(1) STORAGE(2) "--sheet t/storage-sheet-3.txt",
	    "t/storage-sheet-3.txt: sheet 3 is of another set than sheet 1");
	forge("t/storage-sheet-3.txt", 0);
	assert_said(
	    "escrow join --out k --sheet t/storage-sheet-1.txt --sheet t/storage-sheet-2.txt --sheet "
	    "t/storage-sheet-3.txt",
	    "sheet 3 is of the same set as sheet 1 and says something else of the key");
	/* One that was forged: noticed among three, named among four. */
	forge("s/storage-sheet-2.txt", 2);
	assert_said("escrow join --out k " STORAGE(1) STORAGE(2) STORAGE(3),
	    "one of them is not as it was made. Add a further sheet");
	assert_said(
	    "escrow drill --out k " STORAGE(1) STORAGE(2) STORAGE(3) STORAGE(4), "sheet 2: ");
	pki_said(
	    text, "escrow join --out k " STORAGE(1) STORAGE(2) STORAGE(3) STORAGE(4), COMMAND_DONE);
	assert_non_null(strstr(text, "sheet 2: its lines prove themselves, but it does not fit"));
	assert_null(strstr(text, "sheet 1:"));
	assert_same("k", "qra/node/storage.key");
	assert_int_equal(unlink("k"), 0);
	forge("s/storage-sheet-3.txt", 3);
	forge("s/storage-sheet-4.txt", 4);
	assert_said("escrow join --out k " STORAGE(1) STORAGE(2) STORAGE(3) STORAGE(4) STORAGE(5),
	    "no 3 of these 5 sheets fit together");
}

/* Two that were changed together give the key with sheet 1: they are named all the same, and not those they do not fit. */
static void test_changed_together(void **state)
{
	char text[PKI_SAID_TEXT];

	(void)state;
	assert_int_equal(
	    pki_run("escrow split --party QRA --sheets 7 --needed 3 --out s qra/node/storage.key"),
	    COMMAND_DONE);
	for (unsigned number = 2; number <= 3; number++) {
		char path[64];

		snprintf(path, sizeof path, "s/storage-sheet-%u.txt", number);
		forge(path, 1);
	}
	assert_int_equal(
	    pki_run("escrow join --out k " STORAGE(1) STORAGE(2) STORAGE(3)), COMMAND_DONE);
	assert_same("k", "qra/node/storage.key");
	assert_int_equal(unlink("k"), 0);
	pki_said(text,
	    "escrow join --out k " STORAGE(1) STORAGE(2) STORAGE(3) STORAGE(4) STORAGE(5) STORAGE(6)
		STORAGE(7),
	    COMMAND_DONE);
	assert_non_null(strstr(text, "sheet 2: "));
	assert_non_null(strstr(text, "sheet 3: "));
	assert_null(strstr(text, "sheet 4: "));
	assert_same("k", "qra/node/storage.key");
}

/* A holder sees that the sheet can be read, and nothing of its share; or which line cannot. */
static void test_one_sheet(void **state)
{
	char text[PKI_SAID_TEXT];
	struct rxp_buf page;
	char line[40] = "";

	(void)state;
	assert_int_equal(pki_run(SPLIT "qra/node/storage.key"), COMMAND_DONE);
	pki_printed(text, "show s/storage-sheet-3.txt", COMMAND_DONE);
	assert_non_null(strstr(text, "escrow sheet 3 of 5, of which any 3 give this key back\n"));
	assert_non_null(strstr(text, "Each of its lines proves itself.\n"));
	pki_read(&page, "s/storage-sheet-3.txt");
	memcpy(line, page.data + page.len - 37, 29); /* the groups of the last line */
	assert_null(strstr(text, line));
	page.data[page.len - 2] = page.data[page.len - 2] == '7' ? '8' : '7';
	put_again("s/storage-sheet-3.txt", &page);
	rxp_buf_free(&page);
	assert_said("show s/storage-sheet-3.txt", "line 9: a character of it is wrong");
}

static void test_typing_error(void **state)
{
	struct rxp_buf text;

	(void)state;
	assert_int_equal(pki_run(SPLIT "qra/node/storage.key"), COMMAND_DONE);
	pki_read(&text, "s/storage-sheet-3.txt");
	text.data[text.len - 2] = text.data[text.len - 2] == '7' ? '8' : '7';
	put_again("s/storage-sheet-3.txt", &text);
	rxp_buf_free(&text);
	assert_said("escrow join --out k " STORAGE(1) STORAGE(2) STORAGE(3),
	    "s/storage-sheet-3.txt: line 9: a character of it is wrong");
}

static void test_root(void **state)
{
	char text[PKI_SAID_TEXT];

	(void)state;
	pki_put("word", "two officers\n");
	pki_put("other", "one officer\n");
	assert_int_equal(
	    pki_run("root new --party QRA --out r --passphrase-file word"), COMMAND_DONE);
	/* Under its passphrase, which was tried before anything was made. */
	assert_int_equal(pki_run(SPLIT "r/root.key"), COMMAND_FAILED);
	assert_int_equal(pki_run(SPLIT "r/root.key --passphrase-file other"), COMMAND_FAILED);
	assert_none("s");
	assert_int_equal(pki_run(SPLIT "r/root.key --passphrase-file word"), COMMAND_DONE);
	assert_said("escrow join --out k --passphrase-file other " ROOT(1) ROOT(2) ROOT(3),
	    "it is not the passphrase of the key");
	pki_printed(text, "escrow join --out k " ROOT(1) ROOT(2) ROOT(3), COMMAND_DONE);
	assert_non_null(strstr(text, "Its passphrase was not tried"));
	assert_same("k", "r/root.key");
	assert_int_equal(unlink("k"), 0);
	pki_said(text, "escrow drill --out d " ROOT(1) ROOT(2) ROOT(3), COMMAND_USAGE);
	assert_non_null(strstr(text, "--passphrase-file"));
	assert_none("d");
	assert_int_equal(
	    pki_run("escrow drill --out d --passphrase-file word --against r/root.crt " ROOT(1)
		    ROOT(4) ROOT(3)),
	    COMMAND_DONE);
	/* In plain: the sheets alone are the key. */
	assert_int_equal(
	    pki_run("escrow split --party QRA --sheets 2 --needed 2 --out p r/root.key "
		    "--without-passphrase --passphrase-file word"),
	    COMMAND_DONE);
	assert_int_equal(
	    pki_run("escrow join --out k --sheet p/root-sheet-1.txt --sheet p/root-sheet-2.txt"),
	    COMMAND_DONE);
	assert_int_equal(
	    pki_run("identity sign --party QRA --root-key k --root-cert r/root.crt --seal-cert "
		    "qra/node/seal.crt --tls-cert qra/node/tls.crt --out i.xml"),
	    COMMAND_DONE);
}

static void test_new(void **state)
{
	char text[PKI_SAID_TEXT];

	(void)state;
	assert_int_equal(
	    pki_run("escrow new --party QRA --sheets 4 --needed 2 --out s"), COMMAND_DONE);
	assert_none("s/escrow.key");
	assert_int_equal(
	    pki_run("escrow drill --out d --against s/escrow.pub " ESCROW(4) ESCROW(1)),
	    COMMAND_DONE);
	pki_printed(text, "show d", COMMAND_DONE);
	assert_non_null(strstr(text, "joined       sheets 1 4 of 4, of which 2 are needed\n"));
	assert_non_null(strstr(text, "compared     is the key in use\n"));
	assert_non_null(strstr(text, "The next drill is due by "));
	assert_null(strstr(text, "late"));
	/* Of another pair. */
	assert_int_equal(
	    pki_run("escrow new --party QRA --sheets 4 --needed 2 --out t"), COMMAND_DONE);
	assert_said("escrow drill --out k --against t/escrow.pub " ESCROW(4) ESCROW(1),
	    "t/escrow.pub: is of another key than the sheets");
	/* All or nothing: with one sheet in the way there is no escrow.pub either. */
	assert_int_equal(unlink("s/escrow.pub"), 0);
	assert_int_equal(unlink("s/escrow-sheet-1.txt"), 0);
	assert_int_equal(
	    pki_run("escrow new --party QRA --sheets 4 --needed 2 --out s"), COMMAND_FAILED);
	assert_none("s/escrow.pub");
	assert_none("s/escrow-sheet-1.txt");
}

static void test_record(void **state)
{
	char text[PKI_SAID_TEXT];

	(void)state;
	pki_put(
	    "old", "ESCROW DRILL\n  at           2020-01-01T00:00:00.000Z\n  party        QRA\n");
	pki_printed(text, "show old", COMMAND_DONE);
	assert_non_null(strstr(text, "The next drill is due by 2020-12-31: it is late\n"));
	pki_put(
	    "bad", "ESCROW DRILL\n  at           2020-02-30T00:00:00.000Z\n  party        QRA\n");
	assert_said("show bad", "drill record");
	pki_put(
	    "cursor", "ESCROW DRILL\n  at           2020-01-01T00:00:00.000Z\n  party\033[2J\n");
	assert_said("show cursor", "drill record");
}

static void test_use(void **state)
{
	static const struct {
		const char *line, *words;
	} rows[] = {
	    {"escrow split --party QRA --sheets 5 --needed 2 --out s qra/node/seal.key",
		"seal.key: a key of the seal or of TLS is kept nowhere else"},
	    {"escrow split --party QRA --sheets 5 --needed 2 --out s qra/node/tls.key",
		"tls.key: a key of the seal or of TLS is kept nowhere else"},
	    {"escrow split --party QRA --sheets 17 --needed 3 --out s qra/node/storage.key",
		"--sheets: 2 to 16"},
	    {"escrow split --party QRA --sheets 1 --needed 1 --out s qra/node/storage.key",
		"--sheets: 2 to 16"},
	    {"escrow split --party QRA --sheets 5 --needed 6 --out s qra/node/storage.key",
		"--needed: 2 to"},
	    {"escrow split --party QRA --sheets 5 --needed 0 --out s qra/node/storage.key",
		"--needed: 2 to"},
	    {"escrow split --party QRA --sheets 5 --needed 1 --out s qra/node/storage.key",
		"--single, if"},
	    {"escrow split --party QRA --sheets 5x --needed 2 --out s qra/node/storage.key",
		"--sheets: 2 to 16"},
	    {"escrow split --party qra --sheets 5 --needed 2 --out s qra/node/storage.key",
		"party code"},
	    {"escrow split --party QRA --sheets 5 --needed 2 --out s qra/node/identity.XML",
		"room for a name"},
	};
	char text[PKI_SAID_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		pki_said(text, rows[i].line, COMMAND_USAGE);
		if (strstr(text, rows[i].words) == NULL)
			fail_msg("%s: said: %s", rows[i].line, text);
		assert_none("s");
	}
	assert_int_equal(pki_run(SPLIT "qra/node/identity.xml"), COMMAND_FAILED);
	assert_int_equal(pki_run(SPLIT "qra/node/tls.crt"), COMMAND_FAILED);
	assert_int_equal(
	    pki_run(
		"escrow split --single --party QRA --sheets 2 --needed 1 --out s qra/node/storage.key"),
	    COMMAND_DONE);
	assert_int_equal(pki_run("escrow join --out k " STORAGE(2)), COMMAND_DONE);
	assert_same("k", "qra/node/storage.key");
}

/* What a person types: the lines of the sheets, with one wrong line and one sheet twice between. */
static void type(const char *const sheets[], const char *first)
{
	FILE *f = fopen("typed", "w");

	assert_non_null(f);
	fputs(first, f);
	for (; *sheets != NULL; sheets++) {
		struct rxp_buf text;
		const char *at;

		pki_read(&text, *sheets);
		assert_int_equal(rxp_buf_putc(&text, '\0'), 0);
		at = strstr((const char *)text.data, "   1  ");
		assert_non_null(at);
		fputs(at, f);
		rxp_buf_free(&text);
	}
	fclose(f);
}

static int join_typed(void)
{
	int saved = dup(STDIN_FILENO);
	int typed = open("typed", O_RDONLY | O_CLOEXEC);
	int status;

	assert_true(dup2(typed, STDIN_FILENO) == STDIN_FILENO);
	status = pki_run("escrow join --out k");
	assert_true(dup2(saved, STDIN_FILENO) == STDIN_FILENO);
	close(saved);
	close(typed);
	return status;
}

static void test_typed(void **state)
{
	static const char *const three[] = {"s/storage-sheet-4.txt", "s/storage-sheet-4.txt",
	    "s/storage-sheet-2.txt", "s/storage-sheet-3.txt", NULL};
	static const char *const four[] = {"s/storage-sheet-4.txt", "s/storage-sheet-2.txt",
	    "s/storage-sheet-3.txt", "s/storage-sheet-5.txt", NULL};

	(void)state;
	assert_int_equal(pki_run(SPLIT "qra/node/storage.key"), COMMAND_DONE);
	type(three, "0000 0000 0000 0000 0000 0000 0000\n\n");
	assert_int_equal(join_typed(), COMMAND_DONE);
	assert_same("k", "qra/node/storage.key");
	assert_int_equal(unlink("k"), 0);
	/* Of three one was forged: one more is asked for. */
	forge("s/storage-sheet-2.txt", 2);
	type(four, "");
	assert_int_equal(join_typed(), COMMAND_DONE);
	assert_same("k", "qra/node/storage.key");
	assert_int_equal(unlink("k"), 0);
	type(three + 2, "");
	assert_int_equal(join_typed(), COMMAND_FAILED);
	assert_none("k");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, pki_rig_begin, pki_rig_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_storage),
	    TEST(test_what_is_wrong),
	    TEST(test_changed_together),
	    TEST(test_one_sheet),
	    TEST(test_typing_error),
	    TEST(test_root),
	    TEST(test_new),
	    TEST(test_record),
	    TEST(test_use),
	    TEST(test_typed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
