/*
 * memfile - octets in a memory file that nobody can change any more: how large messages and the peer
 * register travel between processes.
 *
 * The maker seals the file against writing, shrinking, growing and further seals; the reader checks
 * these seals before it maps the file, so that what it has checked can neither change nor vanish.
 */
#ifndef BASE_MEMFILE_H
#define BASE_MEMFILE_H

#include <stddef.h>
#include <stdint.h>

/* A sealed file of these octets; name is for people who list descriptors. On success the caller owns
 * *out. RXP_ERR_IO. */
int memfile_make(int *out, const char *name, const uint8_t *octets, size_t len);

/* The same of octets that come one after the other: begin, put as often as need be, then seal. The descriptor is the
 * caller's from the first on. RXP_ERR_IO. */
int memfile_begin(int *out, const char *name);
int memfile_put(int fd, const uint8_t *octets, size_t len);
int memfile_seal(int fd);

/*
 * Map a sealed file of 1 to max octets, for reading only; the descriptor stays the caller's and may be
 * closed. RXP_ERR_PEER (not sealed, or empty), RXP_ERR_BOUND, RXP_ERR_IO.
 */
int memfile_map(uint8_t **octets, size_t *len, int fd, size_t max);
void memfile_unmap(uint8_t *octets, size_t len); /* NULL is allowed */

#endif
