/*
 * download - an attachment on its way out to the ministry's system: verified, opened segment by
 * segment by a sealer, handed out as the client takes it.
 *
 * The ciphertext's digest is verified over the whole file before anything is decrypted, no octet
 * leaves before its segment's tag was verified, and none of the last segment before length and digest
 * of the file are right (RXP-ATT-008): a client that has got all octets has got the file. A failure
 * before the first octet is a problem; later the connection is cut.
 */
#ifndef DESK_DOWNLOAD_H
#define DESK_DOWNLOAD_H

struct http_request;
struct link_message;

/* Answer the request with the file of the registry's message attachment_got. */
void download_begin(struct http_request *r, const struct link_message *got);

#endif
