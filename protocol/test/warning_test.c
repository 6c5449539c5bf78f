/*
 * Goals:
 *  - folding takes away what makes no difference between words, in each script of the list, never writes beyond
 *    its bound, and folds twice to the same; a word that mixes scripts which look alike is known;
 *  - each word of warning.def is folded, so that it can be found at all; a sentence of each language that hints is
 *    found, and sentences that officers write every day are not;
 *  - in the name of a person a claim for protection is found, and what people are called is not;
 *  - no code of a closed list is a word of the warning list, but for those that are listed with a reason.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/safeguard/fold.h"
#include "protocol/safeguard/warning.h"
#include "protocol/xml/schema_data.h"

static void assert_folds(const char *text, const char *folded)
{
	char out[RXP_FOLD_TEXT] = "";
	char again[RXP_FOLD_TEXT] = "";

	rxp_fold_append(out, text);
	assert_string_equal(out, folded);
	rxp_fold_append(again, out);
	assert_string_equal(again, folded);
}

static void test_folding(void **unused)
{
	(void)unused;
	assert_folds("", " ");
	assert_folds("Asylum-Seeker", " asylum seeker ");
	assert_folds("  RÉFUGIÉ, straße; ŒUVRE ", " refugie strasse oeuvre ");
	assert_folds("Re\xcc\x81"
		     "fugie\xcc\x81",
	    " refugie "); /* marks that combine */
	assert_folds("asy\xc2\xadlum asy\xe2\x80\x8blum", " asylum asylum ");
	assert_folds("ＡＳＹＬＵＭ", " asylum ");
	assert_folds("SIĞINMA İLTİCA ısı", " siginma iltica isi ");
	assert_folds("БЕЖЕНЕЦ Ёлка", " беженец елка ");
	assert_folds("اللُّجُوء إلى أُورُوبّا", " اللجوء الي اوروبا ");
	assert_folds("پناهندگی", " پناهندگي ");
	assert_folds("لـجـوء", " لجوء ");
	assert_folds("ÅNGSTRÖM/ΑΘΗΝΑ", " angstrom αθηνα ");
	assert_folds("a\xff\xc3z", " a z "); /* no UTF-8 */
}

static bool mixes(const char *text)
{
	char folded[RXP_FOLD_TEXT] = "";

	rxp_fold_append(folded, text);
	return rxp_fold_mixes(folded);
}

static void test_mixed_scripts(void **unused)
{
	static const char *const mixed[] = {"\u0430sylum", "the asyl\u03c5m", "ASYLU\u041c",
	    "\u0555ffice", "\u13aasylum", "refu\u0261ee p\u0435rsecuted"};
	static const char *const whole[] = {"", "asylum", "Paris Москва", "Αθήνα/Athens",
	    "A320 Б12", "Zürich, Łódź", "پناه UNHCR", "7-й"};

	(void)unused;
	for (size_t i = 0; i < sizeof mixed / sizeof mixed[0]; i++)
		if (!mixes(mixed[i]))
			fail_msg("%s", mixed[i]);
	for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++)
		if (mixes(whole[i]))
			fail_msg("%s", whole[i]);
}

static void test_spelled_words(void **unused)
{
	static const struct {
		const char *text;
		bool spells;
	} rows[] = {{"a s y l u m", true}, {"A.S.Y.L.U.M.", true}, {"see a-s-y-l-u", true},
	    {"p_r_o_t_e", true}, {"J. R. R. Tolkien", false}, {"a b c d", false}, {"", false},
	    {"A 1 B 2 C 3 D 4 E", false}, {"gate A, B, C, D or E", false}, {"П о ч е м у", true}};

	(void)unused;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char folded[RXP_FOLD_TEXT] = "";

		rxp_fold_append(folded, rows[i].text);
		if (rxp_fold_spells(folded) != rows[i].spells)
			fail_msg("%s", rows[i].text);
	}
}

static void test_folding_is_bounded(void **unused)
{
	char text[3 * RXP_FOLD_TEXT];
	char out[RXP_FOLD_TEXT + 8] = "";

	(void)unused;
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	memset(out + RXP_FOLD_TEXT, '!', 8);
	rxp_fold_append(out, text);
	rxp_fold_append(out, text);
	assert_int_equal(strlen(out), RXP_FOLD_TEXT - 1);
	assert_memory_equal(out + RXP_FOLD_TEXT, "!!!!!!!!", 8);
}

static const struct {
	const char *language, *word;
} words[] = {
#define WARNING(language, where, word) {(language), (word)},
#include "protocol/safeguard/warning.def"
};

static void test_words_are_folded(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		char folded[RXP_FOLD_TEXT] = "";
		size_t len;

		rxp_fold_append(folded, words[i].word);
		len = strlen(folded);
		if (len < 4 || strncmp(folded + 1, words[i].word, len - 2) != 0 ||
		    words[i].word[len - 2] != '\0')
			fail_msg("%s: %s", words[i].language, words[i].word);
	}
}

static bool is_found(const char *text)
{
	char folded[RXP_FOLD_TEXT] = "";

	rxp_fold_append(folded, text);
	return rxp_warning_in(folded);
}

static void test_sentences_that_hint(void **unused)
{
	static const struct {
		const char *language, *text;
	} sentences[] = {
	    {"any", "Treffer in EURODAC"},
	    {"en", "The person fears persecution at home."},
	    {"en", "She is HIV positive."},
	    {"en", "An appeal is pending."},
	    {"fr", "Demande d'asile rejetée"},
	    {"fr", "Il s'est converti en 2019."},
	    {"es", "Solicitó el reconocimiento como refugiada."},
	    {"es", "Está en la cárcel."},
	    {"pt", "Sofreu perseguição."},
	    {"de", "Erstasylantrag abgelehnt"},
	    {"de", "Er wurde verhaftet."},
	    {"ar", "قُدِّم طلب لجوء"},
	    {"ar", "صدر حكم من المحكمة"},
	    {"fa", "درخواست پناهندگی رد شد"},
	    {"fa", "او در زندان بود"},
	    {"tr", "İltica başvurusu reddedildi"},
	    {"tr", "Hastalığı var"},
	    {"ru", "Просил убежища"},
	    {"ru", "Был осуждён за преступление"},
	    {"so", "Codsiga magangalyada"},
	    {"ckb", "داوای پەنابەری کرد"},
	    {"rw", "Ni impunzi"},
	    {"nl", "Asielzoeker, aanvraag afgewezen"},
	    {"it", "Ha chiesto asilo."},
	    {"sv", "Hon är flykting."},
	    {"da", "Han er flygtning."},
	    {"fi", "Turvapaikanhakija"},
	    {"pl", "Złożył wniosek o azyl."},
	    {"cs", "Uprchlík"},
	    {"hu", "Menedékkérő"},
	    {"ro", "A cerut azil."},
	    {"el", "Ζήτησε άσυλο."},
	    {"sq", "Ka kërkuar azil në Zenith, azilkërkues"},
	    {"bs", "Tražilac azila, izbjeglica"},
	    {"sr", "Тражилац азила"},
	    {"mk", "Бегалци"},
	    {"uk", "Шукає притулку, біженка"},
	    {"be", "Бежанец"},
	    {"ka", "ითხოვს თავშესაფარს"},
	    {"hy", "Ապաստան է հայցել"},
	    {"az", "Sığınacaq istəyir"},
	    {"ur", "پناہ گزین"},
	    {"bn", "তিনি একজন শরণার্থী"},
	    {"am", "ጥገኝነት ጠየቀ"},
	    {"ti", "ዑቕባ ሓቲቱ"},
	    {"si", "ඔහු සරණාගතයෙකි"},
	    {"ta", "அவர் ஒரு அகதி"},
	    {"zh", "他申请庇护"},
	    {"he", "ביקש מקלט"},
	    {"ku", "Ew penaber e"},
	    {"kea", "El pidi azilu"},
	    {"vi", "Xin tị nạn"},
	    {"ps", "هغه کډوال دی"},
	};
	bool covered[sizeof words / sizeof words[0]] = {false};

	(void)unused;
	for (size_t i = 0; i < sizeof sentences / sizeof sentences[0]; i++) {
		if (!is_found(sentences[i].text))
			fail_msg("%s: %s", sentences[i].language, sentences[i].text);
		for (size_t k = 0; k < sizeof words / sizeof words[0]; k++)
			covered[k] |= strcmp(words[k].language, sentences[i].language) == 0;
	}
	for (size_t k = 0; k < sizeof words / sizeof words[0]; k++)
		if (!covered[k])
			fail_msg("no sentence of the language %s", words[k].language);
}

static void test_everyday_sentences(void **unused)
{
	static const char *const sentences[] = {
	    "The family asks to travel on a weekday.",
	    "She travels with two suitcases.",
	    "The child travels with her mother.",
	    "The copy of the birth certificate is hard to read; a better one follows.",
	    "Please call the office before noon.",
	    "Le passeport est périmé depuis 2012.",
	    "Prière de confirmer l'heure d'arrivée du vol.",
	    "El vuelo llega a las 17:25.",
	    "San Salvador, El Refugio",
	    "Islamabad, Islamic Republic of Pakistan",
	    "Christianshavn, København",
	    "Praia, Santiago, Cabo Verde",
	    "السلطة المختصة في بغداد",
	    "حامل جواز السفر",
	    "جمهورية العراق، وزارة الداخلية",
	    "اداره ثبت احوال تهران",
	    "Uçuş saat 17:25'te varıyor.",
	    "Рейс прибывает в 17:25, Исламабад",
	    "Muqdisho, Soomaaliya",
	    "Kigali, Rwanda",
	    "هەولێر",
	    "Azilal, Brasília, Asilah",
	    "Via Dublin, terminal 2; arrives at Geneva",
	    "Tirana, Podgorica, Скопје, Београд",
	    "Київ, аеропорт Бориспіль",
	    "თბილისის აეროპორტი",
	    "Զվարթնոց օդանավակայան",
	    "Bakı, Heydər Əliyev hava limanı",
	    "اسلام آباد، پاکستان",
	    "ঢাকা বিমানবন্দর",
	    "አዲስ አበባ",
	    "කොළඹ, கொழும்பு",
	    "香港國際機場, 澳門",
	};

	(void)unused;
	for (size_t i = 0; i < sizeof sentences / sizeof sentences[0]; i++)
		if (is_found(sentences[i]))
			fail_msg("%s", sentences[i]);
}

static bool is_found_in_name(const char *text)
{
	char folded[RXP_FOLD_TEXT] = "";

	rxp_fold_append(folded, text);
	return rxp_warning_in_name(folded);
}

static void test_names_of_persons(void **unused)
{
	static const char *const claims[] = {"ASYLUM SEEKER", "Asyl", "refugee", "Pedido de asilo",
	    "P<UTOREFUGEE<<ASYLUM<CLAIM<<<<<<<<<<<<<<<<<<", "بانتظار اللجوء", "Мария Беженец"};
	static const char *const names[] = {"Islam", "Christian", "Refugio", "Bautista", "Gay",
	    "Muslim", "Cristiano", "Conde", "حلاجی", "یزدان‌پناه", "Panahi", "Aziza",
	    "Asil", "P<UTOISLAM<<MD<CHRISTIAN<<<<<<<<<<<<<<<<<<<<"};

	(void)unused;
	for (size_t i = 0; i < sizeof claims / sizeof claims[0]; i++)
		if (!is_found_in_name(claims[i]))
			fail_msg("%s", claims[i]);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (is_found_in_name(names[i]))
			fail_msg("%s", names[i]);
}

static bool is_needed(const char *code)
{
	static const char *const needed[] = {
	    "court", /* to which data may be passed on with consent */
	    "pregnancy-assistance", /* in a compartment, for the health office alone */
	};

	for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++)
		if (strcmp(needed[i], code) == 0)
			return true;
	return false;
}

static void test_codes(void **unused)
{
	static const char mark[] = "<xs:enumeration value=\"";
	unsigned n = 0;

	(void)unused;
	for (const struct rxp_embedded *e = rxp_embedded_schemas; e->name != NULL; e++) {
		const char *at = (const char *)e->octets;
		const char *end = at + e->len;

		while ((at = memmem(at, (size_t)(end - at), mark, strlen(mark))) != NULL) {
			char code[64] = "";
			size_t len;

			at += strlen(mark);
			len = strcspn(at, "\"");
			assert_true(len < sizeof code);
			memcpy(code, at, len);
			if (is_found(code) && !is_needed(code))
				fail_msg("%s: %s", e->name, code);
			n++;
		}
	}
	assert_true(n > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_folding),
	    cmocka_unit_test(test_mixed_scripts),
	    cmocka_unit_test(test_spelled_words),
	    cmocka_unit_test(test_folding_is_bounded),
	    cmocka_unit_test(test_words_are_folded),
	    cmocka_unit_test(test_sentences_that_hint),
	    cmocka_unit_test(test_everyday_sentences),
	    cmocka_unit_test(test_names_of_persons),
	    cmocka_unit_test(test_codes),
	};

	return cmocka_run_group_tests_name("warning", tests, NULL, NULL);
}
