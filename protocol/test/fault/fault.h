/*
 * fault - allocations that fail when a test wants it: those of our own code (the linker puts
 * __wrap_malloc and its like before malloc) and those of OpenSSL.
 *
 * What libxml2 and xmlsec ask for goes through our own code (init.h), so that it fails too, until
 * fault_spare_xml().
 */
#ifndef FAULT_H
#define FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Take over OpenSSL's allocator; before anything else is called. */
void fault_install(void);

/* From here on libxml2 and xmlsec are given all they ask for, and are not counted. */
void fault_spare_xml(void);

/*
 * Count allocations from here on; let the nth fail (from 1; 0: none), and all behind it if so wanted. Keys are looked at again, so that
 * an operation asks for the same each time.
 */
void fault_arm(uint64_t nth, bool all_behind);

/* Back to normal. Returns how many allocations were asked for since fault_arm(). */
uint64_t fault_disarm(void);

/* Who asked for the nth: "FILE:LINE" of OpenSSL, or "our own code". */
const char *fault_where(void);

/* Blocks that are allocated now. */
int64_t fault_blocks(void);

#endif
