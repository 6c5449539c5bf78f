/*
 * judge_inside - what the judges of the single kinds share.
 */
#ifndef CONFORM_JUDGE_INSIDE_H
#define CONFORM_JUDGE_INSIDE_H

#include "conformance/judge/judge.h"
#include "protocol/seal/seal.h"
#include "protocol/xml/xml.h"

/* A judge fills out, whose kind is set, and returns as judge(). */
typedef int judge_fn(
    struct judgement *out, const uint8_t *octets, size_t len, const struct judge_known *known);
judge_fn judge_envelope, judge_document, judge_answer, judge_log_page, judge_descriptor,
    judge_terms, judge_content;

/* Of a file, by its list; and is it one, by how it begins? */
judge_fn judge_file;
bool judge_is_file(const uint8_t *octets, size_t len);

/* As judge(), of anything but a bundle and a file. */
int judge_object(
    struct judgement *out, const uint8_t *octets, size_t len, const struct judge_known *known);

/* Note what is wrong, unless something was noted before. place NULL: no element. */
void judge_wrong(
    struct judgement *out, const char *requirement, const char *place, const char *why);

/* Parse at most max octets. *xml is NULL if something is wrong, and has been noted; too_large: the requirement of the bound. */
int judge_parse(struct judgement *out, struct rxp_xml **xml, const uint8_t *octets, size_t len,
    size_t max, const char *too_large, enum rxp_xml_kind kind);

/*
 * Verify the seal of a parsed object of that kind; what is wrong is noted. On success, and if nothing is, *seal is for the
 * caller to clear; otherwise it is empty.
 */
int judge_seal(struct judgement *out, struct rxp_seal *seal, struct rxp_xml *xml,
    enum rxp_kind kind, const struct judge_known *known);

/* The first requirement that the shape of an object breaks, whose parts are searched one by one. */
const char *judge_seal_shape(const struct rxp_xml *xml, enum rxp_kind kind);

/* The certificates under which a sealed object is read: those that are known, or the one that it bears. */
struct judge_under {
	const struct rxp_cert *const *certs;
	size_t n; /* 0: it bears none that could be read */
	const struct rxp_cert *one[1];
	struct rxp_cert *claimed; /* owned */
};

/* Clear it also after a failure, which is RXP_ERR_NOMEM alone. */
int judge_under(struct judge_under *u, const uint8_t *octets, size_t len, enum rxp_kind kind,
    const struct judge_known *known);
void judge_under_clear(struct judge_under *u);

/* A sealed object that was parsed; all borrowed. */
struct judge_sealed {
	struct rxp_xml *xml;
	const uint8_t *octets;
	size_t len;
	const struct judge_under *under;
	const struct judge_known *known;
};

/* What is parsed as such an object, and who then reads it; returns as judge(). */
struct judge_form {
	enum rxp_kind kind;
	size_t max; /* octets */
	const char *too_large; /* the requirement of the bound */
	int (*read)(struct judgement *out, const struct judge_sealed *o);
};
int judge_as(struct judgement *out, const struct judge_form *form, const uint8_t *octets,
    size_t len, const struct judge_known *known);

/* A place without its numbers, as a Refusal has it. */
void judge_names(char out[RXP_PLACE_TEXT], const char *path);

/* What a schema says of a place: its names alone, and why; and where its element is, by rxp_place_write(). root NULL: nowhere. */
struct judge_fault {
	const char *ns, *place, *text;
	const struct _xmlNode *root;
	const char *path;
};

/* The requirement that this is about: of judge_place.def, or the one given. */
const char *judge_requirement_at(const struct judge_fault *fault, const char *otherwise);

/* Hold an element against its schema; a violation is noted with the requirement that judge_place.def gives for the element at
 * fault, or the one given. */
int judge_schema(struct judgement *out, struct _xmlNode *element, const char *otherwise);

/* Content and manifest (NULL: none) of a type: schema, rules, safeguards. */
int judge_typed(struct judgement *out, struct _xmlNode *content, struct _xmlNode *manifest,
    const struct judge_typing *typing);

#endif
