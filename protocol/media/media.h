/*
 * media - is a file of its kind, with nothing in it but what the allow-list of its kind names
 * (RXP-ATT-020 to RXP-ATT-029)? Files carry names, places, devices and comments that nobody sees.
 *
 * A scan takes the octets of one file in pieces of any size and gives the same verdict for the same
 * file however it is cut. It keeps a few kilobytes, whatever the length. What it does not know, it
 * refuses. What the compressed data of a picture shows or hides is not looked at.
 */
#ifndef RXP_MEDIA_H
#define RXP_MEDIA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RXP_MEDIA_MAGIC_MAX 12 /* octets that are enough for rxp_media_of() */

struct rxp_media;
struct rxp_media_format;

/* A row of media.def. */
struct rxp_media_row {
	const char *name, *type, *title;
	const uint8_t *magic;
	size_t magic_len;
	bool cleans;
	const struct rxp_media_format *format; /* for the library alone */
};

extern const struct rxp_media_row rxp_media_table[];
extern const size_t rxp_media_count;

/* The row of a media type; of a file by its first octets. NULL: none. */
const struct rxp_media_row *rxp_media_row(const char *type);
const struct rxp_media_row *rxp_media_of(const uint8_t *octets, size_t len);

/* What is wrong first. */
struct rxp_media_finding {
	uint64_t at; /* offset in the file of the part that it is about */
	const char *what; /* a fixed text: the name of the part, or what is wrong; never content */
};

/* A scan of one file; the caller frees it. RXP_ERR_NOMEM. */
int rxp_media_new(struct rxp_media **out, const struct rxp_media_row *row);
void rxp_media_free(struct rxp_media *m); /* NULL is allowed */

/*
 * The next octets; and the end of the file. RXP_ERR_UNSUPPORTED: a part that the allow-list does not
 * have. RXP_ERR_SYNTAX: not a file of its kind, or it ends too early. RXP_ERR_NOMEM. An error stays.
 */
int rxp_media_put(struct rxp_media *m, const uint8_t *octets, size_t len);
int rxp_media_end(struct rxp_media *m);

/* What the error is about; borrowed, for as long as the scan. */
const struct rxp_media_finding *rxp_media_finding(const struct rxp_media *m);

/* A part was taken out, or its text blanked: the finding, and how many octets. */
typedef void rxp_media_removed_fn(void *arg, const struct rxp_media_finding *part, uint64_t octets);

/*
 * Take out of a whole file in memory all that is off its allow-list, without touching what stays, and
 * scan the result. *len becomes its length. RXP_ERR_UNSUPPORTED, RXP_ERR_SYNTAX: what remains would not
 * be a clean file of its kind, finding says why, with the offset in the file as it was given or, if
 * only the result is wrong, in that; octets hold anything then. RXP_ERR_BOUND: too many parts.
 * RXP_ERR_NOMEM. fn is told of each part in the order of the file, also before a failure. row->cleans
 * is true.
 */
int rxp_media_clean(const struct rxp_media_row *row, uint8_t *octets, size_t *len,
    struct rxp_media_finding *finding, rxp_media_removed_fn *fn, void *arg);

#endif
