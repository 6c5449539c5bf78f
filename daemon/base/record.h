/*
 * record - typed structs to octets and back, from one table of fields.
 *
 * Rows of lists, of the peer register and of tickets are records (record.def); so are the messages
 * between processes (ipc.def). A table row gives the struct, the description that the codec walks,
 * and the exhaustive test. Octets: fields in order, integers big-endian, fixed runs as they are,
 * PARTY as three octets (zeros for none), BYTES and NAME as a 32-bit length and the octets. One
 * encoding per value; trailing octets are an error. Decoded BYTES point into the decoded octets and
 * live as long as those.
 */
#ifndef BASE_RECORD_H
#define BASE_RECORD_H

#include <stddef.h>
#include <stdint.h>

struct rxp_buf;

#define RECORD_NAME_MAX 64 /* octets of a NAME with its NUL: codes, type names, users */

struct bytes {
	const uint8_t *data; /* borrowed */
	size_t len;
};

/* Field kinds and their C types: FIELD_<kind>(name) declares the member. */
#define FIELD_U32(name) uint32_t name
#define FIELD_U64(name) uint64_t name
#define FIELD_I64(name) int64_t name
#define FIELD_ID(name) uint8_t name[16]
#define FIELD_DIGEST(name) uint8_t name[32]
#define FIELD_PARTY(name) char name[4]
#define FIELD_NAME(name) char name[RECORD_NAME_MAX]
#define FIELD_BYTES(name) struct bytes name

enum field_kind {
	FIELD_KIND_U32,
	FIELD_KIND_U64,
	FIELD_KIND_I64,
	FIELD_KIND_ID,
	FIELD_KIND_DIGEST,
	FIELD_KIND_PARTY,
	FIELD_KIND_NAME,
	FIELD_KIND_BYTES,
};

struct field {
	const char *name;
	enum field_kind kind;
	size_t offset; /* of the member in its struct */
};

struct record_type {
	const char *name;
	const struct field *(*fields)(size_t *n); /* in order of encoding */
	size_t size; /* of the struct */
};

/* One row of a .def file as a description, for the files that expand one (record.c, ipc.c): define
 * F(kind, field) as RECORD_FIELD(kind, field). A function per row, as only there its fields can name
 * their struct; the fields stand last, as they bring commas with them. */
#define RECORD_FIELD(field_kind, field_name) \
	{.name = #field_name, \
	    .kind = FIELD_KIND_##field_kind, \
	    .offset = offsetof(self, field_name)},
#define RECORD_FIELDS(prefix, row, ...) \
	static const struct field *fields_##row(size_t *n) \
	{ \
		typedef struct prefix##row self; \
		static const struct field fields[] = {__VA_ARGS__}; \
		*n = sizeof fields / sizeof fields[0]; \
		return fields; \
	}
#define RECORD_TYPE(prefix, row) \
	{ \
		.name = #row, .fields = fields_##row, .size = sizeof(struct prefix##row) \
	}

/* The field of this name; NULL: there is none. */
const struct field *record_field(const struct record_type *type, const char *name);

/* Append the record's fields. The buffer's errors. A NAME without NUL, or a PARTY that is neither
 * empty nor three capital letters, aborts: whoever fills a struct has checked its values. */
int record_encode(struct rxp_buf *out, const struct record_type *type, const void *record);

/* Decode exactly len octets. RXP_ERR_SYNTAX; out untouched then. */
int record_decode(void *out, const struct record_type *type, const uint8_t *octets, size_t len);

/*
 * Lists: any number of records in one run of octets, each as 16-bit tag, 32-bit length, fields.
 */
int record_list_put(
    struct rxp_buf *out, uint16_t tag, const struct record_type *type, const void *record);

struct record_cursor {
	const uint8_t *at;
	size_t left;
};

/* The next record's tag and octets. 1 if there was one, 0 at the end, RXP_ERR_SYNTAX. */
int record_list_next(struct record_cursor *cursor, uint16_t *tag, struct bytes *fields);

/* The structs and types of record.def: struct rec_<name>, record_<name>, and a tag REC_<name>. */
#define F(kind, name) FIELD_##kind(name);
#define RECORD(name, fields) \
	struct rec_##name { \
		fields \
	}; \
	extern const struct record_type record_##name;
#include "daemon/base/record.def"
#undef RECORD
#undef F

enum record_tag {
	REC_none = 0,
#define F(kind, name)
#define RECORD(name, fields) REC_##name,
#include "daemon/base/record.def"
#undef RECORD
#undef F
	REC_COUNT
};

/* Type of a tag; NULL for an unknown one. */
const struct record_type *record_type_of(uint16_t tag);

#endif
