/*
 * media_machine - what the machines of the kinds of files stand on; for protocol/media*.c only.
 *
 * A machine is driven by octets, never asks for them, and at any time does one of two things: it
 * gathers `want` octets and then steps; or it lets `pass` octets by, with a look at them or without.
 * One that wants nothing more has seen the end of its file.
 */
#ifndef RXP_MEDIA_MACHINE_H
#define RXP_MEDIA_MACHINE_H

#include "protocol/media/media.h"

#define RXP_MEDIA_HEAD_MAX 4096 /* octets that a step may gather */
#define RXP_MEDIA_ENCLOSURES_MAX 4
#define RXP_MEDIA_PASS_ALL UINT64_MAX /* until the look stops it */

struct rxp_media_format {
	size_t octets; /* of its own state, all 0 at first */
	size_t want; /* of the first step */
	int (*step)(struct rxp_media *m, const uint8_t *head, size_t len);
	/* A look at octets that pass. To stop, it sets m->pass to 0 and *taken, which is len. NULL: none. */
	int (*look)(struct rxp_media *m, const uint8_t *octets, size_t len, size_t *taken);
};

/* Where a length stands that counts what is inside it. */
struct rxp_media_length {
	uint64_t at;
	uint8_t width; /* octets */
	bool text; /* decimal digits; else big-endian */
};

/* What makes a file clean: octets taken out, blanked with X, or a number lessened by an amount. */
enum rxp_media_change { RXP_MEDIA_CUT, RXP_MEDIA_BLANK, RXP_MEDIA_LESS };

struct rxp_media_edit {
	enum rxp_media_change change;
	struct rxp_media_finding part;
	uint64_t octets; /* of CUT and BLANK; or the amount of LESS */
	struct rxp_media_length length; /* of LESS */
};

typedef int rxp_media_edit_fn(void *arg, const struct rxp_media_edit *edit);

struct rxp_media {
	const struct rxp_media_format *format;
	void *own; /* the machine's state */
	uint64_t at; /* offset of the next octet */
	uint64_t part; /* where the part in work began */
	size_t want, have; /* to gather, gathered */
	uint64_t pass;
	bool looks; /* format->look sees what passes */
	bool may_end; /* the file may end here though more is wanted */
	int error; /* sticky */
	struct rxp_media_finding finding;
	rxp_media_edit_fn *edit; /* NULL: every part off the list is an error */
	void *arg;
	struct rxp_media_length
	    enclosures[RXP_MEDIA_ENCLOSURES_MAX]; /* lengths that count the next octet */
	size_t n_enclosures;
	struct rxp_media *parent, *child; /* a picture inside; one level */
	uint8_t head[RXP_MEDIA_HEAD_MAX];
};

#define MEDIA(name, type, magic, title, cleans) \
	extern const struct rxp_media_format rxp_media_##name;
#include "protocol/media/media.def"
#undef MEDIA

/* What a step does next. A machine that calls none of these has seen its end. After what passes comes
 * what is wanted; if nothing is, the next step is called with len 0. */
void rxp_media_want(struct rxp_media *m, size_t octets); /* 1 to RXP_MEDIA_HEAD_MAX */
void rxp_media_pass(struct rxp_media *m, uint64_t octets, bool looks);

/* The part in work is not of its kind: gives RXP_ERR_SYNTAX. */
int rxp_media_broken(struct rxp_media *m, const char *what);
/* Octets off the allow-list, in this file from `at`: RXP_ERR_UNSUPPORTED, or 0 where they are taken out
 * or blanked, which lessens every length around a cut. */
int rxp_media_strike(struct rxp_media *m, const char *what, uint64_t at, uint64_t octets);
int rxp_media_blank(struct rxp_media *m, const char *what, uint64_t at, uint64_t octets);
/* A number that counts a part that was struck becomes one less. */
int rxp_media_less(struct rxp_media *m, const struct rxp_media_length *number);

/* From here to rxp_media_leave() this length counts every octet. */
void rxp_media_enclose(struct rxp_media *m, uint64_t at, uint8_t width, bool text);
void rxp_media_leave(struct rxp_media *m);

/* A picture begins with the next octet; the octets go to it by rxp_media_put(), rxp_media_end() ends
 * it. The machine gets its error and finding. RXP_ERR_NOMEM. */
int rxp_media_child(struct rxp_media *m, const struct rxp_media_row *row);
int rxp_media_child_put(struct rxp_media *m, const uint8_t *octets, size_t len);
int rxp_media_child_end(struct rxp_media *m);

uint32_t rxp_media_number(const uint8_t *octets, size_t width); /* big-endian, at most 4 octets */

#endif
