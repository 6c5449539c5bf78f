/*
 * init - prepare libxml2, xmlsec and the embedded schemas, once per process, before any other call.
 *
 * Afterwards the library opens no file and no socket: every loader of libxml2 and xmlsec is
 * replaced by one that refuses. Call before the process gives up its rights; the first use of each
 * algorithm is made here, so that nothing is loaded later (the sandbox forbids it).
 *
 * A process that cannot give libxml2 or xmlsec the memory they ask for aborts. Want of memory
 * anywhere else is an error of the function that was called.
 */
#ifndef RXP_INIT_H
#define RXP_INIT_H

/* RXP_ERR_NOMEM, RXP_ERR_CRYPTO, RXP_ERR_SCHEMA (an embedded schema does not compile). */
int rxp_init(void);

/* Release everything; only so that leak checkers are content. */
void rxp_cleanup(void);

#endif
