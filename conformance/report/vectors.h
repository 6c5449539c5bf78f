/*
 * vectors - the cases of documents as files, for who judges documents with software of their own.
 */
#ifndef CONFORM_VECTORS_H
#define CONFORM_VECTORS_H

#include <stddef.h>
#include <stdint.h>

/*
 * Make the folder dir with the octets of each case that can be made, descriptor.xml of the State that sealed them, and index.json:
 * what each is, whether it is valid, and which requirement it breaks if it is not. *n: how many. RXP_ERR_EXISTS (the folder is
 * there), RXP_ERR_IO, RXP_ERR_NOMEM, errors of librxp.
 */
int vectors_write(const char *dir, int64_t now_ms, size_t *n);

#endif
