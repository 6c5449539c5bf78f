#include "conformance/judge/judge.h"

#include <stdlib.h>
#include <string.h>

#include "conformance/judge/judge_inside.h"
#include "protocol/base/err.h"
#include "protocol/xml/xml_fault.h"

static const struct {
	const char *ns, *root, *words;
	judge_fn *function;
} kinds[] = {
#define JUDGE_KIND(name, ns, root, words, function) [JUDGE_##name] = {ns, root, words, function},
#include "conformance/judge/judge_kind.def"
#undef JUDGE_KIND
};

const char *judge_kind_words(enum judge_kind kind)
{
	if ((unsigned)kind > JUDGE_KIND_COUNT)
		abort();
	return kind == JUDGE_KIND_COUNT ? "no object of the protocol" : kinds[kind].words;
}

void judge_wrong(struct judgement *out, const char *requirement, const char *place, const char *why)
{
	size_t len = strlen(why);

	if (out->requirement != NULL)
		return;
	out->requirement = requirement;
	if (len >= sizeof out->why)
		len = sizeof out->why - 1;
	memcpy(out->why, why, len);
	out->why[len] = '\0';
	if (place == NULL)
		return;
	len = strlen(place);
	if (len >= sizeof out->place)
		len = sizeof out->place - 1;
	memcpy(out->place, place, len);
	out->place[len] = '\0';
}

/* Is this text the octets from at on? */
static bool stands(const uint8_t *octets, size_t len, size_t at, const char *text)
{
	size_t n = strlen(text);

	return n <= len - at && memcmp(octets + at, text, n) == 0;
}

static size_t find(const uint8_t *octets, size_t len, const char *text)
{
	const uint8_t *hit = memmem(octets, len, text, strlen(text));

	return hit == NULL ? len : (size_t)(hit - octets);
}

/* What a declaration breaks, if there is one; a sealed object has none. */
static const char *declaration_fault(const uint8_t *octets, size_t len, enum rxp_xml_kind kind)
{
	size_t end = find(octets, len, "?>");

	if (!stands(octets, len, 0, "<?xml"))
		return NULL;
	if (find(octets, end, "1.0") == end ||
	    (find(octets, end, "encoding") != end && find(octets, end, "UTF-8") == end))
		return "RXP-XML-001";
	return kind == RXP_XML_SEALED ? "RXP-XML-002" : NULL;
}

/* Of an Id that is none of the six: is it below Header or Body, or beside them (RXP-SEA-004)? */
static const char *id_fault(const uint8_t *octets, size_t len)
{
	static const char *const ids[] = {
	    "header", "body", "sig", "ref-header", "ref-body", "seal"};
	size_t from = find(octets, len, "<Header"), until = find(octets, len, "</Body>");

	for (size_t at = 0; at < len; at++) {
		bool right = false;

		if (!stands(octets, len, at, " Id=\"") && !stands(octets, len, at, " ID=\""))
			continue;
		for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
			right =
			    right || (octets[at + 2] == 'd' && stands(octets, len, at + 5, ids[i]));
		if (!right)
			return from < at && at < until ? "RXP-XML-004" : "RXP-SEA-004";
	}
	return "RXP-XML-004";
}

static const char *fault_of(
    const struct rxp_xml_fault *fault, const uint8_t *octets, size_t len, enum rxp_xml_kind kind)
{
	const char *declared = declaration_fault(octets, len, kind);

	if (declared != NULL)
		return declared;
	if (len > 0 && strchr(" \t\r\n", octets[len - 1]) != NULL && octets[len - 1] != '\0')
		return "RXP-XML-002";
	if (fault->wrong == RXP_XML_WRONG_ID && kind == RXP_XML_SEALED)
		return id_fault(octets, len);
	return fault->wrong == RXP_XML_RIGHT ? "RXP-XML-001"
					     : rxp_xml_fault_requirement(fault->wrong);
}

int judge_parse(struct judgement *out, struct rxp_xml **xml, const uint8_t *octets, size_t len,
    size_t max, const char *too_large, enum rxp_xml_kind kind)
{
	struct rxp_xml_fault fault = {RXP_XML_RIGHT, 0};
	int rc = rxp_xml_parse_told(xml, octets, len, max, kind, &fault);

	if (rc == 0 || rc == RXP_ERR_NOMEM)
		return rc;
	*xml = NULL;
	if (rc == RXP_ERR_BOUND)
		judge_wrong(out, too_large, NULL, "it is larger than it may be");
	else
		judge_wrong(out, fault_of(&fault, octets, len, kind), NULL,
		    fault.wrong == RXP_XML_RIGHT ? "not well-formed"
						 : rxp_xml_fault_text(fault.wrong));
	return 0;
}

/* Does an element of this name begin there, whatever stands before it? */
static bool names(const uint8_t *octets, size_t len, const char *root)
{
	char tag[32];
	size_t at;

	tag[0] = '<';
	memcpy(tag + 1, root, strlen(root) + 1);
	at = find(octets, len, tag);
	return at < len && at < find(octets, len, "xmlns");
}

/*
 * By the first namespace of the protocol that the octets name, and by the root where two kinds have one; by the root alone
 * where no namespace is one of the protocol. So what is no XML has a kind, too.
 */
static enum judge_kind kind_of(const uint8_t *octets, size_t len)
{
	size_t at = find(octets, len, "urn:rxp:1:");
	enum judge_kind kind = JUDGE_KIND_COUNT;

	for (size_t k = JUDGE_KIND_COUNT; k-- > 0;)
		if (at < len ? stands(octets, len, at, kinds[k].ns) &&
				   (kind == JUDGE_KIND_COUNT || names(octets, at, kinds[k].root))
			     : names(octets, len, kinds[k].root))
			kind = (enum judge_kind)k;
	return kind;
}

int judge_object(
    struct judgement *out, const uint8_t *octets, size_t len, const struct judge_known *known)
{
	/* Nothing has an address, too. */
	if (len == 0)
		octets = (const uint8_t *)"";
	*out = (struct judgement){.kind = kind_of(octets, len)};
	if (out->kind != JUDGE_KIND_COUNT)
		return kinds[out->kind].function(out, octets, len, known);
	judge_wrong(out, "RXP-XML-001", NULL, "it names no namespace of the protocol");
	return 0;
}
