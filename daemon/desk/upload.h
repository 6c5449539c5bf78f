/*
 * upload - a file of the ministry on its way into the registry's keeping: cut into segments, each
 * encrypted by a sealer, the ciphertext written to a file that the registry gave.
 *
 * One segment is in work at a time, and nothing is read from the client meanwhile: a file costs the
 * memory of two segments, whatever its length. It is scanned while it streams (RXP-ATT-020), and refused
 * at the first part off the allow-list of its media type. What is not kept at its end (the client goes away, a
 * step fails) is given up, and the registry drops it.
 */
#ifndef DESK_UPLOAD_H
#define DESK_UPLOAD_H

struct http_request;

struct upload_facts {
	const char *type, *media_type, *checked_by; /* words of the lists of attachment.h */
};

/* Take the body of the request, whose headers are in, as such a file; answers the request. */
void upload_begin(struct http_request *r, const struct upload_facts *facts);

#endif
