/*
 * pki_rig - readmit-pki run in a folder of its own, in which QRA has its keys.
 *
 * A failure here fails the test.
 */
#ifndef PKI_RIG_H
#define PKI_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct rxp_buf;
struct rxp_cert;
struct rxp_descriptor;

#define PKI_QRA \
	"state new --party QRA --endpoint https://127.0.0.1:8443 --office NODE --office RETURNS " \
	"--level Core --level Transit --out qra"
#define PKI_SAID_TEXT 4096

extern char pki_top[512]; /* path of the source */

/* Make a folder and go there; the same, and run PKI_QRA; and back, and nothing is left of it. */
int pki_rig_enter(void **state);
int pki_rig_begin(void **state);
int pki_rig_end(void **state);

/* Run one command line, its words separated by single spaces; its exit status. */
int pki_run(const char *line);
/* The same with the status that it must have: what it wrote to standard error, or to standard output. */
void pki_said(char out[PKI_SAID_TEXT], const char *line, int status);
void pki_printed(char out[PKI_SAID_TEXT], const char *line, int status);

/* Files. out is initialised here; descriptor and certificate are the caller's. */
void pki_read(struct rxp_buf *out, const char *path);
void pki_put(const char *path, const char *text);
void pki_write(const char *path, const void *octets, size_t len);
struct rxp_descriptor *pki_descriptor(const char *path);
struct rxp_cert *pki_cert(const char *path);
/* The key of the certificate has this SHA-256. */
void pki_assert_key(const char *path, const uint8_t want[32]);

#endif
